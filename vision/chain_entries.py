"""The lines of a manifest of evidence: each holds the hash of the one before it."""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from vision.errors import EvidenceError

BEGINNING = "0" * 64
NAME = re.compile(r"^(shown|sealed)/([0-9a-f]{64})\.(jpg|mp4|json)$")


@dataclass(frozen=True)
class Entry:
    """One line of a manifest.

    Attributes:
        number: from 1.
        at: when it was written, UTC.
        kind: `begun`, `kept`, `pruned`, or `missing`: clips of these sightings were lost on the
            way.
        about: ids of the sightings that it is of; for `begun` the name of the pass's folder.
        files: names of the files with their roles; for `pruned`, `altered` or `unreadable` in
            place of the role where a file was no longer as it was kept.
        previous: hash of the entry before.
        sha256: hash of this entry, over all the others and `previous`.
    """

    number: int
    at: datetime
    kind: str
    about: tuple[str, ...]
    files: tuple[tuple[str, str], ...]
    previous: str
    sha256: str


def checked(lines: Sequence[str], faults: list[str]) -> Iterator[Entry]:
    """Read lines; what is wrong with one goes to the faults.

    Args:
        lines: of a whole manifest.
        faults: is appended to.
    """
    previous = BEGINNING
    for number, line in enumerate(lines, start=1):
        try:
            entry = parsed(line, number)
        except EvidenceError as error:
            faults.append(str(error))
            continue
        if entry.previous != previous:
            faults.append(f"entry {number} does not follow the one before it")
        previous = entry.sha256
        yield entry


def parsed(line: str, number: int) -> Entry:
    """Read a line, whose own hash must be right.

    Raises:
        EvidenceError: it is no entry, or was changed.
    """
    try:
        row = json.loads(line)
        entry = Entry(
            int(row["number"]),
            datetime.fromisoformat(row["at"]),
            str(row["kind"]),
            tuple(str(each) for each in row["about"]),
            tuple((str(each["name"]), str(each["role"])) for each in row["files"]),
            str(row["previous"]),
            str(row["sha256"]),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise EvidenceError(f"entry {number} cannot be read") from error
    if entry.number != number or line_of(entry) != line or _seal(_row(entry)) != entry.sha256:
        raise EvidenceError(f"entry {number} was changed")
    # Names come from a file that anybody may have written: none may lead out of the folder.
    if entry.at.tzinfo is None or not all(NAME.match(name) for name, _ in entry.files):
        raise EvidenceError(f"entry {number} names what is no evidence")
    return entry


def following(last: Entry | None, entry: Entry) -> Entry:
    """An entry with the number and the hashes that it has after another one.

    Args:
        last: the one before; None for none.
        entry: whose number and hashes do not matter.
    """
    number, previous = (last.number, last.sha256) if last else (0, BEGINNING)
    entry = replace(entry, number=number + 1, at=entry.at.astimezone(UTC), previous=previous)
    return replace(entry, sha256=_seal(_row(entry)))


def line_of(entry: Entry) -> str:
    """The one way in which an entry is written."""
    row = _row(entry) | {"sha256": entry.sha256}
    return json.dumps(row, ensure_ascii=False, sort_keys=True)


def without_clip(entries: Iterable[Entry]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The sightings whose pictures were kept and of which there is no clip.

    Returns:
        Those whose clip nothing is said of, and those whose clip is said to be missing.
    """
    seen: dict[str, None] = {}
    has_clip, named = set[str](), set[str]()
    for entry in entries:
        if entry.kind == "missing":
            named.update(entry.about)
        elif entry.kind == "kept" and any(role == "clip" for _, role in entry.files):
            has_clip.update(entry.about)
        elif entry.kind == "kept":
            seen |= dict.fromkeys(entry.about)
    lacking = [each for each in seen if each not in has_clip]
    return (
        tuple(each for each in lacking if each not in named),
        tuple(each for each in lacking if each in named),
    )


def _row(entry: Entry) -> dict[str, object]:
    return {
        "number": entry.number,
        "at": entry.at.isoformat(),
        "kind": entry.kind,
        "about": list(entry.about),
        "files": [{"name": name, "role": role} for name, role in entry.files],
        "previous": entry.previous,
    }


def _seal(row: dict[str, object]) -> str:
    text = json.dumps(row, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
