"""Reports reach the event API by themselves, and wait on disk when they cannot."""

import json
import threading
import uuid
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from events_api.client import EventApiClient
from events_api.errors import ApiDownError, WrongTokenError
from events_api.outbox import Blob, Outbox
from events_api.roles import Role
from events_api.schemas import MatterKey, Position, Report, ReportKind
from patrol.courier import Courier
from tests.patrol.conftest import LiveApi

PATIENCE_S = 20.0
LOOKS = 10
"""So many looks at its clock are more than a courier takes to look at its outbox once."""

PICTURE = Blob(b"\xff\xd8\xff\xe0 a picture \xff\xd9", "image/jpeg")


class SlowLink(httpx.BaseTransport):
    """A way to an event API that takes everything, but answers when it is let.

    Attributes:
        asked: set when something is on its way.
        open: until it is set, nothing is answered.
        answered: what was answered, by its paths.
    """

    def __init__(self) -> None:
        self.asked, self.open = threading.Event(), threading.Event()
        self.answered: list[str] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Take a request, and answer it in time."""
        body = request.read()
        self.asked.set()
        assert self.open.wait(PATIENCE_S)
        self.answered.append(request.url.path)
        if request.method == "PUT":
            return httpx.Response(200, json={})
        told = json.loads(body)
        reports = told.get("reports", [told])
        receipts = [
            {
                "report_id": each["report_id"],
                "event_id": str(uuid.UUID(int=1)),
                "created": True,
                "merged_why": "New",
            }
            for each in reports
        ]
        results = [{"status": 201, "receipt": receipt} for receipt in receipts]
        return httpx.Response(201, json={"results": results} if "reports" in told else receipts[0])


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


def picture(number: int) -> Blob:
    """Return a picture like no other."""
    return Blob(PICTURE.data + bytes([number]), "image/jpeg")


def put_five(courier: Courier) -> None:
    """Put reports that have a picture each."""
    for number in range(5):
        blob = picture(number)
        courier.put(report().model_copy(update={"evidence": (blob.sha256,)}), [blob])


def test_whoever_leaves_waits_only_for_what_is_on_its_way(tmp_path: Path) -> None:
    """He is told so; of a full outbox nothing more is begun, and nothing is lost."""
    link, told = SlowLink(), []

    def tell(waiting: int, is_ending: bool) -> None:
        told.append((waiting, is_ending))
        if is_ending:
            link.open.set()

    with (
        Outbox(tmp_path / "outbox") as outbox,
        EventApiClient("http://api", "t", transport=link) as client,
        Courier(outbox, client) as courier,
    ):
        put_five(courier)
        assert link.asked.wait(PATIENCE_S)
        waiting = courier.finish(PATIENCE_S, tell, leaving=True)
        assert told[-1] == (5, True)
        assert waiting == outbox.pending() == 5
        assert 0 < len(link.answered) <= 2  # as many as go at once


def test_whoever_interrupts_leaves_at_once(tmp_path: Path) -> None:
    """Though something is on its way; the reports are in the outbox when it is opened again."""
    link = SlowLink()
    with (  # noqa: PT012 - the interruption comes from within
        pytest.raises(KeyboardInterrupt),
        Outbox(tmp_path / "outbox") as outbox,
        EventApiClient("http://api", "t", transport=link) as client,
        Courier(outbox, client) as courier,
    ):
        put_five(courier)
        assert link.asked.wait(PATIENCE_S)
        raise KeyboardInterrupt
    assert link.answered == []
    link.open.set()
    with Outbox(tmp_path / "outbox") as outbox:
        assert outbox.pending() == 5


def test_what_was_found_last_is_sent_to_an_api_that_answers(
    tmp_path: Path, live_api: LiveApi
) -> None:
    """Whoever leaves does not leave it behind for want of a moment."""
    with (
        Outbox(tmp_path / "outbox") as outbox,
        EventApiClient(live_api.url, live_api.tokens[Role.MACHINE]) as client,
        Courier(outbox, client, clock_s=lambda: 0.0) as courier,
    ):
        courier.put(report(), [PICTURE])
        assert courier.finish(PATIENCE_S, leaving=True) == 0


def test_patience_is_with_an_api_that_does_not_answer(tmp_path: Path) -> None:
    """One that is slow is waited for longer: each report that arrives begins it anew."""
    looked = threading.Semaphore(0)
    now = {"s": 0.0}

    def clock_s() -> float:
        looked.release()
        return now["s"]

    class Slow(SlowLink):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            for _ in range(LOOKS):
                assert looked.acquire(timeout=PATIENCE_S)  # what arrived before was noticed
            now["s"] += 0.9
            return super().handle_request(request)

    link = Slow()
    link.open.set()
    with (
        Outbox(tmp_path / "outbox") as outbox,
        EventApiClient("http://api", "t", transport=link) as client,
        Courier(outbox, client, clock_s) as courier,
    ):
        for _ in range(3):
            courier.put(report().model_copy(update={"evidence": ()}), [])
        assert courier.finish(1.0) == 0
    assert now["s"] > 2.0
