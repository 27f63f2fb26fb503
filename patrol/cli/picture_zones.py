"""What a person types to draw a zone into the picture of a fixed camera."""

from math import isfinite

from geofences.zones import ZoneKind
from patrol.errors import UsageError
from vision.rules.schema import WATCH
from vision.rules.zones import PictureZone

ZONE_KINDS = (WATCH, *ZoneKind)


def parse_zone(text: str, number: int) -> PictureZone:
    """Read `KIND=X1,Y1,X2,Y2` (a rectangle) or three and more corners, in shares of the picture.

    Raises:
        UsageError: the text has another form, or no rule knows the kind.
        RulesError: the corners make no zone.
    """
    kind, equals, corners = text.partition("=")
    try:
        values = [float(part) for part in corners.split(",")]
    except ValueError:
        values = []
    if not equals or len(values) < 4 or len(values) % 2 or not all(map(isfinite, values)):
        raise UsageError(
            f"{text!r} is no zone: write KIND=X1,Y1,X2,Y2 with numbers from 0 to 1, as in "
            "watch=0.1,0.2,0.9,0.8."
        )
    if len(values) == 4:
        left, top, right, bottom = values
        values = [left, top, right, top, right, bottom, left, bottom]
    if kind not in ZONE_KINDS:
        raise UsageError(f"{kind!r} is no kind of zone; use one of {', '.join(ZONE_KINDS)}.")
    points = tuple(zip(values[::2], values[1::2], strict=True))
    return PictureZone(f"{kind}-{number}", kind, points)
