"""--units aviation: feet, nautical miles and knots in all that people read, and nowhere else.

The conversions are checked against their definitions in other terms (a foot is twelve inches of 25.4 mm, a knot a
nautical mile of 1,852 m an hour) as exact fractions.
"""

from __future__ import annotations

import html
import json
import re
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from babel.messages import pofile
from hypothesis import given
from hypothesis import strategies as st

import dronecheck
from dronecheck.airspace.zone import Datum, Limit
from dronecheck.audit.engine.fingerprint import basis_of
from dronecheck.geofence.clauses import Clause, ClauseCode
from dronecheck.geofence.settings import LANGUAGES
from dronecheck.quantities import AsWritten, Filler, Several, Units
from dronecheck.report.figures import plots
from dronecheck.report.json.encode import encode, result_document
from dronecheck.report.page.write import page
from dronecheck.report.privacy import redact
from dronecheck.report.terminal.check import small_print, summary
from dronecheck.report.text.headline import limit_text
from dronecheck.report.text.words import words
from dronecheck.settings import Options
from tests.conftest import REPO

FOOT_MM, KNOT_MM_AN_HOUR, MILE_MM = Fraction(12 * 254, 10), 1_852_000, 1_852_000
AVIATION = Units.AVIATION
SAMPLES = REPO / "samples"
ZONED = Options(zones=(SAMPLES / "restricted_zone.geojson",), max_height_m=100.0)
FLIGHTS = {
    "founding_dandong_sinuiju.ulg": Options(max_height_m=100.0),
    "founding_dandong_sinuiju.bin": Options(max_agl_m=121.92),
    "founding_dandong_sinuiju_airdata.csv": Options(),
    "restricted_zone.csv": ZONED,
    "clear_dandong.csv": Options(max_height_m=120.0),
}
METRIC = re.compile(r"(?<![\w.,@/-])(\d[\d.,]*) ?(m|km|m/s2?|米|미터)(?![A-Za-z0-9²/])")
OWN = re.compile(
    r"(\d[\d.,]* ?(m/s|km|m)) \((\d[\d.,]*) (ft|NM|kn)\)"
)  # of a law, a zone or the user: both stand there
OF_ZONES = ("corridor, 11 m wide",)  # a name


def feet(metres: float) -> Fraction:
    return Fraction(metres) * 1000 / FOOT_MM


def left_metric(text: str) -> list[str]:
    for name in OF_ZONES:
        text = text.replace(name, "")
    return METRIC.findall(OWN.sub("", " ".join(text.split())))


# ---- figures


@given(st.floats(0.0, 1_800.0))
def test_a_length_in_feet_is_the_nearest_and_no_finer(metres):
    number, unit = AVIATION.length(metres).split()
    step = Fraction(1, 10) if "." in number else Fraction(10) if metres >= 1000 else Fraction(1)
    assert unit == "ft"
    assert abs(Fraction(number) - feet(metres)) <= step / 2
    assert "." not in number or feet(metres) < Fraction(95, 100)


@given(st.floats(1_860.0, 400_000.0))
def test_a_longer_one_is_in_nautical_miles(metres):
    number, unit = AVIATION.length(metres).split()
    decimals = len(number.partition(".")[2])
    assert unit == "NM"
    assert decimals == len(Units.METRIC.length(metres).split()[0].partition(".")[2])  # as kilometres have
    assert abs(Fraction(number) - Fraction(metres) * 1000 / MILE_MM) <= Fraction(1, 2 * 10**decimals)


@given(st.floats(0.0, 20_000.0))
def test_a_height_is_never_in_nautical_miles(metres):
    say = words("en", units=AVIATION)
    number, unit, *_ = say("{height_m:.0f} m above take-off", height_m=metres).split()
    assert unit == "ft"
    assert abs(Fraction(number) - feet(metres)) <= Fraction(1, 2)


@given(st.floats(0.0, 200.0))
def test_speeds_are_in_knots(mps):
    told = words("en", units=AVIATION)("moving at {speed_mps:.1f} m/s", speed_mps=mps)
    number = re.fullmatch(r"moving at ([\d.]+) kn", told)[1]
    assert abs(Fraction(number) - Fraction(mps) * 1000 * 3600 / KNOT_MM_AN_HOUR) <= Fraction(1, 20)


def test_published_conversions(shared):
    limits = json.loads((shared / "vectors/domain_vectors.json").read_text())["limits_m"]
    say = words("en", units=AVIATION)
    assert say("{height_m:.0f} m above take-off", height_m=limits["ft400"]) == "400 ft above take-off"
    assert say("{limit:.0f} m/s over {span_s:g} s", limit=limits["kt87_ms"], span_s=1) == "87 kn over 1 s"


def test_thresholds_become_nautical_miles():
    say = words("en", units=AVIATION)
    assert say("no border within {distance_m!k}", distance_m=5_000.0) == "no border within 2.7 NM"
    assert say("no border within {distance_m!k}", distance_m=100_000.0) == "no border within 54 NM"
    assert say("{name}, {distance_km:.1f} km", name="x", distance_km=1.2) == "x, 3900 ft"


