"""Time in which nobody looked through a camera that stands: what stood there still stands."""

from vision.frames import Frame
from vision.pass_state import PassState


class TimeAway:
    """Follows on what stood when nobody looked for a while; what moved is gone.

    Where the stream was away, that time is taken out of the times of frames. Where a detector
    died or the machine was busy, it is time that passed.

    Args:
        least_s: in shorter breaks tracks live on by themselves.
        step_s: from one frame to the next, as it comes after a break.
    """

    def __init__(self, least_s: float, step_s: float) -> None:
        self._least_s = least_s
        self._step_s = step_s
        self._breaks = 0
        self._left_out_s = 0.0

    def take_out(self, frame: Frame, state: PassState) -> float:
        """Set a frame's time as it passes here; return by how much less passed before it.

        Args:
            frame: the next one.
            state: of the pass after the frame before; it is told to keep what stands.
        """
        frame.time_s -= self._left_out_s
        broke_off, self._breaks = frame.breaks != self._breaks, frame.breaks
        gap_s = frame.time_s - state.time_s
        if state.frame_index < 0 or gap_s <= self._least_s:
            return 0.0
        away_s = gap_s - self._step_s if broke_off else 0.0
        self._left_out_s += away_s
        frame.time_s -= away_s
        state.picture_tracker.keep_standing(seen_s=frame.time_s - self._step_s)
        return away_s
