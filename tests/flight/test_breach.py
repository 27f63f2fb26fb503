"""Inside or not, how far, how soon: judged against shapely and against stepping along."""

import math
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from flight.breach import Bound, BreachWatch, Reactions, fence_bounds
from flight.missions import Fence
from geofences.geodesy import LocalFrame, LonLat

FIELD = shapely.Polygon(
    [(0, 0), (400, 0), (400, 300), (250, 300), (200, 150), (150, 300), (0, 300)],
    [[(40, 40), (80, 40), (80, 80), (40, 80)]],
)
TOWER = shapely.box(300, 100, 340, 140)
LAYER = shapely.Polygon([(100, 20), (180, 30), (140, 120)])
BOUNDS = (
    Bound("field", FIELD, stay_in=True),
    Bound("tower", TOWER, stay_in=False),
    Bound("layer", LAYER, stay_in=False, lower_home_m=50.0, upper_home_m=90.0),
)
WATCH = BreachWatch(BOUNDS, ceiling_home_m=110.0)
STILL = (0.0, 0.0, 0.0)
coordinates = st.one_of(
    st.floats(-50, 450), st.sampled_from([0.0, 40.0, 80.0, 100.0, 150.0, 300.0, 340.0, 400.0])
)
heights = st.one_of(st.floats(0, 130), st.sampled_from([50.0, 90.0, 110.0]))
law = settings(max_examples=150, deadline=None)


def shapely_breached(x: float, y: float, height_m: float) -> set[str]:
    """The bounds that are breached, by their definition."""
    point = shapely.Point(x, y)
    found = set()
    if not shapely.covers(FIELD, point):
        found.add("field")
    if shapely.covers(TOWER, point):
        found.add("tower")
    if shapely.covers(LAYER, point) and 50.0 <= height_m <= 90.0:
        found.add("layer")
    return found | ({"ceiling"} if height_m > 110.0 else set())


@law
@given(coordinates, coordinates, heights)
def test_inside_agrees_with_shapely(x: float, y: float, height_m: float) -> None:
    """On edges, at vertices and in holes too."""
    status = WATCH.check((x, y), STILL, height_m)
    assert set(status.breached) == shapely_breached(x, y, height_m)
    assert status.inside == (not status.breached)


@law
@given(coordinates, coordinates)
def test_distance_is_that_to_the_nearest_edge(x: float, y: float) -> None:
    """Of all bounds at the height of the layer; without the layer's below it."""
    point = shapely.Point(x, y)
    walls = [shapely.distance(each.boundary, point) for each in (FIELD, TOWER)]
    layer = shapely.distance(LAYER.boundary, point)
    assert WATCH.check((x, y), STILL, 70.0).distance_m == pytest.approx(min(*walls, layer))
    assert WATCH.check((x, y), STILL, 20.0).distance_m == pytest.approx(min(walls))


@law
@given(
    st.tuples(st.floats(1, 399), st.floats(1, 299), st.floats(5, 105)),
    st.tuples(st.floats(-15, 15), st.floats(-15, 15), st.floats(-3, 3)),
)
def test_no_breach_comes_before_it_is_foretold_and_one_comes_then(
    place: tuple[float, float, float], velocity: tuple[float, float, float]
) -> None:
    """Stepping along the velocity meets its first breach at the time that was said."""
    x, y, height_m = place
    status = WATCH.check((x, y), velocity, height_m)
    if not status.inside:
        assert status.breach_in_s == 0.0
        return

    def at(time_s: float) -> set[str]:
        moved = [a + b * time_s for a, b in zip(place, velocity, strict=True)]
        return shapely_breached(*moved)

    until_s = min(status.breach_in_s, 60.0)
    assert not any(at(share * until_s) for share in np.linspace(0.0, 0.999, 60))
    if status.breach_in_s < 60.0:
        # A corner that is only grazed is met within a moment of it, or not at all.
        after = [at(status.breach_in_s + ahead_s) for ahead_s in (0.0, 1e-6, 1e-3)]
        grazing = shapely.distance(
            shapely.MultiPoint(shapely.get_coordinates([each.polygon for each in BOUNDS])),
            shapely.Point(
                *(a + b * status.breach_in_s for a, b in zip(place[:2], velocity[:2], strict=True))
            ),
        )
        assert any(after) or grazing < 0.05


def test_flying_over_a_low_layer_is_no_breach_and_sinking_into_it_is() -> None:
    """From 100 m above the layer: straight on never, sinking at 2 m/s after 5 s."""
    over = (140.0, 60.0)
    assert WATCH.check(over, (0.1, 0.0, 0.0), 100.0).inside
    assert WATCH.check(over, (0.0, 0.0, -2.0), 100.0).breach_in_s == pytest.approx(5.0)
    assert WATCH.check(over, (0.0, 0.0, 2.0), 30.0).breach_in_s == pytest.approx(10.0)


