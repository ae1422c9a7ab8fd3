"""What a process of the pool does: recognise a head, judge a flight, write its page or an export. Only values leave.

An answer that was just given is kept a while, for the page that is asked for next.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from dronecheck.app.work.told import ToldRow, what_is_told
from dronecheck.errors import UnreadableInput, UsageError
from dronecheck.recognition import Kind, recognise
from dronecheck.report.case import Case, Disclosure, Exhibit, FlightLogs, by_flight
from dronecheck.settings import CheckSetup, Options

__all__ = ["Ask", "Recognised", "answer", "export", "flights_of", "head_of", "page_of", "recognised", "verified"]

_KEPT_CASES = 2
_KEPT_BYTES = 32 << 20  # of a log: the answer to a larger one is not kept
_KEYS_MARK = re.compile(rb"FR_Standardization_Feature|aesKey|aes_key|aesCiphertext")


@dataclass(frozen=True, slots=True)
class Ask:
    """The logs of one flight and what they are judged by.

    `library` numbers the states of the zone library: what was opened of an older one is not used any more.
    """

    logs: tuple[Path, ...]
    options: Options
    library: int = 0
    hide_home_m: float | None = None

    @property
    def disclosure(self) -> Disclosure:
        """Return how much may be told: nothing private leaves the page."""
        return Disclosure(hide_home_m=self.hide_home_m)


@dataclass(frozen=True, slots=True)
class Recognised:
    """What a file is by its head: a kind of the page's, what people call the format, and why it is nothing."""

    kind: str
    title: str = ""
    note: str | None = None


def recognised(head: bytes, name: str) -> Recognised:
    """Tell what a file is by its first 64 KiB and its name."""
    from dronecheck import airspace
    from dronecheck.readers import choose

    kind = recognise(head, name)
    if kind is Kind.LOG:
        try:
            return Recognised("log", choose(head, name).TITLE)
        except UnreadableInput as error:
            return Recognised("log", "", error.message)
    if kind is Kind.ZONES:
        try:
            return Recognised("zones", airspace.choose(airspace.unwrapped_head(head), name).TITLE)
        except UnreadableInput:
            return Recognised("zones")
    if kind in (Kind.PICTURE, Kind.VIDEO):
        from dronecheck.media.reader import kind_of

        return Recognised("film" if kind is Kind.VIDEO else "picture", kind_of(head[:64]).value)
    if _is_keys(head, name):
        return Recognised("keys")
    try:
        choose(head, name)
    except UnreadableInput as error:
        return Recognised(kind.value, "", _without_commands(error.message))
    return Recognised(kind.value)


def _without_commands(text: str) -> str:
    """Return what a file is without what a terminal would be told to do about it."""
    return "; ".join(part for part in text.split("; ") if "`dronecheck " not in part and " --" not in part) or text


def _is_keys(head: bytes, name: str) -> bool:
    """Tell whether a file holds saved keys of encrypted DJI records."""
    from dronecheck.readers.dji_txt.locked.saved_keys import SUFFIX

    return head.lstrip()[:1] in (b"{", b"[") and (name.endswith(SUFFIX) or _KEYS_MARK.search(head) is not None)


def head_of(path: Path) -> Recognised:
    """Tell what a file of this machine is."""
    try:
        with path.open("rb") as file:
            return recognised(file.read(64 << 10), path.name)
    except OSError as error:
        return Recognised("unknown", "", error.strerror)


def verified(options: Options, library: int) -> str | None:
    """Return what is wrong with options, None where nothing is."""
    try:
        _setup(options, library)
    except UsageError as error:
        return str(error)
    return None


def answer(ask: Ask) -> ToldRow:
    """Judge one flight, or say why not; the document is that of `dronecheck check` for the same files and options."""
    from dronecheck.report.json.encode import encode, failure_json, result_document
    from dronecheck.report.privacy import redact

    try:
        seen = redact(_case(ask), ask.disclosure)
    except UnreadableInput as error:
        message = error.message if ask.hide_home_m is None else error.unplaced
        return ToldRow(failure_json(ask.logs, error.code, message, private=False, indent=True), error=message)
    except UsageError as error:
        return ToldRow(error=str(error))
    return what_is_told(seen, encode(result_document(seen), indent=True))


def page_of(ask: Ask) -> bytes:
    """Return the page of a flight. Raises UsageError."""
    from dronecheck.report.page.write import page
    from dronecheck.report.privacy import redact

    case = _answered(ask)
    return page(redact(case, ask.disclosure), _exhibit(case, ask)).encode()


def export(ask: Ask, suffix: str) -> bytes:
    """Return a flight's result as a file of that kind: .json, .kml, .gpx, .geojson, .csv, .pdf. Raises UsageError."""
    from dronecheck.report.export.result import encode_result
    from dronecheck.report.privacy import redact

    if suffix == ".json":
        document = answer(ask).document
        if document is None:
            raise UsageError("there is no document of it")
        return document
    case = _answered(ask)
    seen = redact(case, ask.disclosure)
    if suffix == ".pdf":
        from dronecheck.report.pdf.write import pdf

        return pdf(seen, _exhibit(case, ask))
    return encode_result(seen, suffix)


def flights_of(ask: Ask) -> list[tuple[int, ...]]:
    """Return which logs are of one flight, by their places, in the order flown: only flights of several logs."""
    found = by_flight(ask.logs, _setup(ask.options, ask.library), separate=False)
    place = {path: number for number, path in enumerate(ask.logs)}
    return [tuple(place[path] for path in flight.paths) for flight in found if len(flight.paths) > 1]


def _exhibit(case: Case, ask: Ask) -> Exhibit:
    from dronecheck.evidence.bundle.recipe import check_command

    return Exhibit(command=check_command(case, ask.options, ask.disclosure))


@lru_cache(maxsize=4)
def _setup(options: Options, library: int) -> CheckSetup:
    """Open what options name, once a process and state of the library. Raises UsageError."""
    return options.setup()


_cases: OrderedDict[Ask, Case] = OrderedDict()


def _answered(ask: Ask) -> Case:
    """Return the answer to what has one. Raises UsageError, which travels between processes."""
    try:
        return _case(ask)
    except UnreadableInput as error:
        raise UsageError(error.message) from None


def _case(ask: Ask) -> Case:
    """Read and judge, or take what was judged a moment ago. Raises UnreadableInput, UsageError."""
    key = replace(ask, hide_home_m=None)
    known = _cases.get(key)
    if known is not None:
        _cases.move_to_end(key)
        return known
    case = FlightLogs(ask.logs).judge(_setup(ask.options, ask.library))
    if sum(source.size_bytes for source in case.flight.sources) <= _KEPT_BYTES:
        _cases[key] = case
        while len(_cases) > _KEPT_CASES:
            _cases.popitem(last=False)
    return case
