"""Places in degrees, minutes and seconds, as Chinese papers have them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flight.papers.coordinates import latitude, longitude, place
from geofences.geodesy import LonLat


@pytest.mark.parametrize(
    ("lon_deg", "text"),
    [
        (115.62, "E115°37′12.00″"),
        (-0.5, "W000°30′00.00″"),
        (0.0, "E000°00′00.00″"),
        (-1e-9, "E000°00′00.00″"),
        (9.9999999, "E010°00′00.00″"),
        (180.0, "E180°00′00.00″"),
    ],
)
def test_a_longitude_is_written_in_full(lon_deg: float, text: str) -> None:
    """Three digits of degrees, and no minute of sixty seconds."""
    assert longitude(lon_deg) == text


@given(st.floats(-90.0, 90.0))
def test_a_latitude_is_read_back_within_half_a_hundredth_of_a_second(lat_deg: float) -> None:
    """That is 15 centimetres."""
    found = re.fullmatch(r"([NS])(\d\d)°(\d\d)′(\d\d\.\d\d)″", latitude(lat_deg))
    assert found is not None
    letter, degrees, minutes, seconds = found.groups()
    assert int(minutes) < 60
    assert float(seconds) < 60.0
    size = int(degrees) + int(minutes) / 60 + float(seconds) / 3600
    assert (size if letter == "N" else -size) == pytest.approx(lat_deg, abs=0.0051 / 3600)


def test_a_place_has_its_longitude_first() -> None:
    """As papers in China do."""
    assert place(LonLat(115.62, 33.16)) == "E115°37′12.00″，N33°09′36.00″"
