"""`--facts-only`: no verdict in what people read, in words or colour; every fact; machines' output as is."""

from __future__ import annotations

import io
import json
import re
import sys
from dataclasses import replace
from functools import cache
from html import unescape

import pytest
from matplotlib.text import Text
from pypdf import PdfReader

import dronecheck
from dronecheck.audit.fleet.gather import gathered
from dronecheck.audit.fleet.page import fleet_page
from dronecheck.audit.fleet.words import FACTS, VERDICTS
from dronecheck.geofence.result import Reason, Topic, Verdict
from dronecheck.report.case import Case, Disclosure
from dronecheck.report.figures import plots, svg
from dronecheck.report.figures.style import LOOKS, VERMILLION, can_draw
from dronecheck.report.json.encode import encode, result_document
from dronecheck.report.page.write import page
from dronecheck.report.privacy import redact
from dronecheck.report.terminal.check import summary
from dronecheck.report.text import headline as headlines
from dronecheck.report.text import sentences as said
from dronecheck.report.text.facts.headline import is_inside
from dronecheck.report.text.facts.wording import FACTS_WORDS
from dronecheck.report.text.headline import headline
from dronecheck.report.text.rules import told as rules_told
from dronecheck.report.text.words import Words, words
from dronecheck.settings import Options
from tests.browser.test_fleet_page import made_rows
from tests.conftest import REPO
from tests.support.dji_header import MadeHeader
from tests.test_cli_header import zones_at

sys.path.insert(0, str(REPO / "docs"))
from make_catalogues import templates

SAMPLES = REPO / "samples"
LANGUAGES = ("en", "zh", "ko")
ASKED = {  # what is checked, with which options
    "founding_dandong_sinuiju.ulg": {"max_height_m": 120.0},
    "founding_dandong_sinuiju.gpx": {"max_height_m": 60.0, "rules": "china"},
    "founding_dandong_sinuiju.tlog": {"allow": "PRK"},
    "founding_dandong_sinuiju_DJIFlightRecord.txt": {"max_agl_m": 120.0, "relief_m": 20.0},
    "founding_dandong_sinuiju.SRT": {"home": "CHN"},
    "founding_dandong_sinuiju_ZLL.txt": {"home": "PRK"},
    "restricted_zone.csv": {"zones": (SAMPLES / "restricted_zone.geojson",), "max_height_m": 50.0},
    "clear_dandong.csv": {"max_height_m": 120.0, "rules": "auto", "zones": (SAMPLES / "restricted_zone.geojson",)},
    "cut_short.ulg": {"max_height_m": 100.0},
    "bank_hugging_dandong.ulg": {"max_height_m": 66.0},
}
TRANSLATED = ("founding_dandong_sinuiju.gpx", "restricted_zone.csv", "bank_hugging_dandong.ulg", "clear_dandong.csv")
# Words of a verdict that no table names, or that stand within sentences; case counts.
BY_HAND = (
    r"\bVIOLATIONS?\b", r"\bCLEAR\b", r"\bINCONCLUSIVE\b", r"\bENTERED\b", r"\bDID NOT ENTER\b", r"\bCANNOT TELL\b",
    r"\bABOVE THE LIMIT\b", r"\bBELOW THE LIMIT\b", r"\bBEYOND\b", r"\bWITHIN\b", r"\bEXCEEDED\b", r"\bALLOWED\b",
    r"\bCONSISTENT\b", r"\bANOMALIES\b", r"\bCONTRADICTION\b", r"\bTAMPER\b", r"\bCANNOT ASSESS\b", r"\bDISAGREES\b",
    r"\bNOT CHECKED\b", r"\bNOT CHECKABLE\b", r"\bWAS IN\b", r"\bMAY HAVE BEEN IN\b", r"\bNEAR\b", r"\bLEFT\b",
    r"(?i)\bviolations?\b", r"(?i)\bno (other )?border crossed\b", r"(?i)\bborder crossed\b", r"(?i)unless authorised",
    r"(?i)permission not checked", r"(?i)authorisation (not|supplied)", r"(?i)\bentered\b", r"(?i)\bcrossed\b",
    r"(?i)cannot tell\b", r"(?i)height limit kept", r"(?i)within the limits?\b", r"(?i)nothing forbids",
    r"(?i)\bmay not be\b", r"(?i)^clear$|: clear\b|\bclear if\b|\bnot clear\b", r"违规", r"已进入", r"未进入",
    r"越[境入]", r"超[过出]限高", r"위반", r"진입함", r"진입하지", r"판단 불가", r"국경을 넘",
)  # fmt: skip
NO_VERDICTS = re.compile(
    "|".join(f"(?:{one.replace('(?i)', '(?i:')}{')' if '(?i)' in one else ''})" for one in BY_HAND)
)
CLASSES = {"violation", "inconclusive", "clear", "VIOLATION", "INCONCLUSIVE", "CLEAR", "red", "amber", "green"}


