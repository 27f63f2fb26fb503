"""When each mission of a patrol takes off, so that batteries are full and aircraft keep apart."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from flight.missions import Action, Mission
from flight.planning.aircraft import Aircraft
from flight.planning.energy import foretell_flight
from flight.planning.forecast import flown_points, forecast, foretold
from flight.planning.separation import Spacing, Track, keep_apart
from flight.planning.timetable import Flights, Upkeep, make_timetable
from flight.planning.vertical import climb_time_s
from flight.planning.wind import Wind
from geofences.geodesy import LocalFrame

FloatArray = NDArray[np.float64]

_SHORT_WAIT_S = 30.0  # a wait that is not worth another height
_LAYER_SLACK_M = 2.0
_MOST_LAYERS = 3


def schedule(
    missions: Sequence[Mission],
    aircraft: Sequence[Aircraft],
    upkeep: Upkeep,
    wind: Wind,
) -> tuple[Mission, ...]:
    """Give every mission an aircraft of its dock and a time.

    Args:
        missions: Each with the dock that it starts from; who flies it is decided here.
        aircraft: Who may fly.
        upkeep: What each of them asks for between two flights.
        wind: Steady wind.

    Returns:
        The missions in order of aircraft and start, with their foretold figures.

    Raises:
        PlanningError: If a mission is too long for every aircraft of its dock.
        WindTooStrongError: If an aircraft cannot fly in that wind.
    """
    told = [
        [forecast(m, craft, wind) if craft.dock_id == m.dock_id else None for craft in aircraft]
        for m in missions
    ]
    docks = sorted({craft.dock_id for craft in aircraft})
    flights = Flights(
        np.array([[np.inf if f is None else f.time_s for f in row] for row in told]),
        np.array([[np.inf if f is None else f.energy_wh for f in row] for row in told]),
        (upkeep,) * len(aircraft),
        tuple(docks.index(craft.dock_id) for craft in aircraft),
    )
    placed = []
    for slot in make_timetable(flights).slots:
        figures = told[slot.flight][slot.aircraft]
        assert figures is not None
        placed.append(
            dataclasses.replace(
                missions[slot.flight],
                vehicle_name=aircraft[slot.aircraft].name,
                start_s=slot.start_s,
                duration_s=figures.time_s,
                energy_wh=figures.energy_wh,
                distance_m=figures.distance_m,
            )
        )
    names = [craft.name for craft in aircraft]
    return tuple(sorted(placed, key=lambda m: (names.index(m.vehicle_name), m.start_s)))


@dataclass(frozen=True, slots=True)
class Separation:
    """What keeping missions apart needs to know.

    Attributes:
        aircraft: Who flies.
        upkeep: What each needs between two flights.
        wind: Steady wind.
        spacing: How far apart they are to be kept.
    """

    aircraft: tuple[Aircraft, ...]
    upkeep: Upkeep
    wind: Wind
    spacing: Spacing

    def tracks(self, missions: Sequence[Mission]) -> list[Track]:
        """Where all aircraft are foretold to be."""
        crew = {craft.name: craft for craft in self.aircraft}
        frame = LocalFrame(missions[0].home)
        swap_s = self.upkeep.swap_s
        return [track(m, crew[m.vehicle_name], self.wind, frame, swap_s) for m in missions]


def separated(missions: Sequence[Mission], separation: Separation) -> tuple[Mission, ...]:
    """Delay missions until no two aircraft come too near; fly some higher where that takes long.

    Args:
        missions: With their starts.
        separation: Who flies them, and how far apart.

    Returns:
        The missions in their order, some of them later or higher.
    """
    if len({mission.vehicle_name for mission in missions}) < 2:
        return tuple(missions)
    later = _delayed(missions, separation)
    waits_s = max(b.start_s - a.start_s for a, b in zip(missions, later, strict=True))
    if waits_s <= _SHORT_WAIT_S:
        return later
    lifted = _lifted(missions, separation)
    if not _lasting(lifted, separation):
        return later
    return min(later, _delayed(lifted, separation), key=_end_s)


def _lasting(missions: Sequence[Mission], separation: Separation) -> bool:
    """Whether batteries last for climbing higher, too."""
    crew = {craft.name: craft for craft in separation.aircraft}
    told = [(m, crew[m.vehicle_name]) for m in missions]
    return all(
        mission.duration_s <= craft.usable_s
        and forecast(mission, craft, separation.wind).turning_back_wh <= craft.usable_wh
        for mission, craft in told
    )


def _end_s(missions: Sequence[Mission]) -> float:
    return max(mission.start_s + mission.duration_s for mission in missions)


def _delayed(missions: Sequence[Mission], separation: Separation) -> tuple[Mission, ...]:
    changes = keep_apart(separation.tracks(missions), separation.spacing)
    return tuple(
        dataclasses.replace(mission, start_s=mission.start_s + change.delay_s)
        for mission, change in zip(missions, changes, strict=True)
    )


def _lifted(missions: Sequence[Mission], separation: Separation) -> list[Mission]:
    """The missions with some of them higher, as far as every fence leaves room, told anew."""
    step_m = separation.spacing.vertical_m + _LAYER_SLACK_M
    highest_m = [max(i.height_home_m or 0.0 for i in mission.items) for mission in missions]
    room_m = min(
        mission.fence.ceiling_height_home_m - height_m - _LAYER_SLACK_M
        for mission, height_m in zip(missions, highest_m, strict=True)
    )
    lifts_m = [layer * step_m for layer in range(_MOST_LAYERS) if layer * step_m <= room_m] or [0.0]
    changes = keep_apart(separation.tracks(missions), separation.spacing, lifts_m=lifts_m)
    crew = {craft.name: craft for craft in separation.aircraft}
    return [
        foretold(_higher(mission, change.lift_m), crew[mission.vehicle_name], separation.wind)
        for mission, change in zip(missions, changes, strict=True)
    ]


def _higher(mission: Mission, lift_m: float) -> Mission:
    """A mission flown so much higher; what its camera looks at stays where it is."""
    items = tuple(
        item
        if item.height_home_m is None or item.action is Action.LOOK_AT
        else dataclasses.replace(item, height_home_m=item.height_home_m + lift_m)
        for item in mission.items
    )
    ground_m = mission.height_ground_m
    return dataclasses.replace(
        mission,
        items=items,
        height_home_m=mission.height_home_m + lift_m,
        height_ground_m=None if ground_m is None else ground_m + lift_m,
    )


def track(
    mission: Mission, aircraft: Aircraft, wind: Wind, frame: LocalFrame, turnaround_s: float = 0.0
) -> Track:
    """Where an aircraft is foretold to be, on the patrol's clock and above sea level.

    Args:
        mission: What it flies.
        aircraft: Who.
        wind: Steady wind.
        frame: Metres common to all tracks.
        turnaround_s: How long it needs on the ground afterwards.
    """
    points, hovers_s = flown_points(mission.items, LocalFrame(mission.home), mission.height_home_m)
    told = foretell_flight(points, mission.speed_mps, wind, aircraft, hovers_s)
    height_m = float(points[0, 2])
    up_s = aircraft.seconds_on_ground / 2.0 + climb_time_s(
        height_m, aircraft.climb_mps, aircraft.vertical_acceleration_mps2
    )
    flown_s = mission.start_s + up_s + np.concatenate([[0.0], np.cumsum(told.leg_times_s)])
    end_s = max(mission.start_s + told.time_s, float(flown_s[-1]))
    times_s = np.concatenate([[mission.start_s], flown_s, [end_s]])
    ground = np.array([[*points[0, :2], 0.0]])
    down = np.array([[*points[-1, :2], 0.0]])
    placed = np.vstack([ground, points, down])
    placed[:, :2] += frame.to_local(mission.home.lon_deg, mission.home.lat_deg)
    placed[:, 2] += mission.home_alt_amsl_m or 0.0
    return Track(mission.vehicle_name, times_s, placed, turnaround_s)
