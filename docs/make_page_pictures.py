"""The pictures of the page in README.md and docs, from our own sample, by Chromium. `make page-pictures`."""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from dronecheck import check, load_zones, read
from dronecheck.audit.engine.local import Limits, LocalEngine
from dronecheck.audit.fleet.reporting import write_fleet_page
from dronecheck.audit.ledger import Ledger
from dronecheck.audit.privacy import without_private
from dronecheck.audit.progress import Silent
from dronecheck.audit.run import run_audit
from dronecheck.report.case import Case
from dronecheck.report.figures import plots, png
from dronecheck.report.page import write_page
from dronecheck.report.privacy import redact
from dronecheck.settings import Options

REPO = Path(__file__).resolve().parents[1]
TARGET = REPO / "docs" / "images"
COLOURS = 255


def _save(png: bytes, name: str) -> None:
    """Few colours: pages are flat, and the pictures stay small."""
    picture = Image.open(io.BytesIO(png)).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    picture.save(TARGET / name, optimize=True)


def main() -> None:
    """The page from its top to the charts, the map of another one zoomed to an 11 m corridor, the plotted map."""
    samples = REPO / "samples"
    zones = load_zones([samples / "restricted_zone.geojson"])
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        tab = browser.new_page(viewport={"width": 1000, "height": 900}, color_scheme="light")
        for name, brought in (("founding_dandong_sinuiju.ulg", None), ("restricted_zone.csv", zones)):
            flight = read(samples / name)
            path = Path(folder) / f"{name}.html"
            write_page(Case(flight, brought, check(flight, brought)), path)
            tab.goto(path.as_uri())
            if brought is None:
                end = tab.locator("section[aria-labelledby=charts]").bounding_box()
                clip = {"x": 0, "y": 0, "width": 1000, "height": end["y"] + end["height"]}
                _save(tab.screenshot(full_page=True, clip=clip), "page.png")
                continue
            tab.locator("button[data-box]").first.click()
            tab.locator("#in").click()
            tab.evaluate("document.activeElement.blur()")
            tab.mouse.move(0, 0)
            _save(tab.locator("#map").screenshot(), "page-close-up.png")
        _fleet(tab, Path(folder))
        browser.close()
    flight = read(samples / "founding_dandong_sinuiju.ulg")
    _save(png(plots(redact(Case(flight, None, check(flight))))["map"]), "founding-map.png")


def _fleet(tab: Page, folder: Path) -> None:
    """The fleet page's places and months, of 600 simulated logs."""
    maker = [sys.executable, str(REPO / "samples" / "make_fleet.py"), "600", "--out", str(folder / "fleet")]
    subprocess.run(maker, check=True)
    options = Options(zones=(folder / "fleet" / "zones.geojson",))
    places = [str(folder / "fleet" / "logs")]
    run_audit(places, folder / "audit", options, LocalEngine(2, Limits()), Silent(), threading.Event())
    ledger = Ledger(folder / "audit", write=False)
    write_fleet_page(
        ledger, folder / "fleet.html", without_private, by_pilot=False, with_flights=0, include_private=False
    )
    ledger.close()
    tab.goto((folder / "fleet.html").as_uri())
    where = tab.locator("section[aria-labelledby=places]").bounding_box()
    months = tab.locator("section[aria-labelledby=months]").bounding_box()
    height = months["y"] + months["height"] - where["y"]
    clip = {"x": 0, "y": where["y"], "width": 1000, "height": height}
    _save(tab.screenshot(full_page=True, clip=clip), "fleet-page.png")


if __name__ == "__main__":
    main()
