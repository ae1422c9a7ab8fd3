"""The page in a real browser: it asks for nothing, everything moves together, everyone can use it."""

from __future__ import annotations

import json
import re

import pytest

from tests.support.scale import full_only

NAMES = ("entered", "zones", "open", "many", "none")


def _view(tab):
    return tuple(map(float, tab.locator("#view").get_attribute("viewBox").split()))


def _until(tab, expression):
    """What an expression gives once it is true; Playwright's own waiting needs eval, which the policy forbids."""
    for _ in range(100):
        if value := tab.evaluate(expression):
            return value
        tab.wait_for_timeout(50)
    raise AssertionError(f"never: {expression}")


def _curves(tab):
    return {curve.get_attribute("viewBox") for curve in tab.locator(".curves").all()}


def test_slider_moves_map_charts_and_words(opened):
    tab = opened("entered")
    before = tab.locator("#here").get_attribute("d"), tab.locator("#now").inner_text()
    tab.locator("#time").evaluate("(s) => { s.value = 250; s.dispatchEvent(new Event('input')); }")
    assert tab.locator("#here").get_attribute("d") != before[0]
    assert tab.locator("#now").inner_text() != before[1]
    lines = {line.get_attribute("d") for line in tab.locator(".cursor").all()}
    assert len(lines) == 1
    x = float(re.match(r"M([\d.]+)", lines.pop())[1])
    assert x == pytest.approx(900 * 250 / float(tab.locator("#time").get_attribute("max")), abs=0.5)
    assert "06:45:1" in tab.locator("#now").inner_text()


def test_a_finding_zooms_map_and_charts(opened):
    tab = opened("zones")
    whole, time = _view(tab), _curves(tab)
    assert time == {"0 0 900 180"}
    tab.get_by_role("button", name="Show finding 1 on map and charts").click()
    assert _view(tab)[2] < whole[2] / 10
    (inside,) = _curves(tab)
    begin, _, width, _ = map(float, inside.split())
    last = float(tab.locator("#time").get_attribute("max"))
    entered, left = 69.1, 69.8  # seconds after the first fix, as the terminal says
    assert begin / 900 * last < entered
    assert (begin + width) / 900 * last > left
    assert width < 30
    assert len(tab.locator("#errors").get_attribute("d")) > 100
    assert tab.evaluate("document.activeElement.id") == "map"
    tab.locator("#all").click()
    assert _view(tab) == whole
    assert _curves(tab) == time


def test_playback_runs_and_stops(opened):
    tab = opened("entered")
    tab.locator("#play").click()
    assert _until(tab, "Number(document.getElementById('time').value) > 3")
    assert tab.locator("#play").inner_text() == "Pause"
    tab.locator("#play").click()
    stopped = tab.locator("#time").input_value()
    tab.wait_for_timeout(200)
    assert tab.locator("#time").input_value() == stopped
    assert tab.locator("#play").inner_text() == "Play"


def test_keys_zoom_and_move_the_map_and_the_slider(opened):
    tab = opened("entered")
    whole = _view(tab)
    tab.locator("#map").focus()
    tab.keyboard.press("+")
    tab.keyboard.press("ArrowRight")
    near = _view(tab)
    assert near[2] == pytest.approx(0.7 * whole[2])
    assert near[0] == pytest.approx(whole[0] + 0.15 * whole[2] + 0.07 * whole[2])
    tab.keyboard.press("0")
    assert _view(tab) == whole
    tab.locator("#time").focus()
    tab.keyboard.press("ArrowRight")
    assert float(tab.locator("#time").input_value()) > 0


def test_words_stay_on_their_places_when_zoomed(opened):
    """The entry's word is beside the entry's dot, as measured on the screen."""
    tab = opened("entered")
    for _ in range(3):
        dot = tab.locator("#view .dot.entry").first.bounding_box()
        word = tab.locator("text.mark.entry").first.bounding_box()
        beside = max(word["x"] - dot["x"], dot["x"] - word["x"] - word["width"])
        above = max(word["y"] - dot["y"], dot["y"] - word["y"] - word["height"])
        assert max(beside, above) < 20
        tab.locator("#in").click()
        tab.locator("#map").focus()
        tab.keyboard.press("ArrowLeft")
        tab.keyboard.press("ArrowUp")


def test_where_places_were_left_out_no_place_and_no_reading_is_shown(opened):
    tab = opened("hidden")
    move = "(s, t) => { s.value = t; s.dispatchEvent(new Event('input')); }"
    assert tab.locator("#here").get_attribute("d").startswith("M")  # it begins where something is shown
    for seconds, is_shown in ((5, False), (250, True), (495, False)):
        tab.locator("#time").evaluate(move, seconds)
        assert bool(tab.locator("#here").get_attribute("d")) is is_shown
        assert ("Height above take-off" in tab.locator("#now").inner_text()) is is_shown
    first, last = (track_time(tab, which) for which in ("t[0]", "t.at(-1)"))
    assert 30 < first < last < 480


def track_time(tab, which):
    return tab.evaluate(f"JSON.parse(document.getElementById('track').textContent).{which}")


def test_colour_by_height_only_when_asked(opened):
    tab = opened("entered")
    assert tab.locator("#heights path").count() == 0
    tab.locator("#colour").click()
    assert tab.locator("#heights path").count() == 6
    assert "0 – 20 m" in tab.locator("#scale").inner_text()
    tab.locator("#colour").click()
    assert tab.locator("#heights").get_attribute("visibility") == "hidden"
    assert opened("none").locator("#map").count() == 0


