"""How each MAVLink message lies in its packet.

Only here is pymavlink known. Its tables say what there is; packing and unpacking by them takes us
a fifth of the time that its own classes take, and sees the fields that its tables do not have yet.
"""

import inspect
import struct
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from types import MappingProxyType
from typing import Any

from pymavlink.dialects.v20 import ardupilotmega

#: Extension fields of the common dialect that pymavlink 2.4.50 lacks, all of them uint32.
_LATER_FIELDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "MISSION_COUNT": ("opaque_id",),
        "MISSION_ACK": ("opaque_id",),
        "MISSION_CURRENT": ("mission_id", "fence_id", "rally_points_id"),
    }
)


class Layout:
    """The fields of one message, in the order of the wire.

    Args:
        kind: pymavlink's class of the message.
    """

    def __init__(self, kind: Any) -> None:  # noqa: ANN401  (pymavlink has no types)
        later = _LATER_FIELDS.get(kind.msgname, ())
        self.name: str = kind.msgname
        self.number: int = kind.id
        self.crc_extra = bytes([kind.crc_extra])
        self._names: tuple[str, ...] = (*kind.ordered_fieldnames, *later)
        self._struct = struct.Struct(kind.unpacker.format + "I" * len(later))
        self._types = (*_ordered(kind, kind.fieldtypes), *("uint32_t" for _ in later))
        self._lengths = (*kind.lengths, *(1 for _ in later))
        self._plain = set(self._lengths) == {1} and "char" not in self._types
        self._defaults = {
            name: 0 if kind_of != "char" else b""
            for name, kind_of in zip(self._names, self._types, strict=True)
            if name in later or _has_default(kind, name)
        }
        self.size = self._struct.size

    def unpack(self, payload: bytes) -> dict[str, Any]:
        """Return the fields of a payload; zeros at its end may have been cut off.

        Raises:
            struct.error: Never for payloads of at most 255 bytes.
        """
        size = self.size
        values = self._struct.unpack(payload[:size].ljust(size, b"\0"))
        if self._plain:
            return dict(zip(self._names, values, strict=True))
        return self._with_arrays(values)

    def pack(self, fields: Mapping[str, Any]) -> bytes:
        """Return the payload, without the zeros at its end.

        Raises:
            KeyError: A field is missing.
            ValueError: The message has no such field, or a list has another length.
            struct.error: A value is out of its range.
        """
        if len(fields) != len(self._names):
            fields = {**self._defaults, **fields}
            if len(fields) > len(self._names):
                unknown = sorted(fields.keys() - set(self._names))
                raise ValueError(f"it has no field {', '.join(unknown)}")
        values: Sequence[Any] = [fields[name] for name in self._names]
        if not self._plain:
            values = self._flattened(values)
        # The first byte stays even if it is zero.
        payload = self._struct.pack(*values)
        return payload.rstrip(b"\0") or payload[:1]

    def _with_arrays(self, values: Sequence[Any]) -> dict[str, Any]:
        fields: dict[str, Any] = {}
        ends = [0]
        for length in self._lengths:
            ends.append(ends[-1] + length)
        for (start, end), name, kind in zip(pairwise(ends), self._names, self._types, strict=True):
            if kind == "char":
                text: bytes = values[start].split(b"\0", 1)[0]
                fields[name] = text.decode("utf-8", errors="replace")
            else:
                fields[name] = values[start] if end - start == 1 else list(values[start:end])
        return fields

    def _flattened(self, values: Sequence[Any]) -> list[Any]:
        flat: list[Any] = []
        for value, length, kind in zip(values, self._lengths, self._types, strict=True):
            if kind == "char":
                flat.append(value.encode() if isinstance(value, str) else value)
            elif length == 1:
                flat.append(value)
            else:
                every = [0] * length if value == 0 else list(value)
                if len(every) != length:
                    raise ValueError(f"a list has {len(every)} values instead of {length}")
                flat.extend(every)
        return flat


def _ordered(kind: Any, of_fields: Sequence[str]) -> list[str]:  # noqa: ANN401
    """Return what belongs to each field, in the order of the wire."""
    by_name = dict(zip(kind.fieldnames, of_fields, strict=True))
    return [by_name[name] for name in kind.ordered_fieldnames]


def _has_default(kind: Any, name: str) -> bool:  # noqa: ANN401
    parameter = inspect.signature(kind.__init__).parameters[name]
    return parameter.default is not inspect.Parameter.empty


# Bounded, since junk can name any of sixteen million numbers.
@lru_cache(maxsize=1024)
def layout_by_number(number: int) -> Layout | None:
    """Return the layout of a message id; None if there is no such message."""
    kind = ardupilotmega.mavlink_map.get(number)
    return None if kind is None else Layout(kind)


@lru_cache(maxsize=1024)
def layout_by_name(name: str) -> Layout | None:
    """Return the layout of a message by its name; None if there is no such message."""
    number = next((n for n, c in ardupilotmega.mavlink_map.items() if c.msgname == name), None)
    return None if number is None else layout_by_number(number)
