"""Writes docs/json.md from the types of the JSON result; a test holds the page to it. `make cli-reference`."""

from __future__ import annotations

import inspect
import re
import typing
from enum import StrEnum
from pathlib import Path

import msgspec

from dronecheck.geofence.clauses import ClauseCode
from dronecheck.geofence.result import REMEDY_OF
from dronecheck.issues import Remedy
from dronecheck.report.json import document, media_document
from dronecheck.report.text.templates import CLAUSES, By, Plural, Template
from dronecheck.report.text.words import ELSEWHERE, TERMINAL, words

TARGET = Path(__file__).with_name("json.md")
MEDIA_TARGET = Path(__file__).with_name("json-media.md")
MEDIA_HEAD = """# The JSON of photos and films

`dronecheck media check PATH... --json OUT` writes one document, also for one file ([footage.md](footage.md)). The
schema (JSON Schema 2020-12) ships as `dronecheck/report/json/media.schema.json`, and every output of the tests is held
against it. This page is written from the same types.

Unknown is `null`, never left out. Times are ISO 8601 UTC with `Z` and milliseconds; `local` is the written digits
without a zone. `doubts` say what is missing of place, direction, lens or height.
"""
HEAD = """# The JSON result

`dronecheck check LOG --json OUT` writes one document; of several flights, one line each. The schema (JSON Schema
2020-12) ships as `dronecheck/report/json/result.schema.json`, and every output of the tests is held against it. This
page is written from the same types.

Unknown is `null`, never left out. Times are ISO 8601 UTC with `Z` and milliseconds. Lengths are metres, angles degrees,
durations seconds, as the names say; heights are above mean sea level.
"""

ENUMS = """## Closed lists

A value keeps its meaning for good; a later version may add some."""
CODES = """## Clauses

What a finding says, in the order in which a report says it. The values are as measured, with the unit in the name; null
is unknown, or without bound. Words among the values (`answer`, `above`, `alternative`) are codes, too."""
CURES = """## Remedies

What would settle an open answer. A page names no option of the command line; the terminal does."""


def shown(kind: object) -> str:
    """A type in words."""
    text = str(kind) if not isinstance(kind, type) else kind.__name__
    text = text.replace("dronecheck.report.json.document.", "").replace("typing.", "")
    text = text.replace("dronecheck.report.json.media_document.", "")
    return text.replace("NoneType", "null").replace(
        "None", "null").replace("|", "\\|").replace("<enum '", "").replace("'>", "")  # fmt: skip


def members(kind: type) -> list[str]:
    """The tables of a document's types, each once, in the order they are met."""
    seen: list[type] = []

    def visit(one: object) -> None:
        if isinstance(one, type) and issubclass(one, msgspec.Struct) and one not in seen:
            seen.append(one)
            for hint in typing.get_type_hints(one).values():
                visit(hint)
        for inner in typing.get_args(one):
            visit(inner)

    visit(kind)
    out = []
    for one in seen:
        hints = typing.get_type_hints(one)
        rows = [f"| `{name}` | {shown(hints[name])} |" for name in one.__struct_fields__]
        out.append(
            "\n".join([f"## {one.__name__}", "", inspect.getdoc(one) or "", "", "| field | type |", "|---|---|", *rows])
        )
    return out


def enums(of: type) -> list[str]:
    """The closed lists of a document's types by name: every value that can come."""
    found: dict[str, type[StrEnum]] = {}

    def visit(one: object) -> None:
        if isinstance(one, type) and issubclass(one, StrEnum):
            found[one.__name__] = one
        if isinstance(one, type) and issubclass(one, msgspec.Struct):
            for hint in typing.get_type_hints(one).values():
                visit(hint)
        for inner in typing.get_args(one):
            visit(inner)

    visit(of)
    rows = [f"| `{name}` | {', '.join(f'`{each.value}`' for each in found[name])} |" for name in sorted(found)]
    return ["\n".join([ENUMS, "", "| type | values |", "|---|---|", *rows])]


def ways(template: Template) -> list[str]:
    """Every wording of a template where no option can be named, each once."""
    if isinstance(template, By) and template.field == "surface":
        return ways(template.ways["*"])
    if isinstance(template, By):
        return list(dict.fromkeys(one for way in template.ways.values() for one in ways(way)))
    return [template.other if isinstance(template, Plural) else template]


def fields_of(template: Template) -> list[str]:
    """The names of the values that a template takes, in the order they are met."""
    if isinstance(template, By):
        own = [template.field] if template.field != "surface" else []
        return list(dict.fromkeys([*own, *(name for way in template.ways.values() for name in fields_of(way))]))
    if isinstance(template, Plural):
        return list(dict.fromkeys(["count", *fields_of(template.one), *fields_of(template.other)]))
    return re.findall(r"\{(\w+)", template)


def clauses() -> str:
    """Every clause code: its values, and what a report says for it in English."""
    rows = []
    for code in ClauseCode:
        names = ", ".join(f"`{name}`" for name in fields_of(CLAUSES[code]))
        said = "<br>".join(way.replace("|", "\\|") for way in ways(CLAUSES[code]))
        rows.append(f"| `{code.value}` | {names} | {said} |")
    return "\n".join([CODES, "", "| code | values | in a report |", "|---|---|---|", *rows])


def remedies() -> str:
    """Every remedy code: the reasons it stands for, and what a page and the terminal say for it in English."""
    rows = []
    for code in Remedy:
        reasons = ", ".join(f"`{reason.value}`" for reason, remedy in REMEDY_OF.items() if remedy is code)
        told = [words("en", surface).remedy(code) for surface in (ELSEWHERE, TERMINAL)]
        rows.append(f"| `{code.value}` | {reasons or 'notes only'} | {told[0]} | {told[1]} |")
    return "\n".join([CURES, "", "| code | of reasons | on a page | on the terminal |", "|---|---|---|---|", *rows])


def page() -> str:
    """The whole page."""
    tables = members(document.ResultDocument) + members(document.ErrorDocument)
    return (
        "\n\n".join([HEAD.strip(), *dict.fromkeys(tables), *enums(document.ResultDocument), clauses(), remedies()])
        + "\n"
    )


def media_page() -> str:
    """The whole page of photos and films."""
    of = media_document.MediaDocument
    return "\n\n".join([MEDIA_HEAD.strip(), *members(of), *enums(of)]) + "\n"


if __name__ == "__main__":
    MEDIA_TARGET.write_text(media_page(), encoding="utf-8")
    TARGET.write_text(page(), encoding="utf-8")
