"""The durable outbox: nothing lost, nothing twice, nothing stuck."""

from __future__ import annotations

import random
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from uuid import UUID

import pytest

from events_api.backoff import Backoff
from events_api.client import EventApiClient
from events_api.errors import ApiDownError, OutboxError, RefusedError, WrongTokenError
from events_api.outbox import FILE_NAME, Blob, Outbox
from events_api.outbox_file import OutboxFile
from events_api.report_schemas import BatchOutcome
from events_api.roles import Role
from events_api.schemas import Receipt, Report
from tests.events_api.conftest import RunningApi
from tests.events_api.crashing_outbox import REPORTS, picture
from tests.events_api.factories import JPEG, PNG, away, make_report, report_id

PICTURE = Blob(JPEG, "image/jpeg")
OTHER_PICTURE = Blob(PNG, "image/png")


class FakeApi:
    """Remembers what it is sent; fails as told, before or after it remembered."""

    def __init__(self) -> None:
        self.log: list[str] = []
        self.fail: dict[str, Exception] = {}
        self.fail_after: dict[str, Exception] = {}

    def put_evidence(self, data: bytes, media_type: str) -> str:
        """Take a blob."""
        sha256 = Blob(data, media_type).sha256
        self._note(sha256)
        return sha256

    def submit_report(self, report: Report) -> Receipt:
        """Take a report."""
        self._note(str(report.report_id))
        return Receipt(
            report_id=report.report_id, event_id=UUID(int=1), created=True, merged_why="New"
        )

    def _note(self, name: str) -> None:
        if name in self.fail:
            raise self.fail[name]
        self.log.append(name)
        if name in self.fail_after:
            raise self.fail_after[name]


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    """An empty outbox whose clock stands still."""
    with Outbox(tmp_path, clock_s=lambda: 0.0, chance=random.Random(1)) as box:
        yield box


def put(outbox: Outbox, number: int, *blobs: Blob) -> str:
    """Put the n-th report with these pictures and return its id."""
    outbox.put(make_report(number, evidence=[blob.sha256 for blob in blobs]), blobs)
    return str(report_id(number))


def test_evidence_goes_before_its_report_and_reports_in_order(outbox: Outbox) -> None:
    """The API can check that what a report cites is there."""
    first = put(outbox, 1, PICTURE, OTHER_PICTURE)
    second = put(outbox, 2)
    api = FakeApi()
    delivery = outbox.deliver(api)
    assert {PICTURE.sha256, OTHER_PICTURE.sha256} == set(api.log[:2])
    assert [first, second] == api.log[2:]
    assert (delivery.waiting, outbox.delivered()) == (0, 2)
    assert [first, second] == [str(receipt.report_id) for receipt in delivery.receipts]


def test_an_empty_outbox_sends_nothing(outbox: Outbox) -> None:
    """Delivering nothing is no error."""
    delivery = outbox.deliver(FakeApi())
    assert (
        delivery.receipts,
        delivery.refused,
        delivery.waiting,
        delivery.stopped,
        delivery.retry_in_s,
    ) == ((), (), 0, None, 0.0)


def test_a_report_put_twice_is_kept_once(outbox: Outbox) -> None:
    """The same sighting may be handed over again, waiting or delivered."""
    put(outbox, 1, PICTURE)
    put(outbox, 1, PICTURE)
    assert outbox.pending() == 1
    outbox.deliver(FakeApi())
    put(outbox, 1, PICTURE)
    assert outbox.pending() == 0


def test_a_report_must_come_with_what_it_cites(outbox: Outbox) -> None:
    """A report whose picture is missing is a mistake of the caller, and is not kept."""
    with pytest.raises(ValueError, match="exactly the evidence"):
        outbox.put(make_report(evidence=[PICTURE.sha256]))
    assert outbox.pending() == 0


@pytest.mark.parametrize("error", [ApiDownError("down"), WrongTokenError("token")])
def test_what_cannot_be_sent_now_waits(outbox: Outbox, error: Exception) -> None:
    """A stopped API or a wrong token loses nothing and changes no order."""
    first, second = put(outbox, 1), put(outbox, 2)
    api = FakeApi()
    api.fail[first] = error
    delivery = outbox.deliver(api)
    assert (2, error, []) == (delivery.waiting, delivery.stopped, api.log)
    api.fail.clear()
    outbox.deliver(api, at_once=True)
    assert [first, second] == api.log


def test_an_answer_lost_on_the_way_sends_the_report_again(outbox: Outbox) -> None:
    """The outbox cannot know that it arrived; the API takes it as once."""
    first = put(outbox, 1, PICTURE)
    api = FakeApi()
    api.fail_after[first] = ApiDownError("the answer was lost")
    outbox.deliver(api)
    api.fail_after.clear()
    outbox.deliver(api, at_once=True)
    assert [PICTURE.sha256, first] * 2 == api.log
    assert (outbox.pending(), outbox.delivered()) == (0, 1)


