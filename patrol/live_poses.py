"""The camera's pose at a moment of a flight that may still be going on."""

import threading
import time
from collections.abc import Callable

from flight.errors import FlightError
from flight.flight_log import FlightLog, FlightLogFollower
from geofences.view import Camera, CameraPose
from patrol.wiring import DEFAULT_POSE_ERRORS, camera_pose
from vision.errors import PoseError

POLL_S = 0.05


class LivePoses:
    """Answers where the camera was, waiting for the flight log to reach that moment.

    Args:
        follower: reads the flight log as it grows.
        patience_s: how long the log may stand still before a moment counts as unknown.
    """

    def __init__(self, follower: FlightLogFollower, patience_s: float = 10.0) -> None:
        self._follower = follower
        self._patience_s = patience_s
        self._pause = threading.Event()

    def header(self, patience_s: float) -> FlightLog:
        """Wait for the log's beginning.

        Raises:
            PoseError: it did not come, or the file is no flight log.
        """
        self._wait_until(lambda log: bool(log.samples), patience_s)
        if self._follower.log is None:
            raise PoseError(
                f"No flight log began within {patience_s:.0f} s: does `patrol fly` run, and does "
                "its --log name the folder of the --flight-log given here?"
            )
        return self._follower.log

    def __call__(self, time_s: float) -> CameraPose:
        """Return the pose at a moment by the autopilot's clock.

        Raises:
            PoseError: the log does not cover it.
        """
        self._wait_until(lambda log: log.samples[-1].time_boot_s >= time_s, self._patience_s)
        log = self._follower.log
        if log is None or not log.samples:
            raise PoseError("The flight log is empty: nothing is known of where the camera was.")
        try:
            pitch_deg = float(log.about.get("gimbal_pitch_deg", -90.0))
            return camera_pose(log.pose_at(time_s), DEFAULT_POSE_ERRORS, pitch_deg)
        except FlightError as error:
            raise PoseError(str(error)) from error

    def _wait_until(self, reached: Callable[[FlightLog], bool], patience_s: float) -> None:
        """Read on until the log has reached something, or has stood still for `patience_s`."""
        grown_s = time.monotonic()
        while True:
            try:
                grew = bool(self._follower.read())
            except (FlightError, OSError) as error:
                raise PoseError(str(error)) from error
            log = self._follower.log
            if log is not None and log.samples and reached(log):
                return
            now_s = time.monotonic()
            grown_s = now_s if grew else grown_s
            if now_s - grown_s >= patience_s:
                return
            self._pause.wait(POLL_S)


def camera_of(log: FlightLog) -> Camera | None:
    """Return the camera that the log's header names; None where it names none."""
    about = log.about
    try:
        return Camera(
            str(about["camera"]),
            int(about["camera_width_px"]),
            int(about["camera_height_px"]),
            float(about["camera_hfov_deg"]),
        )
    except (KeyError, TypeError, ValueError):
        return None
