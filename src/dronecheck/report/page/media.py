"""Write the page of photos and films: one file that needs no network and no script. Same input, same bytes."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from dronecheck.airspace.zone import ZoneSet
from dronecheck.footage.shots.against_logs import HeldAgainst
from dronecheck.footage.shots.answer import ShotAnswer
from dronecheck.geofence.result import Verdict
from dronecheck.media.model import MediaField, MediaItem
from dronecheck.media.scrub.cleaners.jpeg import clean_jpeg
from dronecheck.media.scrub.parts import NoCopy, write_parts
from dronecheck.report.json.encode import tool_version
from dronecheck.report.json.media_encode import MediaTold, encode, media_document
from dronecheck.report.page.document import document
from dronecheck.report.page.map import towns_note
from dronecheck.report.page.media_map import media_maps
from dronecheck.report.text.footage import (
    AFTERWARDS_WORDS,
    counted,
    gives_away,
    hiding_words,
    item_lines,
    ordered,
    overview,
    verdict_words,
)
from dronecheck.report.text.headline import covers_line
from dronecheck.report.text.words import Words, words_of
from dronecheck.safe.html import Markup, data_block, element, joined, packaged
from dronecheck.safe.io import plain

__all__ = ["media_page", "preview"]

_MOST_PICTURES = 200
_THUMBNAIL_BYTES = 60_000
_PREVIEW = "preview["
_KEY_D = {
    "dot shot fact": "M18 8h0",
    "dot shot violation": "M18 8h0", "dot shot inconclusive": "M18 8h0", "dot shot clear": "M18 8h0",
    "cone": "M4 2L18 14L32 2", "footprint": "M6 3L30 3L24 13L12 13Z", "track": "M2 8H34", "border": "M2 8H34",
    "dot aerodrome": "M18 8h0", "dot town": "M18 8h0",
}  # fmt: skip
_LEGEND_WORDS = {
    "dot shot fact": "place of a camera",
    "dot shot violation": "ENTERED",
    "dot shot inconclusive": "cannot tell",
    "dot shot clear": "taken where nothing forbids it",
    "cone": "where it looks",
    "footprint": "ground that it shows, without what is on the horizon",
    "track": "the flight, or a film's way",
    "border": "border, as in the data",
    "dot aerodrome": "aerodrome (not airspace)",
    "dot town": "town (GeoNames)",
}
_MOST_NAMED = 24  # shots of an index that has their names, too


@dataclass(frozen=True, slots=True)
class _IndexLine:
    """One answer, and the shots that have it: numbers of the table, and names ("" of many)."""

    answer: str
    verdict: str
    shots: list[tuple[int, str]]


_HEAP_WORDS = "A number with a plus says how many more photos or films stand beside that one."


@dataclass(frozen=True, slots=True)
class _StripPicture:
    """One picture of the strip; `source` is "" where the file holds no preview of its own."""

    number: int
    name: str
    verdict: str
    answer: str
    source: str
    why: str
    width: int = 160


def media_page(told: MediaTold, held: HeldAgainst, zones: ZoneSet | None = None, *, others: int = 0) -> str:
    """Return the page of shots that were answered; `others` is how many files beside them are no footage."""
    say = words_of(told, facts_only=told.facts_only)
    first, *rest = overview(told, say)
    in_order = ordered(told)
    maps = media_maps(told, held.flights, zones, say)
    drawn = "".join(each.svg for each in maps)
    return document(
        "report/page/media.html.j2",
        say.language,
        packaged("report/page", "page.css")
        + packaged("report/page", "media.css")
        + (packaged("report/page", "facts.css") if say.facts_only else ""),
        Markup(),
        has_images=True,
        say=say,
        verdict=say.look(_worst(told)),
        headline=first,
        overview=rest,
        counted=counted(told, others, say),
        afterwards=say(AFTERWARDS_WORDS),
        hiding_note=hiding_words(told, say),
        maps=maps,
        legend=[(look, say(text)) for look, text in _LEGEND_WORDS.items() if f'class="{look}"' in drawn],
        key_d=_KEY_D,
        map_note=say.sentences(
            [
                say("North up. The numbers are those of the table."),
                *([say(_HEAP_WORDS)] if any(each.has_heaps for each in maps) else []),
                *towns_note(drawn, say),
            ]
        ),
        pictures=[_picture(number, answer, told, say) for number, answer in in_order[:_MOST_PICTURES]],
        rows=[(number + 1, _row(number, answer, told, say)) for number, answer in in_order],
        index=_index(in_order, told, say),
        logs=[[log.path, log.format, log.pictures, element("code", {}, log.sha256 or "")] for log in told.logs],
        sources=_sources(told.answers, say),
        version=tool_version(),
        block=data_block("result", encode(media_document(told)).decode()),
    )


def _worst(told: MediaTold) -> Verdict:
    order = (Verdict.VIOLATION, Verdict.INCONCLUSIVE, Verdict.CLEAR)
    verdicts = [answer.verdict for answer in told.answers if answer.verdict]
    return min(verdicts, key=order.index, default=Verdict.INCONCLUSIVE)


def _row(number: int, answer: ShotAnswer, told: MediaTold, say: Words) -> list[object]:
    lines = [element("p", {}, line) for line in item_lines(answer, told, say, told.of_log.get(number))]
    lines.append(
        element("p", {"class": "gives" if say.facts_only else f"gives {answer.gravity.value}"}, gives_away(answer, say))
    )
    beside = [plain(path.name) for path in answer.shot.files.siblings]
    name = say("{name} with {others}", name=answer.shot.files.label, others=say.listed(beside)) if beside else None
    return [number + 1, name or answer.shot.files.label, verdict_words(answer, told, say), joined(lines)]


def _index(in_order: Sequence[tuple[int, ShotAnswer]], told: MediaTold, say: Words) -> list[_IndexLine]:
    """Return the shots by their answers, the gravest first; none where there is but one."""
    lines: dict[str, _IndexLine] = {}
    for number, answer in in_order if len(in_order) > 1 else ():
        words_ = verdict_words(answer, told, say)
        verdict = say.look(answer.verdict, "unreadable")
        name = answer.shot.files.label if len(in_order) <= _MOST_NAMED else ""
        lines.setdefault(words_, _IndexLine(words_, verdict, [])).shots.append((number + 1, name))
    return list(lines.values())


def _picture(number: int, answer: ShotAnswer, told: MediaTold, say: Words) -> _StripPicture:
    item = answer.shot.item
    shown = preview(answer.shot.files.path, item) if item is not None else b""
    source = f"data:image/jpeg;base64,{base64.b64encode(shown).decode()}" if shown else ""
    return _StripPicture(
        number + 1,
        plain(answer.shot.files.path.name),
        say.look(answer.verdict, "unreadable"),
        verdict_words(answer, told, say),
        source,
        say("no preview in the file"),
    )


def preview(path: Path, item: MediaItem) -> bytes:
    """Return the file's own small preview without anything but what decodes it; empty where it holds none."""
    found = [one for one in item.fields if one.path.rpartition("/")[2].startswith(_PREVIEW) and one.length]
    for one in sorted(found, key=lambda field: abs(field.length - _THUMBNAIL_BYTES / 3)):
        if one.length <= _THUMBNAIL_BYTES and (clean := _cleaned(path, one)):
            return clean
    return b""


def _cleaned(path: Path, one: MediaField) -> bytes:
    try:
        with path.open("rb") as file:
            file.seek(one.offset)
            raw = file.read(one.length)
        copy = clean_jpeg(raw, b"")
    except (OSError, NoCopy):
        return b""
    written = BytesIO()
    write_parts(raw, copy, written)
    return written.getvalue()


def _sources(answers: Sequence[ShotAnswer], say: Words) -> list[list[object]]:
    unknown = say("not stated")
    known = dict.fromkeys(s for a in answers if a.answer is not None for s in a.answer.result.zone_sources)
    return [
        [s.name, s.edition or unknown, covers_line(s, say), s.terms or unknown, element("code", {}, s.sha256)]
        for s in known
    ]
