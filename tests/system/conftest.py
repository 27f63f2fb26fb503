"""One demo, flown once, for all tests that look at what it did."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.patrol.conftest import county_terminal, live_api, terminal

__all__ = ["FinishedDemo", "county_terminal", "finished_demo", "live_api", "terminal"]
DEMO_PATIENCE_S = 600


@dataclass(frozen=True)
class FinishedDemo:
    """What `patrol demo --json` left behind.

    Attributes:
        folder: everything made.
        result: the one JSON object that it printed.
        told: what it said meanwhile.
    """

    folder: Path
    result: dict[str, Any]
    told: str


@pytest.fixture(scope="session")
def finished_demo(tmp_path_factory: pytest.TempPathFactory) -> FinishedDemo:
    """Run the demo as a person does, in a process of its own."""
    folder = tmp_path_factory.mktemp("demo") / "out"
    command = [sys.executable, "-m", "patrol.cli.main", "demo", "--out", str(folder)]
    ended = subprocess.run(
        [*command, "--json", "--no-stay"],
        capture_output=True,
        text=True,
        timeout=DEMO_PATIENCE_S,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return FinishedDemo(folder, json.loads(ended.stdout.strip().splitlines()[-1]), ended.stderr)
