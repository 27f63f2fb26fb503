"""Tests of `geofences.formats.county_survey`."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio.raw
import pytest
import shapely

from geofences.cells import Cell, Grid
from geofences.county import County, Dock
from geofences.datum import Datum, from_wgs84
from geofences.errors import FileFormatError
from geofences.findings import Severity
from geofences.formats.county_files import write_county
from geofences.formats.county_survey import (
    Known,
    landmarks_of_county,
    landmarks_of_file,
    survey_county,
)
from geofences.formats.reading import Reading
from geofences.formats.reference_systems import out_of_wgs84
from geofences.zones import Zone, ZoneIndex, ZoneKind
from tests.geofences.shapes import HOME, block, box, cell, polygon

COUNTY = County(
    "试验县",
    Grid(block(4, 5)),
    ZoneIndex([Zone("z1", ZoneKind.NO_FLY, box(0, 0, 50, 50), "Substation")]),
    (Dock("dock-1", "Dock", HOME, 31.5),),
    (),
)


def _file(
    path: Path,
    cells: Sequence[Cell],
    moved: Callable[[shapely.Geometry], shapely.Geometry] = lambda shape: shape,
    *,
    crs: str | None = "EPSG:4326",
    code: str = "code",
) -> Path:
    """A GeoPackage of cells as another program writes it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # that no system is declared is meant
        pyogrio.raw.write(
            path,
            shapely.to_wkb(np.array([moved(c.polygon) for c in cells], dtype=object)),
            [np.array([c.code for c in cells], dtype=object)],
            [code],
            layer="cells",
            driver="GPKG",
            geometry_type="Polygon",
            crs=crs,
        )
    return path


def _shifted(datum: Datum) -> Callable[[shapely.Geometry], shapely.Geometry]:
    return lambda shape: shapely.transform(
        shape, lambda rows: np.column_stack(from_wgs84(datum, *rows.T))
    )


def _near(found: County | None, cells: Sequence[Cell]) -> bool:
    """Whether the same cells lie at the same places, to a tenth of a millimetre."""
    assert found is not None
    pairs = zip(found.grid.cells, cells, strict=True)
    return all(a.polygon.equals_exact(b.polygon, 1e-9) for a, b in pairs)


def test_a_sound_file_makes_a_county(tmp_path: Path) -> None:
    """With all of its layers, and nothing to say."""
    write_county(COUNTY, tmp_path / "a.gpkg")
    survey = survey_county(tmp_path / "a.gpkg")
    assert (survey.cells, survey.findings) == (20, ())
    assert survey.county is not None
    assert survey.county.name == "试验县"
    assert survey.county.docks == COUNTY.docks


def test_all_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    """In cells, zones and docks together; there is no county of it."""
    bad = [*block(1, 1), cell(2, polygon((0, 0), (9, 9), (9, 0), (0, 9))), cell(3, box(0, 0, 9, 9))]
    path = _file(tmp_path / "a.gpkg", [*bad, replace(cell(4, box(200, 0, 209, 9)), code="")])
    for layer, shape in (("zones", box(0, 0, 9, 9)), ("docks", shapely.Point(1, 2))):
        wkb, name = shapely.to_wkb(np.array([shape], dtype=object)), [np.array(["x"], dtype=object)]
        pyogrio.raw.write(path, wkb, name, ["zone_id"], layer=layer, driver="GPKG",
                          geometry_type=shape.geom_type, crs="EPSG:4326", append=True)  # fmt: skip
    survey = survey_county(path)
    assert survey.county is None
    assert {finding.code for finding in survey.errors} == {
        "cells.unreadable",
        "cells.invalid_outline",
        "cells.overlap",
        "zones.unreadable",
        "docks.unreadable",
    }


def test_what_is_no_cell_is_told_with_its_place(tmp_path: Path) -> None:
    """The feature that lacks a code is shown where it lies."""
    path = _file(
        tmp_path / "a.gpkg", [*block(1, 1), replace(cell(4, box(200, 0, 299, 99)), code="")]
    )
    (found,) = survey_county(path).findings
    assert "In layer 'cells', feature 2 (without a name): the field 'code'" in found.message
    assert found.shape is not None
    assert found.position is not None


