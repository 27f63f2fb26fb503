"""What-if: every combination is planned, and the one done first is named with its reason."""

import math
from dataclasses import replace
from pathlib import Path

import matplotlib.image
import pytest

from flight.errors import PlanFileError, PlanningError
from flight.missions import Mission, PatrolPlan
from flight.planning.comparison import (
    AXES,
    Choice,
    Outcome,
    Preparation,
    Variant,
    choose,
    compare,
    ground_sample_cm,
    last_landing_s,
    variants,
)
from flight.planning.comparison_chart import draw_comparison, variant_name
from flight.planning.planner import plan_patrol
from flight.planning.request import PatrolRequest
from tests.flight.formats.routes import mission, waypoint
from tests.flight.planning.scenes import CAMERA, county, request

GROUND = county()
ASKED = request(GROUND, 3)
MADE_READY = Preparation(setup_s=100.0, swap_s=50.0)


def flight(name: str, duration_s: float, start_s: float = 0.0) -> Mission:
    """A flight of one aircraft."""
    return mission(
        [waypoint(0, 0)], vehicle_name=name, duration_s=duration_s, start_s=start_s, energy_wh=10.0
    )


def plan_of(*flights: Mission, coverage: float = 1.0) -> PatrolPlan:
    """A plan of some flights."""
    return PatrolPlan("p", "p", flights, (), coverage, camera=CAMERA, gimbal_pitch_deg=-60.0)


def outcome(total_s: float, crew: int = 1, coverage: float = 1.0, **values: str) -> Outcome:
    """What a variant came to."""
    flights = [flight(f"uav-{n}", total_s) for n in range(crew)]
    made = plan_of(*flights, coverage=coverage)
    return Outcome(
        Variant(values, ASKED),
        made,
        total_s=total_s,
        batteries=crew,
        energy_wh=10.0 * crew,
        coverage=coverage,
        ground_sample_cm=5.0,
    )


def test_every_combination_is_a_variant_once() -> None:
    """In the order of the axes, with its values in the request."""
    made = variants(ASKED, {"speed": ["6", "8", "6"], "aircraft": ["1", "2"]})
    assert [dict(each.values) for each in made] == [
        {"aircraft": "1", "speed": "6"},
        {"aircraft": "1", "speed": "8"},
        {"aircraft": "2", "speed": "6"},
        {"aircraft": "2", "speed": "8"},
    ]
    assert [len(each.request.aircraft) for each in made] == [1, 1, 2, 2]
    assert [each.request.speed_mps for each in made] == [6.0, 8.0, 6.0, 8.0]


def test_every_axis_changes_the_request() -> None:
    """Each in its own part; the wind comes from where it is said to."""
    values = {"aircraft": "1", "wind": "270@5", "speed": "6", "height": "55", "overlap": "0.5"}
    assert set(values) == {axis.name for axis in AXES}
    (made,) = variants(ASKED, {name: [value] for name, value in values.items()})
    changed = made.request
    assert (changed.speed_mps, changed.height_home_m, changed.side_overlap) == (6.0, 55.0, 0.5)
    assert (changed.wind.east_mps, changed.wind.north_mps) == pytest.approx((5.0, 0.0))
    assert variants(ASKED, {"wind": ["0"]})[0].request.wind.speed_mps == 0.0
    assert variants(ASKED, {}) == (Variant({}, ASKED),)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("colour", "red", "'colour' cannot be varied. Vary any of: aircraft, wind, speed"),
        ("speed", "fast", "'fast' is not possible for speed"),
        ("aircraft", "4", "for aircraft 1 to 3"),
        ("aircraft", "0", "'0' is not possible for aircraft"),
        ("wind", "5", "for wind 0 or FROM@SPEED"),
        ("speed", "-1", "The speed must be a number above 0"),
    ],
)
def test_impossible_values_are_refused(name: str, value: str, message: str) -> None:
    """With what to write instead."""
    with pytest.raises(PlanningError, match=message):
        variants(ASKED, {name: [value]})


def test_the_last_landing_counts_the_set_up_of_everyone_before() -> None:
    """One crew makes one aircraft after the other ready."""
    assert last_landing_s(plan_of(flight("a", 300.0), flight("b", 300.0)), MADE_READY) == 500.0
    assert last_landing_s(plan_of(flight("a", 300.0), flight("b", 100.0)), MADE_READY) == 400.0


def test_an_aircraft_flies_again_once_its_battery_is_changed() -> None:
    """At its foretold start if that is later."""
    twice = plan_of(flight("a", 300.0), flight("a", 200.0))
    assert last_landing_s(twice, MADE_READY) == 100.0 + 300.0 + 50.0 + 200.0
    charged = plan_of(flight("a", 300.0), flight("a", 200.0, start_s=900.0))
    assert last_landing_s(charged, MADE_READY) == 100.0 + 900.0 + 200.0
    assert last_landing_s(plan_of(), MADE_READY) == 0.0


def test_variants_are_planned_one_by_one_and_refusals_are_kept() -> None:
    """So that whoever stops early keeps what was planned."""
    planned: list[float] = []

    def plan(asked: PatrolRequest) -> PatrolPlan:
        planned.append(asked.speed_mps)
        if asked.speed_mps > 10.0:
            raise PlanningError("Too fast.")
        return plan_of(flight("a", 300.0), flight("b", 200.0))

    ways = variants(ASKED, {"speed": ["6", "12", "8"]})
    outcomes = compare(ways, plan, MADE_READY)
    first = next(outcomes)
    assert planned == [6.0]
    assert (first.setup_s, first.airborne_s, first.batteries) == (200.0, 500.0, 2)
    assert (first.energy_wh, first.distance_m) == (20.0, 2000.0)
    second, third = outcomes
    assert (second.plan, second.refusal, second.total_s) == (None, "Too fast.", math.inf)
    assert third.plan is not None


