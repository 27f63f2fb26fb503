"""Which of some ways to fly a patrol is the best, and what each is best in."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from flight.planning.comparison import AXES, Outcome

_AS_FAST = 0.03  # of the shortest time: what is within it counts as equally fast
_AS_COMPLETE = 0.01  # of coverage, likewise


@dataclass(frozen=True, slots=True)
class Choice:
    """The best of some outcomes, and why.

    Attributes:
        best: Where the wind was varied too, in the wind that takes longest.
        reason: A sentence.
        reason_zh: The same in Chinese.
    """

    best: Outcome
    reason: str
    reason_zh: str = ""

    def holds(self, outcome: Outcome) -> bool:
        """Whether an outcome is that of the best way, in whichever wind."""
        return chosen_values(outcome) == chosen_values(self.best)


def choose(outcomes: Sequence[Outcome], finest_cm: float = math.inf) -> Choice | None:
    """The way that is done first, and among equally fast ones that which takes least.

    A way is as good as in the worst wind that was looked at, and must be flyable in all.

    Args:
        outcomes: What to choose from.
        finest_cm: The largest size of a pixel on the ground that is still good enough.

    Returns:
        The best and a sentence; None where nothing can be flown, or nothing sees finely enough.
    """
    worst: dict[tuple[tuple[str, str], ...], Outcome] = {}
    for each in outcomes:
        key = chosen_values(each)
        worst[key] = max(worst.get(key, each), each, key=lambda outcome: outcome.total_s)
    flown = [each for each in worst.values() if each.plan and each.ground_sample_cm <= finest_cm]
    if not flown:
        return None
    seen = max(each.coverage for each in flown)
    whole = [each for each in flown if each.coverage >= seen - _AS_COMPLETE]
    shortest_s = min(each.total_s for each in whole)
    fast = [each for each in whole if each.total_s <= shortest_s * (1.0 + _AS_FAST)]
    best = min(fast, key=_effort)
    return Choice(best, *_reasons(best, fast, [each for each in flown if each is not best]))


def chosen_values(outcome: Outcome) -> tuple[tuple[str, str], ...]:
    """What an operator chooses in a way: all but the wind."""
    values = outcome.variant.values
    names = [axis.name for axis in AXES if axis.chosen and axis.name in values]
    return tuple((name, values[name]) for name in names)


def _effort(outcome: Outcome) -> tuple[int, int, float, float]:
    energy_wh = outcome.energy_wh if outcome.energy_wh is not None else outcome.airborne_s
    return _crew(outcome), outcome.batteries, energy_wh, outcome.total_s


def _crew(outcome: Outcome) -> int:
    missions = outcome.plan.missions if outcome.plan else ()
    return len({mission.vehicle_name for mission in missions})


def _reasons(best: Outcome, fast: Sequence[Outcome], others: Sequence[Outcome]) -> tuple[str, str]:
    """Why a way is the best, in English and in Chinese."""
    if not others:
        return "It is the only way that can be flown.", "只有这一方案可以飞行。"
    if len(fast) > 1:
        english = (
            f"{len(fast)} ways are done within {_AS_FAST:.0%} of the shortest time; of these it "
            f"takes the fewest aircraft ({_crew(best)}), batteries ({best.batteries}) and energy."
        )
        chinese = (
            f"有 {len(fast)} 个方案的完成时间相差不超过 {_AS_FAST:.0%}，其中本方案所用无人机"
            f"（{_crew(best)} 架）、电池（{best.batteries} 块）和电量最少。"
        )
        return english, chinese
    nearest = min(others, key=lambda each: each.total_s)
    seen, missed = f"{best.coverage:.1%}", f"{nearest.coverage:.1%}"
    if nearest.total_s < best.total_s:
        return (
            f"It sees {seen} of the ground; a faster way sees only {missed}.",
            f"本方案看到地面的 {seen}；更快的方案只看到 {missed}。",
        )
    gained = (nearest.total_s - best.total_s) / 60.0
    return (
        f"Its last aircraft lands {gained:.1f} min before that of the next best way.",
        f"最后一架无人机比次优方案早 {gained:.1f} 分钟降落。",
    )


class Merit(StrEnum):
    """What a way may be the best in."""

    CHOSEN = "best of all"
    QUICKEST = "soonest done"
    THRIFTIEST = "least energy"
    FEWEST = "fewest batteries"
    FINEST = "smallest pixel"
    FULLEST = "sees most"


_MEASURES: Mapping[Merit, Callable[[Outcome], float]] = {
    Merit.QUICKEST: lambda each: round(each.total_s),
    Merit.THRIFTIEST: lambda each: math.inf if each.energy_wh is None else round(each.energy_wh),
    Merit.FEWEST: lambda each: each.batteries,
    Merit.FINEST: lambda each: round(each.ground_sample_cm, 1),
    Merit.FULLEST: lambda each: -round(each.coverage, 3),
}


def merits_of(
    outcome: Outcome, outcomes: Sequence[Outcome], choice: Choice | None
) -> tuple[Merit, ...]:
    """What an outcome is the best in.

    Args:
        outcome: One of them.
        outcomes: All that were compared.
        choice: The way that was chosen of them, which is marked in every wind.

    Returns:
        Whether it is chosen, and in which figures no other way is as good, whatever the wind.
    """
    if outcome.plan is None:
        return ()
    found = [Merit.CHOSEN] if choice is not None and choice.holds(outcome) else []
    flown = [each for each in outcomes if each.plan is not None]
    several = len({chosen_values(each) for each in flown}) > 1
    for merit, measure in _MEASURES.items():
        best = min(map(measure, flown))
        ways = {chosen_values(each) for each in flown if measure(each) == best}
        if several and len(ways) == 1 and measure(outcome) == best:
            found.append(merit)
    return tuple(found)
