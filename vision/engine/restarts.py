"""When what died is started again: at once, then after longer and longer waits. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True)
class RestartPolicy:
    """How patient to be with what dies.

    Attributes:
        first_wait_s: before the second restart in a row; the first is at once.
        growth: of the wait from restart to restart.
        longest_wait_s: the wait never grows beyond it.
        healthy_s: who lived so long has recovered: its next death counts as a first one.
    """

    first_wait_s: float = 0.5
    growth: float = 2.0
    longest_wait_s: float = 30.0
    healthy_s: float = 60.0


class Restarts:
    """The deaths of one process, and when it may live again."""

    def __init__(self, policy: RestartPolicy | None = None) -> None:
        self._policy = policy or RestartPolicy()
        self._in_a_row = 0
        self._began_s: float | None = None
        self.count = 0

    @property
    def in_a_row(self) -> int:
        """Deaths since it last lived long enough."""
        return self._in_a_row

    def began(self, now_s: float) -> None:
        """It was started."""
        self._began_s = now_s

    def died(self, now_s: float) -> float:
        """It died, or could not be started: return when it is to be started again."""
        policy = self._policy
        if self._began_s is not None and now_s - self._began_s >= policy.healthy_s:
            self._in_a_row = 0
        self._began_s = None
        self._in_a_row += 1
        self.count += 1
        if self._in_a_row == 1:
            return now_s
        wait_s = policy.first_wait_s * policy.growth ** (self._in_a_row - 2)
        return now_s + min(wait_s, policy.longest_wait_s)
