"""Time in which a camera's stream was away: for one that stands, it is left out of the pass."""

from vision.frames import Frame
from vision.pass_state import PassState


class TimeAway:
    """Takes the time in which nobody looked out of the times of frames.

    What stood before a break stands there after it, and is followed on; what moved is gone.

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
        if not broke_off or state.frame_index < 0 or gap_s <= self._least_s:
            return 0.0
        away_s = gap_s - self._step_s
        self._left_out_s += away_s
        frame.time_s -= away_s
        state.picture_tracker.keep_standing()
        return away_s
