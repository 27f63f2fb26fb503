"""The catalogue of matters."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from events_api.catalogue.matters import read_catalogue
from events_api.errors import CatalogueError, UnprocessableError
from events_api.schemas import MatterKey
from tests.events_api.conftest import RunningApi

STANDARD = "GB/T 47678.5-2026"
LOCAL = "GRIDPATROL-EXT"

ROW = """
  - {standard_ref: A, code: "1", zh: 一, en: One, extent_m: 2, same_within_h: 24,
     colour_class: road}
"""


@pytest.mark.parametrize(
    ("standard_ref", "code", "zh", "code_2013"),
    [
        (STANDARD, "09009", "机动车乱停放", "04-09"),
        (STANDARD, "09012", "占用消防通道", None),
        (STANDARD, "09001", "无照经营游商", "04-01"),
        (STANDARD, "06010", "暴露垃圾", "01-10"),
        (STANDARD, "06013", "道路破损", "01-13"),
        (STANDARD, "06020", "焚烧垃圾、树叶", "01-20"),
        (LOCAL, "EXT-FIRE", "明火", None),
        (LOCAL, "EXT-SMOKE", "烟雾", None),
        (LOCAL, "EXT-CROWD", "人群聚集", None),
        (LOCAL, "EXT-INTRUSION", "闯入限制区域", None),
        (LOCAL, "EXT-CONGESTION", "交通拥堵", None),
        (LOCAL, "EXT-PRESENCE", "目标出现", None),
    ],
)
def test_every_matter_that_the_detectors_report_is_shipped(
    standard_ref: str, code: str, zh: str, code_2013: str | None
) -> None:
    """With its Chinese name and, where known, its code of 2013."""
    matter = read_catalogue().find(MatterKey(standard_ref=standard_ref, code=code))
    assert (matter.zh, matter.code_2013) == (zh, code_2013)
    assert matter.is_local_extension == (standard_ref == LOCAL)


def test_standard_codes_are_five_digits_and_local_ones_are_not() -> None:
    """Nobody mistakes one of ours for one of the standard."""
    for matter in read_catalogue().matters:
        is_standard = len(matter.code) == 5 and matter.code.isdigit()
        assert is_standard != matter.is_local_extension, matter.code


def test_a_matter_says_what_sameness_means() -> None:
    """A parked car is 4.5 m long and the same one for a day."""
    rule = read_catalogue().find(MatterKey(standard_ref=STANDARD, code="09009")).merge_rule
    assert (rule.extent_m, rule.same_within) == (4.5, timedelta(hours=24))


def test_an_unknown_matter_is_named() -> None:
    """The code of one standard is not that of another."""
    with pytest.raises(UnprocessableError, match="09009 of GB/T 30428"):
        read_catalogue().find(MatterKey(standard_ref="GB/T 30428", code="09009"))


def test_a_county_may_bring_its_own(tmp_path: Path) -> None:
    """A file with one matter is a catalogue."""
    path = tmp_path / "matters.yaml"
    path.write_text(f"version: 1\nmatters:{ROW}", encoding="utf-8")
    assert [matter.en for matter in read_catalogue(path).matters] == ["One"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("version: 1\nmatters:" + ROW + ROW, "twice"),
        ("version: 2\nmatters:" + ROW, "version"),
        ("version: 1\nmatters:" + ROW.replace("extent_m: 2", "extent_m: -2"), "0.extent_m"),
        ("version: 1\nmatters:" + ROW.replace("road", "pink"), "0.colour_class"),
        ("version: 1\nmatters:" + ROW.replace('code: "1"', "code: 01"), "0.code"),
        ("version: 1\nmatters:" + ROW.replace("en: One", "eng: One"), "0.en"),
        ("", "wrong at"),
        ("matters: [", "not YAML"),
    ],
)
def test_a_wrong_catalogue_is_named_with_the_place(tmp_path: Path, text: str, words: str) -> None:
    """The sentence has the file and where in it."""
    path = tmp_path / "matters.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CatalogueError, match=words) as wrong:
        read_catalogue(path)
    assert str(path) in str(wrong.value)


def test_a_missing_catalogue_is_named(tmp_path: Path) -> None:
    """Also when it is no text at all."""
    with pytest.raises(CatalogueError, match=r"none\.yaml cannot be read: No such file"):
        read_catalogue(tmp_path / "none.yaml")
    (tmp_path / "bytes.yaml").write_bytes(b"\xff\xfe\xff")
    with pytest.raises(CatalogueError, match="not YAML"):
        read_catalogue(tmp_path / "bytes.yaml")


def test_the_catalogue_is_served(shared_api: RunningApi) -> None:
    """With both names and whether the code is ours."""
    with shared_api.client() as client:
        matters = {each["code"]: each for each in client.get("/matters").json()}
    assert matters["EXT-SMOKE"]["is_local_extension"]
    assert matters["06010"]["en"] == "Exposed litter"
