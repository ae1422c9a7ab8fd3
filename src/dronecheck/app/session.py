"""What one run of the app holds, and what is done with it: files taken, checks begun, pages and exports made."""

from __future__ import annotations

import multiprocessing
import os
import re
import shlex
import shutil
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import fields, replace
from importlib.util import find_spec
from pathlib import Path, PurePath
from typing import Any

import msgspec

from dronecheck.airspace.library.store import Library
from dronecheck.app.jobs import Job, Jobs
from dronecheck.app.library import edition_told, removed
from dronecheck.app.past import PastChecks
from dronecheck.app.pool import SOON, WAITING, WorkPool
from dronecheck.app.server import Body
from dronecheck.app.shelf import MOST_FILES, Shelf, Shelved, TooMuch, own_name
from dronecheck.app.work import fleet, flights, footage
from dronecheck.app.work import zones as zone_work
from dronecheck.app.work.fleet import FleetAsk
from dronecheck.app.work.flights import Ask, Recognised
from dronecheck.app.work.footage import FootageAsk
from dronecheck.app.work.told import ToldRow
from dronecheck.errors import UsageError
from dronecheck.safe.io import as_meant, plain
from dronecheck.settings import Options

__all__ = ["HEAD_BYTES", "IDLE_S", "Session"]

HEAD_BYTES = 64 << 10
IDLE_S = 600.0
_RECOGNISE_S = 20.0
_FEW_LOGS = 20
_LOG_S = 5.0  # of many logs that are read to find those of one flight
_SHOT_S = 2.0  # of many photos and films, beyond the limit for one file
_PATHS = ("zones", "authorised", "geoid", "dem", "dji_keychain")  # never by a path that a page names
_SETTABLE = {each.name: each for each in fields(Options) if each.name not in _PATHS}
_ZONES, _KEYS, _MEDIA = "zones", "keys", ("picture", "film")


