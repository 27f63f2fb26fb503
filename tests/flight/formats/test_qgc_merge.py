"""A `.plan` file read and written again says all that it said before."""

import json
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flight.formats.qgc_plan import read_qgc_file, write_qgc_plan
from flight.missions import Action, Mission, MissionItem, RallyPoint
from tests.flight.formats.routes import HOME, mission, missions, place, waypoint

PLANS = Path(__file__).parents[4] / "shared" / "instances" / "plans"
needs_plans = pytest.mark.skipif(not PLANS.exists(), reason="../shared/instances is not here")
PATROL = mission(
    [
        MissionItem(Action.TAKEOFF, HOME, 40.0),
        waypoint(100.0, 0.0),
        MissionItem(Action.CAMERA_START),
        waypoint(100.0, 300.0),
        waypoint(130.0, 300.0),
        MissionItem(Action.RETURN_HOME),
    ],
    rally=(RallyPoint(place(50.0, 0.0), 30.0),),
)
CAMERA_MODE = {
    "type": "SimpleItem",
    "autoContinue": True,
    "command": 530,
    "doJumpId": 1,
    "frame": 2,
    "params": [0, 2, None, None, None, None, None],
}


def document_of(made: Mission, folder: Path) -> dict[str, Any]:
    """A mission as a file says it."""
    write_qgc_plan(made, folder / "old.plan")
    found: dict[str, Any] = json.loads((folder / "old.plan").read_text(encoding="utf-8"))
    return found


def rewritten(
    document: dict[str, Any], folder: Path, **changes: Any
) -> tuple[Mission, dict[str, Any]]:
    """A document read and written again, perhaps with changes to its mission."""
    (folder / "old.plan").write_text(json.dumps(document), encoding="utf-8")
    kept = read_qgc_file(folder / "old.plan")
    changed = replace(kept.mission, **changes)
    write_qgc_plan(changed, folder / "new.plan", kept=kept)
    again = read_qgc_file(folder / "new.plan").mission
    assert again == changed
    found: dict[str, Any] = json.loads((folder / "new.plan").read_text(encoding="utf-8"))
    return kept.mission, found


def survey(document: dict[str, Any]) -> dict[str, Any]:
    """Put the middle items of a document into a survey, after a setting of a photo camera."""
    items = document["mission"]["items"]
    scan = {
        "type": "ComplexItem",
        "complexItemType": "survey",
        "version": 5,
        "angle": 17.5,
        "TransectStyleComplexItem": {"version": 1, "CameraCalc": {"a": 1}, "Items": items[1:5]},
    }
    document["mission"]["items"] = [CAMERA_MODE, items[0], scan, items[5]]
    return document


def objects(value: Any) -> list[dict[str, Any]]:
    """All objects of a document, at every level."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    own = [value] if isinstance(value, dict) else []
    return own + [found for each in inner for found in objects(each)]


@settings(max_examples=40)
@given(missions(), st.data())
def test_unknown_keys_survive_at_every_level(
    tmp_path_factory: pytest.TempPathFactory, made: Mission, data: st.DataObject
) -> None:
    """Whatever is added to any objects of a file stands in the same places afterwards."""
    folder = tmp_path_factory.mktemp("plan")
    document = document_of(made, folder)
    junk = st.none() | st.integers() | st.text() | st.lists(st.booleans(), max_size=2)
    for each in objects(document):
        if data.draw(st.booleans()):
            each["x-" + data.draw(st.text(max_size=4))] = data.draw(junk)
    _, again = rewritten(document, folder)
    assert again == document


def test_a_survey_stays_a_survey_while_all_of_it_is_flown(tmp_path: Path) -> None:
    """Items around it may change; it and the camera's setting stay as they were."""
    document = survey(document_of(PATROL, tmp_path))
    del document["gridpatrol"]
    items = (*PATROL.items[:-1], waypoint(0.0, 50.0), PATROL.items[-1])
    _, again = rewritten(document, tmp_path, items=items)
    kinds = [item.get("complexItemType", item.get("command")) for item in again["mission"]["items"]]
    assert kinds == [530, 22, "survey", 16, 20]
    scan = again["mission"]["items"][2]
    assert (scan["angle"], scan["TransectStyleComplexItem"]["CameraCalc"]) == (17.5, {"a": 1})
    assert [item["doJumpId"] for item in scan["TransectStyleComplexItem"]["Items"]] == [3, 4, 5, 6]
    assert again["mission"]["items"][-1]["doJumpId"] == 8


def test_a_survey_that_is_cut_falls_into_its_items(tmp_path: Path) -> None:
    """What is still flown of it is there, and nothing else."""
    document = survey(document_of(PATROL, tmp_path))
    del document["gridpatrol"]
    _, again = rewritten(document, tmp_path, items=PATROL.items[:3] + PATROL.items[4:])
    assert [item.get("command") for item in again["mission"]["items"]] == [
        530,
        22,
        16,
        2500,
        16,
        20,
    ]


def test_a_changed_speed_home_or_rally_is_written_over_the_old_one(tmp_path: Path) -> None:
    """And only that."""
    document = document_of(PATROL, tmp_path)
    document["mission"]["firmwareType"] = 12
    document["rallyPoints"]["colour"] = "red"
    rally = (RallyPoint(place(0.0, 80.0), 25.0),)
    changes = {"speed_mps": 6.0, "home_alt_amsl_m": 12.0, "rally": rally}
    _, again = rewritten(document, tmp_path, **changes)
    assert again["mission"]["hoverSpeed"] == 6.0
    assert again["mission"]["plannedHomePosition"][2] == 12.0
    assert again["rallyPoints"]["points"][0][2] == 25.0
    assert (again["mission"]["firmwareType"], again["rallyPoints"]["colour"]) == (12, "red")
    assert again["mission"]["items"] == document["mission"]["items"]


def test_rings_and_circles_of_the_fence_stay_while_they_hold(tmp_path: Path) -> None:
    """One that is gone is left out, the others keep what they say."""
    document = document_of(PATROL, tmp_path)
    circle = {"center": [33.165, 115.625], "radius": 30.0}
    document["geoFence"]["circles"] = [
        {"version": 1, "inclusion": False, "circle": circle, "who": "QGC"}
    ]
    document["geoFence"]["polygons"][0]["note"] = "agreed"
    before, again = rewritten(deepcopy(document), tmp_path)
    assert again["geoFence"] == document["geoFence"]
    fence = replace(before.fence, exclusions=before.fence.exclusions[1:])
    _, again = rewritten(document, tmp_path, fence=fence)
    assert [ring["inclusion"] for ring in again["geoFence"]["polygons"]] == [True]
    assert again["geoFence"]["polygons"][0]["note"] == "agreed"
    assert again["geoFence"]["circles"] == document["geoFence"]["circles"]


@pytest.mark.shared
@needs_plans
@pytest.mark.parametrize("name", ["sample", "sample_with_survey", "sample_with_digicam_control"])
def test_plans_of_others_lose_nothing(name: str, tmp_path: Path) -> None:
    """The mission is the same file; a fence and our own key are added."""
    document = json.loads((PLANS / f"qgroundcontrol_{name}.plan").read_text(encoding="utf-8"))
    _, again = rewritten(deepcopy(document), tmp_path)
    assert set(again) - set(document) == {"gridpatrol"}
    for key in set(document) - {"geoFence"}:
        assert again[key] == document[key]
