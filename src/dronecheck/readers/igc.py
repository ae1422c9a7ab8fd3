"""IGC files of flight recorders (FAI, Technical Specification for GNSS Flight Recorders, appendix A).

    record                                   becomes
    B HHMMSS DDMMmmmN DDDMMmmmE A PPPPP GGGGG   one row; validity V (no fix, or two-dimensional) is no fix
    I start end code, in each B record       LAD, LOD: further decimals of the minutes; SIU: satellites in use;
                                             FXA, VXA: accuracy at 95 %, metres
    HFDTE ddmmyy                             the day of the first B record, UTC; a time that falls back is a new day
    HFALG ELL | GEO                          whether GGGGG is above the ellipsoid or the geoid; without it, not used
    HFDTM                                    the datum, WGS 84; another is refused
    A, HFGTY, HFRFW, HFFTY                   vehicle facts; pilot and registration are not read
    G                                        a signature: its presence is said, it is not verified

PPPPP is a pressure altitude (1013.25 hPa), no height above anything that a limit could mean. Offsets are line numbers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np

from dronecheck.errors import UnreadableInput
from dronecheck.flight import (
    Clock,
    ClockSource,
    Completeness,
    Flight,
    HorizontalDatum,
    SigmaSource,
    Source,
    Track,
    Vehicle,
)
from dronecheck.issues import Code, Issue, Severity
from dronecheck.readers.plain_tracks import holes_and_jumps, sigma_by_satellites, with_step
from dronecheck.safeio import Input, plain

__all__ = ["NAME", "TITLE", "read", "sniff"]

NAME = "igc"
TITLE = "IGC flight recorder file (.igc)"

_READER = "dronecheck.readers.igc/1"
_B = re.compile(r"B(\d{2})(\d{2})(\d{2})(\d{2})(\d{5})([NS])(\d{3})(\d{5})([EW])([AV])(-\d{4}|\d{5})(-\d{4}|\d{5})(.*)")
_DATE = re.compile(r"H[FOP]DTE(?:DATE)?:?\s*(\d{2})(\d{2})(\d{2})", re.IGNORECASE)
_HEADER = re.compile(r"H[FOP]([A-Z]{3})([^:]*):?(.*)", re.IGNORECASE)
_EXTENSION = re.compile(r"(\d{2})(\d{2})([A-Z]{3})")
_R95_OVER_SIGMA = 2.4477  # of a circular normal distribution
_HALF_DAY_S = 43_200
_NAN = float("nan")


@dataclass(slots=True)
class _Fix:
    line: int
    second: int  # of the day
    lat_deg: float
    lon_deg: float
    gnss_m: float
    values: dict[str, float]


@dataclass(slots=True)
class _Log:
    """What the lines say."""

    fixes: list[_Fix] = field(default_factory=list)
    without: list[int] = field(default_factory=list)
    bad: list[int] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    day: datetime | None = None
    extensions: list[tuple[int, int, str]] = field(default_factory=list)
    recorder: str = ""
    signed: bool = False


def sniff(head: bytes, name: str) -> int:
    """90 for an A record followed by H records with a date, or by B records; else 0."""
    lines = head[:8192].removeprefix(b"\xef\xbb\xbf").decode("latin-1").splitlines()
    if not lines or not re.fullmatch(r"A[0-9A-Z]{3}.*", lines[0]):
        return 0
    known = sum(bool(_DATE.match(line) or _B.fullmatch(line.strip())) for line in lines)
    return 90 if known else 0


def read(source: Input) -> Flight:
    """Read an IGC file. Raises UnreadableInput for one without any B record, or in another datum."""
    text = bytes(source.data).decode("latin-1")
    log = _read_lines(text)
    if not log.fixes and not log.without:
        raise UnreadableInput("no_track", "an IGC file without position records (B)")
    datum = log.headers.get("DTM", "")
    if datum and not re.search(r"100|WGS.?(?:19)?84", datum, re.IGNORECASE):
        raise UnreadableInput("other_datum", f"positions in {plain(datum, 40)}, not in WGS 84; convert them first")
    issues: list[Issue] = []
    cut = bool(log.bad) and not text.endswith("\n") and log.bad[-1] == text.count("\n") + 1
    if cut:
        issues.append(
            Issue(Code.LINE_CUT_SHORT, Severity.DAMAGE, "the last record is cut short: dropped", log.bad.pop())
        )
    _note(issues, Code.BAD_LINE, Severity.DAMAGE, "B records that cannot be read, not used", log.bad)
    _note(issues, Code.NO_FIX_ROWS, Severity.INFO, "records without a three-dimensional fix, not used", log.without)
    if log.signed:
        text = "the recorder's signature (G) is there; it is not verified"
        issues.append(Issue(Code.SIGNATURE_NOT_VERIFIED, Severity.INFO, text))
    clock = Clock(True, ClockSource.GNSS, 0.5, "UTC of the satellite receiver")
    if log.day is None:
        clock = Clock(False, ClockSource.NONE, _NAN, "the file has no date (HFDTE): seconds since midnight")
        issues.append(Issue(Code.UTC_UNKNOWN, Severity.WARNING, clock.note))
    track = _track(log, issues)
    return Flight(
        source=Source(source.path, source.size_bytes, source.sha256, NAME, "", _READER),
        tracks={"gnss": track} if len(track) else {},
        primary="gnss" if len(track) else "",
        clock=clock,
        completeness=Completeness.TRUNCATED if cut else Completeness.DAMAGED if log.bad else Completeness.COMPLETE,
        vehicle=Vehicle(
            model=plain(log.headers.get("GTY", ""), 60),
            firmware=plain(log.headers.get("RFW", ""), 60),
            hardware=plain(log.headers.get("FTY", ""), 60),
            serial=plain(log.recorder, 40),
        ),
        issues=tuple(issues),
        datum=HorizontalDatum.WGS84 if datum else HorizontalDatum.UNPROVEN,
    )


def _note(issues: list[Issue], code: Code, severity: Severity, text: str, lines: list[int]) -> None:
    if lines:
        issues.append(Issue(code, severity, text, lines[0], len(lines)))


def _read_lines(text: str) -> _Log:
    log = _Log()
    for number, raw in enumerate(text.removeprefix("\u00ef\u00bb\u00bf").split("\n"), 1):
        line = raw.strip()
        if line.startswith("B"):
            _read_fix(log, line, number)
        elif line.startswith("H"):
            date = _DATE.match(line)
            if date and log.day is None:
                log.day = _day(*(int(part) for part in date.groups()))
            elif header := _HEADER.fullmatch(line):
                value = header[3] or header[2]
                log.headers.setdefault(header[1].upper(), (value or header[2]).strip())
        elif line.startswith("I") and not log.extensions:
            log.extensions = [(int(a) - 1, int(b), code) for a, b, code in _EXTENSION.findall(line[3:])]
        elif line.startswith("A") and not log.recorder:
            log.recorder = line[1:]
        log.signed = log.signed or line.startswith("G")
    return log


def _day(day: int, month: int, year: int) -> datetime | None:
    try:
        return datetime(year + (1900 if year >= 80 else 2000), month, day, tzinfo=UTC)
    except ValueError:
        return None


def _read_fix(log: _Log, line: str, number: int) -> None:
    match = _B.fullmatch(line)
    if not match:
        log.bad.append(number)
        return
    hour, minute, second, lat, lat_minutes, ns, lon, lon_minutes, ew, validity, _, gnss, _ = match.groups()
    more = {code: line[begin:end] for begin, end, code in log.extensions if end <= len(line)}
    lat_deg = int(lat) + float(f"{lat_minutes[:2]}.{lat_minutes[2:]}{_digits(more.get('LAD'))}") / 60
    lon_deg = int(lon) + float(f"{lon_minutes[:2]}.{lon_minutes[2:]}{_digits(more.get('LOD'))}") / 60
    if int(hour) > 23 or int(minute) > 59 or int(second) > 59 or not (lat_deg <= 90 and lon_deg <= 180):
        log.bad.append(number)
        return
    if validity == "V" or (lat_deg < 1e-6 and lon_deg < 1e-6):
        log.without.append(number)
        return
    values = {code: float(more[code]) for code in ("FXA", "VXA", "SIU") if _digits(more.get(code))}
    at_s = int(hour) * 3600 + int(minute) * 60 + int(second)
    place = (lat_deg if ns == "N" else -lat_deg, lon_deg if ew == "E" else -lon_deg)
    log.fixes.append(_Fix(number, at_s, *place, float(gnss), values))


def _digits(text: str | None) -> str:
    return text if text and text.isdigit() and text.isascii() else ""


def _track(log: _Log, issues: list[Issue]) -> Track:
    if not log.fixes:
        issues.append(Issue(Code.NO_POSITION, Severity.WARNING, "no record is a fix"))
        return Track.empty()
    seconds = np.array([fix.second for fix in log.fixes], dtype=np.int64)
    seconds += 86_400 * np.concatenate([[0], np.cumsum(np.diff(seconds) < -_HALF_DAY_S)])
    back = np.flatnonzero(np.diff(seconds) < 0)
    _note(issues, Code.OUT_OF_ORDER, Severity.WARNING, "times run backwards; records are sorted by time",
          [log.fixes[i + 1].line for i in back.tolist()])  # fmt: skip
    order = np.argsort(seconds, kind="stable")
    again = np.concatenate([[False], np.diff(seconds[order]) == 0])
    _note(issues, Code.REPEATED_POSITION, Severity.INFO, "records that repeat the second of the one before, merged",
          [log.fixes[i].line for i in order[again].tolist()])  # fmt: skip
    rows = order[~again].tolist()
    fixes = [log.fixes[i] for i in rows]
    values = {code: np.array([fix.values.get(code, _NAN) for fix in fixes]) for code in ("FXA", "VXA", "SIU")}
    accuracy = np.where(values["FXA"] > 0, values["FXA"] / _R95_OVER_SIGMA, _NAN)
    sigma = np.where(np.isfinite(accuracy), accuracy, sigma_by_satellites(values["SIU"]))
    datum = log.headers.get("ALG", "").upper()
    frame = {"ELL": "alt_hae_m", "GEO": "alt_amsl_m"}.get(datum[-3:])
    gnss_m = np.array([fix.gnss_m for fix in fixes])
    if frame is None and gnss_m.any():
        text = "the file does not say what its satellite heights are measured from (HFALG): not used"
        issues.append(Issue(Code.HEIGHT_FRAME, Severity.WARNING, text, fixes[0].line, len(fixes)))
    fine = any(code == "LAD" for _, _, code in log.extensions)
    logged = bool(np.isfinite(accuracy).any())
    day_ns = int(log.day.timestamp()) * 1_000_000_000 if log.day else 0
    track = Track.build(
        time_ns=day_ns + seconds[rows] * 1_000_000_000,
        lat_deg=[fix.lat_deg for fix in fixes],
        lon_deg=[fix.lon_deg for fix in fixes],
        h_sigma_m=with_step(sigma, 1e-4 / 60 if fine else 1e-3 / 60),
        v_sigma_m=np.where(values["VXA"] > 0, values["VXA"] / 2, _NAN),
        offset=[fix.line for fix in fixes],
        message="B",
        h_sigma_source=SigmaSource.LOGGED if logged else SigmaSource.SATELLITES
        if np.isfinite(sigma).any() else SigmaSource.ASSUMED,
        **({frame: gnss_m} if frame else {}),
    )  # fmt: skip
    issues += holes_and_jumps(track)
    return track