class Session:
    """One run of the app. Raises UsageError where there is no place for its files."""

    def __init__(
        self, pool: WorkPool | None = None, idle_s: float = IDLE_S, within: Path | None = None, *, keep: bool = False
    ) -> None:
        self.shelf = Shelf(within)
        self.pool = pool or WorkPool()
        self.jobs = Jobs(self.pool, self._keep, self.worded)
        self.past = PastChecks(is_on=keep)
        self.stopping = threading.Event()
        self.idle_s = idle_s
        self.library_state = 0
        self._adopted = threading.Event()
        self._adopted.set()
        self._last_seen = time.monotonic()

    # ---- life

    def warm(self) -> None:
        """Have the processes begun and loaded while the browser opens: the first file is then not kept waiting."""
        for _ in range(self.pool.workers):
            self.pool.submit(SOON, flights.recognised, b"", "")

    def seen(self) -> None:
        """Note that the page is there."""
        self._last_seen = time.monotonic()

    def wait(self) -> None:
        """Wait until the session is to end: when it is told to, or when no page has asked for long."""
        while not self.stopping.wait(min(1.0, self.idle_s / 4)):
            if time.monotonic() - self._last_seen > self.idle_s:
                self.stopping.set()

    def close(self) -> None:
        """End all work and remove the session's folder."""
        self.stopping.set()
        self.jobs.close()
        self.pool.close()
        self.shelf.close()

    def worded(self, text: str) -> str:
        """Return a sentence of the command line as a page says it: without its option, or where the session lies."""
        text = re.sub(re.escape(str(self.shelf.folder)) + r"[/\\](?:\w+[/\\])?", "", text)
        text = re.sub(r"^--[a-z-]+:? ", "", text)
        return text[:1].upper() + text[1:]

    # ---- what stays

    def _keep(self, job: Job) -> None:
        """Keep an answer with its page, while somebody asks for it."""
        made_by: dict[type, Callable[[Any], bytes]] = {Ask: flights.page_of, FootageAsk: footage.footage_page}
        make = made_by.get(type(job.ask))
        if self.past.is_on and make is not None:

            def made(done: Any) -> None:
                if not done.cancelled() and done.exception() is None:
                    self.past.keep(job, done.result())

            self.pool.submit(WAITING, make, job.ask).add_done_callback(made)

    def zones(self, asked: Mapping[str, Any]) -> dict[str, object]:
        """Say what is in a zone file, or keep it in the library where that is confirmed.

        Raises KeyError, UsageError, Failed.
        """
        file = self.shelf.get(str(asked.get("file")))
        if not asked.get("confirm"):
            told: dict[str, object] = self.pool.call(zone_work.validated, file.path, str(asked.get("language") or "en"))
            return told
        sha256 = self.pool.call(zone_work.added, file.path, dict(asked))
        self.library_state += 1
        kept = [edition for edition in Library().editions() if edition.manifest.sha256 == sha256]
        return {"edition": edition_told(kept[0]) if kept else None}

    def remove_zones(self, source: str, sha256: str | None) -> int:
        """Take a source, or an edition of it, out of the library. Raises UsageError."""
        self.library_state += 1
        return removed(source, sha256)

    # ---- files

    def adopt(self, paths: Sequence[Path]) -> None:
        """Put files and folders that the command line names on the shelf. Raises UsageError for what is not there."""
        found = list[tuple[Path, str]]()
        for path in map(as_meant, paths):
            if not path.exists():
                raise UsageError(f"{plain(path)}: no such file")
            if not path.is_dir() and not path.is_file():
                raise UsageError(f"{plain(path)}: no regular file")
            found += [(path, "")] if not path.is_dir() else _below(path)
            if len(found) > MOST_FILES:
                raise UsageError(
                    f"more than {MOST_FILES:,} files; dronecheck audit run FOLDER... --out DIR checks them"
                )
        ids = [self.shelf.adopt(path, folder).id for path, folder in found]
        self._adopted.clear()
        threading.Thread(target=self._recognise_adopted, args=(ids,), daemon=True).start()

    def files(self) -> list[Shelved]:
        """Return what is on the shelf, recognised."""
        self._adopted.wait(60.0)
        return list(self.shelf)

    def recognise(self, head: bytes, name: str) -> Recognised:
        """Tell what a file is by its head. Raises Failed."""
        known: Recognised = self.pool.call(flights.recognised, head, name, time_s=_RECOGNISE_S)
        return known

    def take(self, name: str, folder: str, size: int, pieces: Iterable[bytes]) -> Shelved:
        """Take a file as it comes, and recognise it. Raises TooMuch, Failed, ConnectionError, TimeoutError."""
        return self._recognised(self.shelf.take(name, folder, size, pieces))

    def begin_film(self, name: str, folder: str, size: int) -> Shelved:
        """Make a place for a film of which only parts are looked at. Raises TooMuch, Failed."""
        return self._with_needs(self.shelf.begin_film(name, folder, size))

    def fill_film(self, id_: str, body: Body) -> Shelved:
        """Take the parts of a film that were asked for, and ask for more. Raises KeyError, TooMuch, Failed."""
        film = self.shelf.get(id_)
        if film.held is None or not film.need or body.length != sum(end - begin for begin, end in film.need):
            raise UsageError("these are not the ranges that were asked for")
        return self._with_needs(self.shelf.fill(id_, body.pieces()))

    def _with_needs(self, film: Shelved) -> Shelved:
        need = self.pool.call(footage.film_needs, film.path, film.size, film.held)
        if not need:
            head = self.pool.call(flights.head_of, film.path, time_s=_RECOGNISE_S)
            return self.shelf.change(film.id, need=(), title=head.title)
        return self.shelf.change(film.id, need=need)

    def _recognised(self, file: Shelved) -> Shelved:
        known: Recognised = self.pool.call(flights.head_of, file.path, time_s=_RECOGNISE_S)
        return self.shelf.change(file.id, kind=known.kind, title=known.title, note=known.note)

    def _recognise_adopted(self, ids: list[str]) -> None:
        try:
            for id_ in ids:
                if not self.stopping.is_set():
                    self._recognised(self.shelf.get(id_))
        finally:
            self._adopted.set()

    # ---- checks

    def check(self, asked: Mapping[str, Any]) -> list[Job]:
        """Begin the checks that a page asks for: a row a log, one for a flight of several, one for all footage.

        Raises UsageError for options that cannot be right, KeyError for files that are not there.
        """
        given, zones, keys = self._given(asked)
        options = self.options(asked.get("options") or {}, zones, keys)
        hide_home_m = _radius(asked.get("hide_home_m"))
        logs = [file for file in given if file.kind not in (_ZONES, _KEYS, *_MEDIA)]
        if 1 < len(logs) <= _FEW_LOGS:
            self._join(logs, options, hide_home_m)
        jobs = [self._flight("flight", [file], options, hide_home_m) for file in logs]
        if len(logs) > _FEW_LOGS:  # read once more after all have their answers
            self._join(logs, options, hide_home_m)
        if media := [file for file in given if file.kind in _MEDIA]:
            jobs.append(self._footage(media, logs, options, hide_home_m))
        return jobs

    def _footage(
        self, media: Sequence[Shelved], logs: Sequence[Shelved], options: Options, hide_home_m: float | None
    ) -> Job:
        """Begin the one check of all photos and films, with the logs beside them."""
        shots = {_shot_of(file) for file in media}
        beside = [
            file for file in logs if _shot_of(file) in shots
        ]  # subtitles, and what cameras write beside a picture
        folder = self.shelf.work_folder("footage")
        places = tuple((_put(file, folder), number) for number, file in enumerate((*media, *beside)))
        held = tuple(
            (path, file.size, file.held)
            for (path, _), file in zip(places, media, strict=False)
            if file.held is not None
        )
        against = tuple(file.path for file in logs if file not in beside and file.kind == "log")
        ask = FootageAsk(folder, against, options, places, held, self.library_state, hide_home_m)
        files = [file.id for file in (*media, *beside)]
        name = media[0].name if len(media) == 1 else f"{media[0].name} + {len(media) - 1}"
        job = self.jobs.add("media", plain(name), files, ask, ("page", "json"))
        self.jobs.work(job, footage.footage_answer, time_s=max(self.pool.limits.time_s, _SHOT_S * len(media)))
        return job

    def audit(self, asked: Mapping[str, Any]) -> Job:
        """Begin an audit of many logs in a process of its own. Raises UsageError, KeyError, TooMuch."""
        if find_spec("pyarrow") is None:
            raise TooMuch(409, "an audit of many logs needs dronecheck[parquet]; the logs can be checked one by one")
        given, zones, keys = self._given(asked)
        options = self.options(asked.get("options") or {}, zones, keys)
        logs = [file for file in given if file.kind not in (_ZONES, _KEYS, *_MEDIA)]
        if not logs:
            raise UsageError("there is no flight log among the files")
        folder = self.shelf.work_folder("audit")
        (folder / "logs").mkdir(mode=0o700)
        for file in logs:
            _put(file, folder / "logs")
        ask = FleetAsk(folder / "logs", folder / "audit", options.anchored())
        job = self.jobs.add("audit", f"{len(logs)} files", [file.id for file in logs], ask, ("page", "csv"))
        threading.Thread(target=self._audited, args=(job,), daemon=True).start()
        return job

    def _audited(self, job: Job) -> None:
        context = multiprocessing.get_context("spawn")
        coming, told = context.Pipe(duplex=False)
        process = context.Process(target=fleet.audit, args=(job.ask, told, os.getpid()))
        job.stop = process.terminate
        process.start()
        told.close()
        self.jobs.change(job, "running", progress=0.0)
        row = ToldRow(error="failed; no verdict (its process ended by itself)")
        with suppress(EOFError):
            while isinstance(news := coming.recv(), float):
                self.jobs.change(job, progress=news)
            row = news
        process.join()
        self.jobs.settle(job, row)

    def export(self, id_: str, kind: str, hide_home_m: float | None = None, file: str | None = None) -> bytes:
        """Return the page or a file of an answer. Raises KeyError, UsageError, Failed."""
        job = self.jobs.get(id_)
        if kind == "json" and hide_home_m is None and file is None and job.row.document is not None:
            return job.row.document
        if kind not in job.shown:
            raise UsageError("there is nothing of that kind to show of this row")
        ask = job.ask
        if hide_home_m is not None:
            if isinstance(ask, FleetAsk):
                raise UsageError("home can be hidden in the page of a flight, not in that of many")
            ask = replace(ask, hide_home_m=_radius(hide_home_m))
        if isinstance(ask, FleetAsk):
            return (ask.out / (fleet.PAGE if kind == "page" else fleet.CSV)).read_bytes()
        if isinstance(ask, FootageAsk):
            only = next((path for path, place in ask.places if job.files[place] == file), None)
            ask = replace(ask, only=only, logs=() if only else ask.logs)
            made: bytes = self.pool.call(footage.footage_page if kind == "page" else footage.footage_json, ask)
        elif kind == "page":
            made = self.pool.call(flights.page_of, ask)
        else:
            made = self.pool.call(flights.export, ask, f".{kind}")
        return made

    def thumb(self, id_: str, number: int) -> bytes:
        """Return the preview that a photo or film holds itself. Raises KeyError, UsageError, Failed."""
        job = self.jobs.get(id_)
        shots = job.row.shots or ()
        if number >= len(shots):
            raise KeyError(number)
        file = self.shelf.get(job.files[shots[number].file])
        found: bytes = self.pool.call(footage.thumb_of, file.path, file.size, file.held)
        return found

    def scrub(self, asked: Mapping[str, Any]) -> bytes:
        """Return a copy of a picture without metadata, proved clean. Raises KeyError, UsageError, Failed."""
        file = self.shelf.get(str(asked.get("file")))
        if file.kind != "picture":
            command = f"dronecheck media scrub {shlex.quote(plain(file.name))} -o to-share"
            raise UsageError(f"copies of films are not made here; in a terminal: {command}")
        out = self.shelf.work_folder("copies")
        try:
            copy: Path = self.pool.call(footage.scrubbed, file.path, out, bool(asked.get("keep_time")))
            return copy.read_bytes()
        finally:
            shutil.rmtree(out, ignore_errors=True)

    def options(self, given: Mapping[str, Any], zones: Sequence[Shelved], keys: Sequence[Shelved]) -> Options:
        """Return the options of a check, tried. Raises UsageError."""
        if not isinstance(given, Mapping):
            raise UsageError("options: an object")
        unknown = [name for name in given if name not in _SETTABLE]
        if unknown:
            raise UsageError(f"{plain(unknown[0], 40)}: no option of a check")
        values = {name: value for name, value in given.items() if value not in (None, "")}
        values = {name: ",".join(value) if isinstance(value, list) else value for name, value in values.items()}
        try:
            options = msgspec.convert(values, Options, strict=False)
        except msgspec.ValidationError as error:
            raise UsageError(f"an option that cannot be right: {plain(error)}") from None
        options = replace(options, zones=tuple(file.path for file in zones), dji_keychain=self._keychain(keys))
        wrong = self.pool.call(flights.verified, options, self.library_state)
        if wrong is not None:
            raise UsageError(wrong)
        return options

    def _given(self, asked: Mapping[str, Any]) -> tuple[list[Shelved], list[Shelved], list[Shelved]]:
        """Return the files that a page names, and of all that it names the zones and the keys."""
        given, zones, keys = (self._named(asked, name) for name in ("files", "zones", "keys"))
        zones += [file for file in given if file.kind == _ZONES and file not in zones]
        keys += [file for file in given if file.kind == _KEYS and file not in keys]
        return given, zones, keys

    def _named(self, asked: Mapping[str, Any], what: str) -> list[Shelved]:
        """Return files that a page names by their ids. Raises KeyError, UsageError."""
        ids = asked.get(what) or []
        if not isinstance(ids, list) or not all(isinstance(id_, str) for id_ in ids):
            raise UsageError(f"{what}: a list of ids")
        return [self.shelf.get(id_) for id_ in ids]

    def _keychain(self, keys: Sequence[Shelved]) -> Path | None:
        if len(keys) < 2:
            return keys[0].path if keys else None
        folder = self.shelf.work_folder("keys")
        for file in keys:
            os.link(file.path, folder / file.path.name)
        return folder

    def _flight(self, kind: str, files: Sequence[Shelved], options: Options, hide_home_m: float | None) -> Job:
        more = len(files) - 1
        name = f"{files[0].name} + {more}" if more else files[0].name
        ask = Ask(tuple(file.path for file in files), options, self.library_state, hide_home_m)
        job = self.jobs.add(kind, plain(name), [file.id for file in files], ask, flight_exports())
        self.jobs.work(job, flights.answer)
        return job

    def _join(self, logs: Sequence[Shelved], options: Options, hide_home_m: float | None) -> None:
        """Find out which logs are of one flight, and give that flight a row of its own."""
        ask = Ask(tuple(file.path for file in logs), options, self.library_state)

        def found(done: Any) -> None:
            if done.cancelled() or done.exception() is not None or self.stopping.is_set():
                return  # each log has its own row all the same
            for places in done.result():
                self._flight("joined", [logs[place] for place in places], options, hide_home_m)

        time_s = max(self.pool.limits.time_s, _LOG_S * len(logs))
        self.pool.submit(WAITING, flights.flights_of, ask, time_s=time_s).add_done_callback(found)


