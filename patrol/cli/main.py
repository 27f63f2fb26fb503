"""`patrol`: the command that an operator, a command centre and a tester type.

Exit codes: 0 done; 1 it could not be done, the sentence says why; 2 the command line was not
understood; 130 stopped by Ctrl-C.
"""

import sys
from collections.abc import Sequence

import typer
from rich.markup import escape
from typer.main import get_command

from events_api.errors import ApiError, WrongTokenError
from flight.errors import FlightError
from geofences.errors import GroundError
from patrol.cli import (
    audit,
    catalogue,
    deliver,
    demo,
    figures,
    fly,
    grid,
    model,
    plan_commands,
    serve,
    simulate,
    token,
    watch,
    working_calendar,
    zones,
)
from patrol.cli.console import notices
from patrol.errors import PatrolError
from vision.errors import VisionError

STOPPED = 130
HINT = " The token that is sent is the one in the variable GRIDPATROL_TOKEN."
SPOKEN_ERRORS = (PatrolError, GroundError, FlightError, VisionError, ApiError)


def make_app() -> typer.Typer:
    """Join the commands, one module each."""
    app = typer.Typer(
        name="patrol",
        help="Patrol a county's grid cells by drone: plan, fly, see, locate, report, handle.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        add_completion=False,
    )
    app.add_typer(grid.app, name="grid")
    app.add_typer(zones.app, name="zones")
    app.add_typer(plan_commands.app, name="plan")
    app.add_typer(token.app, name="token")
    app.add_typer(audit.app, name="audit")
    app.add_typer(catalogue.app, name="catalogue")
    app.add_typer(working_calendar.app, name="calendar")
    app.add_typer(model.app, name="model")
    app.command("fly")(fly.fly)
    app.command("watch")(watch.watch)
    app.command("serve")(serve.serve)
    app.command("simulate")(simulate.simulate)
    app.command("figures")(figures.figures)
    app.command("deliver")(deliver.deliver)
    app.command("demo")(demo.demo)
    return app


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code; a known failure becomes one sentence.

    Args:
        arguments: what stands after `patrol`.
    """
    try:
        get_command(make_app()).main(args=list(arguments), prog_name="patrol")
    except SPOKEN_ERRORS as error:
        hint = HINT if isinstance(error, WrongTokenError) else ""
        return _told(f"{error}{hint}")
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


def _told(sentence: str) -> int:
    notices().print(f"[bold red]patrol:[/] {escape(sentence)}", soft_wrap=True)
    return 1


def _ended(code: object) -> int:
    if code == STOPPED:
        notices().print("Stopped.")
    return code if isinstance(code, int) else int(code is not None)


if __name__ == "__main__":
    main()
