"""`patrol backup` and `patrol restore`: everything that the event API keeps, as one file."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from events_api.backups.making import Source, make_backup
from events_api.backups.manifest import Manifest
from events_api.backups.restoring import Target, check_backup
from events_api.backups.restoring import restore as bring_back
from patrol.cli.console import notices, print_json, terminal
from patrol.cli.progress import progress
from patrol.cli.rule_files import put_by
from patrol.home_lock import home_alone, home_shared
from patrol.installation import backup_place, evidence_store, present_database
from patrol.settings import read_settings

INCOMPLETE = 3
SHOWN_LACKING = 10

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a machine.")]


def backup(
    file: Annotated[
        Path, typer.Argument(help="A new file; of a folder, it is named by the time in it.")
    ],
    as_json: AsJson = False,
) -> None:
    """Write events, users, tokens, audit and evidence to one file, while the API runs.

    Exit code 3: it was made, but evidence that the database names is missing or damaged.
    """
    settings, now = read_settings(os.environ, Path.home()), datetime.now(UTC)
    target = file / f"gridpatrol-{now:%Y%m%dT%H%M%SZ}.zip" if file.is_dir() else file
    with (
        home_shared(settings.home),
        present_database(settings) as database,
        progress(notices(), silent=as_json) as tell,
    ):
        source = Source(database, evidence_store(settings), put_by())
        manifest = make_backup(source, target, now, tell)
    _show(manifest, target, "Written", as_json=as_json)
    if manifest.lacking:
        raise typer.Exit(INCOMPLETE)


def restore(
    file: Annotated[Path, typer.Argument(help="What `patrol backup` has written.")],
    replace: Annotated[
        bool, typer.Option("--replace", help="Put a database that holds events aside.")
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Only say whether the file is whole.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Bring a backup back: checked whole, made beside, and swapped in at once; no server may run.

    Tokens, users and passwords are those of the backup: revoke again what was revoked since.
    """
    settings, now = read_settings(os.environ, Path.home()), datetime.now(UTC)
    if check:
        with progress(notices(), silent=as_json) as tell:
            manifest = check_backup(file, tell)
        _show(manifest, file, "Whole", as_json=as_json)
        return
    with home_alone(settings.home), progress(notices(), silent=as_json) as tell:
        place = backup_place(settings)
        target = Target(place, evidence_store(settings), settings.home, put_by())
        restored = bring_back(file, target, now, tell, replace=replace)
    _show(restored.manifest, file, "Restored", as_json=as_json, kept=restored.kept)


def _show(
    manifest: Manifest, file: Path, done: str, *, as_json: bool, kept: str | None = None
) -> None:
    content = manifest.database
    anchor = f"{content.audit_number}:{content.audit_sha256}"
    if as_json:
        lacking = [each.model_dump() for each in manifest.lacking]
        told = {
            "file": str(file),
            "made_at": manifest.made_at.isoformat(),
            "rows": content.rows,
            "evidence": len(manifest.evidence),
            "lacking": lacking,
            "audit": anchor,
            "kept": kept,
        }
        print_json(told)
        return
    rows = ", ".join(f"{count} {name}" for name, count in content.rows.items())
    made = f"{manifest.made_at:%Y-%m-%d %H:%M:%S} UTC"
    console = terminal()
    console.print(f"{done}: {file}, as it was {made}: {rows}.", markup=False, soft_wrap=True)
    console.print(f"The audit ends at {anchor}", markup=False, soft_wrap=True)
    if kept is not None:
        console.print(f"The former database is kept: {kept}", markup=False, soft_wrap=True)
    _show_lacking(manifest)


def _show_lacking(manifest: Manifest) -> None:
    remarks = notices()
    for each in manifest.lacking[:SHOWN_LACKING]:
        remarks.print(f"Not in the backup: {each.sha256}: {each.why}", markup=False, soft_wrap=True)
    more = len(manifest.lacking) - SHOWN_LACKING
    if more > 0:
        remarks.print(f"And {more} more; `patrol doctor` lists all.")
