"""What the options of `patrol plan` mean: what to look at, who flies, in which air."""

import re
from dataclasses import dataclass, replace
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

from flight.planning.aircraft import Aircraft
from flight.planning.tasks import (
    CoverCells,
    FollowRoads,
    InspectPlaces,
    PatrolStreets,
    Task,
    VisitCells,
)
from flight.planning.wind import CALM, Wind
from geofences.camera import Camera
from geofences.county import County
from geofences.errors import GroundError
from geofences.geodesy import LonLat
from patrol.defaults import DEFAULT_CAMERA
from patrol.errors import UsageError

CameraFile = Annotated[
    Path | None,
    typer.Option(
        help="Calibration of the camera that flies, as OpenCV or ROS writes it (.yml, .xml, "
        ".json); it goes with the plan and its flights. Default: 1280 x 720, 70 degrees."
    ),
]

AIRCRAFT_NAME = re.compile(r"\w[\w.-]*")
_WIND = re.compile(r"(?P<from>\d+(\.\d+)?)@(?P<speed>\d+(\.\d+)?)")

HOW_TO_SAY = (
    "Say what to look at: --village CODE, --town CODE, --cell CODE, or --all cells (with --visit "
    "to pass each one once); --road ID for a corridor; --streets CODE for a street network; or "
    "--inspect LON,LAT."
)


@dataclass(frozen=True, slots=True)
class Sought:
    """What an operator wants looked at, as written.

    Attributes:
        village: 12 digits of a village's code.
        town: 9 digits of a town's code.
        cells: Codes of cells.
        all_cells: The whole county.
        visit: Pass over each cell's middle once instead of seeing all of it.
        roads: Ids of roads, each a corridor.
        width_m: Of the corridors; None for each road's own.
        streets: A village's or town's code, or `all`: its roads as a network.
        places: `LON,LAT` each.
        hover_s: Hover so long beside each place; None to circle it.
        standoff_m: Distance kept from each place.
        seed: Of the order of visits.
        flights: Visit as many of the cells, the most urgent ones, as so many flights of each
            aircraft allow; 0 visits all.
    """

    village: str = ""
    town: str = ""
    cells: tuple[str, ...] = ()
    all_cells: bool = False
    visit: bool = False
    roads: tuple[str, ...] = ()
    width_m: float | None = None
    streets: str = ""
    places: tuple[str, ...] = ()
    hover_s: float | None = None
    standoff_m: float = 25.0
    seed: int = 0
    flights: int = 0

    def task(self, county: County) -> Task:
        """The task that is meant.

        Raises:
            UsageError: nothing or several things are named, or the county does not have them.
        """
        of_cells = (self.village, self.town, self.cells, self.all_cells)
        ways = (any(of_cells), self.roads, self.streets, self.places)
        if sum(map(bool, ways)) != 1 or sum(map(bool, of_cells)) > 1:
            raise UsageError(HOW_TO_SAY)
        if (self.visit or self.flights) and not any(of_cells):
            raise UsageError(
                "--visit and --urgent go with cells: --village, --town, --cell or --all."
            )
        if self.roads:
            return FollowRoads(self.roads, self.width_m)
        if self.streets:
            return PatrolStreets(
                roads_within(county, self.streets), codes_within(county, self.streets)
            )
        if self.places:
            return InspectPlaces(
                tuple(place_of(text) for text in self.places),
                orbit=self.hover_s is None,
                standoff_m=self.standoff_m,
                hover_s=10.0 if self.hover_s is None else self.hover_s,
            )
        codes = self._codes(county)
        if self.flights:
            return VisitCells(codes, seed=self.seed, flights=self.flights)
        return VisitCells(codes, seed=self.seed) if self.visit else CoverCells(codes)

    @property
    def name(self) -> str:
        """What to call the patrol: what is done, and where."""
        if self.roads:
            return f"follow {_some(self.roads, 'roads')}"
        if self.streets:
            return f"streets of {self.streets}"
        if self.places:
            return f"inspect {_some(self.places, 'places')}"
        doing = "urgent in" if self.flights else "visit" if self.visit else "cover"
        where = self.village or self.town or _some(self.cells, "cells")
        return f"{doing} {'all cells' if self.all_cells else where}"

    def _codes(self, county: County) -> tuple[str, ...]:
        if self.cells:
            return tuple(county.grid.by_code(code).code for code in self.cells)
        begin = self.village or self.town
        codes = tuple(c.code for c in county.grid.cells if c.code.startswith(begin))
        if (self.village and len(self.village) != len("341299001001")) or not codes:
            what = "village" if self.village else "town"
            digits = 12 if self.village else 9
            raise UsageError(
                f"No cell of {county.name} lies in {what} {begin!r}: a {what} code is the first "
                f"{digits} digits of its cells' codes."
            )
        return codes


