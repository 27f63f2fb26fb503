"""Tests of `geofences.formats.reference_systems`."""

from __future__ import annotations

import re

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geofences.errors import FileFormatError
from geofences.formats.reference_systems import is_rough, out_of_wgs84, strayed_from, to_wgs84
from geofences.geodesy import LonLat, distance_m

CGCS2000 = ["EPSG:4490", "EPSG:4547", "EPSG:4549", "EPSG:4527", "EPSG:4508"]
PLACE = "Layer 'cells' of a.shp"


def _array(*shapes: shapely.Geometry | None) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    array = np.empty(len(shapes), dtype=object)
    array[:] = shapes
    return array


@pytest.mark.parametrize(
    ("crs", "x", "y"),
    [
        ("EPSG:4490", 115.62, 33.16),
        # By the Gauss-Krueger series on the CGCS2000 ellipsoid, to a tenth of a millimetre.
        ("EPSG:4547", 651_128.51345, 3_671_661.80929),  # about 114 E
        ("EPSG:4526", 38_651_128.51345, 3_671_661.80929),  # the same, zone number in front
    ],
)
def test_cgcs2000_is_exact(crs: str, x: float, y: float) -> None:
    """Degrees and metres of the national system land within a millimetre."""
    (point,) = to_wgs84(_array(shapely.Point(x, y)), crs, PLACE)
    assert distance_m(LonLat(point.x, point.y), LonLat(115.62, 33.16)) < 1e-3


@given(
    crs=st.sampled_from([*CGCS2000, "EPSG:3857", "EPSG:32650"]),
    lon_deg=st.floats(113.0, 121.0),
    lat_deg=st.floats(18.0, 50.0),
)
def test_out_and_back_is_the_same_place(crs: str, lon_deg: float, lat_deg: float) -> None:
    """What is written in another system is read back to a hundredth of a millimetre."""
    there = out_of_wgs84(_array(shapely.Point(lon_deg, lat_deg)), crs, PLACE)
    (point,) = to_wgs84(there, crs, PLACE)
    assert distance_m(LonLat(point.x, point.y), LonLat(lon_deg, lat_deg)) < 1e-5


def test_features_without_shape_stay_so() -> None:
    """None among the shapes is for the checks to tell."""
    assert to_wgs84(_array(None, shapely.Point(1, 2)), "EPSG:4490", PLACE)[0] is None


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:4258", *CGCS2000])
def test_systems_of_satellite_positioning_are_fine(crs: str) -> None:
    """Their frames agree to a metre or two, and most to centimetres."""
    assert not is_rough(crs, PLACE)


@pytest.mark.parametrize("crs", ["EPSG:4610", "EPSG:4214", "EPSG:2381"])
def test_older_national_systems_are_rough(crs: str) -> None:
    """Xian 1980 and Beijing 1954, in degrees or metres, are off by an unpublished amount."""
    assert is_rough(crs, PLACE)


@pytest.mark.parametrize("crs", ["EPSG:1", "somewhere", "+proj=nothing"])
def test_systems_that_are_not_known_are_told(crs: str) -> None:
    """The layer, the system, and what to write instead."""
    with pytest.raises(FileFormatError, match=rf"Layer 'cells' of a\.shp .*{re.escape(crs)}.*EPSG"):
        to_wgs84(_array(shapely.Point(1, 2)), crs, PLACE)
    with pytest.raises(FileFormatError, match="EPSG"):
        is_rough(crs, PLACE)


def test_a_local_system_leads_nowhere() -> None:
    """Metres of a building site have no place on Earth."""
    site = 'ENGCRS["Site",EDATUM["Peg"],CS[Cartesian,2],AXIS["x",east],AXIS["y",north],'
    site += 'LENGTHUNIT["metre",1]]'
    with pytest.raises(FileFormatError, match="leads to no place on Earth"):
        to_wgs84(_array(shapely.Point(1, 2)), site, PLACE)


def test_degrees_are_not_read_as_metres() -> None:
    """A county in degrees would else become a speck west of the zone, which no check tells."""
    with pytest.raises(FileFormatError, match=r"EPSG:4547, which counts in metres, .* degrees"):
        to_wgs84(_array(shapely.Point(116.4, 39.9)), "EPSG:4547", PLACE)


@pytest.mark.parametrize(
    ("crs", "easting_m", "advised"),
    [("EPSG:4547", 38_574_160.0, "EPSG:4526"), ("EPSG:4526", 574_160.0, "ask which meridian")],
)
def test_zone_numbers_that_do_not_fit_are_told(crs: str, easting_m: float, advised: str) -> None:
    """Eastings with a zone in a system without, and the other way round."""
    with pytest.raises(FileFormatError, match=rf"at no place on Earth; .*{advised}"):
        to_wgs84(_array(shapely.Point(easting_m, 3_742_074.0)), crs, PLACE)


def test_land_far_from_where_a_system_is_used_is_told() -> None:
    """Counted from another meridian than the file says, a county lies degrees away."""
    (point,) = to_wgs84(_array(shapely.Point(38_574_160.0, 3_742_074.0)), "EPSG:4527", PLACE)
    assert "zone 39 is made for longitude 115.5 to 118.5" in strayed_from(
        "EPSG:4527", _array(point), PLACE
    )
    assert not strayed_from("EPSG:4527", _array(shapely.Point(115.0, 33.0)), PLACE)
    for lon_deg in (170.0, -150.0, -70.0, -38.0, 166.0):
        assert not strayed_from("EPSG:4269", _array(shapely.Point(lon_deg, 40.0)), PLACE)
    assert strayed_from("EPSG:4269", _array(shapely.Point(0.0, 40.0)), PLACE)
    assert not strayed_from("EPSG:3857", _array(shapely.Point(-70.0, -33.0)), PLACE)
