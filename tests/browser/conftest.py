"""Debian's Chromium, driven by Playwright. Missing: skipped here, a failure where CI is set."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from dronecheck import Case, Disclosure, check, load_zones, read, write_page
from dronecheck.geofence.settings import Settings
from tests.conftest import REPO, make_flight

SAMPLES = REPO / "samples"


def _missing(what: str) -> None:
    if os.environ.get("CI"):
        pytest.fail(f"{what}; .ci/run installs it")
    pytest.skip(what)


@pytest.fixture(scope="session")
def browser():
    found = next((p for p in map(shutil.which, ("chromium", "chromium-browser", "google-chrome")) if p), None)
    if found is None:
        _missing("no Chromium")
    try:
        from playwright import sync_api as api
    except ImportError:
        _missing("no playwright")
    with api.sync_playwright() as playwright:
        driven = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield driven
        driven.close()


@pytest.fixture(scope="session")
def axe():
    """The text of axe-core, from an installed package."""
    try:
        import axe_playwright_python
    except ImportError:
        _missing("no axe-playwright-python")
    return (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text("utf-8")


@pytest.fixture(scope="session")
def pages(tmp_path_factory) -> dict[str, Path]:
    """Pages of an entry, of zones, of an open answer, of many fixes, and of none."""
    folder = tmp_path_factory.mktemp("pages")
    zones = load_zones([SAMPLES / "restricted_zone.geojson"])
    limited = Settings(max_height_m=120.0)
    rng = np.random.default_rng(9)
    step = np.cumsum(rng.normal(0, 2e-5, (30_000, 2)), axis=0)
    many = make_flight(40.11 + step[:, 0], 124.38 + step[:, 1], alt_home_m=50 + 30 * np.sin(np.arange(30_000) / 900))
    made = {
        "entered": (read(SAMPLES / "founding_dandong_sinuiju.ulg"), None, limited),
        "zones": (read(SAMPLES / "restricted_zone.csv"), zones, limited),
        "open": (read(SAMPLES / "bank_hugging_dandong.ulg"), None, Settings()),
        "many": (many, None, Settings()),
        "none": (make_flight([], []), None, Settings()),
    }
    written = {}
    for name, (flight, brought, rules) in made.items():
        written[name] = folder / f"{name}.html"
        write_page(Case(flight, brought, check(flight, brought, rules)), written[name])
    flight, _, rules = made["entered"]
    written["hidden"] = folder / "hidden.html"
    write_page(Case(flight, None, check(flight, None, rules)), written["hidden"], Disclosure(hide_home_m=500.0))
    return written


@pytest.fixture
def opened(browser, pages):
    """A function that opens a page; afterwards nothing was asked for and nothing complained."""
    contexts, asked, complaints = [], [], []

    def open_page(name, *, width=1400, **options):
        context = browser.new_context(viewport={"width": width, "height": 900}, **options)
        contexts.append(context)
        tab = context.new_page()
        tab.on("request", lambda request: asked.append(request.url))
        tab.on("console", lambda message: complaints.append(message.text))
        tab.on("pageerror", lambda error: complaints.append(str(error)))
        tab.goto(pages[name].as_uri())
        return tab

    yield open_page
    for context in contexts:
        context.close()
    own = {path.as_uri() for path in pages.values()}
    assert [url for url in asked if url not in own and not url.startswith("blob:")] == []
    assert complaints == []
