"""The virtual camera as a source of frames."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from geofences.geodesy import distance_m
from geofences.view import CameraPose
from vision.frames import Frame, SourceReport
from vision.simulator.camera import VirtualCamera
from vision.simulator.truth_poses import Patience, follow_truth


@dataclass(frozen=True)
class Sampling:
    """Which poses become frames.

    Attributes:
        every_m: A frame each time the camera has moved so far.
        every_s: And one at least so often, in flight time.
        least_height_m: Nothing is filmed below this height above ground.
        highest_pitch_deg: Nothing is filmed while the camera looks higher than this.
    """

    every_m: float = 2.0
    every_s: float = 1.0
    least_height_m: float = 20.0
    highest_pitch_deg: float = -25.0

    def films(self, pose: CameraPose) -> bool:
        """Whether the camera is up and looks down."""
        high = pose.height_ground_m >= self.least_height_m
        return high and pose.pitch_deg <= self.highest_pitch_deg

    def due(self, last: CameraPose | None, pose: CameraPose) -> bool:
        """Whether enough way or time has passed since the last frame."""
        if last is None or pose.time_s < last.time_s:
            return True
        if pose.time_s - last.time_s >= self.every_s - 1e-6:
            return True
        return distance_m(last.position, pose.position) >= self.every_m


class VirtualCameraSource:
    """Frames of a virtual camera along a flight, in order; none is lost however slow the reader.

    A frame's time is the flight's `time_boot_s`. Iterate once.

    Args:
        virtual: The camera; several sources may share it.
        poses: True poses in order of time.
        name: What reports call the source.
        sampling: Which poses become frames.
        stopped: Set by `close`; share it with whatever feeds the poses.
    """

    def __init__(
        self,
        virtual: VirtualCamera,
        poses: Iterable[CameraPose],
        *,
        name: str,
        sampling: Sampling | None = None,
        stopped: threading.Event | None = None,
    ) -> None:
        self._virtual = virtual
        self._poses = poses
        self._sampling = sampling or Sampling()
        self._stopped = stopped or threading.Event()
        self.name = name
        self.fps = 0.0
        self.size_wh_px = (virtual.camera.width_px, virtual.camera.height_px)
        self.report = SourceReport()

    def __iter__(self) -> Iterator[Frame]:
        """Yield the frames.

        Raises:
            SourceError: The poses break off.
        """
        last: CameraPose | None = None
        for pose in self._poses:
            if self._stopped.is_set():
                return
            if self._sampling.films(pose) and self._sampling.due(last, pose):
                last = pose
                frame = Frame(self.report.read, pose.time_s, self._virtual.render(pose))
                self.report.read += 1
                yield frame

    def close(self) -> None:
        """Stop; iterating ends."""
        self._stopped.set()


def truth_log_source(
    virtual: VirtualCamera,
    truth_log: Path,
    *,
    sampling: Sampling | None = None,
    patience: Patience | None = None,
) -> VirtualCameraSource:
    """Return the frames along a simulated vehicle's flight while its truth log grows.

    Args:
        virtual: The camera.
        truth_log: `<vehicle>.truth.jsonl`; the vehicle's name names the source.
        sampling: Which poses become frames.
        patience: How long to wait for the log.
    """
    stopped = threading.Event()
    poses = follow_truth(truth_log, stopped, patience or Patience())
    name = truth_log.name.removesuffix(".truth.jsonl")
    return VirtualCameraSource(virtual, poses, name=name, sampling=sampling, stopped=stopped)
