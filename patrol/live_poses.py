"""The camera's pose at a moment of a flight that may still be going on."""

import math
import threading
import time
from collections.abc import Callable
from dataclasses import replace

from flight.errors import FlightError
from flight.flight_log import FlightLog, FlightLogFollower, PoseSample
from geofences.errors import GroundError
from geofences.terrain import Terrain
from geofences.view import CameraPose
from patrol.wiring import DEFAULT_POSE_ERRORS, camera_pose
from vision.errors import PoseError
from vision.telemetry.ground_heights import TERRAIN_SIGMA_M

POLL_S = 0.05
_STANDS_M = 1.5


class LivePoses:
    """Answers where the camera was, waiting for the flight log to reach that moment.

    Args:
        follower: reads the flight log as it grows.
        patience_s: how long the log may stand still before a moment counts as unknown.
        terrain: the ground; heights above take-off then count from the ground where the log
            begins, which is where the aircraft stood. None for ground as high as the take-off.
    """

    def __init__(
        self,
        follower: FlightLogFollower,
        patience_s: float = 10.0,
        terrain: Terrain | None = None,
    ) -> None:
        self._follower = follower
        self._patience_s = patience_s
        self.terrain = terrain
        self._pause = threading.Event()
        self._reading = threading.Lock()
        self._grown_s: float | None = None

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
            pose = camera_pose(log.pose_at(time_s), DEFAULT_POSE_ERRORS, pitch_deg)
        except (FlightError, GroundError) as error:
            raise PoseError(str(error)) from error
        return pose if self.terrain is None else _over(self.terrain, pose, log.samples[0])

    def _wait_until(self, reached: Callable[[FlightLog], bool], patience_s: float) -> None:
        """Read on until the log has reached something, or has stood still for `patience_s`.

        How long it stands still counts from one moment to the next: after a flight's end each
        frame would wait anew.
        """
        while True:
            try:
                with self._reading:
                    grew = bool(self._follower.read())
            except (FlightError, OSError) as error:
                raise PoseError(str(error)) from error
            now_s = time.monotonic()
            grown_s = now_s if grew or self._grown_s is None else self._grown_s
            self._grown_s = grown_s
            log = self._follower.log
            if log is not None and log.samples and reached(log):
                return
            if now_s - grown_s >= patience_s:
                return
            self._pause.wait(POLL_S)


def _over(terrain: Terrain, pose: CameraPose, first: PoseSample) -> CameraPose:
    """A pose over level ground laid over a terrain.

    Raises:
        PoseError: the terrain does not know the ground there, or the log begins in the air.
    """
    if abs(first.height_home_m) > _STANDS_M:
        raise PoseError(
            f"The flight log begins {first.height_home_m:.0f} m above the take-off, so where that "
            "lies on the terrain is not known; leave the terrain out, or give the whole log."
        )
    place = pose.position
    home_m, ground_m = terrain.alt_amsl_m(
        [first.lon_deg, place.lon_deg], [first.lat_deg, place.lat_deg]
    ).tolist()
    height_m = pose.height_ground_m + home_m - ground_m
    if not height_m > 0.0:
        raise PoseError("The terrain does not know the ground there, or it is above the aircraft.")
    vertical_m = math.hypot(pose.errors.vertical_m, TERRAIN_SIGMA_M, TERRAIN_SIGMA_M)
    return replace(
        pose,
        height_ground_m=height_m,
        alt_amsl_m=pose.height_ground_m + home_m,
        errors=replace(pose.errors, vertical_m=vertical_m),
    )
