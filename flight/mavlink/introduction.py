"""Getting to know an autopilot: its kind, its telemetry, its habits."""

from dataclasses import dataclass

from flight.errors import NoAutopilotError
from flight.mavlink.ardupilot import ArduPilot
from flight.mavlink.commander import Commander
from flight.mavlink.firmware import Firmware
from flight.mavlink.protocol.commands import MessageCall, ParameterEncoding
from flight.mavlink.protocol.constants import Autopilot, Capability, Command, MessageId
from flight.mavlink.protocol.messages import Message
from flight.mavlink.px4 import Px4
from flight.mavlink.station import Station

# Attitude comes oftener than position, because a turn moves the picture's far end by many metres.
_STREAMS_HZ = {
    MessageId.GLOBAL_POSITION_INT: 10.0,
    MessageId.ATTITUDE: 20.0,
    MessageId.GIMBAL_DEVICE_ATTITUDE_STATUS: 10.0,
    MessageId.SYS_STATUS: 2.0,
    MessageId.MISSION_CURRENT: 2.0,
    MessageId.FENCE_STATUS: 2.0,
    MessageId.EXTENDED_SYS_STATE: 2.0,
    MessageId.GPS_RAW_INT: 1.0,
    MessageId.HOME_POSITION: 0.5,
}
# Only one autopilot or the other knows each of these: asked for once, and not waited for.
_EXTRA_STREAMS_HZ = {
    MessageId.EKF_STATUS_REPORT: 1.0,
    MessageId.ESTIMATOR_STATUS: 1.0,
    MessageId.WIND: 0.5,
    MessageId.WIND_COV: 0.5,
}


def firmware_of(autopilot: int, address: str) -> Firmware:
    """Return the kind of software that a heartbeat names.

    Raises:
        NoAutopilotError: It is none that we know.
    """
    match autopilot:
        case Autopilot.ARDUPILOT:
            return ArduPilot()
        case Autopilot.PX4:
            return Px4()
    raise NoAutopilotError(
        f"The autopilot on {address} is of kind {autopilot}; only ArduPilot (3) and PX4 (12) are "
        "known."
    )


async def request_streams(commander: Commander) -> None:
    """Ask for the telemetry that we live on; without that an autopilot sends hardly any."""
    for message, rate_hz in _STREAMS_HZ.items():
        params = (float(message), 1e6 / rate_hz)
        await commander.call((Command.SET_MESSAGE_INTERVAL, params))
    for message, rate_hz in _EXTRA_STREAMS_HZ.items():
        commander.mention((Command.SET_MESSAGE_INTERVAL, (float(message), 1e6 / rate_hz)))


@dataclass(frozen=True, slots=True)
class Introduction:
    """What an autopilot says of itself.

    Attributes:
        encoding: How it encodes whole numbers in parameters.
        hardware_id: Its board's number and its system id, the same on every link; empty if it
            does not tell. Some simulators give all their boards one number.
    """

    encoding: ParameterEncoding
    hardware_id: str


async def introduce(station: Station, firmware: Firmware) -> Introduction:
    """Ask an autopilot for its version, which names its abilities and its board."""
    call = MessageCall(
        "AUTOPILOT_VERSION", MessageId.AUTOPILOT_VERSION, station.dialog, station.round_trip
    )
    await station.run(call)
    # Guessing wrong would set a fence action of 3 as 1077936128.
    told = 0 if call.message is None else call.message["capabilities"]
    encoding = firmware.parameter_encoding
    if told & Capability.PARAM_ENCODE_BYTEWISE:
        encoding = ParameterEncoding.BYTEWISE
    elif told & Capability.PARAM_ENCODE_C_CAST:
        encoding = ParameterEncoding.BY_VALUE
    return Introduction(encoding, "" if call.message is None else hardware_id(call.message))


def hardware_id(version: Message) -> str:
    """Return the board's number in an AUTOPILOT_VERSION, with its system id; empty if it has none.

    Args:
        version: The longer of its two numbers counts; the other is kept for old boards.
    """
    long_number = bytes(version.fields.get("uid2") or ())
    number = long_number.hex() if any(long_number) else f"{version.fields.get('uid', 0):x}"
    return f"{number}-{version.system}" if number.strip("0") else ""
