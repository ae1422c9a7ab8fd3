"""The investigator's document as PDF (`--pdf`), laid out by typst: facts, findings, sources, method, figures.

The text of a log reaches the layout as data and never as markup, no package is fetched for it, and all fonts are
embedded: DejaVu of matplotlib, and for Chinese and Korean one of the system. It is PDF/A-2b, unless a text has letters
that no font has. The same input, version, data and fonts give the same bytes; the document bears a date only where
SOURCE_DATE_EPOCH states it.
"""

from __future__ import annotations

import json
import os
import re
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

from dronecheck.airspace.zone import ZoneSource
from dronecheck.errors import UsageError
from dronecheck.geofence.result import Result
from dronecheck.report.case import Case, Disclosure, Exhibit
from dronecheck.report.json.encode import result_document, tool_version
from dronecheck.report.privacy import Redacted, redact
from dronecheck.report.text.around.local_time import local_time_line, local_time_of
from dronecheck.report.text.exhibit import border_accuracy, exhibit_rows, glossary, limits
from dronecheck.report.text.headline import covers_line, daylight_line, headline
from dronecheck.report.text.log.formats import format_words
from dronecheck.report.text.log.integrity import IntegrityTold
from dronecheck.report.text.sentences import Sentences, Told, clock_text, end_of_log
from dronecheck.report.text.words import Words
from dronecheck.report.views.files import file_names, log_title
from dronecheck.safe.extras import require
from dronecheck.safe.io import plain, write_atomic

__all__ = ["pdf", "require_typst", "write_pdf"]

_CJK = {
    "en": ("Noto Sans CJK SC", "Noto Sans CJK KR"),
    "zh": (
        "Noto Sans CJK SC",
        "Noto Sans SC",
        "Source Han Sans SC",
        "WenQuanYi Zen Hei",
        "PingFang SC",
        "Microsoft YaHei",
    ),
    "ko": (
        "Noto Sans CJK KR",
        "Noto Sans KR",
        "Source Han Sans KR",
        "NanumGothic",
        "Apple SD Gothic Neo",
        "Malgun Gothic",
    ),
}
_CAPTIONS_WORDS = {
    "map": "Map of the flight",
    "height": "Heights with limits",
    "border_distance": "Distance to the border with the decision band",
}
_MOST_TEXT = 4_000
_STAND_IN = [1904, 2, 3, 4, 5, 6]
_STAND_IN_TEXT = re.compile(rb"19040203040506|1904-02-03T04:05:06")
_DATES = (  # of the document's information, and of its metadata
    rb"/(?:ModDate|CreationDate)\(D:19040203040506Z\)",
    rb"<xmp:(ModifyDate|CreateDate)>1904-02-03T04:05:06Z</xmp:\1>",
    rb"<xmpMM:History>.*?</xmpMM:History>",
)
_NOTHING_PRIVATE = Disclosure()


def _caption(name: str, say: Words) -> str:
    number = name.removeprefix("finding_")
    if name in _CAPTIONS_WORDS:
        return say(_CAPTIONS_WORDS[name])
    return say("Finding {number}: where it begins and ends", number=number)


def require_typst() -> None:
    """Raise UsageError when the optional package is not installed."""
    require("typst", "pdf", "--pdf")


def write_pdf(
    case: Case, path: Path, disclosure: Disclosure = _NOTHING_PRIVATE, exhibit: Exhibit | None = None
) -> None:
    """Write the document whole or not at all. Raises UsageError when the place cannot be written."""
    write_atomic(path, pdf(redact(case, disclosure), exhibit))


