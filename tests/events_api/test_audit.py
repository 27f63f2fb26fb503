"""The chain of the audit, and every way to tamper with it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events_api.audit import BEGINNING, Deed, Entry, Link, canonical_json, seal, walk
from tests.events_api.conftest import NOW

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def chain(length: int = 6) -> list[Entry]:
    """Return a sound chain."""
    entries: list[Entry] = []
    previous = BEGINNING
    for number in range(1, length + 1):
        at = NOW + timedelta(seconds=number)
        deed = Deed("desk-1", "event.moved", f"event:{number}", {"to": "accepted"})
        sha256 = seal(number, at, deed, previous)
        entries.append(Entry(number, at, deed, previous, sha256))
        previous = sha256
    return entries


def end_of(entries: list[Entry]) -> Link:
    """Return the last row's number and hash."""
    return Link(entries[-1].number, entries[-1].sha256)


def resealed(entries: list[Entry]) -> list[Entry]:
    """Return the same deeds in a chain of their own, as somebody with time would write it."""
    made: list[Entry] = []
    previous = BEGINNING
    for number, entry in enumerate(entries, start=1):
        sha256 = seal(number, entry.at, entry.deed, previous)
        made.append(Entry(number, entry.at, entry.deed, previous, sha256))
        previous = sha256
    return made


def edited(entry: Entry, **changes: Any) -> Entry:
    """Return a row with another deed and its old hash."""
    return replace(entry, deed=replace(entry.deed, **changes))


def swapped(entries: list[Entry]) -> list[Entry]:
    """Return the chain with the deeds of rows 3 and 4 exchanged."""
    third, fourth = entries[2], entries[3]
    return [
        *entries[:2],
        replace(third, deed=fourth.deed),
        replace(fourth, deed=third.deed),
        *entries[4:],
    ]


def inserted(entries: list[Entry], number: int) -> list[Entry]:
    """Return the chain with a forged row, well sealed, after the third."""
    deed = Deed("nobody", "event.moved", "event:9", {})
    previous = entries[2].sha256
    forged = Entry(number, NOW, deed, previous, seal(number, NOW, deed, previous))
    return [*entries[:3], forged, *entries[3:]]


TAMPERING: dict[str, tuple[Callable[[list[Entry]], list[Entry]], int, str]] = {
    "actor": (lambda c: [*c[:2], edited(c[2], actor="x"), *c[3:]], 2, "row 3 was changed"),
    "action": (lambda c: [*c[:2], edited(c[2], action="x"), *c[3:]], 2, "row 3 was changed"),
    "subject": (lambda c: [*c[:2], edited(c[2], subject="x"), *c[3:]], 2, "row 3 was changed"),
    "content": (lambda c: [*c[:2], edited(c[2], content={}), *c[3:]], 2, "row 3 was changed"),
    "time": (
        lambda c: [*c[:2], replace(c[2], at=NOW), *c[3:]],
        2,
        "row 3 was changed",
    ),
    "hash": (lambda c: [*c[:2], replace(c[2], sha256="0" * 64), *c[3:]], 2, "row 3 was changed"),
    "first row": (lambda c: [edited(c[0], actor="x"), *c[1:]], 0, "row 1 was changed"),
    "row and its own hash": (
        lambda c: [*c[:2], resealed([*c[:2], edited(c[2], actor="x")])[2], *c[3:]],
        3,
        "row 4 was not written after the row 3 that is there now",
    ),
    "deletion": (lambda c: [*c[:2], *c[3:]], 2, "row 3 is missing: row 4 follows row 2"),
    "deletion of the first": (lambda c: c[1:], 0, "row 1 is missing: row 2 follows row 0"),
    "deletion with later rows moved up": (
        lambda c: [*c[:2], *(replace(e, number=e.number - 1) for e in c[3:])],
        2,
        "row 3 was not written after the row 2",
    ),
    "insertion of a number that is there": (
        lambda c: inserted(c, 4),
        4,
        "row 4 stands where row 5 should",
    ),
    "insertion with later rows moved down": (
        lambda c: [
            *inserted(c, 4)[:4],
            *(replace(e, number=e.number + 1) for e in c[3:]),
        ],
        4,
        "row 5 was not written after the row 4",
    ),
    "order of deeds": (swapped, 2, "row 3 was changed"),
    "order of rows": (lambda c: [*c[:2], c[3], c[2], *c[4:]], 2, "row 3 is missing"),
    "end cut off": (lambda c: c[:4], 4, "row 5 is missing: the audit's head names 6 rows"),
    "all cut off": (lambda c: c[:0], 0, "row 1 is missing: the audit's head names 6 rows"),
    "row added": (
        lambda c: resealed([*c, c[0]]),
        6,
        "row 7 was added: the audit's head names 6 rows",
    ),
    "written anew": (
        lambda c: resealed([edited(c[0], actor="x"), *c[1:]]),
        6,
        "the last row is another than the audit's head names",
    ),
}


def test_a_sound_chain_is_sound_to_its_end() -> None:
    """The end is what to note elsewhere; an empty one is sound too."""
    entries = chain()
    verdict = walk(entries, end_of(entries))
    assert (verdict.broken, verdict.end) == (None, end_of(entries))
    assert walk([], Link(0, BEGINNING)).broken is None


@pytest.mark.parametrize("name", TAMPERING)
def test_tampering_is_seen_at_its_first_row(name: str) -> None:
    """Edited, deleted, inserted, moved, cut off: the rows before it are still sound."""
    tamper, sound, says = TAMPERING[name]
    entries = chain()
    verdict = walk(tamper(entries), end_of(entries))
    assert verdict.broken is not None
    assert says in verdict.broken
    assert verdict.end.number == sound


@pytest.mark.parametrize(
    "tamper",
    [lambda c: c[:4], lambda c: resealed([edited(c[0], actor="x"), *c[1:]])],
    ids=["end cut off", "written anew"],
)
def test_what_the_chain_cannot_see_an_anchor_does(
    tamper: Callable[[list[Entry]], list[Entry]],
) -> None:
    """With the head set to match, only a hash noted outside the database tells."""
    entries = chain()
    anchor = end_of(entries[:5])
    forged = tamper(entries)
    assert walk(forged, end_of(forged)).broken is None
    verdict = walk(forged, end_of(forged), anchor)
    assert verdict.broken is not None
    assert "row 5" in verdict.broken
    assert "anchor" in verdict.broken


def test_an_anchor_that_fits_changes_nothing() -> None:
    """However long the chain has grown since."""
    entries = chain()
    assert walk(entries, end_of(entries), end_of(entries[:3])).broken is None


@given(VALUES)
def test_equal_values_have_one_text(value: Any) -> None:
    """Also after they were stored as JSON and read back, in whatever order of keys."""
    text = canonical_json(value)
    assert canonical_json(json.loads(text)) == text
    stored = json.dumps(value, indent=2)
    assert canonical_json(json.loads(stored)) == text


def test_the_hash_is_that_of_the_description() -> None:
    """Whoever checks with a program of their own gets the same."""
    at = NOW.astimezone(timezone(timedelta(hours=8)))
    deed = Deed("张三", "token.issued", "token:a", {"b": 1, "a": "ü"})
    assert seal(7, at, deed, "ab") == (
        "20eb644f84b113013163ace764bbb4d6929516ccf8e8f5460192272454acf1ca"
    )