def _shot_of(file: Shelved) -> tuple[str, str]:
    """Return what the files of one shot share: their folder, and their name without its end."""
    return file.folder.rpartition("/")[0], PurePath(file.name).stem.casefold()


def _put(file: Shelved, folder: Path) -> Path:
    """Link a file into a folder, below it as it lay in what was dropped."""
    parts = [own_name(part) for part in file.folder.split("/")[:-1] if part]
    for within in (folder, *(folder / f"{number} more" for number in range(1, MOST_FILES))):
        path = within.joinpath(*parts, own_name(file.name))
        if path.exists():
            continue
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            os.link(file.path, path)
        except OSError:  # on another disk, where what the command line named stays
            path.symlink_to(file.path)
        return path
    raise UsageError("too many files of one name")


def flight_exports() -> tuple[str, ...]:
    """Return what can be made of a flight's answer here."""
    pdf = ("pdf",) if find_spec("typst") is not None else ()
    return ("page", "json", "kml", "gpx", "geojson", "csv", *pdf)


def _radius(value: Any) -> float | None:
    if value in (None, "", 0):
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 100_000:
        raise UsageError("to hide home give metres around take-off and landing, such as 200")
    return float(value)


def _below(folder: Path) -> list[tuple[Path, str]]:
    found = list[tuple[Path, str]]()
    for here, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            path = Path(here, name)
            if not path.is_file():  # a link to nothing, a pipe, a device
                continue
            found.append((path, f"{folder.name}/{path.relative_to(folder).as_posix()}"))
            if len(found) > MOST_FILES:
                return found
    return found