def test_the_result_is_downloaded_as_it_is(opened):
    tab = opened("zones", accept_downloads=True)
    with tab.expect_download() as waited:
        tab.locator("#save").click()
    assert waited.value.suggested_filename == "dronecheck-result.json"
    result = json.loads(waited.value.path().read_bytes())
    assert result["verdict"] == "VIOLATION"
    assert len(result["findings"]) == 3


def test_prints_without_controls(opened):
    tab = opened("entered", color_scheme="dark")
    pdf = tab.pdf(format="A4", print_background=True)
    assert pdf.startswith(b"%PDF")
    assert 2 <= len(re.findall(rb"/Type\s*/Page\b", pdf)) <= 6
    tab.emulate_media(media="print")
    assert not tab.locator(".tools:visible").count()
    assert tab.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


def test_without_javascript_the_facts_and_the_map_are_there(opened):
    tab = opened("zones", java_script_enabled=False)
    assert "ENTERED" in tab.locator("h1").inner_text()
    assert "5.5 m inside" in tab.locator("main").inner_text()
    assert tab.locator("#view .track").bounding_box()["width"] > 200
    assert tab.locator(".curve").first.bounding_box()["width"] > 200
    assert not tab.locator("button:visible, input:visible").count()
    assert tab.locator("text.degrees").first.is_visible()


@full_only
@pytest.mark.parametrize("width", [360, 1400])
@pytest.mark.parametrize("name", NAMES)
def test_fits_phone_and_desktop(opened, name, width):
    tab = opened(name, width=width)
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    for button in tab.locator("button:visible").all():
        box = button.bounding_box()
        assert box["width"] >= 44
        assert box["height"] >= 44
        assert box["x"] + box["width"] <= width


@full_only
@pytest.mark.parametrize(("scheme", "width"), [("light", 1400), ("dark", 1400), ("light", 360)])
@pytest.mark.parametrize("name", NAMES)
def test_axe_finds_nothing(opened, axe, name, scheme, width):
    tab = opened(name, color_scheme=scheme, width=width, bypass_csp=True)
    if name != "none":
        tab.locator("#colour").evaluate("(b) => b.hidden || b.click()")
    tab.evaluate(axe)
    found = tab.evaluate("axe.run()")
    assert len(found["passes"]) > 10
    assert [(v["id"], [n["html"][:200] for n in v["nodes"]]) for v in found["violations"]] == []


def test_axe_would_find_something(opened, axe):
    """The same run sees a button without a name and text too pale to read."""
    tab = opened("zones", bypass_csp=True)
    tab.evaluate(
        "document.querySelector('main').insertAdjacentHTML('beforeend', '<button></button><p id=pale>pale</p>')"
    )
    tab.evaluate("document.getElementById('pale').style.color = '#ddd'")
    tab.evaluate(axe)
    assert {"button-name", "color-contrast"} <= {v["id"] for v in tab.evaluate("axe.run()")["violations"]}


def test_stays_smooth_with_many_fixes(opened):
    """Twelve times the fixes are no more elements to lay out, and cost linear time to move through and to zoom."""
    moving = """() => { const s = document.getElementById('time'), begin = performance.now();
        for (let i = 0; i < 400; i++) { s.value = i * 10; s.dispatchEvent(new Event('input')); }
        const slid = performance.now() - begin, zoom = performance.now();
        for (let i = 0; i < 40; i++) document.getElementById(i % 2 ? 'in' : 'out').click();
        return [slid, performance.now() - zoom]; }"""
    moved, elements = {}, {}
    for name in ("entered", "many"):
        tab = opened(name)
        moved[name] = [min(turn) for turn in zip(*(tab.evaluate(moving) for _ in range(3)), strict=True)]
        elements[name] = tab.evaluate("document.querySelectorAll('*').length")
    assert elements["many"] < 2 * elements["entered"]
    for few_ms, many_ms in zip(moved["entered"], moved["many"], strict=True):
        assert many_ms < 3 * 12 * few_ms


def test_a_strange_script_would_not_run(browser, pages, tmp_path):
    """The policy itself: the same page with a handler and a script more runs neither."""
    text = pages["zones"].read_text("utf-8")
    bad = text.replace("<main>", "<main><img src=x onerror='window.ran=1'><script>window.ran=1</script>")
    (tmp_path / "bad.html").write_text(bad, "utf-8")
    tab = browser.new_page()
    tab.goto((tmp_path / "bad.html").as_uri())
    assert tab.evaluate("window.ran") is None
    tab.close()


def test_what_is_selected_and_copied_is_what_is_seen(opened):
    """The hash of the log in one piece, and no character of no width in all the text of the page."""
    tab = opened("entered")
    selected = tab.evaluate(
        "(() => { const all = document.createRange(); all.selectNodeContents(document.querySelector('main'));"
        " const picked = getSelection(); picked.removeAllRanges(); picked.addRange(all); return picked.toString(); })()"
    )
    digest = json.loads(tab.locator("#result").text_content())["input"]["sha256"]
    assert digest in selected
    assert not re.search("[\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\u00ad]", selected)
    one = tab.evaluate(
        "(() => { const node = [...document.querySelectorAll('code')].find(c => /^[0-9a-f]{64}$/.test(c.textContent));"
        " getSelection().selectAllChildren(node); return getSelection().toString(); })()"
    )
    assert re.fullmatch("[0-9a-f]{64}", one)
