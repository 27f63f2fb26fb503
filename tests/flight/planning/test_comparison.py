"""What-if: every combination is planned, and the one done first is named with its reason."""

import math
from dataclasses import replace

import pytest

from flight.errors import PlanningError
from flight.missions import Mission, PatrolPlan
from flight.planning.choosing import choose
from flight.planning.comparison import (
    AXES,
    Outcome,
    Preparation,
    Variant,
    compare,
    ground_sample_cm,
    last_landing_s,
    variants,
)
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
    requests = [each.request for each in made if each.request]
    assert [len(each.aircraft) for each in requests] == [1, 1, 2, 2]
    assert [each.speed_mps for each in requests] == [6.0, 8.0, 6.0, 8.0]


def test_every_axis_changes_the_request() -> None:
    """Each in its own part; the wind comes from where it is said to."""
    values = {"aircraft": "1", "wind": "270@5", "speed": "6", "height": "55", "overlap": "0.5"}
    assert set(values) == {axis.name for axis in AXES}
    (made,) = variants(ASKED, {name: [value] for name, value in values.items()})
    changed = made.request
    assert changed is not None
    assert (changed.speed_mps, changed.height_home_m, changed.side_overlap) == (6.0, 55.0, 0.5)
    assert (changed.wind.east_mps, changed.wind.north_mps) == pytest.approx((5.0, 0.0))
    calm = variants(ASKED, {"wind": ["0"]})[0].request
    assert calm is not None
    assert calm.wind.speed_mps == 0.0
    assert variants(ASKED, {}) == (Variant({}, ASKED),)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("speed", "fast", "'fast' is not possible for speed"),
        ("aircraft", "4", "for aircraft 1 to 3"),
        ("aircraft", "0", "'0' is not possible for aircraft"),
        ("wind", "5", "for wind 0 or FROM@SPEED"),
        ("speed", "-1", "The speed must be a number above 0"),
        ("height", "500", "above the ceiling of 120 m"),
    ],
)
def test_an_impossible_value_is_a_way_that_says_why(name: str, value: str, message: str) -> None:
    """With what to write instead; the others are planned."""
    good = {"speed": "6", "aircraft": "1", "wind": "0", "height": "50"}[name]
    ways = variants(ASKED, {name: [value, good]})
    bad, other = compare(ways, lambda _: plan_of(flight("a", 300.0)), MADE_READY)
    assert message in bad.refusal
    assert (bad.plan, bad.total_s) == (None, math.inf)
    assert other.plan is not None


def test_what_there_is_not_cannot_be_varied() -> None:
    """The sentence has all that can."""
    said = "'colour' cannot be varied. Vary any of: aircraft, wind, speed"
    with pytest.raises(PlanningError, match=said):
        variants(ASKED, {"colour": ["red"]})


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
