"""The terminal summary: what a pilot needs in five lines, then the findings. Plain text, colour only on request."""

from __future__ import annotations

from dronecheck.flight import Flight, Track
from dronecheck.geofence.activation.daylight import daylight
from dronecheck.geofence.answers.by_rules import RuleOutcome
from dronecheck.geofence.result import Result
from dronecheck.issues import Code, Severity
from dronecheck.report.terminal.lines import Lines, columns
from dronecheck.report.text import sentences
from dronecheck.report.text.around.local_time import local_time_line, local_time_of
from dronecheck.report.text.headline import daylight_line, headline
from dronecheck.report.text.log.notes import is_routine, kind_of_note
from dronecheck.report.text.rules.told import in_the_light, rules_told, unknown_line
from dronecheck.report.text.sentences import Sentences
from dronecheck.report.text.words import TERMINAL, words_of
from dronecheck.report.views.logged import LoggedEvent

__all__ = ["small_print", "summary"]

_MAX_FINDINGS = 12
_MAX_STATEMENTS = 3


def summary(
    flight: Flight,
    result: Result,
    *,
    logged: tuple[LoggedEvent, ...] = (),
    shown: Track | None = None,
    nearby: tuple[str, ...] = (),
    hiding_note: str = "",
    facts_only: bool = False,
    width: int = 80,
    colour: bool = False,
) -> str:
    """Return all but the small print, ending in a newline; no line longer than `width`.

    `logged` is what may be told of the log's own words, `shown` the fixes whose places may be told (None: all),
    `nearby` says which aerodromes are near and where official zones are, `hiding_note` what is left out.
    """
    page = Lines(max(40, min(width, 100)), colour and not facts_only)  # the colours are those of verdicts
    told_track = flight.track if shown is None else shown
    local = local_time_of(told_track, flight.clock)
    told = Sentences(flight, result, words_of(result.settings, TERMINAL, facts_only=facts_only), local)
    say = told.say
    lines = page.paint(page.text(headline(result, say)), result.verdict)
    lines += page.text(told.log(), "  ")
    light = daylight(told_track, flight.clock)
    of_day = [daylight_line(light, say) if light else "", local_time_line(local, told_track, say)]
    lines += page.text(say.sentences(filter(None, of_day)), "  ") if any(of_day) else []
    for question, answer, looked_at in told.checks():
        lines += page.text(
            f"{question}{' ' * max(1, 10 - columns(question))}{say.sentences([say.sentence(answer), looked_at])}",
            "  ",
            " " * 12,
        )
    lines += [line for text in nearby if text for line in page.text(text, "  ", "    ")]
    lines += _rules(page, told)
    lines += _integrity(page, told)
    for number, finding in enumerate(result.findings[:_MAX_FINDINGS], 1):
        title, *rest = told.finding(number, finding)
        lines += ["", *page.paint(page.text(title, "", "  "), finding.verdict)]
        for text in rest:
            lines += page.text(text, "    ")
    if (more := len(result.findings) - _MAX_FINDINGS) > 0:
        lines += ["", *page.text(say("... and {count} more findings (--json - lists all)", count=more))]
    now = told.what_now()
    lines += ["", *page.text(now)] if now else []
    near = [line for each in result.nearest[:3] for line in page.text(told.nearest(each), "  ", "    ")]
    lines += ["", say("Nearest"), *near] if near else []
    said = told.said_by_log(logged)
    lines += ["", *page.text(said, "", "  ")] if said else []
    lines += _notes(page, told)
    lines += page.text(hiding_note) if hiding_note else []
    return "\n".join(lines) + "\n"


def small_print(result: Result, *, width: int = 80) -> str:
    """Lay out the small print; empty, or lines that each end in a newline."""
    page = Lines(max(40, min(width, 100)), False)
    said = sentences.small_print(result, words_of(result.settings, TERMINAL))
    return "".join(f"{line}\n" for text in said for line in page.text(text))


def _rules(page: Lines, told: Sentences) -> list[str]:
    """Lay out what the rules of the place and day say, each in a paragraph."""
    lines = list[str]()
    for pack in rules_told(told.result.by_rules, told.say):
        heading = told.say.sentence(told.say("Rules: {title}", title=pack.title))
        parts = [heading, pack.as_read, pack.conditions, pack.undated]
        lines += page.text(told.say.sentences(filter(None, parts)), "  ", "    ")
        for rule in pack.rows:
            if rule.is_light or rule.is_silent:
                continue
            parts = [f"{rule.paragraph}: {told.say.sentence(rule.answer)}", rule.said]
            if rule.not_in_log and rule.outcome is RuleOutcome.EXCEEDED:
                parts.append(told.say("Not in a log: {what}", what=rule.not_in_log))
            lines += page.text(told.say.sentences(filter(None, parts)), "    ", "      ")
        light = in_the_light(pack, told.say)
        lines += page.text(light, "    ", "      ") if light else []
    unknown = unknown_line(told.result.by_rules, told.say)
    return lines + (page.text(unknown, "  ", "    ") if unknown else [])


def _integrity(page: Lines, told: Sentences) -> list[str]:
    """Lay out what tests of the log against itself found: the gravest of it, each in a paragraph."""
    found, say = told.integrity(), told.say
    lines = page.text(say.sentences([say.sentence(found.status), found.proof]), "  ", "    ")
    shown = found.unusual[:_MAX_STATEMENTS]
    for each in shown:
        lines += page.text(_as_line(f"{each.kind}: {each.sentence(say)}"), "    ", "      ")
    if (more := len(found.unusual) - len(shown)) > 0:
        lines += page.text(say("... and {count} more (--json - lists all)", count=more), "    ")
    return lines


def _notes(page: Lines, told: Sentences) -> list[str]:
    shown = [i for i in told.result.issues if i.severity is not Severity.INFO or i.code is Code.SIMULATED]
    quiet = len(told.result.issues) - len(shown)
    lines = []
    for issue in shown:
        is_plain = is_routine(issue) or issue.severity is Severity.INFO
        text = told.issue(issue) if is_plain else f"{kind_of_note(issue, told.say)}: {told.issue(issue)}"
        lines += page.text(_as_line(text), "  ", "    ")
    if quiet:
        lines += page.text(told.say("{count} more for information (--json - lists all)", count=quiet), "  ")
    return ["", told.say("Notes"), *lines] if lines else []


def _as_line(text: str) -> str:
    return text[:1].upper() + text[1:]
