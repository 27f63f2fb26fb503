"""Progress is for a person at a terminal only."""

import pytest
from rich.console import Console

from flight.planning.stages import Doing, Stage, unwatched
from geofences.findings import tell_nobody
from patrol.cli.console import notices
from patrol.cli.progress import planning, progress, working


@pytest.mark.parametrize("silent", [True, False])
def test_a_pipe_is_told_nothing(silent: bool, capsys: pytest.CaptureFixture[str]) -> None:
    """Neither a machine that asked for JSON nor a file that collects remarks."""
    with progress(notices(), silent=silent) as tell:
        assert tell is tell_nobody
        tell("reading", 0, 1)
    assert tuple(capsys.readouterr()) == ("", "")


def test_a_terminal_sees_each_step(capsys: pytest.CaptureFixture[str]) -> None:
    """Its name, and how much of how much is done."""
    with progress(Console(force_terminal=True, width=80), silent=False) as tell:
        tell("overlaps", 0, 4747)
        tell("overlaps", 4747, 4747)
    out = capsys.readouterr().out
    assert "overlaps" in out
    assert "4747/4747" in out


@pytest.mark.parametrize("silent", [True, False])
def test_a_pipe_is_not_told_that_something_goes_on(
    silent: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    """A machine waits without being told."""
    with working(notices(), "Planning", silent=silent):
        pass
    assert tuple(capsys.readouterr()) == ("", "")


def test_a_person_sees_that_something_goes_on(capsys: pytest.CaptureFixture[str]) -> None:
    """What, and for how long already."""
    with working(Console(force_terminal=True, width=80), "Planning", silent=False):
        pass
    out = capsys.readouterr().out
    assert "Planning" in out
    assert "0:00:00" in out


@pytest.mark.parametrize("silent", [True, False])
def test_a_pipe_is_not_told_how_planning_goes(
    silent: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever watches is nobody."""
    with planning(notices(), silent=silent) as watch:
        assert watch is unwatched
        watch(Stage(Doing.CHECKING, 0, 1))
    assert tuple(capsys.readouterr()) == ("", "")


def test_a_person_sees_what_planning_is_at(capsys: pytest.CaptureFixture[str]) -> None:
    """How short the flights are by now, and which flight is being laid."""
    with planning(Console(force_terminal=True, width=100), silent=False) as watch:
        watch(Stage(Doing.SEARCHING, 40, 100, 98_760.0))
        watch(Stage(Doing.LAYING, 11, 57))
    out = capsys.readouterr().out
    assert "98.8 km by now" in out
    assert "40%" in out
    assert "12 of 57" in out
