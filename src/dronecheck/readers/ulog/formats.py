"""ULog formats: how many bytes a topic's row has, and where its fields lie.

    format      "topic:type field;type[n] field;..."
    type        a basic one (int8_t ... uint64_t, float, double, bool, char) or the name of another format
    padding     fields `_padding...` at the end of a topic are not logged; those of a nested format are

Bounds: nesting 16 deep, 10,000 fields, rows of 64 KiB. A format beyond them, or one that contains itself, has no size.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from dronecheck.messages import Message
from dronecheck.safe.io import plain

__all__ = ["BASIC_BYTES", "Formats"]

NESTING_AT_MOST = 16
FIELDS_AT_MOST = 10_000
FORMATS_AT_MOST = 10_000
SHORT = 4  # arrays up to a quaternion
ROW_BYTES_AT_MOST = 0xFFFF - 2  # a record's payload, less its id

_BASIC = {
    "int8_t": "i1", "uint8_t": "u1", "int16_t": "<i2", "uint16_t": "<u2", "int32_t": "<i4", "uint32_t": "<u4",
    "int64_t": "<i8", "uint64_t": "<u8", "float": "<f4", "double": "<f8", "bool": "u1", "char": "u1",
}  # fmt: skip
BASIC_BYTES = {name: np.dtype(code).itemsize for name, code in _BASIC.items()}

_Field = tuple[str, int, str]  # type, how many of it, name


class Formats:
    """The formats of one file, by name. The first definition of a name holds."""

    def __init__(self) -> None:
        self._fields: dict[str, tuple[_Field, ...]] = {}
        self._nested: dict[str, int | None] = {}

    def __len__(self) -> int:
        return len(self._fields)

    def add(self, text: str) -> None:
        """Take one definition. Raises ValueError, saying why, when it cannot be used."""
        name, _, listed = text.partition(":")
        parts = [part for part in listed.split(";") if part]
        if not name or not parts or len(parts) > FIELDS_AT_MOST:
            raise ValueError(Message("format {name!r} has no usable list of fields", name=plain(name, 40)))
        if name not in self._fields and len(self._fields) < FORMATS_AT_MOST:
            self._fields[name] = tuple(_field(part) for part in parts)
            self._nested.clear()

    def size(self, name: str) -> int | None:
        """Return the bytes of a row of that topic as logged; None when it cannot be told."""
        fields = self._logged(name)
        return self._sum(fields, 1) if fields else None

    def dtype(self, name: str) -> np.dtype[np.void] | None:
        """Return the topic's basic fields at their places, "q[0]", "q[1]" those of a short array; None without a size.

        Longer arrays and nested topics are left out.
        """
        size = self.size(name)
        if not size:
            return None
        places: dict[str, tuple[str, int]] = {}
        place = 0
        for kind, count, label in self._logged(name):
            if kind in _BASIC and count <= SHORT and label.isidentifier():
                names = [label] if count == 1 else [f"{label}[{number}]" for number in range(count)]
                for number, name_of_one in enumerate(names):
                    places.setdefault(name_of_one, (_BASIC[kind], place + number * BASIC_BYTES[kind]))
            place += count * (BASIC_BYTES.get(kind) or self._nested_size(kind, 1) or 0)
        return np.dtype(
            {
                "names": list(places),
                "formats": [code for code, _ in places.values()],
                "offsets": [at for _, at in places.values()],
                "itemsize": size,
            }
        )

    def _logged(self, name: str) -> tuple[_Field, ...]:
        fields = self._fields.get(name, ())
        end = len(fields)
        while end and fields[end - 1][2].startswith("_padding"):
            end -= 1
        return fields[:end]

    def _sum(self, fields: tuple[_Field, ...], depth: int) -> int | None:
        total = 0
        for kind, count, _ in fields:
            each = BASIC_BYTES.get(kind) or self._nested_size(kind, depth)
            if each is None:
                return None
            total += each * count
            if total > ROW_BYTES_AT_MOST:
                return None
        return total

    def _nested_size(self, kind: str, depth: int) -> int | None:
        if kind not in self._nested:
            self._nested[kind] = None  # holds while it is worked out: a format that contains itself has no size
            if kind in self._fields and depth <= NESTING_AT_MOST:
                self._nested[kind] = self._sum(self._fields[kind], depth + 1)
        return self._nested[kind]


@lru_cache(4096)
def _type(text: str) -> tuple[str, int]:
    """Return a type's name and how many of it. Raises ValueError."""
    name, bracket, count = text.partition("[")
    if not bracket:
        return name, 1
    if not count.endswith("]") or not count[:-1].isascii() or not count[:-1].isdigit() or len(count) > 6:
        raise ValueError(Message("field type {text!r} cannot be read", text=plain(text, 40)))
    return name, int(count[:-1])


def _field(part: str) -> _Field:
    kind, _, label = part.partition(" ")
    return (*_type(kind), label)
