"""DJI's route files are read back, and refused where they say what a patrol cannot do."""

import io
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flight.errors import PlanFileError
from flight.formats.foreign import Home
from flight.formats.wpml import TEMPLATE, WAYLINES, wpml_bytes
from flight.formats.wpml_reading import read_wpml
from flight.missions import Action, Mission
from geofences.geodesy import distance_m
from tests.flight.formats.routes import HOME, missions
from tests.flight.formats.test_wpml import M3TD, PATROL


def packed(path: Path, parts: dict[str, bytes]) -> Path:
    """An archive of these files."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def edited(path: Path, old: str, new: str, name: str = WAYLINES) -> Path:
    """The patrol's file with a text replaced in one of its parts."""
    with zipfile.ZipFile(io.BytesIO(wpml_bytes(PATROL, M3TD))) as archive:
        parts = {entry: archive.read(entry) for entry in archive.namelist()}
    assert old.encode() in parts[name]
    parts[name] = parts[name].replace(old.encode(), new.encode(), 1)
    return packed(path, parts)


@settings(max_examples=40)
@given(missions(), st.booleans())
def test_what_was_written_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, made: Mission, absolute: bool
) -> None:
    """Written again it is the same file, to the last byte, with either kind of heights."""
    path = tmp_path_factory.mktemp("wpml") / "m.kmz"
    options = replace(M3TD, absolute=absolute and made.home_alt_amsl_m is not None)
    path.write_bytes(wpml_bytes(made, options))
    home = Home(HOME) if made.home_alt_amsl_m is None else None
    read = read_wpml(path, home=home)
    assert wpml_bytes(read, options) == path.read_bytes()
    assert read.home_alt_amsl_m == made.home_alt_amsl_m


def test_places_heights_and_actions_are_those_of_the_mission(tmp_path: Path) -> None:
    """In the same order; the speed stands after its point."""
    path = tmp_path / "m.kmz"
    path.write_bytes(wpml_bytes(PATROL, M3TD))
    read = read_wpml(path)
    assert read.home == HOME
    for seen, meant in zip(read.route, PATROL.route, strict=True):
        assert distance_m(seen, meant) < 1e-3
    kinds = [str(item.action) for item in read.items if item.action is not Action.SPEED]
    assert " ".join(kinds) == (
        "takeoff waypoint gimbal camera_start waypoint waypoint waypoint camera_stop hover "
        "return_home"
    )
    assert (read.distance_m, read.duration_s) == (PATROL.distance_m, PATROL.duration_s)


def test_the_take_off_point_can_be_said_where_the_file_does_not(tmp_path: Path) -> None:
    """Without either the file is refused."""
    path = tmp_path / "m.kmz"
    path.write_bytes(wpml_bytes(replace(PATROL, home_alt_amsl_m=None), M3TD))
    with pytest.raises(PlanFileError, match=r"does not say where the aircraft takes off"):
        read_wpml(path)
    assert read_wpml(path, home=Home(HOME)).home == HOME


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("<wpml:index>1<", "<wpml:index>4<", r"line \d+: index must be 1"),
        ("relativeToStartPoint", "realTimeFollowSurface", "need an elevation model"),
        ("<wpml:finishAction>goHome", "<wpml:finishAction>explode", "finishAction is explode"),
        ("reachPoint", "multipleTiming", r"actionGroup acts by multipleTiming from point 0 to 0"),
        ("startRecord", "panoShot", "actionActuatorFunc is panoShot, which a patrol cannot hold"),
        ("<wpml:executeHeight>40<", "<wpml:executeHeight>high<", "must hold 1 finite numbers"),
        ("<wpml:hoverTime>12<", "<wpml:hoverTime>-1<", "is not possible: A hover must last"),
        ("<wpml:waypointSpeed>8<", "<wpml:waypointSpeed>0<", "A speed must be more than 0"),
        ("115.62", "915.62", "coordinates is not possible"),
        ("</Folder>", "</Folder><Folder/>", "has 2 waylines; a mission is one"),
        ("<Folder>", "<Foldr>", "is not XML"),
        ("takeOffSecurityHeight>40", "takeOffSecurityHeight>nan", "must hold 1 finite numbers"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    """Each error names file, line and element."""
    with pytest.raises(PlanFileError, match=message):
        read_wpml(edited(tmp_path / "m.kmz", old, new))


def test_heights_above_the_ellipsoid_need_that_of_the_take_off(tmp_path: Path) -> None:
    """A place alone is not enough."""
    path = tmp_path / "m.kmz"
    path.write_bytes(wpml_bytes(PATROL, replace(M3TD, absolute=True)))
    with pytest.raises(PlanFileError, match="nothing says how high the take-off point is"):
        read_wpml(path, home=Home(HOME))


def test_files_that_are_no_routes_are_refused(tmp_path: Path) -> None:
    """Whatever they are instead."""
    with pytest.raises(PlanFileError, match="cannot be read: No such file"):
        read_wpml(tmp_path / "nothing.kmz")
    (tmp_path / "text.kmz").write_text("no archive")
    with pytest.raises(PlanFileError, match="not a sound KMZ archive"):
        read_wpml(tmp_path / "text.kmz")
    with pytest.raises(PlanFileError, match=r"has no wpmz/waylines.wpml in it"):
        read_wpml(packed(tmp_path / "other.kmz", {"doc.kml": b"<kml/>"}))


def test_entities_are_not_followed(tmp_path: Path) -> None:
    """A file that asks to read another one gets nothing of it."""
    (tmp_path / "secret").write_text("115.62,33.16,0")
    attack = f'<!DOCTYPE kml [<!ENTITY x SYSTEM "{tmp_path}/secret">]><kml xmlns'
    path = edited(tmp_path / "m.kmz", "<kml xmlns", attack, TEMPLATE)
    with zipfile.ZipFile(path) as archive:
        parts = {entry: archive.read(entry) for entry in archive.namelist()}
    parts[TEMPLATE] = parts[TEMPLATE].replace(b"33.16,115.62,21.5", b"&x;")
    with pytest.raises(PlanFileError, match="takeOffRefPoint must hold 3 finite numbers"):
        read_wpml(packed(path, parts))


@settings(max_examples=60)
@given(st.data())
def test_no_damage_escapes_as_another_error(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """Any text of any element replaced by any other gives a mission or a PlanFileError."""
    path = tmp_path_factory.mktemp("wpml") / "m.kmz"
    with zipfile.ZipFile(io.BytesIO(wpml_bytes(PATROL, M3TD))) as archive:
        parts = {entry: archive.read(entry) for entry in archive.namelist()}
    pieces = parts[WAYLINES].decode().split("<")
    index = data.draw(st.integers(1, len(pieces) - 1))
    name, _, _ = pieces[index].partition(">")
    junk = data.draw(st.sampled_from(["", "nan", "-1", "1e999", "65535", "x,y", "1,2,3"]))
    pieces[index] = f"{name}>{junk}"
    parts[WAYLINES] = "<".join(pieces).encode()
    try:
        read_wpml(packed(path, parts))
    except PlanFileError as error:
        assert "m.kmz" in str(error)  # noqa: PT017
