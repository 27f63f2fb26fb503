"""Filling in missing traffic labels."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the extra `models` is not installed")

pytest.importorskip("ultralytics", reason="the extra `models` is not installed")

from vision.training.classes import CLASS_NAMES  # noqa: E402
from vision.training.dataset import Picture, read_pictures  # noqa: E402
from vision.training.network import COCO_WEIGHTS, coco_teacher  # noqa: E402
from vision.training.precision import overlaps  # noqa: E402
from vision.training.teacher import completed, fill_in, join_riders  # noqa: E402

WEIGHTS, STREETS = Path("../shared/weights") / COCO_WEIGHTS, Path("../shared/data/events_v1")
CAR_INDEX = CLASS_NAMES.index("car")
pytestmark = pytest.mark.models
PERSON, BICYCLE, CAR, MOTORCYCLE, DOG = 0, 1, 2, 3, 16


class Seer:
    """A teacher that reports fixed boxes: x1 y1 x2 y2 score COCO class, in 640 px pictures."""

    def __init__(self, *rows: tuple[float, ...]) -> None:
        self.rows = torch.tensor(rows, dtype=torch.float32).reshape(1, -1, 6)
        self.looks = 0

    def __call__(self, _picture: Any) -> tuple[Any, None]:
        """Report the boxes, whatever the picture."""
        self.looks += 1
        return self.rows, None


def named(boxes: Any, coco_ids: list[int]) -> list[tuple[str, list[float]]]:
    """Return our names and boxes of COCO detections."""
    corners, ids = join_riders(
        np.array(boxes, np.float32).reshape(-1, 4), np.array(coco_ids, np.int64)
    )
    return [(CLASS_NAMES[i], c) for i, c in zip(ids.tolist(), corners.tolist(), strict=True)]


def test_a_rider_joins_the_two_wheeler() -> None:
    """Rider and bicycle become one box that holds both."""
    found = named([[10, 0, 30, 50], [5, 25, 40, 70]], [PERSON, BICYCLE])
    assert found == [("two_wheeler", [5, 0, 40, 70])]


def test_a_walker_beside_a_motorcycle_stays_a_person() -> None:
    """Standing next to a machine is not riding it."""
    found = named([[60, 0, 80, 50], [5, 25, 40, 70]], [PERSON, MOTORCYCLE])
    assert [name for name, _ in found] == ["person", "two_wheeler"]


def test_things_that_we_do_not_learn_are_dropped() -> None:
    """A dog is none of our classes."""
    assert named([[0, 0, 9, 9], [20, 0, 60, 30]], [DOG, CAR]) == [("car", [20, 0, 60, 30])]


def test_nothing_seen_adds_nothing() -> None:
    """No detections are no boxes."""
    assert named([], []) == []


def test_only_unknown_classes_are_filled_in(folder: Path) -> None:
    """The fire's picture gets the car; the town's labelled cars are left as they are."""
    pictures = read_pictures(folder)
    teacher = Seer((64, 64, 320, 320, 0.9, CAR))
    town, blaze = fill_in(teacher, pictures, folder / "kept.json")
    assert town.class_id.tolist() == pictures[0].class_id.tolist()
    assert blaze.class_id.tolist() == [CLASS_NAMES.index("fire")]


def test_a_car_away_from_every_label_is_added(folder: Path) -> None:
    """In the fire's picture, which is 100 px wide, the teacher's box is scaled back."""
    (folder / "labels/train/blaze.txt").write_text("6 0.9 0.9 0.1 0.1\n")
    pictures = read_pictures(folder)
    teacher = Seer((64, 64, 320, 320, 0.9, CAR), (0, 0, 64, 64, 0.3, CAR))
    blaze = fill_in(teacher, pictures, folder / "kept.json")[1]
    assert blaze.class_id.tolist() == [CLASS_NAMES.index("fire"), CLASS_NAMES.index("car")]
    assert np.allclose(blaze.xyxy_px[1], [10, 10, 50, 50], atol=0.1)
    assert (blaze.known == pictures[1].known).all()


@pytest.mark.shared
@pytest.mark.skipif(not (WEIGHTS.exists() and STREETS.exists()), reason="../shared is not here")
def test_the_coco_network_finds_cars_where_they_are_labelled(tmp_path: Path) -> None:
    """With the labels of a street picture hidden, most cars that are filled in stand on one."""
    street = next(
        p
        for p in read_pictures(STREETS)
        if p.dataset == "street_manaus_mix" and (p.class_id == CAR_INDEX).sum() > 5
    )
    labelled = street.xyxy_px[street.class_id == CAR_INDEX]
    hidden = replace(
        street,
        known=np.zeros(len(CLASS_NAMES), np.bool_),
        xyxy_px=np.zeros((0, 4), np.float32),
        class_id=np.zeros(0, np.int64),
    )
    filled = fill_in(coco_teacher(WEIGHTS), [hidden], tmp_path / "kept.json")[0]
    found = filled.xyxy_px[filled.class_id == CAR_INDEX]
    assert len(found)
    assert (overlaps(found, labelled).max(axis=1, initial=0) > 0.5).mean() > 0.6


def test_a_resumed_run_does_not_look_again(folder: Path) -> None:
    """What was filled in is kept in a file."""
    pictures, teacher = read_pictures(folder), Seer()
    fill_in(teacher, pictures, folder / "kept.json")
    looked = teacher.looks
    fill_in(teacher, pictures, folder / "kept.json")
    assert teacher.looks == looked


def silent(dataset: str) -> Picture:
    """Return a picture of a set on which garbage alone was labelled."""
    known = np.array([name == "garbage" for name in CLASS_NAMES])
    no_boxes, no_classes = np.empty((0, 4), np.float32), np.empty(0, np.int64)
    path, labelled = Path("p.jpg"), frozenset({"garbage"})
    return Picture(path, dataset, "train", (640, 480), labelled, known, no_boxes, no_classes)


@pytest.mark.parametrize(
    ("dataset", "counts"), [("garbage_street", True), ("kit_ais_munich_aerial", False)]
)
def test_close_views_count_as_labelled_after_filling_in(dataset: str, counts: bool) -> None:
    """Where the teacher can be trusted, a person it does not see is a person that is not there."""
    (picture,) = completed([silent(dataset)])
    known = {name for name, yes in zip(CLASS_NAMES, picture.known, strict=True) if yes}
    traffic = {"person", "two_wheeler", "car", "truck_bus"}
    assert known == ({"garbage"} | traffic if counts else {"garbage"})
