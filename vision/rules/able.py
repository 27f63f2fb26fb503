"""What a pass could have told of, whatever was there."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from vision.rules.hours import is_within
from vision.rules.schema import Rule


def could_tell(
    rules: Iterable[Rule],
    class_names: Collection[str],
    zone_kinds: Collection[str],
    moments: Sequence[datetime],
) -> dict[str, tuple[str, ...]]:
    """Codes of matters with the classes that they were looked for in.

    Args:
        rules: that were judged.
        class_names: that the detector tells.
        zone_kinds: kinds of the zones there are.
        moments: when the pass began and ended; a rule counts whose hours hold both, as of ground
            that was looked at outside of them nothing could be told.
    """
    classes: dict[str, set[str]] = {}
    for rule in rules:
        has_place = not rule.zones or any(kind in zone_kinds for kind in rule.zones)
        has_time = all(is_within(rule.hours, rule.time_zone, moment) for moment in moments)
        seen = set(rule.classes).intersection(class_names)
        if rule.enabled and has_place and has_time and seen:
            classes.setdefault(rule.matter.code, set()).update(seen)
    return {code: tuple(sorted(names)) for code, names in sorted(classes.items())}
