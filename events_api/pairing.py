"""Pairs the objects that one pass told apart with the open events around them, one to one.

Reports come one by one, and of two neighbours the first may be measured nearer to the event of the
second, and take it. The second is then told apart from the event that it fits, may be too far from
the one that is left, and would open a third event for two things. But had the first taken the event
that is left, all would fit: so many objects of one pass, so many open events, a path from one to
the next (an augmenting path of a bipartite matching; C. Berge, 1957). Then nothing new stands
there, and the report joins the event that is left.

Nothing that was merged before is moved. Which of the two is which is then less sure than usual, and
the reason says so.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Mapping

from events_api.merging import Fit, Look, MergeRule, OpenEvent, Verdict, fits, is_told_apart

MOST_BETWEEN = 3
"""Objects of the pass on a path: beyond them, the last event has nothing to do with the report."""


def pair_up(
    look: Look,
    opened: Verdict,
    claims: Mapping[int, Look],
    events: Collection[OpenEvent],
    rule: MergeRule,
) -> Verdict:
    """Judge again a report that would open an event, by what else its pass has seen.

    Args:
        look: The report's.
        opened: Why it would open an event, with the rivals that it fits.
        claims: The look of the same pass in each event into which that has put another object.
        events: The open events of the matter around the report and around the claims.
        rule: What the matter says about sameness.

    Returns:
        The event that is left for it; as before where none is.
    """
    paths: deque[tuple[int, ...]] = deque((number,) for number in opened.rivals)
    reached = set(opened.rivals)
    while paths:
        path = paths.popleft()
        claim = claims.get(path[-1])
        if claim is None:
            continue
        for fit in fits(claim, (each for each in events if each.number not in reached), rule):
            if not is_told_apart(look, fit.event):
                return Verdict(fit.event.number, _why(claim, fit, len(path)))
            reached.add(fit.event.number)
            if len(path) < MOST_BETWEEN:
                paths.append((*path, fit.event.number))
    return opened


def _why(claim: Look, fit: Fit, between: int) -> str:
    others = "another object" if between == 1 else f"{between} other objects"
    return (
        f"Joined: the same pass saw {others} here, and track {claim.track_id}, which took another "
        f"event, lies {fit.away_m:.1f} m from this one and fits it as well; all that the pass saw "
        "are among the open events, though which is which is less sure."
    )
