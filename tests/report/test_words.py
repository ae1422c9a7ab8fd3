"""Catalogues: every template in every language with the same values, nothing left in English, nothing left over."""

from __future__ import annotations

import ast
import gettext
import importlib.util
import re
import subprocess
import sys
from functools import cache
from itertools import chain

import numpy as np
import pytest

from dronecheck import Case, Settings, check, read
from dronecheck.airspace.zone import Datum, Limit
from dronecheck.geofence.clauses import Clause, ClauseCode
from dronecheck.geofence.result import REMEDY_OF, Topic
from dronecheck.geofence.settings import LANGUAGES
from dronecheck.issues import Code, Issue, Remedy, Severity
from dronecheck.messages import Message
from dronecheck.report.page.write import page
from dronecheck.report.privacy import redact
from dronecheck.report.terminal.check import small_print, summary
from dronecheck.report.text.headline import VERDICT_WORDS, headline, limit_text
from dronecheck.report.text.sentences import Sentences, Told
from dronecheck.report.text.templates import CLAUSES, REMEDIES, TERMS, WHY_OPEN, By, Plural, all_templates
from dronecheck.report.text.words import ELSEWHERE, TERMINAL, words
from dronecheck.rules import packs
from dronecheck.timebase import moment_ns
from tests.conftest import REPO, make_flight
from tests.geofence.test_timed_zones import airspace, eastward, judged, zone
from tests.support.growth import assert_linear
from tests.support.hostile import HOSTILE

spec = importlib.util.spec_from_file_location("make_catalogues", REPO / "docs" / "make_catalogues.py")
make_catalogues = importlib.util.module_from_spec(spec)
spec.loader.exec_module(make_catalogues)

wanted_templates = cache(make_catalogues.templates)

OTHERS = LANGUAGES[1:]
SURFACES = (TERMINAL, ELSEWHERE)
ENGLISH = re.compile(r"[A-Za-z]{3,} [A-Za-z]{3,}")
KEPT = re.compile(  # codes and kinds of log in brackets, options, names of files
    r"\([a-z_]+[^)]*\)|（[a-z_]+[^）]*）|--[a-z-]+ [A-Z0-9]+|dronecheck (?:zones add|rules list)"
    r"|[\w.]+\.(?:ulg|csv|gpx)"
)
SAMPLES = ["founding_dandong_sinuiju.ulg", "bank_hugging_dandong.ulg", "clear_dandong.csv", "cut_short.ulg",
           "founding_dandong_sinuiju.gpx"]  # fmt: skip
TEMPLATES = [template for code in ClauseCode for template in all_templates(CLAUSES[code])]
VALUES: dict[str, object] = {name: 2.5 for template in TEMPLATES for name in re.findall(r"\{(\w+)", str(template))}
VALUES |= {"floor_m": 120, "ceiling_m": 500, "uncovered_ns": ((0, 60_000_000_000),), "count": 3}
VALUES |= {"basis": "takeoff_event", "floor_datum": "AMSL", "ceiling_datum": "HAE", "alternative": "geodesic_edges"}


UNSAID = {(TERMINAL, Remedy.GIVE_PRESSURE)}  # the reason names the option itself


def english_in(text):
    return ENGLISH.findall(KEPT.sub("", text))


def figures(text):
    return sorted(re.findall(r"\d+(?:\.\d+)?", text))


@pytest.mark.parametrize("language", OTHERS)
def test_a_catalogue_has_what_the_source_says_and_no_more(language):
    """Should this fail: `make catalogues`, then translate what it names."""
    kept = make_catalogues.read(language)
    wanted = wanted_templates()
    assert {entry.id for entry in kept if entry.id} == set(wanted)
    assert (
        make_catalogues.po(make_catalogues.updated(kept, wanted))
        == (make_catalogues.LOCALE / f"{language}.po").read_bytes()
    )
    assert list(make_catalogues.faults(kept)) == []
    assert list(make_catalogues.strays(kept)) == []
    assert not [entry.id for entry in kept if entry.id and entry.fuzzy]


