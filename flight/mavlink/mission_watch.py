"""Noticing that the mission on board is no longer the one that was brought there, without I/O.

Nothing keeps a second ground station from uploading. PX4 names its mission by an id, ArduPilot only
tells how long it is, and that a mission under way was changed.
"""

_RESTARTED = "Auto mission changed"


class MissionWatch:
    """What the autopilot should tell of the mission on board, and what it tells."""

    def __init__(self) -> None:
        self._count: int | None = None
        self._id = 0
        self._settled = False
        self._changed = ""

    @property
    def proves(self) -> bool:
        """Whether what is told proves that the mission is still ours, without reading it."""
        return self._settled and self._id != 0 and not self._changed

    def forget(self) -> None:
        """Expect nothing any more, as while a mission is uploaded."""
        self._count, self._id, self._settled, self._changed = None, 0, False, ""

    def expect(self, count: int) -> None:
        """Expect the mission that is on board now.

        Args:
            count: How many items it has, without the vehicle's own.
        """
        self.forget()
        self._count = count

    def look(self, count: int, mission_id: int) -> str:
        """Take what the autopilot tells; return what was changed, in words, empty if nothing.

        What it told when the mission came on board may be late, so only what was right once can
        become wrong.

        Args:
            count: Items on board, without the vehicle's own; 0 if it has none or does not tell.
            mission_id: What it calls its mission; 0 if it does not.
        """
        if self._count is None or self._changed:
            return self._changed
        if not self._settled:
            self._settled = count == self._count or (count == 0 and mission_id != 0)
            self._id = mission_id if self._settled else 0
        elif self._id and mission_id != self._id:
            self._changed = f"it has {count} items now, and {self._count} were uploaded"
            if count == self._count:
                self._changed = f"it has other items now, {count} as before"
        elif not self._id and count != self._count:
            self._changed = f"it has {count} items now instead of {self._count}"
        return self._changed

    def said(self, text: str) -> str:
        """Take a status text; return what was changed, in words, empty if nothing."""
        if self._count is not None and not self._changed and text.startswith(_RESTARTED):
            self._changed = f'the autopilot said: "{text}"'
        return self._changed
