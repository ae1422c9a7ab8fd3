"""Writes docs/json.md from the types of the JSON result; a test holds the page to it. `make cli-reference`."""

from __future__ import annotations

import inspect
import typing
from pathlib import Path

import msgspec

from dronecheck.report.json import document

TARGET = Path(__file__).with_name("json.md")
HEAD = """# The JSON result

`dronecheck check LOG --json OUT` writes one document; of several logs, one line each. The schema (JSON Schema 2020-12)
ships as `dronecheck/report/json/result.schema.json`, and every output of the tests is held against it. This page is
written from the same types.

Unknown is `null`, never left out. Times are ISO 8601 UTC with `Z` and milliseconds. Lengths are metres, angles degrees,
durations seconds, as the names say; heights are above mean sea level.
"""


def shown(kind: object) -> str:
    """A type in words."""
    text = str(kind) if not isinstance(kind, type) else kind.__name__
    text = text.replace("dronecheck.report.json.document.", "").replace("typing.", "")
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


def page() -> str:
    """The whole page."""
    tables = members(document.ResultDocument) + members(document.ErrorDocument)
    return "\n\n".join([HEAD.strip(), *dict.fromkeys(tables)]) + "\n"


if __name__ == "__main__":
    TARGET.write_text(page(), encoding="utf-8")
