"""`patrol zones`: what authorities publish goes into the county, whole or not at all."""

import hashlib
import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from geofences.county import County
from geofences.formats.county_files import read_county, write_county
from geofences.heights import Height, HeightReference
from geofences.zones import ZoneIndex, ZoneKind
from patrol.cli.zones import MOST_LISTED
from tests.geofences.formats.geozone_examples import (
    ed269_feature,
    ed318_feature,
    ed318_geometry,
    volume,
    write_ed269,
    write_ed318,
)
from tests.patrol.builders import small_county
from tests.patrol.conftest import Terminal

SCHOOL_DAYS = {
    "permanent": "NO",
    "schedule": [{"day": ["MON", "TUE"], "startTime": "07:30:00+08:00",
                  "endTime": "17:00:00+08:00"}],
}  # fmt: skip


def stored(terminal: Terminal) -> County:
    """The county as it is kept."""
    [path] = terminal.home.glob("*.gpkg")
    return read_county(path)


def sector(folder: Path) -> Path:
    """An ED-318 file with a zone that needs leave."""
    return write_ed318(folder / "318.json", ed318_feature("AIR001", type="REQ_AUTHORIZATION"))


def school(folder: Path) -> Path:
    """An ED-269 file with a zone that is closed on some mornings."""
    return write_ed269(folder / "269.json", ed269_feature("SCH003", applicability=[SCHOOL_DAYS]))


def test_published_zones_join_those_of_the_county(county_terminal: Terminal) -> None:
    """Kept with heights and times, beside what was there."""
    said = county_terminal("zones", "import", school(county_terminal.folder), "--json")
    assert said.code == 0
    assert said.lines[0]["added"] == ["CHN-SCH003"]
    zones = stored(county_terminal).zones.zones
    assert [zone.zone_id for zone in zones] == ["nf-1", "re-1", "CHN-SCH003"]
    assert zones[-1].kind is ZoneKind.NO_FLY
    assert zones[-1].upper == Height(120.0, HeightReference.GROUND)
    assert not zones[-1].times.always


def test_importing_again_changes_nothing(county_terminal: Terminal) -> None:
    """By the ids of zones, and the file is not even written."""
    file = sector(county_terminal.folder)
    county_terminal("zones", "import", file)
    [path] = county_terminal.home.glob("*.gpkg")
    before = path.stat().st_mtime_ns
    [row] = county_terminal("zones", "import", file, "--json").lines
    assert (row["added"], row["changed"], row["unchanged"]) == ([], [], ["CHN-AIR001"])
    assert path.stat().st_mtime_ns == before


def test_a_zone_is_opened_by_leave_and_closed_without(county_terminal: Terminal) -> None:
    """What is not said at the latest import is not granted."""
    file = sector(county_terminal.folder)
    kinds = []
    for options in ([], ["--granted", "CHN-AIR001"], []):
        assert county_terminal("zones", "import", file, *options).code == 0
        kinds.append(stored(county_terminal).zones.zones[-1].kind)
    assert kinds == [ZoneKind.NO_FLY, ZoneKind.ADVISORY, ZoneKind.NO_FLY]


def test_one_bad_feature_keeps_all_out(county_terminal: Terminal) -> None:
    """All that is wrong is said at once, and the county is as it was."""
    circle = {"type": "Circle", "center": [115.6, 33.1], "radius": -3}
    bad = (
        ed269_feature("BAD1", restriction="?"),
        ed269_feature("BAD2", geometry=[volume(horizontalProjection=circle)]),
    )
    file = write_ed269(county_terminal.folder / "bad.json", ed269_feature(), *bad)
    said = county_terminal("zones", "import", file)
    assert said.code == 1
    for words in ("2 problem(s)", "feature 2 (BAD1): the restriction '?'", "CHN-BAD2: The radius"):
        assert words in said.err
    assert stored(county_terminal).zones.zones == small_county().zones.zones


def test_how_coordinates_were_read_is_said(county_terminal: Terminal) -> None:
    """Beside the result, so that an operator can object."""
    said = county_terminal("zones", "import", school(county_terminal.folder))
    assert "added" in said.out
    assert "Coordinates are read as lon-lat: only so does a zone lie near" in said.err


@pytest.mark.parametrize(
    ("at", "active"), [("2026-06-01T08:00+08:00", True), ("2026-06-01T18:00+08:00", False)]
)
def test_zones_are_listed_as_of_a_time(county_terminal: Terminal, at: str, active: bool) -> None:
    """For a machine with every field, for a person in words."""
    county_terminal("zones", "import", school(county_terminal.folder))
    [listed] = county_terminal("zones", "list", "--at", at, "--json").lines
    rows = {row["zone_id"]: row for row in listed["zones"]}  # type: ignore[attr-defined]
    assert rows["CHN-SCH003"]["active"] is active
    assert rows["CHN-SCH003"]["upper_above"] == "ground"
    assert rows["nf-1"]["active"]
    table = county_terminal("zones", "list", "--at", at).out
    for words in ("0 to 120 m above ground", "MON TUE 07:30-17:00 +08:00", "always"):
        assert words in table


