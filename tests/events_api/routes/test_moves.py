"""`moves` of GET /events/{id}: what its reader may do, held to what the API lets them do."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

import httpx
import pytest

from events_api.cases import TABLE, TransitionName
from events_api.client import EventApiClient
from events_api.roles import Role
from tests.events_api.conftest import RunningApi
from tests.events_api.routes.test_transitions import LATER, Desk, client_of, post

READERS = tuple(role for role in Role if role is not Role.MACHINE)
WAY = ("accept", "dispatch", "start", "finish", "confirm_gone")
GIVEN: dict[str, Any] = {
    "body": "sanitation",
    "until": LATER,
    "level": "town",
    "grade": "A",
    "matter": {"standard_ref": "GB/T 47678.5-2026", "code": "06010"},
}


@pytest.fixture
def chief(api: RunningApi) -> Iterator[httpx.Client]:
    """The shift's supervisor, who brings events along."""
    with api.client(Role.SUPERVISOR) as client:
        yield client


def listed(desk: Desk) -> list[str]:
    """Return the names of what this reader may do with the event."""
    return [move["name"] for move in desk.event()["moves"]]


def wish(name: str, original: str) -> dict[str, Any]:
    """Return a transition with a reason and what it needs."""
    given = {**GIVEN, "duplicate_of": original}
    needs = TABLE[TransitionName(name)].needs
    return {"name": name, "reason": "because", **{each: given[each] for each in needs}}


@pytest.mark.parametrize("role", READERS)
def test_what_is_listed_is_let_pass_and_nothing_else(
    api: RunningApi, chief: httpx.Client, role: Role
) -> None:
    """Along a whole life: what is not listed is refused for the role or the state."""
    original, numbers = post(api, 0), count(1)

    def at(step: int) -> Desk:
        event_id = post(api, next(numbers))
        Desk(chief, event_id).go(*WAY[:step])
        return Desk(client, event_id)

    with api.client(role) as client:
        for step in range(len(WAY) + 1):
            desk = at(step)
            names = listed(desk)
            for name in (str(each) for each in TransitionName if each not in names):
                assert desk.move(**wish(name, original)).status_code in {403, 409}, name
            assert listed(desk) == names
            for name in names:
                assert at(step).move(**wish(name, original)).status_code == 201, name


def test_a_move_says_what_it_takes(api: RunningApi, chief: httpx.Client) -> None:
    """A reason where one is needed, and the fields beside it; the typed client reads them."""
    desk = Desk(chief, post(api, 1))
    moves = desk.event()["moves"]
    assert moves[0] == {"name": "accept", "needs_reason": False, "needs": []}
    link = {"name": "link_duplicate", "needs_reason": True, "needs": ["duplicate_of"]}
    assert link in moves
    with EventApiClient(api.url, api.tokens[Role.SUPERVISOR]) as client:
        typed = client.event(desk.event_id).moves
    assert [move.model_dump(mode="json") for move in typed] == moves


def test_who_no_longer_decides_is_offered_nothing(api: RunningApi, chief: httpx.Client) -> None:
    """A town's dispatcher loses what was escalated to the district, and still reads it."""
    desk = Desk(chief, post(api, 1))
    desk.go("accept")
    with client_of(api, Role.DISPATCHER, "town:341299001") as client:
        town = Desk(client, desk.event_id)
        assert listed(town) == ["dispatch", "return_to_acceptor", "escalate"]
        desk.move("escalate", reason="a bridge", level="district")
        assert listed(town) == []
        assert town.move("dispatch", body="roads").status_code == 403


def test_an_administrator_reads_and_is_offered_nothing(
    api: RunningApi, chief: httpx.Client
) -> None:
    """Keys and cases stay apart."""
    desk = Desk(chief, post(api, 1))
    with api.client(Role.ADMINISTRATOR) as client:
        assert listed(Desk(client, desk.event_id)) == []
