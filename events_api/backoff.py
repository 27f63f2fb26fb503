"""How long to wait before trying again."""

from __future__ import annotations

import random
from dataclasses import dataclass


@dataclass(frozen=True)
class Backoff:
    """Waits that double from `first_s` to `longest_s`.

    Each is shortened by up to half by chance, so that many aircraft do not all come back at once.
    """

    first_s: float = 0.5
    longest_s: float = 60.0

    def wait_s(self, failures: int, chance: random.Random) -> float:
        """Return how long to wait after this many failures in a row; nothing after none."""
        if failures == 0:
            return 0.0
        doublings = min(failures - 1, 30)
        return min(self.longest_s, self.first_s * 2.0**doublings) * chance.uniform(0.5, 1.0)
