"""The camera that a flight carries, as the header of its log tells of it."""

from flight.flight_log import FlightLog
from geofences.camera import Camera


def about_camera(camera: Camera) -> dict[str, object]:
    """What a log's header says of the camera that is carried, for `camera_of` to read."""
    about: dict[str, object] = {
        "camera": camera.name,
        "camera_width_px": camera.width_px,
        "camera_height_px": camera.height_px,
        "camera_hfov_deg": camera.hfov_deg,
    }
    # Left out where nothing of it is known, as in all logs of the first releases.
    return about | ({"camera_calibration": camera.calibration} if camera.calibration else {})


def camera_of(log: FlightLog) -> Camera | None:
    """Return the camera that the log's header names; None where it names none."""
    about = log.about
    try:
        calibration = dict(about.get("camera_calibration") or {})
        return Camera(
            str(about["camera"]),
            int(about["camera_width_px"]),
            int(about["camera_height_px"]),
            float(about["camera_hfov_deg"]),
            **{str(key): float(value) for key, value in calibration.items()},
        )
    except (KeyError, TypeError, ValueError):
        return None
