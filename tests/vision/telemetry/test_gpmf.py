"""Tests of `vision.telemetry.gpmf`."""

import contextlib
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.vision.telemetry.builders import element, gps5, nest, text
from vision.errors import PoseError
from vision.telemetry.gpmf import elements, sensor_streams, values


@given(st.lists(st.tuples(st.integers(-(2**31), 2**31 - 1)), min_size=1, max_size=20))
def test_numbers_come_back(numbers: list[tuple[int]]) -> None:
    """What is written as an element is read as it was."""
    data = element("ACCL", "l", 4, [struct.pack(">i", number) for (number,) in numbers])
    (read,) = elements(data)
    assert (read.key, read.kind, read.count) == ("ACCL", "l", len(numbers))
    assert values(read) == tuple(float(number) for (number,) in numbers)


@given(st.text("abcXYZ 09", min_size=0, max_size=30))
def test_text_comes_back(words: str) -> None:
    """Padding to four bytes is no part of it."""
    (read,) = elements(text("STNM", words))
    assert values(read) == (words,)


def test_samples_of_mixed_fields_are_scaled_each_by_its_own() -> None:
    """`TYPE` says what a sample is made of, `SCAL` what each field is divided by."""
    stream = nest(
        "STRM",
        text("TYPE", "LsB"),
        element("SCAL", "l", 4, [struct.pack(">i", scale) for scale in (1000, 10, 1)]),
        element("XXXX", "?", 7, [struct.pack(">IhB", 1500, -25, 7), struct.pack(">IhB", 1, 2, 3)]),
    )
    (read,) = sensor_streams(nest("DEVC", text("DVNM", "drone"), stream))
    assert (read.device, read.key) == ("drone", "XXXX")
    assert read.samples == pytest.approx(np.array([[1.5, -2.5, 7.0], [0.001, 0.2, 3.0]]))


def test_arrays_in_a_mixed_sample_are_written_out() -> None:
    """`f[3]L` is three numbers and one."""
    stream = nest(
        "STRM", text("TYPE", "f[3]L"), element("YYYY", "?", 16, [struct.pack(">fffI", 1, 2, 3, 4)])
    )
    (read,) = sensor_streams(nest("DEVC", stream))
    assert read.samples.tolist() == [[1.0, 2.0, 3.0, 4.0]]


def test_a_scale_of_zero_divides_nothing() -> None:
    """A damaged scale leaves the numbers as they are."""
    stream = nest(
        "STRM",
        element("SCAL", "l", 4, [struct.pack(">i", 0)]),
        element("ZZZZ", "s", 2, [struct.pack(">h", 5)]),
    )
    (read,) = sensor_streams(nest("DEVC", stream))
    assert read.samples.tolist() == [[5.0]]


@given(st.integers(0, 200))
def test_a_payload_cut_anywhere_is_an_error_or_shorter(length: int) -> None:
    """Never anything else than the typed error."""
    whole = gps5([(33.0, 115.0, 40.0)] * 3)
    try:
        read = list(sensor_streams(whole[:length]))
    except PoseError:
        return
    assert length == 0 or len(read) <= 1


@given(st.binary(max_size=200))
def test_garbage_gives_typed_errors_only(data: bytes) -> None:
    """Whatever lies in the track."""
    try:
        list(sensor_streams(b"DEVC\x00\x01" + struct.pack(">H", len(data)) + data))
        list(sensor_streams(data))
    except PoseError:
        pass


@given(st.data())
def test_flipped_bytes_give_typed_errors_only(data: st.DataObject) -> None:
    """A payload with damage inside."""
    whole = bytearray(gps5([(33.0, 115.0, 40.0)] * 3))
    for at in data.draw(st.lists(st.integers(0, len(whole) - 1), max_size=6)):
        whole[at] = data.draw(st.integers(0, 255))
    with contextlib.suppress(PoseError):
        list(sensor_streams(bytes(whole)))
