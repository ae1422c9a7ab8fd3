"""The terminal summary: what a pilot needs in five lines, then the findings. Plain text, colour only on request."""

from __future__ import annotations

import re
import textwrap
from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate
from math import isfinite
from unicodedata import east_asian_width

from dronecheck.flight import Flight, SigmaSource
from dronecheck.geofence.activation.daylight import daylight
from dronecheck.geofence.quantities import duration, metres, plural
from dronecheck.geofence.result import Finding, FindingKind, Nearest, Place, Reason, Result, Thresholds, Verdict
from dronecheck.issues import Code, Issue, Severity
from dronecheck.report.text.headline import CURE, check_line, daylight_line, finding_title, headline
from dronecheck.report.text.times import instant, iso_utc
from dronecheck.report.text.translate import Words, words
from dronecheck.safe.io import plain

__all__ = ["Facts", "facts", "small_print", "summary"]

_ANSI = {Verdict.VIOLATION: "\x1b[1;31m", Verdict.INCONCLUSIVE: "\x1b[1;33m", Verdict.CLEAR: "\x1b[1;32m"}
_RESET = "\x1b[0m"
_MAX_FINDINGS = 12
_LONGEST = 4_000
_ONE_LINE = 1_000_000  # the width of a page on which nothing is wrapped
_BINARY = ("ulog", "dataflash", "tlog", "gpx", "dji_txt")
_OF_ZONES = (Code.NO_AREA, *(code for code in Code if code.name.startswith("ZONE_")))
_UNSPACED = r"\u2e80-\ua4cf\uf900-\ufaff\uff00-\uffef"  # Chinese letters and signs; Korean has spaces
_UNITS = re.compile(rf" +|（?(?:[{_UNSPACED}]|[^ {_UNSPACED}]+)[，。；：、）,.;:)]*")  # no sign begins a line
_PERMISSION = {
    "border": "Unless authorised; permission not checked.",
    "prohibited": "Prohibited; no authorisation supplied.",
}
_ACCURACY = {
    SigmaSource.LOGGED: "as logged",
    SigmaSource.DOP: "assumed from the dilution of precision",
    SigmaSource.SATELLITES: "assumed from the satellites in view",
    SigmaSource.MIXED: "partly logged, partly assumed",
    SigmaSource.ASSUMED: f"assumed, {Thresholds().assumed_h_sigma_m:g} m",
}


@dataclass(frozen=True, slots=True)
class _Page:
    width: int
    colour: bool
    start_ns: int
    last_row: int
    utc_known: bool
    words: Words

    def text(self, text: str, indent: str = "", hanging: str | None = None) -> list[str]:
        shown = plain(self.words(text), _LONGEST)  # names come from files: nothing of them may steer a terminal
        hanging = indent if hanging is None else hanging
        if not shown.isascii():
            return _wrapped(shown, self.width, indent, hanging)
        return textwrap.wrap(
            shown, self.width, initial_indent=indent, subsequent_indent=hanging, break_on_hyphens=False
        )

    def clock(self, time_ns: int) -> str:
        """UTC time of day, or seconds since the first fix where UTC is unknown."""
        return instant(time_ns, self.start_ns, self.utc_known)

    def paint(self, lines: list[str], verdict: Verdict) -> list[str]:
        return [f"{_ANSI[verdict]}{line}{_RESET}" for line in lines] if self.colour else lines


def _wrapped(text: str, width: int, indent: str, hanging: str) -> list[str]:
    """Text in lines of so many columns, which Chinese and Korean letters take two of.

    Lines break at spaces; between Chinese letters, which have none; and within what is longer than a line.
    """
    lines, line = list[str](), indent
    for unit in _UNITS.findall(text):
        if _columns(line + unit.rstrip()) > width and line.strip():
            lines.append(line.rstrip())
            line = hanging + unit.lstrip()
        else:
            line += unit
        while _columns(line.rstrip()) > width:
            head = bisect_right(list(accumulate(map(_columns, line))), width)
            lines.append(line[:head])
            line = hanging + line[head:]
    return [*lines, line.rstrip()] if line.strip() else lines


def _columns(text: str) -> int:
    return sum(2 if east_asian_width(char) in "WF" else 1 for char in text)


