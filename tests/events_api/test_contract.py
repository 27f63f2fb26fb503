"""A real server keeps what its OpenAPI document promises, whatever is sent to it.

`python -m tests.events_api.contract` is the long run: every role, many more requests.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from events_api.openapi.document import operations
from events_api.roles import Role
from tests.events_api.conftest import RunningApi
from tests.events_api.contract import Known, judge, populated
from tests.events_api.databases import MIGRATED, PostgresStock, Stock


@pytest.fixture(scope="module")
def served(
    stock: Stock, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[RunningApi, Known]]:
    """A server that holds one of everything."""
    folder = tmp_path_factory.mktemp("contract")
    with stock.take(folder, MIGRATED) as url, populated(folder, url) as api:
        yield api


@pytest.mark.parametrize(
    ("role", "phases"),
    [(Role.ADMINISTRATOR, "examples,coverage,fuzzing"), (None, "examples,fuzzing")],
    ids=["administrator", "nobody"],
)
def test_the_api_keeps_its_promises(
    served: tuple[RunningApi, Known], tmp_path: Path, role: Role | None, phases: str
) -> None:
    """No failure of the server, no answer that is not described, on any route but the endless."""
    api, known = served
    done = judge(api, role, tmp_path, known=known, max_examples=2, phases=phases)
    assert_kept(done, api)


def test_the_api_keeps_its_promises_on_postgresql(
    postgres_stock: PostgresStock, tmp_path: Path
) -> None:
    """What the database alone may refuse: every operation, by its example and made up once.

    With `--all-on-postgresql` everything in this file runs there.
    """
    with (
        postgres_stock.take(tmp_path, MIGRATED) as url,
        populated(tmp_path, url) as (api, known),
    ):
        phases = "examples,fuzzing"
        done = judge(api, Role.ADMINISTRATOR, tmp_path, known=known, max_examples=1, phases=phases)
        assert_kept(done, api)


def assert_kept(done: subprocess.CompletedProcess[str], api: RunningApi) -> None:
    """Assert that every operation but the endless was judged, and none was at fault."""
    assert done.returncode == 0, done.stdout + done.stderr
    count = len(list(operations(httpx.get(f"{api.url}/openapi.json").json())))
    assert f"Tested: {count - 1}" in done.stdout


@pytest.mark.parametrize(
    ("number", "status"),
    [("-1", 422), ("x", 422), ("9" * 30, 422), ("4611686018427387904", 422)],
)
def test_the_endless_answer_refuses_what_is_no_number(
    served: tuple[RunningApi, Known], number: str, status: int
) -> None:
    """As every other route does, with a problem."""
    with served[0].client() as client:
        answer = client.get("/stream", headers={"Last-Event-ID": number})
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "address",
    [
        "/events?cell=%00",
        "/events?status=accepted&matter=a%00b",
        "/vehicles/%00/position",
        "/users/a%00/password",
        "/ogc/collections/events/items?body=%00",
    ],
)
def test_no_nul_reaches_a_database(served: tuple[RunningApi, Known], address: str) -> None:
    """PostgreSQL would not take it, and the server would fail."""
    with served[0].client() as client:
        method = "GET" if "?" in address else "PUT"
        answer = client.request(method, address, json={})
    assert (answer.status_code, answer.json()["title"]) == (400, "Bad request")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'"\\ud800"',
        b'{"name": "\\u0000", "role": "machine"}',
        b'{"name": "\\ud83d", "role": "machine"}',
        b'{"name": 1e400, "role": 123456789012345678901234567890}',
        "\ufeff{}".encode(),
        b"\xff\xfe",
        b"[" * 100_000,
    ],
    ids=lambda body: repr(body[:24]),
)
@pytest.mark.parametrize("path", ["/reports", "/tokens", "/cells"])
def test_nonsense_is_refused_as_a_problem(
    served: tuple[RunningApi, Known], path: str, body: bytes
) -> None:
    """Broken JSON, halves of surrogate pairs, huge numbers, bytes that are no text."""
    method = "PUT" if path == "/cells" else "POST"
    with served[0].client() as client:
        headers = {"Content-Type": "application/json"}
        answer = client.request(method, path, content=body, headers=headers)
    assert answer.status_code in {400, 422}, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_method_that_is_not_there_is_told_all_that_are(
    served: tuple[RunningApi, Known],
) -> None:
    """Also where two routes share a path (RFC 9110, 15.5.6)."""
    with served[0].client() as client:
        answer = client.patch("/tokens")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, POST")
