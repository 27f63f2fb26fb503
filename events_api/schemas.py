"""What goes over the wire: reports in, events, vehicles and problems out."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from events_api.calendars import Unit
from events_api.cases import Status, TransitionName
from events_api.catalogue.grades import Grade
from events_api.catalogue.steps import Step
from events_api.fingerprints import fingerprint_of
from events_api.roles import CODE_FORMS, Level, Role, ScopeKind

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", description="SHA-256 in lower-case hex")]

NO_NUL = r"^[^\x00]*$"
"""PostgreSQL keeps no text with a NUL, and no text of ours has one."""
YEARS = range(1900, 3000)


def _in_utc(time: datetime) -> datetime:
    try:
        utc = time.astimezone(UTC)
    except OverflowError as error:  # the first and the last hours that a calendar has
        raise ValueError("this time is no time in UTC") from error
    # Room on both sides: deadlines are reckoned from a time, and written in other zones.
    if utc.year not in YEARS:
        raise ValueError(f"this time lies outside of the years {YEARS[0]} to {YEARS[-1]}")
    return utc


Utc = Annotated[AwareDatetime, AfterValidator(_in_utc)]
Probability = Annotated[float, Field(ge=0, le=1)]
ErrorRadius = Annotated[float, Field(ge=0, le=100_000, description="metres")]
Word = Annotated[str, Field(max_length=200, pattern=NO_NUL)]
Code = Annotated[str, Field(min_length=1, max_length=40, pattern=NO_NUL)]
Source = Annotated[str, Field(min_length=1, max_length=200, pattern=NO_NUL)]
Reason = Annotated[str, Field(max_length=2000, pattern=NO_NUL)]
Body = Annotated[str, Field(pattern=f"^{CODE_FORMS[ScopeKind.BODY]}$", description="its code")]


class Wire(BaseModel):
    """Base of every message: frozen, nothing unknown, no NaN."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class ReportKind(StrEnum):
    """Who or what made a report."""

    DRONE = "drone"
    CAMERA = "camera"
    OFFICER = "officer"
    CITIZEN = "citizen"
    HOTLINE = "hotline"


class MatterKey(Wire):
    """Which class of event this is: a standard and a code in it."""

    standard_ref: Code
    code: Code


class Position(Wire):
    """A point in WGS-84 degrees."""

    lon_deg: Annotated[float, Field(ge=-180, le=180)]
    lat_deg: Annotated[float, Field(ge=-90, le=90)]


class CellShare(Wire):
    """A cell the event may lie in, and how likely it does."""

    code: Code
    probability: Probability


class Report(Wire):
    """A sighting, a citizen's message or an officer's entry, as sent to the API."""

    report_id: UUID
    kind: ReportKind
    source: Source
    pass_id: Word = ""
    track_id: Annotated[int, Field(ge=-1, lt=2**62)] | None = None
    matter: MatterKey
    class_name: Word = ""
    score: Probability
    observed_at: Utc
    position: Position | None = None
    ce50_m: ErrorRadius | None = None
    ce90_m: ErrorRadius | None = None
    cell_code: Code | None = None
    cells: Annotated[tuple[CellShare, ...], Field(max_length=64)] = ()
    zone_id: Word | None = None
    place: Word | None = None
    why: Reason = ""
    evidence: Annotated[tuple[Sha256, ...], Field(max_length=32)] = ()

    @model_validator(mode="after")
    def _says_where(self) -> Report:
        # An event nobody can go to is of no use, however sure its detection.
        if self.position is None and self.cell_code is None and self.place is None:
            raise ValueError("a report says where: give position, cell_code or place")
        if self.ce50_m is not None and self.ce90_m is not None and self.ce50_m > self.ce90_m:
            raise ValueError("ce50_m must not be larger than ce90_m")
        return self

    def fingerprint(self) -> str:
        """Return a hash of the content, the same for the same report however it was written."""
        # Of the parsed values, so that spaces, field order and time zone do not count.
        return fingerprint_of(self.model_dump_json())


class Receipt(Wire):
    """What became of a report.

    `created` is true for the first report of a new event; `merged_why` says why it is or is not.
    """

    report_id: UUID
    event_id: UUID
    created: bool
    merged_why: str


class State(StrEnum):
    """How a clock stands at a moment."""

    IN_TIME = "in_time"
    WARNING = "warning"
    OVERDUE = "overdue"
    PAUSED = "paused"
    UNLIMITED = "unlimited"


class Deadline(Wire):
    """The clock of the step an event is in, and how it stood at the moment of the answer.

    `due_at` is null where nothing limits the step, and while nobody can say: when the clock is
    paused for as long as nobody says otherwise. `responsible` is the body the event was dispatched
    to, else the one that the catalogue names.
    """

    step: Step
    state: State
    started_at: Utc
    due_at: Utc | None
    warn_at: Utc | None
    paused_at: Utc | None
    paused_until: Utc | None
    responsible: str | None


