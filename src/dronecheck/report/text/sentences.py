"""The sentences of a report, each whole and on one line: terminal, page and document lay these out, and no others."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil, isfinite

import numpy as np

from dronecheck.flight import Clock, ClockSource, Completeness, Flight, RecordHeader, SigmaSource, Statement
from dronecheck.geofence.result import (
    OF_PLACES,
    Check,
    Evidence,
    Finding,
    FindingKind,
    Nearest,
    Place,
    Reason,
    Result,
    Verdict,
)
from dronecheck.geofence.settings import Thresholds
from dronecheck.issues import Code, Issue
from dronecheck.places import LocalTime
from dronecheck.quantities import COVERAGE_95, coordinates, duration, film_clock, share_95
from dronecheck.readers import offset_unit
from dronecheck.report.text.facts import headline as facts
from dronecheck.report.text.headline import check_line, finding_title
from dronecheck.report.text.log.formats import format_words
from dronecheck.report.text.log.integrity import IntegrityTold
from dronecheck.report.text.log.notes import gravity_words, kind_of_note
from dronecheck.report.text.rules.told import PackTold, rules_told, unknown_line
from dronecheck.report.text.words import ELSEWHERE, TERMINAL, Words
from dronecheck.report.views.files import file_names, log_title, rows_of_files
from dronecheck.report.views.logged import LoggedEvent, gravest, warnings_of
from dronecheck.safe.io import plain
from dronecheck.timebase import instant, iso_utc

__all__ = ["Sentences", "Told", "clock_text", "end_of_log", "small_print"]

_LONGEST = 4_000
_MOST_NAMED = 6
_OF_ZONES = (Code.NO_AREA, *(code for code in Code if code.name.startswith("ZONE_")))
_PERMISSION_WORDS = {
    "border": "Unless authorised; permission not checked.",
    "prohibited": "Prohibited; no authorisation supplied.",
    "": "Authorisation not supplied.",
}
_ACCURACY_WORDS = {
    SigmaSource.LOGGED: "accuracy as logged by the receiver",
    SigmaSource.ESTIMATED: "accuracy as estimated by the autopilot",
    SigmaSource.DOP: "accuracy estimated from the dilution of precision",
    SigmaSource.SATELLITES: "accuracy estimated from the satellites in view",
    SigmaSource.ESTIMATE: "an estimate without satellite fixes, accuracy unknown, taken as {estimate_m:g} m",
    SigmaSource.MIXED: "accuracy partly logged, partly assumed",
    SigmaSource.ASSUMED: "accuracy assumed, {sigma_m:g} m",
}
_CLOCK_WORDS = {
    ClockSource.GNSS: "satellite time",
    ClockSource.VEHICLE: "the clock of the vehicle",
    ClockSource.EXPORT: "the app that exported it",
    ClockSource.HOST: "the clock of the phone or ground station",
    ClockSource.HEADER: "the header of the record",
    ClockSource.FILE_NAME: "the file's name",
    ClockSource.USER: "as given by the user",
    ClockSource.NONE: "none",
}
_END_OF_LOG_WORDS = {  # where the file ends, and whether the log shows the landing
    (Completeness.COMPLETE, True): "file undamaged, landing recorded",
    (Completeness.COMPLETE, False): "file undamaged, landing not recorded",
    (Completeness.TRUNCATED, True): "cut short, landing recorded",
    (Completeness.TRUNCATED, False): "cut short, landing not recorded",
    (Completeness.DAMAGED, True): "damaged, landing recorded",
    (Completeness.DAMAGED, False): "damaged, landing not recorded",
}
_P_WORDS = {  # above a limit or inside an outline; as good as certain, as good as excluded, anything between
    True: (
        "if the log is genuine, that it was above is as good as certain (P(above) > 0.999, sigma {sigma_m})",
        "if the log is genuine, that it was above is as good as excluded (P(above) < 0.001, sigma {sigma_m})",
        "if the log is genuine, the errors leave it {percent:.0f} % likely that it was above (sigma {sigma_m})",
    ),
    False: (
        "if the log is genuine, that it was inside is as good as certain (P(inside) > 0.999, sigma {sigma_m})",
        "if the log is genuine, that it was inside is as good as excluded (P(inside) < 0.001, sigma {sigma_m})",
        "if the log is genuine, the errors leave it {percent:.0f} % likely that it was inside (sigma {sigma_m})",
    ),
}
_NOW_WORDS = {
    (Verdict.VIOLATION, TERMINAL): "What now: keep the original file as it is. Was it authorised? --authorised FILE "
    "holds the flight against what was granted. Whom to tell, the law of the place says.",
    (Verdict.VIOLATION, ELSEWHERE): "What now: keep the original file as it is. Was it authorised? The flight can be "
    "held against what was granted. Whom to tell, the law of the place says.",
    (Verdict.INCONCLUSIVE, TERMINAL): "What now: keep the original file as it is; what would settle it stands with "
    "each open answer. Until then it is not clear.",
    (Verdict.INCONCLUSIVE, ELSEWHERE): "What now: keep the original file as it is; what would settle it stands with "
    "each open answer. Until then it is not clear.",
}
_END_WORDS = {  # whether it was inside, whether it is the entry: an instant; the log's end; a jump; hidden
    (True, True): (
        "in   {when}",
        "already inside when the record begins",
        "in   at a jump of the positions, faster than anything flies",
        "in   left out",
    ),
    (True, False): (
        "out  {when}",
        "still inside when the record ends",
        "out  at a jump of the positions, faster than anything flies",
        "out  left out",
    ),
    (False, True): (
        "from {when}",
        "from the beginning of the record",
        "from at a jump of the positions, faster than anything flies",
        "from left out",
    ),
    (False, False): (
        "to   {when}",
        "to   the end of the record",
        "to   at a jump of the positions, faster than anything flies",
        "to   left out",
    ),
}
_EVIDENCE_WORDS = (  # in the one file there is; in one of several; in two of them
    {
        "byte": "Evidence: rows {first} to {last} of {track!t} (records {message}, bytes {begin} to {end}).",
        "line": "Evidence: rows {first} to {last} of {track!t} (records {message}, lines {begin} to {end}).",
    },
    {
        "byte": "Evidence: rows {first} to {last} of {track!t} (records {message}, bytes {begin} to {end} of {file}).",
        "line": "Evidence: rows {first} to {last} of {track!t} (records {message}, lines {begin} to {end} of {file}).",
    },
    {
        "byte": "Evidence: rows {first} to {last} of {track!t} (records {message}, byte {begin} of {file} to byte "
        "{end} of {other}).",
        "line": "Evidence: rows {first} to {last} of {track!t} (records {message}, line {begin} of {file} to line "
        "{end} of {other}).",
    },
)
_PLACE_WORDS = {  # what a place in the log is counted in, and whether it is the first of several
    ("byte", False): "at byte {offset}",
    ("byte", True): "first at byte {offset}",
    ("line", False): "at line {offset}",
    ("line", True): "first at line {offset}",
}


@dataclass(frozen=True)
class Sentences:
    """What is said of one flight, in the words of one report. Names come from files: nothing of them may steer."""

    flight: Flight
    result: Result
    say: Words
    local: LocalTime | None = None  # the time of day where the flight was, told beside UTC

    def log(self) -> str:
        """Return what the log is: name, format, fixes, time, clock, accuracy."""
        say, track, clock, source = self.say, self.flight.track, self.flight.clock, self.flight.source
        text = say.plural(
            "{name} ({kind}, {completeness}): {count} fix",
            "{name} ({kind}, {completeness}): {count} fixes",
            len(track),
            name=plain(log_title(self.flight)),
            kind=format_words(source, say),
            completeness=end_of_log(self.flight, self.result, say),
        )
        if self.flight.header is not None and not len(track):
            return _shown(text + self._by_header(self.flight.header))
        if not len(track):
            return _shown(text)
        if track.duration_s is not None:
            text += say(" in {duration_s}", duration_s=track.duration_s)
        if clock.utc_known and track.time_at(0) is not None:
            start = (iso_utc(track.time_at(0)) or "")[:19].replace("T", " ")
            text += say(" from {start} UTC, time from: {clock}", start=start, clock=clock_text(clock, say))
        elif not clock.utc_known:
            text += say.between + say("UTC unknown, times count from the first fix")
        if len(self.result.flights) > 1:
            text += say.between + say("{count} flights, judged one by one", count=len(self.result.flights))
        if self.flight.more_sources:
            names = file_names(self.flight)
            listed = say.listed([*names[:_MOST_NAMED], *(["..."] if len(names) > _MOST_NAMED else [])])
            text += say.between + say("one flight of {count} files: {names}", count=len(names), names=listed)
        figures = {"sigma_m": Thresholds().assumed_h_sigma_m, "estimate_m": float(track.h_sigma_m[0])}
        accuracy = say(_ACCURACY_WORDS[track.h_sigma_source], **figures)
        return _shown(text + say.between + accuracy)

    def _by_header(self, header: RecordHeader) -> str:
        """Return what the header says of time, as `log` does of a track."""
        say, clock = self.say, self.flight.clock
        text = say(" (by its header {duration_s})", duration_s=header.duration_s) if isfinite(header.duration_s) else ""
        if header.start_ns is not None and clock.utc_known:
            start = (iso_utc(header.start_ns) or "")[:19].replace("T", " ")
            text += say(" from {start} UTC, time from: {clock}", start=start, clock=clock_text(clock, say))
        return text

    def header(self) -> list[tuple[str, str]]:
        """Return name and value of each figure of a header that is all there is; none of other logs."""
        say, header = self.say, self.flight.header
        if header is None or len(self.flight.track):
            return []
        rows = []
        if isfinite(header.lat_deg):
            rows.append((say("Start, by its header"), coordinates(header.lat_deg, header.lon_deg)))
        if header.within_m is not None and header.below_m is not None:
            bounds = say(
                "{within_m:.0f} m of the start, {below_m:.0f} m above take-off",
                within_m=ceil(header.within_m),
                below_m=ceil(header.below_m),
            )
            rows.append((say("Stayed within, by its header"), bounds))
        places = say.listed(coordinates(lat, lon) for lat, lon in header.pictures)
        return [*rows, *([(say("Pictures, by its header"), places)] if places else [])]

    def checks(self) -> list[tuple[str, str, str]]:
        """Return each question, its answer and what was looked at."""
        answers = [(c.question.value.capitalize(), *check_line(self._asked(c), self.say)) for c in self.result.checks]
        return [(self.say(question), answer, _shown(looked_at)) for question, answer, looked_at in answers]

    def _asked(self, check: Check) -> Check:
        """Return a check as it is told: where only facts are, whose territory it is leaves nothing open."""
        is_told = (
            self.say.facts_only and check.verdict is Verdict.INCONCLUSIVE and facts.is_told(self.result, check.question)
        )
        return replace(check, verdict=Verdict.CLEAR) if is_told else check

    def finding(self, number: int, finding: Finding) -> list[str]:
        """Return one finding in sentences, its title first."""
        say = self.say
        title = f"{number} {finding_title(finding, say)}"
        if len(self.result.flights) > 1:
            title += say(" (flight {number})", number=finding.flight + 1)
        is_flown = Reason.HEADER_ONLY not in finding.reasons
        lines = [title, *([self._end(finding, True), self._end(finding, False)] if is_flown else [])]
        lines.append(say.sentence(say.between.join(filter(None, [say.clauses(finding.clauses), self.chance(finding)]))))
        if finding.verdict is Verdict.VIOLATION and finding.kind in OF_PLACES and not say.facts_only:
            kind = finding.zone.kind if finding.zone else ""
            lines.append(say(_PERMISSION_WORDS.get(kind, _PERMISSION_WORDS[""])))
        elif finding.verdict is Verdict.VIOLATION and finding.kind in OF_PLACES:
            lines.append(say("Whether there was leave to be there is not in the record."))
        if finding.verdict is Verdict.INCONCLUSIVE:
            reasons = [r for r in finding.reasons if not (say.facts_only and facts.is_inside(finding))]
            lines += [say("Open because {why}.", why=why) for why in filter(None, map(say.why_open, reasons))]
        if finding.evidence:
            lines.append(self._evidence(finding.evidence[0], finding.evidence[-1]))
        return list(map(_shown, lines))

    def what_now(self) -> str:
        """Return what whoever holds the record does next; "" where nothing was found and nothing is open."""
        if self.result.verdict is Verdict.CLEAR:
            return ""
        if self.say.facts_only:
            return self.say("What now: keep the original file as it is; a copy that was opened and saved proves less.")
        return self.say(_NOW_WORDS[self.result.verdict, self.say.surface])

    def chance(self, finding: Finding) -> str:
        """Return how likely the errors leave it, as a clause; "" where nothing tells."""
        if finding.probability is None or finding.sigma_m is None:
            return ""
        certain, excluded, between = _P_WORDS[finding.kind not in OF_PLACES]
        p = finding.probability
        template = certain if p > 0.999 else excluded if p < 0.001 else between
        return self.say(template, sigma_m=finding.sigma_m, percent=100 * p)

    def _evidence(self, first: Evidence, last: Evidence) -> str:
        names = file_names(self.flight)
        where = _EVIDENCE_WORDS[0 if len(names) == 1 else 1 if first.file == last.file else 2]
        template = where[self._unit(first.file)]
        return self.say(
            template, track=first.track, first=first.row, last=last.row, message=first.message, begin=first.offset,
            end=last.offset, file=names[first.file], other=names[last.file],
        )  # fmt: skip

    def nearest(self, near: Nearest) -> str:
        """Return a closest approach in a sentence."""
        say = self.say
        if not isfinite(near.distance_m):
            return _shown(say("{name}: how near is left out", name=near.zone.name))
        when = say("at no known instant") if near.time_ns is None else self._clock(near.time_ns)
        base = "{distance_m} above or below {name}, {when}" if near.vertical else "{distance_m} from {name}, {when}"
        text = say(base, distance_m=near.distance_m, name=near.zone.name, when=when)
        place = _place(near.place, self._fix_sigma_m(near.time_ns)) if near.place else ""
        text += say(" at {place}", place=place) if place else ""
        return _shown(text + (say(" (known to {band_m})", band_m=near.band_m) if near.band_m is not None else ""))

    def issue(self, issue: Issue) -> str:
        """Return a note with its count (unless it says it) and its first place."""
        text = plain(self.say.message(issue))
        said = str(issue.count) in text or f"{issue.count:,}" in text
        extra = [self.say("{count} times", count=issue.count)] if issue.count > 1 and not said else []
        if issue.offset is not None and issue.code not in _OF_ZONES:
            extra.append(self.say(_PLACE_WORDS[self._unit(issue.file or 0), issue.count > 1], offset=issue.offset))
        text = f"{text} ({self.say.listed(extra)})" if extra else text
        return self._in_file(issue.file, text)

    def integrity(self) -> IntegrityTold:
        """Return what tests of the log against itself found."""
        return IntegrityTold.of(self.flight.whole_integrity, self.say, self._statement_place)

    def _statement_place(self, statement: Statement) -> str:
        """Return where a statement's first record stands."""
        places = statement.records or tuple(first for first, _ in statement.spans)
        if not places:
            return self._in_file(statement.file, self.say("the whole file"))
        text = self.say(_PLACE_WORDS[self._unit(statement.file or 0), len(places) > 1], offset=places[0])
        return self._in_file(statement.file, text)

    def _in_file(self, file: int | None, text: str) -> str:
        """Return a text about one of several files with its name."""
        if file is None or not self.flight.more_sources:
            return text
        return self.say("{file}: {text}", file=file_names(self.flight)[file], text=text)

    def said_by_log(self, logged: tuple[LoggedEvent, ...]) -> str:
        """Return how often the log itself warns, and the gravest of it; "" where it does not."""
        worst = gravest(logged)
        if worst is None:
            return ""
        count = sum(number for _, number in warnings_of(logged))
        text = self.say.plural(
            "The log itself warns once, {where}: {text}",
            "The log itself warns {count} times, at its gravest {where}: {text}",
            count,
            where=self._where(worst),
            text=worst.text,
        )
        return _shown(text)

    def logged(self, logged: tuple[LoggedEvent, ...]) -> list[tuple[str, str, str]]:
        """Return each warning of the log: when and where it is first said, how grave it is, and its text."""
        rows = []
        for each, count in warnings_of(logged):
            times = f" ({self.say('{count} times', count=count)})" if count > 1 else ""
            gravity = gravity_words(each.event.gravity, self.say)
            rows.append((_shown(self._where(each)), gravity, _shown(each.text + times)))
        return rows

    def _where(self, logged: LoggedEvent) -> str:
        when = self._clock(logged.event.time_ns)
        if not logged.place:
            return when
        place = _place(logged.place, self._fix_sigma_m(logged.event.time_ns))
        return self.say("{when} at {place}", when=when, place=place)

    def _unit(self, file: int) -> str:
        """Return the name of what places in a file of the log are counted in."""
        return offset_unit(self.flight.sources[file])

    def _clock(self, time_ns: int, sigma_s: float | None = None) -> str:
        """Write the UTC time of day, or seconds since the first fix where UTC is unknown."""
        start_ns = int(self.flight.track.time_ns[0]) if len(self.flight.track) else 0
        text = instant(time_ns, start_ns, self.flight.clock.utc_known, sigma_s)
        if self.local is None or not self.flight.clock.utc_known:
            return text
        there = instant(time_ns + round(self.local.ahead.total_seconds()) * 10**9, start_ns, True, sigma_s)
        clock, utc, error = text.partition(" UTC")
        return self.say("{clock} UTC ({local} local time)", clock=clock, local=there.partition(utc)[0]) + error

    def _fix_sigma_m(self, time_ns: int | None) -> float | None:
        """Return the sigma (m) of the first fix from an instant on; of the worst where the instant is not known."""
        sigma_m = self.flight.track.h_sigma_m
        known = sigma_m[np.isfinite(sigma_m)]
        if not len(known):
            return None
        row = None if time_ns is None else int(np.searchsorted(self.flight.track.time_ns, time_ns))
        here = known.max() if row is None else sigma_m[min(row, len(sigma_m) - 1)]
        return float(here) if np.isfinite(here) else float(known.max())

    def _end(self, finding: Finding, is_entry: bool) -> str:
        """Return when and where it was entered or left; or that the log begins or ends there, or the positions jump."""
        f = finding
        time_ns, sigma_s, place, sigma_m, row = (
            (f.enter_ns, f.enter_sigma_s, f.entry, f.entry_sigma_m, f.rows[0][0] if f.rows else None)
            if is_entry
            else (f.exit_ns, f.exit_sigma_s, f.exit, f.exit_sigma_m, f.rows[-1][1] if f.rows else None)
        )
        error = f" ±{self.say.units.length(COVERAGE_95 * sigma_m)}" if sigma_m is not None else ""
        where = [f"{_place(place, sigma_m)}{error}"] if place else []
        share = share_95(sigma_m if place else None, sigma_s)
        inside = Reason.NOT_ENTERED_ON_THE_LINE not in finding.reasons
        at_instant, at_end, at_jump, left_out = _END_WORDS[inside, is_entry]
        if ("entry" if is_entry else "exit") in finding.hidden:
            return self.say(left_out)
        if time_ns is None and finding.duration_s is None and place:
            told = self.say.listed([self.say("at no known instant"), *where])
            return self.say(at_instant, when=f"{told}{share}")
        if time_ns is None:
            return self.say(at_jump if row is not None and 0 < row < len(self.flight.track) - 1 else at_end)
        when = [self._clock(time_ns, sigma_s), *self._in_film(row), *where]
        return self.say(at_instant, when=f"{self.say.listed(when)}{share}")

    def _in_film(self, row: float | None) -> list[str]:
        """Return where in which film a place between two rows stands; nothing of other logs."""
        film_s = self.flight.track.film_s
        if row is None or not len(film_s):
            return []
        first = min(int(row), max(len(film_s) - 2, 0))
        begin_s, end_s = (float(film_s[at]) for at in (first, min(first + 1, len(film_s) - 1)))
        at_s = begin_s + (row - first) * (end_s - begin_s)
        if not isfinite(at_s) or end_s < begin_s:  # between two films
            return []
        names = file_names(self.flight)
        if len(names) == 1:
            return [self.say("at {minute} of the film", minute=film_clock(at_s))]
        file = next((n for n, (_, end) in enumerate(rows_of_files(self.flight)) if row < end), len(names) - 1)
        return [self.say("at {minute} of {file}", minute=film_clock(at_s), file=names[file])]


