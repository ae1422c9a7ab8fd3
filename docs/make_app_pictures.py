"""The pictures of docs/app.md, from our own samples, by Chromium driving `dronecheck app`. `make app-pictures`."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

REPO = Path(__file__).resolve().parents[1]
TARGET = REPO / "docs" / "images"
SAMPLES = REPO / "samples"
COLOURS = 255
PATIENCE_MS = 120_000
FIRST = ("founding_dandong_sinuiju.ulg", "bank_hugging_dandong.ulg", "clear_dandong.csv", "README.md")
FOOTAGE = ("photos/DJI_0001.JPG", "photos/DJI_0002.JPG", "photos/DJI_0004.JPG", "founding_dandong_sinuiju.SRT")
ZONES = ("restricted_zone.csv", "restricted_zone.geojson")


def _save(tab: Page, name: str, *, height: int | None = None) -> None:
    """Few colours: pages are flat, and the pictures stay small. `height` cuts a long page, in pixels."""
    tab.evaluate("() => { document.activeElement.blur(); scrollTo(0, 0); }")
    width = tab.viewport_size["width"]
    whole = tab.evaluate("document.documentElement.scrollHeight")
    clip = {"x": 0, "y": 0, "width": width, "height": min(height or whole, whole)}
    picture = Image.open(io.BytesIO(tab.screenshot(full_page=True, clip=clip))).convert("RGB")
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(TARGET / name, optimize=True)


def _give(tab: Page, *names: str) -> None:
    rows = tab.locator("li.row").count() + len(names)
    tab.locator("#choose-files").set_input_files([SAMPLES / name for name in names])
    tab.locator("li.row").nth(rows - 1).wait_for()
    tab.locator("li.row.busy").first.wait_for(state="detached")
    tab.wait_for_timeout(500)


def main() -> None:
    """Drop, answers, an answer with what is missing, and the same on a phone in the dark and in Chinese."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        command = [sys.executable, "-m", "dronecheck", "app", "--no-browser"]
        environment = {**os.environ, "DRONECHECK_HOME": folder, "TMPDIR": folder}
        server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
        assert server.stdout is not None
        address = server.stdout.readline().strip()
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        tab = browser.new_page(viewport={"width": 1000, "height": 620}, color_scheme="light", locale="en")
        tab.set_default_timeout(PATIENCE_MS)
        tab.goto(address)
        tab.get_by_text("Where is my flight log?").click()
        _save(tab, "app-drop.png")
        tab.get_by_text("Where is my flight log?").click()
        _give(tab, *FIRST)
        _save(tab, "app-answers.png")
        tab.set_viewport_size({"width": 1000, "height": 1000})
        tab.locator("li.row.violation [data-act=open]").first.click()
        tab.frame_locator("iframe").locator("#map").wait_for()
        tab.wait_for_timeout(1000)
        _save(tab, "app-result.png", height=1200)
        tab.go_back()
        _give(tab, *FOOTAGE)
        tab.locator("li.row [data-act=open]").first.click()
        tab.locator(".strip img").first.wait_for()
        tab.locator("iframe").wait_for()
        tab.wait_for_timeout(1000)
        _save(tab, "app-footage.png", height=1200)
        phone = browser.new_page(viewport={"width": 360, "height": 740}, color_scheme="dark", locale="zh")
        phone.set_default_timeout(PATIENCE_MS)
        phone.goto(address)
        phone.wait_for_timeout(500)
        phone.locator("[data-act=remove]").first.wait_for()
        while phone.locator("[data-act=remove]").count():
            phone.locator("[data-act=remove]").first.click()
            phone.wait_for_timeout(300)
        _give(phone, *ZONES)
        _save(phone, "app-phone.png", height=1000)
        browser.close()
        server.terminate()
        server.wait(30)


if __name__ == "__main__":
    main()
