"""Clips show what led to a finding and what followed, blurred, with the original apart."""

import gc
import io
import json
import weakref
from collections.abc import Callable

import av
import numpy as np
import pytest

from tests.vision.builders import NAMES, boxes
from tests.vision.rules.judging import rule
from vision.aside import Aside, Step
from vision.chain import Piece
from vision.clips import ClipRecorder, ClipSettings, at_once
from vision.detections import Detections
from vision.frames import Frame
from vision.objects import Look, TrackedObject
from vision.pipeline import JudgedFrame
from vision.rules.findings import Finding
from vision.sightings import sighting_id

PERSON = boxes(((60.0, 20.0, 100.0, 100.0), 0.9, 0)).with_tracks(np.array([7], np.int64))
RULE = rule("presence", ["person"])
HZ = 10


def finding(time_s: float, track_id: int = 7) -> Finding:
    """A rule that holds for a person."""
    look = Look(time_s, 0, 0.9, 0, (60.0, 20.0, 100.0, 100.0), frozenset(), None)
    subject = TrackedObject(track_id, look)
    return Finding(RULE, subject, (), time_s, time_s, 0.9, None, "because")


def recorded(
    found_s: dict[float, int],
    seconds: float = 20.0,
    *,
    width_px: int = 960,
    do: Callable[[Step], None] = at_once,
    unseen_s: frozenset[float] = frozenset(),
) -> list[tuple[list[Piece], list[str]]]:
    """The clips of a pass in which tracks are found at times."""
    kept: list[tuple[list[Piece], list[str]]] = []
    settings = ClipSettings(before_s=2.0, after_s=3.0, longest_s=6.0, width_px=width_px)
    recorder = ClipRecorder("cam", "p", lambda *clip: kept.append(clip), settings, do)
    image = np.random.default_rng(3).integers(0, 255, (121, 161, 3)).astype(np.uint8)
    for index in range(round(seconds * HZ)):
        time_s = index / HZ
        now = (finding(time_s, found_s[time_s]),) if time_s in found_s else ()
        found = Detections.empty() if time_s in unseen_s else PERSON
        recorder.add(JudgedFrame(Frame(index, time_s, image), found, NAMES, now))
    recorder.close()
    return kept


def pictures(piece: Piece) -> tuple[list[float], np.ndarray]:
    """Times of the pictures of a clip, and the last picture in grey."""
    with av.open(io.BytesIO(piece.data), "r") as container:
        assert container.streams.video[0].codec_context.name == "h264"
        videos = list(container.decode(video=0))
    return [float(video.time or 0.0) for video in videos], videos[-1].to_ndarray(format="gray")


def test_a_clip_begins_before_and_ends_after() -> None:
    """Two seconds of lead, three of what followed, each picture at its own time."""
    ((pieces, about),) = recorded({10.0: 7})
    clip, sidecar, sealed, original = pieces
    assert [each.role for each in pieces] == ["clip", "boxes", "clip", "original"]
    times_s, _ = pictures(clip)
    assert times_s == pytest.approx([i / HZ for i in range(51)], abs=0.002)
    assert pictures(sealed)[0] == times_s
    assert about == [sighting_id("cam", "p", "r", 7)]
    assert original.data.startswith(b"\xff\xd8")
    told = json.loads(sidecar.data)
    assert told["clip"] == clip.name
    assert told["sightings"][0] == {
        "sighting": about[0], "rule": "r", "track": 7, "time_s": 10.0, "why": "because",
    }  # fmt: skip
    assert [each["time_s"] for each in told["frames"]][::50] == [8.0, 13.0]
    (box,) = told["frames"][0]["boxes"]
    assert box["class"] == "person"
    assert box["xyxy_frac"] == pytest.approx([60 / 161, 20 / 121, 100 / 161, 100 / 121], abs=1e-4)


def test_persons_are_blurred_in_what_is_shown_and_not_in_what_is_sealed() -> None:
    """No box is burned into either."""
    ((pieces, _),) = recorded({10.0: 7})
    shown, sealed = (pictures(each)[1][30:90, 65:95].astype(float) for each in pieces[::2][:2])
    assert np.abs(np.diff(shown, axis=1)).mean() < 0.2 * np.abs(np.diff(sealed, axis=1)).mean()
    assert [each.is_sealed for each in pieces] == [False, False, True, True]


