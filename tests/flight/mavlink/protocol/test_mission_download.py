"""Reading back and clearing over good and bad radios."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flight.mavlink.protocol.constants import MissionResult, MissionType
from flight.mavlink.protocol.exchange import RoundTrip
from flight.mavlink.protocol.mission_download import MissionClear, MissionDownload
from tests.flight.mavlink.protocol.ardupilot_store import ArduPilotStore
from tests.flight.mavlink.protocol.test_mission_upload import waypoints
from tests.flight.mavlink.protocol.wire import DIALOG, Weather, converse, from_vehicle


def download_of(window: int = 1) -> MissionDownload:
    """Return a download of a mission."""
    return MissionDownload(MissionType.MISSION, DIALOG, RoundTrip(), window=window)


@pytest.mark.parametrize("window", [1, 4])
@pytest.mark.parametrize("count", [0, 1, 3, 50])
def test_what_is_on_board_is_read_back(count: int, window: int) -> None:
    """The list comes back complete and in order."""
    vehicle = ArduPilotStore()
    vehicle.items = waypoints(count)
    download = download_of(window)
    converse(download, vehicle, Weather())
    assert download.items == tuple(waypoints(count))


@given(
    loss=st.floats(0.0, 0.3),
    duplication=st.floats(0.0, 1.0),
    jitter_s=st.floats(0.0, 0.05),
    window=st.sampled_from([1, 2, 4, 8]),
    seed=st.integers(0, 2**32),
)
@settings(deadline=None, max_examples=100)
def test_a_read_back_that_ends_is_right(
    loss: float, duplication: float, jitter_s: float, window: int, seed: int
) -> None:
    """Whatever the radio does, what is told is what is on board."""
    vehicle = ArduPilotStore()
    vehicle.items = waypoints(30)
    download = download_of(window)
    converse(download, vehicle, Weather(loss, duplication, 0.005, jitter_s, seed))
    assert download.done
    assert download.items in (None, tuple(vehicle.items))


def test_a_window_hides_the_round_trip() -> None:
    """Four requests under way take about a quarter of the time."""
    vehicle = ArduPilotStore()
    vehicle.items = waypoints(100)
    slow_s = converse(download_of(1), vehicle, Weather(delay_s=0.1))
    quick_s = converse(download_of(4), vehicle, Weather(delay_s=0.1))
    assert quick_s < 0.3 * slow_s


def test_a_busy_vehicle_is_told_apart_from_a_silent_one() -> None:
    """DENIED ends the download at once."""
    download = download_of()
    download.start(0.0)
    denied = int(MissionResult.DENIED)
    download.receive(from_vehicle("MISSION_ACK", type=denied, mission_type=0), 0.1)
    assert (download.done, download.answer) == (True, MissionResult.DENIED)


def test_items_of_another_list_are_left_alone() -> None:
    """A fence item does not become a waypoint."""
    download = download_of()
    download.start(0.0)
    download.receive(from_vehicle("MISSION_COUNT", count=1, mission_type=1), 0.1)
    assert not download.done


def test_clearing_empties_the_list() -> None:
    """The vehicle's word is kept."""
    vehicle = ArduPilotStore()
    vehicle.items = waypoints(5)
    clear = MissionClear(MissionType.MISSION, DIALOG, RoundTrip())
    converse(clear, vehicle, Weather(loss=0.2, seed=1))
    assert (vehicle.items, clear.answer) == ([], MissionResult.ACCEPTED)


def test_a_refused_clearing_is_told() -> None:
    """ArduPilot refuses to clear while it flies the mission."""
    clear = MissionClear(MissionType.MISSION, DIALOG, RoundTrip())
    clear.start(0.0)
    error = int(MissionResult.ERROR)
    clear.receive(from_vehicle("MISSION_ACK", type=error, mission_type=0), 0.1)
    assert clear.answer is MissionResult.ERROR


def test_a_list_whose_id_is_known_is_not_read_again() -> None:
    """One round trip proves that the plan is still on board; the vehicle is set free."""
    download = MissionDownload(MissionType.MISSION, DIALOG, RoundTrip(), known_id=77)
    download.start(0.0)
    count = from_vehicle("MISSION_COUNT", count=500, mission_type=0, opaque_id=77)
    (answer,) = download.receive(count, 0.1)
    assert download.done
    assert download.unchanged
    assert (answer.name, answer["type"]) == ("MISSION_ACK", MissionResult.OPERATION_CANCELLED)


@pytest.mark.parametrize("told", [0, 78])
def test_a_list_of_another_id_or_none_is_read(told: int) -> None:
    """ArduPilot gives no ids; another id is another plan."""
    download = MissionDownload(MissionType.MISSION, DIALOG, RoundTrip(), known_id=77)
    download.start(0.0)
    count = from_vehicle("MISSION_COUNT", count=2, mission_type=0, opaque_id=told)
    assert [m.name for m in download.receive(count, 0.1)] == ["MISSION_REQUEST_INT"]
    assert not download.unchanged
    assert download.opaque_id == told
