"""Pairs the objects that one pass told apart with the open events around them, one to one.

Reports come one by one, and of two neighbours the first may be measured nearer to the event of the
second, and take it. The second is then told apart from the event that it fits, may be too far from
the one that is left, and would open a third event for two things. But had the first taken the event
that is left, both would fit: as many objects of one pass as open events (the shortest augmenting
path of a bipartite matching; C. Berge, 1957). Then nothing new stands there, and the report joins
the event that is left.

Only the event nearest to the report is tried, and longer paths are not followed: in a crowded
market there is always one, to an event that has nothing to do with the report, and what is new
there would never be told.

Nothing that was merged before is moved. Which of the two is which is then less sure than usual, and
the reason says so.
"""

from __future__ import annotations

from collections.abc import Iterable

from events_api.merging import Fit, Look, MergeRule, OpenEvent, Verdict, fits, is_told_apart


def pair_up(
    look: Look, opened: Verdict, claim: Look, events: Iterable[OpenEvent], rule: MergeRule
) -> Verdict:
    """Judge again a report that would open an event, by what else its pass has seen.

    Args:
        look: The report's.
        opened: Why it would open an event, with the rival that it fits best.
        claim: The look of the same pass at the other object, in the rival.
        events: The open events of the matter around the claim.
        rule: What the matter says about sameness.

    Returns:
        The event that is left for it; as before where none is.
    """
    left = (event for event in events if not is_told_apart(look, event))
    fit = next(iter(fits(claim, left, rule)), None)
    return opened if fit is None else Verdict(fit.event.number, _why(fit))


def _why(fit: Fit) -> str:
    return (
        "Joined: the same pass saw another object here, which took the event nearest to this one; "
        f"that object fits this event, {fit.away_m:.1f} m from it, as well, so both that the pass "
        "saw are among the open events, though which is which is less sure."
    )
