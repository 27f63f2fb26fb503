"""The pack: charge left, current drawn, voltage under load."""

import math

from flight.simulator.settings import BatterySettings

_CELLS = 6
_FULL_CELL_V = 4.2
_EMPTY_CELL_V = 3.4

#: What the avionics draw, whether the motors turn or not.
AVIONICS_W = 12.0


class Battery:
    """A pack that only ever gets emptier."""

    def __init__(self, settings: BatterySettings) -> None:
        self._settings = settings
        self._left_wh = settings.capacity_wh * settings.initial_fraction
        self.power_w = AVIONICS_W
        self.used_mah = 0.0
        self.used_wh = 0.0

    @property
    def fraction(self) -> float:
        """Charge left, 0 to 1."""
        return self._left_wh / self._settings.capacity_wh

    @property
    def voltage_v(self) -> float:
        """Voltage at the terminals under the present load."""
        open_v = self._open_v
        return open_v - self._current_a(open_v) * self._settings.resistance_ohm

    @property
    def current_a(self) -> float:
        """Current drawn now: the one whose power is left after the loss inside the pack."""
        return self._current_a(self._open_v)

    def _current_a(self, open_v: float) -> float:
        resistance_ohm = self._settings.resistance_ohm
        # Beyond the most that the pack can give, its voltage collapses to one half.
        left = max(0.0, open_v * open_v - 4 * resistance_ohm * self.power_w)
        return 2 * self.power_w / (open_v + math.sqrt(left))

    @property
    def _open_v(self) -> float:
        return _CELLS * (_EMPTY_CELL_V + (_FULL_CELL_V - _EMPTY_CELL_V) * self.fraction)

    def drain(self, power_w: float, dt_s: float) -> None:
        """Give `power_w` watts for `dt_s` seconds; what the pack turns to heat comes on top."""
        self.power_w = power_w
        open_v = self._open_v
        current_a = self._current_a(open_v)
        self.used_mah += current_a * dt_s / 3.6
        self.used_wh += power_w * dt_s / 3600
        self._left_wh = max(0.0, self._left_wh - current_a * open_v * dt_s / 3600)

    def sag_to(self, fraction: float) -> None:
        """Lose charge at once, as an old pack in the cold does; never gain any."""
        self._left_wh = min(self._left_wh, fraction * self._settings.capacity_wh)