def test_a_refused_report_does_not_hold_up_the_others(outbox: Outbox) -> None:
    """It is put aside with the reason, and the next one goes."""
    first, second = put(outbox, 1), put(outbox, 2)
    api = FakeApi()
    api.fail[first] = RefusedError(422, "no such matter")
    delivery = outbox.deliver(api)
    (dead,) = outbox.dead_letters()
    assert ([second], first) == (api.log, str(dead.report.report_id))
    assert "no such matter" in dead.reason
    assert (dead,) == delivery.refused
    assert (outbox.pending(), outbox.delivered()) == (0, 1)


def test_refused_evidence_puts_its_report_aside(outbox: Outbox) -> None:
    """A report is not sent without the picture it cites."""
    put(outbox, 1, PICTURE)
    api = FakeApi()
    api.fail[PICTURE.sha256] = RefusedError(413, "too large")
    outbox.deliver(api)
    assert (api.log, len(outbox.dead_letters())) == ([], 1)


def test_a_dead_letter_can_be_revived_with_its_evidence(outbox: Outbox) -> None:
    """Once the reason is gone, a person lets the report wait again."""
    first = put(outbox, 1, PICTURE)
    api = FakeApi()
    api.fail[first] = RefusedError(422, "no such matter")
    outbox.deliver(api)
    api.fail.clear()
    assert outbox.revive() == 1
    outbox.deliver(api)
    assert [PICTURE.sha256, PICTURE.sha256, first] == api.log
    assert outbox.dead_letters() == ()


def test_evidence_cited_twice_outlives_the_first_report(outbox: Outbox) -> None:
    """Two reports may cite one picture."""
    put(outbox, 1, PICTURE)
    second = put(outbox, 2, PICTURE)
    api = FakeApi()
    api.fail[second] = ApiDownError("down")
    outbox.deliver(api)
    api.fail.clear()
    outbox.deliver(api, at_once=True)
    assert second == api.log[-1]


def test_delivered_evidence_leaves_the_disk(tmp_path: Path) -> None:
    """The outbox of an aircraft must not fill its disk with what is delivered."""
    with Outbox(tmp_path) as outbox:
        outbox.put(
            make_report(1, evidence=[PICTURE.sha256]),
            [PICTURE],
        )
        outbox.deliver(FakeApi())
    kept = OutboxFile(tmp_path / FILE_NAME)
    assert kept.count("blobs") == 0
    kept.close()


def test_waiting_reports_survive_a_restart(tmp_path: Path) -> None:
    """What was put is on disk."""
    with Outbox(tmp_path) as outbox:
        put(outbox, 1, PICTURE)
    with Outbox(tmp_path) as outbox:
        outbox.deliver(api := FakeApi())
    assert [PICTURE.sha256, str(report_id(1))] == api.log


def test_after_a_failure_the_api_is_left_alone_for_a_while(tmp_path: Path) -> None:
    """The waits double, up to a longest one, and end with the first success."""
    now_s = [0.0]
    backoff = Backoff(first_s=1.0, longest_s=3.0)
    with Outbox(tmp_path, clock_s=lambda: now_s[0], backoff=backoff) as outbox:
        first = put(outbox, 1)
        api = FakeApi()
        api.fail[first] = ApiDownError("down")
        waits_s = []
        for _ in range(4):
            waits_s.append(outbox.deliver(api).retry_in_s)
            assert outbox.deliver(api).stopped is None, "it was tried during the wait"
            now_s[0] += waits_s[-1]
        for wait_s, longest_s in zip(waits_s, (1.0, 2.0, 3.0, 3.0), strict=True):
            assert longest_s / 2 <= wait_s <= longest_s
        api.fail.clear()
        assert len(outbox.deliver(api).receipts) == 1
        assert outbox.retry_in_s() == 0.0


def test_a_folder_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    """A file in the folder's place gives a sentence with the path."""
    (tmp_path / "outbox").write_text("in the way")
    with pytest.raises(OutboxError, match=str(tmp_path / "outbox")):
        Outbox(tmp_path / "outbox")


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    """A file that is no database gives a sentence and is left as it is."""
    (tmp_path / "outbox.sqlite").write_bytes(b"not a database" * 100)
    with pytest.raises(OutboxError, match="not a database"):
        Outbox(tmp_path)