def summary(flight: Flight, result: Result, *, width: int = 80, colour: bool = False) -> str:
    """All but the small print, ending in a newline; no line longer than `width`."""
    page = _page_of(flight, result, width, colour)
    lines = page.paint(page.text(headline(result, page.words)), result.verdict)
    lines += page.text(_log_line(flight), "  ")
    light = daylight(flight.track, flight.clock)
    lines += page.text(daylight_line(light), "  ") if light else []
    for check in result.checks:
        question, answer, note = (page.words(w) for w in (check.question.value.capitalize(), *check_line(check)))
        lines += page.text(f"{question}{' ' * max(1, 10 - _columns(question))}{answer}. {note}", "  ", " " * 12)
    for number, finding in enumerate(result.findings[:_MAX_FINDINGS], 1):
        lines += ["", *_finding(page, number, finding)]
    if len(result.findings) > _MAX_FINDINGS:
        lines += ["", *page.text(f"... and {len(result.findings) - _MAX_FINDINGS} more findings (--json - lists all)")]
    lines += _nearest(page, result)
    lines += _notes(page, result, _unit_of(flight))
    return "\n".join(lines) + "\n"


def small_print(flight: Flight, result: Result, *, width: int = 80) -> str:
    """Whose borders these are, and that a translation is unreviewed; of many logs it is said once. Empty or lines."""
    page = _page_of(flight, result, width, False)
    lines: list[str] = []
    if result.territories or any(f.kind is FindingKind.BORDER_CROSSING for f in result.findings):
        licence = (result.zone_sources[0].licence or "").partition(": ")[2]
        lines += page.text(f"Names as in the source, no position taken. Borders {licence}.")
    if result.rules.language != "en":
        lines += page.text("Unreviewed translation; the English text holds.")
    return "".join(f"{line}\n" for line in lines)


def _page_of(flight: Flight, result: Result, width: int, colour: bool) -> _Page:
    start_ns = int(flight.track.time_ns[0]) if len(flight.track) else 0
    say = words(result.rules.language)
    width = width if width == _ONE_LINE else max(40, min(width, 100))
    return _Page(width, colour, start_ns, len(flight.track) - 1, flight.clock.utc_known, say)


def _unit_of(flight: Flight) -> str:
    """What places in the log are counted in."""
    return "byte" if flight.source.format in _BINARY and flight.source.dialect != "text" else "line"


@dataclass(frozen=True, slots=True)
class Facts:
    """The summary's own sentences, unwrapped, for other reports: they cannot say anything else."""

    log: str
    checks: tuple[tuple[str, str, str], ...]  # question, answer, note
    findings: tuple[tuple[str, ...], ...]  # title first
    nearest: tuple[str, ...]
    issues: tuple[tuple[str, str, str], ...]  # severity, code, message


def facts(flight: Flight, result: Result) -> Facts:
    """All findings, approaches and issues in the words of `summary`, none left out."""
    page, unit = _page_of(flight, result, _ONE_LINE, False), _unit_of(flight)
    say = page.words
    answers = [(c.question.value, check_line(c)) for c in result.checks]
    return Facts(
        say(_log_line(flight)),
        tuple((say(question.capitalize()), say(answer), say(note)) for question, (answer, note) in answers),
        tuple(tuple(s.strip() for s in _finding(page, n, f)) for n, f in enumerate(result.findings, 1)),
        tuple(say(_nearest_text(page, near)) for near in result.nearest),
        tuple((i.severity.value, i.code.value, _issue_text(i, unit)) for i in result.issues),
    )


def _log_line(flight: Flight) -> str:
    track, clock = flight.track, flight.clock
    source = flight.source
    kind = f"{source.format} {source.dialect}".strip()
    count = plural(len(track), "fix", "fixes")
    parts = [f"{plain(source.path.name)} ({kind}, {flight.completeness.value}): {count}"]
    if len(track):
        seconds = int(track.time_ns[-1] - track.time_ns[0]) / 1e9
        parts.append(f" in {duration(seconds)}")
        if clock.utc_known:
            start = (iso_utc(int(track.time_ns[0])) or "")[:19].replace("T", " ")
            sigma = f" ±{clock.sigma_s:.1f} s" if isfinite(clock.sigma_s) else ""
            parts.append(f" from {start} UTC (clock: {clock.source.value}{sigma})")
        else:
            parts.append("; UTC unknown, times count from the first fix")
        parts.append(f"; accuracy {_ACCURACY[track.h_sigma_source]}")
    return "".join(parts)


