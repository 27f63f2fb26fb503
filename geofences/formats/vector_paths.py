"""Where in a file the map lies, and how its texts are written: zipped files and old Shapefiles."""

from __future__ import annotations

import zipfile
from pathlib import Path, PurePosixPath

from geofences.errors import FileFormatError

_MAPS = (".shp", ".gpkg", ".geojson", ".json", ".kml", ".kmz")
_LANGUAGE_BYTE = 29
_LENGTH_BYTES = slice(8, 10)
_LANGUAGE_UNSAID = (0x00, 0x57)
CHINESE = "GB18030"

LONG_FIELD_NAMES = {"low_above": "lower_above", "up_above": "upper_above"}
"""Our fields by the names that Shapefiles, whose names have ten letters, give them."""


def gdal_path(path: Path) -> str:
    """What GDAL opens for a file; for a zip, the Shapefiles or the one map in it.

    Raises:
        FileFormatError: there is no such file, a part of a Shapefile is missing, or a zip has no
            map or several.
    """
    if not path.is_file():
        raise FileFormatError(f"There is no file {path}; check the path.")
    if path.suffix.lower() == ".zip":
        return _inside(path, _map_in_zip(path))
    if path.suffix.lower() == ".kmz":
        documents = [name for name in _members(path) if name.suffix.lower() == ".kml"]
        # GDAL finds the fields of a document within a KMZ only if it is opened by itself.
        return _inside(path, documents[0]) if len(documents) == 1 else str(path)
    if path.suffix.lower() == ".shp":
        _refuse_lone_shapes(path)
    return str(path)


def text_encoding(path: Path, layer: str) -> str | None:
    """The encoding of a Shapefile's texts where it does not say it; None for all other files.

    Texts that are not UTF-8 are taken for GB 18030, which older Chinese programs write.
    """
    if path.suffix.lower() == ".zip":
        return _encoding_in_zip(path, layer)
    if path.suffix.lower() != ".shp" or _sibling(path, ".cpg"):
        return None
    table = _sibling(path, ".dbf")
    return _encoding_of(table.read_bytes()) if table else None


def _inside(path: Path, member: PurePosixPath) -> str:
    return "/".join(("/vsizip", f"{{{path.resolve()}}}", *member.parts))


def _map_in_zip(path: Path) -> PurePosixPath:
    maps = [name for name in _members(path) if name.suffix.lower() in _MAPS]
    folders = {name.parent for name in maps}
    if maps and len(folders) == 1 and all(name.suffix.lower() == ".shp" for name in maps):
        return folders.pop()
    if len(maps) == 1:
        return maps[0]
    found = ", ".join(str(name) for name in maps) or "none"
    raise FileFormatError(
        f"{path} should hold one map, or Shapefiles in one folder (it has: {found}); unpack it "
        "and give the one that is meant."
    )


def _members(path: Path) -> list[PurePosixPath]:
    try:
        with zipfile.ZipFile(path) as archive:
            names = [PurePosixPath(name) for name in archive.namelist() if not name.endswith("/")]
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise FileFormatError(
            f"{path} is not a zip file that can be opened ({error}); pack or copy it anew."
        ) from error
    return [name for name in names if "__MACOSX" not in name.parts]


def _encoding_in_zip(path: Path, layer: str) -> str | None:
    names = {(name.stem, name.suffix.lower()): name for name in _members(path)}
    table = names.get((layer, ".dbf"))
    if table is None or (layer, ".cpg") in names:
        return None
    with zipfile.ZipFile(path) as archive:
        return _encoding_of(archive.read(str(table)))


def _encoding_of(table: bytes) -> str | None:
    if len(table) <= _LANGUAGE_BYTE or table[_LANGUAGE_BYTE] not in _LANGUAGE_UNSAID:
        return None
    texts = table[int.from_bytes(table[_LENGTH_BYTES], "little") :]
    try:
        texts.decode("utf-8")
    except UnicodeDecodeError:
        return CHINESE
    return "UTF-8"


def _refuse_lone_shapes(path: Path) -> None:
    missing = [suffix for suffix in (".shx", ".dbf") if _sibling(path, suffix) is None]
    if missing:
        wanted = " and ".join(path.with_suffix(suffix).name for suffix in missing)
        raise FileFormatError(
            f"{path} is one part of a Shapefile and lacks {wanted} beside it; copy all files of "
            "that name together, or give them as one zip."
        )


def _sibling(path: Path, suffix: str) -> Path | None:
    candidates = (path.with_suffix(suffix), path.with_suffix(suffix.upper()))
    return next((each for each in candidates if each.is_file()), None)
