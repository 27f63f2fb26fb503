"""`patrol`: the command that an operator, a command centre and a tester type.

Exit codes: 0 done; 1 it could not be done, the sentence says why; 2 the command line was not
understood; 130 stopped by Ctrl-C.
"""

import sys

import typer

from events_api.errors import ApiError
from flight.errors import FlightError
from geofences.errors import GroundError
from patrol.cli import deliver, demo, fly, grid, model, plan, serve, simulate, token, watch
from patrol.cli.console import notices
from patrol.errors import PatrolError
from vision.errors import VisionError

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
    app.add_typer(plan.app, name="plan")
    app.add_typer(token.app, name="token")
    app.add_typer(model.app, name="model")
    app.command("fly")(fly.fly)
    app.command("watch")(watch.watch)
    app.command("serve")(serve.serve)
    app.command("simulate")(simulate.simulate)
    app.command("deliver")(deliver.deliver)
    app.command("demo")(demo.demo)
    return app


def main() -> None:
    """Run the command line; a known failure becomes one sentence and exit code 1."""
    try:
        make_app()()
    except SPOKEN_ERRORS as error:
        notices().print(f"[bold red]patrol:[/] {_escaped(str(error))}", soft_wrap=True)
        sys.exit(1)
    except KeyboardInterrupt:
        notices().print("Stopped.")
        sys.exit(130)


def _escaped(text: str) -> str:
    # Rich would read a bracketed word of a message as markup and swallow it.
    return text.replace("[", r"\[")


if __name__ == "__main__":
    main()
