"""The page of a case without places: what its document holds and nothing else, in words."""

from __future__ import annotations

from dronecheck.evidence.withheld.document import WithheldDocument, WithheldFinding, WithheldMargin
from dronecheck.evidence.withheld.leaks import LEAKS
from dronecheck.geofence.result import Check, FindingKind, Reason, Verdict
from dronecheck.messages import Message
from dronecheck.quantities import Units, duration
from dronecheck.report.case import Exhibit
from dronecheck.report.page.document import document as page_of
from dronecheck.report.text.exhibit import exhibit_rows, glossary, limits
from dronecheck.report.text.headline import HEIGHT_WORDS, RULE_WORDS, VERDICT_WORDS, check_line
from dronecheck.report.text.words import Words, words
from dronecheck.safe.html import Markup, element, packaged

__all__ = ["withheld_page"]

_FILES = {"zones or terrain": Message("zones or terrain"), "geoid": Message("geoid")}


def withheld_page(
    told: WithheldDocument, exhibit: Exhibit | None = None, language: str = "en", units: Units = Units.METRIC
) -> str:
    """Return one HTML document; an exhibit says who had it made, and how."""
    say = words(language, units=units)
    names = {stay.iso_a3: stay.name for stay in told.territories if stay.iso_a3}
    checks = [(say(c.question.value.capitalize()), _answer(told, number, say)) for number, c in enumerate(told.checks)]
    return page_of(
        "evidence/withheld/withheld.html.j2",
        language,
        packaged("report/page", "page.css"),
        Markup(),
        say=say,
        verdict=told.verdict.value.lower(),
        headline=say.sentences(say.sentence(f"{question}: {answer}") for question, answer in checks),
        top=_top(told, say),
        checks=[[*line, ", ".join(c.reasons)] for line, c in zip(checks, told.checks, strict=True)],
        findings=[
            *([_title(number, each, names, say), _facts(each, say)] for number, each in enumerate(told.findings, 1)),
            *([say("Nearest, not entered"), _near(each, names, say)] for each in told.margins),
        ],
        territories=[[s.name, _time(s.enter_utc, say), _time(s.exit_utc, say)] for s in told.territories],
        statements=[[s.severity.value, s.id, s.count] for s in told.integrity.statements] if told.integrity else [],
        issues=[[i.severity.value, i.code, i.count] for i in told.issues],
        log=_log(told, say),
        rows=[
            [say("Count"), told.rows.count],
            [say("Root of the salted rows"), element("code", {}, told.rows.root)],
            [say("Salts"), say("made from the log's own bytes: who has the log can make them again, nobody else can")],
            [say("Disclosed later"), element("code", {}, "dronecheck verify CASE.zip --rows ROWS.json")],
        ],
        files=[
            [say("borders"), element("code", {}, f.sha256)]
            if f.sha256
            else [say("{what}, sealed", what=say.told(_FILES[f.what])), element("code", {}, f.sealed or "")]
            for f in told.files
        ],
        exhibit=exhibit_rows(exhibit, say),
        leaks=[[number, say.told(leak)] for number, leak in enumerate(LEAKS, 1)],
        glossary=glossary(say),
        limits=limits(say),
    )


def _answer(told: WithheldDocument, number: int, say: Words) -> str:
    check = told.checks[number]
    return check_line(Check(check.question, check.status, check.verdict), say)[0]


def _top(told: WithheldDocument, say: Words) -> list[str]:
    flight = told.flight
    lines = [say("No place is in this case: no coordinate, and nothing that was measured from a named point.")]
    if flight.simulated:
        lines.append(say("The log says that a simulator flew."))
    if told.integrity is not None:
        lines.append(
            say(
                "Integrity: {status} ({run} of {total} tests could run). Consistency proves nothing.",
                status=told.integrity.status.value,
                run=len(told.integrity.tests_run),
                total=len(told.integrity.tests_total),
            )
        )
    if say.language != "en":
        lines.append(say("Unreviewed translation; the English text holds."))
    return lines


def _title(number: int, finding: WithheldFinding, names: dict[str, str], say: Words) -> str:
    answers = VERDICT_WORDS
    if finding.kind is FindingKind.ALTITUDE_LIMIT:
        about, answers = say("height limit"), HEIGHT_WORDS
    elif finding.rule is not None:
        about, answers = finding.rule, RULE_WORDS
    elif finding.zone is not None:
        kind = say(finding.zone_kind.value) if finding.zone_kind else ""
        about = say("zone {number} ({kind})", number=finding.zone, kind=kind)
    else:
        about = _territory(finding.territory, names)
    return say("{number} {about}: {answer}", number=number, about=about, answer=say(answers[finding.verdict]))


def _territory(code: str | None, names: dict[str, str]) -> str:
    return f"{names[code]} ({code})" if code in names else code or ""


def _facts(finding: WithheldFinding, say: Words) -> str:
    begin, end = _time(finding.enter_utc, say), _time(finding.exit_utc, say)
    facts = [say("from {begin} to {end}", begin=begin, end=end)]
    if finding.duration_s is not None:
        facts.append(say("for {duration_s}", duration_s=finding.duration_s))
    if finding.margin_m is not None:
        is_inside = finding.margin_m < 0
        template = "{margin_m} inside or above at the most" if is_inside else "{margin_m} outside or below at the least"
        facts.append(say(template, margin_m=abs(finding.margin_m)))
    if finding.band_m is not None:
        facts.append(say("fixes and outline together are known to {band_m} here", band_m=finding.band_m))
    if finding.sigma_m is not None:
        facts.append(say("sigma {sigma_m}", sigma_m=finding.sigma_m))
    if finding.probability is not None:
        facts.append(f"P {finding.probability:.3f}")
    if finding.verdict is Verdict.VIOLATION and Reason.AUTHORISED not in finding.reasons:
        facts.append(say("unless authorised"))
    if finding.rows:
        facts.append(say("rows {rows}", rows=", ".join(map(str, finding.rows))))
    return say.sentence(say.between.join([*facts, ", ".join(finding.reasons)]))


def _near(margin: WithheldMargin, names: dict[str, str], say: Words) -> str:
    about = _territory(margin.territory, names) or say("a zone")
    if margin.distance_m is None:
        return about
    text = say("{distance_m} from {name}", distance_m=margin.distance_m, name=about)
    return text if margin.band_m is None else text + say(" (decidable beyond {band_m})", band_m=margin.band_m)


def _time(utc: str | None, say: Words) -> str:
    return say("not recorded") if utc is None else f"{utc[:10]} {utc[11:19]} UTC"


def _log(told: WithheldDocument, say: Words) -> list[list[object]]:
    flight = told.flight
    rows: list[list[object]] = []
    for each in told.inputs:
        rows += [
            [say("Format"), each.format],
            [say("Size"), say("{size} bytes", size=each.bytes)],
            ["SHA-256", element("code", {}, each.sha256)],
        ]
    begin, end = _time(flight.start_utc, say), _time(flight.end_utc, say)
    rows.append([say("Time"), say("from {begin} to {end}", begin=begin, end=end)])
    if flight.duration_s is not None:
        rows.append([say("Duration"), duration(flight.duration_s)])
    rows += [
        [say("Fixes"), flight.fixes],
        [say("End of the log"), say(flight.completeness.value)],
        [say("Clock"), flight.clock.value],
    ]
    return rows