def test_two_figures_share_their_unit():
    say = words("en", units=AVIATION)
    text = "at most {height_m:.0f} ± {error_m:.0f} m above the ground below"
    assert say(text, height_m=112.0, error_m=5.0) == "at most 367 ± 16 ft above the ground below"
    text = "Accuracy of the border data, ±{widths} m (at least 95 %)"
    assert say(text, widths=Several((666.2, 10.8, 666.4))) == (
        "Accuracy of the border data, ±35, 2186 ft (at least 95 %)"
    )


def test_a_bound_is_rounded_up():
    text = "{within_m:.0f} m of the start, {below_m:.0f} m above take-off"  # 984.25 and 492.13 ft
    assert words("en", units=AVIATION)(text, within_m=300, below_m=150) == "985 ft of the start, 493 ft above take-off"


# ---- the law's own unit


@pytest.mark.parametrize(
    ("metres", "datum", "text"),
    [
        (120.0, Datum.AGL, "120 m (394 ft) AGL"),
        (121.92, Datum.AGL, "400 ft AGL"),
        (1050.04, Datum.AMSL, "3445 ft AMSL"),
        (3000.0, Datum.AMSL, "3000 m (9843 ft) AMSL"),
        (0.0, Datum.AGL, "0 ft AGL"),
        (1981.2, Datum.FL, "FL 65"),
        (0.0, Datum.GND, "ground"),
    ],
)
def test_a_limit_keeps_its_own_unit(metres, datum, text):
    assert limit_text(Limit(metres, datum), words("en", units=AVIATION)) == text


