"""`patrol zones`: import what authorities publish, list it, and export it for others."""

import os
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import shapely
import typer
from rich.markup import escape

from flight.formats.writing import write_bytes
from geofences.active_times import EVERY_DAY, ActivePeriod, ActiveTimes, Weekday, WeeklyHours
from geofences.county import County
from geofences.daylight import DaylightEvent
from geofences.formats.dji_flight_areas import flight_area_file
from geofences.formats.geozone_documents import GeozoneFormat
from geofences.formats.geozone_files import Reading, read_geozones
from geofences.formats.geozones import Axes, Box
from geofences.formats.zone_features import text_of_zone_features
from geofences.formats.zone_layer import zone_fields
from geofences.heights import Height
from geofences.zone_merging import merge_zones
from geofences.zones import Zone, ZoneIndex, ZoneKind
from patrol.cli.console import notices, print_json, table, terminal
from patrol.cli.plan_options import parse_time
from patrol.counties import keep_county, load_county
from patrol.errors import UsageError
from patrol.settings import Settings, read_settings

app = typer.Typer(help="Import, list and export zones with their heights and times.",
                  no_args_is_help=True)  # fmt: skip

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a machine.")]

MOST_LISTED = 50
_OF_THE_GROUND = frozenset(
    {
        ZoneKind.ROADWAY,
        ZoneKind.NO_PARKING,
        ZoneKind.NO_VENDING,
        ZoneKind.FIRE_LANE,
        ZoneKind.WATER,
    }
)
DOCK_FILE_NAME = re.compile(r"geofence_\w+\.json", re.ASCII)


class ImportFormat(StrEnum):
    """What a file of zones may be."""

    AUTO = "auto"
    ED269 = GeozoneFormat.ED269.value
    ED318 = GeozoneFormat.ED318.value
    GEOJSON = GeozoneFormat.GEOJSON.value


class AxesAsked(StrEnum):
    """Which coordinate may come first."""

    AUTO = "auto"
    LON_LAT = Axes.LON_LAT.value
    LAT_LON = Axes.LAT_LON.value


class ExportFormat(StrEnum):
    """What zones may be written as."""

    DJI = "dji"
    GEOJSON = "geojson"


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="ED-269, ED-318, or GeoJSON exported here.")],
    file_format: Annotated[
        ImportFormat, typer.Option("--format", help="Of the file, if it cannot be told.")
    ] = ImportFormat.AUTO,
    granted: Annotated[
        list[str] | None,
        typer.Option(
            help="Zone whose authority has granted the flight, such as CHE-AB12345; repeat it. "
            "All others that need it are no-fly.",
            metavar="ID",
        ),
    ] = None,
    axes: Annotated[
        AxesAsked, typer.Option(help="Which coordinate comes first, if it cannot be told.")
    ] = AxesAsked.AUTO,
    as_json: AsJson = False,
) -> None:
    """Put published zones into the county by their ids; nothing changes unless all are good."""
    settings, county = _county()
    reading = Reading(
        standard=None if file_format is ImportFormat.AUTO else GeozoneFormat(file_format.value),
        axes=None if axes is AxesAsked.AUTO else Axes(axes.value),
        granted=frozenset(granted or ()),
    )
    found = read_geozones(file, _box(county), reading)
    merged = merge_zones(county.zones.zones, found.zones, found.published_ids)
    if merged.changes_anything:
        keep_county(replace(county, zones=ZoneIndex(merged.zones)), settings)
    done = {name: getattr(merged, name) for name in ("added", "changed", "removed", "unchanged")}
    if as_json:
        print_json({**done, "notes": found.notes})
        return
    made = table(escape(f"Zones from {file.name}"), {"what": "left", "number": "right"})
    for name, ids in done.items():
        made.add_row(name, str(len(ids)))
    terminal().print(made)
    _remark(found.notes)


