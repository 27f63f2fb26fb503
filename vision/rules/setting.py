"""What the rules need to know of the pass that they judge."""

from dataclasses import dataclass
from datetime import UTC, datetime

from vision.rules.zones import ZoneMap


@dataclass(frozen=True)
class Setting:
    """What the rules need to know of the pass.

    Attributes:
        class_names: names by class id.
        thresholds: the model's thresholds by class id.
        zones: the zones of the pass.
        passing: whether the camera passes by, with a known pose, or stays.
        stands: whether what comes into the picture came there by itself: the camera stands, as
            far as anybody knows.
        carried: whether zones drawn into the picture of a camera on its way go with the ground.
        start_utc: what time the time 0 of the pass is, for rules with hours.
    """

    class_names: tuple[str, ...]
    thresholds: tuple[float, ...]
    zones: ZoneMap
    passing: bool
    stands: bool = True
    carried: bool = False
    start_utc: datetime = datetime(1970, 1, 1, tzinfo=UTC)

    def zone_said(self, zone: int | None) -> str:
        """A zone in words that continue a sentence; nothing without one."""
        if zone is None:
            return ""
        known = self.zones.zones[zone]
        return f" in {known.kind} zone {known.zone_id}"
