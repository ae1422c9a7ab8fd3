"""The zone library: zone files kept as they were added, each with an index, in the user's data folder.

| path below the library's folder | content |
|---|---|
| `zones/<source>/<sha256>/manifest.json` | name, dates, authority, licence, hash and name of the file |
| `zones/<source>/<sha256>/original` | the file's bytes |
| `zones/<source>/<sha256>/index` | its zones, see `library.index` |

An edition is made in a folder of its own (`zones/.new-...`) and renamed into place whole, so a process that dies
leaves nothing half done, and processes that add at the same time share nothing. What cannot be read is never passed
over: `Library.editions` gives it with what is wrong.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache, partial
from io import BytesIO
from pathlib import Path
from urllib.parse import quote

import msgspec

from dronecheck.airspace import read_input
from dronecheck.airspace.library.index import Damaged, Index, Outdated, index_bytes, read_index
from dronecheck.airspace.library.records import Period
from dronecheck.airspace.zone import CoversFrom, Incomplete, ZoneSet, ZoneSource
from dronecheck.errors import UnreadableInput, UsageError
from dronecheck.issues import Code, Issue, Severity
from dronecheck.messages import Message, told_by
from dronecheck.safe.data_files import library_folder
from dronecheck.safe.io import Input, open_input, plain, write_atomic
from dronecheck.timebase import DAY_NS, ns_of, utc_of

__all__ = ["Edition", "Library", "Manifest", "checked_name", "dates_text", "repaired_issue"]

_FORMAT = 1
_NAME = re.compile(r"\w(?:[\w .+&()-]{0,62}[\w)+])?", re.ASCII)
_NEW, _GONE = ".new-", ".gone-"
_LEFTOVER_S = 86_400.0


class Manifest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is known of an edition; times are UTC, `valid_to` the first instant after it."""

    name: str
    format: int = _FORMAT
    sha256: str = ""
    bytes: int = 0
    file_name: str = ""
    zones: int = 0
    edition: str | None = None
    authority: str | None = None
    licence: str | None = None
    accuracy_m: float | None = None
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    covers: tuple[str, ...] = ()  # by the user or the feed; else what the file says, or a guess, stands in the index
    covers_from: CoversFrom | None = None
    url: str | None = None  # of a feed: where it was fetched, first and last, and what the server says of its age
    retrieved: datetime | None = None
    seen: datetime | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True)
class Edition:
    """One file in the library; `damage` says why it cannot be used ("": it can)."""

    folder: Path
    manifest: Manifest
    damage: str = ""

    @property
    def period(self) -> Period:
        """Return when the edition holds, UTC nanoseconds; the end is not included."""
        return _ns(self.manifest.valid_from), _ns(self.manifest.valid_to)

    @property
    def label(self) -> str:
        """Return what tells the edition from others: what the file calls itself, else its dates, else its hash."""
        return self.manifest.edition or str(dates_text(self.period)) or self.manifest.sha256[:12]

    @property
    def source(self) -> ZoneSource:
        """Return the edition as results name it; what its file covers stands in its index (`known_by`)."""
        m = self.manifest
        return ZoneSource(
            m.name, m.sha256, self.label, m.licence, m.accuracy_m, *self.period,
            covers=m.covers, covers_from=m.covers_from,
        )  # fmt: skip

    def known_by(self, index: Index) -> ZoneSource:
        """Return the edition as results name it, with what it speaks for."""
        own = self.source
        return own if own.covers_from else replace(own, covers=index.covers, covers_from=index.covers_from)


def dates_text(period: Period) -> Message:
    """Return a period in words, the last day included; "" for one without bounds."""
    begin, end = period
    first = _moment_text(begin) if begin is not None else ""
    last = _moment_text(end - DAY_NS if end % DAY_NS == 0 else end) if end is not None else ""
    if first and last:
        return Message("{first} to {last}", first=first, last=last)
    if first:
        return Message("from {first}", first=first)
    return Message("until {last}", last=last) if last else Message("")


def _moment_text(time_ns: int) -> str:
    return utc_of(time_ns).strftime("%Y-%m-%d" if time_ns % DAY_NS == 0 else "%Y-%m-%dT%H:%MZ")