def texts_in(table):
    """Every text of a table of words, whatever its shape."""
    if isinstance(table, str):
        yield table
    elif isinstance(table, dict):
        for value in table.values():
            yield from texts_in(value)
    elif isinstance(table, tuple):
        for value in table:
            yield from texts_in(value)


@cache
def verdict_words(language, is_strict=True):
    """The words of verdicts in a language, by introspection of the tables that hold them: what stands around fields.

    Chinese and Korean have no capitals: what a sentence without a verdict says in English ("cannot be told", "flown in
    the dark") may be the same word there. Those are none unless it `is_strict`, as of titles, answers and headlines.
    """
    if not is_strict:
        as_judged = words(language)
        stated = [
            as_judged(text) for text in known_templates() if text not in FACTS_WORDS and not faults_in(text, "en")
        ]
        return {word for word in verdict_words(language) if not any(word in text for text in stated)}
    tables = [
        headlines.VERDICT_WORDS, headlines.HEIGHT_WORDS, headlines.RULE_WORDS, headlines._RULE_WORDS,
        headlines._PARTLY_WORDS, headlines._OPEN_WORDS, headlines._ALLOWED_WORDS, headlines._NO_ZONE_WORDS,
        headlines._BY_HEADER_WORDS, said._PERMISSION_WORDS, rules_told._LENGTH_WORDS, rules_told._DARK_WORDS,
        rules_told._LEFT_WORDS, rules_told._PARTLY_WORDS,
    ]  # fmt: skip
    as_judged, as_stated = words(language), words(language, facts_only=True)
    found = set()
    for text in (text for table in tables for text in texts_in(table)):
        stated = as_stated(text)
        for part in re.split(r"\{[^}]*\}", as_judged(text)):
            part = part.strip(" .,;:()（）。，：；")
            if len(part) > 3 - (language != "en") and part not in stated:
                found.add(part)
    return found


@cache
def known_templates():
    return [text for msgid in templates() for text in ([msgid] if isinstance(msgid, str) else msgid)]


def faults_in(text, language, *, is_strict=False):
    """Which words of a verdict a text has."""
    by_hand = [found[0] for found in NO_VERDICTS.finditer(text)]
    own = [
        word
        for word in verdict_words(language, is_strict or language == "en")
        if re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text)
    ]
    return by_hand + own


@cache
def case_of(name, language="en"):
    options = Options(**{**ASKED[name], "language": language, "library": False})
    return dronecheck.answer(SAMPLES / name, options.setup())


@cache
def seen_of(name, language="en", facts_only=True):
    return redact(case_of(name, language), Disclosure(facts_only=facts_only))


def terminal(seen, width=100):
    return summary(seen.whole, seen.told, logged=seen.logged, facts_only=seen.disclosure.facts_only, width=width)


def visible(html):
    """What a page shows: without styles, scripts and data, with tooltips and labels."""
    bare = re.sub(r"<(style|script)\b.*?</\1>", " ", html, flags=re.S)
    labels = re.findall(r'(?:aria-label|alt|data-head|data-pause)="([^"]*)"', bare)
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", bare)) + " ".join(labels))


