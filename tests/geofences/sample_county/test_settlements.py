"""Tests of `geofences.sample_county.settlements`."""

from __future__ import annotations

import pytest

from geofences.geodesy import LocalFrame, LonLat
from geofences.sample_county.settlements import (
    CELL_COUNT,
    DEMO_SQUARES,
    DISTRICT_CODE,
    TOWN_SITES_KM,
    Village,
    settle,
)

FRAME = LocalFrame(LonLat(115.62, 33.16))


@pytest.fixture(scope="module")
def villages() -> list[Village]:
    """The villages of one seed."""
    return settle(seed=5)


def test_the_count_is_always_the_same(villages: list[Village]) -> None:
    """Whatever the seed, all cells together are 4,747."""
    assert CELL_COUNT == sum(len(village.squares) for village in villages) == 4747


def test_the_demo_village_is_the_first(villages: list[Village]) -> None:
    """It has its squares and no other community has any of them."""
    assert villages[0].code == f"{DISTRICT_CODE}001001"
    assert villages[0].squares == DEMO_SQUARES
    same_lattice = [v for v in villages[1:] if v.lattice is villages[0].lattice]
    assert len(same_lattice) == 13
    for village in same_lattice:
        assert not set(village.squares) & set(DEMO_SQUARES)


def test_communities_of_the_county_town_share_it_out(villages: list[Village]) -> None:
    """No square of the town's lattice belongs to two communities."""
    town = [v.squares for v in villages if v.code.startswith(f"{DISTRICT_CODE}001")]
    squares = [square for part in town for square in part]
    assert len(squares) == len(set(squares))
    assert min(len(part) for part in town) >= 8


def test_every_town_has_a_seat_and_villages(villages: list[Village]) -> None:
    """Each of the other towns has one community and eight villages, numbered from 001."""
    for town in range(2, len(TOWN_SITES_KM) + 1):
        inside = [v for v in villages if v.code.startswith(f"{DISTRICT_CODE}{town:03d}")]
        assert [f"{n:03d}" for n in range(1, 10)] == [v.code[-3:] for v in inside]
        assert [v.suffix for v in inside] == ["社区"] + ["村"] * 8


def test_names_are_used_once(villages: list[Village]) -> None:
    """No two villages have the same name."""
    assert len({village.name for village in villages}) == len(villages)


def test_numbers_run_by_rows_from_the_north_west(villages: list[Village]) -> None:
    """The sequence goes west to east, then one row south."""
    village = villages[0]
    cells = list(village.cells(FRAME))
    assert [f"{village.code}{n:03d}" for n in range(1, 9)] == [cell.code for cell in cells]
    centres = [FRAME.geometry_to_local(cell.polygon).centroid for cell in cells]
    assert centres[0].x < centres[1].x
    assert centres[2].x < centres[3].x < centres[4].x
    assert min(c.y for c in centres[:2]) > max(c.y for c in centres[5:])


def test_the_same_seed_settles_the_same_county(villages: list[Village]) -> None:
    """Codes, names and squares follow from the seed."""
    again = settle(seed=5)
    assert [(v.code, v.name, v.squares) for v in villages] == [
        (v.code, v.name, v.squares) for v in again
    ]
