"""Commands, parameters and requested messages, each asked until answered."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flight.mavlink.protocol.commands import (
    CommandCall,
    MessageCall,
    ParameterCall,
    ParameterEncoding,
    decode_parameter,
    encode_parameter,
)
from flight.mavlink.protocol.constants import Command, CommandResult, MessageId
from flight.mavlink.protocol.exchange import RoundTrip
from flight.mavlink.protocol.messages import Message
from tests.flight.mavlink.protocol.wire import DIALOG, from_vehicle

ARM = Command.COMPONENT_ARM_DISARM


def arming() -> CommandCall:
    """Return an order to arm."""
    return CommandCall(ARM, (1.0,), DIALOG, RoundTrip())


def ack(result: CommandResult, command: Command = ARM) -> Message:
    """Return the vehicle's answer."""
    return from_vehicle("COMMAND_ACK", command=int(command), result=int(result))


@pytest.mark.parametrize(
    "result", [CommandResult.ACCEPTED, CommandResult.FAILED, CommandResult.UNSUPPORTED]
)
def test_the_answer_is_kept(result: CommandResult) -> None:
    """A yes or no ends the call."""
    call = arming()
    call.start(0.0)
    call.receive(ack(result), 0.1)
    assert (call.done, call.result) == (True, result)


def test_a_lost_command_is_sent_again_with_its_number() -> None:
    """The confirmation field tells a repetition from a second order."""
    call = arming()
    (first,) = call.start(0.0)
    (second,) = call.tick(call.deadline_s)
    assert (first["confirmation"], second["confirmation"]) == (0, 1)


def test_a_command_never_answered_ends_without_result() -> None:
    """The caller looks at the vehicle's state instead."""
    call = arming()
    call.start(0.0)
    while not call.done:
        call.tick(call.deadline_s)
    assert call.result is None


def test_a_command_in_progress_is_waited_for() -> None:
    """IN_PROGRESS is no answer, only a reason for patience."""
    call = arming()
    call.start(0.0)
    call.receive(ack(CommandResult.IN_PROGRESS), 0.1)
    assert not call.done
    assert call.deadline_s > 5.0


def test_a_temporary_rejection_is_tried_again() -> None:
    """The vehicle asks for time, and gets it."""
    call = arming()
    call.start(0.0)
    call.receive(ack(CommandResult.TEMPORARILY_REJECTED), 0.1)
    assert len(call.tick(call.deadline_s)) == 1


def test_the_answer_to_another_command_is_left_alone() -> None:
    """Calls do not steal from each other."""
    call = arming()
    call.start(0.0)
    call.receive(ack(CommandResult.ACCEPTED, Command.MISSION_START), 0.1)
    assert not call.done


def test_a_requested_message_may_come_before_or_after_its_acknowledgement() -> None:
    """The acknowledgement alone does not end the request."""
    call = MessageCall("AUTOPILOT_VERSION", MessageId.AUTOPILOT_VERSION, DIALOG, RoundTrip())
    call.start(0.0)
    call.receive(ack(CommandResult.ACCEPTED, Command.REQUEST_MESSAGE), 0.1)
    assert not call.done
    version = from_vehicle("AUTOPILOT_VERSION", capabilities=16)
    call.receive(version, 0.2)
    assert (call.done, call.message) == (True, version)


def test_a_message_that_the_vehicle_lacks_ends_the_request() -> None:
    """UNSUPPORTED is an answer."""
    call = MessageCall("AUTOPILOT_VERSION", MessageId.AUTOPILOT_VERSION, DIALOG, RoundTrip())
    call.start(0.0)
    call.receive(ack(CommandResult.UNSUPPORTED, Command.REQUEST_MESSAGE), 0.1)
    assert (call.done, call.message) == (True, None)


def value(name: str, wire: float, kind: int = 9) -> Message:
    """Return a PARAM_VALUE."""
    return from_vehicle("PARAM_VALUE", param_id=name, param_value=wire, param_type=kind)


def test_a_parameter_is_read_by_name() -> None:
    """Values of other parameters pass by."""
    call = ParameterCall("FENCE_TYPE", DIALOG, RoundTrip())
    call.start(0.0)
    call.receive(value("FENCE_ACTION", 1.0), 0.1)
    call.receive(value("FENCE_TYPE", 7.0), 0.2)
    assert (call.done, call.value) == (True, 7.0)


def test_setting_a_parameter_is_done_when_the_new_value_comes_back() -> None:
    """The old value, broadcast meanwhile, is no confirmation."""
    call = ParameterCall("FENCE_TYPE", DIALOG, RoundTrip(), new_value=5.0)
    call.start(0.0)
    call.receive(value("FENCE_TYPE", 7.0), 0.1)
    assert not call.done
    call.receive(value("FENCE_TYPE", 5.0), 0.2)
    assert call.value == 5.0


def test_an_unknown_parameter_ends_without_value() -> None:
    """Autopilots say nothing about parameters that they do not have."""
    call = ParameterCall("NO_SUCH", DIALOG, RoundTrip())
    call.start(0.0)
    while not call.done:
        call.tick(call.deadline_s)
    assert call.value is None


@given(number=st.integers(0, 2**22), kind=st.sampled_from([1, 3, 5, 6]))
def test_whole_numbers_survive_both_encodings(number: int, kind: int) -> None:
    """PX4 puts an integer's bytes into the float, ArduPilot its value."""
    for encoding in ParameterEncoding:
        wire = encode_parameter(float(number), kind, encoding)
        assert decode_parameter(wire, kind, encoding) == number


def test_px4s_three_is_not_three_on_the_wire() -> None:
    """The bytes of the integer 3 are a tiny float."""
    assert encode_parameter(3.0, 6, ParameterEncoding.BYTEWISE) < 1e-40
    assert encode_parameter(3.0, 6, ParameterEncoding.BY_VALUE) == 3.0
