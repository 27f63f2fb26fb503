"""Lines of KML and KMZ files read as missions."""

import json
from collections.abc import Iterator
from pathlib import Path

from flight.errors import PlanFileError
from flight.formats.documents import Document
from flight.formats.kml import OWN_KEY
from flight.formats.plan_file import mission_of
from flight.formats.route_import import Assumed, DrawnLine, distinct, mission_of_line
from flight.formats.xml_reading import Element, parse_xml, read_archive, read_bytes
from flight.missions import Mission
from geofences.geodesy import LonLat

_ZIP = b"PK"


def read_kml(path: Path, assumed: Assumed) -> tuple[Mission, ...]:
    """Read every line of a KML or KMZ file as a mission.

    Args:
        path: The file.
        assumed: What is said of lines that do not say it themselves.

    Returns:
        Missions that we wrote, unchanged where their line was not moved; others made of lines.

    Raises:
        PlanFileError: If the file cannot be read, holds no line, or a line does not say enough.
    """
    content = read_bytes(path)
    if content.startswith(_ZIP):
        parts = {name: part for name, part in read_archive(path).items() if name.endswith(".kml")}
        if not parts:
            raise PlanFileError(f"{path} holds no KML document. Choose another file.")
        # KML 2.2, section 7.3: the first document of an archive is the one that counts.
        content = next(iter(parts.values()))
    root = parse_xml(content, str(path))
    places = root.descendants("Placemark")
    lines = [line for place in places for line in _lines(path, place, assumed)]
    if not lines:
        raise PlanFileError(
            f"{path} holds no line to fly along, only other shapes. Draw a path in it."
        )
    return tuple(mission_of_line(line, assumed) for line in distinct(lines))


def _lines(path: Path, place: Element, assumed: Assumed) -> Iterator[DrawnLine]:
    name = place.find("name")
    own = _own(path, place)
    for line in place.descendants("LineString"):
        coordinates = line.child("coordinates")
        tuples = [coordinates.numbers_in(text, 2, 3) for text in coordinates.content.split()]
        points = tuple(_point(coordinates, numbers) for numbers in tuples)
        heights = [numbers[2] for numbers in tuples if len(numbers) == 3]
        base_m, why = _base(line, own, assumed)
        known = base_m is not None and len(heights) == len(points)
        yield DrawnLine(
            f"{path}, line {line.line}: the path",
            (name.content if name else "") or path.stem,
            points,
            tuple(round(height - (base_m or 0.0), 3) for height in heights) if known else None,
            why,
            own,
        )


def _point(coordinates: Element, numbers: list[float]) -> LonLat:
    return coordinates.build(lambda: LonLat(numbers[0], numbers[1]))


def _base(line: Element, own: Mission | None, assumed: Assumed) -> tuple[float | None, str]:
    """The altitude that must be taken off heights to have them above home, or why none is known."""
    mode_element = line.find("altitudeMode")
    mode = mode_element.content if mode_element else "clampToGround"
    if mode == "absolute":
        told_m = own.home_alt_amsl_m if own else None
        home_m = assumed.home.alt_amsl_m if assumed.home else told_m
        return home_m, "has heights above sea level, and nothing says how high home is"
    if mode == "relativeToGround":
        # We write heights above home this way where nobody knows how high home is.
        ours = own is not None and own.home_alt_amsl_m is None
        return (0.0 if ours else None), "has heights above the ground, which are not above home"
    return None, "lies on the ground"


def _own(path: Path, place: Element) -> Mission | None:
    for data in place.descendants("Data"):
        if data.attribute("name") == OWN_KEY:
            value = data.child("value")
            try:
                content = json.loads(value.content)
            except (ValueError, RecursionError) as error:
                raise value.wrong("is not the mission that we wrote there") from error
            if not isinstance(content, dict):
                raise value.wrong("is not the mission that we wrote there")
            where = f"{path}, line {value.line}"
            return mission_of(Document(where, "", content))
    return None
