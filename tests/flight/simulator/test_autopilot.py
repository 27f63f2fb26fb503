"""The autopilot as a whole survives whatever a station sends, on the ground and in the air."""

import copy
import functools
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from flight.simulator.mavlink_ids import MESSAGE_NAMES, Command
from flight.simulator.settings import Personality, World
from tests.flight.simulator.station import EXACT, SQUARE, Station, item, ready

WILD = st.one_of(
    st.floats(width=32), st.sampled_from([0.0, 1.0, -1.0, 4.0, 21196.0, 3e38]), st.floats(-200, 200)
)
COMMANDS = st.one_of(st.sampled_from([int(command) for command in Command]), st.integers(0, 65535))
INT32 = st.integers(-(2**31), 2**31 - 1)


@functools.cache
def prepared(personality: Personality, *, flying: bool) -> Station:
    """Return a station with a mission on board, on the ground or on its way."""
    station = ready(World(boot_age_s=60, sigmas=EXACT, personality=personality))
    station.upload(SQUARE)
    if flying:
        station.command(Command.SET_MODE, 1, 4 if personality is Personality.ARDUPILOT else 4 << 16)
        station.command(Command.ARM_DISARM, 1, 21196)
        station.command(Command.MISSION_START)
        station.listen(25)
    return station


@pytest.mark.parametrize("personality", Personality)
@pytest.mark.parametrize("flying", [False, True])
@effort(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(COMMANDS, st.tuples(*[WILD] * 7)), max_size=6),
    st.lists(
        st.tuples(
            st.sampled_from([0, 1, 2, 255]),
            COMMANDS,
            st.integers(0, 255),
            st.tuples(*[WILD] * 5),
            INT32,
            INT32,
        ),
        max_size=6,
    ),
)
def test_no_message_breaks_it(
    personality: Personality, flying: bool, orders: list[Any], items: list[Any]
) -> None:
    """Any command with any numbers, any item of any list: it answers and flies on."""
    station = copy.deepcopy(prepared(personality, flying=flying))
    for kind, command, frame, params, x, y in items:
        station.send("MISSION_COUNT", count=1, mission_type=kind)
        fields = {f"param{index}": params[index - 1] for index in range(1, 5)}
        place = {"x": x, "y": y, "z": params[4], "command": command, "frame": frame}
        station.send("MISSION_ITEM_INT", seq=0, mission_type=kind, **place, **fields)
    for command, params in orders:
        station.command(command, *params)
        station.listen(0.2)
    for message_id in MESSAGE_NAMES:
        station.command(Command.REQUEST_MESSAGE, message_id)
    station.listen(2)


@given(WILD, st.sampled_from(["FENCE_TYPE", "FENCE_RADIUS", "WPNAV_SPEED", "BATT_LOW_VOLT"]))
def test_no_parameter_value_breaks_it(value: float, name: str) -> None:
    """NaN is not taken, the rest is."""
    station = copy.deepcopy(prepared(Personality.ARDUPILOT, flying=True))
    station.send("PARAM_SET", param_id=name, param_value=value, param_type=9)
    station.listen(0.5)


NAN, INF = math.nan, math.inf


@pytest.mark.parametrize(
    ("command", "params"),
    [
        (Command.CHANGE_SPEED, (1, INF)),
        (Command.CHANGE_SPEED, (1, NAN)),
        (Command.CHANGE_SPEED, (1, -3)),
        (Command.REPOSITION, (-1, 1, 0, 0, NAN, 115.62, 20)),
        (Command.REPOSITION, (-1, 1, 0, 0, 33.16, 115.62, INF)),
    ],
)
def test_impossible_numbers_fail_in_the_air(command: int, params: tuple[float, ...]) -> None:
    """The command is refused and the aircraft is still somewhere."""
    station = copy.deepcopy(prepared(Personality.ARDUPILOT, flying=True))
    assert station.command(command, *params) == 4
    station.listen(2)
    assert math.isfinite(station.height_m)


@pytest.mark.parametrize("height_m", [NAN, INF])
def test_takeoff_to_nowhere_fails(height_m: float) -> None:
    """A height must be a number."""
    station = ready()
    station.mode(4)
    station.command(Command.ARM_DISARM, 1)
    assert station.command(Command.TAKEOFF, 0, 0, 0, 0, 0, 0, height_m) == 4


@pytest.mark.parametrize("command", [5001, 5002, 5003, 5004])
@pytest.mark.parametrize("count", [NAN, INF, -INF, -1.0, 0.0])
def test_fence_of_impossible_size_is_refused(command: int, count: float) -> None:
    """As many corners, or as large a radius, as no fence can have."""
    fence = [item(command, 5, index, param1=count) for index in range(3)]
    assert ready().upload(fence, 1)["type"] == 1


def test_takeoff_speed_of_zero_still_moves() -> None:
    """A parameter of nonsense does not freeze the aircraft in the air."""
    station = ready(parameters=(("WPNAV_SPEED", -500), ("WPNAV_SPEED_UP", 0)))
    station.mode(4)
    station.command(Command.ARM_DISARM, 1)
    station.command(Command.TAKEOFF, 0, 0, 0, 0, 0, 0, 5)
    station.fly_until(lambda: station.height_m > 4, 60)
