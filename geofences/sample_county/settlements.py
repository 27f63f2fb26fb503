"""Where the sample county's towns and villages lie, and their cells."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from geofences.cells import Cell
from geofences.geodesy import LocalFrame
from geofences.sample_county.lattice import Lattice, Placement, Square, rounded_piece, to_lonlat
from geofences.sample_county.names import DEMO_VILLAGE, TOWNS, PlaceName, village_names

CELL_COUNT = 4747
DISTRICT_CODE = "341299"

TOWN_SITES_KM = (
    (-0.6, 0.5),
    (-18.0, 16.5),
    (-7.0, 18.0),
    (5.5, 16.0),
    (17.5, 17.5),
    (-21.0, 6.0),
    (-10.0, 7.5),
    (9.5, 7.0),
    (20.5, 5.5),
    (-19.5, -5.5),
    (-9.0, -6.5),
    (10.5, -5.5),
    (20.0, -7.5),
    (-13.5, -17.0),
    (1.0, -15.5),
    (14.0, -18.0),
)
"""East and north of the county's origin; the first is the county town."""

CITY = Placement(0.0, 0.0, -7.0)
"""The county town's lattice; the demo village lies about its origin."""

DEMO_SQUARES: tuple[Square, ...] = tuple(
    (row, column) for row in (-1, 0, 1) for column in (-1, 0, 1) if (row, column) != (-1, 1)
)
"""Three by three squares without the north-eastern one."""

_CITY_CELLS = 776
_CITY_COMMUNITIES = 13
_SEAT_CELLS = 40
_VILLAGES_PER_TOWN = 8
_MIN_APART_M = 2600.0


@dataclass(frozen=True, slots=True)
class Village:
    """A village: its code, its names, and the squares of a lattice that are its cells."""

    code: str
    name: PlaceName
    town: str
    suffix: str
    lattice: Lattice
    squares: tuple[Square, ...]

    def cells(self, frame: LocalFrame) -> Iterator[Cell]:
        """Its cells, numbered from west to east and from north to south."""
        village = self.name.with_suffix(self.suffix)
        for number, square in enumerate(sorted(self.squares), start=1):
            yield Cell(
                code=f"{self.code}{number:03d}",
                polygon=to_lonlat(frame, self.lattice.polygon_m(square)),
                name=f"{self.name.chinese}{number:03d}网格 {self.name.pinyin} {number:03d}",
                town=self.town,
                village=village,
            )


def settle(seed: int) -> list[Village]:
    """All villages of the county, their cells counted so that there are `CELL_COUNT`."""
    rng = random.Random(seed)
    names = iter(village_names(rng))
    villages = _city(rng, names)
    villages += _seats(rng, names)
    villages += _country(rng, names, CELL_COUNT - sum(len(v.squares) for v in villages))
    return sorted(villages, key=lambda village: village.code)


def _town_name(town: int) -> str:
    return TOWNS[town].with_suffix("镇")


def _village_code(town: int, village: int) -> str:
    return f"{DISTRICT_CODE}{town + 1:03d}{village:03d}"


def _city(rng: random.Random, names: Iterator[PlaceName]) -> list[Village]:
    lattice = Lattice(CITY, (100.0, 100.0), 6.0, rng.randrange(2**32))
    squares = rounded_piece(lattice, _CITY_CELLS, rng, (-600.0, 500.0))
    rest = [square for square in squares if square not in DEMO_SQUARES]
    communities = [list(DEMO_SQUARES), *_districts(rest, _CITY_COMMUNITIES, rng)]
    return [
        Village(
            code=_village_code(0, number),
            name=DEMO_VILLAGE if number == 1 else next(names),
            town=_town_name(0),
            suffix="社区",
            lattice=lattice,
            squares=tuple(community),
        )
        for number, community in enumerate(communities, start=1)
    ]