def classes_in(html):
    return {one for group in re.findall(r'class="([^"]*)"', html) for one in group.split()}


# ---- the words themselves


def test_the_list_of_verdict_words_finds_a_verdict():
    for language in LANGUAGES:
        say = words(language)
        assert len(verdict_words(language)) > 20
        for name in ("founding_dandong_sinuiju.ulg", "bank_hugging_dandong.ulg", "clear_dandong.csv"):
            text = headline(case_of(name, language).result, say)
            assert faults_in(text, language, is_strict=True), (name, language)


def test_each_template_that_gives_way_is_one_that_reports_have():
    codes = {"TAMPER", "CONTRADICTION", "NOTICE"}
    assert set(FACTS_WORDS) - set(known_templates()) - codes == set()
    assert not any(value in FACTS_WORDS for value in FACTS_WORDS.values())


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_of_any_report_has_a_verdict_where_only_facts_are_told(language):
    """Over all templates: those of the reports of flights and footage, said or not in a sample."""
    say = words(language, facts_only=True)
    never = (  # said of verdicts only, and by what is not asked with facts alone
        "report/text/headline.py", "report/text/sentences.py", "evidence/withheld", "app/", "rules/", "report/figures/",
        "report/page/write.py", "report/page/media.py", "report/page/index.py", "report/page/charts.py",
        "report/text/footage.py", "airspace/", "media/", "containers/",
    )  # fmt: skip
    faults = {}
    for msgid, modules in templates().items():
        if all(module.startswith(never) for module in modules):
            continue
        for template in [msgid] if isinstance(msgid, str) else msgid:
            if found := faults_in(say._translated(template), language):
                faults[template] = found
    assert faults == {}


# ---- what people read, over many inputs


@pytest.mark.parametrize(
    ("name", "language"),
    [*((name, "en") for name in ASKED), *((name, other) for name in TRANSLATED for other in LANGUAGES[1:])],
)
def test_terminal_and_page_state_and_do_not_judge(name, language):
    seen = seen_of(name, language)
    for text in (terminal(seen), terminal(seen, 40).replace("\n", " ")):
        assert faults_in(text, language) == []
        assert "\x1b" not in text
    told = said.Told.of(said.Sentences(seen.whole, seen.told, seen.words()), seen.logged)
    titles = [title for title, *_ in told.findings]
    for text in (headline(seen.told, seen.words()), *titles, *(answer for _, answer, _ in told.checks)):
        assert faults_in(text, language, is_strict=True) == []
    html = page(seen)
    assert faults_in(visible(html), language) == []
    assert classes_in(html) & CLASSES == set()
    assert html.count("--red:var(--ink)") == 1


@pytest.mark.parametrize("name", ASKED)
def test_every_figure_of_the_findings_is_still_there(name):
    """Names, times, depths and errors are those of the report with verdicts, finding by finding."""
    judged, stated = (seen_of(name, facts_only=only) for only in (False, True))
    one, other = (said.Sentences(seen.whole, seen.told, seen.words()) for seen in (judged, stated))
    figures = re.compile(r"±?\d[\d.:,]*")
    for number, finding in enumerate(judged.told.findings, 1):
        (_, *before), (title, *after) = one.finding(number, finding), other.finding(number, finding)
        assert set(figures.findall(" ".join(before))) == set(figures.findall(" ".join(after)))
        if finding.zone is not None:
            assert finding.zone.name in title
        if finding.zone is not None and finding.zone.is_border:
            assert finding.zone.id in title
    for text in map(visible, (page(judged), page(stated))):
        assert all(f"{near.distance_m:.0f}"[:1] in text for near in judged.told.nearest)


