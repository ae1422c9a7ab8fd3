"""What a clean copy is made of: bytes of the source that stay as they are, bytes written anew, and zeros."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from dronecheck.containers.source import Bytes
from dronecheck.messages import Message

__all__ = ["Blank", "CleanCopy", "NoCopy", "Part", "Taken", "differs", "laid_over_zeros", "write_parts"]

_STEP_BYTES = 1 << 20


class NoCopy(Exception):
    """This file gets no copy; the message says why."""

    def __init__(self, reason: Message) -> None:
        super().__init__(str(reason))
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Taken:
    """Bytes [start, end) of the source: picture, sound, or what finds them; the same in the copy."""

    start: int
    end: int

    def __len__(self) -> int:
        """Return how many bytes."""
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Blank:
    """So many zeros."""

    length: int

    def __len__(self) -> int:
        """Return how many bytes."""
        return self.length


Part = Taken | Blank | bytes


@dataclass(frozen=True, slots=True)
class CleanCopy:
    """A copy as it is to be written, in the order of its bytes; what people should know of it."""

    parts: tuple[Part, ...]
    notices: tuple[Message, ...] = ()

    def taken(self) -> Iterator[tuple[int, Taken]]:
        """Give each part that is taken from the source, with its place in the copy."""
        at = 0
        for part in self.parts:
            if isinstance(part, Taken):
                yield at, part
            at += len(part)

    @property
    def size_bytes(self) -> int:
        """Return the length of the copy."""
        return sum(len(part) for part in self.parts)


def laid_over_zeros(patches: Iterable[tuple[int, Taken | bytes]], size: int) -> tuple[Part, ...]:
    """Return parts of `size` bytes in all: the patches at their places, zeros elsewhere. Raises NoCopy on overlaps."""
    parts: list[Part] = []
    at = 0
    for place, part in sorted(patches, key=lambda one: one[0]):
        if not len(part):
            continue
        if place < at or place + len(part) > size:
            raise NoCopy(Message("its parts lie over each other"))
        if place > at:
            parts.append(Blank(place - at))
        parts.append(part)
        at = place + len(part)
    return (*parts, Blank(size - at)) if at < size else tuple(parts)


def write_parts(source: Bytes, copy: CleanCopy, handle: BinaryIO) -> None:
    """Write a copy, in pieces: films are larger than memory."""
    for part in copy.parts:
        if isinstance(part, bytes):
            handle.write(part)
            continue
        start = part.start if isinstance(part, Taken) else 0
        for at in range(start, start + len(part), _STEP_BYTES):
            size = min(_STEP_BYTES, start + len(part) - at)
            handle.write(source[at : at + size] if isinstance(part, Taken) else bytes(size))


def differs(source: Bytes, copy: CleanCopy, written: BinaryIO) -> bool:
    """Tell whether a written file is not the copy that was meant: its size, or a byte that was taken."""
    if written.seek(0, 2) != copy.size_bytes:
        return True
    for place, part in copy.taken():
        written.seek(place)
        for at in range(part.start, part.end, _STEP_BYTES):
            piece = source[at : min(at + _STEP_BYTES, part.end)]
            if written.read(len(piece)) != piece:
                return True
    return False