def _districts(squares: Sequence[Square], count: int, rng: random.Random) -> list[list[Square]]:
    """Squares shared out to the nearest of `count` centres, which then move to their middles."""
    centres: list[tuple[float, float]] = [(row, col) for row, col in rng.sample(squares, count)]
    parts: list[list[Square]] = []
    for _ in range(12):
        parts = [[] for _ in centres]
        for row, column in squares:
            apart = [(row - r) ** 2 + (column - c) ** 2 for r, c in centres]
            parts[apart.index(min(apart))].append((row, column))
        centres = [_middle(part) for part in parts]
    return sorted(parts, key=lambda part: (round(_middle(part)[0] / 8), _middle(part)[1]))


def _middle(squares: Sequence[Square]) -> tuple[float, float]:
    return (
        sum(row for row, _ in squares) / len(squares),
        sum(column for _, column in squares) / len(squares),
    )


def _seats(rng: random.Random, names: Iterator[PlaceName]) -> list[Village]:
    """The community at the middle of each town but the county town."""
    return [
        _blob_village(
            rng,
            _village_code(town, 1),
            next(names),
            town,
            Placement(east_km * 1000, north_km * 1000, rng.uniform(-12, 12)),
            _SEAT_CELLS,
        )
        for town, (east_km, north_km) in enumerate(TOWN_SITES_KM)
        if town > 0
    ]


def _country(rng: random.Random, names: Iterator[PlaceName], cell_count: int) -> list[Village]:
    sites = _village_sites(rng)
    weights = [rng.uniform(0.75, 1.25) for _ in sites]
    counts = _shared_out(cell_count, weights)
    return [
        _blob_village(rng, _village_code(town, number), next(names), town, placement, count)
        for (town, number, placement), count in zip(sites, counts, strict=True)
    ]


def _blob_village(
    rng: random.Random,
    code: str,
    name: PlaceName,
    town: int,
    placement: Placement,
    count: int,
) -> Village:
    seat = code.endswith("001")
    width_m = rng.uniform(105, 125) if seat else rng.uniform(210, 320)
    height_m = width_m * rng.uniform(0.75, 1.15)
    lattice = Lattice(placement, (width_m, height_m), 0.13 * height_m, rng.randrange(2**32))
    return Village(
        code=code,
        name=name,
        town=_town_name(town),
        suffix="社区" if seat else "村",
        lattice=lattice,
        squares=tuple(rounded_piece(lattice, count, rng)),
    )


def _village_sites(rng: random.Random) -> list[tuple[int, int, Placement]]:
    """Town, number in the town and place of each village, scattered round its town."""
    taken = [(east * 1000, north * 1000) for east, north in TOWN_SITES_KM]
    sites = []
    for town in range(1, len(TOWN_SITES_KM)):
        for number in range(2, 2 + _VILLAGES_PER_TOWN):
            east, north = _free_place(rng, taken[town], taken)
            taken.append((east, north))
            sites.append((town, number, Placement(east, north, rng.uniform(-25, 25))))
    return sites


def _free_place(
    rng: random.Random, town_m: tuple[float, float], taken: Sequence[tuple[float, float]]
) -> tuple[float, float]:
    reach_m = 3000.0
    while True:
        angle, away_m = rng.uniform(0, 2 * math.pi), rng.uniform(1900.0, reach_m)
        place = town_m[0] + away_m * math.cos(angle), town_m[1] + away_m * math.sin(angle)
        if min(math.dist(place, other) for other in taken) >= _MIN_APART_M:
            return place
        reach_m = min(reach_m + 25.0, 6500.0)


def _shared_out(total: int, weights: Sequence[float]) -> list[int]:
    """Whole parts of a total in the ratio of weights, by largest remainder."""
    exact = [total * weight / sum(weights) for weight in weights]
    parts = [int(part) for part in exact]
    by_remainder = sorted(range(len(exact)), key=lambda index: parts[index] - exact[index])
    for index in by_remainder[: total - sum(parts)]:
        parts[index] += 1
    return parts
