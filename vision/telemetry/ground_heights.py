"""Heights above the ground, from whatever telemetry measured its heights from.

Every height that telemetry tells is a candidate with what turning it into a height above ground
adds to its error; the one with the least error is taken, and which it was is said.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geofences.geodesy import LonLat
from geofences.geoid import separation_m
from geofences.terrain import Terrain
from vision.errors import PoseError
from vision.telemetry.track import HeightAbove, Moment, PoseTrack

FloatArray = NDArray[np.float64]

TERRAIN_SIGMA_M = 1.5
"""Of an elevation model against the ground; Copernicus GLO-30 is about as good in open country."""

GEOID_SIGMA_M = 1.0
FLAT_SIGMA_M = 2.0
"""How far the ground that is looked at lies from the level of the take-off, where nobody knows."""

_AT_HOME_M = 1.5
_TRIED = 21
_SAMPLES_USABLE = 0.5


@dataclass(frozen=True)
class GroundHeights:
    """How heights of a track become heights above ground.

    Attributes:
        above: what the height that is used is measured from.
        sigma_m: one standard deviation of the height above ground.
        terrain: the ground, None where it is taken to be flat.
        said: in words, for a person.
        alt_of: height above sea level of a moment; None where the ground is taken to be flat.
    """

    above: HeightAbove
    sigma_m: float
    terrain: Terrain | None
    said: str
    alt_of: Callable[[Moment], float] | None = None

    def at(self, moment: Moment) -> tuple[float, float | None]:
        """Height above the ground right below, and above sea level where that is known.

        Raises:
            PoseError: the height or the ground there is not known, or it lies under the ground.
        """
        if self.alt_of is None or self.terrain is None:
            height_m, alt_m = _told_m(moment, self.above), None
        else:
            alt_m = self.alt_of(moment)
            height_m = alt_m - _ground_m(self.terrain, moment.position)
        if not math.isfinite(height_m):
            raise PoseError("The height above ground is not known there.")
        if height_m <= 0.0:
            raise PoseError(
                f"The camera would be {-height_m:.1f} m under the ground: is its height really "
                f"measured from {self.above.value}?"
            )
        return height_m, alt_m


def ground_heights(
    track: PoseTrack,
    terrain: Terrain | None,
    home: LonLat | None = None,
    stated: HeightAbove | None = None,
) -> GroundHeights:
    """The way to heights above ground that errs least.

    Args:
        track: what telemetry tells.
        terrain: the ground, None where it is not known.
        home: where the aircraft took off, if somebody knows better than the track.
        stated: what a height is measured from that the track does not say it of.

    Raises:
        PoseError: no height that is told can be turned into one above ground.
    """
    ways, reasons = [], []
    for above in track.heights:
        for way in _ways(track, above, terrain, home, stated):
            if isinstance(way, str):
                reasons.append(way)
            elif _is_usable(track, way):
                ways.append(way)
            else:
                reasons.append(
                    f"with its height above {_words(way.above)} it would fly under the ground, or "
                    "over ground that the terrain does not know"
                )
    if not ways:
        raise PoseError(f"{track.name}: no height above ground: {'; '.join(reasons)}.")
    return min(ways, key=lambda way: (way.terrain is None, way.sigma_m))


def _ways(
    track: PoseTrack,
    above: HeightAbove,
    terrain: Terrain | None,
    home: LonLat | None,
    stated: HeightAbove | None,
) -> list[GroundHeights | str]:
    """Ways from one height, or why there is none."""
    sigma_m, source = track.heights[above].sigma_m, above
    if above is HeightAbove.UNSTATED:
        if stated is None:
            return ["it does not say what its height is measured from: say it by --height-above"]
        above = stated
    words = _words(above)
    flat = GroundHeights(
        source, sigma_m, None, f"height above {words}, the ground taken to be flat"
    )
    if above is HeightAbove.GROUND:
        return [flat]
    if above is HeightAbove.TAKE_OFF:
        level = GroundHeights(
            source,
            math.hypot(sigma_m, FLAT_SIGMA_M),
            None,
            "height above take-off, the ground taken to be flat and as high",
        )
        return [level, *_from_home(track, source, terrain, home)]
    if terrain is None:
        needs = f"a height above {words} needs the ground's: give --terrain PATH, or --ground-alt"
        return [f"{needs} METRES above sea level where it is flat"]
    sigma_m = math.hypot(sigma_m, TERRAIN_SIGMA_M)
    said = f"height above {words} over the terrain"
    if above is HeightAbove.SEA_LEVEL:
        return [GroundHeights(source, sigma_m, terrain, said, lambda m: _told_m(m, source))]
    return [
        GroundHeights(
            source,
            math.hypot(sigma_m, GEOID_SIGMA_M),
            terrain,
            f"{said} (EGM96)",
            lambda m: _told_m(m, source) - _geoid_m(m.position),
        )
    ]


def _from_home(
    track: PoseTrack, source: HeightAbove, terrain: Terrain | None, home: LonLat | None
) -> list[GroundHeights | str]:
    if terrain is None:
        return []
    home = home or track.home or _take_off(track, source)
    if home is None:
        return ["where it took off is not known: say it by --home LON,LAT"]
    home_alt_m = _ground_m(terrain, home)
    if math.isnan(home_alt_m):
        return ["the terrain does not know the ground where it took off"]
    sigma_m = math.hypot(track.heights[source].sigma_m, TERRAIN_SIGMA_M, TERRAIN_SIGMA_M)
    return [
        GroundHeights(
            source,
            sigma_m,
            terrain,
            f"height above the take-off at {home_alt_m:.0f} m above sea level, over the terrain",
            lambda moment: _told_m(moment, source) + home_alt_m,
        )
    ]


def _take_off(track: PoseTrack, source: HeightAbove) -> LonLat | None:
    """The first position, if the record begins on the ground."""
    if not abs(track.heights[source].values_m[0]) <= _AT_HOME_M:
        return None
    return LonLat(float(track.lon_deg[0]), float(track.lat_deg[0]))


def _is_usable(track: PoseTrack, way: GroundHeights) -> bool:
    """Whether most of some moments of the track come to lie above known ground."""
    chosen = np.unique(np.linspace(0, len(track.time_s) - 1, _TRIED).astype(int))
    good = 0
    for index in chosen:
        try:
            way.at(track.at(float(track.time_s[index])))
        except PoseError:
            continue
        good += 1
    return good >= _SAMPLES_USABLE * len(chosen)


def _ground_m(terrain: Terrain, place: LonLat) -> float:
    return float(terrain.alt_amsl_m([place.lon_deg], [place.lat_deg])[0])


def _told_m(moment: Moment, above: HeightAbove) -> float:
    return moment.heights_m.get(above, math.nan)


def _geoid_m(place: LonLat) -> float:
    return float(separation_m(place.lon_deg, place.lat_deg))


def _words(above: HeightAbove) -> str:
    return {
        HeightAbove.SEA_LEVEL: "sea level",
        HeightAbove.ELLIPSOID: "the ellipsoid",
        HeightAbove.TAKE_OFF: "take-off",
        HeightAbove.GROUND: "ground",
    }.get(above, "something that is not said")