@pytest.mark.parametrize("language", OTHERS)
def test_what_is_compiled_is_what_is_written(language):
    with (make_catalogues.LOCALE / f"{language}.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    for entry in make_catalogues.read(language):
        if isinstance(entry.id, tuple):
            assert [compiled.ngettext(*entry.id, count) for count in (0, 1, 2, 5)] == [entry.string[0]] * 4
        elif entry.id:
            assert compiled.gettext(entry.id) == entry.string


@pytest.mark.parametrize("language", OTHERS)
def test_spaces_and_marks_at_the_ends_join_pieces_alike(language):
    """A piece that English joins by a blank begins with a blank or a sign of its own, and a sentence ends as one."""
    for entry in make_catalogues.read(language):
        if not entry.id:
            continue
        english = entry.id if isinstance(entry.id, str) else entry.id[1]
        text = entry.string if isinstance(entry.string, str) else entry.string[0]
        assert (english[0] == " ") == (text[0] in " ，,（"), english
        assert (english[-1] == ".") == (text[-1] in ".。"), english
        assert english.count("\n") == text.count("\n"), english


def test_placeholders_are_seen_with_conversion_and_format():
    seen = make_catalogues.placeholders
    assert seen("{a!t} and {b_m:.1f} m") == seen("{b_m:.1f}米{a!t}") != seen("{a} {b_m:.1f}")
    assert seen("no more") == []


def test_every_code_is_worded():
    assert set(CLAUSES) == set(ClauseCode)
    assert set(REMEDIES) == set(Remedy)
    assert set(WHY_OPEN) <= set(REMEDY_OF)


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("surface", SURFACES)
def test_every_reason_and_remedy_has_its_words(language, surface):
    say = words(language, surface)
    for told in [*map(say.why_open, REMEDY_OF), *map(say.remedy, Remedy)]:
        assert not english_in(told), told
        assert surface == TERMINAL or "--" not in told, told
    assert all(say.why_open(reason) for reason in WHY_OPEN)
    assert not [remedy for remedy in Remedy if not say.remedy(remedy) and (surface, remedy) not in UNSAID]


@pytest.mark.parametrize("language", OTHERS)
def test_every_way_to_say_a_clause_leaves_no_english_and_no_other_figure(language):
    say, english = words(language), words("en")
    for template in TEMPLATES:
        told, original = (
            each.plural(template.one, template.other, **VALUES)
            if isinstance(template, Plural)
            else each(template, **VALUES)
            for each in (say, english)
        )
        assert not english_in(told), told
        assert figures(told) == figures(original), told


def test_the_choice_among_templates_is_by_value_and_surface():
    say = words("en", TERMINAL)
    assert say.clause(Clause(ClauseCode.NO_ZONE_FILE)) == "no zone file given; --zones FILE adds one"
    assert words("en").clause(Clause(ClauseCode.NO_ZONE_FILE)) == "no zone file given; add a zone file"
    for count, noun in ((1, "zone"), (2, "zones")):
        clause = Clause(ClauseCode.ZONES_JUDGED, {"files": None, "count": count})
        assert say.clause(clause) == f"{count} {noun} of the zone library"
        assert str(count) in words("zh").clause(clause)
    # Every choice has a way for whatever comes.
    choices = [template for template in CLAUSES.values() if isinstance(template, By)]
    while choices:
        choice = choices.pop()
        assert "*" in choice.ways or choice.field in ("above", "answer"), choice
        choices += [way for way in choice.ways.values() if isinstance(way, By)]


@pytest.mark.parametrize("language", OTHERS)
def test_a_note_without_values_is_translated_as_it_stands(language):
    flight = read(REPO / "samples" / "founding_dandong_sinuiju_ZLL.txt")
    notes = [issue for issue in flight.issues if issue.code in (Code.NO_FIX_ROWS, Code.GAP)]
    told = [words(language).message(note) for note in notes]
    assert len(told) == 2
    assert not [text for text in told if english_in(text)]


def test_a_note_that_knows_its_parts_is_translated_and_another_stays_whole():
    template = "faster than {speed_mps:g} m/s between two fixes; the way between them is not counted as flown"
    note = Issue(Code.IMPOSSIBLE_JUMP, Severity.WARNING, Message(template, speed_mps=150.0))
    assert words("en").message(note) == note.message == template.replace("{speed_mps:g}", "150")
    for language in OTHERS:
        assert "150 m/s" in words(language).message(note)
        assert not english_in(words(language).message(note))
        assert words(language).told("what nobody translated: {x}") == "what nobody translated: {x}"


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("away_km", [30, 70, 200])
def test_notes_on_far_zones_have_their_words(language, away_km):
    far = zone(area=(-300, away_km * 1_000, 300, away_km * 1_000 + 600))
    clauses = airspace(judged(eastward(), far)).clauses
    told, original = words(language).clauses(clauses), words("en").clauses(clauses)
    assert not english_in(told), told
    assert sorted(re.findall(r"\d+", told)) == sorted(re.findall(r"\d+", original))


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("name", SAMPLES)
def test_samples_leave_no_english_sentence_and_no_other_figure(name, language):
    flight = read(REPO / "samples" / name)
    results = {lang: check(flight, None, Settings(max_height_m=100.0, language=lang)) for lang in ("en", language)}
    say = words(language, TERMINAL)
    told, original = (Told.of(Sentences(flight, results[lang], words(lang, TERMINAL))) for lang in (language, "en"))
    texts = [headline(results[language], say), told.log, *told.nearest]
    texts += [part for group in (*told.checks, *told.findings) for part in group]
    for text in texts:
        assert not english_in(text), text
    for ours, theirs in zip(told.findings, original.findings, strict=True):
        for a, b in zip(ours, theirs, strict=True):
            assert figures(a) == figures(b), (a, b)
    shown = summary(flight, results[language])
    assert say(VERDICT_WORDS[results[language].verdict]) in shown


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("pack", ["faa-107", "faa-44809"])
def test_rules_that_were_named_leave_no_english_sentence_and_no_other_figure(pack, language):
    midnight_ns = moment_ns("2025-06-01T06:00:00Z")
    flight = make_flight(np.full(60, 38.5), -98 + np.arange(60) * 1e-5, dt_s=1.0, start_ns=midnight_ns,
                         speed_mps=np.full(60, 60.0), alt_agl_m=np.full(60, 300.0))  # fmt: skip
    texts = []
    for lang in ("en", language):
        result, say = check(flight, None, Settings(language=lang, rule_packs=(pack,))), words(lang, TERMINAL)
        told = Told.of(Sentences(flight, result, say))
        assert told.findings
        (by_pack,) = told.packs
        ruled = [[row.paragraph, row.answer, row.said, row.not_in_log] for row in by_pack.rows]
        own = [by_pack.title, by_pack.as_read, by_pack.conditions, by_pack.not_checkable]
        texts.append([headline(result, say), *chain(*told.checks, *told.findings, own, *ruled)])
    for original, told in zip(*texts, strict=True):
        assert not english_in(told), told
        assert figures(told) == figures(original), (told, original)


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("pack", packs(), ids=lambda pack: pack.id)
def test_the_texts_of_a_pack_are_told_with_their_figures(pack, language):
    texts = [pack.title, *pack.applies_if, *pack.not_checkable]
    texts += chain.from_iterable((rule.title, *rule.exceptions, *rule.not_in_log) for rule in pack.rule)
    for text in texts:
        told = words(language).told(text)
        assert told != text and not english_in(told), text
        assert figures(told) == figures(text), (told, text)


@pytest.mark.parametrize("language", OTHERS)
def test_the_page_says_its_language_and_that_nobody_reviewed_it(language):
    flight = read(REPO / "samples" / SAMPLES[0])
    result = check(flight, None, Settings(language=language))
    say = words(language)
    seen = redact(Case(flight, None, result))
    text = page(seen)
    assert seen.aerodromes is not None
    for aerodrome in seen.aerodromes.nearest:  # names are those of the source
        text = text.replace(aerodrome.name, "")
    english = page(redact(Case(flight, None, check(flight))))
    assert f'<html lang="{language}">' in text
    assert text.count("<p") == english.count("<p") + 1  # that it is unreviewed
    assert say("Unreviewed translation; the English text holds.") in text
    assert say("Unreviewed translation; the English text holds.") in small_print(result)
    heads = re.findall(r"<h2[^>]*>([^<]*)</h2>", text)
    assert len(heads) >= 6
    assert not [head for head in heads if head.isascii()]
    tooltips = re.findall(r"<title>([^<]*)</title>", text)[1:]  # the first is the log's name
    assert len(tooltips) >= 6
    assert not [tip for tip in tooltips if tip.isascii()]
    read_by_people = re.findall(r">([^<]+)<", re.sub(r"<(script|style)[^>]*>.*?</\1>", "", text, flags=re.DOTALL))
    notes = [issue.message for issue in result.issues if not isinstance(issue.message, Message)]
    notes += ["OpenStreetMap"]  # the terms are the source's own words
    assert not [line for line in read_by_people if english_in(line) and not any(note in line for note in notes)]


def test_english_is_the_text_itself_and_loads_no_catalogue():
    assert words("en")("ENTERED {name}", name="x") == "ENTERED x"
    assert words("en")("{x}") == "{x}"
    code = (
        "import sys, dronecheck.report.terminal.check; from dronecheck.report.text.words import words; "
        "words('en')('x'); print('gettext' in sys.modules)"
    )
    run = [sys.executable, "-c", code]
    assert subprocess.run(run, capture_output=True, text=True, check=True).stdout.strip() == "False"


@pytest.mark.parametrize("language", LANGUAGES)
def test_long_and_hostile_names_stay_whole(language):
    say = words(language)
    for name in HOSTILE:
        assert name in say("ENTERED {name}", name=name)
        assert say.told(Message("{count} rows of {name}", count=2, name=name)) == f"2 rows of {name}"
        assert name in say.clause(Clause(ClauseCode.ALL_IN_ONE_TERRITORY, {"territory": name}))


@pytest.mark.parametrize("part", ["(", "{r} in for ", "1 m from ", ", ", "a (b, complete): 1 fixes "])
def test_long_texts_take_linear_time(part):
    say = words("zh")

    def told(name):
        return say("ENTERED {name}", name=name), say.told(name)

    assert_linear(told, lambda size: part * (size // len(part)), 5_000, 40_000)


def test_terms_and_limits_have_their_words():
    for language in OTHERS:
        say = words(language)
        assert not [term for term in TERMS.values() if say(term) == term]
        assert [say(topic.value.capitalize()).isascii() for topic in Topic] == [False] * len(Topic)
        assert not say(limit_text(Limit(float("nan"), Datum.GND))).isascii()


def test_what_a_class_says_is_found():
    tree = ast.parse('class A:\n    TEXT = Message("a b")\n    def f(self):\n        return Message("c d")')
    assert sorted(map(str, make_catalogues._said_by_code(tree))) == ["a b", "c d"]


def test_a_reason_of_a_file_that_the_catalogue_knows_is_translated():
    why = Clause.of(ClauseCode.TIMES_NOT_IN_FILE, why="activated by NOTAM")
    assert "NOTAM" in words("zh").clauses([why]) and "activated" not in words("zh").clauses([why])
    assert "(activated by NOTAM)" in words("en").clauses([why])
    own = Clause.of(ClauseCode.TIMES_NOT_IN_FILE, why="HX {x} !")
    assert "HX {x} !" in words("zh").clauses([own])
