"""The client's live stream: no message missed, whatever happens to the server."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import closing
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events_api.backoff import Backoff
from events_api.client import EventApiClient
from events_api.errors import ApiDownError, RefusedError, WrongTokenError
from events_api.feed import encode
from events_api.following import LiveMessage, Patience, messages
from events_api.roles import Role
from events_api.settings import ApiSettings
from tests.events_api.conftest import RunningApi, serve_in_thread
from tests.events_api.factories import away, make_report

QUICK = Patience(Backoff(first_s=0.01, longest_s=0.05), longest_s=20.0)


def told(stream: Iterator[LiveMessage], count: int) -> list[LiveMessage]:
    """Return the next messages beside `ready`."""
    return list(islice((each for each in stream if each.kind != "ready"), count))


def test_events_are_told_as_they_come_over_a_restart_of_the_server(
    settings: ApiSettings, tokens: dict[Role, str]
) -> None:
    """What happens between two breaks is told once, in order."""
    server, thread, url = serve_in_thread(settings)
    port = int(url.rpartition(":")[2])
    with (
        EventApiClient(url, tokens[Role.MACHINE]) as sender,
        EventApiClient(url, tokens[Role.ACCEPTOR]) as reader,
        closing(reader.follow(patience=QUICK)) as stream,
    ):
        assert next(stream).kind == "ready"
        sent = [str(sender.submit_report(make_report(1)).event_id)]
        first = told(stream, 1)
        server.stop()
        thread.join(20)
        server, thread, _ = serve_in_thread(settings, port)
        sent += [
            str(sender.submit_report(make_report(number, position=away(60.0 * number))).event_id)
            for number in (2, 3)
        ]
        rest = told(stream, 2)
    server.stop()
    thread.join(20)
    assert [each.data["event_id"] for each in first + rest] == sent
    numbers = [each.number for each in first + rest]
    assert None not in numbers
    assert numbers == sorted(set(numbers))  # type: ignore[type-var]


def test_following_goes_on_from_a_number(api: RunningApi) -> None:
    """As of a program that was stopped and started again."""
    with (
        EventApiClient(api.url, api.tokens[Role.MACHINE]) as sender,
        EventApiClient(api.url, api.tokens[Role.ACCEPTOR]) as reader,
    ):
        for number in (1, 2, 3):
            sender.submit_report(make_report(number, position=away(60.0 * number)))
        with closing(reader.follow(0, QUICK)) as stream:
            first, second, third = told(stream, 3)
        with closing(reader.follow(first.number, QUICK)) as stream:
            assert told(stream, 2) == [second, third]


def test_who_may_not_follow_is_told_at_once(api: RunningApi) -> None:
    """Coming back would change nothing; nor would a number that makes no sense."""
    machine, reader = (api.tokens[role] for role in (Role.MACHINE, Role.ACCEPTOR))
    with EventApiClient(api.url, machine) as client, pytest.raises(WrongTokenError):
        next(client.follow(patience=QUICK))
    with EventApiClient(api.url, reader) as client, pytest.raises(RefusedError):
        next(client.follow(-1, QUICK))


def test_patience_ends() -> None:
    """With the reason; the waits grow meanwhile."""
    waits: list[float] = []
    patience = Patience(Backoff(1.0, 60.0), 10.0, waits.append, lambda: sum(waits))
    with EventApiClient("http://127.0.0.1:9", "token") as client, pytest.raises(ApiDownError):
        next(client.follow(patience=patience))
    assert sum(waits) >= 10.0
    assert waits[-1] > waits[0]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["event.opened", "vehicle"]),
            st.dictionaries(st.text(), st.text(), max_size=3),
            st.none() | st.integers(0, 2**62),
        ),
        max_size=5,
    ),
    st.randoms(use_true_random=False),
)
def test_what_the_server_writes_is_what_the_client_reads(
    content: list[tuple[str, dict[str, str], int | None]], chance: random.Random
) -> None:
    """Whole messages only: one that is cut off was not told, and comes again."""
    written = [encode(*each) for each in content]
    text = b"".join(written).decode()
    read = list(messages(text.split("\n")))
    assert [(each.kind, each.data, each.number) for each in read] == content
    cut = chance.randrange(len(text) + 1)
    whole = list(messages(text[:cut].split("\n")[:-1]))
    assert whole == read[: len(whole)]
