"""A mission laid over the `.plan` file that it came from, so that nothing else in it is lost.

Every object of the file stays, with keys we know nothing of, unless the mission says otherwise:
items that are still flown keep their object, surveys stay surveys while all their items are flown,
fence rings and rally points stay while they are part of the mission.
"""

import copy
import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flight.formats.documents import Document
from flight.formats.qgc_fence import fence_parts
from flight.formats.qgc_layout import (
    home_position,
    plan_keys,
    rally_numbers,
    ring_keys,
    simple_item,
)
from flight.missions import Mission, MissionItem
from geofences.geodesy import LocalFrame

Keys = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Entry:
    """One item of a file, simple or complex, and the items of a mission that it became."""

    keys: Mapping[str, object]
    items: tuple[MissionItem, ...]


def merged(mission: Mission, before: Mission, document: Document, entries: Sequence[Entry]) -> Keys:
    """Lay a mission over a file.

    Args:
        mission: What the file shall say.
        before: What it said when it was read.
        document: The file.
        entries: Its items, as they were read.

    Returns:
        The content of the new file.
    """
    keys: Keys = copy.deepcopy(dict(document.content))
    inner: Keys = keys["mission"]
    if mission.speed_mps != before.speed_mps:
        inner["cruiseSpeed"] = inner["hoverSpeed"] = mission.speed_mps
    if (mission.home, mission.home_alt_amsl_m) != (before.home, before.home_alt_amsl_m):
        inner["plannedHomePosition"] = home_position(mission)
    if _bare(mission.items) != [item for entry in entries for item in entry.items]:
        inner["items"] = _numbered(_merged_items(mission.items, entries))
    fresh = plan_keys(mission)
    keys["geoFence"] = keys.get("geoFence", {}) | _merged_fence(mission, document)
    if mission.rally != before.rally or "rallyPoints" not in keys:
        rally = {**fresh["rallyPoints"], "points": [rally_numbers(p) for p in mission.rally]}
        keys["rallyPoints"] = keys.get("rallyPoints", {}) | rally
    return keys


def _bare(items: Sequence[MissionItem]) -> list[MissionItem]:
    """Items without their cells, of which a file's own items know nothing."""
    return [replace(item, cell_code="") for item in items]


def _merged_items(items: Sequence[MissionItem], entries: Sequence[Entry]) -> list[Keys]:
    wanted = _bare(items)
    starts = _kept_entries(wanted, entries)
    silent = _silent_entries(set(starts.values()), entries)
    laid = _copies(silent.get(None, ()))
    number = 0
    while number < len(wanted):
        if number in starts:
            index = starts[number]
            laid += _copies([entries[index], *silent.get(index, ())])
            number += len(entries[index].items)
        else:
            laid.append(simple_item(wanted[number], 0))
            number += 1
    return laid


def _silent_entries(kept: set[int], entries: Sequence[Entry]) -> dict[int | None, list[Entry]]:
    """What became no item of ours, such as a photo camera's setting, by the kept item before it."""
    silent: dict[int | None, list[Entry]] = {}
    owner = None
    for index, entry in enumerate(entries):
        if index in kept:
            owner = index
        elif not entry.items:
            silent.setdefault(owner, []).append(entry)
    return silent


def _copies(entries: Sequence[Entry]) -> list[Keys]:
    return [copy.deepcopy(dict(entry.keys)) for entry in entries]


def _kept_entries(wanted: list[MissionItem], entries: Sequence[Entry]) -> dict[int, int]:
    """Which entries are still flown as a whole: the place of their first item, and their index."""
    old = [item for entry in entries for item in entry.items]
    matcher = difflib.SequenceMatcher(None, old, wanted, autojunk=False)
    place_of = {
        block.a + i: block.b + i
        for block in matcher.get_matching_blocks()
        for i in range(block.size)
    }
    kept: dict[int, int] = {}
    first = 0
    for index, entry in enumerate(entries):
        places = [place_of.get(first + i) for i in range(len(entry.items))]
        first += len(entry.items)
        start = places[0] if places else None
        if start is not None and places == list(range(start, start + len(places))):
            kept[start] = index
    return kept


def _numbered(items: list[Keys]) -> list[Keys]:
    """Items with their numbers, which QGroundControl counts through surveys too."""
    number = 1
    for item in items:
        holder = item.get("TransectStyleComplexItem", item)
        inner = holder.get("Items") if isinstance(holder, dict) else None
        for each in inner if isinstance(inner, list) else [item]:
            each["doJumpId"] = number
            number += 1
    return items


def _merged_fence(mission: Mission, document: Document) -> Keys:
    wanted = [(True, mission.fence.inclusion)]
    wanted += [(False, polygon) for polygon in mission.fence.exclusions]
    polygons: list[Keys] = []
    circles: list[Keys] = []
    for part, inside, ring in fence_parts(document, LocalFrame(mission.home)):
        if (inside, ring) in wanted:
            wanted.remove((inside, ring))
            kept = copy.deepcopy(dict(part.content))
            (circles if "circle" in part else polygons).append(kept)
    polygons += [ring_keys(ring, inclusion=inside) for inside, ring in wanted]
    return {"version": 2, "polygons": polygons, "circles": circles}
