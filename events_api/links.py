"""Links to evidence that hold for minutes without a token: signed, for one person and one picture.

A link stands for whoever was given it. What it opens is judged when it is opened, by what that
person may do then, so that it gives nothing that they have not, and dies with their token.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from events_api.errors import ForbiddenError

LINK_LASTS = timedelta(minutes=5)
SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class Signature:
    """What a link carries beside the picture's hash.

    Attributes:
        holder: The name of the user or token that it was given to.
        expires: Until when it holds, in whole seconds since 1970 (UTC).
        code: HMAC-SHA-256 over the picture's hash, the holder and the end, in base64url.
    """

    holder: str
    expires: int
    code: str


class EvidenceLinks:
    """Makes links and checks them.

    Args:
        secret: Known to every process of one API, and to nobody else.
    """

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def url(self, sha256: str, holder: str, now: datetime) -> str:
        """Return the path and query by which `holder` may open a picture or clip for a while."""
        expires = int((now + LINK_LASTS).timestamp())
        code = self._code(sha256, holder, expires)
        query = urlencode({"holder": holder, "expires": expires, "signature": code})
        return f"/evidence/{sha256}?{query}"

    def check(self, sha256: str, signature: Signature, now: datetime) -> None:
        """Make sure that a link was made here for this picture, and is not over.

        Raises:
            ForbiddenError: It was not, or is.
        """
        expected = self._code(sha256, signature.holder, signature.expires)
        if not hmac.compare_digest(expected.encode(), signature.code.encode()):
            raise ForbiddenError(
                "This link was not made here, or not for this picture; read the event again for "
                "another."
            )
        if now.timestamp() >= signature.expires:
            over = datetime.fromtimestamp(signature.expires, UTC).isoformat()
            raise ForbiddenError(f"This link is over since {over}; read the event for another.")

    def _code(self, sha256: str, holder: str, expires: int) -> str:
        # The holder last: it is the only part whose length is not known.
        text = f"evidence\n{sha256}\n{expires}\n{holder}"
        code = hmac.digest(self._secret, text.encode(), hashlib.sha256)
        return base64.urlsafe_b64encode(code).decode().rstrip("=")
