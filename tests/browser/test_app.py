"""`dronecheck app` in a real browser, from the file to the answer: server, workers, page and reports together."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.conftest import REPO

SAMPLES = REPO / "samples"
PATIENCE_MS = 60_000
ENTERED, CLEAR, OPEN = "founding_dandong_sinuiju.ulg", "clear_dandong.csv", "bank_hugging_dandong.ulg"


@contextlib.contextmanager
def running(folder, *arguments):
    """A server of its own, at home in a folder; its process and its whole address."""
    environment = {**os.environ, "HOME": str(folder), "DRONECHECK_HOME": str(folder / "data"), "TMPDIR": str(folder)}
    command = [sys.executable, "-m", "dronecheck", "app", "--no-browser", *map(str, arguments)]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    try:
        yield server, server.stdout.readline().strip()
    finally:
        server.terminate()
        server.wait(30)
        server.stdout.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with running(tmp_path_factory.mktemp("home")) as (_, address):
        yield address


@pytest.fixture
def app(browser, server):
    """A function that opens the page; afterwards nothing was asked for but of the server, and nothing complained."""
    contexts, asked, complaints, ours = [], [], [], set()

    def open_page(address=server, *, context=None, **options):
        if context is None:
            context = browser.new_context(viewport={"width": 1100, "height": 900}, locale="en", **options)
            contexts.append(context)
        tab = context.new_page()
        tab.set_default_timeout(PATIENCE_MS)
        tab.on("request", lambda request: asked.append(request.url))
        tab.on("console", lambda message: complaints.append(message.text))
        tab.on("pageerror", lambda error: complaints.append(str(error)))
        ours.add(urlsplit(address).netloc)
        tab.goto(address)
        return tab

    yield open_page
    for context in contexts:
        context.close()
    elsewhere = [url for url in asked if urlsplit(url).netloc not in ours]
    assert [url for url in elsewhere if not url.startswith(("blob:", "data:", "about:"))] == []
    assert [text for text in complaints if not re.search("ERR_CONNECTION|401", text)] == []  # asked for by the tests


def give(tab, *names, control="#choose-files"):
    tab.locator(control).set_input_files([SAMPLES / name for name in names])


def answered(tab, name):
    found = tab.locator("li.row").filter(has=tab.get_by_text(name, exact=True))
    tab.locator("li.row:not(.busy)").filter(has=tab.get_by_text(name, exact=True)).first.wait_for()
    return found.first


def copied(folder, name, new):
    folder.mkdir(parents=True, exist_ok=True)
    return Path(shutil.copy(SAMPLES / name, folder / new))


def until(is_so, tab):
    for _ in range(300):
        if is_so():
            return
        tab.wait_for_timeout(100)
    raise AssertionError("never")


def checked(*arguments):
    command = [sys.executable, "-m", "dronecheck", "check", *map(str, arguments), "--json", "-"]
    return subprocess.run(command, capture_output=True, check=False).stdout


def test_from_the_file_to_the_answer_the_page_and_the_same_json(app):
    tab = app(accept_downloads=True)
    give(tab, ENTERED, "README.md")
    line = answered(tab, ENTERED).locator(".answer").inner_text()
    assert "ENTERED North Korea (PRK)" in line
    assert line.count("Airspace: NOT CHECKED") == line.count("Height: NOT CHECKED") == 1
    assert "failed" in answered(tab, "README.md").get_attribute("class")
    answered(tab, ENTERED).locator('[data-act="open"]').click()
    report = tab.frame_locator("iframe")
    assert "ENTERED North Korea" in report.get_by_role("heading", level=1).inner_text()
    report.locator("#in").click()  # the report's own script runs, and its policy holds within ours
    assert report.locator("#map.zoomed").count() == 1
    with tab.expect_download() as waited:
        tab.get_by_role("button", name="Save JSON").click()
    assert Path(waited.value.path()).read_bytes() == checked(SAMPLES / ENTERED)
    with tab.expect_download() as waited:
        tab.get_by_role("button", name="Save KML").click()
    assert b"<kml" in Path(waited.value.path()).read_bytes()


def test_a_copy_to_share_does_not_show_where_it_took_off(app):
    tab = app(accept_downloads=True)
    give(tab, CLEAR)
    answered(tab, CLEAR).locator('[data-act="open"]').click()
    saved = []
    tab.get_by_text("Save a copy to share").click()
    for words in ("Save the page", "Save the copy"):
        with tab.expect_download() as waited:
            tab.get_by_role("button", name=words).click()
        saved.append(Path(waited.value.path()).read_text("utf-8"))
    assert "take-off</text>" in saved[0]
    assert "take-off</text>" not in saved[1]


@pytest.mark.parametrize("order", [0, 1])
def test_zones_dropped_before_or_after_the_log_judge_it(app, tmp_path, order):
    zones = copied(tmp_path, "restricted_zone.geojson", f"zones{order}.geojson")
    log = copied(tmp_path, "restricted_zone.csv", f"flight{order}.csv")
    tab = app()
    for path in [(zones, log), (log, zones)][order]:
        tab.locator("#choose-files").set_input_files(path)
        answered(tab, path.name)
    tab.locator("li.row.violation").filter(has_text=log.name).wait_for()
    answered(tab, zones.name).get_by_role("button", name=f"Remove: {zones.name}").click()
    tab.locator("li.row.clear").filter(has_text=log.name).wait_for()


def test_what_cannot_be_told_is_asked_and_told(app, tmp_path):
    """A way that begins in the air 4 km from another country: nobody knows yet whose drone it is."""
    fix = '<trkpt lat="40.1358" lon="{lon}"><ele>90</ele><time>2025-09-20T06:41:{second:02}Z</time></trkpt>'
    fixes = "".join(fix.format(lon=124.35 + 1e-4 * second, second=second) for second in range(60))
    log = tmp_path / "way.gpx"
    log.write_text(
        f'<gpx version="1.1" xmlns="http://www.topografix.com/GPX/1/1"><trk><trkseg>{fixes}</trkseg></trk></gpx>'
    )
    tab = app()
    tab.locator("#choose-files").set_input_files(log)
    assert "inconclusive" in answered(tab, log.name).get_attribute("class")
    answered(tab, log.name).locator('[data-act="open"]').click()
    tab.get_by_label("Where did it take off?").fill("China")
    tab.keyboard.press("Enter")
    tab.locator("p.answer").get_by_text("No border crossed: all of it in China").wait_for()


def test_a_file_and_a_nested_folder_by_dragging(app, tmp_path):
    alone = copied(tmp_path, CLEAR, "alone.csv")
    copied(tmp_path / "card" / "DCIM", CLEAR, "inner.csv")
    tab = app()
    driver = tab.context.new_cdp_session(tab)
    data = {"items": [], "files": [str(alone), str(tmp_path / "card")], "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver", "drop"):
        driver.send("Input.dispatchDragEvent", {"type": kind, "x": 500, "y": 400, "data": data})
    for name in ("alone.csv", "card/DCIM/inner.csv"):
        assert "No border crossed" in answered(tab, name).inner_text()


def test_of_a_film_only_a_part_goes_to_the_program(app, tmp_path):
    """Behind what stands in the sample come 60 MB without meaning, as pictures would be."""
    film = copied(tmp_path / "card", "founding_dandong_sinuiju.MP4", "long.MP4")
    size = 60_000_000
    with film.open("r+b") as file:
        file.seek(0, os.SEEK_END)
        file.write(size.to_bytes(4, "big") + b"free")
        file.truncate(file.tell() + size - 8)
    with running(tmp_path) as (_, address):
        tab = app(address)
        tab.locator("#choose-files").set_input_files(film)
        tab.get_by_text("1 files together").wait_for()  # it is held, and being looked at
        held = {file.stat().st_ino: file.stat() for file in tmp_path.glob("dronecheck-app-*/**/long.MP4")}
        assert 250_000 < sum(each.st_blocks for each in held.values()) * 512 < 33_000_000


def test_two_tabs_and_a_reload_show_the_same(app, tmp_path):
    log = copied(tmp_path, CLEAR, "shared.csv")
    first = app()
    second = app(context=first.context)
    first.locator("#choose-files").set_input_files(log)
    answered(first, log.name)
    second.reload()
    assert "No border crossed" in answered(second, log.name).inner_text()
    assert "#t=" not in first.url
    first.reload()
    assert "No border crossed" in answered(first, log.name).inner_text()


def test_the_address_without_its_key_opens_nothing(app, server):
    tab = app(server.split("#")[0])
    tab.get_by_role("heading", name="This address alone opens nothing").wait_for()
    tab.goto(re.sub("#t=.*", "#t=of-another-day", server))  # the page loads itself again
    tab.get_by_role("heading", name="This page belongs to a dronecheck that has ended").wait_for()


def test_files_of_the_command_line_are_there_and_a_killed_server_is_noticed(app, tmp_path):
    with running(tmp_path, SAMPLES / CLEAR) as (server, address):
        tab = app(address)
        assert "No border crossed" in answered(tab, CLEAR).inner_text()
        server.kill()
        tab.get_by_role("heading", name="dronecheck has stopped").wait_for()


def test_stopping_from_the_page_ends_the_program_and_its_folder(app, tmp_path):
    with running(tmp_path) as (server, address):
        tab = app(address)
        give(tab, CLEAR)
        answered(tab, CLEAR)
        tab.get_by_role("button", name="Stop dronecheck").click()
        tab.get_by_role("dialog").get_by_role("button", name="Stop dronecheck").click()
        tab.get_by_role("heading", name="dronecheck has stopped").wait_for()
        assert server.wait(30) == 0
        assert [path.name for path in tmp_path.glob("dronecheck-app-*")] == []


def test_zones_of_the_library_judge_and_past_checks_come_back(app, tmp_path):
    with running(tmp_path, "--keep") as (_, address):
        tab = app(address)
        tab.get_by_role("link", name="Zones").click()
        give(tab, "restricted_zone.geojson", control="#zone-files")
        dialog = tab.get_by_role("dialog")
        dialog.get_by_label("Name").fill("SIM")
        dialog.get_by_role("button", name="Keep").click()
        tab.get_by_role("heading", name="SIM").wait_for()
        assert "dronecheck zones fetch CH" in tab.locator("main").inner_text()
        tab.get_by_role("link", name="Files").click()
        give(tab, "restricted_zone.csv")
        assert "ENTERED" in answered(tab, "restricted_zone.csv").locator(".answer").inner_text()
        until(lambda: list(tmp_path.glob("data/past-checks/*/about.json")), tab)  # kept a moment after the answer
    with running(tmp_path) as (_, address):  # another day
        tab = app(address)
        tab.get_by_role("link", name="Past checks").click()
        tab.get_by_role("link", name="Open: restricted_zone.csv").click()
        tab.frame_locator("iframe").locator("#map").wait_for()


def test_photos_have_thumbnails_and_clean_copies(app):
    tab = app(accept_downloads=True)
    give(tab, "photos/DJI_0001.JPG", "photos/DJI_0002.JPG")
    answered(tab, "DJI_0002.JPG").locator('[data-act="open"]').click()
    assert tab.frame_locator("iframe").locator("h1").inner_text()
    tab.locator(".strip img").nth(1).wait_for()
    with tab.expect_download() as waited:
        tab.locator(".strip li").first.get_by_role("button").click()
    was, clean = (SAMPLES / "photos/DJI_0001.JPG").read_bytes(), Path(waited.value.path()).read_bytes()
    assert b"FC3582" in was
    assert b"FC3582" not in clean


def test_a_folder_of_many_logs_is_one_row_with_the_page_of_a_fleet(app, tmp_path):
    tab = app(accept_downloads=True)
    logs = [copied(tmp_path / "logs", CLEAR, f"log{number}.csv") for number in range(21)]
    tab.locator("#choose-files").set_input_files(logs)
    row = tab.locator("li.row:not(.busy)").filter(has_text="21 logs together")
    row.locator('[data-act="open"]').click()
    assert "21" in tab.frame_locator("iframe").locator("h1").inner_text()
    with tab.expect_download() as waited:
        tab.get_by_role("button", name="Save CSV").click()
    assert len(Path(waited.value.path()).read_text("utf-8").splitlines()) == 22
