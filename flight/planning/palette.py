"""The colours of aircraft and zones, the same in pictures and in map files.

Those of aircraft are of Okabe and Ito, told apart by people of every colour vision.
"""

from geofences.zones import ZoneKind

AIRCRAFT_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00")
ZONE_COLOURS = {
    ZoneKind.NO_FLY: "#C0392B",
    ZoneKind.KEEP_IN: "#2E7D32",
    ZoneKind.CEILING: "#B8860B",
    ZoneKind.ROADWAY: "#B5B5B5",
    ZoneKind.NO_PARKING: "#E3B505",
    ZoneKind.NO_VENDING: "#F2A65A",
    ZoneKind.FIRE_LANE: "#E07A5F",
    ZoneKind.WATER: "#A9D6E5",
    ZoneKind.RESTRICTED: "#8E7CC3",
    ZoneKind.ADVISORY: "#7FB2D6",
}
CELL_COLOURS = ("#EAF3E6", "#7C9A74")
"""Face and edge."""


_SHADES = ((0.0, 0), (0.38, 255), (0.42, 0))  # how far towards black or white


def aircraft_colour(index: int) -> str:
    """The colour of the n-th aircraft."""
    return AIRCRAFT_COLOURS[index % len(AIRCRAFT_COLOURS)]


def shade(colour: str, number: int) -> str:
    """The colour of an aircraft's n-th flight: its own, lighter and darker ones in turn."""
    share, towards = _SHADES[number % len(_SHADES)]
    channels = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    mixed = [round(channel + share * (towards - channel)) for channel in channels]
    return "#" + "".join(f"{channel:02X}" for channel in mixed)
