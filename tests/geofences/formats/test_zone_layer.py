"""Tests of `geofences.formats.zone_layer`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyogrio.raw
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geofences.active_times import ActiveTimes
from geofences.errors import InvalidGeometryError
from geofences.formats.layers import write_layers
from geofences.formats.zone_layer import layer_of_zones, read_zones
from geofences.heights import Height
from geofences.zones import Zone, ZoneKind
from tests.geofences.shapes import box
from tests.geofences.zone_examples import HEIGHTS, KINDS, SCHOOL, TIMES


def _stored(path: Path, **fields: str | float) -> Path:
    """One zone as another program would write it."""
    values = {"zone_id": "z1", "kind": "no_fly", **fields}
    columns = [np.array([value], dtype=None if isinstance(value, float) else object)
               for value in values.values()]  # fmt: skip
    outline = np.array([shapely.to_wkb(box(0, 0, 9, 9))], dtype=object)
    pyogrio.raw.write(path, outline, columns, list(values), layer="zones", driver="GPKG",
                      geometry_type="Polygon", crs="EPSG:4326")  # fmt: skip
    return path


def test_a_zone_comes_back_with_heights_and_times(tmp_path: Path) -> None:
    """Both limits with what they are above, and when it is active."""
    path = tmp_path / "a.gpkg"
    write_layers(path, [(layer_of_zones([SCHOOL]), "Polygon")], {})
    assert read_zones(path) == [SCHOOL]


@given(kind=KINDS, lower=HEIGHTS, upper=HEIGHTS, times=TIMES, name=st.sampled_from(["", "校 S"]))
@settings(max_examples=30)
def test_any_zone_comes_back_as_written(
    tmp_path_factory: pytest.TempPathFactory,
    kind: ZoneKind,
    lower: Height | None,
    upper: Height | None,
    times: ActiveTimes,
    name: str,
) -> None:
    """Whatever limits and times it has."""
    try:
        zone = Zone("z1", kind, box(0, 0, 9, 9), name, name, None, lower, upper, times)
    except InvalidGeometryError:  # the limits drawn are the wrong way up
        return
    path = tmp_path_factory.mktemp("zones") / "a.gpkg"
    write_layers(path, [(layer_of_zones([zone]), "Polygon")], {})
    assert read_zones(path) == [zone]


def test_files_without_heights_and_times_are_read(tmp_path: Path) -> None:
    """As they were written before zones had any."""
    [zone] = read_zones(_stored(tmp_path / "old.gpkg", name="Old"))
    assert (zone.lower, zone.upper, zone.times.always) == (None, None, True)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"lower_m": 50.0}, "only one of lower_m and lower_above is given"),
        ({"upper_above": "ground"}, "only one of upper_m and upper_above is given"),
        ({"upper_m": 50.0, "upper_above": "AGL"}, "upper_above 'AGL' is unknown; use one of groun"),
        ({"times": "at night"}, "the active times cannot be read"),
        (
            {"times": '[{"hours": [{"days": ["MON"], "start": "09:00", "end": "x"}]}]'},
            "'x' is no time",
        ),
    ],
)
def test_half_a_height_and_unknown_times_are_refused(
    tmp_path: Path, fields: dict[str, str | float], words: str
) -> None:
    """A limit that does not say what it is above is no limit."""
    with pytest.raises(InvalidGeometryError, match=r"feature 1 \(z1\)") as caught:
        read_zones(_stored(tmp_path / "bad.gpkg", **fields))
    assert words in str(caught.value)