class Library:
    """The editions in a folder, which need not exist."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or library_folder()
        self.root = self.folder / "zones"

    def editions(self, name: str | None = None) -> list[Edition]:
        """Return all editions, or those of one source, oldest first; damaged ones with what is wrong."""
        try:
            sources = [self.root / _folder_of(name)] if name else sorted(self.root.iterdir())
            found = [
                _read_edition(path)
                for source in sources
                if not source.name.startswith(".") and source.is_dir()
                for path in sorted(source.iterdir())
            ]
        except (FileNotFoundError, NotADirectoryError):
            if self.root.exists() and not self.root.is_dir():
                raise UsageError(f"{plain(self.root)} is no folder; move it away, or set DRONECHECK_HOME") from None
            return self.editions(name) if name is None and self.root.is_dir() else []  # a source was just removed
        except OSError as error:
            raise UsageError(f"the zone library {plain(self.root)} cannot be read: {plain(error.strerror)}") from None
        return sorted(found, key=lambda e: (e.manifest.name.casefold(), e.period[0] or -(1 << 63), e.manifest.sha256))

    def add(
        self,
        source: Input,
        given: Manifest,
        *,
        unless_stated: tuple[datetime | None, datetime | None] = (None, None),
    ) -> tuple[Edition, ZoneSet]:
        """Read a file and keep it; `given` needs a name only, and its dates and terms come before the file's own.

        `unless_stated` are begin and end of an edition of which neither says when it begins or ends.

        A file that the source has already is written anew: with other dates, or because it was damaged. Raises
        UnreadableInput, UsageError.
        """
        zones = read_input(source, given.covers)
        if not zones.zones and not zones.skipped:
            raise UnreadableInput("not_an_edition", "no zones in it: an empty answer of a service is no edition")
        if Incomplete.PAGE in zones.incomplete:
            text = "a page of a service, which says that there are more features: fetch all of them into one file"
            raise UnreadableInput("not_an_edition", text)
        manifest = _completed(given, source, zones, unless_stated)
        folder = self.root / _folder_of(manifest.name) / source.sha256
        files = {
            "original": bytes(source.data),
            "index": index_bytes(zones, source.sha256, _tool()),
            "manifest.json": msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n",
        }
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            self._sweep()
            if folder.is_dir():
                _write_all(files, folder)
            else:
                new = Path(tempfile.mkdtemp(prefix=_NEW, dir=self.root))
                _write_all(files, new)
                _move_into_place(new, folder)
        except OSError as error:
            raise UsageError(f"cannot write to the zone library {plain(self.root)}: {plain(error.strerror)}") from None
        return Edition(folder, manifest), zones

    def remove(self, edition: Edition) -> None:
        """Take an edition out: at once for everybody else, then its files. Raises UsageError."""
        gone = self.root / f"{_GONE}{os.getpid()}-{edition.folder.name[:64]}"
        try:
            os.rename(edition.folder, gone)
            if not any(edition.folder.parent.iterdir()):
                edition.folder.parent.rmdir()
        except OSError as error:
            if not edition.folder.parent.is_dir() or gone.exists():
                pass  # somebody else has added to the source, or removed it, in this moment
            else:
                raise UsageError(f"cannot remove {plain(edition.folder)}: {plain(error.strerror)}") from None
        shutil.rmtree(gone, ignore_errors=True)

    def original(self, edition: Edition) -> Input:
        """Return the file as it was added. Raises Damaged when it is not, any more."""
        try:
            kept = open_input(edition.folder / "original")
        except (UsageError, UnreadableInput) as error:
            raise Damaged(Message("its original file: {why}", why=str(error))) from None
        if kept.sha256 != edition.manifest.sha256:
            raise Damaged(Message("its original file is not the one that was added"))
        return Input(Path(edition.manifest.file_name), kept.data, kept.sha256)

    def index(self, edition: Edition) -> tuple[Index, tuple[Issue, ...]]:
        """Return the edition's index; an outdated or damaged one is made again first.

        Raises Damaged when it cannot be.
        """
        path = edition.folder / "index"
        try:
            return read_index(lambda: path.open("rb"), edition.manifest.sha256, _tool()), ()
        except Outdated:
            return self.rebuilt(edition), ()
        except Damaged as why:
            return self.rebuilt(edition), (repaired_issue(edition, told_by(why)),)

    def rebuilt(self, edition: Edition) -> Index:
        """Make the index again from the file as it was added. Raises Damaged."""
        source = self.original(edition)
        try:
            zones = read_input(source)
        except UnreadableInput as error:
            raise Damaged(Message("its original file cannot be read any more: {why}", why=error.message)) from None
        raw = index_bytes(zones, source.sha256, _tool())
        with suppress(UsageError):  # a library that may not be written to is used all the same
            write_atomic(edition.folder / "index", raw)
        return read_index(partial(BytesIO, raw), source.sha256, _tool())

    def _sweep(self) -> None:
        """Remove what processes left that died long ago."""
        for prefix in (_NEW, _GONE):
            for left in self.root.glob(prefix + "*"):
                with suppress(OSError):  # its process may be at work, and rename it now
                    if time.time() - left.stat().st_mtime > _LEFTOVER_S:
                        shutil.rmtree(left, ignore_errors=True)


def repaired_issue(edition: Edition, why: Message) -> Issue:
    """Return the issue of an index that had to be made again."""
    text = Message(
        "library: the index of {name} ({edition}) was damaged ({why}); made again, nothing lost",
        name=edition.manifest.name,
        edition=edition.label,
        why=why,
    )
    return Issue(Code.LIBRARY_REPAIRED, Severity.WARNING, text)


def _read_edition(folder: Path) -> Edition:
    """Read an edition by its folder; one whose manifest cannot be read is damaged and has no dates."""
    try:
        manifest = msgspec.json.decode((folder / "manifest.json").read_bytes(), type=Manifest)
        wrong = manifest.sha256 != folder.name or _folder_of(manifest.name) != folder.parent.name
        damage = Message("its manifest.json belongs elsewhere") if wrong else Message("")
        if manifest.format != _FORMAT:
            text = "written in format {format}, this version reads {known}: use the newer dronecheck"
            damage = Message(text, format=manifest.format, known=_FORMAT)
        size = (folder / "original").stat().st_size
        if size != manifest.bytes and not damage:
            damage = Message("its original file has {size} bytes, {added} were added", size=size, added=manifest.bytes)
        return Edition(folder, manifest, damage)
    except FileNotFoundError as error:
        damage = Message("its {file} is missing", file=Path(str(error.filename)).name)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        damage = Message("its manifest.json cannot be read ({why})", why=plain(error, 120))
    blank = Manifest(name=folder.parent.name, sha256=folder.name)
    return Edition(folder, blank, damage)


def _completed(
    given: Manifest, source: Input, zones: ZoneSet, unless_stated: tuple[datetime | None, datetime | None]
) -> Manifest:
    own = zones.sources[0] if zones.sources else ZoneSource(source.name, source.sha256)
    no_dates = given.valid_from is None and given.valid_to is None
    begin, end = (own.valid_from_ns, own.valid_to_ns) if no_dates else (_ns(given.valid_from), _ns(given.valid_to))
    begin, end = (
        _ns(unless) if stated is None else stated for stated, unless in zip((begin, end), unless_stated, strict=True)
    )
    if begin is not None and end is not None and begin >= end:
        raise UsageError("an edition cannot end before it begins: --valid-from is its first day, --valid-to its last")
    return msgspec.structs.replace(
        given,
        sha256=source.sha256,
        bytes=source.size_bytes,
        file_name=source.name,
        zones=len(zones.zones),
        edition=given.edition or own.edition,
        licence=given.licence or own.licence,
        accuracy_m=own.accuracy_m,
        valid_from=_utc(begin),
        valid_to=_utc(end),
    )


def _write_all(files: dict[str, bytes], folder: Path) -> None:
    for name, content in files.items():
        write_atomic(folder / name, content)
    _sync(folder)


def _move_into_place(new: Path, folder: Path) -> None:
    for _ in range(100):
        folder.parent.mkdir(exist_ok=True)
        try:
            os.rename(new, folder)
        except FileNotFoundError:
            continue  # the source's last edition was removed just now, and its folder with it
        except OSError:
            if not folder.is_dir():
                raise
            write_atomic(folder / "manifest.json", (new / "manifest.json").read_bytes())  # somebody was faster
            shutil.rmtree(new, ignore_errors=True)
        break
    _sync(folder.parent)


def _sync(folder: Path) -> None:
    if os.name != "posix":
        return
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _folder_of(name: str) -> str:
    """Return a folder's name for a source; upper and lower case are the same, as some file systems have it."""
    return quote(name.casefold(), safe=" +&()")


def checked_name(name: str) -> str:
    """Return a source's name as the library takes it. Raises UsageError."""
    if not _NAME.fullmatch(name) or name != name.strip():
        raise UsageError(
            f"--name {plain(name, 80)!r}: use up to 64 letters, digits, spaces and .+&()-_, such as CH or 'UK AIP'"
        )
    return name


def _ns(moment: datetime | None) -> int | None:
    return None if moment is None else ns_of(moment)


def _utc(time_ns: int | None) -> datetime | None:
    return None if time_ns is None else utc_of(time_ns)


@cache
def _tool() -> str:
    from importlib.metadata import version

    return version("dronecheck")
