"""`patrol serve`: run the event API and its map page."""

import os
import socket
import sys
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from events_api.cot.settings import CotSettings, CotTarget
from events_api.errors import AddressError
from events_api.logs import LogFormat, logging_to
from events_api.server import ApiServer
from patrol.cli.console import terminal
from patrol.errors import UsageError
from patrol.home_lock import home_shared
from patrol.serving import api_settings, first_admin_token, own_database
from patrol.settings import read_settings


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(help="Port to listen on; 0 takes a free one.", min=0, max=65_535)
    ] = 8750,
    cot: Annotated[
        list[str] | None,
        typer.Option(
            help="Push hazards and aircraft as Cursor-on-Target: udp://host:port or "
            "tcp://host:port; may be given several times."
        ),
    ] = None,
    log_format: Annotated[
        LogFormat,
        typer.Option(help="text: what goes wrong, for people; json: every request, a line each."),
    ] = LogFormat.TEXT,
) -> None:
    """Run the event API with its map page until Ctrl-C."""
    settings = read_settings(os.environ, Path.home())
    targets = tuple(map(_target, cot or ()))
    _refuse_taken_port(host, port)
    with own_database(settings) as database:
        token = first_admin_token(database, datetime.now(UTC))
    served = replace(api_settings(settings), cot=CotSettings(targets))
    server = ApiServer(served, host, port, lambda url: _greet(url, token))
    with (
        home_shared(settings.home),
        logging_to(sys.stderr, log_format),
        suppress(KeyboardInterrupt),  # the way a server ends
    ):
        server.run()


def _target(text: str) -> CotTarget:
    try:
        return CotTarget.parse(text)
    except AddressError as error:
        raise UsageError(f"--cot: {error}") from error


def _greet(url: str, token: str | None) -> None:
    console, page = terminal(), f"{url}/"
    if token:
        console.print("No token was issued yet. This one administers, and is shown only now:")
        console.print(token, soft_wrap=True)
        console.print(f"Map page: {page}#token={token}", soft_wrap=True)
    else:
        console.print(f"Map page: {page}", soft_wrap=True)
    console.print(f"API documents: {page}docs", soft_wrap=True)


def _refuse_taken_port(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise UsageError(
                f"Cannot listen on {host}:{port}: {error.strerror}. Another program may use it; "
                "choose another with --port."
            ) from None