def pdf(seen: Redacted, exhibit: Exhibit | None = None, *, is_dated: bool = True) -> bytes:
    """Return the document's bytes; terrain is drawn below the heights; an exhibit says who had it made, and how.

    One that is not dated bears no date whatever SOURCE_DATE_EPOCH states.

    Raises UsageError without typst, or without a font for the language.
    """
    require_typst()
    import matplotlib
    import typst

    from dronecheck.report.figures import plots, png
    from dronecheck.report.figures.style import can_draw

    language = seen.told.settings.language
    if language != "en" and not can_draw({"zh": "中国", "ko": "한국"}[language]):
        raise UsageError(f"--pdf --lang {language}: no font with its letters is installed; fonts-noto-cjk is one")
    pictures = {f"{name}.png": png(made) for name, made in plots(seen).items()}
    data = _plain(_content(seen, list(pictures), exhibit))
    source = files("dronecheck.report.pdf").joinpath("pdf.typ").read_bytes()
    fonts = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    date = _date() if is_dated else None
    with TemporaryDirectory() as folder:  # the layout sees no other folder
        root = Path(folder)
        for name, content in {"main.typ": source, **pictures}.items():
            (root / name).write_bytes(content)

        def laid_out(date: list[int] | None, *standards: Literal["a-2b"]) -> bytes:
            inputs = {"data": json.dumps({**data, "date": date})}
            made: bytes = typst.compile(
                root / "main.typ", root=root, font_paths=[fonts], sys_inputs=inputs, pdf_standards=list(standards)
            )
            return made

        try:
            archival = laid_out(date or _STAND_IN, "a-2b")
        except RuntimeError:  # a letter that no font has, which PDF/A does not allow
            return laid_out(date)
        return archival if date else without_dates(archival) or laid_out(None)


def without_dates(document: bytes) -> bytes | None:
    """Return a PDF/A without the dates that stand in for one; None where they stand elsewhere than typst has them.

    PDF/A asks for no date, and typst does. Blanks take their place, so that nothing else moves.
    """
    for pattern in _DATES:
        document = re.sub(pattern, lambda found: b" " * len(found[0]), document)
    return None if _STAND_IN_TEXT.search(document) else document


def _plain(value: Any) -> Any:
    """Return the same with every text made plain: no control, no change of direction."""
    if isinstance(value, str):
        return plain(value, _MOST_TEXT)
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, (list, tuple)) else value


def _content(seen: Redacted, pictures: list[str], exhibit: Exhibit | None) -> dict[str, Any]:
    flight, result = seen.whole, seen.told
    say = seen.words()
    local = local_time_of(seen.flight.track, seen.flight.clock)
    sentences = Sentences(flight, result, say, local)
    told = Told.of(sentences, seen.logged)
    light = daylight_line(seen.light, say) if seen.light else ""
    top = [told.log, *filter(None, [light, local_time_line(local, seen.flight.track, say)])]
    if now := sentences.what_now():
        top.append(now)
    if note := seen.hiding_note(say):
        top.append(note)
    if result.settings.language != "en":
        top.append(say("Unreviewed translation; the English text holds."))
    checks = _table(say("What was checked"), (say("Question"), say("Answer"), say("Scope")), told.checks, (2, 3, 8))
    nothing = [(say("none"), say("Nothing in the log is damaged, repaired or in doubt."))]
    after = [
        *_rules_tables(told, say),
        _integrity_table(told.integrity, say),
        _table(say("Nearest"), (), [(line,) for line in told.nearest], (1,)),
        _table(
            say("Damage and clock"),
            (say("Kind"), say("What")),
            told.issues or nothing,
            (2, 9),
        ),
        _table(
            say("What the log itself warns of"),
            (say("When and where"), say("Severity"), say("What")),
            told.logged,
            (4, 2, 9),
        ),
        _table(say("The log"), (), _log_rows(seen, say), (2, 9)),
        _table(say("Data sources"), (), _source_rows(result, say), (2, 9)),
        _table(say("Method and limits"), (), _method_rows(seen, say), (4, 9)),
        _table(say("This document"), (), exhibit_rows(exhibit, say), (2, 9)),
        _table(say("Words and figures"), (), glossary(say), (3, 9)),
        _table(say("What no log can prove"), (), limits(say), (1, 20)),
    ]
    return {
        "title": f"{log_title(flight)}: dronecheck",
        "lang": result.settings.language,
        "fonts": ["DejaVu Sans", *_CJK[result.settings.language]],
        "headline": headline(result, say),
        "top": top,
        "before": [checks],
        "findings": [{"title": title, "lines": list(rest)} for title, *rest in told.findings],
        "after": [table for table in after if table["rows"] or table["said"]],
        "figures": [{"file": f"/{name}", "caption": _caption(name.removesuffix(".png"), say)} for name in pictures],
        "words": {"findings": say("Findings")},
        "footer": f"dronecheck {tool_version()}, {log_title(flight)}",
        "sha256": flight.source.sha256,
    }


def _table(title: str, heads: tuple[str, ...], rows: Any, widths: tuple[int, ...]) -> dict[str, Any]:
    return {"title": title, "heads": list(heads), "rows": [list(r) for r in rows], "widths": widths, "said": ""}