def test_a_time_is_read_as_that_of_a_plan(county_terminal: Terminal) -> None:
    """By this computer's clock where it names none, and the title says which that is."""
    said = county_terminal("zones", "list", "--at", "2026-06-01T08:00")
    offset = datetime(2026, 6, 1, 8).astimezone().isoformat()[-6:]
    assert f"2026-06-01T08:00{offset}" in said.out
    assert "is no moment" in county_terminal("zones", "list", "--at", "9").err


def test_zones_of_the_ground_are_counted_unless_they_are_asked_for(
    county_terminal: Terminal,
) -> None:
    """A pilot looks for what is in the air; a machine gets all."""
    path = next(county_terminal.home.glob("*.gpkg"))
    county = read_county(path)
    base = county.zones.zones[0]
    roads = [replace(base, zone_id=f"road-{n}", kind=ZoneKind.ROADWAY) for n in range(3)]
    masts = [replace(base, zone_id=f"mast-{n}") for n in range(MOST_LISTED)]
    whole = replace(county, zones=ZoneIndex([*county.zones.zones, *roads, *masts]))
    write_county(whole, path)
    short = county_terminal("zones", "list").out
    assert "road-1" not in short
    assert "Not listed: 3 roadway, 2 no_fly. --all" in short
    assert "mast-3" in short
    for options in (["--all"], ["--kind", "roadway"]):
        assert "road-1" in county_terminal("zones", "list", *options).out
    assert "Not listed" not in county_terminal("zones", "list", "--all").out
    [listed] = county_terminal("zones", "list", "--json").lines
    assert len(listed["zones"]) == len(whole.zones.zones)  # type: ignore[arg-type]


def test_zones_are_removed_by_id(county_terminal: Terminal) -> None:
    """All that are named, or none."""
    assert county_terminal("zones", "remove", "nf-1", "nf-9").code == 1
    assert len(stored(county_terminal).zones.zones) == 2
    assert county_terminal("zones", "remove", "nf-1").code == 0
    assert [zone.zone_id for zone in stored(county_terminal).zones.zones] == ["re-1"]


def test_a_dock_gets_its_flight_areas(county_terminal: Terminal) -> None:
    """With the entry that it asks for: name, checksum and size."""
    folder = county_terminal.folder
    [entry] = county_terminal("zones", "export", folder, "--format", "dji", "--json").lines
    content = (folder / str(entry["name"])).read_bytes()
    assert entry["checksum"] == hashlib.sha256(content).hexdigest()
    assert entry["size"] == len(content)
    assert [f["geofence_type"] for f in json.loads(content)["features"]] == ["nfz"]
    said = county_terminal("zones", "export", folder / "areas.json", "--format", "dji")
    assert said.code == 1
    assert "A dock expects a name such as geofence_" in said.err


def test_exported_geojson_can_be_imported(county_terminal: Terminal) -> None:
    """And changes nothing then."""
    file = county_terminal.folder / "zones.geojson"
    county_terminal("zones", "import", school(county_terminal.folder))
    assert county_terminal("zones", "export", file, "--format", "geojson").code == 0
    [row] = county_terminal("zones", "import", file, "--json").lines
    assert row["unchanged"] == ["nf-1", "re-1", "CHN-SCH003"]
    assert county_terminal("zones", "import", file, "--granted", "nf-1").code == 1


def test_daylight_is_listed_in_the_words_of_the_standard(county_terminal: Terminal) -> None:
    """From the morning's to the evening's twilight, daily; and heights without an end."""
    schedule = [{"day": ["ANY"], "startEvent": "BMCT", "endEvent": "EECT"}]
    dates = {"startDateTime": "2026-03-01T00:00:00Z", "endDateTime": "2026-08-01T00:00:00Z"}
    layer = {"lower": 60, "lowerReference": "AMSL", "uom": "m"}
    feature = ed318_feature(
        geometry=ed318_geometry(layer=layer), limitedApplicability=[{**dates, "schedule": schedule}]
    )
    file = write_ed318(county_terminal.folder / "a.json", feature)
    county_terminal("zones", "import", file)
    table = " ".join(county_terminal("zones", "list").out.split())
    assert "60 m above sea level and up" in table
    assert "from 2026-03-01 00:00 UTC" in table
    assert "BMCT-EECT" in table
