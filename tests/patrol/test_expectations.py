"""Expectations are read from both forms of file, and bad ones are refused by name."""

import json
from pathlib import Path

import pytest

from patrol.errors import UsageError
from patrol.expectations import read_expectations, tells_of_many

THING = {
    "object_id": "car-1",
    "class_name": "car",
    "position": {"lon_deg": 115.6, "lat_deg": 33.1},
    "frames_visible": 12,
    "finding": {"standard_ref": "GB", "code": "09009", "cell_code": "C1", "zone_kind": ""},
}
EVENT = {"kind": "fire", "start_s": 1, "end_s": 9.5, "clarity": "clear", "note": "hot"}


def written(folder: Path, content: object) -> Path:
    """Write expectations and return where."""
    path = folder / "expect.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def test_a_list_tells_of_things_on_the_ground(tmp_path: Path) -> None:
    """Of which only those with a finding should be reported, and nothing else at all."""
    path = written(tmp_path, [THING, {**THING, "object_id": "car-2", "finding": None}])
    found = read_expectations(path, "any.mp4")
    assert found is not None
    assert [(each.object_id, each.matter_code) for each in found.placed] == [("car-1", "09009")]
    assert found.forbids("06013", "pothole")
    assert not found.forbids("09009", "car")
    assert not tells_of_many(path)


def test_a_mapping_tells_of_clips_by_name(tmp_path: Path) -> None:
    """Clear events, others, and kinds that must be silent; unnamed clips have none."""
    faint = {**EVENT, "clarity": "faint"}
    video = {"events": [EVENT, faint], "must_not_fire": ["smoke"], "fps": 25}
    path = written(tmp_path, {"note": "", "videos": {"a.mp4": video}})
    found = read_expectations(path, "a.mp4")
    assert found is not None
    assert [each.is_clear for each in found.shown] == [True, False]
    assert found.forbids("EXT-SMOKE", "smoke")
    assert not found.forbids("EXT-CROWD", "person")
    assert read_expectations(path, "b.mp4") is None
    assert tells_of_many(path)


def test_a_clip_may_say_how_it_is_watched(tmp_path: Path) -> None:
    """Zones as in a file of sources, rules beside the file, and whether the camera moves."""
    box = {"kind": "no_parking", "box": [0.3, 0.4, 0.7, 0.5]}
    watch = {"zones": [box], "rules": "mine.yaml", "moving_camera": True}
    path = written(tmp_path, {"videos": {"a.mp4": {"events": [], "watch": watch}}})
    found = read_expectations(path, "a.mp4")
    assert found is not None
    (zone,) = found.watching.zones
    assert (zone.zone_id, zone.points_frac[2]) == ("no_parking-1", (0.7, 0.5))
    assert found.watching.rules == tmp_path / "mine.yaml"
    assert found.watching.moving_camera


def watched(**keys: object) -> dict[str, object]:
    """A file whose clip says how it is watched."""
    return {"videos": {"a.mp4": {"events": [], "watch": keys}}}


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (watched(zone=[]), r"videos\.a\.mp4\.watch\.zone: Extra"),
        (watched(zones=[{"kind": "lawn", "box": [0, 0, 1, 1]}]), r"watch\.zones\.0\.kind"),
        ({"videos": {"a.mp4": {"events": [{**EVENT, "end_s": -1}]}}}, r"videos\.a\.mp4\.events\.0"),
        ({"videos": {"a.mp4": {"events": [{**EVENT, "clarity": "very"}]}}}, "clarity"),
        (
            {"videos": {"a.mp4": {"events": [{**EVENT, "end_s": 0.5}]}}},
            r"events\.0: end_s 0\.5 comes before start_s 1",
        ),
        ([{**THING, "position": {"lon_deg": 500, "lat_deg": 0}}], r"0\.position\.lon_deg"),
        ({"clips": {}}, "videos"),
        (
            {"videos": {"a.mp4": {"events": [], "must_not_fires": ["smoke"]}}},
            r"videos\.a\.mp4: there is no key 'must_not_fires'; did you mean must_not_fire\?",
        ),
    ],
)
def test_what_breaks_the_form_is_named(tmp_path: Path, content: object, says: str) -> None:
    """By its place in the file."""
    with pytest.raises(UsageError, match=says):
        read_expectations(written(tmp_path, content), "a.mp4")


def test_what_is_no_file_or_no_json_is_refused(tmp_path: Path) -> None:
    """With what to do about it."""
    with pytest.raises(UsageError, match="check the path"):
        read_expectations(tmp_path / "none.json", "a.mp4")
    with pytest.raises(UsageError, match="check the path"):
        tells_of_many(tmp_path / "none.json")
    (tmp_path / "bad.json").write_bytes(b"\xff{")
    with pytest.raises(UsageError, match="no JSON"):
        read_expectations(tmp_path / "bad.json", "a.mp4")
