"""What several rules ask of the same objects at one step, found out once."""

from vision.objects import Look, TrackedObject, median_score
from vision.rules.together import moves, moves_in_picture


class Visits:
    """The present visits of the objects at one step of the rules.

    Most rules ask each object for the same looks, how sure they are and whether it moves, and
    between two steps all of it changes: so it is kept for a step, and no longer.
    """

    def __init__(self) -> None:
        self._looks: dict[int, list[Look]] = {}
        self._scores: dict[int, float] = {}
        self._moves: dict[int, bool] = {}
        self._shifts: dict[int, bool] = {}

    def looks(self, subject: TrackedObject) -> list[Look]:
        """Looks of its present visit; the same list each time, not to be changed."""
        known = self._looks.get(subject.track_id)
        if known is None:
            known = self._looks[subject.track_id] = subject.visit_looks()
        return known

    def score(self, subject: TrackedObject, looks: list[Look] | None = None) -> float:
        """Median of the scores of all its looks of the visit, or of these."""
        visit = self.looks(subject)
        if looks is not None and looks is not visit:
            return median_score(looks)
        known = self._scores.get(subject.track_id)
        if known is None:
            known = self._scores[subject.track_id] = median_score(visit)
        return known

    def moves(self, subject: TrackedObject) -> bool:
        """Whether it moves."""
        known = self._moves.get(subject.track_id)
        if known is None:
            known = self._moves[subject.track_id] = moves(subject, self.looks(subject))
        return known

    def moves_in_picture(self, subject: TrackedObject) -> bool:
        """Whether it moves in the picture, which says it all where the camera stands."""
        known = self._shifts.get(subject.track_id)
        if known is None:
            shifts = moves_in_picture(subject, self.looks(subject))
            known = self._shifts[subject.track_id] = shifts
        return known
