"""The page of `dronecheck app` in a real browser with an engine of its own: every screen, by mouse, keys and drop."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dronecheck.app.page import app_page

FAKE = (Path(__file__).parent / "fake-engine.js").read_text("utf-8")
HERE = "http://127.0.0.1:9/"
HOSTILE = ("<img src=x onerror=alert(1)>.csv", "\u202egnp.exe clear.csv", "&amp;\"'`${1}.csv", "a" * 240 + ".csv")


@pytest.fixture
def shown(browser):
    """A function that opens the page; afterwards nothing was asked for elsewhere and nothing complained."""
    page = app_page(FAKE)
    scripts, styles = (" ".join(some) for some in (page.script_hashes, page.style_hashes))
    policy = (
        f"default-src 'none'; script-src {scripts}; style-src {styles}; img-src data: blob:; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    contexts, asked, complaints = [], [], []

    def open_page(query="", *, width=1100, height=900, language="en", **options):
        context = browser.new_context(viewport={"width": width, "height": height}, locale=language, **options)
        contexts.append(context)
        context.route(
            "**/*",
            lambda route: route.fulfill(
                body=page.html,
                content_type="text/html; charset=utf-8",
                headers={"Content-Security-Policy": policy},
            ),
        )
        tab = context.new_page()
        tab.set_default_timeout(10_000)
        tab.on("request", lambda request: asked.append(request.url))
        tab.on("console", lambda message: complaints.append(message.text))
        tab.on("pageerror", lambda error: complaints.append(str(error)))
        tab.goto(HERE + query)
        return tab

    yield open_page
    for context in contexts:
        context.close()
    assert [url for url in asked if not url.startswith((HERE, "blob:", "data:", "about:"))] == []
    assert complaints == []


def give(tab, *names, control="#choose-files"):
    files = [{"name": name, "mimeType": "", "buffer": b"x" * 2000} for name in names]
    tab.locator(control).set_input_files(files)


def row(tab, name):
    return tab.locator("li.row").filter(has=tab.get_by_text(name, exact=True))


def answered(tab, name):
    """The row of a file once it has its answer."""
    tab.locator("li.row:not(.busy)").filter(has=tab.get_by_text(name, exact=True)).wait_for()
    return row(tab, name)


def calls(tab, name):
    return [call[1:] for call in tab.evaluate("asked") if call[0] == name]


def test_a_row_says_what_it_was_where_and_what_was_not_checked(shown):
    tab = shown()
    give(tab, "entered.ulg", "clear.csv", "readme.txt")
    text = answered(tab, "entered.ulg").inner_text()
    assert "PX4 ULog" in text
    assert "ENTERED North Korea (PRK)." in text
    assert "1.98 km inside" in text
    assert text.count("Airspace: NOT CHECKED") == 1
    assert "Height: NOT CHECKED" in text
    assert "Height: NOT CHECKED" in answered(tab, "clear.csv").locator(".answer").inner_text()
    assert "give the flight log instead" in row(tab, "readme.txt").inner_text()
    assert [call[0]["name"] for call in calls(tab, "put") if isinstance(call[0], dict)] == []
    assert [call[1]["name"] for call in calls(tab, "put")] == ["entered.ulg", "clear.csv"]
    status = tab.get_by_role("status").inner_text()
    for part in ("Files: 3", "ENTERED or ABOVE THE LIMIT: 1", "nothing entered of what was checked: 1", "not checked"):
        assert part in status


@pytest.mark.parametrize("order", [("zones.geojson", "clear.csv"), ("clear.csv", "zones.geojson")])
def test_zones_judge_the_logs_in_either_order(shown, order):
    tab = shown()
    for name in order:
        give(tab, name)
        answered(tab, name)
    answered(tab, "clear.csv").locator('[data-act="open"]').wait_for()
    last = calls(tab, "check")[-1][0]
    assert len(last["files"]) == len(last["zones"]) == 1
    assert last["files"] != last["zones"]
    assert tab.locator("li.row").count() == 2


def test_what_is_missing_is_a_field_and_the_answer_comes_again(shown):
    tab = shown()
    give(tab, "open.csv")
    answered(tab, "open.csv").locator('[data-act="open"]').click()
    assert tab.get_by_text("it takes a log with better accuracy").is_visible()
    field = tab.get_by_label("Where did it take off?")
    field.fill("nowhere")
    field.press("Enter")
    assert "No such country: nowhere" in tab.get_by_role("dialog").inner_text()
    tab.keyboard.press("Escape")
    field.fill("CHE")
    field.press("Enter")
    tab.get_by_text("No border crossed: all of it in Switzerland.").wait_for()
    assert calls(tab, "check")[-1][0]["options"] == {"home": "CHE", "language": "en"}
    tab.get_by_role("link", name="Back to the files").click()
    assert "No border crossed" in answered(tab, "open.csv").inner_text()


def test_a_start_time_is_given_in_utc(shown):
    tab = shown()
    give(tab, "open.csv")
    answered(tab, "open.csv").locator('[data-act="open"]').click()
    field = tab.get_by_label("When did it start?")
    field.fill("2025-09-20T06:41")
    field.press("Enter")
    tab.wait_for_timeout(300)
    assert calls(tab, "check")[-1][0]["options"]["start_time"] == "2025-09-20T06:41:00Z"


def test_settings_hold_for_what_comes_and_old_answers_can_be_had_again(shown):
    tab = shown()
    give(tab, "clear.csv")
    answered(tab, "clear.csv")
    tab.get_by_text("Height limit, country, hiding your home").click()
    tab.get_by_label("Height limit above take-off").fill("120")
    tab.get_by_label("Hide the surroundings").fill("200")
    tab.get_by_label("Hide the surroundings").press("Tab")
    tab.get_by_label("Units of what you read").select_option("aviation")
    tab.get_by_role("button", name="Check all again").click()
    tab.get_by_role("button", name="Check all again").wait_for(state="hidden")
    last = calls(tab, "check")[-1][0]
    assert last["options"] == {"max_height_m": 120, "units": "aviation", "language": "en"}
    assert last["hide_home_m"] == 200
    answered(tab, "clear.csv").locator('[data-act="open"]').click()
    frame = tab.frame_locator("iframe")
    assert frame.get_by_text("without 200 m").inner_text()


def test_the_page_of_the_check_is_in_a_frame_that_reaches_nothing(shown):
    tab = shown(accept_downloads=True)
    give(tab, "entered.ulg")
    answered(tab, "entered.ulg").locator('[data-act="open"]').click()
    tab.frame_locator("iframe").get_by_role("heading", name="The page").wait_for()
    assert tab.locator("iframe").get_attribute("sandbox") == "allow-scripts allow-downloads"
    for words, ending in (("Save the page", "html"), ("Save JSON", "json"), ("Save KML", "kml"), ("Save CSV", "csv")):
        with tab.expect_download() as waited:
            tab.get_by_role("button", name=words).click()
        assert waited.value.suggested_filename == f"entered.{ending}"
    tab.get_by_text("Save a copy to share").click()
    tab.get_by_label("Leave out everything").fill("350")
    with tab.expect_download() as waited:
        tab.get_by_role("button", name="Save the copy").click()
    assert "without 350 m" in Path(waited.value.path()).read_text()


def test_photos_and_films_have_a_strip_and_clean_copies(shown):
    tab = shown(accept_downloads=True)
    give(tab, "DJI_0001.JPG", "DJI_0002.MP4")
    assert "taken in North Korea" in answered(tab, "DJI_0001.JPG").inner_text()
    answered(tab, "DJI_0002.MP4").locator('[data-act="open"]').click()
    strip = tab.locator(".strip li")
    assert strip.count() == 2
    strip.first.locator("img").wait_for()
    with tab.expect_download() as waited:
        strip.first.get_by_role("button").click()
    assert Path(waited.value.path()).read_bytes() == b"scrubbed"
    assert "dronecheck media scrub" in strip.last.inner_text()
    assert strip.last.get_by_role("button").count() == 0


def test_parts_of_a_flight_have_a_row_besides(shown):
    tab = shown()
    give(tab, "part1.csv", "part2.csv")
    answered(tab, "part2.csv")
    tab.locator("li.row").filter(has_text="2 files together").locator('[data-act="open"]').wait_for()
    assert tab.locator("li.row").count() == 3
    for left, name in ((2, "part1.csv"), (0, "part2.csv")):  # of two parts the answer goes with the last
        tab.get_by_role("button", name=f"Remove: {name}").click()
        row(tab, name).wait_for(state="hidden")
        assert tab.locator("li.row").count() == left


def test_many_logs_are_a_folder_with_one_page(shown):
    tab = shown()
    give(tab, *(f"clear{n}.csv" for n in range(200)))
    folder = tab.locator("li.row").filter(has_text="200 logs together")
    folder.locator('[data-act="open"]').click()
    tab.frame_locator("iframe").get_by_role("heading", name="The page").wait_for()
    tab.get_by_role("button", name="Save CSV").wait_for()
    assert calls(tab, "check") == []


def test_copying_and_checking_can_be_cancelled(shown):
    tab = shown()
    give(tab, "big.csv", "slow.csv")
    row(tab, "big.csv").get_by_role("button", name="Cancel").click()
    assert "Cancelled; no answer" in answered(tab, "big.csv").inner_text()
    row(tab, "slow.csv").get_by_role("progressbar").wait_for()
    tab.get_by_role("button", name="Cancel: slow.csv").click()
    assert "Cancelled; no answer" in answered(tab, "slow.csv").inner_text()
    tab.get_by_role("button", name="Check again: slow.csv").click()
    tab.get_by_role("button", name="Cancel: slow.csv").click()
    answered(tab, "slow.csv")
    tab.get_by_role("button", name="Remove: slow.csv").click()
    row(tab, "slow.csv").wait_for(state="hidden")
    assert tab.locator("li.row").count() == 1


def test_names_are_text_whatever_stands_in_them(shown):
    tab = shown(width=360)
    give(tab, *HOSTILE)
    for name in HOSTILE:
        found = answered(tab, name)
        assert found.locator("bdi").inner_text() == name
        assert found.get_by_role("button", name=f"Open: {name}", exact=True).count() == 1
    assert tab.evaluate("document.documentElement.scrollWidth") == 360
    answered(tab, HOSTILE[0]).locator('[data-act="open"]').click()
    assert tab.locator("h1").inner_text() == HOSTILE[0]
    assert tab.locator("main img").count() == 0


def drag(tab, paths):
    """Drop files or folders from outside the browser onto the middle of the page, as a file manager does."""
    driver = tab.context.new_cdp_session(tab)
    data = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver", "drop"):
        driver.send("Input.dispatchDragEvent", {"type": kind, "x": 500, "y": 400, "data": data})
        if kind == "dragOver":
            assert tab.locator("#overlay").is_visible()
    assert tab.locator("#overlay").is_hidden()


@pytest.mark.parametrize("screen", ["files", "about"])
def test_a_file_and_a_nested_folder_are_dropped_anywhere(shown, tmp_path, screen):
    inner = tmp_path / "card" / "DCIM" / "100MEDIA"
    inner.mkdir(parents=True)
    (inner / "entered.ulg").write_bytes(b"x")
    (inner / ".DS_Store").write_bytes(b"x")
    (tmp_path / "card" / "clear.csv").write_bytes(b"x")
    (tmp_path / "alone.csv").write_bytes(b"x")
    tab = shown()
    tab.goto(f"{HERE}#/{screen}")
    drag(tab, [tmp_path / "alone.csv", tmp_path / "card"])
    for name in ("alone.csv", "card/clear.csv", "card/DCIM/100MEDIA/entered.ulg"):
        answered(tab, name)
    assert tab.locator("li.row").count() == 3


def test_zones_are_kept_only_after_they_were_shown(shown, tmp_path):
    tab = shown()
    tab.goto(f"{HERE}#/zones")
    tab.get_by_text("None so far.").wait_for()
    (tmp_path / "alps.geojson").write_bytes(b"x")
    drag(tab, [tmp_path / "alps.geojson"])
    dialog = tab.get_by_role("dialog", name="Keep these zones?")
    assert "zones: 3" in dialog.inner_text()
    assert "no upper limit (2)" in dialog.inner_text()
    dialog.get_by_role("button", name="No").click()
    tab.get_by_text("None so far.").wait_for()
    give(tab, "alps.geojson", control="#zone-files")
    dialog.get_by_label("Name").fill("CH")
    dialog.get_by_label("In force from").fill("2026-03-19")
    dialog.get_by_role("button", name="Keep").click()
    tab.get_by_role("heading", name="CH").wait_for()
    assert [call[0]["confirm"] for call in calls(tab, "addZones")] == [False, False, True]
    assert calls(tab, "addZones")[-1][0]["valid_from"] == "2026-03-19"
    assert calls(tab, "check") == []
    assert "dronecheck zones fetch CH" in tab.get_by_role("table").last.inner_text()
    give(tab, "clear.csv", control="#zone-files")
    assert "Not a zone file" in tab.get_by_role("dialog").inner_text()
    tab.keyboard.press("Escape")
    tab.get_by_role("button", name="Remove: CH").click()
    tab.get_by_role("dialog").get_by_role("button", name="Remove").click()
    tab.get_by_text("None so far.").wait_for()


def test_past_checks_are_kept_only_if_asked(shown):
    tab = shown()
    tab.goto(f"{HERE}#/past")
    keep = tab.get_by_role("checkbox")
    keep.wait_for()
    assert not keep.is_checked()
    assert "/home/someone" in tab.locator("main").inner_text()
    keep.check()
    tab.get_by_role("link", name="Open: entered.ulg").click()
    tab.frame_locator("iframe").get_by_text("past").wait_for()
    tab.go_back()
    tab.get_by_role("button", name="Delete all").click()
    tab.get_by_role("dialog").get_by_role("button", name="Remove").click()
    tab.get_by_text("None.").wait_for()


@pytest.mark.parametrize(("query", "title"), [("?locked", "This address alone"), ("?stopped", "has stopped")])
def test_an_end_says_what_to_do(shown, query, title):
    tab = shown(query)
    tab.get_by_role("heading", name=title).wait_for()
    assert tab.get_by_role("button", name="Stop dronecheck").is_hidden()


def test_stopping_asks_first(shown):
    tab = shown()
    tab.get_by_role("button", name="Stop dronecheck").click()
    tab.get_by_role("dialog").get_by_role("button", name="No").click()
    assert calls(tab, "stop") == []
    tab.get_by_role("button", name="Stop dronecheck").click()
    tab.get_by_role("dialog").get_by_role("button", name="Stop dronecheck").click()
    tab.get_by_role("heading", name="dronecheck has stopped").wait_for()


SCREENS = ("files", "queue", "result", "open", "media", "zones", "asked", "past", "about", "stopped")


def screen(shown, name, **options):
    """Open a screen as it is when something is on it."""
    tab = shown("?stopped" if name == "stopped" else "", **options)
    if name in ("queue", "result", "open", "media"):
        give(tab, "entered.ulg", "open.csv", "readme.txt", "zones.geojson", "DJI_0001.JPG", "DJI_0002.MP4", "slow.csv")
        tab.locator('[data-act="open"]').nth(3).wait_for()
        which = {"result": "entered.ulg", "open": "open.csv", "media": "DJI_0001.JPG"}.get(name)
        if which:
            row(tab, which).locator('[data-act="open"]').click()
            tab.locator("iframe").wait_for()
    if name in ("zones", "past", "about", "asked"):
        tab.goto(f"{HERE}#/{'zones' if name == 'asked' else name}")
        tab.locator("main table, main input[type=checkbox]").first.wait_for()
    if name == "asked":
        give(tab, "alps.geojson", control="#zone-files")
        tab.get_by_role("dialog").wait_for()
    if name == "past":
        tab.get_by_role("checkbox").check()
        tab.get_by_role("table").wait_for()
    if name == "stopped":
        tab.locator(".end").wait_for()
    for part in tab.locator("summary").all():
        part.click()
    return tab


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", SCREENS)
def test_everyone_can_use_every_screen(shown, axe, name, scheme):
    tab = screen(shown, name, color_scheme=scheme)
    tab.evaluate(axe)
    found = tab.evaluate("axe.run(document, {iframes: false})")
    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found["violations"]] == []


@pytest.mark.parametrize("width", [360, 320])
@pytest.mark.parametrize(("name", "language"), [*((name, "en") for name in SCREENS), ("queue", "zh"), ("result", "ko")])
def test_nothing_is_wider_than_a_phone(shown, name, language, width):
    tab = screen(shown, name, width=width, language=language)
    assert tab.evaluate("document.documentElement.scrollWidth") == width
    small = tab.evaluate(
        "[...document.querySelectorAll('button, select')].filter((b) => b.offsetWidth && b.offsetHeight < 44).length"
    )
    assert small == 0


@pytest.mark.parametrize("language", ["zh", "ko"])
def test_the_page_speaks_the_language_of_the_browser_and_another_at_will(shown, language):
    tab = shown(language=language)
    assert tab.evaluate("document.documentElement.lang") == language
    shown_words = tab.locator("main").inner_text()
    assert not re.search("Drag|Choose", shown_words)
    tab.locator("#language").select_option("en")
    assert "Drag the flight log" in tab.locator("main").inner_text()
    give(tab, "clear.csv")
    answered(tab, "clear.csv")
    assert calls(tab, "check")[-1][0]["options"]["language"] == "en"
    tab.reload()
    assert tab.evaluate("document.documentElement.lang") == "en"


def test_all_of_it_by_keys_alone(shown):
    tab = shown()
    chosen = {"name": "open.csv", "mimeType": "", "buffer": b"x"}
    tab.on("filechooser", lambda chooser: chooser.set_files([chosen]))  # from the beginning: the browser needs a while

    def to(role, name):
        for _ in range(40):
            tab.keyboard.press("Tab")
            here = tab.locator(":focus")
            if here.count() and here.evaluate("(e) => e.tagName") != "BODY":
                label = here.get_attribute("aria-label") or here.inner_text()
                if name in label and here.evaluate("(e) => e.tagName.toLowerCase()") == role:
                    return
        raise AssertionError(name)

    tab.keyboard.press("Tab")
    assert tab.locator(":focus").inner_text() == "To the content"
    tab.keyboard.press("Enter")
    assert tab.evaluate("document.activeElement.id") == "main"
    to("button", "Choose files")
    tab.keyboard.press("Enter")
    answered(tab, "open.csv")
    to("button", "Open: open.csv")
    tab.keyboard.press("Enter")
    assert tab.evaluate("document.activeElement.id") == "main"
    to("input", "")
    tab.keyboard.type("CHE")
    tab.keyboard.press("Enter")
    tab.get_by_text("No border crossed").wait_for()
    to("a", "Back to the files")
    tab.keyboard.press("Enter")
    tab.locator("li.row").wait_for()
    assert tab.locator(".row.clear").count() == 1


def test_focus_stays_in_a_row_that_changes(shown):
    tab = shown()
    give(tab, "clear.csv")
    tab.get_by_role("button", name=re.compile("^(Cancel|Remove): clear.csv")).first.focus()
    answered(tab, "clear.csv")
    assert tab.evaluate("document.activeElement.closest('li.row') !== null")
