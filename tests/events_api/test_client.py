"""The typed client against a real server, and against none."""

from __future__ import annotations

import hashlib
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import httpx
import pytest

from events_api.cases import Status, TransitionName
from events_api.cell_features import collection_of
from events_api.client import EventApiClient
from events_api.errors import ApiDownError, RefusedError, WrongTokenError
from events_api.event_query import EventQuery
from events_api.roles import Role
from events_api.schemas import Position, TransitionRequest, VehiclePosition, VerificationReport
from events_api.split_schemas import SplitRequest
from tests.events_api.conftest import NOW, RunningApi
from tests.events_api.factories import JPEG, MARKET, away, make_cells, make_report

MARKET_POSITION = Position(lon_deg=MARKET.lon_deg, lat_deg=MARKET.lat_deg)


@pytest.fixture
def drone(api: RunningApi) -> Iterator[EventApiClient]:
    """A client with a drone's token."""
    with EventApiClient(api.url, api.tokens[Role.MACHINE]) as client:
        yield client


@pytest.fixture
def operator(api: RunningApi) -> Iterator[EventApiClient]:
    """A client with an operator's token."""
    with EventApiClient(api.url, api.tokens[Role.ACCEPTOR]) as client:
        yield client


def test_a_report_with_its_evidence_can_be_read_back(
    drone: EventApiClient, operator: EventApiClient
) -> None:
    """What the drone sends is what the operator sees."""
    sha256 = drone.put_evidence(JPEG, "image/jpeg")
    receipt = drone.submit_report(make_report(evidence=[sha256]))
    event = operator.event(str(receipt.event_id))
    assert sha256 == hashlib.sha256(JPEG).hexdigest() == event.snapshot
    assert operator.evidence(sha256) == JPEG
    assert event.observations[0].report == make_report(evidence=[sha256])


def test_all_events_are_given_over_several_pages(
    drone: EventApiClient, operator: EventApiClient
) -> None:
    """The iterator follows the cursors to the end."""
    ids = [
        drone.submit_report(make_report(number, position=away(50.0 * number))).event_id
        for number in range(5)
    ]
    assert ids[::-1] == [event.event_id for event in operator.events(limit="2")]


def test_filters_reach_the_server(drone: EventApiClient, operator: EventApiClient) -> None:
    """A filter that nothing passes gives nothing."""
    drone.submit_report(make_report())
    assert list(operator.events(cell="999999999999999")) == []


def test_filters_may_be_typed(drone: EventApiClient, operator: EventApiClient) -> None:
    """In lists and exports; each as the query parameter that means it."""
    drone.submit_report(make_report(1))
    drone.submit_report(make_report(2, source="falcon-2", position=away(90.0)))
    query = EventQuery(
        source="falcon-2",
        status=Status.REPORTED,
        observed_from=NOW - timedelta(hours=1),
        observed_to=NOW,
        box=(115.0, 33.0, 116.0, 34.0),
        is_open=True,
    )
    (found,) = operator.events(query)
    assert found.source == "falcon-2"
    assert list(operator.events(query, matter="06010")) == []
    assert list(operator.events(EventQuery(is_open=False))) == []
    lines = b"".join(operator.export("csv", query)).splitlines()
    assert len(lines) == 2


def test_everything_a_map_needs_is_read(
    api: RunningApi, drone: EventApiClient, operator: EventApiClient
) -> None:
    """Cells, aircraft and what is due next."""
    with EventApiClient(api.url, api.tokens[Role.ADMINISTRATOR]) as admin:
        admin.put_cells(collection_of(make_cells(4)))
    drone.put_position("uav-1", VehiclePosition(position=MARKET_POSITION, observed_at=NOW))
    litter = {"standard_ref": "GB/T 47678.5-2026", "code": "06010"}
    receipt = drone.submit_report(make_report(1, matter=litter))
    assert len(operator.cells().features) == 4
    near = operator.cells((115.6199, 33.1599, 115.6201, 33.1601)).features
    assert [each.properties.code for each in near] == ["341299001001001"]
    assert [each.name for each in operator.vehicles()] == ["uav-1"]
    event_id = str(receipt.event_id)
    operator.move(event_id, TransitionRequest(name=TransitionName.ACCEPT), 1)
    with EventApiClient(api.url, api.tokens[Role.DISPATCHER]) as dispatcher:
        wish = TransitionRequest(name=TransitionName.DISPATCH, body="sanitation")
        dispatcher.move(event_id, wish, 2)
    assert [each.event_id for each in operator.deadlines()] == [receipt.event_id]
    assert list(operator.deadlines(state="overdue")) == []


