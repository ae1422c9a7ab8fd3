"""Notes of readers and engine: each knows its template and values, names no option, and has its words everywhere."""

from __future__ import annotations

import importlib.util
import random
import re

import pytest

from dronecheck import Flight, check, load_zones, read
from dronecheck.errors import UnreadableInput
from dronecheck.geofence.settings import LANGUAGES
from dronecheck.issues import Code, Issue, Remedy, Severity
from dronecheck.messages import Message, both, from_stored, linked, several, stored, told_by
from dronecheck.report.text.words import TERMINAL, words
from tests.conftest import REPO, SHARED
from tests.fuzz import damage, formats
from tests.support.scale import FULL, loops

spec = importlib.util.spec_from_file_location("make_catalogues", REPO / "docs" / "make_catalogues.py")
make_catalogues = importlib.util.module_from_spec(spec)
spec.loader.exec_module(make_catalogues)

SAMPLES = sorted(p for p in (REPO / "samples").iterdir() if p.is_file() and p.suffix not in (".py", ".md", ".toml"))
LOGS = [path for path in SAMPLES if path.suffix != ".geojson" and path.name != "restricted_zone.csv"]
ZONES = sorted(p for p in [*(REPO / "samples" / "zones").rglob("*"), *SAMPLES] if p.is_file() and p not in LOGS)
REAL = sorted(p for p in (SHARED / "logs").rglob("*") if p.is_file()) if FULL and SHARED.is_dir() else []
ENGLISH = re.compile(r"[A-Za-z]{3,} [A-Za-z]{3,}")
OPTION = re.compile(r"--[a-z]|\bzones (?:add|remove)\b|\bdronecheck zones\b")
MAKERS = ("readers/", "airspace/", "geofence/", "flight/", "geo/", "messages.py")


def templates_in(message: Message) -> list[str]:
    """A message's template and those of the messages among its values."""
    inner = [value for value in message.values.values() if isinstance(value, Message)]
    return [message.template, *(template for one in inner for template in templates_in(one))]


def assert_told_everywhere(issues: tuple[Issue, ...]) -> None:
    for issue in issues:
        assert isinstance(issue.message, Message), issue
        assert not OPTION.search(issue.message), issue
        assert Message(issue.message.template, **issue.message.values) == issue.message
        for template in templates_in(issue.message):
            for language in LANGUAGES[1:]:
                told = re.sub(r"\{[^}]*\}", "", words(language)(template))
                assert not ENGLISH.search(told), (language, template)
        for language in LANGUAGES:
            assert words(language).message(issue)


def all_of(flight: Flight) -> tuple[Issue, ...]:
    return (*flight.issues, *check(flight).issues)


@pytest.mark.parametrize("path", [*LOGS, *REAL], ids=lambda path: path.name[:60])
def test_notes_on_a_log_know_their_parts_and_have_their_words(path):
    try:
        flight = read(path)
    except UnreadableInput:
        return
    assert_told_everywhere(all_of(flight))
    assert isinstance(flight.clock.note, Message)


@pytest.mark.parametrize("path", ZONES, ids=lambda path: path.name)
def test_notes_on_zones_know_their_parts_and_have_their_words(path):
    try:
        assert_told_everywhere(load_zones([path]).issues)
    except UnreadableInput:
        return


@pytest.mark.parametrize("format_", formats.FORMATS)
def test_notes_on_damaged_logs_know_their_parts_and_have_their_words(format_):
    source, data = random.Random(20261129), formats.shortened(format_, 40_000)
    for turn in range(loops(100, 20)):
        torn = damage.MUTATORS[turn % len(damage.MUTATORS)](source, data)
        try:
            flight = formats.read(format_, torn)
        except UnreadableInput:
            continue
        assert_told_everywhere(flight.issues)


def test_no_template_of_a_note_names_an_option():
    places = make_catalogues.templates().items()
    made = [template for template, modules in places if any(module.startswith(MAKERS) for module in modules)]
    assert len(made) > 400
    assert not [template for template in made if OPTION.search(str(template))]


def test_a_remedy_names_the_option_on_the_terminal_only():
    text = Message("local time of unknown zone")
    note = Issue(Code.UTC_UNKNOWN, Severity.WARNING, text, remedy=Remedy.GIVE_UTC_OFFSET)
    assert words("en", TERMINAL).message(note) == "local time of unknown zone; --utc-offset H gives UTC"
    assert "--" not in words("en").message(note)


def test_messages_join_and_travel_with_their_parts():
    one, other, third = Message("a point"), Message("line {number}", number=3), Message("the file ends")
    assert both([one, other]) == "a point and line 3"
    assert several([one, other, third]) == "a point; line 3; the file ends"
    assert several([]) == "" and several([other]) is other
    assert linked("{one}, then {other}", ["x", "y"]) == "x, then y"
    assert words("zh").told(several([one, other])) == "点；第3行"
    again = from_stored(
        Message, [several([one, other]).template, {"one": ["a point", {}], "other": list(stored(other))}]
    )
    assert again == several([one, other]) and again.values["other"].template == "line {number}"
    assert from_stored(Message, "plain {x}") == "plain {x}"
    for wrong in (lambda: stored(object()), lambda: from_stored(dict, [])):
        with pytest.raises(NotImplementedError):
            wrong()


def test_an_exception_keeps_the_message_it_was_raised_with():
    assert told_by(ValueError(Message("line {number}", number=3))).template == "line {number}"
    assert told_by(ValueError("as it is: {x}")) == "as it is: {x}"
    assert told_by(ValueError()) == ""
