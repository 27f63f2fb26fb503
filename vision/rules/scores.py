"""Which scores the rules make use of, so that nothing they ask for is left out before."""

from collections.abc import Sequence

from vision.rules.schema import PresenceRule, Rule
from vision.stirring import STIRRING_SCORE_SHARE


def stirring_classes(rules: Sequence[Rule]) -> frozenset[str]:
    """Classes that some rule asks to stir."""
    asking = [rule for rule in rules if isinstance(rule, PresenceRule) and rule.min_stir]
    return frozenset(name for rule in asking for name in rule.classes)


def tracked_from(
    rules: Sequence[Rule],
    class_names: Sequence[str],
    thresholds: Sequence[float],
    *,
    stands: bool = True,
) -> tuple[float, ...]:
    """From which score on a thing is followed, by class: the least that a rule makes use of.

    Args:
        rules: that are used.
        class_names: of the detector.
        thresholds: of the detector, by class; never raised.
        stands: whether the camera may stand; of one on its way nobody can tell what stirs, and what
            is unsure would only be mixed into what is judged by its outline.
    """
    least = list(thresholds)
    for rule in rules:
        for number, name in enumerate(class_names):
            if name in rule.classes:
                asked = _least(rule, thresholds[number], stands=stands)
                least[number] = min(least[number], asked)
    return tuple(least)


def _least(rule: Rule, threshold: float, *, stands: bool) -> float:
    least = threshold if rule.min_score is None else rule.min_score
    stirring = isinstance(rule, PresenceRule) and rule.min_stir and stands
    return STIRRING_SCORE_SHARE * least if stirring else least
