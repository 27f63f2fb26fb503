"""Who has lately sent reports, so that not every report is asked for its sender by itself.

Nobody is let through by this alone: what a transaction takes in, it takes from senders whose tokens
it has looked up itself (`Sender.sha256`). It keeps strangers out of the transactions.
"""

from __future__ import annotations

from dataclasses import dataclass

from events_api.errors import UnauthenticatedError
from events_api.roles import Principal

MOST_KEPT = 10_000


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends a report.

    Attributes:
        by: Who it is, as far as is known.
        sha256: The hash of the token that this is still to be asked of; none where it was asked
            for this report.
    """

    by: Principal
    sha256: str | None = None


class ChangedSenderError(UnauthenticatedError):
    """A token stands for somebody else than it did, or for nobody: that must be asked anew."""

    def __init__(self) -> None:
        super().__init__("This token does not stand for whom it did; send the report again.")


class Senders:
    """Those who were lately let through; used on one event loop."""

    def __init__(self) -> None:
        self._known: dict[str, Sender] = {}

    def note(self, sha256: str, by: Principal) -> None:
        """Remember who was let through with a token of this hash."""
        if sha256 not in self._known and len(self._known) >= MOST_KEPT:
            del self._known[next(iter(self._known))]
        self._known[sha256] = Sender(by, sha256)

    def known(self, sha256: str) -> Sender | None:
        """Return who was let through with a token of this hash; none where nobody was."""
        return self._known.get(sha256)

    def forget(self, sha256: str) -> None:
        """Let the holder of a token be asked for anew."""
        self._known.pop(sha256, None)
