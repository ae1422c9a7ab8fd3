"""Catalogues: the same keys and figures in every language, nothing left in English that has a translation."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib

import pytest
from dronecheck.report.text.translate import LANGUAGES, words

from dronecheck import Settings, check, read
from dronecheck.report.page import page
from dronecheck.report.terminal.check import facts, small_print
from dronecheck.report.text.headline import CURE, headline
from tests.conftest import REPO
from tests.geofence.test_timed_zones import airspace, eastward, judged, zone
from tests.report.test_html import Skeleton
from tests.support.growth import assert_linear
from tests.support.hostile import HOSTILE
from tests.support.said import said

FOLDER = REPO / "src" / "dronecheck" / "report" / "catalogues"
PLACE = re.compile(r"\{[a-z]\d?\}")
SAMPLES = ["founding_dandong_sinuiju.ulg", "bank_hugging_dandong.ulg", "clear_dandong.csv", "cut_short.ulg",
           "founding_dandong_sinuiju.gpx"]  # fmt: skip


def catalogue(language):
    return tomllib.loads((FOLDER / f"{language}.toml").read_text("utf-8"))["words"]


def test_all_languages_have_the_same_keys_and_places():
    assert {p.stem for p in FOLDER.glob("*.toml")} == set(LANGUAGES) - {"en"}
    assert catalogue("zh").keys() == catalogue("ko").keys()
    for language in ("zh", "ko"):
        for key, value in catalogue(language).items():
            assert sorted(PLACE.findall(key)) == sorted(PLACE.findall(value)), key
            assert len(re.findall(r"\{[ra]\d?\}", key)) <= 3, key
            assert value != key


@pytest.mark.parametrize("language", ["zh", "ko"])
@pytest.mark.parametrize("away_km", [30, 70, 200])
def test_notes_on_far_zones_have_their_words(language, away_km):
    far = zone(area=(-300, away_km * 1_000, 300, away_km * 1_000 + 600))
    note = said(airspace(judged(eastward(), far)))
    told = words(language)(note)
    assert not re.search(r"[A-Za-z]{3,} [A-Za-z]{3,}", told), told
    assert sorted(re.findall(r"\d+", told)) == sorted(re.findall(r"\d+", note))


def test_every_cure_has_its_words():
    for language in ("zh", "ko"):
        assert [text for text in CURE.values() if words(language)(text) == text] == []


@pytest.mark.parametrize("language", ["zh", "ko"])
@pytest.mark.parametrize("name", SAMPLES)
def test_samples_leave_no_english_sentence_and_no_other_figure(name, language):
    flight = read(REPO / "samples" / name)
    results = {lang: check(flight, None, Settings(max_height_m=100.0, language=lang)) for lang in ("en", language)}
    told, original = facts(flight, results[language]), facts(flight, results["en"])
    texts = [headline(results[language], words(language)), told.log, *told.nearest]
    texts += [part for group in (*told.checks, *told.findings) for part in group]
    for text in texts:
        left = re.sub(r"\([a-z_]+[^)]*\)|（[a-z_]+[^）]*）|--[a-z-]+ [A-Z0-9]+|[\w.]+\.(?:ulg|csv|gpx)", "", text)
        assert not re.search(r"[A-Za-z]{3,} [A-Za-z]{3,}", left), text
    for ours, theirs in zip(told.findings, original.findings, strict=True):
        for a, b in zip(ours, theirs, strict=True):
            assert sorted(re.findall(r"\d+(?:\.\d+)?", a)) == sorted(re.findall(r"\d+(?:\.\d+)?", b)), (a, b)


@pytest.mark.parametrize("language", ["zh", "ko"])
def test_the_page_says_its_language_and_that_nobody_reviewed_it(language):
    flight = read(REPO / "samples" / SAMPLES[0])
    result = check(flight, None, Settings(language=language))
    text = page(flight, result, None)
    english = Skeleton(page(flight, check(flight), None))
    assert f'<html lang="{language}">' in text
    assert Skeleton(text).tags[3:] != english.tags[3:]  # one paragraph more, that it is unreviewed
    assert words(language)("Unreviewed translation; the English text holds.") in text
    assert words(language)("Unreviewed translation; the English text holds.") in small_print(flight, result)
    heads = re.findall(r"<h2[^>]*>([^<]*)</h2>", text)
    assert len(heads) >= 6
    assert not [head for head in heads if head.isascii()]


def test_english_is_the_text_itself_and_loads_no_catalogue():
    assert words("en")("ENTERED x.") == "ENTERED x."
    code = "import dronecheck.report.terminal.check, sys; print('tomllib' in sys.modules)"
    run = [sys.executable, "-c", code]
    assert subprocess.run(run, capture_output=True, text=True, check=True).stdout.strip() == "False"


def test_hostile_names_stay_whole():
    say = words("zh")
    for name in HOSTILE:
        assert name.strip() == "" or len(name) > 900 or "; " in name or name.strip() in say(f"ENTERED {name}."), name


@pytest.mark.parametrize("part", ["(", "{r} in for ", "1 m from ", ", ", "a (b, complete): 1 fixes "])
def test_long_texts_take_linear_time(part):
    assert_linear(words("zh"), lambda size: part * (size // len(part)), 125, 1_000)
