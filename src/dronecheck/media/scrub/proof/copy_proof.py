"""The proof of a copy, on the written file: bytes of picture and sound the same, no field left, no secret found."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path

from dronecheck.errors import UnreadableInput
from dronecheck.media.model import MediaItem
from dronecheck.media.reader import read_media
from dronecheck.media.scrub.parts import CleanCopy, NoCopy, differs
from dronecheck.media.scrub.proof.scan import PatternScanner, unpacked_texts
from dronecheck.media.scrub.proof.secrets import SecretForm, SecretKind
from dronecheck.messages import Message
from dronecheck.safe.io import Input, hash_file, open_input

__all__ = ["CopyProof", "SoughtForm", "prove"]

_MOST_HITS = 1_000_000
# All that a clean copy may tell: what it is, how it is turned, how it is coded.
_HARMLESS = re.compile(
    r"ftyp|styp|trailer/film|(APP1|eXIf|meta)/EXIF/IFD0/(Orientation|0x8769|ExifOffset|ExifIFD|Exif)|APP0/JFIF|APP14/Adobe|"
    r"APP2/ICC_PROFILE(\[\d+\])?|meta/(mime|uri)(\[\d+\])?"
)
_TIME = re.compile(r"(APP1|eXIf|meta)/EXIF/Exif/DateTimeOriginal|moov/mvhd/creation_time")


@dataclass(frozen=True, slots=True)
class SoughtForm:
    """What was sought, in which encoding, and how often it was found: outside picture and sound, and within them.

    `by_chance` counts what is too short to be told from coincidence within picture and sound.
    """

    kind: SecretKind
    form: str
    patterns: int
    outside: int
    inside: int
    by_chance: int


@dataclass(frozen=True, slots=True)
class CopyProof:
    """What was compared and sought, with how often it was found."""

    same_bytes: int  # of picture and sound
    fields_left: tuple[str, ...]
    sought: tuple[SoughtForm, ...]
    sha256: str  # of the copy

    @property
    def patterns(self) -> int:
        """Return how many patterns were sought in all."""
        return sum(one.patterns for one in self.sought)


def prove(source: Input, copy: CleanCopy, written: Path, forms: Sequence[SecretForm], *, keep_time: bool) -> CopyProof:
    """Prove a written copy. Raises NoCopy where it is not proved clean, with what was found as the reason."""
    with written.open("rb") as file:
        if differs(source.data, copy, file):
            raise NoCopy(Message("picture or sound of the copy are not the same bytes"))
        proof = _searched(file, copy, forms)
    for one in proof:
        if one.outside or one.inside:
            text = Message("the copy still holds a {kind} of the source ({form})", kind=one.kind.value, form=one.form)
            raise NoCopy(text)
    item = _read_again(written)
    left = _fields_left(item, keep_time=keep_time)
    if left:
        raise NoCopy(Message("the copy still tells {field}", field=left[0]))
    if item.position is not None or item.serials or item.film is not None:
        raise NoCopy(Message("the copy still tells a place or a device"))
    if hash_file(source.path) != source.sha256:
        raise NoCopy(Message("the file changed while it was copied"))
    same = sum(len(part) for _, part in copy.taken())
    return CopyProof(same, left, proof, item.sha256)


def _read_again(written: Path) -> MediaItem:
    try:
        return read_media(open_input(written))
    except UnreadableInput as error:
        raise NoCopy(Message("the copy cannot be read again: {why}", why=error.message)) from None


def _fields_left(item: MediaItem, *, keep_time: bool) -> tuple[str, ...]:
    return tuple(
        one.path
        for one in item.fields
        if not _HARMLESS.fullmatch(one.path) and not (keep_time and _TIME.fullmatch(one.path))
    )


def _searched(file: BufferedReader, copy: CleanCopy, forms: Sequence[SecretForm]) -> tuple[SoughtForm, ...]:
    """Seek every form in the whole copy, and in what is packed outside picture and sound."""
    spans = [(at, at + len(part)) for at, part in copy.taken()]
    starts = [start for start, _ in spans]
    scanner = PatternScanner([one.pattern for one in forms])
    counts: Counter[tuple[int, str]] = Counter()
    for total, (number, at) in enumerate(scanner.hits(file)):
        span = bisect_right(starts, at) - 1
        is_inside = span >= 0 and at + len(forms[number].pattern) <= spans[span][1]
        where = "outside" if not is_inside else "inside" if forms[number].is_sought_in_picture else "by_chance"
        counts[number, where] += 1
        if total >= _MOST_HITS:
            raise NoCopy(Message("it holds more secrets than can be searched for"))
    for part in copy.parts:
        if isinstance(part, bytes):
            for text in unpacked_texts(part):
                counts.update((number, "outside") for number, _ in scanner.hits_in(text))
    groups = dict.fromkeys((one.kind, one.form) for one in forms)
    totals = {group: Counter[str]() for group in groups}
    for number, one in enumerate(forms):
        totals[one.kind, one.form].update(
            {"patterns": 1, **{where: counts[number, where] for where in ("outside", "inside", "by_chance")}}
        )
    return tuple(
        SoughtForm(kind, form, found["patterns"], found["outside"], found["inside"], found["by_chance"])
        for (kind, form), found in totals.items()
    )