def test_errors_come_before_warnings(tmp_path: Path) -> None:
    """Whatever layer they are of."""
    sliver = cell(30, box(0, -0.5, 100, 0))
    path = _file(tmp_path / "a.gpkg", [*block(1, 2), sliver, cell(31, box(50, 50, 150, 99))])
    severities = [finding.severity for finding in survey_county(path).findings]
    assert severities == sorted(severities, key=lambda severity: severity is not Severity.ERROR)
    assert {*severities} == {*Severity}


@pytest.mark.parametrize("crs", ["EPSG:4490", "EPSG:4547", "EPSG:4549", "EPSG:3857"])
@pytest.mark.parametrize("declared", [True, False])
def test_a_system_may_be_declared_by_the_file_or_the_person(
    tmp_path: Path, crs: str, declared: bool
) -> None:
    """Both lead to the same county."""

    def moved(shape: shapely.Geometry) -> shapely.Geometry:
        (there,) = out_of_wgs84(np.array([shape], dtype=object), crs, "")
        return there

    path = _file(tmp_path / "a.gpkg", block(2, 2), moved, crs=crs if declared else None)
    survey = survey_county(path, Reading() if declared else Reading(crs=crs))
    assert survey.findings == ()
    assert _near(survey.county, block(2, 2))


def test_a_file_without_a_system_is_refused(tmp_path: Path) -> None:
    """The sentence shows what to type for numbers like these."""
    with pytest.raises(FileFormatError, match=r"look like degrees .*--crs EPSG:4490 "):
        survey_county(_file(tmp_path / "a.gpkg", block(2, 2), crs=None))


def test_land_outside_of_what_a_system_is_made_for_is_a_warning(tmp_path: Path) -> None:
    """A zone number that was written wrong moves a county by degrees, and nothing else is odd."""
    path = _file(tmp_path / "a.gpkg", block(2, 2), crs=None)
    survey = survey_county(path, Reading(crs="EPSG:4283"))
    assert [finding.code for finding in survey.warnings] == ["grid.outside_system"]
    assert "Check which zone" in survey.warnings[0].message


def test_an_older_system_is_a_warning(tmp_path: Path) -> None:
    """Xian 1980 is read, and said to be rough."""
    survey = survey_county(_file(tmp_path / "a.gpkg", block(2, 2), crs="EPSG:4610"))
    assert [finding.code for finding in survey.warnings] == ["grid.rough_system"]
    assert survey.county is not None


def test_swapped_axes_are_exchanged_on_request(tmp_path: Path) -> None:
    """Told by the first check, and gone when the person says so."""
    swapped = _file(
        tmp_path / "a.gpkg",
        block(2, 2),
        lambda shape: shapely.transform(shape, lambda rows: rows[:, ::-1]),
    )
    assert [finding.code for finding in survey_county(swapped).errors] == ["cells.swapped_axes"]
    assert _near(survey_county(swapped, Reading(axes_swapped=True)).county, block(2, 2))


@pytest.mark.parametrize("datum", [Datum.GCJ02, Datum.BD09])
def test_a_datum_is_undone_on_request_only(tmp_path: Path, datum: Datum) -> None:
    """The warning changes nothing; the request brings every corner back."""
    path = _file(tmp_path / "a.gpkg", block(4, 5), _shifted(datum))
    known = Known(landmarks_of_county(COUNTY), "the county imported before")
    survey = survey_county(path, known=known)
    assert [finding.code for finding in survey.findings] == ["grid.datum"]
    assert "the county imported before" in survey.findings[0].message
    assert not _near(survey.county, block(4, 5))
    converted = survey_county(path, Reading(datum=datum), known)
    assert converted.findings == ()
    assert _near(converted.county, block(4, 5))


def test_a_file_that_names_its_datum_is_a_warning_until_answered(tmp_path: Path) -> None:
    """Either answer ends it."""
    path = _file(tmp_path / "cells_gcj02.gpkg", block(2, 2))
    assert [finding.code for finding in survey_county(path).findings] == ["grid.datum_hint"]
    for datum in Datum:
        assert survey_county(path, Reading(datum=datum)).findings == ()