def _some(names: tuple[str, ...], what: str) -> str:
    """The only one of some things, or how many they are."""
    return names[0] if len(names) == 1 else f"{len(names)} {what}"


def codes_within(county: County, code: str) -> tuple[str, ...]:
    """Codes of the cells of a village or town; none for `all`."""
    if code == "all":
        return ()
    return tuple(cell.code for cell in county.grid.cells if cell.code.startswith(code))


def roads_within(county: County, code: str) -> tuple[str, ...]:
    """Ids of the roads that meet the cells of a village or town, or of all roads.

    Raises:
        UsageError: there are none.
    """
    if code == "all":
        found = tuple(road.road_id for road in county.roads)
    else:
        cells = [c.polygon for c in county.grid.cells if c.code.startswith(code)]
        found = tuple(r.road_id for r in county.roads if any(r.line.intersects(c) for c in cells))
    if not found:
        raise UsageError(
            f"No road of {county.name} meets {code!r}: give the code of a village or town that "
            "has roads, or `all`."
        )
    return found


def place_of(text: str) -> LonLat:
    """Read `LON,LAT`.

    Raises:
        UsageError: the text has another form.
    """
    try:
        lon_deg, lat_deg = (float(part) for part in text.split(","))
        return LonLat(lon_deg, lat_deg)
    except (ValueError, GroundError) as error:
        raise UsageError(
            f"{text!r} is no place: write longitude and latitude, as in 115.62,33.16."
        ) from error


def parse_aircraft(text: str) -> Aircraft:
    """Read `NAME@DOCK[:MINUTES[:KM]]`: endurance, and how far its radio reaches.

    Raises:
        UsageError: the text has another form.
    """
    name, at, rest = text.partition("@")
    dock_id, _, more = rest.partition(":")
    if not (name and at and dock_id):
        raise UsageError(f"{text!r} names no aircraft: write NAME@DOCK, as in uav-1@dock-1.")
    if not AIRCRAFT_NAME.fullmatch(name):
        raise UsageError(
            f"{name!r} is no name for an aircraft, which also names files: use letters, digits, "
            "'-', '_' and '.', as in uav-1."
        )
    minutes, _, reach_km = more.partition(":")
    usual = Aircraft(name, dock_id)
    try:
        endurance_s = float(minutes) * 60.0 if minutes else usual.endurance_s
        reach_m = float(reach_km) * 1000.0 if reach_km else None
    except ValueError:
        raise UsageError(
            f"{text!r} gives no endurance: write minutes after the colon, as in uav-1@dock-1:25, "
            "and kilometres of radio range after a second one, as in uav-1@dock-1:25:8 or "
            "uav-1@dock-1::8."
        ) from None
    return replace(usual, endurance_s=endurance_s, link_range_m=reach_m)


def parse_wind(text: str) -> Wind:
    """Read `DEGREES@SPEED`: where the wind comes from, and metres a second.

    Raises:
        UsageError: the text has another form.
    """
    if not text:
        return CALM
    found = _WIND.fullmatch(text)
    if found is None or float(found["from"]) > 360.0:
        raise UsageError(
            f"{text!r} is no wind: write where it comes from in degrees and its speed in metres a "
            "second, as in 270@6 for a west wind of 6 m/s."
        )
    return Wind.coming_from(float(found["from"]), float(found["speed"]))


def parse_time(text: str) -> datetime | None:
    """Read a moment; one without a time zone is meant in that of this computer.

    Raises:
        UsageError: the text is no moment.
    """
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(
            f"{text!r} is no moment: write it as in 2026-11-22T08:30 or 2026-11-22T08:30+08:00."
        ) from None
    return moment if moment.tzinfo else moment.astimezone()


def camera_of(path: Path | None) -> Camera:
    """The camera that a calibration tells of; the usual one without any.

    Raises:
        PoseError: it cannot be read, or no camera is like that.
    """
    if path is None:
        return DEFAULT_CAMERA
    # OpenCV, which reads it, takes its time to load: no other plan should wait for that.
    calibration = import_module("vision.calibration").read_calibration(path)
    camera: Camera = calibration.camera(path.stem, calibration.width_px, calibration.height_px)
    return camera
