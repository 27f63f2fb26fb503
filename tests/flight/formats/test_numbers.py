"""Numbers and texts survive in the files of other programs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from flight.formats.numbers import plain, xml_text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_is_read_back_to_the_last_bit(number: float) -> None:
    """In plain digits, without an exponent."""
    text = plain(number)
    assert float(text) == number
    assert set(text) <= set("-0123456789.")


@pytest.mark.parametrize(("number", "text"), [(8.0, "8"), (-0.0, "0"), (1e-7, "0.0000001")])
def test_numbers_are_as_short_as_they_can_be(number: float, text: str) -> None:
    """Whole numbers have no point, and zero has no sign."""
    assert plain(number) == text


@given(st.text())
def test_any_text_can_stand_in_xml(text: str) -> None:
    """What XML cannot hold is left out, the rest stays."""
    element = etree.Element("name")
    element.text = xml_text(text)
    etree.fromstring(etree.tostring(element))


def test_names_stay_as_they_are() -> None:
    """Chinese names and line breaks are ordinary text."""
    assert xml_text("柳桥村\n东\x00街\ud800") == "柳桥村\n东街"
