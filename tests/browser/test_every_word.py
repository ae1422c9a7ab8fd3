"""All words of fleet page, media page, charts and index, as measured in a browser: apart, inside, nothing wider."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from tests.conftest import REPO
from tests.support.drawn_pages import FLIGHTS_DRAWN, write_fleet, write_flight, write_footage
from tests.support.scale import full_only

LANGUAGES = ("en", "zh", "ko")
WIDTHS = (1200, 768, 360, 320)

# Boxes of the words of every picture, of every line of HTML text, and of the signs of maps; of what is seen alone.
LOOK = """() => {
  const box = (r) => [r.left + scrollX, r.top + scrollY, r.right + scrollX, r.bottom + scrollY];
  const seen = (e) => e.getClientRects().length && getComputedStyle(e).visibility !== "hidden";
  const drawn = [...document.querySelectorAll("svg")]
    .filter((svg) => !svg.parentElement.closest("svg") && svg.querySelector("text"))
    .map((svg) => ({ frame: box(svg.getBoundingClientRect()), look: svg.getAttribute("class"),
      words: [...svg.querySelectorAll("text")].filter(seen)
        .map((word) => [word.textContent, ...box(word.getBoundingClientRect())]),
      signs: [...svg.querySelectorAll(".north .arrow")].map((s) => box(s.getBoundingClientRect())),
      bars: [...svg.querySelectorAll("#bar")].map((s) => box(s.getBoundingClientRect())),
      marks: [...svg.querySelectorAll(".dot:not(.here)")].flatMap((d) => {
        const to = d.getScreenCTM();
        return (d.getAttribute("d").match(/M[^hM]+/g) || []).map((at) => {
          const [x, y] = at.slice(1).trim().split(" ").map(Number);
          return [to.a * x + to.c * y + to.e + scrollX, to.b * x + to.d * y + to.f + scrollY];
        });
      }) }));
  const texts = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const parent = node.parentElement;
    if (!node.textContent.trim() || !seen(parent)) continue;
    if (parent.closest("svg, script, style, noscript, option, .scroll")) continue;
    if (parent.closest("thead") && innerWidth <= 640) continue;  // there for screen readers alone
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const r of range.getClientRects()) {
      if (r.width && r.height) texts.push([node.textContent.trim().slice(0, 40), ...box(r)]);
    }
  }
  return { drawn, texts, wide: document.documentElement.scrollWidth };
}"""


def overlap(one, two, least_px=0.5):
    return (
        one[0] < two[2] - least_px and one[2] > two[0] + least_px
        and one[1] < two[3] - least_px and one[3] > two[1] + least_px
    )  # fmt: skip


def faults_of(tab, width):
    """What lies on something, or outside, in words."""
    found = tab.evaluate(LOOK)
    told = [f"scrolls sideways: {found['wide']}"] if found["wide"] > width else []
    for picture in found["drawn"]:
        told += faults_of_picture(picture)
    lines = sorted(found["texts"], key=lambda line: line[2])
    for number, (text, *one) in enumerate(lines):
        told += [f"outside: {text}"] if one[0] < -1 or one[2] > width + 1 else []
        for other, *two in lines[number + 1 :]:
            if two[1] > one[3]:
                break
            told += [f"{text} on {other}"] if overlap(one, two, 1.5) else []
    return told


def faults_of_picture(picture):
    look, (west, north, east, south) = picture["look"], picture["frame"]
    told = []
    for number, (text, *one) in enumerate(picture["words"]):
        if one[0] < west - 1 or one[2] > east + 1 or one[1] < north - 2 or one[3] > south + 2:
            told.append(f"{look}: outside: {text}")
        told += [f"{look}: {text} on {other}" for other, *two in picture["words"][:number] if overlap(one, two)]
        told += [f"{look}: {text} on a sign" for sign in (*picture["signs"], *picture["bars"]) if overlap(one, sign)]
        told += [f"{look}: {text} on a mark" for x, y in picture["marks"] if overlap(one, [x - 2, y - 2, x + 2, y + 2])]
    for sign in picture["signs"]:
        told += [
            f"{look}: a mark on the north" for x, y in picture["marks"] if overlap(sign, [x - 2, y - 2, x + 2, y + 2])
        ]
    return told


@pytest.fixture(scope="session")
def drawn(tmp_path_factory):
    """A function that writes a page by its name, once."""
    folder, made = tmp_path_factory.mktemp("drawn"), dict[str, Path]()

    def page(name):
        if name not in made:
            kind, _, language = name.partition("-")
            makers = {"fleet": lambda: write_fleet(folder), "media": lambda: write_footage(folder, language)}
            made[name] = makers[kind]() if kind in makers else write_flight(folder, kind, language)
        return made[name]

    return page


@pytest.fixture
def at(browser):
    """A function that opens a file at a width; a request or complaint fails the test."""
    contexts, complaints = [], []

    def open_file(path, width, **options):
        context = browser.new_context(viewport={"width": width, "height": 900}, **options)
        contexts.append(context)
        tab = context.new_page()
        tab.on("request", lambda request: complaints.append(request.url) if request.url != path.as_uri() else None)
        tab.on("console", lambda message: complaints.append(message.text))
        tab.goto(path.as_uri())
        return tab

    yield open_file
    for context in contexts:
        context.close()
    assert complaints == []


USUAL = ("fleet-en", "media-en", "media-zh", "3s-zh", "8min-en", "3h-ko", "midnight-en")
MORE = tuple(
    name for kind in (*FLIGHTS_DRAWN, "media") for lang in LANGUAGES if (name := f"{kind}-{lang}") not in USUAL
)


@pytest.mark.parametrize("name", [*USUAL, *(pytest.param(name, marks=full_only) for name in MORE)])
def test_no_word_lies_on_another_or_outside(at, drawn, name):
    for width in WIDTHS:
        for options in ({}, {"java_script_enabled": False}):
            tab = at(drawn(name), width, **options)
            assert faults_of(tab, width) == [], (width, options)
            assert tab.locator("svg text:visible").count() > 5


def test_nor_in_a_chart_of_one_finding(at, drawn):
    """Charts that were zoomed to two seconds name their own ticks."""
    tab = at(drawn("8min-en"), 360)
    for button in tab.locator(".findings button").all():
        button.click()
        assert [fault for fault in faults_of(tab, 360) if fault.startswith("chart")] == []


def test_the_measure_sees_faults(at, drawn):
    """What it is to find: a word moved on another, one at the rim, and one on a mark."""
    tab = at(drawn("8min-en"), 1200)
    tab.evaluate("""() => {
      const ticks = [...document.querySelectorAll(".chart:first-of-type .when")];
      ticks[1].setAttribute("x", "1%");
      ticks.at(-1).setAttribute("text-anchor", "middle");
    }""")
    told = " ".join(faults_of(tab, 1200))
    assert "12:02 on 12:00" in told
    assert "outside: 12:08" in told


def test_charts_name_limits_ground_day_and_edges(at, drawn):
    tab = at(drawn("midnight-en"), 1200, java_script_enabled=False)
    words = tab.locator(".chart text:visible").all_text_contents()
    listed = tab.locator("figure .legend").all_inner_texts()
    assert "06-17 00:00" in words
    for limit in ("limit 120 m above take-off", "ceiling of Restricted area of the river 1: 130 m AMSL"):
        assert limit in words
        assert any(limit in text for text in listed)
    assert any("ground below, by the terrain files" in text and "Decision band" in text for text in listed)
    narrow = at(drawn("midnight-en"), 320).locator(".chart text:visible").all_text_contents()
    assert {"130 m", "60 m", "120 m"} <= set(narrow)
    # The decision band is whole: it nowhere runs along a straight top or bottom.
    for band in tab.locator(".curves .band").all():
        y = [
            pair.split()[1]
            for pair in band.get_attribute("d").strip("MZ").replace("M", "L").replace("Z", "").split("L")
        ]
        assert min(map(float, y)) >= 0 and max(map(float, y)) <= 180


def test_every_map_has_north_scale_and_names(at, drawn):
    for name, sign in (("fleet-en", "N"), ("media-zh", "北"), ("8min-ko", "북"), ("8min-en", "N")):
        tab = at(drawn(name), 1200)
        maps = tab.locator("svg.map").all()
        assert maps
        for one in maps:
            assert one.locator(".north .northname").text_content() == sign
            assert one.locator("#length").count() == 1
        assert tab.locator("svg.map .place:visible").count() > 1
    fleet = at(drawn("fleet-en"), 1200)
    shown = set(fleet.locator("svg.map .place:visible").all_text_contents())
    assert {"China", "North Korea", "France", "Germany", "Belgium", "Spain", "Gibraltar", "Argentina"} <= shown


def test_two_hundred_photos_have_an_index_that_leads_to_each(at, drawn):
    tab = at(drawn("media-en"), 1200, java_script_enabled=False)
    looks = [line.get_attribute("class").split()[1] for line in tab.locator("nav .answer").all()]
    assert looks == sorted(looks, key=("violation", "inconclusive", "unreadable", "clear").index)
    links = [link.get_attribute("href") for link in tab.locator("nav a").all()]
    assert len(links) == len(set(links)) == 200
    assert all(tab.locator(f"tr{link}").count() == 1 for link in links)


@pytest.fixture(scope="session")
def folder_of_pages(tmp_path_factory):
    """The folder that `check` writes of several flights, one with a hostile name, and of a file that is no log."""
    folder = tmp_path_factory.mktemp("several")
    hostile = folder / "<img src=x onerror=alert(1)> & 50%.csv"
    hostile.write_bytes((REPO / "samples/clear_dandong.csv").read_bytes())
    logs = [REPO / "samples/founding_dandong_sinuiju.ulg", REPO / "samples/bank_hugging_dandong.ulg", hostile]
    for language in LANGUAGES:
        words = [
            "check",
            *map(str, logs),
            str(REPO / "LICENSE"),
            "--report",
            str(folder / language),
            "--lang",
            language,
        ]
        ran = subprocess.run([sys.executable, "-m", "dronecheck", *words], capture_output=True, text=True, check=False)
        assert f"wrote {folder / language / 'index.html'}" in ran.stdout, ran.stderr
    return folder


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_index_of_several_flights(at, folder_of_pages, language):
    index = folder_of_pages / language / "index.html"
    for width in WIDTHS:
        for options in ({}, {"java_script_enabled": False}):
            tab = at(index, width, **options)
            assert faults_of(tab, width) == []
    assert tab.locator("tbody tr").count() == 4
    assert tab.locator("img, [onerror]").count() == 0
    assert "50%.csv" in tab.locator("tbody").inner_text()
    links = tab.locator("tbody a").all()
    assert len(links) == 3
    for target in (link.evaluate("(link) => link.href") for link in links):
        assert target.startswith((folder_of_pages / language).as_uri())
        assert Path(unquote(urlsplit(target).path)).is_file()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["index", "media-en", "fleet-en", "8min-en"])
def test_axe_finds_nothing(at, drawn, folder_of_pages, axe, name, scheme):
    path = folder_of_pages / "en/index.html" if name == "index" else drawn(name)
    for width in (1200, 320):
        tab = at(path, width, color_scheme=scheme, bypass_csp=True)
        tab.evaluate(axe)
        found = tab.evaluate("axe.run()")
        assert [(v["id"], [n["html"][:200] for n in v["nodes"]]) for v in found["violations"]] == []
