"""Plots in other languages: every word of them translated, and in English where no font has the letters."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from matplotlib.text import Text

from dronecheck import Case, Settings, check, load_zones, read
from dronecheck.report.case import Disclosure
from dronecheck.report.figures import language_drawn, plots, png, style
from dronecheck.report.figures.time import distance_figure
from dronecheck.report.privacy import redact
from dronecheck.report.text.headline import VERDICT_WORDS, headline
from dronecheck.report.text.words import words
from tests.conftest import REPO
from tests.support.scale import full_only

LETTERS = {"zh": re.compile("[\u4e00-\u9fff]"), "ko": re.compile("[\uac00-\ud7a3]")}
ENGLISH = re.compile(r"[A-Za-z]{3,} [A-Za-z]{3,}")
NOT_WORDS = re.compile(r"OpenStreetMap contributors|\d+ ft \(\d+ m\)|WGS 84|UTC|AMSL|AGL|HAE|\\n")
needs_fonts = pytest.mark.skipif(not style.can_draw("中国한국"), reason="no font with Chinese and Korean letters")


def drawn(language, name="founding_dandong_sinuiju.ulg", hide_home_m=None):
    flight = read(REPO / "samples" / name)
    zones = load_zones([REPO / "samples" / "zones" / "fictitious.geojson"])
    result = check(flight, zones, Settings(max_height_m=100.0, max_agl_m=50.0, language=language))
    seen = redact(Case(flight, zones, result), Disclosure(hide_home_m=hide_home_m))
    return seen, plots(seen)


def texts(figure):
    return [t.get_text() for t in figure.findobj(Text) if t.get_text() and t.get_visible()]


@needs_fonts
@pytest.mark.parametrize("language", ["zh", pytest.param("ko", marks=full_only)])
def test_every_word_of_a_plot_is_translated(language):
    seen, made = drawn(language, hide_home_m=100.0)
    say = words(language)
    assert language_drawn(seen.result) == language
    assert set(made) >= {"map", "height"}
    with style.own_settings():
        distances = distance_figure(replace(seen, disclosure=Disclosure()), say)  # of which none is told near home
        assert distances is not None
        style.below_answer(distances, seen.hiding_note(say), say)
    made = {**made, "border_distance": distances}
    for name, figure in made.items():
        said = texts(figure)
        joined = "".join(said).replace("\n", "")
        assert any(text.startswith(f"{say(VERDICT_WORDS[seen.result.verdict])} – ") for text in said)
        assert headline(seen.result, say)[:15] in joined or name.startswith("finding_")  # which is of that one alone
        assert seen.hiding_note(say) in said
        assert say("Unreviewed translation; the English text holds.") in joined
        for text in said:
            left = NOT_WORDS.sub("", text)
            assert not ENGLISH.search(left), text
        for axes in figure.axes:
            for label in filter(None, (axes.get_xlabel(), axes.get_ylabel())):
                assert LETTERS[language].search(label), label
        for legend in figure.legends:
            assert all(LETTERS[language].search(entry.get_text()) for entry in legend.get_texts())
        assert png(figure).startswith(b"\x89PNG")


@needs_fonts
def test_labels_do_not_overlap_and_lines_end_within_the_picture():
    for language in ("zh", "ko"):
        _, made = drawn(language)
        for figure in made.values():
            for axes in figure.axes:
                boxes = [t.get_window_extent() for t in axes.texts]
                assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[i + 1 :])
            for text in figure.texts:
                assert text.get_window_extent().x1 <= figure.bbox.x1


def test_without_a_font_for_the_language_a_plot_is_in_english(monkeypatch):
    monkeypatch.setattr(style, "_families", lambda: ("DejaVu Sans",))
    _, english = drawn("en")
    seen, made = drawn("ko")
    assert language_drawn(seen.result) == "en"
    for name, figure in made.items():
        # But for the territory in question, whose name has no letters here, either.
        ours, theirs = ([t for t in texts(f) if not re.search("PRK|North Korea", t)] for f in (figure, english[name]))
        assert ours == theirs
        assert all(style.can_draw(text) for text in texts(figure))  # by the one font that is left


@pytest.mark.parametrize("language", [pytest.param("zh", marks=full_only), "ko"])
def test_the_terminal_says_that_the_plots_are_in_english(cli, monkeypatch, tmp_path, language):
    monkeypatch.setattr(style, "_families", lambda: ("DejaVu Sans",))
    log = REPO / "samples" / "clear_dandong.csv"
    _, out, _ = cli("check", str(log), "--lang", language, "--plots", str(tmp_path))
    assert out.count("plots: in English, for no font with the letters of") == 1
    _, out, _ = cli("check", str(log), "--plots", str(tmp_path))
    assert "plots: in English" not in out


def test_lines_are_folded_by_the_columns_that_letters_take():
    assert style.folded("日志中没有飞行器的位置", 8, words("zh")) == ["日志中没", "有飞行器", "的位置"]
    assert style.folded("로그에 위치 없음", 8, words("ko")) == ["로그에", "위치", "없음"]
    assert style.folded("two words", 5, words("en")) == ["two", "words"]
    long = style.folded("日志" * 40, 20, words("zh"), most=2)
    assert len(long) == 2
    assert long[1].endswith("…")
    assert style.folded("中国" * 5, 10, words("en")) == ["中国" * 5]  # English pictures stay as they are
