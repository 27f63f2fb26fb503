"""The rule file: its schema, and reading it with errors that point at the line to mend."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic_core import ErrorDetails

from geofences.zones import ZoneKind
from vision.errors import RulesError
from vision.rules.hours import HOURS_PATTERN, time_zone_of
from vision.rules.lines import doubled_keys, line_of

DEFAULT_RULES = Path(__file__).with_name("default.yaml")

ZoneKindName = Literal[
    "keep_in", "no_fly", "ceiling", "roadway", "no_parking", "no_vending", "fire_lane", "water",
    "restricted", "advisory", "watch",
]  # fmt: skip
WATCH = "watch"
assert {*ZoneKindName.__args__} == {*ZoneKind} | {WATCH}  # type: ignore[attr-defined]

_FORMS = {
    "hours": "{!r} is no span of hours; write 08:00-18:30, or 22:00-06:00 over midnight",
    "id": "{!r} is no id; write small letters, digits and dashes",
}

_TABLES = ("model_type", "model_attributes_type", "dict_type")

Seconds = Annotated[float, Field(ge=0, le=86_400)]
Share = Annotated[float, Field(ge=0, le=1)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class MatterRef(_Strict):
    """The matter a rule reports: the standard and the code in it."""

    standard_ref: str = Field(min_length=1)
    code: str = Field(min_length=1)


class _Rule(_Strict):
    """What every rule says.

    Attributes:
        id: unique name.
        title: what it finds, in English.
        title_zh: the same in Chinese.
        matter: what is reported.
        classes: detector classes it looks at.
        zones: kinds of zone the object must stand in; none means anywhere.
        min_score: least median score; None takes the model's own threshold of the class.
        min_looks: least number of detections of the object.
        cooldown_s: silence of the rule at the same place after a sighting.
        same_place_m: how far on the ground the same place reaches.
        hours: spans of the day in which it is judged, as "22:00-06:00"; none means always.
        time_zone: whose clocks the hours are read on.
        enabled: whether the rule is judged at all.
    """

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    title: str = ""
    title_zh: str = ""
    matter: MatterRef
    classes: tuple[str, ...] = Field(min_length=1)
    zones: tuple[ZoneKindName, ...] = ()
    min_score: Share | None = None
    min_looks: int = Field(default=5, ge=1)
    cooldown_s: Seconds = 60.0
    same_place_m: float = Field(default=4.0, gt=0)
    hours: tuple[Annotated[str, Field(pattern=HOURS_PATTERN)], ...] = ()
    time_zone: str = "Asia/Shanghai"
    enabled: bool = True

    @field_validator("hours")
    @classmethod
    def _last(cls, hours: tuple[str, ...]) -> tuple[str, ...]:
        for span in hours:
            start, _, end = span.partition("-")
            if start == end:
                raise ValueError(
                    f"{span!r} ends as it begins; write 00:00-24:00, or no hours at all, for the "
                    "whole day"
                )
        return hours

    @field_validator("time_zone")
    @classmethod
    def _is_known(cls, name: str) -> str:
        time_zone_of(name)
        return name


class PresenceRule(_Rule):
    """An object of a class is there, confirmed over several looks.

    Attributes:
        min_seconds: least time from the first to the last look of a visit.
        unmoved_seconds: without poses, the same for what keeps its place in the picture: nobody
            passes by, so there is time to look longer.
        min_share: least share of the frames in that time in which it was seen.
        once_per_view: without poses, one sighting for all such objects in view together, as
            flames and plumes break into changing pieces.
        min_area_m2: with poses, least ground that the thing covers; smaller ones do not count.
        min_flicker: with once_per_view, least median change of the box from look to look, as a
            share of its area: smoke billows, and a white wall does not.
        min_stir: with once_per_view, of a camera that stands, least share of the box that changes
            within a second, which tells smoke from a wall better: it takes the place of
            min_flicker where it could be measured, and half of the score suffices then.
        max_picture_share: most of the picture that the thing may fill; larger is something else.
        whole_picture: without poses and without a declared zone, the whole picture is the zone,
            for what moves into it after a quiet time; of a camera that moves, for the first that
            moves over the ground.
        quiet_s: with whole_picture, how long nothing of its class must have moved in the picture
            before the thing came; so the traffic of a busy street is never told one by one.
    """

    kind: Literal["presence"]
    min_seconds: Seconds = 0.5
    unmoved_seconds: Seconds = 0.0
    min_share: Share = 0.5
    once_per_view: bool = False
    min_area_m2: float = Field(default=0.0, ge=0)
    min_flicker: Share = 0.0
    min_stir: Share = 0.0
    max_picture_share: Share = 1.0
    whole_picture: bool = False
    quiet_s: Seconds = 3.0


class DwellRule(_Rule):
    """An object stays in a zone.

    Attributes:
        min_seconds: how long.
        whole_picture: without poses and without a declared zone, the whole picture is the zone.
    """

    kind: Literal["dwell"]
    min_seconds: Seconds
    whole_picture: bool = False


class StationaryRule(_Rule):
    """An object stands still.

    Attributes:
        min_seconds: how long, seen from a place that does not move.
        passing_seconds: how long, seen from a drone that passes, or in a zone that was drawn on
            the first picture of a camera that moves.
        max_spread_m: most spread of its places on the ground.
        max_drift_boxes: most movement in the picture, in sizes of its box; against the ground
            where the camera moves.
    """

    kind: Literal["stationary"]
    min_seconds: Seconds
    passing_seconds: Seconds = 2.0
    max_spread_m: float = Field(default=1.5, gt=0)
    max_drift_boxes: float = Field(default=0.25, gt=0)


class CrowdRule(_Rule):
    """Many objects close together.

    Attributes:
        min_count: how many.
        radius_m: within what distance of one of them, on the ground.
        radius_boxes: the same in the picture, in heights of their boxes.
        min_seconds: for how long.
    """

    kind: Literal["crowd"]
    min_count: int = Field(ge=2)
    radius_m: float = Field(gt=0)
    radius_boxes: float = Field(default=3.0, gt=0)
    min_seconds: Seconds


class CongestionRule(_Rule):
    """Many objects in view or in a zone.

    Attributes:
        min_count: how many.
        min_seconds: for how long.
        moving_share: least share of them that moves where no zone is asked for, because a
            picture full of standing cars is a car park.
    """

    kind: Literal["congestion"]
    min_count: int = Field(ge=2)
    min_seconds: Seconds
    moving_share: Share = 0.3


class CollisionRule(_Rule):
    """A vehicle comes to rest abruptly, against another that stands, and both stay.

    Attributes:
        min_speed_mps: how fast it covered the last stretch of its way, on the ground.
        min_speed_boxes: the same in the picture, in sizes of its box a second.
        last_m: how long that stretch is, on the ground.
        last_boxes: the same in the picture, in sizes of its box.
        min_seconds: how long both stand after it.
        within_m: how far apart their middles are at most, on the ground.
        within_boxes: the same in the picture, in sizes of its box.
        still_m: how far what stands may waver on the ground.
        still_boxes: the same in the picture.
    """

    kind: Literal["collision"]
    min_speed_mps: float = Field(default=5.0, gt=0)
    min_speed_boxes: float = Field(default=1.0, gt=0)
    last_m: float = Field(default=4.0, gt=0)
    last_boxes: float = Field(default=1.5, gt=0)
    min_seconds: Annotated[float, Field(gt=0, le=86_400)] = 4.0
    within_m: float = Field(default=6.0, gt=0)
    within_boxes: float = Field(default=1.2, gt=0)
    still_m: float = Field(default=1.0, gt=0)
    still_boxes: float = Field(default=0.1, gt=0)


Rule = PresenceRule | DwellRule | StationaryRule | CrowdRule | CongestionRule | CollisionRule


class RuleFile(_Strict):
    """A whole rule file."""

    version: Literal[1]
    rules: tuple[Annotated[Rule, Field(discriminator="kind")], ...]

    @field_validator("rules")
    @classmethod
    def _is_one_at_least(cls, rules: tuple[Rule, ...]) -> tuple[Rule, ...]:
        # A length in the schema would also count rules with faults as none.
        if not rules:
            raise ValueError("name one at least")
        return rules


def load_rules(path: Path = DEFAULT_RULES) -> tuple[Rule, ...]:
    """Read a rule file; rules that are switched off are left out.

    Raises:
        RulesError: the file is missing, is no YAML, breaks the schema, repeats an id, or has every
            rule switched off.
    """
    rules = tuple(rule for rule in read_rules(path) if rule.enabled)
    if not rules:
        raise RulesError(
            f"{path}: every rule is switched off, so that nothing would ever be told; take "
            "`enabled: false` away from one at least."
        )
    return rules


def read_rules(path: Path = DEFAULT_RULES) -> tuple[Rule, ...]:
    """Read a rule file with the rules that are switched off.

    Raises:
        RulesError: the file is missing, is no YAML, breaks the schema or repeats an id.
    """
    try:
        text = path.read_text(encoding="utf-8")
        content = yaml.safe_load(text)
    except OSError as error:
        raise RulesError(f"{path}: cannot be read ({error.strerror}); check the path.") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise RulesError(f"{path}: is not YAML ({_first_line(error)}).") from error
    faults = rule_faults(content, text)
    if faults:
        more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
        raise RulesError(f"{path}: {faults[0]}{more}.")
    return RuleFile.model_validate(content).rules


def rule_faults(content: object, text: str = "") -> tuple[str, ...]:
    """Everything that is wrong with a rule file, each with its line, its rule and its key.

    Args:
        content: what the YAML says.
        text: the YAML itself; without it no lines are told.
    """
    faults = [(line, f"the key {key!r} is given twice") for line, key in doubled_keys(text)]
    try:
        rules = RuleFile.model_validate(content).rules
    except ValidationError as error:
        for each in error.errors():
            said = f"{_where(content, each['loc'])}: {_said(each)}"
            faults.append((line_of(text, each["loc"]), said))
    else:
        for number, rule in enumerate(rules):
            if rule.id in {earlier.id for earlier in rules[:number]}:
                said = f"the rule id {rule.id!r} is used twice; rename one of them"
                faults.append((line_of(text, ("rules", number, "id")), said))
    return tuple(f"line {line}: {said}" if text else said for line, said in sorted(faults))


def _said(error: ErrorDetails) -> str:
    """What is wrong with a value, where pydantic says it in words of its own trade."""
    kind, known = error["type"], error.get("ctx", {})
    if kind == "string_pattern_mismatch":
        return _FORMS["hours" if "hours" in error["loc"] else "id"].format(error["input"])
    said = {
        "extra_forbidden": "there is no such key; `patrol rules schema` lists them",
        "missing": "is missing",
        "tuple_type": "write a list, as in [car, truck_bus]",
        "too_short": "name one at least",
        "union_tag_not_found": "kind is missing; write `kind: presence` or another kind",
        "union_tag_invalid": f"kind {known.get('tag')!r} is none; "
        f"write one of {known.get('expected_tags')}",
        **dict.fromkeys(_TABLES, "write keys with values here, as in `patrol rules schema`"),
    }
    return said.get(kind, error["msg"].removeprefix("Value error, "))


def _where(content: object, location: Sequence[int | str]) -> str:
    """Say which rule and which key, by the rule's id where it has one."""
    if len(location) >= 2 and location[0] == "rules" and isinstance(content, dict):
        number = int(location[1])
        rule = content["rules"][number]
        rule_id = rule.get("id") if isinstance(rule, dict) else None
        keys = ".".join(str(part) for part in location[3:] or location[2:])
        return f"rule {rule_id or number + 1}" + (f", {keys}" if keys else "")
    return ".".join(str(part) for part in location) or "the file"


def _first_line(error: Exception) -> str:
    return " ".join(str(error).split())
