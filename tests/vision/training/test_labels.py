"""What the labels of each set say, and where they stay silent."""

from pathlib import Path

import numpy as np
import pytest

from vision.training.classes import CLASS_NAMES, TRAFFIC
from vision.training.dataset import read_pictures
from vision.training.errors import TrainingDataError
from vision.training.labels import TABLE, SetKnowledge, View, knowledge_of, known_classes

SHARED = Path("../shared/data/events_v1")


def known_names(dataset: str, *labelled: str) -> set[str]:
    """Return the classes whose absence may be taught on a picture."""
    known = known_classes(dataset, frozenset(labelled))
    return {name for name, sure in zip(CLASS_NAMES, known, strict=True) if sure}


@pytest.mark.parametrize("row", TABLE, ids=lambda row: str(row.dataset))
def test_absent_and_unknown_never_name_the_same_class(row: SetKnowledge) -> None:
    """A class cannot be surely absent and perhaps present."""
    assert not set(row.absent) & set(row.unknown)


@pytest.mark.parametrize("row", TABLE, ids=lambda row: str(row.dataset))
def test_every_decision_of_the_table_has_a_reason(row: SetKnowledge) -> None:
    """The table is data with reasons, not a list of switches."""
    assert all(len(reason) > 10 for reason in (*row.absent.values(), *row.unknown.values()))


@pytest.mark.parametrize("dataset", ["fire_smoke_mix", "garbage_street", "pothole_web_a"])
def test_unlabelled_traffic_is_no_background(dataset: str) -> None:
    """Cars that nobody labelled in pictures of fire, garbage and potholes teach nothing."""
    label = {"fire_smoke_mix": "fire", "garbage_street": "garbage", "pothole_web_a": "pothole"}
    assert known_names(dataset, label[dataset], "smoke").isdisjoint(TRAFFIC)


def test_head_lamps_are_taught_to_be_no_fire() -> None:
    """Traffic at night is a true negative for fire and smoke."""
    assert {"fire", "smoke"} <= known_names(
        "traffic_overhead_atl", "two_wheeler", "car", "truck_bus"
    )


def test_cyclists_clips_say_nothing_about_cars() -> None:
    """Where only cyclists were labelled, a missing car means nothing."""
    known = known_names("street_manaus_mix", "two_wheeler")
    assert "two_wheeler" in known
    assert not known & {"person", "car", "truck_bus"}


def test_a_label_beats_the_table() -> None:
    """A class that the set usually leaves open is known where it was labelled."""
    assert "car" in known_names("street_manaus_mix", "person", "two_wheeler", "car", "truck_bus")


def test_rendered_pictures_are_fully_labelled() -> None:
    """The virtual camera knows every object, so every class is known."""
    assert known_classes("rendered", frozenset(CLASS_NAMES)).all()
    assert knowledge_of("rendered").view is View.RENDERED


def test_an_unheard_of_set_is_refused() -> None:
    """Pictures without a row in the table would be taught blindly."""
    with pytest.raises(TrainingDataError, match="no row in"):
        knowledge_of("somewhere")


def test_a_class_without_a_decision_is_refused() -> None:
    """A class that is neither labelled nor decided about must be decided first."""
    with pytest.raises(TrainingDataError, match="'person' is neither"):
        known_classes("rendered", frozenset({"car"}))


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.exists(), reason="the pictures of ../shared are not here")
def test_every_shared_picture_is_decided_about() -> None:
    """All 1,824 pictures have a row, and their boxes are of labelled classes only."""
    pictures = read_pictures(SHARED)
    assert len(pictures) == 1824
    for picture in pictures:
        assert {CLASS_NAMES[i] for i in np.unique(picture.class_id)} <= picture.labelled