class AllottedTime(Wire):
    """So much of a unit."""

    amount: float
    unit: Unit


class ClockRecord(Wire):
    """One run of a step's clock; `ran_s` is how long it ran by the wall clock, once it ended.

    `overran` is true of one that ended late, or was late before it was extended or graded.
    """

    step: Step
    limit: AllottedTime | None
    started_at: Utc
    ended_at: Utc | None
    due_at: Utc | None
    warn_at: Utc | None
    paused_at: Utc | None
    paused_until: Utc | None
    ran_s: float | None
    overran: bool


class EventSummary(Wire):
    """One event as lists and the live stream show it.

    `version` counts the transitions of its case and is its `ETag`; `level` says who answers for it
    since its last escalation; `grade`, how grave it was found; `duplicate_of`, what it repeats;
    `deadline` is null once no step is left. `snapshot_url` opens the snapshot for some minutes
    without a token; it is null in the live stream, which is kept for longer.
    """

    event_id: UUID
    number: int
    version: int
    matter: MatterKey
    class_name: str
    status: Status
    status_since: Utc
    level: Level
    grade: Grade | None = None
    body: str | None
    duplicate_of: UUID | None
    extended_until: Utc | None
    suspended_until: Utc | None
    score: Probability
    position: Position | None
    ce50_m: float | None
    ce90_m: float | None
    cell_code: str | None
    zone_id: str | None
    place: str | None
    why: str
    source: str
    snapshot: str | None
    snapshot_url: str | None = None
    observation_count: int
    first_observed_at: Utc
    last_observed_at: Utc
    deadline: Deadline | None


class Observation(Wire):
    """A report as attached to its event."""

    report: Report
    received_at: Utc
    merged_why: str


class EvidenceInfo(Wire):
    """A stored picture or clip; one that is sealed is opened by named roles only."""

    sha256: str
    media_type: str
    size_bytes: int
    sealed: bool = False


class EvidenceShown(EvidenceInfo):
    """A picture or clip of an event; `url` opens it for some minutes, and is null if sealed."""

    url: str | None


class EventPage(Wire):
    """A page of events, newest first; `next_cursor` is null on the last one."""

    events: tuple[EventSummary, ...]
    next_cursor: str | None


class TransitionRequest(Wire):
    """A wish to move an event: what, why, and what the transition needs beside.

    `body` is needed to dispatch, `until` to extend or suspend, `level` to escalate, `grade` to
    grade, `matter` to classify, `duplicate_of` to link a duplicate; others take none of them.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"name": "dispatch", "body": "sanitation"},
                {"name": "reject", "reason": "A delivery van, unloading for five minutes."},
            ]
        }
    )

    name: TransitionName
    reason: Reason = ""
    body: Body | None = None
    until: Utc | None = None
    level: Level | None = None
    duplicate_of: UUID | None = None
    grade: Grade | None = None
    matter: MatterKey | None = None


class Verification(Wire):
    """What a second look at the place found."""

    gone: bool
    source: Source
    observed_at: Utc
    evidence: Annotated[tuple[Sha256, ...], Field(max_length=32)] = ()


class VerificationReport(Verification):
    """A second look, as a drone or a person sends it; its id lets it count once."""

    verification_id: UUID
    note: Annotated[str, Field(max_length=1000, pattern=NO_NUL)] = ""


class Transition(Wire):
    """One step in the life of an event; `version` is the event's after it."""

    version: int
    name: TransitionName
    from_status: Status
    to_status: Status
    actor: str
    role: Role
    reason: str
    at: Utc
    body: str | None = None
    until: Utc | None = None
    level: Level | None = None
    duplicate_of: UUID | None = None
    grade: Grade | None = None
    matter: MatterKey | None = None
    verification: Verification | None = None


class VehiclePosition(Wire):
    """Where an aircraft is now."""

    position: Position
    alt_amsl_m: Annotated[float, Field(ge=-500, le=20_000)] | None = None
    height_home_m: Annotated[float, Field(ge=-1_000, le=20_000)] | None = None
    heading_deg: Annotated[float, Field(ge=0, le=360)] | None = None
    speed_mps: Annotated[float, Field(ge=0, le=500)] | None = None
    battery_percent: Annotated[float, Field(ge=0, le=100)] | None = None
    mode: Word = ""
    observed_at: Utc


class VehicleNow(VehiclePosition):
    """The latest position of a named aircraft."""

    name: str


class Health(Wire):
    """The API's answer to whether it lives."""

    status: str
    time: datetime
