import hashlib

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.vision.builders import boxes, picture
from vision.evidence import (
    Evidence,
    PictureSizes,
    SeenBoxes,
    blurred,
    concerns,
    knows_persons,
    snapshot,
)

NOBODY = SeenBoxes(np.empty((0, 4)), np.empty((0, 4)))


def detail_of(image: np.ndarray, box: tuple[float, ...]) -> float:
    """How much changes from pixel to pixel inside a box."""
    left, top, right, bottom = (int(value) for value in box)
    part = image[top:bottom, left:right].astype(float)
    return float(np.abs(np.diff(part, axis=1)).mean())


def test_persons_are_made_unrecognisable_and_the_rest_stays() -> None:
    """From above the head to the feet; beside them nothing changed."""
    image = picture()
    hidden = blurred(image, SeenBoxes(np.array([[400, 100, 500, 400]]), np.empty((0, 4))))
    assert detail_of(hidden, (400, 100, 500, 400)) < 0.1 * detail_of(image, (400, 100, 500, 400))
    assert (hidden[410:] == image[410:]).all()
    assert (hidden[:, 600:] == image[:, 600:]).all()


def test_small_persons_are_hidden_whole() -> None:
    """Where a head is a few pixels the whole person is coarse."""
    image = picture()
    hidden = blurred(image, SeenBoxes(np.array([[400, 100, 420, 140]]), np.empty((0, 4))))
    assert detail_of(hidden, (400, 100, 420, 140)) < 0.3 * detail_of(image, (400, 100, 420, 140))


def test_plates_are_hidden() -> None:
    """The lower middle of a vehicle is coarse, its roof is not."""
    image = picture()
    hidden = blurred(image, SeenBoxes(np.empty((0, 4)), np.array([[200, 200, 400, 360]])))
    assert detail_of(hidden, (235, 285, 365, 355)) < 0.1 * detail_of(image, (235, 285, 365, 355))
    assert (hidden[200:278, 200:400] == image[200:278, 200:400]).all()


def test_the_frame_itself_is_not_changed() -> None:
    """Blurring works on a copy: other sightings need the frame."""
    image = picture()
    before = image.copy()
    snapshot(image, (400, 100, 500, 400), SeenBoxes(np.array([[400, 100, 500, 400]]), NOBODY.vehicles_xyxy_px))  # noqa: E501 # fmt: skip
    assert (image == before).all()


def test_evidence_is_a_detail_and_an_overview_addressed_by_their_hash() -> None:
    """Both decode as JPEG of at most the asked width, and the address is the hash."""
    made = snapshot(picture(), (400, 100, 500, 400), NOBODY, PictureSizes(overview_width_px=640))
    assert [each.role for each in made] == ["detail", "overview"]
    for each in made:
        assert each.sha256 == hashlib.sha256(each.data).hexdigest()
        assert each.media_type == "image/jpeg"
        shown = cv2.imdecode(np.frombuffer(each.data, np.uint8), cv2.IMREAD_COLOR)
        assert shown is not None
        assert shown.shape[1] <= 640


def test_the_same_frame_gives_the_same_evidence() -> None:
    """Judging a pass again makes no new pictures."""
    assert snapshot(picture(), (4, 10, 50, 40), NOBODY) == snapshot(
        picture(), (4, 10, 50, 40), NOBODY
    )


BOXES = st.lists(st.floats(-200, 1500), min_size=4, max_size=4)


@settings(max_examples=40, deadline=None)
@given(BOXES, BOXES)
def test_boxes_at_and_beyond_the_edge_are_no_trouble(box: list[float], person: list[float]) -> None:
    """Whatever boxes say, two pictures come out."""
    xyxy = [min(box[0], box[2]), min(box[1], box[3]), max(box[0], box[2]), max(box[1], box[3])]
    seen = SeenBoxes(np.array([person]), np.array([xyxy]))
    assert len(snapshot(picture(320, 200), xyxy, seen)) == 2


def test_the_data_is_not_shown_in_messages() -> None:
    """A megabyte of JPEG has no place in a log."""
    assert "data" not in repr(Evidence("0" * 64, "image/jpeg", "detail", b"\xff" * 1000))


@pytest.mark.parametrize("size", [(64, 48), (4000, 3000)])
def test_any_size_of_frame_will_do(size: tuple[int, int]) -> None:
    """Tiny and huge frames give evidence too."""
    assert len(snapshot(picture(*size), (1, 1, 20, 20), NOBODY)) == 2


@pytest.mark.parametrize(
    ("name", "is_person", "is_vehicle"),
    [
        ("person", True, False),
        ("Pedestrian", True, False),
        ("people", True, False),
        ("awning-tricycle", True, False),
        ("face", True, False),
        ("License Plate", True, False),
        ("van", False, True),
        ("bus", False, True),
        ("garbage", False, False),
        ("dog", False, False),
    ],
)
def test_a_model_may_name_persons_and_vehicles_otherwise(
    name: str, *, is_person: bool, is_vehicle: bool
) -> None:
    """One that is given by its path keeps its own names, and shows nobody for that."""
    found = boxes(((0.0, 0.0, 10.0, 10.0), 0.9, 1))
    persons, vehicles = concerns(("garbage", name), found)
    assert (persons.tolist(), vehicles.tolist()) == ([is_person], [is_vehicle])


def test_it_is_known_whether_a_model_knows_persons() -> None:
    """Riders and faces alone are not all there may be."""
    assert knows_persons(("car", "Pedestrian"))
    assert not knows_persons(("pothole", "rider", "face"))
    assert not knows_persons(())