@pytest.mark.parametrize(
    ("limit_m", "told"), [(120.0, "120 m (394 ft)"), (121.92, "400 ft"), (100.5, "100.5 m (330 ft)")]
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_users_limit_keeps_its_own_unit(limit_m, told, language):
    values = {"height_m": 80.0, "limit_m": limit_m, "above": "takeoff", "everywhere": True}
    clause = Clause(ClauseCode.HIGHEST, values)
    assert told in words(language, units=AVIATION).clause(clause)
    assert "262 ft" in words(language, units=AVIATION).clause(clause)
    metric = words(language).clause(clause)
    assert ("400 ft (122 m)" if told == "400 ft" else f"{limit_m:g} m") in metric
    assert ("ft" in metric) is (told == "400 ft")


def test_figures_of_a_law_stay_with_feet_beside():
    say = words("en", units=AVIATION)
    assert say.told("no higher than 150 m straight above the ground") == (
        "no higher than 150 m (492 ft) straight above the ground"
    )
    assert say.told("200 feet (60 m) at 8 to 12 km") == "200 feet (60 m) at 8 to 12 km (4.32 to 6.48 NM)"


# ---- every sentence in every language


def templates() -> list[str]:
    path = REPO / "src/dronecheck/report/text/locale/zh.po"
    with path.open("rb") as file:
        ids = [one for m in pofile.read_po(file) for one in (m.id if isinstance(m.id, tuple) else (m.id,))]
    return [one for one in ids if re.search(r"(_m|_km|mps)\b|\b(m|km|m/s2?)\b", one)]


def made_up(template: str) -> dict[str, object]:
    values: dict[str, object] = {}
    for _, name, spec, conversion in Filler().parse(template):
        if name == "widths":
            values[name] = Several((7.0, 9.0))
        elif name and (spec or conversion == "k" or name.endswith(("_m", "_s", "_km", "_mps"))):
            values[name] = 7 if str(spec).endswith("d") else 7.5
        elif name:
            values[name] = 2 if name == "count" else "x"
    return values


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_is_left_in_metres(language):
    say, asked = words(language, units=AVIATION), templates()
    assert len(asked) > 200
    told = {one: say(one, **made_up(one)) for one in asked}
    told = {one: text.replace("--relief 7.5m", "").replace("--relief 8m", "") for one, text in told.items()}
    both = ("feet (", "in metres or in feet", "was taken for one in m/s")  # the sentence has both, or speaks of units
    assert {one: text for one, text in told.items() if left_metric(text) and not any(b in one for b in both)} == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_metric_words_are_the_formatted_template(language):
    say = words(language)
    for one in templates():
        values = made_up(one)
        if "_m}" in one or "_s}" in one or "!" in one or "widths" in one:
            continue  # what reads as people do is checked elsewhere
        assert say(one, **values) == (say(one).format(**values) if values else say(one))


# ---- whole reports


def seen_of(name: str, asked: Options):
    return redact(dronecheck.answer(SAMPLES / name, asked.setup()))


def result_of(seen) -> bytes:
    return encode(result_document(seen), indent=True)


def terminal(seen) -> str:
    return summary(seen.whole, seen.told, logged=seen.logged, shown=seen.flight.track) + small_print(seen.told)


def read_by_people(text: str) -> str:
    labels = " | ".join(re.findall(r'aria-label="([^"]*)"', text))
    words_alone = re.sub(r"<(script|style)\b.*?</\1>", "", text, flags=re.DOTALL)
    return html.unescape(f"{re.sub(r'<[^>]+>', ' | ', words_alone)} | {labels}")


@pytest.mark.parametrize("name", FLIGHTS)
def test_terminal_and_page_tell_no_metres_and_the_json_does_not_change(name):
    metric = seen_of(name, FLIGHTS[name])
    for language in LANGUAGES:
        asked = replace(FLIGHTS[name], language=language, units="aviation")
        seen = seen_of(name, asked)
        assert left_metric(terminal(seen)) == []
        assert left_metric(read_by_people(page(seen))) == []
        assert re.search(r"\d (ft|NM)\b", terminal(seen))
        if language == "en":
            assert result_of(seen) == result_of(metric)
            assert all(len(line) <= 80 for line in terminal(seen).splitlines())


def test_metres_are_found_where_there_are_some():
    assert left_metric(terminal(seen_of("clear_dandong.csv", Options())))
    assert left_metric("12 m and 120 m (394 ft)") == [("12", "m")]


def test_axes_of_plots_are_round_in_feet_and_stand_where_they_belong():
    made = plots(seen_of("founding_dandong_sinuiju.ulg", Options(units="aviation")))
    made["height"].canvas.draw()
    axis = made["height"].axes[0].yaxis
    assert "(ft)" in axis.get_label_text()
    ticks = [(tick.get_loc(), tick.label1.get_text()) for tick in axis.get_major_ticks()]
    assert len(ticks) > 3
    for metres, text in ticks:
        assert float(text.replace("−", "-")) == pytest.approx(float(feet(metres)), abs=1e-6)
        assert float(text.replace("−", "-")) % 50 == 0
    assert "(NM)" in made["border_distance"].axes[0].get_ylabel()


def test_what_hides_home_is_told_in_the_same_units():
    case = dronecheck.answer(SAMPLES / "clear_dandong.csv", Options(units="aviation").setup())
    seen = redact(case, dronecheck.Disclosure(hide_home_m=200.0))
    note = seen.hiding_note(words("en", units=AVIATION))
    assert note.startswith("All within 200 m (656 ft) of these places is left out")
    assert left_metric(read_by_people(page(seen))) == []


# ---- options


def test_units_change_no_basis_of_an_audit():
    assert basis_of(Options(units="aviation")) == basis_of(Options())


def test_other_units_are_a_mistake_of_the_user(cli):
    code, _, err = cli("check", SAMPLES / "clear_dandong.csv", "--units", "cubits")
    assert (code, "metric or aviation" in err) == (2, True)
    with pytest.raises(dronecheck.UsageError, match="cubits"):
        dronecheck.Settings(units="cubits")


def test_the_fleet_page_and_the_pages_beside_it(cli, tmp_path):
    out, fleet = tmp_path / "audit", tmp_path / "fleet.html"
    log = tmp_path / "logs" / "one.ulg"
    log.parent.mkdir()
    log.write_bytes((SAMPLES / "founding_dandong_sinuiju.ulg").read_bytes())
    assert cli("audit", "run", log.parent, "--out", out)[0] in (0, 1)
    assert cli("audit", "report", out, "-o", fleet, "--units", "aviation", "--with-flights", "1")[0] == 0
    text = read_by_people(fleet.read_text())
    assert left_metric(text) == []
    assert "Depth, ft" in text
    assert re.search(r"\d NM and", text)
    (own,) = (tmp_path / "fleet_flights").glob("*.html")
    assert left_metric(read_by_people(own.read_text())) == []


def test_photos_are_told_in_feet(cli, tmp_path):
    told: dict[str, tuple[str, bytes]] = {}
    for units in Units:
        files = tmp_path / f"{units}.json", tmp_path / f"{units}.html"
        options = ("--units", units, "--json", files[0], "--report", files[1])
        log = SAMPLES / "founding_dandong_sinuiju.ulg"
        _, out, _ = cli("media", "check", SAMPLES / "photos", "--log", log, *options)
        told[units] = out.partition("wrote ")[0] + read_by_people(files[1].read_text()), files[0].read_bytes()
    assert left_metric(told["aviation"][0]) == []
    assert left_metric(told["metric"][0])
    assert told["aviation"][1] == told["metric"][1]


def test_a_case_in_feet_says_so_and_gives_the_same_bytes_again(cli, tmp_path):
    out = tmp_path / "case.zip"
    cli("case", SAMPLES / "clear_dandong.csv", "-o", out, "--units", "aviation")
    code, told, err = cli("verify", out, "--input", SAMPLES, "--rerun")
    assert code == 0, (told, err)
    page_of_case = read_by_people(members(out)["page.html"])
    assert "--units aviation" in page_of_case
    assert left_metric(page_of_case) == []


def members(path: Path) -> dict[str, str]:
    import zipfile

    with zipfile.ZipFile(path) as archive:
        return {name.rpartition("/")[2]: archive.read(name).decode("utf-8", "replace") for name in archive.namelist()}


def test_a_written_figure_is_a_number_like_any_other():
    assert AsWritten(120.0) == 120.0
    assert f"{AsWritten(121.92):g}" == "121.92"
