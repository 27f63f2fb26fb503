"""Judges a real server by its own OpenAPI document, with schemathesis.

`python -m tests.events_api.contract --max-examples 200` is the long run of what `test_contract.py`
does within a minute, with `--postgresql` on a PostgreSQL server of its own. It prints what
schemathesis says and ends with its exit code.
"""

from __future__ import annotations

import argparse
import hashlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path

import httpx

from benchmarks.local_postgres import FLEETING, running_postgres
from events_api.access import issue_token
from events_api.cell_features import collection_of
from events_api.limiting import Rates
from events_api.rate_limits import Rate
from events_api.roles import Role
from events_api.store.database import Database
from events_api.webhooks.settings import WebhookSettings
from tests.events_api.conftest import NOW, RunningApi, running, settings_in
from tests.events_api.factories import JPEG, make_cells, report_id, report_json

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "unsupported_method",
    "allow_header_conformance",
    "ignored_auth",
)
"""What is judged: that a body the schema allows may be refused all the same (a report must say
where) and that one it forbids must be (a number as text is read as one) is not, nor that a missing
key is always 401 (GeoReport wants 403); `ignored_auth` judges the keys."""

OFTEN = Rate(1_000_000, timedelta(seconds=1))
ENDLESS = "/stream"
"""The one answer that has no end; `test_contract.py` asks for it itself."""


@dataclass(frozen=True)
class Known:
    """What is there to be asked for: values of parameters by their names."""

    values: dict[str, str]

    def write(self, folder: Path) -> Path:
        """Write them as schemathesis takes them."""
        lines = [f'"path.{name}" = "{value}"' for name, value in self.values.items()]
        file = folder / "schemathesis.toml"
        file.write_text("\n".join(["[parameters]", *lines, ""]), encoding="utf-8")
        return file


@contextmanager
def populated(folder: Path, database_url: str = "") -> Iterator[tuple[RunningApi, Known]]:
    """Serve an API that holds one of everything, and counts nobody's requests.

    Args:
        folder: Where it keeps everything.
        database_url: An empty database elsewhere; SQLite in the folder where none is named.
    """
    settings = replace(
        settings_in(folder, database_url),
        rates=Rates(OFTEN, OFTEN, OFTEN, OFTEN, OFTEN),
        webhooks=WebhookSettings(networks=(ip_network("127.0.0.0/8"),), look_s=0.1),
    )
    database = Database(settings.database_url)
    database.migrate()
    tokens = {role: issue_token(database, f"{role}-1", role, NOW) for role in Role}
    database.close()
    with running(settings, tokens) as api:
        yield api, _populate(api)


def _populate(api: RunningApi) -> Known:
    sha256 = hashlib.sha256(JPEG).hexdigest()
    with api.client() as admin, api.client(Role.ACCEPTOR) as acceptor:
        _sent(admin, "PUT", "/cells", json=collection_of(make_cells()))
        wish = {"name": "lin", "role": "acceptor", "password": "long enough to be one"}
        _sent(admin, "POST", "/users", json=wish)
        hook = _sent(admin, "POST", "/webhooks", json={"url": "http://127.0.0.1:9/"}).json()
        headers = {"Content-Type": "image/jpeg"}
        _sent(admin, "PUT", f"/evidence/{sha256}", content=JPEG, headers=headers)
        fire = {"standard_ref": "GRIDPATROL-EXT", "code": "EXT-FIRE"}
        report = report_json(1, matter=fire, evidence=[sha256])
        event_id = _sent(admin, "POST", "/reports", json=report).json()["event_id"]
        form = {"words": "a hole in the road", "place": "by the bridge", "contact": "me"}
        receipt = _sent(admin, "POST", "/public/reports", data=form).json()["receipt"]
        seen = {"If-Match": acceptor.get(f"/events/{event_id}").headers["etag"]}
        accept = {"name": "accept"}
        _sent(acceptor, "POST", f"/events/{event_id}/transitions", json=accept, headers=seen)
        position = {
            "position": {"lon_deg": 115.6, "lat_deg": 33.1},
            "observed_at": "2026-07-01T08:00:00Z",
        }
        _sent(admin, "PUT", "/vehicles/uav-1/position", json=position)
        alerts = admin.get("/alerts").json()
    return Known(
        {
            "event_id": event_id,
            "service_request_id": event_id,
            "token": event_id,
            "report_id": str(report_id(1)),
            "receipt": receipt,
            "sha256": sha256,
            "service_code": "09009",
            "identifier": alerts[0]["identifier"],
            "code": "341299001001001",
            "collection_id": "events",
            "webhook_id": hook["webhook_id"],
        }
    )


def _sent(client: httpx.Client, method: str, url: str, **content: object) -> httpx.Response:
    return client.request(method, url, **content).raise_for_status()  # type: ignore[arg-type]


def judge(
    api: RunningApi,
    role: Role | None,
    folder: Path,
    *,
    known: Known | None = None,
    max_examples: int,
    phases: str = "examples,coverage,fuzzing",
    seed: int = 1,
) -> subprocess.CompletedProcess[str]:
    """Let schemathesis speak to an API as a role, or as nobody.

    Args:
        api: A running API.
        role: Whose token is sent; none sends none.
        folder: For the settings of schemathesis.
        known: Asks for these things; without it for things that are not there.
        max_examples: How many requests are made up for each operation, at most.
        phases: Which phases of schemathesis.
        seed: The same seed makes the same requests.
    """
    words: list[str | Path] = [Path(sys.executable).with_name("schemathesis")]
    if known is not None:
        words += ["--config-file", known.write(folder)]
    words += ["run", f"{api.url}/openapi.json", "--exclude-path", ENDLESS, "--no-color"]
    words += ["--checks", ",".join(CHECKS), "--phases", phases, "--continue-on-failure"]
    words += ["--max-examples", str(max_examples), "--seed", str(seed), "--warnings", "off"]
    if role is not None:
        words += ["--header", f"Authorization: Bearer {api.tokens[role]}"]
    return subprocess.run(
        [str(word) for word in words], capture_output=True, text=True, cwd=folder, check=False
    )


@contextmanager
def _somewhere(is_postgresql: bool) -> Iterator[str]:
    if not is_postgresql:
        yield ""
        return
    with running_postgres(FLEETING) as server:
        yield server.create("contract")


def main() -> int:
    """Judge as every role and as nobody; return the worst exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--max-examples", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--role", choices=[*Role, "nobody"], action="append")
    parser.add_argument("--postgresql", action="store_true")
    asked = parser.parse_args()
    folder, worst = Path(tempfile.mkdtemp()), 0
    try:
        with _somewhere(asked.postgresql) as url, populated(folder, url) as (api, known):
            for name in asked.role or [*Role, "nobody"]:
                role = None if name == "nobody" else Role(name)
                done = judge(
                    api,
                    role,
                    folder,
                    known=known,
                    max_examples=asked.max_examples,
                    seed=asked.seed,
                )
                sys.stdout.write(f"\n=== as {name}\n{done.stdout}{done.stderr}")
                worst = max(worst, done.returncode)
    finally:
        shutil.rmtree(folder)
    return worst


if __name__ == "__main__":
    sys.exit(main())
