"""What a jump of the satellite receivers does to an estimator that does not believe everything."""

import math

#: EK3_GLITCH_RAD: within this an estimator follows its receivers, beyond it rejects them.
_BELIEVED_M = 25.0
#: Rejected for longer, a new place becomes the place, at once.
_PATIENCE_S = 8.0
_SMOOTH_S = 4.0
_SETTLED_M = 0.01

Offset = tuple[float, float]


class Glitch:
    """How far off the receivers are, and how far of that is believed; north and east, metres.

    A small jump is followed smoothly. A large one is rejected; when it lasts, the estimate is set
    to it, and the position that telemetry tells jumps.
    """

    def __init__(self) -> None:
        self.receivers_m: Offset = (0.0, 0.0)
        self.believed_m: Offset = (0.0, 0.0)
        self.rate_mps: Offset = (0.0, 0.0)
        self._rejecting_s = 0.0

    @property
    def rejecting(self) -> bool:
        """Whether the receivers are not believed."""
        return self._rejecting_s > 0.0

    def step(self, dt_s: float) -> None:
        """Follow the receivers, or reject them."""
        if self.believed_m == self.receivers_m:
            self.rate_mps, self._rejecting_s = (0.0, 0.0), 0.0
            return
        north_m = self.receivers_m[0] - self.believed_m[0]
        east_m = self.receivers_m[1] - self.believed_m[1]
        away_m = math.hypot(north_m, east_m)
        if away_m > _BELIEVED_M:
            self.rate_mps = (0.0, 0.0)
            self._rejecting_s += dt_s
            if self._rejecting_s >= _PATIENCE_S:
                self.believed_m = self.receivers_m
        elif away_m < _SETTLED_M:
            self.believed_m = self.receivers_m
        else:
            self._rejecting_s = 0.0
            self.rate_mps = (north_m / _SMOOTH_S, east_m / _SMOOTH_S)
            self.believed_m = (
                self.believed_m[0] + self.rate_mps[0] * dt_s,
                self.believed_m[1] + self.rate_mps[1] * dt_s,
            )
