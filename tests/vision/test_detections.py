import numpy as np
import pytest

from vision.detections import NO_TRACK, Detections


def test_no_detections_are_empty_arrays() -> None:
    """An empty frame is zero rows in every array, of the stated types."""
    nothing = Detections.empty()
    assert len(nothing) == 0
    assert nothing.xyxy_px.shape == (0, 4)
    assert nothing.xyxy_px.dtype == np.float32
    assert nothing.class_id.dtype == np.int32
    assert nothing.track_id.dtype == np.int64


def test_new_detections_belong_to_no_track() -> None:
    """What a detector delivers has no track yet."""
    seen = Detections.of(np.ones((2, 4)), np.array([0.5, 0.6]), np.array([0, 1]))
    assert seen.track_id.tolist() == [NO_TRACK, NO_TRACK]


def test_slicing_keeps_rows_together() -> None:
    """A mask picks the same rows of every array."""
    seen = Detections.of(np.arange(12.0).reshape(3, 4), np.array([0.1, 0.2, 0.3]), np.arange(3))
    kept = seen[np.array([True, False, True])]
    assert kept.class_id.tolist() == [0, 2]
    assert kept.xyxy_px[1].tolist() == [8, 9, 10, 11]


@pytest.mark.parametrize(
    ("xyxy", "score", "class_id", "message"),
    [
        (np.ones((2, 4)), np.array([0.5]), np.array([1]), "xyxy_px has shape"),
        (np.ones((1, 4)), np.array([0.5]), np.array([1, 2]), "class_id has shape"),
        (np.ones((1, 4)), np.array([1.5]), np.array([1]), "outside 0 to 1"),
        (np.full((1, 4), np.nan), np.array([0.5]), np.array([1]), "not finite"),
    ],
)
def test_impossible_arrays_are_refused(
    xyxy: np.ndarray, score: np.ndarray, class_id: np.ndarray, message: str
) -> None:
    """Arrays that disagree or hold impossible values say what is wrong."""
    with pytest.raises(ValueError, match=message):
        Detections.of(xyxy, score, class_id)


def test_tracks_must_fit_the_boxes() -> None:
    """There is one track id for each box."""
    seen = Detections.of(np.ones((2, 4)), np.array([0.5, 0.6]), np.array([0, 1]))
    assert seen.with_tracks(np.array([4, 5])).track_id.tolist() == [4, 5]
    with pytest.raises(ValueError, match="track_id"):
        seen.with_tracks(np.array([4]))


def test_more_of_the_same_frame_comes_behind() -> None:
    """Rows keep their numbers; nothing more changes nothing."""
    seen = Detections.of(np.arange(8.0).reshape(2, 4), np.array([0.1, 0.2]), np.arange(2))
    more = Detections.of(np.ones((1, 4)), np.array([0.9]), np.array([7]))
    assert seen.followed_by(more).class_id.tolist() == [0, 1, 7]
    assert seen.followed_by(more).score[2] == np.float32(0.9)
    assert seen.followed_by(Detections.empty()) is seen