def _place(place: Place) -> str:
    ns, ew = "NS"[place.lat_deg < 0], "EW"[place.lon_deg < 0]
    return f"{abs(place.lat_deg):.5f} {ns} {abs(place.lon_deg):.5f} {ew}"


def _open_end(page: _Page, finding: Finding, *, is_entry: bool) -> str:
    """Why there is no instant: the log begins or ends there, or the positions jump."""
    row = (finding.rows[0][0] if is_entry else finding.rows[-1][1]) if finding.rows else None
    if row is not None and 0 < row < page.last_row:
        return "at a jump of the positions, faster than anything flies"
    return "before the log starts" if is_entry else "after the log ends"


def _finding(page: _Page, number: int, finding: Finding) -> list[str]:
    title = page.words(finding_title(finding))
    lines = page.paint(page.text(f"{number} {title}", "", "  "), finding.verdict)
    inside = Reason.NOT_ENTERED_ON_THE_LINE not in finding.reasons
    ends_of = ("in", "out") if inside else ("from", "to")
    ends = (
        (ends_of[0], finding.enter_ns, finding.enter_sigma_s, finding.entry),
        (ends_of[1], finding.exit_ns, finding.exit_sigma_s, finding.exit),
    )
    for word, time_ns, sigma_s, place in ends:
        if time_ns is None:
            end = _open_end(page, finding, is_entry=word == ends_of[0])
            lines += page.text(f"{word:<5}{end}", "    ")
            continue
        sigma = f" ±{sigma_s:.1f} s" if sigma_s is not None and isfinite(sigma_s) else ""
        where = f"  {_place(place)}" if place else ""
        lines += page.text(f"{word:<5}{page.clock(time_ns)}{sigma}{where}", "    ")
    text = finding.explanation
    if finding.probability is not None and finding.sigma_m is not None:
        side = "above" if finding.kind is FindingKind.ALTITUDE_LIMIT else "inside"
        text += f"; sigma {metres(finding.sigma_m)}, P({side}) {finding.probability:.3f}"
    lines += page.text(text + ".", "    ")
    if finding.verdict is Verdict.VIOLATION and finding.kind is not FindingKind.ALTITUDE_LIMIT:
        kind = finding.zone.kind if finding.zone else ""
        lines += page.text(_PERMISSION.get(kind, "Authorisation not supplied."), "    ")
    for reason in finding.reasons:
        if finding.verdict is Verdict.INCONCLUSIVE and reason in CURE:
            lines += page.text(f"Open because {CURE[reason]}.", "    ")
    if finding.evidence:
        first, last = finding.evidence[0], finding.evidence[-1]
        lines += page.text(
            f"Evidence: {first.track} rows {first.row} to {last.row} ({first.message}, at {first.offset} to "
            f"{last.offset} in the file).",
            "    ",
        )
    return lines


def _nearest(page: _Page, result: Result) -> list[str]:
    lines = []
    for near in result.nearest[:3]:
        lines += page.text(_nearest_text(page, near), "  ", "    ")
    return ["", page.words("Nearest"), *lines] if lines else []


def _nearest_text(page: _Page, near: Nearest) -> str:
    side = "above or below" if near.vertical else "from"
    where = f" at {_place(near.place)}" if near.place else ""
    text = f"{metres(near.distance_m)} {side} {near.zone.name}, {page.clock(near.time_ns)}{where}"
    return text if near.band_m is None else f"{text} (decidable beyond {metres(near.band_m)})"


def _issue_text(issue: Issue, unit: str) -> str:
    """The message with its count (unless it says it) and its first place."""
    text = plain(issue.message)
    said = str(issue.count) in text or f"{issue.count:,}" in text
    extra = [f"{issue.count} times"] if issue.count > 1 and not said else []
    if issue.offset is not None and issue.code not in _OF_ZONES:
        extra.append(f"{'first ' if issue.count > 1 else ''}at {unit} {issue.offset}")
    return f"{text} ({', '.join(extra)})" if extra else text


def _notes(page: _Page, result: Result, unit: str) -> list[str]:
    shown = [i for i in result.issues if i.severity is not Severity.INFO]
    quiet = len(result.issues) - len(shown)
    lines = []
    for issue in shown:
        lines += page.text(f"{issue.severity.value} {issue.code.value}: {_issue_text(issue, unit)}", "  ", "    ")
    if quiet:
        lines += page.text(f"{quiet} more for information (--json - lists all)", "  ")
    return ["", page.words("Notes"), *lines] if lines else []
