"""The camera travels with the log of its flight."""

from datetime import UTC, datetime

import pytest

from flight.flight_log import FlightLog
from geofences.camera import Camera
from geofences.errors import InvalidGeometryError
from patrol.carried_camera import about_camera, camera_of

NOMINAL = Camera("demo-1280", 1280, 720, 70.0)
CALIBRATED = Camera(
    "heron", 1920, 1080, 68.8, -0.1, 0.02, 1e-3, -2e-3, 3e-3, 1.001, 955.5, 541.5, 0.003, 0.001
)


def log_of(about: dict[str, object]) -> FlightLog:
    """A log that has nothing but a header."""
    return FlightLog(about, datetime(2026, 11, 22, tzinfo=UTC), 0.0, ())


@pytest.mark.parametrize("camera", [NOMINAL, CALIBRATED])
def test_a_camera_comes_back_as_it_was(camera: Camera) -> None:
    """Lens, axis, both focal lengths and what is unsure of them."""
    assert camera_of(log_of(about_camera(camera))) == camera


def test_an_older_header_is_still_read() -> None:
    """Those of the first releases end with the field of view; the plainest camera has no more."""
    older = {
        "camera": "demo-1280",
        "camera_width_px": 1280,
        "camera_height_px": 720,
        "camera_hfov_deg": 70.0,
    }
    assert about_camera(NOMINAL) == older
    assert camera_of(log_of(older)) == NOMINAL


@pytest.mark.parametrize(
    "wrong", [{"camera": "a"}, {"camera_calibration": {"k9": 1.0}}, {"camera_calibration": 5}]
)
def test_a_header_that_does_not_tell_the_camera_gives_none(wrong: dict[str, object]) -> None:
    """Logs of other programs carry none; of a lens that is not understood nothing is guessed."""
    about = about_camera(CALIBRATED) if "camera_calibration" in wrong else {}
    assert camera_of(log_of(about | wrong)) is None


def test_an_impossible_lens_is_told() -> None:
    """It folds the picture."""
    about = about_camera(NOMINAL) | {"camera_calibration": {"k1": -3.0}}
    with pytest.raises(InvalidGeometryError, match="k1=-3"):
        camera_of(log_of(about))