def test_an_observation_is_taken_out_of_its_event(
    drone: EventApiClient, operator: EventApiClient
) -> None:
    """By the version that was seen; another one is refused."""
    first = drone.submit_report(make_report(1))
    second = drone.submit_report(make_report(2, pass_id="pass-2"))
    assert first.event_id == second.event_id
    seen = operator.event(str(first.event_id))
    wish = SplitRequest(reason="another car")
    with pytest.raises(RefusedError) as refused:
        operator.split(str(second.report_id), wish, seen.version + 5)
    assert refused.value.status == 412
    made = operator.split(str(second.report_id), wish, seen.version)
    assert (made.event_id, made.is_new) == (first.event_id, True)
    assert len(list(operator.events())) == 2


def test_a_position_is_accepted(drone: EventApiClient, api: RunningApi) -> None:
    """A vehicle may have a Chinese name with a space."""
    time = datetime(2026, 7, 1, tzinfo=UTC)
    position = VehiclePosition.model_validate({"position": away(1), "observed_at": time})
    drone.put_position("猎鹰 1", position)
    with api.client() as client:
        assert client.get("/vehicles").json()[0]["name"] == "猎鹰 1"


def test_health_needs_no_token(api: RunningApi) -> None:
    """Whether it lives may be asked by anybody."""
    with EventApiClient(api.url, "") as client:
        assert client.health().status == "ok"


@pytest.fixture
def closed_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def test_nobody_answering_is_said_with_the_address(closed_port: int) -> None:
    """A stopped API is named with where it was looked for and how to start it."""
    url = f"http://127.0.0.1:{closed_port}"
    with (
        EventApiClient(url, "t") as client,
        pytest.raises(ApiDownError, match=rf"No event API answers at {url}: .*patrol serve"),
    ):
        client.health()


@pytest.mark.parametrize("token", ["wrong", ""])
def test_a_wrong_token_is_its_own_error(api: RunningApi, token: str) -> None:
    """A token that is not known, or none, is not mistaken for a refused report."""
    with EventApiClient(api.url, token) as client, pytest.raises(WrongTokenError, match="token"):
        client.submit_report(make_report())


def test_a_token_of_the_wrong_role_is_a_wrong_token(drone: EventApiClient) -> None:
    """A drone that tries to read is told what role it takes."""
    with pytest.raises(WrongTokenError, match="acceptor or dispatcher"):
        list(drone.events())


def test_a_refusal_carries_the_status_and_the_sentence(drone: EventApiClient) -> None:
    """What the API says reaches the person unchanged."""
    report = make_report(matter={"standard_ref": "X", "code": "1"})
    with pytest.raises(RefusedError, match="GET /matters") as refused:
        drone.submit_report(report)
    assert refused.value.status == 422


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (401, WrongTokenError),
        (403, WrongTokenError),
        (404, RefusedError),
        (408, ApiDownError),
        (409, RefusedError),
        (413, RefusedError),
        (422, RefusedError),
        (429, ApiDownError),
        (500, ApiDownError),
        (503, ApiDownError),
    ],
)
def test_each_status_means_one_thing_to_do(status: int, expected: type[Exception]) -> None:
    """Later, another token, or never: the client tells the three apart."""
    transport = httpx.MockTransport(lambda _request: httpx.Response(status, text="not JSON"))
    with (
        EventApiClient("http://api", "t", transport=transport) as client,
        pytest.raises(expected, match=str(status)),
    ):
        client.submit_report(make_report())


def test_a_silent_api_is_down() -> None:
    """An answer that does not come in time is not waited for."""

    def silent(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout("silence", request=request)

    with (
        EventApiClient("http://api", "t", transport=httpx.MockTransport(silent)) as client,
        pytest.raises(ApiDownError, match="http://api does not answer in time"),
    ):
        client.health()


def test_an_event_is_moved_and_verified(api: RunningApi, drone: EventApiClient) -> None:
    """From the report to the second look, with the versions that were seen on the way."""
    event_id = str(drone.submit_report(make_report()).event_id)
    steps = ("accept", "dispatch", "start", "finish")
    with EventApiClient(api.url, api.tokens[Role.SUPERVISOR]) as desk:
        for version, name in enumerate(steps, start=1):
            body = "sanitation" if name == "dispatch" else None
            wish = TransitionRequest(name=TransitionName(name), body=body)
            assert desk.event(event_id).version == version
            for _ in range(2):
                assert desk.move(event_id, wish, version, key=name).version == version + 1
        with pytest.raises(RefusedError, match="awaiting_verification now") as refused:
            desk.move(event_id, TransitionRequest(name=TransitionName.ACCEPT), 1)
        assert refused.value.status == 412
        look = VerificationReport(
            verification_id=UUID(int=1), gone=True, source="falcon-1", observed_at=NOW
        )
        assert drone.verify(event_id, look).to_status == "closed"
        assert [step.name for step in desk.history(event_id)] == [*steps, "confirm_gone"]
        assert [event.body for event in desk.events(body="sanitation")] == ["sanitation"]
        assert list(desk.events(body="roads")) == []
