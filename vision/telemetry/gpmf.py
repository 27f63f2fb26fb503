"""GPMF, the telemetry format of GoPro cameras: nested elements of key, length and value.

An element is a key of four characters, a type character (0 for a nest), the size of one sample, a
count of samples, both big-endian, and the samples, padded to four bytes. Within a stream, what
comes before the samples tells of them: `SCAL` divides, `TYPE` says what a sample of mixed fields
is made of. Source: GPMF specification (gopro/gpmf-parser, docs); nothing here is of its code.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vision.errors import PoseError

FloatArray = NDArray[np.float64]
Value = float | str

_HEADER = struct.Struct(">4sBBH")
_MOST_NESTED = 8
_MIXED = "?"
_NUMBERS: Mapping[str, str] = {
    "b": "b", "B": "B", "s": "h", "S": "H", "l": "i", "L": "I", "j": "q", "J": "Q", "f": "f",
    "d": "d",
}  # fmt: skip
_FIXED_POINT: Mapping[str, tuple[str, float]] = {"q": ("i", 2.0**16), "Q": ("q", 2.0**32)}
_ARRAY = re.compile(r"(.)\[(\d{1,4})\]", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Element:
    """One element as it lies in the file.

    Attributes:
        key: four characters.
        kind: type character, "" for a nest of elements.
        size: bytes of one sample.
        count: samples.
        data: their bytes, or those of the nested elements.
    """

    key: str
    kind: str
    size: int
    count: int
    data: bytes


@dataclass(frozen=True, eq=False)
class SensorStream:
    """The samples of one sensor in one payload.

    Attributes:
        device: name of the device it belongs to, "" where not told.
        key: four characters, such as GPS5.
        samples: float64 (N, K), scaled; NaN for fields that are no numbers.
        about: what the stream tells of itself before its samples, by key.
    """

    device: str
    key: str
    samples: FloatArray
    about: Mapping[str, tuple[Value, ...]]


def elements(data: bytes) -> Iterator[Element]:
    """The elements that lie in a row in some bytes.

    Raises:
        PoseError: the bytes end within an element, or a key is none.
    """
    at = 0
    while at < len(data):
        # Cameras fill up a payload with zeros.
        if not any(data[at : at + 4]):
            return
        if at + _HEADER.size > len(data):
            raise PoseError("GPMF: the telemetry ends within an element; the film is damaged.")
        key, kind, size, count = _HEADER.unpack_from(data, at)
        at += _HEADER.size
        length = size * count
        if at + length > len(data) or not _is_key(key):
            raise PoseError(f"GPMF: the element {key!r} is damaged or cut short.")
        name = chr(kind) if kind else ""
        yield Element(key.decode("latin-1"), name, size, count, data[at : at + length])
        at += length + -length % 4


def sensor_streams(payload: bytes) -> Iterator[SensorStream]:
    """Every stream of samples in a payload, in the order of the file.

    Raises:
        PoseError: the payload is damaged.
    """
    for device in elements(payload):
        if device.key != "DEVC" or device.kind:
            raise PoseError(f"GPMF: a payload begins with {device.key!r} where DEVC is expected.")
        name = ""
        for element in elements(device.data):
            if element.key == "DVNM":
                name = "".join(str(value) for value in values(element))
            if element.key == "STRM" and not element.kind:
                yield from _stream(name, element.data, 0)


def values(element: Element, fields: str = "") -> tuple[Value, ...]:
    """The values of an element in a row: text whole, numbers each by each.

    Args:
        element: no nest.
        fields: of what a sample of kind `?` is made.

    Raises:
        PoseError: the samples are not of the size that their kind takes.
    """
    if element.kind in {"c", "U"}:
        return (element.data.decode("latin-1").rstrip("\0"),)
    kinds = _expanded(fields) if element.kind == _MIXED else element.kind
    if element.kind != _MIXED and kinds in {*_NUMBERS, *_FIXED_POINT}:
        kinds *= max(1, element.size // _width(kinds))
    if not kinds or sum(map(_width, kinds)) != element.size:
        return ()
    row = struct.Struct(">" + "".join(_code(kind) for kind in kinds))
    found: list[Value] = []
    for sample in row.iter_unpack(element.data):
        found += [_number(kind, value) for kind, value in zip(kinds, sample, strict=True)]
    return tuple(found)


def _stream(device: str, data: bytes, depth: int) -> Iterator[SensorStream]:
    """The sample elements of a stream; every other element tells of those that follow it."""
    about: dict[str, tuple[Value, ...]] = {}
    last: Element | None = None
    for element in elements(data):
        if not element.kind:
            if depth < _MOST_NESTED:
                yield from _stream(device, element.data, depth + 1)
            continue
        fields = "".join(str(value) for value in about.get("TYPE", ()))
        about[element.key] = values(element, fields)
        last = element
    if last is None:
        return
    columns = max(1, len(about[last.key]) // max(1, last.count))
    told = np.array(
        [value if isinstance(value, float) else np.nan for value in about[last.key]], np.float64
    )
    if len(told) == columns * last.count:
        scale = _scale(about.get("SCAL", ()), columns)
        yield SensorStream(device, last.key, told.reshape(-1, columns) / scale, about)


def _scale(scales: tuple[Value, ...], columns: int) -> FloatArray:
    numbers = [value for value in scales if isinstance(value, float)]
    if len(numbers) not in {1, columns} or 0.0 in numbers:
        return np.ones(columns)
    return np.broadcast_to(np.array(numbers, np.float64), (columns,))


def _expanded(fields: str) -> str:
    """Field characters with arrays written out: `f[3]L` is `fffL`."""
    return _ARRAY.sub(lambda found: found[1] * int(found[2]), fields)


def _width(kind: str) -> int:
    return {"F": 4, "c": 1, "U": 16, "G": 16}.get(kind) or struct.calcsize(">" + _code(kind))


def _code(kind: str) -> str:
    if kind in _NUMBERS:
        return _NUMBERS[kind]
    if kind in _FIXED_POINT:
        return _FIXED_POINT[kind][0]
    return {"F": "4s", "c": "c", "U": "16s", "G": "16s"}.get(kind, "B")


def _number(kind: str, value: float | bytes) -> Value:
    if isinstance(value, bytes):
        return value.decode("latin-1")
    divisor = _FIXED_POINT[kind][1] if kind in _FIXED_POINT else 1.0
    return float(value) / divisor


def _is_key(key: bytes) -> bool:
    return all(0x20 <= character < 0x7F for character in key)
