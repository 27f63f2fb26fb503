"""What flying costs: power by speed, charge left, voltage under load."""

from flight.simulator.settings import BatterySettings

_CELLS = 6
_FULL_CELL_V = 4.2
_EMPTY_CELL_V = 3.4
_IDLE_W = 12.0
_NOMINAL_V = 22.2


class Battery:
    """A pack that only ever gets emptier."""

    def __init__(self, settings: BatterySettings) -> None:
        self._settings = settings
        self._left_wh = settings.capacity_wh * settings.initial_fraction
        self.power_w = _IDLE_W
        self.used_mah = 0.0

    @property
    def fraction(self) -> float:
        """Charge left, 0 to 1."""
        return self._left_wh / self._settings.capacity_wh

    @property
    def voltage_v(self) -> float:
        """Voltage at the terminals under the present load."""
        cell_v = _EMPTY_CELL_V + (_FULL_CELL_V - _EMPTY_CELL_V) * self.fraction
        return cell_v * _CELLS - self.current_a * self._settings.resistance_ohm

    @property
    def current_a(self) -> float:
        """Current drawn now."""
        return self.power_w / _NOMINAL_V

    def drain(self, power_w: float, dt_s: float) -> None:
        """Draw `power_w` watts for `dt_s` seconds."""
        self.power_w = power_w
        self.used_mah += self.current_a * dt_s / 3.6
        self._left_wh = max(0.0, self._left_wh - power_w * dt_s / 3600)

    def sag_to(self, fraction: float) -> None:
        """Lose charge at once, as an old pack in the cold does; never gain any."""
        self._left_wh = min(self._left_wh, fraction * self._settings.capacity_wh)


def flight_power_w(hover_w: float, airspeed_mps: float, climb_mps: float) -> float:
    """Return the power for flying: a little less than hovering at a cruise, more when fast.

    The curve is the usual bucket: induced power falls with speed, drag power grows with its
    cube; both terms meet at about 6 m/s. Climbing costs 4 % of the hover power per m/s.
    """
    induced = 1 / (1 + (airspeed_mps / 9.0) ** 2)
    drag = (airspeed_mps / 14.0) ** 3
    climb = 0.04 * max(-1.0, climb_mps)
    return hover_w * (0.35 + 0.65 * induced + drag + climb)


def idle_power_w() -> float:
    """Return what the avionics draw with the motors off."""
    return _IDLE_W
