"""The picture of a plan shows what it should, and is written whole or not at all."""

from dataclasses import replace
from pathlib import Path

import matplotlib.image
import numpy as np
import pytest
import shapely
from matplotlib import font_manager
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from flight.errors import PlanFileError
from flight.missions import Action, Mission, MissionItem
from flight.planning.palette import aircraft_colour, shade
from flight.planning.picture import draw_plan, share_seen
from flight.planning.picture_map import PlanMap
from flight.planning.picture_page import INK, cjk_font, save_png
from flight.planning.picture_words import Language, Words
from flight.planning.planner import plan_patrol
from flight.planning.summary import summarize
from geofences.cells import Grid
from geofences.errors import UnknownCellError
from geofences.geodesy import LonLat
from geofences.zones import ZoneIndex
from tests.flight.planning.scenes import FRAME, county, request, zone

GROUND = county([zone(shapely.box(250.0, 150.0, 330.0, 230.0))])
PLAN = plan_patrol(GROUND, request(GROUND))


def share_of_colour(picture: np.ndarray, colour: str) -> float:
    """Share of a picture's pixels that have a colour."""
    wanted = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255.0
    return float((np.abs(picture[..., :3] - wanted).max(axis=2) < 0.02).mean())


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The picture of the plan, in both languages, drawn once."""
    path = tmp_path_factory.mktemp("drawn") / "plan.png"
    draw_plan(GROUND, PLAN, path)
    return path


def moved(mission: Mission, lon_deg: float, name: str) -> Mission:
    """A mission of another aircraft, as far to the east."""
    items = [
        replace(item, position=LonLat(item.position.lon_deg + lon_deg, item.position.lat_deg))
        if item.position
        else item
        for item in mission.items
    ]
    return replace(mission, items=tuple(items), vehicle_name=name)


def test_the_picture_shows_both_aircraft_and_the_zone(drawn: Path) -> None:
    """Lanes of each aircraft and the hatching of the zone are there in their colours."""
    picture = matplotlib.image.imread(drawn)
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
    page = FigureCanvasAgg(Figure(figsize=(1.0, 1.0)))
    with pytest.raises(PlanFileError, match=r"plan\.png cannot be written: Is a directory"):
        save_png(page, tmp_path / "plan.png")
    assert (tmp_path / "plan.png").is_dir()


@pytest.mark.parametrize(("plan", "cell"), [("$5^^ or $6\nDusk", "东街 1"), ("", "")])
def test_any_name_is_text_and_no_formula(plan: str, cell: str, tmp_path: Path) -> None:
    """Two dollar signs make mathematics of what stands between them; cells may have no name."""
    cells = [replace(each, name=cell) for each in GROUND.grid.cells]
    ground = replace(GROUND, grid=Grid(cells))
    draw_plan(ground, replace(PLAN, name=plan), tmp_path / "plan.png")
    assert (tmp_path / "plan.png").stat().st_size > 10_000


def test_a_plan_for_another_county_is_refused(tmp_path: Path) -> None:
    """Nothing is written."""
    elsewhere = replace(PLAN, cell_codes=("999999999999001",))
    with pytest.raises(UnknownCellError, match="999999999999001"):
        draw_plan(GROUND, elsewhere, tmp_path / "plan.png")
    assert not (tmp_path / "plan.png").exists()


def test_every_aircraft_of_a_large_crew_is_drawn(tmp_path: Path) -> None:
    """The table beside the map has room for three; the map shows all."""
    first = PLAN.missions[0]
    crew = tuple(moved(first, 0.0008 * n, f"drone-{n}") for n in range(4))
    draw_plan(GROUND, replace(PLAN, missions=crew), tmp_path / "plan.png")
    picture = matplotlib.image.imread(tmp_path / "plan.png")
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
def test_every_language_is_drawn(language: Language, drawn: Path, tmp_path: Path) -> None:
    """Each gives another picture, and the same one each time."""
    draw_plan(GROUND, PLAN, tmp_path / "plan.png", language)
    same = (tmp_path / "plan.png").read_bytes() == drawn.read_bytes()
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


def test_a_share_of_streets_is_not_told_by_aircraft() -> None:
    """What each sees of the cells cannot add up to it."""
    summary = summarize(GROUND, PLAN)
    row = summary.rows[0]
    assert share_seen(row, summary) == f"{row.coverage:.1%}"
    streets = replace(summary, rows=(replace(row, coverage=0.08), replace(row, coverage=0.05)))
    assert share_seen(row, replace(streets, coverage=1.0)) == "-"
    assert share_seen(row, replace(streets, coverage=0.13)) != "-"


def test_zones_too_small_to_be_seen_are_not_named(tmp_path: Path) -> None:
    """A name as wide as a village would hide what is flown there."""
    speck = zone(FRAME.geometry_to_local(GROUND.zones.zones[0].polygon).centroid.buffer(1.0))
    ground = replace(GROUND, zones=ZoneIndex([speck]))
    draw_plan(ground, PLAN, tmp_path / "plan.png")
    picture = matplotlib.image.imread(tmp_path / "plan.png")
    assert 0.0 < share_of_colour(picture, "#C0392B") < 0.0005


@pytest.mark.parametrize(("across", "named"), [(3, True), (12, False)])
def test_small_cells_show_their_number_alone(across: int, named: bool) -> None:
    """Names as wide as their cells would run into each other and hide the lanes."""
    ground = county(rows=across, columns=across)
    plan = replace(PLAN, missions=(), cell_codes=tuple(c.code for c in ground.grid.cells))
    axes = Figure(figsize=(15.0, 9.0), dpi=100).add_axes((0.0, 0.0, 0.66, 0.85))
    PlanMap(axes, ground, plan, Words.of(Language.ENGLISH, font=False)).draw()
    texts = {text.get_text() for text in axes.texts}
    assert ("Cell\n…001001" in texts) is named
    assert ("001" in texts) is not named