def test_energy_that_was_not_foretold_is_not_summed() -> None:
    """Half a sum would look like a small one."""
    half = plan_of(flight("a", 300.0), replace(flight("b", 200.0), energy_wh=None))
    (found,) = compare(variants(ASKED, {}), lambda _: half, MADE_READY)
    assert found.energy_wh is None


def test_real_plans_can_be_compared() -> None:
    """A faster flight is done earlier, and a higher one has larger pixels."""
    ways = variants(request(GROUND, 2), {"speed": ["5", "9"], "height": ["40", "60"]})
    found = list(compare(ways, lambda asked: plan_patrol(GROUND, asked), Preparation()))
    times = {tuple(each.variant.values.values()): each.total_s for each in found}
    assert times["9", "40"] < times["5", "40"]
    pixels = [each.ground_sample_cm for each in found]
    assert pixels[1] == pytest.approx(1.5 * pixels[0])
    assert choose(found) is not None


def test_a_pixel_is_as_large_as_the_camera_geometry_says() -> None:
    """Straight down from 40 m the picture is 56 m wide; at 30 degrees it is twice as far away."""
    down = ground_sample_cm(CAMERA, 40.0, -90.0)
    assert down == pytest.approx(100.0 * 80.0 * math.tan(math.radians(35.0)) / 1280)
    assert ground_sample_cm(CAMERA, 40.0, -30.0) == pytest.approx(2.0 * down)
    assert ground_sample_cm(CAMERA, 40.0, 0.0) == math.inf


def test_the_best_is_done_first() -> None:
    """And says by how much."""
    choice = choose([outcome(600.0, speed="6"), outcome(480.0, speed="8")])
    assert choice is not None
    assert choice.best.variant.values == {"speed": "8"}
    assert choice.reason == "Its last aircraft lands 2.0 min before that of the next best way."


def test_among_equally_fast_ways_the_best_takes_least() -> None:
    """Three per cent of time are not worth another aircraft."""
    choice = choose([outcome(600.0, crew=2, aircraft="2"), outcome(610.0, aircraft="1")])
    assert choice is not None
    assert choice.best.variant.values == {"aircraft": "1"}
    assert "of these it takes the fewest aircraft (1), batteries (1)" in choice.reason


def test_a_fast_way_that_sees_less_is_not_the_best() -> None:
    """The reason says what the faster one would miss."""
    choice = choose([outcome(600.0, height="40"), outcome(300.0, coverage=0.9, height="20")])
    assert choice is not None
    assert choice.reason == "It sees 100.0% of the ground; a faster way sees only 90.0%."


def test_pixels_must_be_fine_enough() -> None:
    """Where they are asked to be."""
    coarse = replace(outcome(300.0, height="80"), ground_sample_cm=9.0)
    choice = choose([outcome(600.0, height="40"), coarse], finest_cm=6.0)
    assert choice is not None
    assert choice.best.variant.values == {"height": "40"}
    assert choose([coarse], finest_cm=6.0) is None


def test_nobody_chooses_the_wind() -> None:
    """A way counts as in the worst wind, and one that cannot fly in every wind is none."""
    slow = [outcome(500.0, speed="6", wind="0"), outcome(520.0, speed="6", wind="90@9")]
    refused = Outcome(Variant({"speed": "9", "wind": "90@9"}, ASKED), refusal="Too windy.")
    choice = choose([*slow, outcome(300.0, speed="9", wind="0"), refused])
    assert choice is not None
    assert choice.best is slow[1]
    assert [choice.holds(each) for each in (*slow, refused)] == [True, True, False]
    assert choice.reason == "It is the only way that can be flown."


def test_the_chart_shows_what_is_best_in_its_colour(tmp_path: Path) -> None:
    """A bar for each way that can be flown."""
    outcomes = [outcome(600.0, speed="6"), outcome(480.0, speed="8")]
    refused = Outcome(Variant({"speed": "20"}, ASKED), refusal="Too fast.")
    choice = choose([*outcomes, refused])
    draw_comparison([*outcomes, refused], choice, "巡查 $5 or $6", tmp_path / "c.png")
    picture = matplotlib.image.imread(tmp_path / "c.png")[..., :3]
    for colour in ((0.0, 114 / 255, 178 / 255), (213 / 255, 94 / 255, 0.0)):
        assert (abs(picture - colour).max(axis=2) < 0.02).mean() > 0.005


def test_a_chart_without_bars_and_one_that_cannot_be_written(tmp_path: Path) -> None:
    """The first is empty, the second is refused by name."""
    nothing = [Outcome(Variant({}, ASKED), refusal="No.")]
    draw_comparison(nothing, None, "empty", tmp_path / "c.png")
    assert (tmp_path / "c.png").exists()
    with pytest.raises(PlanFileError, match=r"The picture .*nowhere/c.png cannot be written"):
        draw_comparison(nothing, None, "empty", tmp_path / "nowhere" / "c.png")


def test_a_variant_is_named_by_its_values() -> None:
    """With their units."""
    assert variant_name(outcome(1.0, speed="6", height="40")) == "speed 6 m/s, height 40 m"
    assert variant_name(outcome(1.0)) == "as it is"
    assert Choice(outcome(1.0), "").holds(outcome(2.0))