@pytest.mark.parametrize("unseen_s", [(8.0, 8.1, 8.2), (10.5, 10.6), (12.8, 12.9, 13.0)])
def test_whom_the_detector_loses_for_a_moment_stays_blurred(unseen_s: tuple[float, ...]) -> None:
    """In the first pictures of a clip, in the middle of it, and in the last."""
    ((pieces, _),) = recorded({10.0: 7}, unseen_s=frozenset(unseen_s))
    for piece, is_blurred in zip(pieces[::2][:2], (True, False), strict=True):
        with av.open(io.BytesIO(piece.data), "r") as container:
            greys = [each.to_ndarray(format="gray") for each in container.decode(video=0)]
        assert len(greys) == 51
        edges = [np.abs(np.diff(grey[30:90, 65:95].astype(float), axis=1)).mean() for grey in greys]
        assert (max(edges) < 20.0) == is_blurred
    assert json.loads(pieces[1].data)["frames"][round(unseen_s[0] * HZ) - 80]["boxes"] == []


def test_pictures_are_kept_for_the_lead_of_a_clip_and_no_longer() -> None:
    """Of every source that is watched, all the time: what was seen before them needs no picture."""
    settings = ClipSettings(before_s=2.0, width_px=160)
    recorder = ClipRecorder("cam", "p", lambda *_: None, settings)
    images = []
    for index in range(8 * HZ):
        image = np.zeros((120, 160, 3), np.uint8)
        images.append(weakref.ref(image))
        recorder.add(JudgedFrame(Frame(index, index / HZ, image), PERSON, NAMES, ()))
        del image
    gc.collect()
    assert sum(each() is not None for each in images) == 2 * HZ + 1


def test_findings_close_together_share_a_clip() -> None:
    """Which goes on until the last of them was followed; one too long is cut in two."""
    ((pieces, about),) = recorded({5.0: 1, 7.5: 2})
    assert len(about) == 2
    assert pictures(pieces[0])[0][-1] == pytest.approx(7.5, abs=0.01)
    assert [len(about) for _, about in recorded({5.0: 1, 7.5: 2, 10.0: 3, 12.0: 4})] == [3, 1]


def test_a_finding_at_the_very_start_or_end_has_what_there_is() -> None:
    """And a pass without findings has no clips."""
    (first,), (last,) = recorded({0.0: 1}), recorded({19.9: 1})
    assert pictures(first[0][0])[0][-1] == pytest.approx(3.0, abs=0.01)
    assert pictures(last[0][0])[0][-1] == pytest.approx(2.0, abs=0.01)
    assert recorded({}) == []


def test_clips_are_made_small_and_originals_are_not() -> None:
    """Sizes are even, as the encoder wants; a box keeps its shares."""
    ((pieces, _),) = recorded({10.0: 7}, width_px=80)
    assert pictures(pieces[0])[1].shape == (60, 80)
    (box,) = json.loads(pieces[1].data)["frames"][0]["boxes"]
    assert box["xyxy_frac"][0] == pytest.approx(60 / 161, abs=1e-4)


def test_clips_made_aside_are_the_same_to_the_last_byte() -> None:
    """What goes into a clip does not depend on when it is encoded."""
    aside = Aside(most_waiting=4)
    found_s = {5.0: 1, 7.5: 2, 10.0: 3, 12.0: 4}
    later = recorded(found_s, do=aside.do)
    aside.close()
    assert later == recorded(found_s)


def test_nothing_is_encoded_where_the_next_frame_waits() -> None:
    """All of it is in the steps, which may be done whenever there is time."""
    steps: list[Step] = []
    kept = recorded({10.0: 7}, do=steps.append)
    assert kept == []
    for step in steps:
        step()
    assert [len(pieces) for pieces, _ in kept] == [4]


def test_a_clip_of_a_stream_that_changes_its_size_shows_all_of_it() -> None:
    """Scaled to the size it began with, and not a corner of what became larger."""
    kept: list[tuple[list[Piece], list[str]]] = []
    recorder = ClipRecorder("cam", "p", lambda *clip: kept.append(clip))
    for index, (width_px, height_px) in enumerate([(160, 120)] * 10 + [(320, 240)] * 10):
        image = np.zeros((height_px, width_px, 3), np.uint8)
        image[:, width_px // 2 :] = 255
        found = (finding(0.0),) if index == 0 else ()
        frame = Frame(index, index / HZ, image)
        recorder.add(JudgedFrame(frame, Detections.empty(), NAMES, found))
    recorder.close()
    times_s, last = pictures(kept[0][0][0])
    assert (len(times_s), last.shape) == (20, (120, 160))
    assert last[:, :70].max() < 100 < last[:, 90:].min()
