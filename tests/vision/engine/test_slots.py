"""Pictures that two processes share without copying them and without a name."""

import gc
import os
from pathlib import Path

import numpy as np
import pytest

from vision.engine.slots import SharedSlots, SlotShape
from vision.errors import SourceError

SHAPE = SlotShape(3, (32, 16))


def test_what_one_writes_the_other_sees_in_the_same_slot() -> None:
    """Both look at the same memory."""
    mine = SharedSlots(SHAPE)
    theirs = SharedSlots(SHAPE, os.dup(mine.file_number))
    mine.picture(1)[:] = 7
    mine.picture(2)[0, 3, 4] = (1, 2, 3)
    assert (theirs.picture(0) == 0).all()
    assert (theirs.picture(1) == 7).all()
    assert theirs.picture(2)[0, 3, 4].tolist() == [1, 2, 3]
    assert theirs.picture(0).shape == (1, 16, 32, 3)
    mine.close()
    theirs.close()


def test_the_memory_has_no_name_and_goes_with_its_last_user() -> None:
    """Nothing is left in the folder of shared memory, even while it is used."""
    folder = Path("/dev/shm")
    before = set(folder.iterdir()) if folder.is_dir() else set()
    slots = SharedSlots(SHAPE)
    new = (set(folder.iterdir()) if folder.is_dir() else set()) - before
    assert not [path for path in new if path.stat().st_size == 3 * SHAPE.slot_bytes]
    number, picture = slots.file_number, slots.picture(0)
    slots.close()
    picture[:] = 5  # still there for who holds a picture
    assert int(picture.sum()) == 5 * SHAPE.slot_bytes
    del picture, slots
    gc.collect()
    with pytest.raises(OSError, match="Bad file"):
        os.fstat(number)


def test_memory_that_is_not_there_is_refused_with_a_sentence() -> None:
    """Not by the end of the process when it is written to."""
    with pytest.raises(SourceError, match="of shared memory cannot be had"):
        SharedSlots(SlotShape(1_000_000, (4096, 4096)))


def test_pictures_are_written_in_place() -> None:
    """A slot is a view, not a copy."""
    slots = SharedSlots(SHAPE)
    assert np.shares_memory(slots.picture(1), slots.picture(1))
    assert not np.shares_memory(slots.picture(1), slots.picture(2))
    slots.close()