def _rules_tables(told: Told, say: Words) -> list[dict[str, Any]]:
    """Return what the rules of the place and day say, a table a pack."""
    heads = tuple(map(say, ("Rule", "Answer", "Measured", "Not in a log")))
    tables = []
    for pack in told.packs:
        rows = [(each.paragraph, each.answer, each.said, each.not_in_log) for each in pack.rows]
        table = _table(say("Rules: {title}", title=pack.title), heads, rows, (5, 3, 5, 5))
        said = filter(None, (pack.as_read, pack.conditions, pack.undated, pack.not_checkable))
        tables.append({**table, "said": say.sentences(said)})
    unknown = _table(say("Rules of the place and day"), (), [], (1,))
    return [*tables, *([{**unknown, "said": told.no_rules}] if told.no_rules else [])]


def _integrity_table(found: IntegrityTold, say: Words) -> dict[str, Any]:
    """Return what tests of the log against itself found: the status as its own row, then a row a statement."""
    heads = ("Test", "Observed", "Expected", "Threshold", "Where", "Causes without any edit")
    rows = [
        (
            f"{each.kind}: {each.test} ({each.reference})",
            each.observed,
            each.expected,
            each.threshold,
            each.where,
            each.innocent,
        )
        for each in found.statements
    ]
    table = _table(say("Integrity"), tuple(map(say, heads)) if rows else (), rows, (4, 5, 4, 4, 3, 5))
    return {**table, "said": say.sentences([say.sentence(found.status), found.proof, found.limits])}


def _date() -> list[int] | None:
    """Return the moment of SOURCE_DATE_EPOCH; None where it is not set or no number."""
    stated = os.environ.get("SOURCE_DATE_EPOCH", "")
    if not stated.isascii() or not stated.isdigit() or len(stated) > 11:
        return None
    moment = datetime.fromtimestamp(int(stated), UTC)
    return [moment.year, moment.month, moment.day, moment.hour, moment.minute, moment.second]


def _log_rows(seen: Redacted, say: Words) -> list[tuple[str, str]]:
    source, vehicle, clock = seen.whole.source, seen.whole.vehicle, seen.whole.clock
    rows = [
        (say("Name"), str(source.path) if seen.disclosure.private else source.path.name),
        (say("Size"), say("{size} bytes", size=source.size_bytes)),
        ("SHA-256", f"sha256:{source.sha256}"),
        (say("Format"), format_words(source, say)),
        (say("End of the log"), end_of_log(seen.whole, seen.told, say)),
        (say("Clock"), clock_text(clock, say)),
        (say("Aircraft"), " ".join(part for part in (vehicle.kind, vehicle.model, vehicle.firmware) if part)),
        (say("Serial number"), vehicle.serial if seen.disclosure.private else ""),
    ]
    names = file_names(seen.whole, private=seen.disclosure.private)
    for name, more in zip(names[1:], seen.whole.more_sources, strict=True):
        rows += [
            (say("Name"), name),
            (say("Size"), say("{size} bytes", size=more.size_bytes)),
            ("SHA-256", f"sha256:{more.sha256}"),
        ]
    rows += Sentences(seen.whole, seen.told, say).header()
    return [(name, value) for name, value in rows if value]


def _source_rows(result: Result, say: Words) -> list[tuple[str, str]]:
    unstated = say("not stated")

    def accuracy(source: ZoneSource) -> str:
        if source is result.borders:
            return border_accuracy(result, say)
        return unstated if source.accuracy_m is None else say.units.stated(source.accuracy_m)

    return [
        (name, value)
        for s in result.zone_sources
        for name, value in (
            (say("Name"), s.name),
            (say("Edition"), s.edition or unstated),
            (say("Speaks for"), covers_line(s, say)),
            (say("Licence"), s.terms or unstated),
            (say("Accuracy"), accuracy(s)),
            ("SHA-256", f"sha256:{s.sha256}"),
        )
        if value
    ]


def _method_rows(seen: Redacted, say: Words) -> list[tuple[str, str]]:
    """Return options, thresholds and versions as the JSON result has them, and what this document is not."""
    method = result_document(seen).method
    rows = [(name, str(value)) for name, value in method.options.items() if value not in (None, [], "")]
    rows += [(name, f"{value:g}") for name, value in method.thresholds.items()]
    rows += [(name, str(value)) for name, value in method.versions.items()]
    limits = [
        say("states facts and margins; it gives no legal advice."),
        say("Names as in the source, no position taken."),
    ]
    return [*rows, ("dronecheck", " ".join(limits))]
