"""`patrol deliver`: send what waits in the outbox."""

import os
from pathlib import Path
from typing import Annotated

import typer

from events_api.client import EventApiClient
from events_api.outbox import Delivery, Outbox
from geofences.findings import Tell
from patrol.cli.console import notices, print_json, terminal
from patrol.cli.progress import progress
from patrol.settings import read_settings


def deliver(
    revive: Annotated[
        bool, typer.Option(help="Try the reports again that the API once refused.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for a machine.")] = False,
) -> None:
    """Send the reports that wait here; exit code 1 if some were refused or still wait."""
    settings = read_settings(os.environ, Path.home())
    with (
        Outbox(settings.outbox_folder) as outbox,
        EventApiClient(settings.api_url, settings.token) as client,
    ):
        if revive:
            outbox.revive()
        with progress(notices(), silent=as_json) as tell:
            delivery = _delivered(outbox, client, tell)
        dead = outbox.dead_letters()
    if as_json:
        print_json(
            {
                "delivered": len(delivery.receipts),
                "waiting": delivery.waiting,
                "refused": [{"report": str(d.report.report_id), "why": d.reason} for d in dead],
            }
        )
    else:
        terminal().print(f"{len(delivery.receipts)} reports delivered, {delivery.waiting} wait.")
    if delivery.stopped:
        raise delivery.stopped
    for letter in dead:
        told = f"Refused: report {letter.report.report_id}: {letter.reason}"
        notices().print(told, markup=False, soft_wrap=True)
    if dead:
        raise typer.Exit(1)


def _delivered(outbox: Outbox, client: EventApiClient, tell: Tell) -> Delivery:
    waiting, delivered = outbox.pending(), outbox.delivered()
    tell("reports", 0, waiting)
    try:
        return outbox.deliver(
            client, at_once=True, on_settled=lambda settled: tell("reports", settled, waiting)
        )
    except KeyboardInterrupt:
        sent = outbox.delivered() - delivered
        notices().print(f"{sent} reports delivered, {outbox.pending()} wait.")
        raise
