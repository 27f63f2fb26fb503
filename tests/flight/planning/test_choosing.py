"""Which way is best, and what each is best in."""

from dataclasses import replace

from flight.planning.choosing import Merit, choose, merits_of
from flight.planning.comparison import Outcome, Variant
from tests.flight.planning.test_comparison import ASKED, outcome


def test_the_best_is_done_first() -> None:
    """And says by how much."""
    choice = choose([outcome(600.0, speed="6"), outcome(480.0, speed="8")])
    assert choice is not None
    assert choice.best.variant.values == {"speed": "8"}
    assert choice.reason == "Its last aircraft lands 2.0 min before that of the next best way."


def test_among_equally_fast_ways_the_best_takes_least() -> None:
    """Three per cent of time are not worth another aircraft."""
    choice = choose([outcome(600.0, crew=2, aircraft="2"), outcome(610.0, aircraft="1")])
    assert choice is not None
    assert choice.best.variant.values == {"aircraft": "1"}
    assert "of these it takes the fewest aircraft (1), batteries (1)" in choice.reason


def test_a_fast_way_that_sees_less_is_not_the_best() -> None:
    """The reason says what the faster one would miss."""
    choice = choose([outcome(600.0, height="40"), outcome(300.0, coverage=0.9, height="20")])
    assert choice is not None
    assert choice.reason == "It sees 100.0% of the ground; a faster way sees only 90.0%."


def test_pixels_must_be_fine_enough() -> None:
    """Where they are asked to be."""
    coarse = replace(outcome(300.0, height="80"), ground_sample_cm=9.0)
    choice = choose([outcome(600.0, height="40"), coarse], finest_cm=6.0)
    assert choice is not None
    assert choice.best.variant.values == {"height": "40"}
    assert choose([coarse], finest_cm=6.0) is None


def test_nobody_chooses_the_wind() -> None:
    """A way counts as in the worst wind, and one that cannot fly in every wind is none."""
    slow = [outcome(500.0, speed="6", wind="0"), outcome(520.0, speed="6", wind="90@9")]
    refused = Outcome(Variant({"speed": "9", "wind": "90@9"}, ASKED), refusal="Too windy.")
    choice = choose([*slow, outcome(300.0, speed="9", wind="0"), refused])
    assert choice is not None
    assert choice.best is slow[1]
    assert [choice.holds(each) for each in (*slow, refused)] == [True, True, False]
    assert choice.reason == "It is the only way that can be flown."


def test_the_reason_is_there_in_chinese_too() -> None:
    """Of each kind."""
    both = [outcome(600.0, speed="6"), outcome(480.0, speed="8")]
    reasons = {
        choice.reason_zh
        for some in (both, both[:1], [outcome(600.0, crew=2, aircraft="2"), outcome(610.0)])
        if (choice := choose(some))
    }
    assert len(reasons) == 3
    assert "最后一架无人机比次优方案早 2.0 分钟降落。" in reasons


def test_each_way_is_marked_with_what_it_alone_is_best_in() -> None:
    """What several share marks nobody; nor what cannot be flown."""
    quick = replace(outcome(300.0, crew=2, height="60"), ground_sample_cm=7.0)
    sharp = replace(outcome(600.0, height="40"), ground_sample_cm=5.0)
    refused = Outcome(Variant({"height": "500"}, None), refusal="Too high.")
    ways = [quick, sharp, refused]
    choice = choose(ways)
    assert merits_of(quick, ways, choice) == (Merit.CHOSEN, Merit.QUICKEST)
    assert merits_of(sharp, ways, choice) == (Merit.THRIFTIEST, Merit.FEWEST, Merit.FINEST)
    assert merits_of(refused, ways, choice) == ()
    assert merits_of(sharp, [sharp], None) == ()


def test_a_way_is_best_in_something_whatever_the_wind() -> None:
    """Equal figures of one way in two winds do not rob it of its mark."""
    ways = [
        outcome(500.0 + 100.0 * (s == "6"), speed=s, wind=w) for s in "68" for w in ("0", "9@9")
    ]
    choice = choose(ways)
    assert [merits_of(each, ways, choice) for each in ways] == [
        (),
        (),
        (Merit.CHOSEN, Merit.QUICKEST),
        (Merit.CHOSEN, Merit.QUICKEST),
    ]
