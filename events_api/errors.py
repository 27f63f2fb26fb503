"""What can go wrong in the event API, on both sides of the wire.

ApiError
 ├── CatalogueError            the list of matters cannot be read
 ├── AuditError                the audit was tampered with
 ├── OutboxError               the outbox on disk cannot be opened
 ├── AddressError              an address in the settings cannot be used
 ├── BackupError               a backup cannot be made, or cannot be restored
 ├── EvidenceStoreError        evidence cannot be stored or read: the disk or the store is away
 │    ├── EvidenceLostError    one picture or clip is missing there, or cannot be read
 │    └── EvidenceAlteredError one picture or clip no longer has the bytes that its hash names
 ├── ProblemError              the server's answer to one request, as RFC 9457 problem+json
 │    ├── BadRequestError          400
 │    ├── UnauthenticatedError     401
 │    ├── ForbiddenError           403
 │    ├── NotFoundError            404
 │    ├── ConflictError            409
 │    │    └── TransitionError     the table of cases has no such way from this state
 │    ├── GoneError                410
 │    ├── PreconditionFailedError  412
 │    ├── TooLargeError            413
 │    ├── UnsupportedMediaError    415
 │    ├── NoSuchPartError          416
 │    ├── UnprocessableError       422
 │    ├── PreconditionNeededError  428
 │    ├── TooManyError             429
 │    └── UnavailableError         503
 └── ClientError               what the client met
      ├── ApiDownError             nobody answers, or the API cannot serve just now: try again
      ├── WrongTokenError          401 or 403: a person must give another token
      └── RefusedError             the API understood and said no: trying again changes nothing
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar


class ApiError(Exception):
    """Root of everything the event API part raises on purpose."""


class CatalogueError(ApiError):
    """The catalogue of matters cannot be read or contradicts itself."""


class AuditError(ApiError):
    """The audit is not as it was written."""


class OutboxError(ApiError):
    """The outbox on disk cannot be opened or written."""


class AddressError(ApiError):
    """An address in the settings cannot be used; its text holds no password."""


class BackupError(ApiError):
    """A backup cannot be made, or is not one that can be restored here."""


class EvidenceStoreError(ApiError):
    """Where evidence lies cannot be read or written."""


class EvidenceLostError(EvidenceStoreError):
    """One picture or clip is missing where evidence lies, or cannot be read."""


class EvidenceAlteredError(EvidenceStoreError):
    """One picture or clip no longer has the bytes that its hash names: it proves nothing."""


class ProblemError(ApiError):
    """A request that cannot be served; its text is the problem's `detail`.

    Attributes:
        members: Further members of the problem, for programs.
        headers: Headers that its answer carries.
    """

    status: ClassVar[int] = 500
    title: ClassVar[str] = "Internal error"

    def __init__(
        self,
        detail: str,
        members: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.members = dict(members or {})
        self.headers = dict(headers or {})


class BadRequestError(ProblemError):
    """The request cannot be read."""

    status = 400
    title = "Bad request"


class UnauthenticatedError(ProblemError):
    """No token, or one that is not known here."""

    status = 401
    title = "Token needed"


class ForbiddenError(ProblemError):
    """The token's role may not do this."""

    status = 403
    title = "Not allowed"


class NotFoundError(ProblemError):
    """There is no such thing here."""

    status = 404
    title = "Not found"


class ConflictError(ProblemError):
    """What is asked contradicts what is stored."""

    status = 409
    title = "Conflict"


class TransitionError(ConflictError):
    """An event cannot be moved so from the state it is in."""

    title = "Not from this state"


class GoneError(ProblemError):
    """The thing was here, and was removed for good."""

    status = 410
    title = "Removed"


class PreconditionFailedError(ProblemError):
    """The thing has changed since the asker saw it."""

    status = 412
    title = "Changed meanwhile"


class TooLargeError(ProblemError):
    """The body is larger than this API takes."""

    status = 413
    title = "Too large"


class UnsupportedMediaError(ProblemError):
    """The body is of a kind this API does not take."""

    status = 415
    title = "Unsupported media type"


class NoSuchPartError(ProblemError):
    """A part of a file is asked for that it does not have."""

    status = 416
    title = "No such part"


class UnprocessableError(ProblemError):
    """The request can be read but makes no sense here."""

    status = 422
    title = "Cannot be accepted"


class PreconditionNeededError(ProblemError):
    """The request does not say which version of the thing it means."""

    status = 428
    title = "Version needed"


class TooManyError(ProblemError):
    """Somebody asks too often."""

    status = 429
    title = "Too many requests"


class UnavailableError(ProblemError):
    """Something that the API needs is away just now."""

    status = 503
    title = "Cannot serve now"


class ClientError(ApiError):
    """What the client met when it spoke to the event API."""


class ApiDownError(ClientError):
    """Nobody answers at the address, or the API cannot serve just now."""


class WrongTokenError(ClientError):
    """The API does not accept the token, or not for this."""


class RefusedError(ClientError):
    """The API refused the request for good.

    Attributes:
        status: HTTP status of the answer.
        detail: The API's own sentence.
    """

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(f"The event API refused the request ({status}): {detail}")
        self.status = status
        self.detail = detail