@app.command("list")
def list_(
    at: Annotated[
        str, typer.Option(help="When, as 2026-05-01T08:00 by this computer's clock; now if not.")
    ] = "",
    kind: Annotated[
        list[ZoneKind] | None, typer.Option(help="Zones of this kind; repeat it.")
    ] = None,
    every: Annotated[
        bool, typer.Option("--all", help=f"Those of the ground too, and more than {MOST_LISTED}.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List the zones that a flight meets, with heights and times, and whether they are active."""
    _, county = _county()
    moment = parse_time(at) or datetime.now().astimezone()
    zones = [zone for zone in county.zones.zones if not kind or zone.kind in kind]
    if as_json:
        rows = [{**zone_fields(zone), "active": zone.active_at(moment)} for zone in zones]
        print_json({"at": moment.isoformat(), "zones": rows})
        return
    listed = [zone for zone in zones if every or kind or zone.kind not in _OF_THE_GROUND]
    most = len(listed) if every else MOST_LISTED
    left = "left"
    made = table(
        escape(f"Zones of {county.name} at {moment.isoformat(timespec='minutes')}"),
        {"zone": left, "kind": left, "name": left, "heights": left, "times": left, "active": left},
    )
    for zone in listed[:most]:
        cells = (zone.zone_id, zone.kind, zone.name, heights_in_words(zone))
        active = "yes" if zone.active_at(moment) else "no"
        made.add_row(*map(escape, (*cells, times_in_words(zone.times), active)))
    terminal().print(made)
    _tell_unlisted(zones, listed[:most])


def _tell_unlisted(zones: Sequence[Zone], listed: Sequence[Zone]) -> None:
    """Say of what kinds the zones are that were left out, and how to see them."""
    left_out = Counter(zone.kind.value for zone in zones)
    left_out.subtract(zone.kind.value for zone in listed)
    counted = ", ".join(f"{count} {kind}" for kind, count in left_out.most_common() if count)
    if counted:
        terminal().print(f"Not listed: {counted}. --all lists them, --kind some.", soft_wrap=True)


@app.command()
def remove(
    zone_id: Annotated[list[str], typer.Argument(help="Ids of zones, as listed.")],
) -> None:
    """Take zones out of the county that no longer hold."""
    settings, county = _county()
    known = {zone.zone_id for zone in county.zones.zones}
    if unknown := sorted(set(zone_id) - known):
        raise UsageError(
            f"There is no zone {', '.join(unknown)}; `patrol zones list` shows their ids. "
            "Nothing was removed."
        )
    kept = (zone for zone in county.zones.zones if zone.zone_id not in zone_id)
    keep_county(replace(county, zones=ZoneIndex(kept)), settings)
    terminal().print(f"{len(set(zone_id))} removed.")


@app.command()
def export(
    file: Annotated[Path, typer.Argument(help="File to write; for dji a folder will do.")],
    file_format: Annotated[
        ExportFormat, typer.Option("--format", help="dji: custom flight areas of a dock.")
    ],
    as_json: AsJson = False,
) -> None:
    """Write the county's zones for docks or other programs."""
    _, county = _county()
    if file_format is ExportFormat.GEOJSON:
        write_bytes(text_of_zone_features(county.zones.zones).encode(), file)
        said: dict[str, object] = {"file": str(file), "zones": len(county.zones.zones)}
        notes: tuple[str, ...] = ()
    else:
        areas = flight_area_file(county.zones, county.docks)
        path = file / areas.name if file.is_dir() else file
        if not DOCK_FILE_NAME.fullmatch(path.name):
            raise UsageError(
                f"A dock expects a name such as {areas.name}, not {path.name}; give a folder, or "
                "a name of that form."
            )
        write_bytes(areas.content, path)
        said = {"file": str(path), "name": path.name, "checksum": areas.checksum,
                "size": areas.size_bytes}  # fmt: skip
        notes = areas.notes
    if as_json:
        print_json({**said, "notes": notes})
        return
    for name, value in said.items():
        terminal().print(f"{name}: {escape(str(value))}", soft_wrap=True)
    _remark(notes)


def heights_in_words(zone: Zone) -> str:
    """Between which heights a zone holds, each with what it is above."""
    if zone.kind is ZoneKind.CEILING:
        return f"fly up to {zone.ceiling_m:g} m above ground"
    if zone.lower is None and zone.upper is None:
        return "all"
    low = "ground" if zone.lower is None else _height(zone.lower)
    if zone.upper is None:
        return f"{low} and up"
    if zone.lower is not None and zone.lower.reference is zone.upper.reference:
        low = f"{zone.lower.value_m:g}"
    return f"{low} to {_height(zone.upper)}"


def times_in_words(times: ActiveTimes) -> str:
    """When a zone is active, short enough for a table."""
    return "always" if times.always else "; ".join(_period(period) for period in times.periods)


def _height(height: Height) -> str:
    return f"{height.value_m:g} m above {height.reference.replace('_', ' ')}"


def _period(period: ActivePeriod) -> str:
    since = "" if period.start is None else f"from {_date(period.start)}"
    until = "" if period.end is None else f"to {_date(period.end)}"
    hours = ", ".join(_hours(hours) for hours in period.hours)
    return " ".join(part for part in (since, until, hours) if part) or "always"


def _date(moment: datetime) -> str:
    # With spaces, since a table cuts off words that are wider than its column.
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _hours(hours: WeeklyHours) -> str:
    days = [day.value for day in Weekday if day in hours.days]
    named = "daily" if hours.days == EVERY_DAY else " ".join(days)
    ends = (
        end.value if isinstance(end, DaylightEvent) else f"{end:%H:%M}"
        for end in (hours.start, hours.end)
    )
    return f"{named} {'-'.join(ends)} {hours.time_zone}"


def _county() -> tuple[Settings, County]:
    settings = read_settings(os.environ, Path.home())
    return settings, load_county(settings)


def _box(county: County) -> Box:
    outlines = [cell.polygon for cell in county.grid.cells]
    west, south, east, north = shapely.total_bounds(outlines).tolist()
    return west, south, east, north


def _remark(notes: Iterable[str]) -> None:
    for note in notes:
        notices().print(f"[bold yellow]note:[/] {escape(note)}", soft_wrap=True)
