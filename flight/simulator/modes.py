"""The flight modes that the simulated autopilot has, and how each personality numbers them."""

from enum import Enum

from flight.simulator.settings import Personality


class Mode(Enum):
    """A flight mode, under ArduCopter's name."""

    STABILIZE = "STABILIZE"
    ALT_HOLD = "ALT_HOLD"
    AUTO = "AUTO"
    GUIDED = "GUIDED"
    LOITER = "LOITER"
    RTL = "RTL"
    LAND = "LAND"
    BRAKE = "BRAKE"


#: Modes that steer by position and therefore need one.
POSITION_MODES = frozenset({Mode.AUTO, Mode.GUIDED, Mode.LOITER, Mode.RTL, Mode.BRAKE})

#: Modes in which ArduCopter never lets the motors be armed.
NEVER_ARMABLE = frozenset({Mode.RTL, Mode.LAND, Mode.BRAKE})

_ARDUPILOT = {
    Mode.STABILIZE: 0,
    Mode.ALT_HOLD: 2,
    Mode.AUTO: 3,
    Mode.GUIDED: 4,
    Mode.LOITER: 5,
    Mode.RTL: 6,
    Mode.LAND: 9,
    Mode.BRAKE: 17,
}


def _px4(main: int, sub: int = 0) -> int:
    return main << 16 | sub << 24


#: PX4 packs a main mode and, for its automatic modes, a sub-mode into one number. Its Position
#: mode stands for LOITER, its Hold for BRAKE, its Take-off for GUIDED.
_PX4 = {
    Mode.STABILIZE: _px4(7),
    Mode.ALT_HOLD: _px4(2),
    Mode.LOITER: _px4(3),
    Mode.GUIDED: _px4(4, 2),
    Mode.BRAKE: _px4(4, 3),
    Mode.AUTO: _px4(4, 4),
    Mode.RTL: _px4(4, 5),
    Mode.LAND: _px4(4, 6),
}

_TABLES = {Personality.ARDUPILOT: _ARDUPILOT, Personality.PX4: _PX4}


def custom_mode(mode: Mode, personality: Personality) -> int:
    """Return the number of a mode in HEARTBEAT.custom_mode."""
    return _TABLES[personality][mode]


def mode_of(number: int, personality: Personality) -> Mode | None:
    """Return the mode that a custom_mode number names, None if there is none."""
    for mode, known in _TABLES[personality].items():
        if known == number:
            return mode
    return None
