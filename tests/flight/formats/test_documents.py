"""JSON is read by key and type, and every error names the file and the key."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flight.errors import PlanFileError
from flight.formats.documents import Document, read_document
from geofences.geodesy import LonLat

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=6,
)


def document(**content: object) -> Document:
    """An object that stands at missions[0] of plan.json."""
    return Document("plan.json", "missions[0]", content)


READERS: list[Callable[[Document], object]] = [
    lambda d: d.text("key"),
    lambda d: d.number("key"),
    lambda d: d.integer("key"),
    lambda d: d.flag("key"),
    lambda d: d.values("key"),
    lambda d: d.texts("key"),
    lambda d: d.child("key"),
    lambda d: d.children("key"),
    lambda d: d.numbers("key", 2),
    lambda d: d.pairs("key", d.value("key")),
]


@given(st.sampled_from(READERS), json_values)
def test_whatever_stands_there_is_read_or_refused_by_its_key(
    read: Callable[[Document], object], value: object
) -> None:
    """No value escapes as an error of another kind."""
    try:
        read(document(key=value))
    except PlanFileError as error:
        assert str(error).startswith("plan.json: missions[0].key")  # noqa: PT017


@pytest.mark.parametrize("read", READERS)
def test_a_missing_key_is_named(read: Callable[[Document], object]) -> None:
    """With the way to it."""
    with pytest.raises(PlanFileError, match=r"plan\.json: missions\[0\]\.key is missing"):
        read(document(other=1))


@given(st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(10**15), 10**15))
def test_numbers_are_read_as_floats(value: float) -> None:
    """Whole ones too."""
    number = document(key=value).number("key")
    assert isinstance(number, float)
    assert number == value


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (True, "must be a number, not True"),
        ("7", "must be a number, not '7'"),
        (float("nan"), "must be a finite number, not nan"),
        (float("-inf"), "must be a finite number, not -inf"),
        (10**400, "is too large a number"),
    ],
)
def test_what_is_no_number_is_refused(value: object, message: str) -> None:
    """JSON knows numbers that a float does not hold."""
    with pytest.raises(PlanFileError, match=message):
        document(key=value).number("key")


@pytest.mark.parametrize("value", [1, 0, "false", None])
def test_only_true_and_false_are_flags(value: object) -> None:
    """To Python "false" would be true, and an exclusion an inclusion."""
    with pytest.raises(PlanFileError, match="must be true or false"):
        document(key=value).flag("key")
    assert document(key=False).flag("key") is False


def test_a_text_may_have_a_default_but_no_other_type() -> None:
    """A wrong value is not taken for a missing one."""
    assert document().text("key", default="none") == "none"
    with pytest.raises(PlanFileError, match="must be a text, not 5"):
        document(key=5).text("key", default="none")


def test_the_way_to_a_value_grows_with_every_step() -> None:
    """Lists by number, objects by key."""
    whole = Document("plan.json", "", {"missions": [{}, {"items": [{"speed": "fast"}]}]})
    item = whole.children("missions")[1].children("items")[0]
    with pytest.raises(PlanFileError, match=r"missions\[1\]\.items\[0\]\.speed must be a number"):
        item.number("speed")


def test_a_ring_is_read_as_pairs() -> None:
    """Whatever their order means."""
    ring = [[1, 2.5], [3, 4], [5, 6]]
    assert document(key=ring).pairs("key", ring) == [(1.0, 2.5), (3.0, 4.0), (5.0, 6.0)]


@pytest.mark.parametrize(
    ("ring", "message"),
    [
        ([[1, 2], [3, 4]], "key must be a ring of at least 3 points"),
        ([[1, 2], [3, 4], 5], r"key\[2\] must be a pair"),
        ([[1, 2], [3, 4, 9], [5, 6]], r"key\[1\] must be 2 numbers, not 3"),
        ([[1, 2], [3, "x"], [5, 6]], r"key\[1\]\[1\] must be a number"),
    ],
)
def test_a_broken_ring_is_named_to_the_number(ring: object, message: str) -> None:
    """So that it is found in a file of a thousand points."""
    with pytest.raises(PlanFileError, match=message):
        document(key=ring).pairs("key", ring)


def test_a_value_that_is_refused_says_where_it_stood() -> None:
    """The domain's own sentence is kept, and ends once."""
    with pytest.raises(PlanFileError, match=r"missions\[0\]\.home is not possible: .*[^.]\. Corr"):
        document().build(lambda: LonLat(0.0, 99.0), "home")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"{", "is not valid JSON: line 1, column 2"),
        (b"[1]", "does not hold a JSON object"),
        (b"\xff\x00", "is not a text file"),
        (b'{"a": ' + b"9" * 5000 + b"}", "a number that is too long"),
        (b'{"a":' * 100_000, "nested too deeply"),
    ],
)
def test_a_file_that_is_no_document_is_refused(
    tmp_path: Path, content: bytes, message: str
) -> None:
    """In one sentence that names it."""
    (tmp_path / "x.json").write_bytes(content)
    with pytest.raises(PlanFileError, match=message) as refusal:
        read_document(tmp_path / "x.json")
    assert str(refusal.value).startswith(str(tmp_path / "x.json"))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    """With the system's reason."""
    with pytest.raises(PlanFileError, match=r"absent\.json cannot be read: No such file"):
        read_document(tmp_path / "absent.json")
    with pytest.raises(PlanFileError, match="cannot be read: Is a directory"):
        read_document(tmp_path)


def test_a_byte_order_mark_is_passed_over(tmp_path: Path) -> None:
    """Windows' editors write one."""
    (tmp_path / "x.json").write_text('{"name": "东街"}', encoding="utf-8-sig")
    assert read_document(tmp_path / "x.json").text("name") == "东街"
