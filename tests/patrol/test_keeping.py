"""Evidence of a pass lies in a folder of its own, and no clip is lost without a word."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrol.errors import UsageError
from patrol.keeping import EvidenceKeeper, folder_name, pass_folders
from tests.patrol.test_wiring import SIGHTING
from tests.vision.builders import NAMES
from tests.vision.test_clips import PERSON, finding
from vision.chain_check import verify
from vision.errors import EvidenceError
from vision.frames import Frame
from vision.pipeline import JudgedFrame
from vision.sightings import sighting_id


@given(st.text(max_size=40), st.text(max_size=40))
def test_a_folder_has_a_plain_name(source: str, pass_id: str) -> None:
    """No separators, never empty, never the folder above."""
    name = folder_name(source, pass_id)
    assert name not in {"", ".", ".."}
    assert not set(name) & set('/\\:*?"<>| \0')


def test_an_address_becomes_readable() -> None:
    """As far as it can be."""
    assert folder_name("rtsp://gate:8554/a", "p1") == "rtsp-gate-8554-a-p1"


def test_a_folder_without_evidence_is_told(tmp_path: Path) -> None:
    """With what to name in its place."""
    with pytest.raises(UsageError, match="no evidence was kept there"):
        pass_folders(tmp_path)


NOON = datetime(2026, 7, 1, 4, tzinfo=UTC)
ID = sighting_id("gate", "p", "r", 7)


def keeper(root: Path) -> EvidenceKeeper:
    """Of one pass, always the same."""
    return EvidenceKeeper(root, "gate", "p", lambda: NOON)


def judged(index: int, *, is_found: bool = False) -> JudgedFrame:
    """A frame with a person, whom a rule finds or not."""
    image = np.full((120, 160, 3), 40 + index, np.uint8)
    findings = (finding(index / 5),) if is_found else ()
    return JudgedFrame(Frame(index, index / 5, image), PERSON, NAMES, findings)


def begun(root: Path) -> EvidenceKeeper:
    """A pass in which something was found and told, and its clip goes on."""
    keeping = keeper(root).__enter__()
    for index in range(10):
        keeping.frame(judged(index, is_found=index == 5))
    keeping.sighting(replace(SIGHTING, sighting_id=ID))
    return keeping


def test_pictures_are_there_before_anything_is_told_of_them(tmp_path: Path) -> None:
    """The clip comes when it is over; until then it is awaited."""
    keeping = begun(tmp_path)
    assert verify(keeping.folder).awaited == (ID,)
    with keeping:
        """The pass ends."""
    found = verify(keeping.folder)
    assert (found.awaited, found.missing, found.faults) == ((), (), ())
    assert [each.suffix for each in (keeping.folder / "sealed").glob("*.mp4")] == [".mp4"]


def test_a_clip_that_was_lost_with_its_process_is_named(tmp_path: Path) -> None:
    """As soon as the pass is taken up again, which keeps what it finds then."""
    begun(tmp_path)
    with keeper(tmp_path) as again:
        assert verify(again.folder).missing == (ID,)
        again.frame(judged(20, is_found=True))
    assert verify(again.folder).faults == ()
    assert len(list((again.folder / "shown").glob("*.mp4"))) == 1


def test_a_clip_that_cannot_be_written_is_told_and_named(tmp_path: Path) -> None:
    """Who watches hears of it, and the chain says that there is none."""
    keeping = begun(tmp_path)
    (keeping.folder / "sealed").rmdir()
    with pytest.raises(EvidenceError, match="cannot be written"), keeping:
        """The pass ends."""
    assert verify(keeping.folder).missing == (ID,)
