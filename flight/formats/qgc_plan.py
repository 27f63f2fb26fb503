"""QGroundControl's `.plan` files, written so that it opens them and read where they can be flown.

One file holds one mission with its fence and rally points. What QGroundControl has no place for
(our ids, the cell of each waypoint, the foretold time) stands under a key of our own, which it
ignores; what a file says that we have no place for is kept and written back.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from flight.errors import PlanFileError
from flight.formats.documents import Document, read_document
from flight.formats.foreign import DEFAULT_SPEED_MPS, LEGAL_CEILING_M, foreign_mission
from flight.formats.qgc_commands import parse_item
from flight.formats.qgc_fence import read_fence, read_rally
from flight.formats.qgc_layout import (
    COMPLEX_ITEMS,
    OWN_KEY,
    SURVEY_VERSIONS,
    VERSIONS,
    own_keys,
    plan_keys,
)
from flight.formats.qgc_merge import Entry, merged
from flight.formats.writing import write_text
from flight.missions import Mission, MissionItem
from geofences.geodesy import LocalFrame, LonLat


@dataclass(frozen=True, slots=True)
class QgcPlan:
    """A `.plan` file as it was read.

    Attributes:
        mission: What is flown.
        document: The whole file, with everything that we do not understand.
        entries: Its items, and what each became.
    """

    mission: Mission
    document: Document
    entries: tuple[Entry, ...]


def write_qgc_plan(mission: Mission, path: Path, *, kept: QgcPlan | None = None) -> None:
    """Write one mission, its fence and its rally points as a `.plan` file.

    Args:
        mission: What to write.
        path: Where; QGroundControl expects it to end in `.plan`.
        kept: The file that the mission came from: whatever it says beyond our understanding, at
            any level, stands in the new file too, and so do items and surveys that did not change.

    Raises:
        PlanFileError: If the file cannot be written.
    """
    document: dict[str, Any] = plan_keys(mission)
    if kept is not None:
        document = merged(mission, kept.mission, kept.document, kept.entries)
    document[OWN_KEY] = document.get(OWN_KEY, {}) | own_keys(mission)
    write_text(json.dumps(document, ensure_ascii=False, indent=4) + "\n", path)


def read_qgc_plan(path: Path) -> Mission:
    """Read the mission of a `.plan` file, ours or QGroundControl's.

    Surveys are read through the simple items that they carry. A plan without a fence gets one
    drawn 60 m around its route.

    Args:
        path: The file.

    Returns:
        The mission; run `check_mission` before flying it.

    Raises:
        PlanFileError: If the file cannot be read, is no plan of a known version, or holds
            something that cannot be flown; the message names the key or item.
    """
    return read_qgc_file(path).mission


def is_own_file(path: Path) -> bool:
    """Whether a file is a plan that we wrote; one that cannot be read is not."""
    try:
        return OWN_KEY in read_document(path).content
    except PlanFileError:
        return False


def read_qgc_file(path: Path) -> QgcPlan:
    """Read a `.plan` file so that it can be written back with all that it says.

    Args:
        path: The file.

    Returns:
        Its mission, as `read_qgc_plan` gives it, and the file itself.

    Raises:
        PlanFileError: As `read_qgc_plan`.
    """
    document = read_document(path)
    if document.text("fileType", default="") != "Plan":
        raise PlanFileError(
            f"{path} is not a QGroundControl plan (its fileType is not 'Plan'). "
            "Choose another file."
        )
    document.refuse_version("version", 1)
    mission = document.child("mission")
    mission.refuse_version("version", VERSIONS["mission"])
    home, home_alt_m = _home(mission)
    entries = tuple(_entry(child, home_alt_m) for child in mission.children("items"))
    items = [item for entry in entries for item in entry.items]
    speed_mps = mission.number("hoverSpeed") if "hoverSpeed" in mission else DEFAULT_SPEED_MPS
    if not speed_mps > 0.0:
        raise mission.wrong("hoverSpeed", f"is {speed_mps:g}, which is no speed")
    own = document.child(OWN_KEY) if OWN_KEY in document else None
    ceiling_m = own.number("ceiling_height_home_m") if own else LEGAL_CEILING_M
    made = foreign_mission(
        path.stem,
        home,
        items,
        speed_mps,
        fence=read_fence(document, LocalFrame(home), ceiling_m),
        ceiling_m=ceiling_m,
    )
    made = replace(made, rally=read_rally(document), home_alt_amsl_m=home_alt_m)
    return QgcPlan(_with_own(made, own) if own else made, document, entries)


def _home(mission: Document) -> tuple[LonLat, float]:
    numbers = mission.numbers("plannedHomePosition", 3)
    home = mission.build(lambda: LonLat(numbers[1], numbers[0]), "plannedHomePosition")
    return home, numbers[2]


def _entry(child: Document, home_alt_m: float) -> Entry:
    simple = list(_simple_items(child))
    return Entry(
        child.content, tuple(item for each in simple for item in parse_item(each, home_alt_m))
    )


def _simple_items(child: Document) -> Iterator[Document]:
    """The simple items that one item stands for: itself, or those inside a survey."""
    kind = child.text("type")
    name = child.text("complexItemType", default=kind)
    if kind == "SimpleItem":
        yield child
    elif name in COMPLEX_ITEMS and _embedding(child) is not None:
        if child.value("version") not in SURVEY_VERSIONS[name]:
            raise child.wrong("version", f"is {child.value('version')!r}, which is not known")
        holder = child.child(str(_embedding(child))) if _embedding(child) else child
        yield from holder.children("Items")
    else:
        raise child.wrong(
            "type",
            f"is {name!r}, which only QGroundControl can turn into waypoints; save it there "
            "as a mission of simple items",
        )


def _embedding(child: Document) -> str | None:
    """The key under which a complex item carries its simple ones: empty for the item itself."""
    if "TransectStyleComplexItem" in child:
        return "TransectStyleComplexItem"
    return "" if "Items" in child else None


def _with_own(mission: Mission, own: Document) -> Mission:
    """A mission with what our own key tells of it."""
    told = replace(
        mission,
        mission_id=own.text("mission_id"),
        vehicle_name=own.text("vehicle_name"),
        dock_id=own.text("dock_id"),
        height_home_m=own.number("height_home_m"),
        cell_codes=own.texts("cell_codes"),
        distance_m=own.number("distance_m"),
        duration_s=own.number("duration_s"),
    )
    # QGroundControl writes 0 for an altitude that nobody knows, so we say that ourselves.
    alt_m = own.number_or_none("home_alt_amsl_m")
    if "home_alt_amsl_m" in own and alt_m is None and told.home_alt_amsl_m == 0.0:
        told = replace(told, home_alt_amsl_m=None)
    start_s = own.number_or_none("start_s") or 0.0
    energy_wh = own.number_or_none("energy_wh")
    height_ground_m = own.number_or_none("height_ground_m")
    return own.build(
        lambda: replace(
            told,
            items=_with_cells(mission.items, own),
            energy_wh=energy_wh,
            start_s=start_s,
            height_ground_m=height_ground_m,
        )
    )


def _with_cells(items: tuple[MissionItem, ...], own: Document) -> tuple[MissionItem, ...]:
    cells = own.texts("item_cells")
    if len(cells) != len(items):  # edited in QGroundControl: the cells no longer belong to items
        return items
    return tuple(replace(item, cell_code=cell) for item, cell in zip(items, cells, strict=True))
