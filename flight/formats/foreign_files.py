"""Any file that holds a mission, told by its content rather than by its name."""

from collections.abc import Callable
from pathlib import Path

from flight.errors import PlanFileError
from flight.formats.documents import read_document
from flight.formats.geojson import read_geojson
from flight.formats.kml_reading import read_kml
from flight.formats.plan_file import FILE_TYPE, read_plan
from flight.formats.qgc_plan import read_qgc_plan
from flight.formats.route_import import Assumed
from flight.formats.waypoints import read_waypoints
from flight.formats.wpml import WAYLINES
from flight.formats.wpml_reading import read_wpml
from flight.formats.xml_reading import read_archive, read_bytes
from flight.missions import Mission

Reader = Callable[[Path, Assumed], tuple[Mission, ...]]

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_LONGEST_START = 512


def read_missions(path: Path, assumed: Assumed) -> tuple[Mission, ...]:
    """Read the missions of a file.

    Args:
        path: A plan of ours, a `.plan`, a waypoint list, a DJI route, KML, KMZ or GeoJSON.
        assumed: What is said of files that do not say it themselves: the home of waypoint lists
            and DJI routes; home, speed, height and camera pitch of drawn lines.

    Returns:
        Its missions, one or more.

    Raises:
        PlanFileError: If the file is none of these, or cannot be flown as it is.
    """
    start = read_bytes(path)[:_LONGEST_START].removeprefix(_BYTE_ORDER_MARK).lstrip()
    for mark, read in _READERS.items():
        if start.startswith(mark):
            return read(path, assumed)
    raise PlanFileError(
        f"{path} is no file that holds a mission. Give a .plan, .waypoints, .kmz, .kml or "
        ".geojson file."
    )


def _archive(path: Path, assumed: Assumed) -> tuple[Mission, ...]:
    if WAYLINES in read_archive(path):
        return (read_wpml(path, home=assumed.home),)
    return read_kml(path, assumed)


def _json(path: Path, assumed: Assumed) -> tuple[Mission, ...]:
    document = read_document(path)
    if document.text("file_type", default="") == FILE_TYPE:
        return read_plan(path).missions
    if "fileType" in document:
        return (read_qgc_plan(path),)
    return read_geojson(path, assumed)


def _list(path: Path, assumed: Assumed) -> tuple[Mission, ...]:
    return (read_waypoints(path, home=assumed.home),)


_READERS: dict[bytes, Reader] = {b"PK": _archive, b"{": _json, b"<": read_kml, b"QGC": _list}
