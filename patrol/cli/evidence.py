"""`patrol evidence`: what is kept of passes on this machine."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from patrol.cli.console import notices, print_json, terminal
from patrol.errors import UsageError
from patrol.keeping import pass_folders
from vision.chain import EvidenceFolder, due, is_bare
from vision.chain_check import Verification, verify
from vision.chain_entries import BEGINNING
from vision.chain_pruning import Pruned, spoilt
from vision.errors import EvidenceError

app = typer.Typer(help="Check and prune kept evidence.", no_args_is_help=True)

_SHA256 = re.compile(r"[0-9a-f]{64}")

Folder = Annotated[Path, typer.Argument(help="Given to `patrol watch --evidence`, or one pass.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a machine.")]


@app.command("verify")
def verify_(
    folder: Folder,
    anchor: Annotated[
        str, typer.Option(help="The end of one pass's chain as noted earlier (SHA-256).")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Say whether evidence is as it was kept; exit code 1 if not.

    A pass that found nothing has a chain, too. Note the end that is printed
    elsewhere: only who has it can tell that the last entries were cut off, or
    that the whole folder was taken away or written anew.
    """
    anchor = anchor.strip().lower()
    if anchor and not _SHA256.fullmatch(anchor):
        # Said of a chain that is whole, "cut off or rewritten" would be a grave thing.
        raise UsageError(
            f"--anchor {anchor} is no SHA-256: give the 64 digits that `patrol evidence verify` "
            "printed as the end."
        )
    folders = pass_folders(folder)
    if anchor and len(folders) > 1:
        raise UsageError("An --anchor belongs to one pass; name the folder of that pass.")
    checked = [(each, _checked(each, anchor)) for each in folders]
    if as_json:
        print_json(
            [
                {
                    "pass": each.name,
                    "begun_as": found.begun_as,
                    "entries": found.entries,
                    "files": found.files,
                    "pruned": found.pruned,
                    "pruned_spoilt": _rows(found.spoilt),
                    "unfinished": found.unfinished,
                    "clips_missing": list(found.missing),
                    "clips_awaited": list(found.awaited),
                    "end": found.end_sha256,
                    "faults": list(found.faults),
                }
                for each, found in checked
            ]
        )
    else:
        for each, found in checked:
            terminal().print(f"{each.name}: {_said(found)}", markup=False, soft_wrap=True)
            for name, state in found.spoilt:
                told = f"  {name} was {state} when its time was over"
                terminal().print(told, markup=False, style="yellow", soft_wrap=True)
            for fault in found.faults:
                terminal().print(f"  {fault}", markup=False, style="red", soft_wrap=True)
    if any(found.faults for _, found in checked):
        raise typer.Exit(1)


@app.command("prune")
def prune(
    folder: Folder,
    days: Annotated[float, typer.Option(help="Files kept longer ago than this go.", min=0.0)],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only count what would be removed.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Remove evidence whose time is over; the chain goes on and says what was removed.

    Files that are no longer as they were kept go too, and are named here and
    in the chain. Exit code 1 if there are any, or if something had to stay
    that no chain vouches for; the other passes are pruned.
    """
    now = datetime.now(UTC)
    limit = _limit(now, days)
    removed: list[tuple[str, Pruned]] = []
    stays: list[str] = []
    for each in pass_folders(folder):
        if is_bare(each):
            continue
        try:
            found = _due(each, limit) if dry_run else _pruned(each, limit, now, stays)
            removed.append((each.name, found))
        except EvidenceError as error:
            stays.append(f"{each.name}: nothing of it is removed. {error}")
    if as_json:
        print_json(
            [
                {"pass": name, "files": found.files, "spoilt": _rows(found.spoilt)}
                for name, found in removed
            ]
        )
    else:
        told = "would be removed" if dry_run else "were removed"
        # The moment shows by which clock: one that is far ahead would let everything go.
        terminal().print(
            f"{sum(found.files for _, found in removed)} files of {len(removed)} passes {told}, "
            f"kept before {limit:%Y-%m-%d %H:%M} UTC.",
            soft_wrap=True,
        )
    spoilt = _told_of_spoilt(removed, dry_run=dry_run)
    for each_told in [*spoilt, *stays]:
        notices().print(each_told, markup=False, style="red", soft_wrap=True)
    if spoilt or stays:
        raise typer.Exit(1)


def _due(folder: Path, limit: datetime) -> Pruned:
    names = due(folder, limit)
    return Pruned(len(names), tuple(sorted(spoilt(folder, names).items())))


def _told_of_spoilt(removed: list[tuple[str, Pruned]], *, dry_run: bool) -> list[str]:
    """What an auditor must hear: once a file is gone, nobody can look at what became of it."""
    told = []
    for name, found in removed:
        if found.spoilt:
            told.append(
                f"{name}: {len(found.spoilt)} of {found.files} files are not as they were kept"
                + (":" if dry_run else " and are removed, which its chain says:")
            )
            told += [f"  {file} was {state}" for file, state in found.spoilt]
    return told


def _rows(spoilt_files: tuple[tuple[str, str], ...]) -> list[dict[str, str]]:
    return [{"name": name, "how": how} for name, how in spoilt_files]


def _pruned(folder: Path, limit: datetime, now: datetime, stays: list[str]) -> Pruned:
    # Refuses a manifest that is gone, where opening the folder to write would begin another.
    due(folder, limit)
    chain = EvidenceFolder(folder)
    removed = chain.prune(limit, now)
    strangers = chain.strangers()
    if strangers:
        stays.append(
            f"{folder.name}: {len(strangers)} files are in no entry of its chain and stay, "
            f"{strangers[0]} the first. `patrol evidence verify` names them; look at them, and "
            "remove by hand what is not needed."
        )
    return removed


def _checked(folder: Path, anchor: str) -> Verification:
    try:
        return verify(folder, anchor)
    except EvidenceError as error:
        # What cannot be checked does not keep the other passes from being.
        return Verification(0, 0, 0, BEGINNING, (str(error),))


def _said(found: Verification) -> str:
    said = f"{found.entries} entries, {found.files} files as they were"
    said += f", {found.pruned} pruned" if found.pruned else ""
    said += f" ({len(found.spoilt)} no longer as they were kept)" if found.spoilt else ""
    said += f", {found.unfinished} left by a process that died" if found.unfinished else ""
    if found.missing:
        said += f", without clip (its recording was cut off): {', '.join(found.missing)}"
    if found.awaited:
        said += f", clip not there yet: {', '.join(found.awaited)}"
    return said + (f", end {found.end_sha256}" if not found.faults else "")


def _limit(now: datetime, days: float) -> datetime:
    try:
        return now - timedelta(days=days)
    except OverflowError as error:
        raise UsageError(f"{days:g} days is longer than there is time; give fewer.") from error
