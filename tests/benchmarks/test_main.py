"""Every benchmark reads alike: one list, one JSON object last, telling exit codes."""

import json
from pathlib import Path

import pytest

from benchmarks.__main__ import main, run
from benchmarks.registry import BENCHMARKS
from benchmarks.result import Benchmark, BenchmarkUnavailableError, Figure, Instances, Result


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


def test_areas_of_ones_own_are_handed_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The ratio of each is in the JSON object; the spacing is the user's."""
    square = [[0, 0], [200, 0], [200, 100], [0, 100], [0, 0]]
    feature = {
        "type": "Feature",
        "properties": {"name": "yard", "units": "m_local"},
        "geometry": {"type": "Polygon", "coordinates": [square]},
    }
    file = tmp_path / "fields.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    main(["coverage-length", "--json", "--instances", str(file), "--spacing", "10"])
    last = json.loads(capsys.readouterr().out.strip().splitlines()[-1])
    assert last["each"] == {"fields/yard": last["ratio"]}
    assert 0.95 < last["ratio"] < 1.1
    assert last["figures"]["least coverage"]["value"] >= 0.999


@pytest.mark.parametrize("text", ["{", "[]", '{"features": []}', '{"features": [{}]}'])
def test_a_file_without_areas_is_named(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever is wrong with it."""
    file = tmp_path / "broken.geojson"
    file.write_text(text)
    assert main(["coverage-length", "--instances", str(file)]) == 3
    assert "broken.geojson" in capsys.readouterr().err


def test_a_benchmark_that_has_its_own_data_takes_no_others(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """And says so."""
    given = Instances(tmp_path / "any.geojson")
    assert run(measured(met=True), as_json=False, instances=given) == 2
    assert "takes no --instances" in capsys.readouterr().err


@pytest.mark.parametrize("spacing", [["--spacing", "5"], ["--spacing", "0", "--instances", "x"]])
def test_a_spacing_is_positive_and_for_areas(
    spacing: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Anything else is a mistake in the command."""
    with pytest.raises(SystemExit):
        main(["coverage-length", *spacing])
    assert "--spacing needs --instances" in capsys.readouterr().err