@dataclass(frozen=True, slots=True)
class Told:
    """Hold all sentences of a flight, for the templates."""

    log: str
    checks: list[tuple[str, str, str]]
    findings: list[list[str]]
    nearest: list[str]
    issues: list[tuple[str, str]]  # what kind of note, message
    packs: list[PackTold]
    no_rules: str
    logged: list[tuple[str, str, str]]  # when and where, gravity, text
    integrity: IntegrityTold

    @classmethod
    def of(cls, told: Sentences, logged: tuple[LoggedEvent, ...] = ()) -> Told:
        """Make all sentences, nothing left out."""
        result = told.result
        return cls(
            told.log(),
            told.checks(),
            [told.finding(number, finding) for number, finding in enumerate(result.findings, 1)],
            [told.nearest(near) for near in result.nearest],
            [(kind_of_note(issue, told.say), told.issue(issue)) for issue in result.issues],
            rules_told(result.by_rules, told.say),
            unknown_line(result.by_rules, told.say),
            told.logged(logged),
            told.integrity(),
        )


def clock_text(clock: Clock, say: Words) -> str:
    """Return where a log's UTC comes from, and its error: satellite time ±0.2 s (95 %)."""
    error = f" ±{duration(COVERAGE_95 * clock.sigma_s)}" if isfinite(clock.sigma_s) else ""
    return f"{say(_CLOCK_WORDS[clock.source])}{error}{share_95(clock.sigma_s)}"


def end_of_log(flight: Flight, result: Result, say: Words) -> str:
    """Return how the log ends: whole, cut short or damaged, and whether it shows the landing."""
    return say(_END_OF_LOG_WORDS[flight.completeness, result.landing_recorded])


def small_print(result: Result, say: Words) -> list[str]:
    """Return whose borders these are, and that a translation is unreviewed; of many logs it is said once."""
    lines: list[str] = []
    if result.territories or any(f.kind is FindingKind.BORDER_CROSSING for f in result.findings):
        attribution = result.borders.attribution or ""
        names = say("Names as in the source, no position taken. Borders {attribution}.", attribution=attribution)
        lines.append(_shown(names))
    if say.language != "en":
        lines.append(say("Unreviewed translation; the English text holds."))
    return lines


def _shown(text: str) -> str:
    return plain(text, _LONGEST)


def _place(place: Place, sigma_m: float | None) -> str:
    return coordinates(place.lat_deg, place.lon_deg, sigma_m)
