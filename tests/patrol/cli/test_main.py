"""What holds for every command: exit codes, help, and one sentence for a failure."""

import subprocess
import sys
from pathlib import Path

import pytest
from typer.main import get_command

from patrol.cli.main import COMMANDS, main, make_app, run
from tests.patrol.builders import CODES
from tests.patrol.conftest import Terminal


def test_a_command_that_did_its_work_ends_with_0(terminal: Terminal) -> None:
    """The result is on standard output, and nothing else is said."""
    said = terminal("model", "list")
    assert (said.code, said.err) == (0, "")
    assert "patrol9" in said.out


@pytest.mark.parametrize(
    "line", [[], ["nonsense"], ["grid"], ["plan", "--height", "high"], ["serve", "--port", "99999"]]
)
def test_a_line_that_is_not_understood_ends_with_2(terminal: Terminal, line: list[str]) -> None:
    """The usage is shown, and nothing is done."""
    said = terminal(*line)
    assert said.code == 2
    assert "Usage: patrol" in said.out + said.err


@pytest.mark.parametrize("line", [["--help"], ["fly", "--help"], ["grid", "import", "--help"]])
def test_help_is_an_answer(terminal: Terminal, line: list[str]) -> None:
    """Asking for help is no failure, and the program is called what people type."""
    said = terminal(*line)
    assert said.code == 0
    assert "Usage: patrol" in said.out


def test_a_known_failure_is_one_sentence_and_1(terminal: Terminal) -> None:
    """It stands on standard error, so that a pipe never takes it for a result."""
    said = terminal("grid", "show")
    assert (said.code, said.out) == (1, "")
    assert said.err.startswith("patrol: No county was imported into ")
    assert "`patrol grid import FILE`" in said.err
    assert said.err.count("\n") == 1


def test_brackets_in_a_sentence_are_not_read_as_colours(county_terminal: Terminal) -> None:
    """A file may be called anything."""
    assert "[/red][bold]plan.json" in county_terminal("plan", "check", "[/red][bold]plan.json").err


def test_a_folder_that_cannot_be_used_is_a_sentence_too(county_terminal: Terminal) -> None:
    """What no part foresaw about files has a name and a reason, and no traceback."""
    (county_terminal.folder / "taken").write_text("a file")
    code = CODES[0]
    said = county_terminal("plan", "--cell", code, "--qgc", "taken", "--aircraft", "a@dock-1")
    assert said.code == 1
    assert "patrol: taken: File exists. Check the path" in said.err


def test_ctrl_c_ends_with_130(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    """The person knows why it stopped: one word is enough."""

    def interrupted(_: object, __: object = None) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "exists", interrupted)
    said = terminal("grid", "show")
    assert (said.code, said.err) == (130, "Stopped.\n")


def test_the_process_ends_with_the_lines_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """`main` hands the arguments of the process on, and the code back."""
    monkeypatch.setenv("GRIDPATROL_HOME", str(tmp_path))
    monkeypatch.setattr(sys, "argv", ["patrol", "grid", "show"])
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 1
    assert str(tmp_path) in capsys.readouterr().err


def test_running_a_line_leaves_the_process_as_it_was(terminal: Terminal) -> None:
    """Neither the hook for uncaught errors nor the folder changes."""
    hook, folder = sys.excepthook, Path.cwd()
    run(["model", "list"])
    assert (sys.excepthook, Path.cwd()) == (hook, folder)


@pytest.mark.parametrize(
    ("command", "parts"),
    [("grid", {"openvino", "fastapi", "matplotlib"}), ("plan", {"openvino", "fastapi"})],
)
def test_a_command_loads_only_what_it_needs(command: str, parts: set[str]) -> None:
    """Loading all that the program can do takes seconds, in which Ctrl-C is not yet heard."""
    script = (
        f"import sys; from patrol.cli.main import run; run([{command!r}, '--help']); "
        "sys.stderr.write(' '.join(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert parts.isdisjoint(done.stderr.split())


def test_every_command_is_found_by_its_name() -> None:
    """Alone as among all others."""
    together = set(get_command(make_app()).commands)  # type: ignore[attr-defined]
    assert together == set(COMMANDS)
    for name in COMMANDS:
        assert set(get_command(make_app(name)).commands) == {name}  # type: ignore[attr-defined]
