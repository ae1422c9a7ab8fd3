"""Files -> clean copies, each proved on the written file before it takes its name."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from dronecheck.errors import UnreadableInput, UsageError
from dronecheck.media.model import MediaItem, MediaKind
from dronecheck.media.place_text import has_place
from dronecheck.media.reader import read_media
from dronecheck.media.scrub.cleaners.film import clean_film
from dronecheck.media.scrub.cleaners.heif import clean_heif
from dronecheck.media.scrub.cleaners.jpeg import clean_jpeg
from dronecheck.media.scrub.cleaners.kept_tags import kept_exif, kept_time
from dronecheck.media.scrub.cleaners.png import clean_png
from dronecheck.media.scrub.parts import CleanCopy, NoCopy, write_parts
from dronecheck.media.scrub.proof.copy_proof import CopyProof, prove
from dronecheck.media.scrub.proof.secrets import SecretForm, SecretKind, secret_forms
from dronecheck.media.scrub.sources import files_to_scrub, refuse_places
from dronecheck.messages import Message, told_by
from dronecheck.safe.io import Input, make_folder, open_input, written_anew

__all__ = ["ScrubRun", "ScrubbedFile", "scrub_files"]

_TIMED_NAME = re.compile(r"(?<!\d)(?:19|20)\d\d[-_. ]?(?:0[1-9]|1[0-2])[-_. ]?(?:0[1-9]|[12]\d|3[01])", re.ASCII)
_LOGS = frozenset((".srt", ".ass", ".csv", ".gpx", ".txt", ".dat"))


@dataclass(frozen=True, slots=True)
class ScrubbedFile:
    """A file and its copy; without one, the reason."""

    path: Path
    sha256: str | None
    kind: MediaKind
    copy: Path | None = None
    reason: Message | None = None
    notices: tuple[Message, ...] = ()
    proof: CopyProof | None = None
    has_failed: bool = False  # the fault is dronecheck's own


@dataclass(frozen=True, slots=True)
class ScrubRun:
    """All files by path; `beside` are files of the same shots that were not copied, and still reveal."""

    files: tuple[ScrubbedFile, ...]
    beside: tuple[Path, ...]
    keeps_time: bool

    @property
    def is_complete(self) -> bool:
        """Tell whether every file has its copy."""
        return all(one.copy is not None for one in self.files)


def scrub_files(
    paths: Sequence[Path], out: Path, *, keep_time: bool = False, tell: Callable[[ScrubbedFile], None] | None = None
) -> ScrubRun:
    """Write clean copies of files, and of all in folders, to the folder `out`; with `keep_time` their time stays.

    `tell` is given each file when it is done. Raises UsageError, with nothing written, where a path does not exist, or
    `out` lies in one or holds such a name.
    """
    found = files_to_scrub(paths)
    refuse_places(paths, found.files, out)
    done = []
    for path in found.files:
        done.append(_scrubbed(path, out, keep_time))
        if tell is not None:
            tell(done[-1])
    return ScrubRun(tuple(done), found.beside, keep_time)


def _scrubbed(path: Path, out: Path, keep_time: bool) -> ScrubbedFile:
    source, kind, has_failed = None, MediaKind.UNKNOWN, False
    try:
        if path.is_symlink():
            raise NoCopy(Message("a link, and links are not followed; name the file itself"))
        source = open_input(path)
        item = read_media(source)
        kind = item.kind
        return _copied(source, item, out, keep_time)
    except NoCopy as error:
        reason = error.reason
    except UnreadableInput as error:
        reason = told_by(error)
        if path.suffix.lower() in _LOGS:
            reason = Message("neither a photo nor a film; what logs tell are places and times")
    except UsageError as error:
        reason = told_by(error)
    except Exception as error:  # one file never stops the others
        reason = Message("dronecheck itself failed ({error}); please report it", error=type(error).__name__)
        has_failed = True
    return ScrubbedFile(path, source.sha256 if source else None, kind, reason=reason, has_failed=has_failed)


def _copied(source: Input, item: MediaItem, out: Path, keep_time: bool) -> ScrubbedFile:
    stamp = kept_time(item) if keep_time else None
    copy = _clean(source, item, stamp, keep_time)
    notices = list(copy.notices)
    kept = (stamp or "").encode()
    if keep_time and item.kind is MediaKind.MP4:
        kept = next((_written(source, one.offset, one.length) for one in item.fields if _is_film_time(one.path)), b"")
    if keep_time and not (kept and any(kept in part for part in copy.parts if isinstance(part, bytes))):
        notices.append(Message("it states no time of capture that could be kept"))
    if _TIMED_NAME.search(source.name):
        notices.append(Message("its name holds a date: rename the copy if nobody should know it"))
    forms = secret_forms(item, source.data, kept)
    if _tells_in_name(source.name, forms):
        notices.append(Message("its name holds a place or a serial: rename the copy before you share it"))
    make_folder(out)
    target = out / source.name
    with written_anew(target) as temporary:
        with temporary.open("wb") as handle:
            write_parts(source.data, copy, handle)
        proof = prove(source, copy, temporary, forms, keep_time=keep_time)
    return ScrubbedFile(source.path, source.sha256, item.kind, target, None, tuple(notices), proof)


def _tells_in_name(name: str, forms: Sequence[SecretForm]) -> bool:
    """Tell whether a file's name, which its copy keeps, holds a place, or a serial of its own."""
    written = name.casefold().encode("utf-8", "replace")
    kinds = (SecretKind.PLACE, SecretKind.SERIAL)
    texts = (one.pattern for one in forms if one.kind in kinds and one.form.endswith("text"))
    stem = re.sub(r"_+", " ", PurePath(name).stem)
    return has_place(stem) or any(text.decode("utf-8", "replace").casefold().encode() in written for text in texts)


def _is_film_time(path: str) -> bool:
    return path == "moov/mvhd/creation_time"


def _written(source: Input, offset: int, length: int) -> bytes:
    return bytes(source.data[offset : offset + length])


def _clean(source: Input, item: MediaItem, stamp: str | None, keep_time: bool) -> CleanCopy:
    exif = kept_exif(item.orientation, stamp)
    match item.kind:
        case MediaKind.JPEG:
            return clean_jpeg(source.data, exif)
        case MediaKind.PNG:
            return clean_png(source.data, exif)
        case MediaKind.HEIC | MediaKind.AVIF:
            return clean_heif(source.data, exif)
        case MediaKind.MP4:
            return clean_film(source.data, keep_time=keep_time)
        case MediaKind.TIFF | MediaKind.DNG | MediaKind.GPR | MediaKind.WEBP:
            text = Message(
                "of {kind} files no copy can be proved to show the same; export it as JPEG or PNG and scrub that",
                kind=item.kind.value,
            )
            raise NoCopy(text)
        case MediaKind.UNKNOWN:
            raise NoCopy(Message("words about a picture, kept beside it: without them nothing is left to share"))
        case _:
            raise NoCopy(Message("a log of places and times: without them nothing is left to share"))
