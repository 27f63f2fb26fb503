"""What the rotors take to give a thrust: blade elements and momentum theory, step by step.

The blades have a fixed pitch, so a thrust in an inflow asks for a rotor speed; profile power
follows from that speed, induced power from the momentum of the air that the disks move, and the
motors lose what their torque and their speed cost. (Leishman, "Principles of Helicopter
Aerodynamics", ch. 2 and 3; uniform inflow, tip loss as a smaller disk.)
"""

import math

from flight.simulator.settings import AirframeSettings

_AIR_KG_M3 = 1.225
_GRAVITY_MPS2 = 9.81
_SOLIDITY = 0.08
_LIFT_SLOPE = 5.7
_PITCH_RAD = 0.26
_BLADE_DRAG = 0.03
_DISK_SHARE = 0.88
_LOSS_BY_TORQUE = 0.6
_NEWTON_STEPS = 2


class Rotors:
    """All rotors of one airframe taken as one disk; remembers its induced speed.

    Args:
        airframe: The data sheet; motors are such that hovering takes its hover power.
    """

    def __init__(self, airframe: AirframeSettings, hover_w: float) -> None:
        self._disk_m2 = airframe.disk_area_m2 * _DISK_SHARE
        self._blade = 0.5 * _AIR_KG_M3 * _LIFT_SLOPE * _SOLIDITY * airframe.disk_area_m2
        self._drag = _AIR_KG_M3 * airframe.disk_area_m2 * _SOLIDITY * _BLADE_DRAG / 8
        weight_n = airframe.mass_kg * _GRAVITY_MPS2
        self._induced_mps = math.sqrt(weight_n / (2 * _AIR_KG_M3 * self._disk_m2))
        shaft_w, tip_mps = self._shaft(weight_n, 0.0, 0.0)
        self._hover_shaft_w, self._hover_tip_mps = shaft_w, tip_mps
        self._hover_loss_w = hover_w - shaft_w

    def power_w(self, thrust_n: float, along_mps: float, through_mps: float) -> float:
        """Electrical power now.

        Args:
            thrust_n: Wanted.
            along_mps: Airspeed in the plane of the disks.
            through_mps: Airspeed out of it on the side of the thrust, as in a climb.

        Returns:
            Watts, at least 0.
        """
        if thrust_n <= 0:
            return 0.0
        shaft_w, tip_mps = self._shaft(thrust_n, along_mps, through_mps)
        speed = tip_mps / self._hover_tip_mps
        torque = shaft_w / self._hover_shaft_w / speed
        loss = _LOSS_BY_TORQUE * torque * torque + (1 - _LOSS_BY_TORQUE) * speed
        return max(0.0, shaft_w + self._hover_loss_w * loss)

    def _shaft(self, thrust_n: float, along: float, through: float) -> tuple[float, float]:
        """Power at the shafts and the speed of the blade tips."""
        induced = self._induce(thrust_n, along, through)
        # T = k (pitch/3 (U^2 + 3/2 V^2) - inflow/2 U), solved for the tip speed U.
        third = _PITCH_RAD / 3
        half = (through + induced) / 2
        rest = thrust_n / self._blade - 1.5 * third * along * along
        tip = (half + math.sqrt(max(0.0, half * half + 4 * third * rest))) / (2 * third)
        tip = max(tip, 1.0)
        profile_w = self._drag * tip * (tip * tip + 4.65 * along * along)
        return thrust_n * (through + induced) + profile_w, tip

    def _induce(self, thrust_n: float, along: float, through: float) -> float:
        """Move the induced speed towards the balance of momentum; few steps suffice in flight."""
        wanted = thrust_n / (2 * _AIR_KG_M3 * self._disk_m2)
        induced = self._induced_mps
        for _ in range(_NEWTON_STEPS):
            inflow = through + induced
            total = math.hypot(along, inflow) or 1e-6
            slope = total + induced * inflow / total
            induced -= (induced * total - wanted) / max(slope, 1e-3)
            induced = max(induced, 0.0)
        self._induced_mps = induced
        return induced
