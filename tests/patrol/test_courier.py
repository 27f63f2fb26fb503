"""Reports reach the event API by themselves, and wait on disk when they cannot."""

import uuid
from datetime import UTC, datetime
from pathlib import Path

from events_api.client import EventApiClient
from events_api.errors import ApiDownError, WrongTokenError
from events_api.outbox import Blob, Outbox
from events_api.roles import Role
from events_api.schemas import MatterKey, Position, Report, ReportKind
from patrol.courier import Courier
from tests.patrol.conftest import LiveApi

PATIENCE_S = 20.0
PICTURE = Blob(b"\xff\xd8\xff\xe0 a picture \xff\xd9", "image/jpeg")


def report(name: str = "uav-1", code: str = "06010") -> Report:
    """Return a report of litter with one picture."""
    return Report(
        report_id=uuid.uuid4(),
        kind=ReportKind.DRONE,
        source=name,
        matter=MatterKey(standard_ref="GB/T 47678.5-2026", code=code),
        class_name="garbage",
        score=0.8,
        observed_at=datetime(2026, 11, 21, 8, tzinfo=UTC),
        position=Position(lon_deg=115.62, lat_deg=33.16),
        ce50_m=1.0,
        ce90_m=2.0,
        evidence=(PICTURE.sha256,),
    )


def test_a_report_is_delivered_with_its_evidence(tmp_path: Path, live_api: LiveApi) -> None:
    """What was put is an event at the API soon after, and its picture can be fetched."""
    with (
        Outbox(tmp_path / "outbox") as outbox,
        EventApiClient(live_api.url, live_api.tokens[Role.MACHINE]) as client,
        Courier(outbox, client) as courier,
    ):
        courier.put(report(), [PICTURE])
        assert courier.finish(PATIENCE_S) == 0
        assert courier.delivered == 1
    with EventApiClient(live_api.url, live_api.tokens[Role.ACCEPTOR]) as reader:
        (event,) = reader.events()
        assert event.snapshot is not None
        assert reader.evidence(PICTURE.sha256) == PICTURE.data


def test_reports_wait_while_nobody_answers_and_go_out_later(
    tmp_path: Path, live_api: LiveApi
) -> None:
    """An API that is down loses nothing: the next courier delivers what the first could not."""
    with (
        Outbox(tmp_path / "outbox") as outbox,
        EventApiClient("http://127.0.0.1:9", "any") as nobody,
        Courier(outbox, nobody) as courier,
    ):
        courier.put(report(), [PICTURE])
        assert courier.finish(0.5) == 1
        assert isinstance(courier.stopped, ApiDownError)
    with (
        Outbox(tmp_path / "outbox") as outbox,
        EventApiClient(live_api.url, live_api.tokens[Role.MACHINE]) as client,
        Courier(outbox, client) as courier,
    ):
        assert courier.finish(PATIENCE_S) == 0


def test_a_wrong_token_keeps_the_reports_and_is_told(tmp_path: Path, live_api: LiveApi) -> None:
    """A person can mend the token; until then everything stays on disk."""
    with (
        Outbox(tmp_path / "outbox") as outbox,
        EventApiClient(live_api.url, "wrong") as client,
        Courier(outbox, client) as courier,
    ):
        courier.put(report(), [PICTURE])
        assert courier.finish(1.0) == 1
        assert isinstance(courier.stopped, WrongTokenError)


def test_a_refused_report_does_not_hold_up_the_next(tmp_path: Path, live_api: LiveApi) -> None:
    """A matter that the API does not know is set aside with the reason."""
    with (
        Outbox(tmp_path / "outbox") as outbox,
        EventApiClient(live_api.url, live_api.tokens[Role.MACHINE]) as client,
        Courier(outbox, client) as courier,
    ):
        courier.put(report(code="99999"), [PICTURE])
        courier.put(report(), [PICTURE])
        assert courier.finish(PATIENCE_S) == 0
        assert (courier.delivered, courier.refused) == (1, 1)
        assert "99999" in outbox.dead_letters()[0].reason