class ApiBesideAnotherProcess(FakeApi):
    """An API that, at the first evidence, is given everything by a second process first."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder
        self.other_api = FakeApi()

    def put_evidence(self, data: bytes, media_type: str) -> str:
        """Take evidence after the other process has emptied the outbox."""
        with Outbox(self._folder) as other:
            other.deliver(self.other_api, at_once=True)
        return super().put_evidence(data, media_type)


def test_many_reports_go_by_one_request_and_few_by_their_own(
    api: RunningApi, tmp_path: Path
) -> None:
    """In their order, with the refused one aside; a single one goes by its own."""
    asked: list[int] = []

    class Client(EventApiClient):
        def submit_report(self, report: Report) -> Receipt:
            asked.append(1)
            return super().submit_report(report)

        def submit_written(self, reports: Sequence[str]) -> tuple[BatchOutcome, ...]:
            asked.append(len(reports))
            return super().submit_written(reports)

    unknown = {"standard_ref": "GB/T 47678.5-2026", "code": "99999"}
    with Outbox(tmp_path) as outbox, Client(api.url, api.tokens[Role.MACHINE]) as client:
        for number in range(10):
            evidence = [PICTURE] if number == 4 else []
            changes = {"matter": unknown} if number == 7 else {}
            place = away(50.0 * number)
            cited = [each.sha256 for each in evidence]
            outbox.put(make_report(number, position=place, evidence=cited, **changes), evidence)
        settled: list[int] = []
        delivery = outbox.deliver(client, on_settled=settled.append)
        # Refused or not: whoever waits sees how far it is.
        assert (settled, settled[-1]) == (sorted(settled), 10)
        # Those before the one with a picture need not wait for it.
        assert asked in ([10], [4, 6])
        sent = [receipt.report_id for receipt in delivery.receipts]
        assert sent == [report_id(number) for number in range(10) if number != 7]
        assert [letter.report.report_id for letter in outbox.dead_letters()] == [report_id(7)]
        assert "99999" in delivery.refused[0].reason
        assert (delivery.waiting, outbox.delivered()) == (0, 9)
        outbox.put(make_report(11, position=away(900.0)))
        outbox.deliver(client)
        assert asked[-1] == 1
        assert sum(asked) == 11


def test_an_api_that_knows_no_batches_gets_reports_one_by_one(tmp_path: Path) -> None:
    """As drones may be newer than the county's server."""

    class FormerApi(FakeApi):
        def submit_written(self, reports: Sequence[str]) -> list[BatchOutcome]:
            assert reports
            raise RefusedError(404, "no such path")

    former = FormerApi()
    with Outbox(tmp_path) as outbox:
        for number in range(6):
            outbox.put(make_report(number))
        delivery = outbox.deliver(former)
    assert [receipt.report_id for receipt in delivery.receipts] == [report_id(n) for n in range(6)]
    assert delivery.waiting == 0


def test_two_processes_may_deliver_the_same_outbox(tmp_path: Path) -> None:
    """Evidence that the other has sent and dropped is no reason to stop: nothing is left."""
    with Outbox(tmp_path) as outbox:
        for number in range(2):
            blobs = tuple(Blob(f"{number}-{n}".encode(), "image/png") for n in range(2))
            put(outbox, number, *blobs)
        delivery = outbox.deliver(ApiBesideAnotherProcess(tmp_path), at_once=True)
        assert (delivery.waiting, delivery.stopped) == (0, None)
        assert outbox.delivered() == 2


def test_evidence_that_is_lost_while_its_report_waits_is_damage(tmp_path: Path) -> None:
    """A report is never sent without what it cites; the person is told which file is damaged."""
    with Outbox(tmp_path) as outbox:
        put(outbox, 0, Blob(b"picture", "image/png"))
        with sqlite3.connect(tmp_path / "outbox.sqlite") as damage:
            damage.execute("DELETE FROM blobs")
        damage.close()
        with pytest.raises(OutboxError, match="has lost the evidence"):
            outbox.deliver(FakeApi(), at_once=True)
        assert outbox.pending() == 1


def test_a_real_api_that_comes_back_gets_every_report_once(api: RunningApi, tmp_path: Path) -> None:
    """Sent to a closed port first, then to a server, twice."""
    with Outbox(tmp_path) as outbox:
        for number in range(5):
            position = away(40.0 * number)
            outbox.put(make_report(number, position=position, evidence=[PICTURE.sha256]), [PICTURE])
        with EventApiClient("http://127.0.0.1:9", "t") as nobody:
            assert isinstance(outbox.deliver(nobody).stopped, ApiDownError)
        with EventApiClient(api.url, api.tokens[Role.MACHINE]) as client:
            assert len(outbox.deliver(client, at_once=True).receipts) == 5
            assert len(outbox.deliver(client).receipts) == 0
    with api.client() as client:
        assert len(client.get("/events").json()["events"]) == 5


def run_crashing(folder: Path, crash_at: int) -> subprocess.CompletedProcess[str]:
    """Put three reports and deliver them in a process of its own that dies at a step."""
    command = [sys.executable, "-m", "tests.events_api.crashing_outbox", str(folder), str(crash_at)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)


@pytest.mark.parametrize("crash_at", [1, 3, 4, 5, 7, 9, 11, 13, 15])
def test_a_kill_at_any_step_loses_nothing(tmp_path: Path, crash_at: int) -> None:
    """After the restart every report arrives, in order, and what is repeated is the same."""
    died = run_crashing(tmp_path, crash_at)
    assert died.returncode == -signal.SIGKILL, died.stderr
    again = run_crashing(tmp_path, 0)
    assert again.returncode == 0, again.stderr
    pictures = [picture(number).sha256 for number in range(REPORTS)]
    log = (tmp_path / "log").read_text().split()
    expected = [str(report_id(number)) for number in range(REPORTS)]
    assert expected == list(dict.fromkeys(each for each in log if each not in pictures))
    for cited, report in zip(pictures, expected, strict=True):
        assert log.index(cited) < log.index(report)
    with Outbox(tmp_path) as outbox:
        assert (outbox.pending(), outbox.delivered()) == (0, REPORTS)
