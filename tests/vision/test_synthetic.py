"""Made-up looks: things are where and when the file says, and bad files are refused by line."""

from pathlib import Path

import pytest

from vision.errors import RulesError
from vision.synthetic import SyntheticDetector, SyntheticSource, read_looks

LOOKS = """\
fps: 10
picture: [200, 100]
zones: ["watch=0,0,1,1"]
things:
  - {class: car, score: 0.9, from_s: 1, to_s: 3, box: [0, 0, 0.1, 0.2], to_box: [0.5, 0, 0.6, 0.2]}
  - {class: person, to_s: 2, box: [0.8, 0.5, 0.9, 1.0]}
"""


def written(folder: Path, text: str) -> Path:
    """Write a file of looks."""
    path = folder / "looks.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_things_come_move_and_go(tmp_path: Path) -> None:
    """Boxes in pixels, classes by name, and a second of nothing at the end."""
    looks = read_looks(written(tmp_path, LOOKS))
    detector = SyntheticDetector(looks, looks.class_names)
    assert detector.class_names == ("car", "person")
    seen = [found for _, found in detector.detect(SyntheticSource(looks))]
    assert len(seen) == 41
    assert seen[0].class_id.tolist() == [1]
    assert seen[0].xyxy_px.tolist() == [[160.0, 50.0, 180.0, 100.0]]
    assert seen[20].xyxy_px[0].tolist() == pytest.approx([50.0, 0.0, 70.0, 20.0])
    assert seen[30].score.tolist() == pytest.approx([0.9])
    assert len(seen[31]) == 0


def test_a_thing_may_arrive_and_stay(tmp_path: Path) -> None:
    """As what stops does."""
    text = LOOKS.replace("to_s: 3,", "to_s: 3, arrives_s: 2,")
    thing = read_looks(written(tmp_path, text)).things[0]
    assert thing.box_at(1.5) == pytest.approx((0.25, 0.0, 0.35, 0.2))
    assert thing.box_at(2.0) == thing.box_at(3.0) == (0.5, 0.0, 0.6, 0.2)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("score: 0.9", "score: 9", r"line 5: things\.0\.score"),
        ("class: person", "clas: person", r"line 6: things\.1"),
        ("[0.8, 0.5, 0.9, 1.0]", "[0.9, 0.5, 0.8, 1.0]", "left, top, right, bottom"),
        ("to_s: 2", "to_s: 0", r"things\.1\.to_s"),
        ("from_s: 1", "from_s: 5", "to_s has to come after"),
        ("fps: 10", "fps: [", "is not YAML"),
    ],
)
def test_what_cannot_be_is_refused(tmp_path: Path, old: str, new: str, says: str) -> None:
    """With its line and key."""
    with pytest.raises(RulesError, match=says):
        read_looks(written(tmp_path, LOOKS.replace(old, new)))


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    """With its path."""
    with pytest.raises(RulesError, match="check the path"):
        read_looks(tmp_path / "none.yaml")
