"""The page of `dronecheck app` as text: whole in three languages, and nothing in it that only a lax policy allows."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from dronecheck.app import page as package
from dronecheck.app.page import LANGUAGES, app_page

FOLDER = Path(package.__file__).parent
SCRIPTS = {path.name: path.read_text("utf-8") for path in sorted((FOLDER / "script").glob("*.js"))}
FAKE = Path(__file__).parents[1] / "browser" / "fake-engine.js"


def _words(code):
    return json.loads((FOLDER / "words" / f"{code}.json").read_text("utf-8"))


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_language_says_all_with_the_same_values(code):
    words, english = _words(code), _words("en")
    assert list(words) == list(english)
    assert [key for key, text in words.items() if not text.strip()] == []
    values = {key: sorted(re.findall(r"\{(\w+)\}", text)) for key, text in words.items()}
    assert values == {key: sorted(re.findall(r"\{(\w+)\}", text)) for key, text in english.items()}


def test_every_word_is_used_and_no_other_is_asked_for():
    text = "\n".join(SCRIPTS.values())
    marked = set(re.findall(r'data-(?:word|label)="(\w+)"', (FOLDER / "index.html").read_text("utf-8")))
    asked = set(re.findall(r'\bsay\("(\w+)"', text)) | marked
    words = set(_words("en"))
    assert asked - words == set()
    # The others are put together: a beginning that `say` is given, and a rest that stands quoted or as a field's name.
    begins = set(re.findall(r"\bsay\(`(\w*)\$\{", text))
    ends = set(re.findall(r"\$\{[^}]*\}(\w*)`", text))
    names = set(re.findall(r'"(\w+)"', text)) | set(re.findall(r"\b(\w+): \{", text))
    names |= {"flight", "joined", "media", "audit"}  # kinds of jobs
    made = {begin + name + end for begin in begins for name in names for end in ends | {""}}
    assert words - asked - made - names == set()


@pytest.mark.parametrize("name", SCRIPTS)
def test_text_is_only_ever_text(name):
    """No way from a file's name, or from a sentence about it, to markup or code."""
    told = SCRIPTS[name]
    for way in (
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "eval(",
        "new Function",
        "localStorage",
    ):
        assert way not in told
    if name != "http-engine.js":  # which alone reaches beyond the page
        assert re.findall(r"\bfetch\(|XMLHttpRequest|WebSocket|sendBeacon|https?:", told) == []


@pytest.mark.parametrize("engine", [SCRIPTS["http-engine.js"], FAKE.read_text("utf-8")], ids=["http", "fake"])
def test_the_engine_gives_what_its_interface_says(engine):
    table = SCRIPTS["http-engine.js"].partition("class EngineError")[0]
    told = {
        call for line in table.splitlines() if line.startswith("//   ") for call in re.findall(r"\b(\w+)\(", line[5:])
    }
    told -= {"onprogress"}
    assert len(told) > 20
    given = {name for name in told if re.search(rf"\b{name}: (async )?\(", engine)}
    assert given == told


def test_what_the_screens_ask_of_the_engine_is_in_its_interface():
    table = SCRIPTS["http-engine.js"].partition("class EngineError")[0]
    asked = {name for text in SCRIPTS.values() for name in re.findall(r"\bengine\.(\w+)", text)}
    assert {name for name in asked if not re.search(rf"\b{name}\b", table)} == set()


def test_the_document_is_whole_and_the_same_each_time():
    page = app_page()
    text = page.html.decode()
    assert "<!--" not in text
    assert page == app_page()
    assert [len(page.script_hashes), len(page.style_hashes)] == [1, 1]
    assert re.findall(r'\s(?:on\w+|style)=["\']', text.partition("<script")[0]) == []
    assert re.findall(r"(?:src|href)=[\"']?(?!data:,|#)[^\"' >]+", text.partition("<script")[0]) == []
