"""What is assumed when the operator does not say."""

import dataclasses

from patrol.defaults import DEFAULT_CAMERA, DEFAULT_MODEL, default_aircraft
from tests.patrol.builders import small_county
from vision.models.registry import shipped_models


def test_two_aircraft_start_from_the_first_two_docks() -> None:
    """Each has a dock of its own."""
    aircraft = default_aircraft(small_county())
    assert [(each.name, each.dock_id) for each in aircraft] == [
        ("uav-1", "dock-1"),
        ("uav-2", "dock-2"),
    ]


def test_one_dock_has_one_aircraft_and_none_has_none() -> None:
    """No dock is made up."""
    county = small_county()
    one = dataclasses.replace(county, docks=county.docks[:1])
    assert [each.name for each in default_aircraft(one)] == ["uav-1"]
    assert default_aircraft(dataclasses.replace(county, docks=())) == ()


def test_the_camera_is_the_demos() -> None:
    """1280 x 720 pixels and 70 degrees from side to side."""
    camera = DEFAULT_CAMERA
    assert (camera.width_px, camera.height_px, camera.hfov_deg) == (1280, 720, 70.0)


def test_the_model_is_one_that_is_shipped() -> None:
    """Nothing needs to be fetched."""
    assert DEFAULT_MODEL in shipped_models()
