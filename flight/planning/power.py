"""What a multirotor draws from its battery, from momentum theory and its data sheet.

The electrical power is the sum of four parts (Liu, Sengupta and Kurzhanskiy 2017, "A power
consumption model for multi-rotor small unmanned aircraft systems", ICUAS; the induced speed in
forward flight is Glauert's, after Leishman, "Principles of Helicopter Aerodynamics", ch. 2):

- induced power: thrust times the speed given to the air by the rotor disks;
- the work of the thrust on the air that flows through the disks: climbing, and drag in cruise;
- profile power: the drag of the blades, with thrust^1.5 in hover, growing with the advance ratio;
- avionics.

Motors and controllers take what the data sheet says in hover; under more load they lose more than
in proportion, because the heat of their windings grows with the square of the torque. The pack
itself loses the square of its current times its resistance.
"""

import math
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from flight.errors import PlanningError

FloatArray = NDArray[np.float64]

GRAVITY_MPS2 = 9.81
_ADVANCE_COST = 4.65  # blades in forward flight: Leishman's usual figure for profile power
_NEWTON_STEPS = 8


@dataclass(frozen=True, slots=True)
class PowerModel:
    """The data sheet of a multirotor; the defaults are a patrol quadrotor with 15-inch rotors.

    Attributes:
        mass_kg: With battery and camera.
        disk_area_m2: Swept by all rotors together.
        drag_area_m2: Drag coefficient times front area.
        hover_w: Electrical power in hover, at sea level, avionics included.
        avionics_w: Drawn with the motors off.
        lean_max_deg: How far the autopilot lets the aircraft lean (ATC_ANGLE_MAX).
        tip_speed_mps: Of the blades in hover, as the growth of profile power shows it.
        induced_factor: Real over ideal induced power.
        profile_share: Profile power over shaft power in hover.
        load_exponent: Electrical power grows with this power of the shaft power, 1 without heat.
        pack_voltage_v: Nominal.
        pack_resistance_ohm: Of the whole pack.
        air_density_kg_m3: Sea level at 15 degrees Celsius by default.
    """

    mass_kg: float = 3.6
    disk_area_m2: float = 0.456
    drag_area_m2: float = 0.06
    hover_w: float = 380.0
    avionics_w: float = 12.0
    lean_max_deg: float = 30.0
    tip_speed_mps: float = 62.0
    induced_factor: float = 1.15
    profile_share: float = 0.25
    load_exponent: float = 1.25
    pack_voltage_v: float = 22.2
    pack_resistance_ohm: float = 0.03
    air_density_kg_m3: float = 1.225

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if not 0.0 < value < math.inf:
                raise PlanningError(f"An aircraft's {field.name} must be above 0, not {value}.")
        if self.hover_w <= self.avionics_w:
            raise PlanningError(
                f"A hover power of {self.hover_w:g} W must be above the {self.avionics_w:g} W of "
                "the avionics."
            )
        if self.lean_max_deg >= 90.0 or self.profile_share >= 1.0:
            raise PlanningError("An aircraft leans below 90 degrees; a share is below 1.")

    @property
    def airspeed_max_mps(self) -> float:
        """Airspeed at which the drag takes all that the greatest lean gives."""
        push_n = self.mass_kg * GRAVITY_MPS2 * math.tan(math.radians(self.lean_max_deg))
        return math.sqrt(2.0 * push_n / (self.air_density_kg_m3 * self.drag_area_m2))

    def power_w(self, airspeed_mps: FloatArray, acceleration_mps2: FloatArray) -> FloatArray:
        """Power drawn from the cells, the loss inside the pack included.

        Args:
            airspeed_mps: float64, (N, 3): east, north, up against the air.
            acceleration_mps2: float64, (N, 3): east, north, up.

        Returns:
            float64, (N,), watts; never below the avionics.
        """
        electric_w = self._electric_w(airspeed_mps, acceleration_mps2)
        # I^2 R with the current that the power takes at the nominal voltage.
        loss_per_w = self.pack_resistance_ohm / self.pack_voltage_v**2
        drawn: FloatArray = electric_w * (1.0 + electric_w * loss_per_w)
        return drawn

    def _electric_w(self, airspeed: FloatArray, acceleration: FloatArray) -> FloatArray:
        speed = np.linalg.norm(airspeed, axis=1)
        half_rho_area = 0.5 * self.air_density_kg_m3 * self.drag_area_m2
        thrust = self.mass_kg * acceleration + (half_rho_area * speed)[:, None] * airspeed
        thrust[:, 2] += self.mass_kg * GRAVITY_MPS2
        thrust_n = np.maximum(np.linalg.norm(thrust, axis=1), 1e-6)
        through = np.einsum("ij,ij->i", airspeed, thrust) / thrust_n
        along = np.sqrt(np.maximum(speed**2 - through**2, 0.0))
        induced = self._induced_mps(thrust_n, along, through)
        shaft = thrust_n * (self.induced_factor * induced + through)
        shaft += self._profile_w(thrust_n, along)
        load = np.maximum(shaft, 0.0) / (self._hover_induced_w + self._hover_profile_w)
        motors_w = (self.hover_w - self.avionics_w) * load**self.load_exponent
        electric: FloatArray = self.avionics_w + motors_w
        return electric

    def _induced_mps(
        self, thrust_n: FloatArray, along: FloatArray, through: FloatArray
    ) -> FloatArray:
        """Glauert's induced speed by Newton's method; momentum theory, also in slow descent."""
        hover = np.sqrt(thrust_n / (2.0 * self.air_density_kg_m3 * self.disk_area_m2))
        induced = hover + np.maximum(-through, 0.0)  # from above, where Newton's steps converge
        for _ in range(_NEWTON_STEPS):
            inflow = through + induced
            squared = along**2 + inflow**2
            miss = induced**2 * squared - hover**4
            slope = 2.0 * induced * squared + 2.0 * induced**2 * inflow
            induced -= miss / np.maximum(slope, 1e-9)
        return induced

    def _profile_w(self, thrust_n: FloatArray, along: FloatArray) -> FloatArray:
        load = np.sqrt(thrust_n / self._weight_n)  # rotor speed over that of hover
        growth = _ADVANCE_COST * (along / self.tip_speed_mps) ** 2
        profile: FloatArray = self._hover_profile_w * (load**3 + growth * load)
        return profile

    @property
    def _weight_n(self) -> float:
        return self.mass_kg * GRAVITY_MPS2

    @property
    def _hover_induced_w(self) -> float:
        speed = math.sqrt(self._weight_n / (2.0 * self.air_density_kg_m3 * self.disk_area_m2))
        return self.induced_factor * self._weight_n * speed

    @property
    def _hover_profile_w(self) -> float:
        return self._hover_induced_w * self.profile_share / (1.0 - self.profile_share)
