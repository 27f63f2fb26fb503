"""Every benchmark reads alike: one list, one JSON object last, telling exit codes."""

import json

import pytest

from benchmarks.__main__ import main, run
from benchmarks.registry import BENCHMARKS
from benchmarks.result import Benchmark, BenchmarkUnavailableError, Figure, Result


def measured(*, met: bool) -> Benchmark:
    """Return a benchmark that needs no time."""
    result = Result("quick", {"rate": Figure(12.5, "items/s")}, 1.25, "a peer", "at least 1", met)
    return Benchmark("quick", "nothing", lambda: result)


def test_the_list_names_what_the_project_promises(capsys: pytest.CaptureFixture[str]) -> None:
    """Video, upload, lanes and reports each have a command."""
    assert main(["--list", "--json"]) == 0
    names = {each["name"] for each in json.loads(capsys.readouterr().out)}
    assert names == {each.name for each in BENCHMARKS}
    assert {"video-fps", "mission-upload", "coverage-length", "report-posts"} <= names


@pytest.mark.parametrize(("met", "code"), [(True, 0), (False, 1)])
def test_a_result_ends_with_one_json_object(
    met: bool, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """Figures carry units, and the exit code says whether the figure was reached."""
    assert run(measured(met=met), as_json=True) == code
    last = json.loads(capsys.readouterr().out.strip().splitlines()[-1])
    assert last == {
        "name": "quick",
        "figures": {"rate": {"value": 12.5, "unit": "items/s"}},
        "ratio": 1.25,
        "against": "a peer",
        "reach": "at least 1",
        "met": met,
    }


def test_a_benchmark_that_cannot_run_here_says_why(capsys: pytest.CaptureFixture[str]) -> None:
    """Missing data is told apart from a figure that was not reached."""

    def unavailable() -> Result:
        raise BenchmarkUnavailableError("needs a video that is not here")

    assert run(Benchmark("far", "nothing", unavailable), as_json=False) == 3
    assert "needs a video" in capsys.readouterr().err


def test_an_unknown_name_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """The person is told how to see the names."""
    assert main(["no-such-thing"]) == 2
    assert "--list" in capsys.readouterr().err
