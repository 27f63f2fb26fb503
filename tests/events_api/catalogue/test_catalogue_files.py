"""Reading a county's catalogue: whole, or refused with file, line and key."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events_api.catalogue.catalogue_files import SHIPPED_CATALOGUE, parse_catalogue, read_catalogue
from events_api.errors import CatalogueError

TEXT = """\
version: 2
sources:
  us: {en: Our own rule.}
clockwork:
  source: Our own rule.
  pauses: [suspended]
bodies:
  - {id: town, zh: 镇, en: Town}
responsible:
  - {body: town, matters: ["06"]}
categories:
  - standard_ref: S
    code: "06"
    zh: 类
    en: Class
    extent_m: 2
    same_within_h: 24
    colour_class: road
    matters:
      - {code: "06001", zh: 一, en: One}
      - code: "06002"
        zh: 二
        en: Two
        extent_m: 7
        conditions:
          - closing: {en: gone}
            limits: [{amount: 4, unit: working_hours, source: us}]
"""


def test_a_matter_takes_from_its_category_what_it_does_not_say() -> None:
    """And says the rest itself."""
    one, two = parse_catalogue(TEXT, "ours.yaml").matters
    assert [(m.standard_ref, m.extent_m, m.colour_class) for m in (one, two)] == [
        ("S", 2, "road"),
        ("S", 7, "road"),
    ]
    assert two.conditions[0].limits[0].amount == 4


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("version: 2", "version: 1", "ours.yaml:1: version: "),
        ("extent_m: 7", "extent_m: -7", ":24: categories.0.matters.1.extent_m (code 06002): "),
        ("colour_class: road", "colour_class: pink", ":18: categories.0.colour_class (code 06): "),
        ('"06001"', "06001", ":20: categories.0.matters.0.code (code 06001): "),
        ("en: Two", "eng: Two", ":23: categories.0.matters.1.eng (code 06002): "),
        ("en: Two\n", "\n", ":21: categories.0.matters.1.en (code 06002): Field required."),
        ("amount: 4", "amount: 0", ":27: categories.0.matters.1.conditions.0.limits.0.amount"),
        ("working_hours", "hours", ":27: categories.0.matters.1.conditions.0.limits.0.unit"),
        ("source: us", "source: them", ":27: categories.0.matters.1.conditions.0.limits.0.source"),
        ("source: us", "source: them", "'them' is not among the sources"),
        ("body: town", "body: city", ":10: responsible.0.body: 'city' is not among the bodies."),
        ('"06002"', '"06001"', ":21: categories.0.matters.1.code: 06001 of S is here twice."),
        ("extent_m: 7", "zh: 三", ":24: categories.0.matters.1.zh: is written twice."),
        ("suspended", "asleep", ":6: clockwork.pauses.0: "),
        ("[suspended]", "[suspended", "is not YAML"),
    ],
)
def test_a_mistake_is_named_with_file_line_and_key(old: str, new: str, words: str) -> None:
    """So that whoever wrote it finds it."""
    with pytest.raises(CatalogueError) as wrong:
        parse_catalogue(TEXT.replace(old, new), "ours.yaml")
    assert words in str(wrong.value)
    assert "ours.yaml" in str(wrong.value)


def test_all_mistakes_are_told_at_once() -> None:
    """A line each, and of very many the first ten."""
    text = TEXT.replace("extent_m: 7", "extent_m: -7").replace("en: Class", "en: ''")
    with pytest.raises(CatalogueError, match=r"2 problem\(s\), nothing was changed"):
        parse_catalogue(text, "ours.yaml")
    many = "".join(f'      - {{code: "{n}", zh: 一}}\n' for n in range(30))
    with pytest.raises(CatalogueError, match="and 20 more"):
        parse_catalogue(TEXT + many, "ours.yaml")


@pytest.mark.parametrize("text", ["", "[]", "a", "&a [*a]", "version: !!python/object:os.system x"])
def test_what_is_no_catalogue_is_refused(text: str) -> None:
    """Whatever else it is."""
    with pytest.raises(CatalogueError, match=r"ours\.yaml"):
        parse_catalogue(text, "ours.yaml")


@given(st.text(alphabet=st.sampled_from("abc:-[]{}&*!|>'\"#\n ?,\t\x00é")) | st.text())
def test_no_text_is_met_with_anything_but_a_sentence(text: str) -> None:
    """Neither a traceback nor silence."""
    with pytest.raises(CatalogueError, match=r"ours\.yaml"):
        parse_catalogue(text, "ours.yaml")


@given(st.data())
def test_a_shipped_catalogue_with_one_line_broken_is_read_or_refused(data: st.DataObject) -> None:
    """Never anything in between."""
    lines = SHIPPED_CATALOGUE.read_text(encoding="utf-8").splitlines()
    index = data.draw(st.integers(0, len(lines) - 1))
    lines[index] = data.draw(
        st.sampled_from(["", "x", lines[index] + "x", lines[index][2:], "- 1"])
    )
    try:
        parse_catalogue("\n".join(lines), "ours.yaml")
    except CatalogueError as error:
        assert "ours.yaml" in str(error)  # noqa: PT017  # it may also be read


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    """Missing, or no text at all."""
    with pytest.raises(CatalogueError, match=r"none\.yaml cannot be read: No such file"):
        read_catalogue(tmp_path / "none.yaml")
    (tmp_path / "bytes.yaml").write_bytes(b"\xff\xfe\xff")
    with pytest.raises(CatalogueError, match="not YAML"):
        read_catalogue(tmp_path / "bytes.yaml")
