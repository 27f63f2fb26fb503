"""The page says in Chinese, too, why a report was merged."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from events_api.merging import Look, MergeRule, OpenEvent, decide
from events_api.pairing import pair_up
from geofences.geodesy import destination
from tests.events_api.factories import MARKET

SCRIPT = Path(__file__).parents[2] / "events_api" / "web" / "page" / "why.js"
TIME = datetime(2026, 7, 1, 8, 0, tzinfo=UTC)
STALL = MergeRule(extent_m=0.0, same_within=timedelta(hours=24))
LOOK = Look(MARKET, 14.0, TIME, "falcon-1", "pass 2", 2)


def event(number: int, away_m: float, *tracks: int) -> OpenEvent:
    """Return an open event some metres east of the market."""
    place = destination(MARKET, 90.0, away_m)
    return OpenEvent(number, place, 14.0, TIME, TIME, frozenset(tracks))


def paired() -> str:
    """Return the sentence of a thing that is left the event of another."""
    events = [event(1, 0.0), event(2, 15.0, 1)]
    second = replace(LOOK, position=destination(MARKET, 90.0, 32.0))
    first = replace(LOOK, position=destination(MARKET, 90.0, 9.0), track_id=1)
    return pair_up(second, decide(second, events, STALL), first, events, STALL).why


SAID = {
    "followed": decide(LOOK, [event(1, 0.0, 2)], STALL).why,
    "joined": decide(LOOK, [event(1, 3.0)], STALL).why,
    "paired": paired(),
    "no position": decide(replace(LOOK, position=None), [], STALL).why,
    "vague": decide(replace(LOOK, ce90_m=900.0), [event(1, 0.0)], STALL).why,
    "told apart": decide(LOOK, [event(1, 3.0, 1)], STALL).why,
    "alone": decide(LOOK, [], STALL).why,
    "split": "Taken out of event 6f1c2a60-0000-4000-8000-000000000000 by 王五: two\nheaps",
}


def chinese(said: str) -> list[str]:
    """Return what each pattern that fits makes of a sentence, as the page does."""
    text = SCRIPT.read_text(encoding="utf-8")
    pairs = re.findall(r'^  \[/(.+)/, "(.+)"\],$', text, re.MULTILINE)
    assert len(pairs) == len(SAID)
    found = [(re.search(pattern, said), sentence) for pattern, sentence in pairs]
    return [filled(sentence, match) for match, sentence in found if match is not None]


def filled(sentence: str, match: re.Match[str]) -> str:
    """Return a sentence with what the brackets of its pattern hold."""
    return re.sub(r"\{(\d)\}", lambda place: match[int(place[1])], sentence)


@pytest.mark.parametrize("kind", SAID)
def test_every_reason_has_its_chinese(kind: str) -> None:
    """Exactly one, with every number of the English, and no word of it."""
    (shown,) = chinese(SAID[kind])
    assert all(number in shown for number in re.findall(r"\d+\.\d+|\d+%", SAID[kind]))
    assert "event" not in shown
    assert shown.startswith(("合并：", "新事件：", "由 "))


def test_a_sentence_that_is_not_known_stays_as_it_is() -> None:
    """No pattern takes what it does not understand."""
    assert chinese("Joined: by a rule of tomorrow.") == []
