"""What street tours are compared with."""

import pytest
import shapely

from benchmarks.street_network import nearest_first_m, town
from flight.planning.street_graph import Street, build_graph


def test_the_peer_goes_to_the_nearest_street_each_time() -> None:
    """From home at 0 over a street at 10 to 20, on to one at 40 to 30 the near end first, home."""
    room = shapely.box(-10.0, -10.0, 60.0, 10.0)
    streets = [Street(shapely.LineString([(a, 0), (b, 0)])) for a, b in ((10, 20), (40, 30))]
    graph = build_graph(streets, room, view_width_m=5.0, snap_m=1.0)
    assert nearest_first_m(graph.blocks, (0.0, 0.0)) == pytest.approx(80.0)


def test_a_town_has_about_as_many_streets_as_asked_for() -> None:
    """The same seed makes the same town."""
    streets = town(300, 5)
    assert 250 <= len(streets) <= 350
    assert town(300, 5) == streets