def test_any_map_serves_as_reference(tmp_path: Path) -> None:
    """By its codes where it has them, by its lines where not."""
    by_code = landmarks_of_file(_file(tmp_path / "a.gpkg", block(2, 2), code="BGCODE"))
    assert "cell 341299001001004" in by_code.places
    by_line = landmarks_of_file(_file(tmp_path / "b.gpkg", block(2, 2), code="remark"))
    assert (dict(by_line.places), len(by_line.lines)) == ({}, 4)


def test_columns_are_those_the_person_names(tmp_path: Path) -> None:
    """A mapping is obeyed, and refused where it leads nowhere."""
    path = _file(tmp_path / "a.gpkg", block(2, 2), code="DYBM")
    assert survey_county(path, Reading(columns={"code": "dybm"})).county is not None
    with pytest.raises(FileFormatError, match=r"no column that is known .*it has: dybm.*--field"):
        survey_county(path)
    with pytest.raises(FileFormatError, match=r"no column 'BM' for the code \(it has: dybm\)"):
        survey_county(path, Reading(columns={"code": "BM"}))


def test_the_layer_of_cells_may_be_named(tmp_path: Path) -> None:
    """Where a file has several and calls it otherwise."""
    path = _file(tmp_path / "a.gpkg", block(1, 1))
    wkb, codes = shapely.to_wkb(np.array([box(0, 0, 9, 9)])), [np.array(["341299001001009"])]
    pyogrio.raw.write(path, wkb, codes, ["code"], layer="新", driver="GPKG",
                      geometry_type="Polygon", crs="EPSG:4326", append=True)  # fmt: skip
    county = survey_county(path, Reading(layer="新")).county
    assert county is not None
    assert [c.code for c in county.grid.cells] == ["341299001001009"]
    with pytest.raises(FileFormatError, match=r"no layer '旧' \(it has: cells, 新\)"):
        survey_county(path, Reading(layer="旧"))


def test_two_zones_of_one_id_are_told(tmp_path: Path) -> None:
    """What is wrong only with the whole is an error too."""
    zones = [Zone(name, ZoneKind.WATER, box(0, 0, 9, 9), "") for name in ("z1", "z2")]
    write_county(replace(COUNTY, zones=ZoneIndex(zones)), tmp_path / "a.gpkg")
    meta: dict[str, Any] = {"layer": "zones", "driver": "GPKG", "geometry_type": "Polygon"}
    wkb = shapely.to_wkb(np.array([zone.polygon for zone in zones]))
    fields = [np.array(["z1", "z1"], dtype=object), np.array(["water"] * 2, dtype=object)]
    pyogrio.raw.write(
        tmp_path / "a.gpkg", wkb, fields, ["zone_id", "kind"], crs="EPSG:4326", **meta
    )
    survey = survey_county(tmp_path / "a.gpkg")
    assert [finding.code for finding in survey.findings] == ["county.impossible"]
    assert survey.county is None


def test_long_checks_tell_how_far_they_are(tmp_path: Path) -> None:
    """From reading to the end."""
    steps: list[str] = []
    path = _file(tmp_path / "a.gpkg", block(2, 2))
    survey_county(path, tell=lambda step, _done, _of: steps.append(step))
    assert sorted(set(steps)) == ["gaps", "overlaps", "reading"]


def test_projected_numbers_in_a_geojson_need_their_system(tmp_path: Path) -> None:
    """GeoJSON is in degrees by definition; other programs write metres into it all the same."""
    shape = shapely.box(651_128, 3_671_661, 651_228, 3_671_761)
    feature = {"type": "Feature", "properties": {"code": "341299001001001"},
               "geometry": shapely.geometry.mapping(shape)}  # fmt: skip
    path = tmp_path / "a.geojson"
    path.write_text(json.dumps(feature))
    assert [finding.code for finding in survey_county(path).errors] == ["cells.not_degrees"]
    assert survey_county(path, Reading(crs="EPSG:4547")).findings == ()