def test_the_ceiling_is_met_climbing() -> None:
    """20 m below it at 2 m/s; standing at it is not yet a breach."""
    assert WATCH.check((20.0, 20.0), (0.0, 0.0, 2.0), 90.0).breach_in_s == pytest.approx(10.0)
    assert WATCH.check((20.0, 20.0), STILL, 110.0).inside
    assert WATCH.check((20.0, 20.0), STILL, 110.1).breached == ("ceiling",)


def test_stopping_takes_braking_reaction_error_and_wind() -> None:
    """10 m/s: 20 m to brake, 10 m to react, 2 m of error, and 3 m of wind."""
    windy = Reactions(braking_mps2=2.5, latency_s=1.0, position_error_m=2.0, wind_mps=3.0)
    assert windy.stopping_m(10.0) == pytest.approx(35.0)
    watch = BreachWatch(BOUNDS, reactions=windy)
    early = watch.check((340.0, 50.0), (10.0, 0.0, 0.0), 40.0)
    late = watch.check((370.0, 50.0), (10.0, 0.0, 0.0), 40.0)
    assert early.breach_in_s == pytest.approx(6.0)
    assert early.margin_m == pytest.approx(25.0)
    assert late.margin_m == pytest.approx(-5.0)
    assert watch.check((370.0, 50.0), STILL, 40.0).margin_m == math.inf


def test_a_planned_turn_may_avoid_what_the_velocity_points_at() -> None:
    """Straight on over the edge in 3 s; along the plan never, or where the plan crosses it."""
    position, velocity = (370.0, 50.0), (10.0, 0.0, 0.0)
    back = WATCH.check(position, velocity, 40.0, np.array([[380.0, 50.0], [380.0, 200.0]]))
    assert back.breach_in_s == pytest.approx(3.0)
    assert back.planned_breach_in_s == math.inf
    out = WATCH.check(position, velocity, 40.0, np.array([[370.0, 90.0], [460.0, 90.0]]))
    assert out.planned_breach_in_s == pytest.approx((40.0 + 30.0) / 10.0)
    assert WATCH.check(position, velocity, 40.0).planned_breach_in_s is None


@pytest.mark.parametrize(
    ("position", "velocity", "height_m"),
    [
        ((math.nan, 0.0), STILL, 40.0),
        ((10.0, 10.0), (math.inf, 0.0, 0.0), 40.0),
        ((10.0, 10.0), STILL, math.nan),
    ],
)
def test_what_is_not_known_counts_as_a_breach(
    position: tuple[float, float], velocity: tuple[float, float, float], height_m: float
) -> None:
    """Never all clear on missing numbers."""
    status = WATCH.check(position, velocity, height_m)
    assert not status.inside
    assert status.breach_in_s == 0.0


def test_without_bounds_only_the_ceiling_counts() -> None:
    """Nothing to meet, nothing to be near."""
    watch = BreachWatch((), ceiling_home_m=50.0)
    free = watch.check((0.0, 0.0), (5.0, 0.0, 0.0), 40.0)
    assert (free.inside, free.distance_m, free.breach_in_s) == (True, math.inf, math.inf)
    assert watch.check((0.0, 0.0), STILL, 51.0).breached == ("ceiling",)


def test_a_fence_gives_its_bounds() -> None:
    """The inclusion is to be stayed in, exclusions out of."""
    home = LonLat(115.6, 33.1)
    around = shapely.box(115.59, 33.09, 115.61, 33.11)
    inner = shapely.box(115.602, 33.102, 115.604, 33.104)
    frame = LocalFrame(home)
    watch = BreachWatch(fence_bounds(Fence(around, (inner,), 100.0), frame), 100.0)
    assert watch.check((0.0, 0.0), STILL, 40.0).inside
    assert watch.check(frame.to_local(115.603, 33.103), STILL, 40.0).breached == ("exclusion 1",)
    assert watch.check(frame.to_local(115.62, 33.1), STILL, 40.0).breached == ("fence",)


@pytest.mark.parametrize(
    "wrong",
    [
        {"polygon": shapely.Polygon()},
        {"polygon": shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])},
        {"lower_home_m": 50.0, "upper_home_m": 40.0},
        {"stay_in": True, "upper_home_m": 40.0},
    ],
)
def test_impossible_bounds_are_refused(wrong: dict[str, Any]) -> None:
    """Empty, crossing itself, upside down, or a layer to stay in."""
    with pytest.raises(ValueError, match="'odd'"):
        Bound(**({"name": "odd", "polygon": TOWER, "stay_in": False} | wrong))


@pytest.mark.parametrize(
    "wrong", [{"braking_mps2": 0.0}, {"latency_s": -1.0}, {"wind_mps": math.nan}]
)
def test_impossible_reactions_are_refused(wrong: dict[str, float]) -> None:
    """Braking above zero, the rest from zero."""
    with pytest.raises(ValueError, match="Reactions"):
        Reactions(**wrong)
