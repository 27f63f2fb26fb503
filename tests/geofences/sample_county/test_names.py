"""Tests of `geofences.sample_county.names`."""

from __future__ import annotations

import random

from geofences.sample_county.names import DEMO_VILLAGE, TOWNS, village_names


def test_there_are_names_for_all_villages() -> None:
    """180 names, none twice, none of the demo village or a town."""
    names = village_names(random.Random(1))
    assert len(names) == len(set(names)) == 180
    assert len({name.pinyin for name in names}) == 180
    assert not set(names) & {DEMO_VILLAGE, *TOWNS}


def test_their_order_follows_from_the_seed() -> None:
    """The same generator deals the same names."""
    dealt = village_names(random.Random(1))
    assert dealt == village_names(random.Random(1))
    assert dealt != village_names(random.Random(2))


def test_towns_are_told_apart() -> None:
    """Sixteen towns, each with its own name in both languages."""
    assert len(TOWNS) == len(set(TOWNS)) == 16
    assert all(not town.chinese.isascii() and town.pinyin.isascii() for town in TOWNS)


def test_a_suffix_follows_the_chinese_name() -> None:
    """村 means village; the letters stay without it."""
    assert DEMO_VILLAGE.with_suffix("村") == "柳桥村 Liuqiao"
