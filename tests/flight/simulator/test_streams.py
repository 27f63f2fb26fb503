"""Telemetry: silent until asked for, per channel, at the rate that was asked for."""

from collections import Counter

import pytest

from flight.simulator.mavlink_ids import Command
from flight.simulator.settings import Personality, World
from tests.flight.simulator.station import EXACT, SQUARE, Station, ready


def names(station: Station, seconds: float) -> Counter[str]:
    """Count the messages heard in some time."""
    return Counter(message.name for message in station.listen(seconds))


def interval(station: Station, message_id: int, hertz: float) -> int | None:
    """Ask for a message at a rate."""
    return station.command(Command.SET_MESSAGE_INTERVAL, message_id, 1e6 / hertz)


def test_only_heartbeats_come_unasked() -> None:
    """Nothing else is streamed by an ArduPilot that nobody asked."""
    assert names(ready(), 4.99) == {"HEARTBEAT": 5}


@pytest.mark.parametrize("hertz", [1, 4, 10, 25])
def test_message_comes_at_the_rate_asked_for(hertz: int) -> None:
    """Intervals are kept over ten seconds."""
    station = ready()
    assert interval(station, 33, hertz) == 0
    assert names(station, 10)["GLOBAL_POSITION_INT"] == pytest.approx(10 * hertz, abs=1)


def test_interval_of_minus_one_stops_a_message() -> None:
    """And zero puts it back to its default, which is silence."""
    station = ready()
    for stop in (-1.0, 0.0):
        interval(station, 33, 10)
        assert station.command(Command.SET_MESSAGE_INTERVAL, 33, stop) == 0
        assert "GLOBAL_POSITION_INT" not in names(station, 2)


def test_unknown_message_cannot_be_asked_for() -> None:
    """The command fails."""
    assert interval(ready(), 12_345, 1) == 4


def test_what_px4_does_not_send_cannot_be_asked_of_it() -> None:
    """FENCE_STATUS is ArduPilot's: not at a rate, not once, and it has no interval."""
    for personality, answer in ((Personality.ARDUPILOT, 0), (Personality.PX4, 4)):
        station = ready(World(boot_age_s=60, sigmas=EXACT, personality=personality))
        assert interval(station, 162, 1) == answer
        assert station.command(Command.REQUEST_MESSAGE, 162) == answer
        assert station.command(Command.GET_MESSAGE_INTERVAL, 162) == answer


def test_data_stream_group_is_still_understood() -> None:
    """REQUEST_DATA_STREAM starts and stops a group."""
    station = ready()
    fields = {"req_stream_id": 6, "req_message_rate": 4}
    station.send("REQUEST_DATA_STREAM", start_stop=1, **fields)
    assert names(station, 5)["GLOBAL_POSITION_INT"] == pytest.approx(20, abs=1)
    station.send("REQUEST_DATA_STREAM", start_stop=0, **fields)
    assert "GLOBAL_POSITION_INT" not in names(station, 5)


def test_channels_ask_for_themselves() -> None:
    """What one station asked for is not sent to another."""
    first = ready()
    second = Station(first.vehicle, system=255, channel=1)
    interval(first, 33, 10)
    assert {"HEARTBEAT"} == set(names(second, 2))


def test_new_connection_must_ask_again() -> None:
    """A channel that opens afresh hears only heartbeats."""
    station = ready()
    interval(station, 33, 10)
    station.vehicle.open_channel(0)
    assert {"HEARTBEAT"} == set(names(station, 2))


def test_interval_can_be_read() -> None:
    """GET_MESSAGE_INTERVAL tells what was set, -1 for what is not sent."""
    station = ready()
    interval(station, 33, 10)
    station.command(Command.GET_MESSAGE_INTERVAL, 33)
    station.command(Command.GET_MESSAGE_INTERVAL, 30)
    told = [m["interval_us"] for _, m in station.heard if m.name == "MESSAGE_INTERVAL"]
    assert told == [100_000, -1]


@pytest.mark.parametrize(
    ("command", "name"),
    [
        (Command.REQUEST_CAPABILITIES, "AUTOPILOT_VERSION"),
        (Command.REQUEST_PROTOCOL_VERSION, "PROTOCOL_VERSION"),
        (Command.GET_HOME, "HOME_POSITION"),
    ],
)
def test_single_message_on_request(command: int, name: str) -> None:
    """The answer comes with the acknowledgement."""
    station = ready()
    assert station.command(command, 1) == 0
    assert name in {message.name for _, message in station.heard}


def test_position_is_zero_before_the_ekf_has_one() -> None:
    """A client must not take 0, 0 for a place."""
    station = ready(World(sigmas=EXACT))
    station.listen(20)
    early = station.ask(33)
    station.listen(25)
    late = station.ask(33)
    assert (early["lat"], early["lon"]) == (0, 0)
    assert (late["lat"], late["lon"]) == (331_600_000, 1_156_200_000)


def test_reboot_restarts_the_clock_and_keeps_the_plan_and_the_channel() -> None:
    """REBOOT is accepted, then time begins anew; the mission is still on board."""
    station = ready()
    station.upload(SQUARE)
    station.set_parameter("RTL_ALT", 2500)
    assert station.command(Command.REBOOT, 1) == 0
    heard = {message.name for message in station.listen(3)}
    assert station.vehicle.now_s < 4
    assert heard == {"HEARTBEAT"}
    assert len(station.read_back()) == 7
    assert station.vehicle.autopilot.cockpit.parameters["RTL_ALT"] == 2500


def test_timesync_is_answered_with_our_clock() -> None:
    """Nanoseconds since boot, with the asker's stamp."""
    (answer,) = ready().send("TIMESYNC", tc1=0, ts1=77)
    assert (answer["tc1"], answer["ts1"]) == (60_000_000_000, 77)
