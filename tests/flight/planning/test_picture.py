"""The picture of a plan shows what it should, and is written whole or not at all."""

from dataclasses import replace
from pathlib import Path

import matplotlib.image
import numpy as np
import pytest
import shapely
from matplotlib import font_manager

from flight.errors import PlanFileError
from flight.missions import Action, MissionItem
from flight.planning.palette import aircraft_colour, shade
from flight.planning.picture import draw_plan
from flight.planning.picture_page import INK, cjk_font
from flight.planning.picture_words import Language
from flight.planning.planner import plan_patrol
from geofences.cells import Grid
from geofences.errors import UnknownCellError
from tests.flight.planning.scenes import county, request, zone

GROUND = county([zone(shapely.box(250.0, 150.0, 330.0, 230.0))])
PLAN = plan_patrol(GROUND, request(GROUND))


def share_of_colour(picture: np.ndarray, colour: str) -> float:
    """Share of a picture's pixels that have a colour."""
    wanted = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255.0
    return float((np.abs(picture[..., :3] - wanted).max(axis=2) < 0.02).mean())


def test_the_picture_shows_both_aircraft_and_the_zone(tmp_path: Path) -> None:
    """Lanes of each aircraft and the hatching of the zone are there in their colours."""
    draw_plan(GROUND, PLAN, tmp_path / "plan.png")
    picture = matplotlib.image.imread(tmp_path / "plan.png")
    assert picture.shape[1] > 1500
    for colour in (aircraft_colour(0), aircraft_colour(1), "#C0392B"):
        assert share_of_colour(picture, colour) > 0.0005


def test_a_picture_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    """The path is named."""
    with pytest.raises(PlanFileError, match=r"missing.plan\.png cannot be written"):
        draw_plan(GROUND, PLAN, tmp_path / "missing" / "plan.png")


def test_what_stood_there_stays_when_the_new_picture_fails(tmp_path: Path) -> None:
    """A folder of that name is no place for a picture."""
    (tmp_path / "plan.png").mkdir()
    with pytest.raises(PlanFileError, match=r"plan\.png cannot be written: Is a directory"):
        draw_plan(GROUND, PLAN, tmp_path / "plan.png")
    assert (tmp_path / "plan.png").is_dir()


@pytest.mark.parametrize("name", ["$5^^ or $6", "", "Dawn\nDusk"])
def test_any_name_is_text_and_no_formula(name: str, tmp_path: Path) -> None:
    """Two dollar signs make mathematics of what stands between them."""
    draw_plan(GROUND, replace(PLAN, name=name), tmp_path / "plan.png")
    assert (tmp_path / "plan.png").stat().st_size > 10_000


@pytest.mark.parametrize("name", ["", "东街 1"])
def test_a_cell_may_have_any_name_or_none(name: str, tmp_path: Path) -> None:
    """Cells imported from elsewhere often have only their codes."""
    cells = [replace(cell, name=name) for cell in GROUND.grid.cells]
    draw_plan(replace(GROUND, grid=Grid(cells)), PLAN, tmp_path / "plan.png")
    assert (tmp_path / "plan.png").exists()


def test_a_plan_for_another_county_is_refused(tmp_path: Path) -> None:
    """Nothing is written."""
    elsewhere = replace(PLAN, cell_codes=("999999999999001",))
    with pytest.raises(UnknownCellError, match="999999999999001"):
        draw_plan(GROUND, elsewhere, tmp_path / "plan.png")
    assert not (tmp_path / "plan.png").exists()


def test_every_aircraft_of_a_large_crew_is_drawn(tmp_path: Path) -> None:
    """The table beside the map has room for three; the map shows all."""
    ground = county(rows=3, columns=6)
    plan = plan_patrol(ground, request(ground, 4))
    draw_plan(ground, plan, tmp_path / "plan.png")
    picture = matplotlib.image.imread(tmp_path / "plan.png")
    assert len(plan.missions) == 4
    for index in range(4):
        assert share_of_colour(picture, aircraft_colour(index)) > 0.0003


def test_flights_of_one_aircraft_are_shades_of_its_colour(tmp_path: Path) -> None:
    """Numbered at their beginnings, so that they can be told apart."""
    first, second = PLAN.missions
    plan = replace(PLAN, missions=(first, replace(second, vehicle_name=first.vehicle_name)))
    draw_plan(GROUND, plan, tmp_path / "plan.png")
    picture = matplotlib.image.imread(tmp_path / "plan.png")
    own = aircraft_colour(0)
    assert len({shade(own, number) for number in range(3)}) == 3
    for colour in (own, shade(own, 1)):
        assert share_of_colour(picture, colour) > 0.0003
    assert share_of_colour(picture, aircraft_colour(1)) < 0.0001


def test_what_is_looked_at_and_where_the_aircraft_hovers_is_marked(tmp_path: Path) -> None:
    """A star and a diamond, on the map and in the legend."""
    items = PLAN.missions[0].items
    place = items[3].position
    look = MissionItem(Action.LOOK_AT, place, 0.0)
    stop = MissionItem(Action.HOVER, value=5.0)
    mission = replace(PLAN.missions[0], items=(*items[:5], look, stop, *items[5:]))
    draw_plan(GROUND, replace(PLAN, missions=PLAN.missions[:1]), tmp_path / "plain.png")
    draw_plan(GROUND, replace(PLAN, missions=(mission,)), tmp_path / "marked.png")
    plain = matplotlib.image.imread(tmp_path / "plain.png")
    marked = matplotlib.image.imread(tmp_path / "marked.png")
    assert share_of_colour(marked, INK) > share_of_colour(plain, INK)


@pytest.mark.parametrize("language", Language)
def test_every_language_is_drawn(language: Language, tmp_path: Path) -> None:
    """Each gives another picture."""
    draw_plan(GROUND, PLAN, tmp_path / "plan.png", language)
    draw_plan(GROUND, PLAN, tmp_path / "both.png")
    same = (tmp_path / "plan.png").read_bytes() == (tmp_path / "both.png").read_bytes()
    assert same == (language is Language.BOTH or cjk_font() is None)


def test_a_plan_about_no_cells_is_drawn_where_it_flies(tmp_path: Path) -> None:
    """Missions from other programs may see none."""
    draw_plan(GROUND, replace(PLAN, cell_codes=()), tmp_path / "plan.png")
    assert (tmp_path / "plan.png").stat().st_size > 10_000


def test_many_missions_are_drawn_without_their_fences(tmp_path: Path) -> None:
    """Seven would hide each other."""
    many = tuple(replace(PLAN.missions[0], mission_id=str(n)) for n in range(7))
    draw_plan(GROUND, replace(PLAN, missions=many), tmp_path / "plan.png")
    assert (tmp_path / "plan.png").stat().st_size > 10_000


def test_a_font_with_chinese_is_taken_where_there_is_one() -> None:
    """What is said to be there is there."""
    known = {entry.name for entry in font_manager.fontManager.ttflist}
    assert cjk_font() is None or cjk_font() in known