@pytest.mark.parametrize("name", ["founding_dandong_sinuiju.ulg", "bank_hugging_dandong.ulg", "restricted_zone.csv"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_plots_have_neither_words_nor_colours_of_verdicts(name, language):
    if language != "en" and not can_draw({"zh": "中国", "ko": "한국"}[language]):
        pytest.skip("no font has its letters")
    drawn = plots(seen_of(name, language))
    assert "map" in drawn
    colours = {
        VERMILLION.lower(),
        *(look.colour.lower() for verdict, look in LOOKS.items() if verdict is not Verdict.CLEAR),
    }
    for figure in drawn.values():
        texts = [one.get_text() for one in figure.findobj(Text)]
        assert faults_in("\n".join(texts), language) == []
        assert not any(colour in svg(figure).decode().lower() for colour in colours)
    judged = plots(seen_of(name, language, facts_only=False))
    assert any(colour in svg(judged["map"]).decode().lower() for colour in colours)


def test_the_document_states_and_does_not_judge():
    from dronecheck.report.pdf.write import pdf

    pytest.importorskip("typst")
    text = " ".join(
        one.extract_text() for one in PdfReader(io.BytesIO(pdf(seen_of("founding_dandong_sinuiju.ulg")))).pages
    )
    text = re.sub(r"\s+", " ", text)
    assert faults_in(text, "en") == []
    assert "Positions inside North Korea (PRK)" in text
    assert "at the deepest 1.98 km inside" in text


def test_a_fleet_states_and_does_not_judge():
    rows = list(made_rows(400))
    for flight, _ in rows:
        flight["integrity_status"] = ("CONSISTENT", "ANOMALIES", "CANNOT_ASSESS")[int(flight["sha256"], 16) % 3]
    judged, stated = (
        fleet_page(gathered(rows, {}, told), folder="a", by_pilot=True, pages={}, words=told)
        for told in (VERDICTS, FACTS)
    )
    assert faults_in(visible(judged), "en")
    assert faults_in(visible(stated), "en") == []
    assert faults_in(json.dumps(re.findall(r"<script[^>]*json[^>]*>(.*?)</script>", stated, re.S)), "en") == []
    assert classes_in(judged) & CLASSES
    assert classes_in(stated) & CLASSES == set()
    assert "--facts-only" in stated
    assert "--facts-only" not in judged
    numbers = [re.findall(r"(?<![\d#])\d+(?:\.\d+)?%?", visible(text)) for text in (judged, stated)]
    assert numbers[0] == numbers[1]


# ---- what may not be lost


def test_what_is_open_never_reads_as_outside():
    """Over every case that is open: it says that it cannot be told, and does not say that all was elsewhere."""
    opened = 0
    for name in ASKED:
        result = case_of(name).result
        for finding in result.findings:
            if finding.verdict is Verdict.INCONCLUSIVE and not is_inside(finding):
                opened += 1
                text = headline(result, words("en", facts_only=True))
                assert "cannot be told from this record" in text
        border = result.check_of(Topic.BORDER)
        text = headline(result, words("en", facts_only=True))
        assert ("All positions in" in text or "All positions outside" in text) == (
            border.verdict is Verdict.CLEAR and not any(f.zone and f.zone.is_border for f in result.findings)
        )
    assert opened >= 4


def test_the_flight_along_the_bank_says_how_near_and_what_deciding_needs():
    text = headline(case_of("bank_hugging_dandong.ulg").result, words("en", facts_only=True))
    assert "Whether it was inside North Korea (PRK) cannot be told from this record: 3.2 m outside" in text
    assert "fixes and outline together are known to 666 m" in text
    assert "their errors apart, positions in China" in text


def test_a_place_known_is_told_where_home_is_not():
    """That home is unknown leaves the verdict open, and not where the aircraft was."""
    flight = dronecheck.read(SAMPLES / "founding_dandong_sinuiju.ulg")
    cut = replace(flight, tracks={**flight.tracks, flight.primary: flight.track.where(range(600, 1500))}, events=())
    result = dronecheck.check(cut)
    text = headline(result, words("en", facts_only=True))
    if any(Reason.HOME_UNKNOWN in finding.reasons for finding in result.findings):
        assert "Positions inside" in text
        assert faults_in(text, "en") == []


def test_what_has_no_position_says_so():
    flight = dronecheck.read(SAMPLES / "clear_dandong.csv")
    empty = replace(flight, tracks={}, events=())
    seen = redact(Case(empty, None, dronecheck.check(empty)), Disclosure(facts_only=True))
    for text in (terminal(seen), visible(page(seen))):
        assert "cannot be told from this record" in text
        assert "has no position" in text
        assert faults_in(text, "en") == []


def test_what_was_compared_and_found_apart_says_what_and_how_far():
    text = headline(case_of("clear_dandong.csv").result, words("en", facts_only=True))
    assert text.startswith("All positions in China, nearest other territory North Korea, 3.95 km.")
    assert "highest 80 m above take-off, compared with 120 m" in text


def test_a_report_with_verdicts_is_the_same_as_before():
    """The words of verdicts come through `Words` as they did."""
    for text in FACTS_WORDS:
        assert Words("en", "terminal")(text) == text


# ---- the command line


@pytest.mark.parametrize("name", ["founding_dandong_sinuiju.ulg", "bank_hugging_dandong.ulg", "clear_dandong.csv"])
def test_json_exports_and_exit_codes_are_the_same(cli, tmp_path, name):
    answers = []
    for flags in ([], ["--facts-only"]):
        out = tmp_path / str(len(flags))
        out.mkdir()
        code, _, err = cli(
            "check", SAMPLES / name, "--json", out / "a.json", "--export", out / "a.geojson",
            "--report", out / "a.html", "--max-height", "100", "--rules", "auto", *flags,
        )  # fmt: skip
        assert err == ""
        html = (out / "a.html").read_text("utf-8")
        answers.append((code, (out / "a.json").read_bytes(), (out / "a.geojson").read_bytes(), data_in(html)))
    assert answers[0] == answers[1]
    command = unescape(re.search(r"dronecheck check [^<]*", html)[0])
    assert "--facts-only" in command


def data_in(html):
    return re.search(r'<script[^>]*id="result"[^>]*>(.*?)</script>', html, re.S)[1]


def test_the_document_of_machines_has_the_verdict():
    name = "founding_dandong_sinuiju.ulg"
    both = {encode(result_document(seen_of(name, facts_only=only)), indent=False) for only in (False, True)}
    assert len(both) == 1
    assert b'"VIOLATION"' in both.pop()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "more", [[], ["--home", "CHN", "--log", SAMPLES / "founding_dandong_sinuiju.ulg"], ["--home", "PRK"]]
)
def test_photos_state_and_do_not_judge(cli, tmp_path, language, more):
    given = ["media", "check", SAMPLES / "photos", "--lang", language, *more]
    plain_code, document, _ = cli(*given, "--json", "-")
    code, out, err = cli(*given, "--facts-only", "--report", tmp_path / "m.html")
    assert (code, err) == (plain_code, "")
    assert cli(*given, "--facts-only", "--json", "-")[1] == document
    html = (tmp_path / "m.html").read_text("utf-8")
    for text in (out, visible(html)):
        assert faults_in(text, language) == []
        assert "DJI_0002.JPG" in text
        assert "40.10522" in text
    assert classes_in(html) & CLASSES == set()
    if language == "en":
        assert "Taken inside North Korea: 2 of 5 (DJI_0002.JPG, DJI_0003.JPG)" in " ".join(out.split())
        assert "Where it was taken cannot be told" in " ".join(out.split())


def test_many_flights_are_counted_without_verdicts(cli):
    code, out, _ = cli("check", SAMPLES / "clear_dandong.csv", SAMPLES / "bank_hugging_dandong.ulg", "--facts-only")
    assert code == 4
    assert faults_in(out, "en") == []
    assert "2 logs: 1 of which it cannot be told, 1 with neither" in out


def test_what_cannot_be_read_is_said_as_ever(cli, tmp_path):
    broken = tmp_path / "broken.ulg"
    broken.write_bytes(b"no log at all")
    plain_answer, stated = cli("check", broken), cli("check", broken, "--facts-only")
    assert plain_answer == stated
    assert stated[0] == 3


def test_an_audit_and_the_page_of_a_flight(cli, tmp_path):
    folder = tmp_path / "audit"
    assert cli("audit", "run", SAMPLES / "bank_hugging_dandong.ulg", "--out", folder)[0] == 0
    fleet, flight = tmp_path / "fleet.html", tmp_path / "flight.html"
    assert cli("audit", "report", folder, "-o", fleet, "--facts-only", "--with-flights", "1")[0] == 0
    assert cli("audit", "report", folder, "--flight", "bank_hugging_dandong.ulg", "-o", flight, "--facts-only")[0] == 0
    pages = [fleet, flight, *(tmp_path / "fleet_flights").iterdir()]
    assert len(pages) == 3
    for each in pages:
        html = each.read_text("utf-8")
        assert faults_in(visible(html), "en") == []
        assert classes_in(html) & CLASSES == set()
    assert "cannot be told from this record" in visible(flight.read_text("utf-8"))


def test_a_case_of_facts_is_verified_as_any(cli, tmp_path):
    log, made = SAMPLES / "bank_hugging_dandong.ulg", tmp_path / "case.zip"
    code, out, _ = cli("case", log, "-o", made, "--facts-only")
    assert code == 4
    assert faults_in(out, "en") == []
    from zipfile import ZipFile

    with ZipFile(made) as archive:
        html = archive.read("page.html").decode()
        assert faults_in(visible(html), "en") == []
        assert "--facts-only" in html
        assert json.loads(archive.read("manifest.json"))["options"]["facts_only"] is True
    code, out, err = cli("verify", made, "--input", log, "--rerun")
    assert "differs" not in out + err
    assert code == 0
    code, _, err = cli("case", log, "-o", tmp_path / "other.zip", "--facts-only", "--without-location")
    assert code == 2
    assert "--facts-only" in err


def test_no_colour_is_painted_on_a_terminal():
    seen = seen_of("founding_dandong_sinuiju.ulg")
    assert "\x1b" in summary(seen.whole, seen.told, colour=True)
    assert "\x1b" not in summary(seen.whole, seen.told, colour=True, facts_only=True)


@pytest.mark.parametrize("has_zone", [False, True])
def test_a_record_of_which_the_header_alone_is_read_states_what_that_bounds(cli, tmp_path, has_zone):
    record = tmp_path / "DJIFlightRecord_2024-09-01_[14-55-49].txt"
    record.write_bytes(MadeHeader().bytes())
    given = ["--zones", zones_at(tmp_path, 47.05, 8.3)] if has_zone else []
    code, out, _ = cli("check", record, *given, "--facts-only", "--report", tmp_path / "page.html")
    assert code == cli("check", record, *given)[0]
    shown = " ".join(out.split())
    assert "Where it was cannot be told from this record, for its track is encrypted" in shown
    assert "All positions" not in shown
    assert ("Test R1" in shown) is has_zone
    html = (tmp_path / "page.html").read_text("utf-8")
    assert faults_in(shown, "en") + faults_in(visible(html), "en") == []


def test_a_zone_that_was_near_is_told_with_its_distance(tmp_path):
    zones = zones_at(tmp_path, 40.1358, 124.34, half_deg=0.003)
    case = dronecheck.answer(SAMPLES / "clear_dandong.csv", Options(zones=(zones,), library=False).setup())
    text = headline(case.result, words("en", facts_only=True))
    (near,) = (each for each in case.result.nearest if not each.zone.is_border)
    assert (
        "No position inside a zone of zones.geojson." in text or "No position inside a zone of the files given." in text
    )
    assert f"Nearest zone: {near.zone.name}, " in text
    assert faults_in(text, "en") == []
