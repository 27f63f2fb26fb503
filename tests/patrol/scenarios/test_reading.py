"""Scenario files: what is wrong is told with its line and its key."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrol.errors import ScenarioError
from patrol.scenarios.reading import SHIPPED_FOLDER, find_days, read_day, shipped_days

GOOD = """\
title: A day
aircraft:
  - name: uav-1
    missions:
      - waypoints_m: [[80, 0]]
    expect:
      outcomes: [completed]
"""


def written(folder: Path, text: str) -> Path:
    """Return a scenario file."""
    path = folder / "day.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_good_file_is_read_with_its_defaults(tmp_path: Path) -> None:
    """What is not said is calm."""
    day = read_day(written(tmp_path, GOOD))
    assert (day.title, day.seed, day.weather.wind.speed_mps) == ("A day", 1, 0.0)
    assert day.aircraft[0].expect.lands == "home"


@pytest.mark.parametrize(
    ("slip", "said"),
    [
        (("title: A day", "titel: A day"), r"line 1, title: Field required \(and 1 more\)"),
        (("80, 0", "80, far"), r"line 5, .*waypoints_m"),
        (("[completed]", "[perfect]"), r"line 7, aircraft.0.expect.outcomes.0"),
        (("[completed]", "[completed, pilot]"), "uav-1 has 1 missions and 2 outcomes"),
        (("name: uav-1", "name: Heron!"), r"line 3, aircraft.0.name"),
        (("    missions:", "    wings: 2\n    missions:"), r"line 4, aircraft.0.wings: Extra"),
        (("    expect:", "    mishaps: [{what: rain}]\n    expect:"), r"line 6, .*mishaps.0.what"),
        (
            ("    expect:", "    mishaps: [{what: stuck, since: waypoint}]\n    expect:"),
            r"line 6, .*mishaps.0: 'since: waypoint' goes with 'waypoint: N'",
        ),
        (("title: A day", "title: [A day"), "is not YAML"),
    ],
)
def test_a_slip_is_told_with_its_place(tmp_path: Path, slip: tuple[str, str], said: str) -> None:
    """The line and the key, in one sentence."""
    with pytest.raises(ScenarioError, match=said):
        read_day(written(tmp_path, GOOD.replace(*slip)))


@given(st.text(max_size=200))
def test_no_text_whatsoever_makes_a_traceback(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    """It is a scenario, or it is refused."""
    path = tmp_path_factory.mktemp("any") / "day.yaml"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(ScenarioError):
        read_day(path)


def test_a_name_stands_for_a_file_a_folder_a_shipped_day_or_all(tmp_path: Path) -> None:
    """As an operator would think."""
    path = written(tmp_path, GOOD)
    assert find_days(str(path)) == find_days(str(tmp_path)) == (path,)
    assert find_days("calm") == (SHIPPED_FOLDER / "calm.yaml",)
    assert len(find_days("all")) == len(shipped_days()) >= 20


@pytest.mark.parametrize("missing", ["no-such-day", "no/such/file.yaml"])
def test_what_is_not_there_is_told(missing: str) -> None:
    """And how to find what is."""
    with pytest.raises(ScenarioError, match="--list-scenarios"):
        find_days(missing)


def test_a_folder_without_scenarios_is_told(tmp_path: Path) -> None:
    """Nothing would be flown, and nothing would fail."""
    with pytest.raises(ScenarioError, match="no scenario"):
        find_days(str(tmp_path))
