"""Kinds of event by the names that people write into expectations, and which rules tell of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from patrol.meant import meant
from vision.rules.schema import Rule

VEHICLES = frozenset({"car", "truck_bus"})


@dataclass(frozen=True)
class Kind:
    """What a kind of event is reported as.

    Attributes:
        codes: of matters, any of them.
        class_names: of the objects; empty where any will do.
    """

    codes: frozenset[str]
    class_names: frozenset[str] = frozenset()

    def fits(self, code: str, class_name: str) -> bool:
        """Whether a sighting of a matter and a class is of this kind."""
        return code in self.codes and (not self.class_names or class_name in self.class_names)

    def is_told_by(self, rule: Rule) -> bool:
        """Whether a rule can tell of this kind."""
        return any(self.fits(rule.matter.code, name) for name in rule.classes)


def _kind(code: str, *class_names: str) -> Kind:
    return Kind(frozenset({code}), frozenset(class_names))


_PRESENCE = "EXT-PRESENCE"
_INTRUSION = "EXT-INTRUSION"
KINDS: Mapping[str, Kind] = {
    "fire": _kind("EXT-FIRE"),
    "smoke": _kind("EXT-SMOKE"),
    "crowd_gathering": _kind("EXT-CROWD"),
    "dense_traffic": _kind("EXT-CONGESTION"),
    "intrusion": _kind(_INTRUSION),
    "person_in_restricted": _kind(_INTRUSION, "person"),
    "vehicle_in_restricted": _kind(_INTRUSION, *VEHICLES),
    "person_on_roadway": _kind(_INTRUSION, "person", "two_wheeler"),
    "collision": _kind("EXT-COLLISION"),
    "garbage": _kind("06010"),
    "pothole": _kind("06013"),
    "street_vendor": _kind("09001"),
    "road_obstruction": _kind("09001"),
    "illegal_parking": Kind(frozenset({"09009", "09012"})),
    "fire_lane_blocked": _kind("09012"),
    "vehicle_passes": _kind(_PRESENCE, *VEHICLES),
    "car_passes": _kind(_PRESENCE, "car"),
    "truck_passes": _kind(_PRESENCE, "truck_bus"),
    "person_in_zone": _kind(_PRESENCE, "person"),
}
"""Kinds of event by the names that expectations use."""

_ALSO_CALLED: Mapping[str, str] = {
    "fire": "fire flame flames blaze open_fire wildfire 火情 火灾 明火",
    "smoke": "smoke_plume 烟雾 冒烟",
    "crowd_gathering": "crowd gathering crowding crowd_forms people_gathering 人员聚集",
    "dense_traffic": "congestion traffic_congestion traffic_jam heavy_traffic 交通拥堵",
    "intrusion": "trespassing trespass",
    "person_in_restricted": "person_intrusion person_in_restricted_zone 人员闯入限制区域",
    "vehicle_in_restricted": "vehicle_intrusion vehicle_in_restricted_zone 车辆闯入限制区域",
    "person_on_roadway": "pedestrian_on_roadway person_on_road pedestrian_on_road "
    "two_wheeler_on_roadway cyclist_on_roadway 行人或非机动车占用车行道",
    "collision": "crash accident car_accident traffic_accident vehicle_collision 疑似交通事故",
    "garbage": "litter trash waste rubbish garbage_heap garbage_pile exposed_litter "
    "exposed_garbage littering 暴露垃圾",
    "pothole": "potholes road_damage damaged_road road_defect 道路破损",
    "street_vendor": "street_vending vendor vending stall street_stall illegal_vending "
    "unlicensed_vending 无照经营游商",
    "road_obstruction": "obstruction roadway_occupation occupation_of_roadway road_occupation",
    "illegal_parking": "illegally_parked parking_violation no_parking parked_illegally "
    "illegal_parked_vehicle vehicle_in_no_parking 机动车乱停放",
    "fire_lane_blocked": "fire_lane blocked_fire_lane fire_lane_blocking 占用消防通道",
    "vehicle_passes": "vehicles_moving vehicles_pass vehicle_moving vehicle_passing vehicle_enters "
    "vehicle_in_zone vehicle_moves 车辆进入",
    "car_passes": "car_enters car_passing cars_pass",
    "truck_passes": "lorry_passes bus_passes truck_bus_passes truck_enters truck_passing",
    "person_in_zone": "people_in_zone person_stays person_enters person_passes person_present "
    "person_presence person_dwells person_loitering loitering pedestrian_in_zone 人员停留",
}
_BY_NAME = {
    also: KINDS[name] for name, others in _ALSO_CALLED.items() for also in (name, *others.split())
}


def kind_of(name: str) -> Kind:
    """The kind of a name, however it is written; of any other name, the code of a matter."""
    return _BY_NAME.get(_plain(name)) or Kind(frozenset({name}))


def untold(name: str, rules: Sequence[Rule], off: Iterable[Rule] = ()) -> str:
    """Why none of some rules can ever tell of a kind; nothing where one can.

    Args:
        name: of the kind.
        rules: that are used.
        off: that could be switched on.
    """
    kind = kind_of(name)
    if any(kind.is_told_by(rule) for rule in rules):
        return ""
    ready = [rule.id for rule in off if kind.is_told_by(rule)]
    if ready:
        return f"the rule {ready[0]} tells it and is switched off; give --rules with it switched on"
    if _plain(name) in _BY_NAME:
        return "none of the rules tells it; give --rules with one that does"
    known = (*_BY_NAME, *(rule.matter.code for rule in rules))
    hint = meant(_plain(name), known, 0.75) or f"known are {', '.join(KINDS)}"
    return f"it is no known kind of event and no code of a matter that the rules report; {hint}"


def _plain(name: str) -> str:
    """A name in small letters, its words joined by underscores."""
    return "_".join(name.lower().replace("-", " ").replace("_", " ").split())
