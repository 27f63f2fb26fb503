"""A terminal to type commands into, and a real event API on loopback."""

import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
import uvicorn

from events_api.access import issue_token
from events_api.app import create_app
from events_api.roles import Role
from geofences.formats.county_files import write_county
from patrol.cli.main import run
from patrol.serving import api_settings, own_database
from patrol.settings import Settings
from tests.patrol.builders import small_county


@dataclass(frozen=True)
class LiveApi:
    """A running event API and one token for each role."""

    url: str
    tokens: dict[Role, str]


@pytest.fixture
def live_api(tmp_path: Path) -> Iterator[LiveApi]:
    """Run an event API until the test ends."""
    settings = Settings(tmp_path / "api")
    with own_database(settings) as database:
        tokens = {r: issue_token(database, r.value, r, datetime.now(UTC)) for r in Role}
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    # A logging set-up of its own would close the handlers of other libraries, and with them what
    # pytest reads from.
    config = uvicorn.Config(create_app(api_settings(settings)), log_config=None)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    yield LiveApi(f"http://127.0.0.1:{port}", tokens)
    server.should_exit = True
    thread.join()
    listener.close()


@dataclass(frozen=True)
class Said:
    """What a command answered: its exit code, its result and its remarks."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[dict[str, object]]:
        """The JSON objects that it printed, but for those that a slow machine adds."""
        rows = [json.loads(line) for line in self.out.splitlines()]
        return [row for row in rows if "progress" not in row]


class Terminal:
    """Runs `patrol` command lines in this process, in a folder and with a home of their own."""

    def __init__(
        self, folder: Path, capsys: pytest.CaptureFixture[str], environment: pytest.MonkeyPatch
    ) -> None:
        self.folder = folder
        self.home = folder / "home"
        self._capsys = capsys
        self._environment = environment
        environment.chdir(folder)
        environment.setenv("GRIDPATROL_HOME", str(self.home))
        self.speak_to("http://127.0.0.1:9", "")

    def speak_to(self, url: str, token: str) -> None:
        """Point to an event API; at first nobody answers."""
        self._environment.setenv("GRIDPATROL_API_URL", url)
        self._environment.setenv("GRIDPATROL_TOKEN", token)

    def __call__(self, *arguments: object) -> Said:
        """Run one command line."""
        self._capsys.readouterr()
        code = run([str(each) for each in arguments])
        heard = self._capsys.readouterr()
        assert "Traceback" not in heard.out + heard.err
        return Said(code, heard.out, heard.err)


@pytest.fixture
def terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Terminal:
    """A terminal on a machine where nothing was imported yet."""
    folder = tmp_path / "desk"
    folder.mkdir()
    return Terminal(folder, capsys, monkeypatch)


@pytest.fixture
def county_terminal(terminal: Terminal) -> Terminal:
    """A terminal on a machine that has the county of four cells."""
    terminal.home.mkdir()
    write_county(small_county(), terminal.home / "county.gpkg")
    return terminal
