"""Names of events are understood as people write them, or said to be unknown."""

import pytest

from patrol.event_kinds import KINDS, kind_of, untold
from vision.rules.schema import load_rules, read_rules

OFF = [rule for rule in read_rules() if not rule.enabled]


def test_every_kind_is_told_by_some_rule() -> None:
    """A kind that no shipped rule reports could only ever be missed."""
    for name, kind in KINDS.items():
        assert any(kind.is_told_by(rule) for rule in read_rules()), name


@pytest.mark.parametrize(
    ("name", "code", "class_name"),
    [
        ("trash", "06010", "garbage"),
        ("Street vending", "09001", "stall"),
        ("illegal-parking", "09009", "car"),
        ("traffic_jam", "EXT-CONGESTION", "car"),
        ("vehicles_moving", "EXT-PRESENCE", "truck_bus"),
        ("person_loitering", "EXT-PRESENCE", "person"),
        ("人员聚集", "EXT-CROWD", "person"),
    ],
)
def test_other_names_mean_the_same(name: str, code: str, class_name: str) -> None:
    """In any case, with any joint between the words, and in Chinese."""
    assert kind_of(name).fits(code, class_name)
    assert untold(name, load_rules()) == ""


def test_the_shipped_rules_can_be_expected_by_their_chinese_titles() -> None:
    """Those that suit few places, too."""
    for rule in read_rules():
        if rule.id != "crowd":
            assert kind_of(rule.title_zh).is_told_by(rule), rule.title_zh


def test_an_unknown_kind_is_the_code_of_a_matter() -> None:
    """So a person's own rules can be expected to tell."""
    assert kind_of("09020").fits("09020", "kite")
    assert not kind_of("09020").fits("09009", "kite")
    assert untold("06010", load_rules()) == ""


def test_what_can_never_be_told_says_why() -> None:
    """A slip of the pen, a rule that is switched off, a rule file without any for it."""
    assert untold("somke", load_rules()).endswith("; did you mean smoke?")
    assert "known are fire, smoke, crowd_gathering" in untold("elephant", load_rules())
    assert "the rule collision tells it and is switched off" in untold("crash", load_rules(), OFF)
    assert untold("smoke", [rule for rule in load_rules() if rule.id == "fire"], OFF).startswith(
        "none of the rules tells it"
    )
