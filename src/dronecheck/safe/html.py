"""Make HTML and SVG in which nothing that a file says is markup: templates and elements that escape what they get.

The one module that makes `Markup`, text that is not escaped again. A template is named by the folder it belongs to:
`report/page/map.html.j2` is `dronecheck/report/page/templates/map.html.j2`. Where a line of a template ends beside a
tag or a mark of the template, nothing is written; between words it is a space.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from html import escape
from importlib.resources import files

from jinja2 import Environment, FunctionLoader, StrictUndefined
from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream
from markupsafe import Markup

from dronecheck.safe.io import plain

__all__ = ["Markup", "data_block", "element", "joined", "packaged", "render", "safe"]

_LONGEST_CHARS = 4000
_BETWEEN_WORDS = re.compile(r"(?<=[^>\s])\s*\n\s*(?=[^<\s])")
_LINE_END = re.compile(r"\s*\n\s*")
_NOT_IN_SCRIPT = re.compile(r"[<>&\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")


def safe(text: object, longest_chars: int = _LONGEST_CHARS) -> Markup:
    """Return text from anywhere escaped, for HTML text and quoted attributes; Markup stays as it is."""
    return text if isinstance(text, Markup) else Markup(escape(plain(text, longest_chars), quote=True))


def joined(parts: Iterable[Markup]) -> Markup:
    """Return parts one after the other."""
    return Markup("").join(parts)


def element(name: str, attributes: Mapping[str, object], *inner: object) -> Markup:
    """Return an element of HTML or SVG: attributes in the order given, then what is inside, all of it escaped.

    `name` and the attributes' names are written in the source, never read.
    """
    opened = "".join(f' {key}="{safe(value)}"' for key, value in attributes.items())
    return Markup(f"<{name}{opened}>{''.join(safe(part) for part in inner)}</{name}>")


def data_block(name: str, json_text: str) -> Markup:
    """Return JSON as a block that scripts read by its id.

    What could end the block, steer a terminal or turn a line's direction is written in JSON's own escapes.
    """
    kept = _NOT_IN_SCRIPT.sub(lambda found: f"\\u{ord(found[0]):04x}", json_text)
    return Markup(f'<script type="application/json" id="{name}">{kept}</script>')


@cache
def packaged(folder: str, name: str) -> Markup:
    """Return a style sheet or script of the package, as it stands there."""
    return Markup((files("dronecheck") / folder / name).read_text("utf-8"))


def render(template: str, **values: object) -> Markup:
    """Return a template filled with values, each escaped where it is put. Raises UndefinedError for a missing one."""
    return Markup(_environment().get_template(template).render(values))


class _OneLine(Extension):
    """Write a template's text in one line, so that it can be laid out for reading and the page stays small."""

    def filter_stream(self, stream: TokenStream) -> Iterator[Token]:
        """Yield the tokens, their text without line ends and indentation."""
        for token in stream:
            if token.type == "data":
                text = _LINE_END.sub("", _BETWEEN_WORDS.sub(" ", token.value))
                yield Token(token.lineno, token.type, text)
            else:
                yield token


@cache
def _environment() -> Environment:
    made = Environment(
        loader=FunctionLoader(_source),
        autoescape=True,
        finalize=safe,  # so every value is made plain and escaped as in `element`, not by Jinja's own rules
        undefined=StrictUndefined,
        extensions=[_OneLine],
        auto_reload=False,
    )
    made.globals = {"zip": zip}
    made.filters["thousands"] = "{:,}".format
    return made


def _source(template: str) -> str | None:
    folder, _, name = template.rpartition("/")
    place = files("dronecheck") / folder / "templates" / name
    return place.read_text("utf-8") if place.is_file() else None
