"""`patrol`: the command that an operator, a command centre and a tester type.

Exit codes: 0 done; 1 it could not be done, the sentence says why; 2 the command line was not
understood; 3 done but for something that is told; 130 stopped by Ctrl-C.
"""

import os
import sys
from collections.abc import Sequence
from importlib import import_module

import typer
from rich.markup import escape
from typer.main import get_command

from events_api.errors import ApiError, WrongTokenError
from flight.errors import FlightError
from geofences.errors import GroundError
from patrol.cli.console import notices
from patrol.errors import PatrolError
from vision.errors import VisionError

STOPPED = 130
HINT = " The token that is sent is the one in the variable GRIDPATROL_TOKEN."
UNSET_HINT = " GRIDPATROL_TOKEN is not set: give it a token, as `patrol token add` prints one."
SPOKEN_ERRORS = (PatrolError, GroundError, FlightError, VisionError, ApiError)


COMMANDS = {
    "grid": ("grid", "app"),
    "zones": ("zones", "app"),
    "plan": ("plan_commands", "app"),
    "token": ("token", "app"),
    "user": ("user", "app"),
    "audit": ("audit", "app"),
    "catalogue": ("catalogue", "app"),
    "calendar": ("working_calendar", "app"),
    "model": ("model", "app"),
    "fly": ("fly", "fly"),
    "order": ("order", "order"),
    "link": ("link", "app"),
    "watch": ("watch", "watch"),
    "replay": ("replay", "replay"),
    "rules": ("rules", "app"),
    "evidence": ("evidence", "app"),
    "passes": ("passes", "app"),
    "serve": ("serve", "serve"),
    "retention": ("retention", "app"),
    "backup": ("backup", "backup"),
    "restore": ("backup", "restore"),
    "doctor": ("doctor", "doctor"),
    "simulate": ("simulate", "simulate"),
    "figures": ("figures", "figures"),
    "events": ("events", "app"),
    "deliver": ("deliver", "deliver"),
    "demo": ("demo", "demo"),
}
"""Module of `patrol.cli` and name in it, of each command."""


def make_app(first: str = "") -> typer.Typer:
    """Join the commands, one module each.

    Args:
        first: what the command line begins with. If that is a command, no other one's module is
            loaded: all of them together take seconds.
    """
    app = typer.Typer(
        name="patrol",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        add_completion=False,
    )
    app.callback()(patrol)
    for name in [first] if first in COMMANDS else COMMANDS:
        module, attribute = COMMANDS[name]
        found = getattr(import_module(f"patrol.cli.{module}"), attribute)
        if isinstance(found, typer.Typer):
            app.add_typer(found, name=name)
        else:
            app.command(name)(found)
    return app


def patrol() -> None:
    """Patrol a county's grid cells by drone: plan, fly, see, locate, report, handle."""


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code; a known failure becomes one sentence.

    Args:
        arguments: what stands after `patrol`.
    """
    try:
        app = make_app(next(iter(arguments), ""))
        get_command(app).main(args=list(arguments), prog_name="patrol")
    except SPOKEN_ERRORS as error:
        return _told(f"{error}{_hint(error)}")
    except OSError as error:
        # What no part foresaw about a file or a folder still has a name and a reason.
        place = f"{error.filename}: " if error.filename else ""
        reason = error.strerror or str(error)
        return _told(f"{place}{reason}. Check the path, its permissions and the space left.")
    except KeyboardInterrupt:
        return _ended(STOPPED)
    except SystemExit as end:
        return _ended(end.code)
    return 0


def main() -> None:
    """Run the command line of this process."""
    sys.exit(run(sys.argv[1:]))


def _hint(error: Exception) -> str:
    if not isinstance(error, WrongTokenError):
        return ""
    return HINT if os.environ.get("GRIDPATROL_TOKEN") else UNSET_HINT


def _told(sentence: str) -> int:
    notices().print(f"[bold red]patrol:[/] {escape(sentence)}", soft_wrap=True)
    return 1


def _ended(code: object) -> int:
    if code == STOPPED:
        notices().print("Stopped.")
    return code if isinstance(code, int) else int(code is not None)


if __name__ == "__main__":
    main()
