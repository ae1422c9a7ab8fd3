"""The fleet page in a real browser, with ten thousand rows and with hostile names: quick, quiet, and for everyone."""

from __future__ import annotations

import random

import pytest
import shapely

from dronecheck.audit.fleet.gather import gathered
from dronecheck.audit.fleet.page import fleet_page
from dronecheck.audit.tables.columns import FINDINGS, FLIGHTS
from tests.support.hostile import HOSTILE
from tests.support.scale import full_only

FILES = 10_000
CAUSES = ("border crossing North Korea", "zone entry Zone 7", "border crossing Germany")


def made_rows(count=FILES):
    """Flights as the audit's tables have them; every twentieth entered something, some with hostile names."""
    dice = random.Random(4)
    for number in range(count):
        state = "VIOLATION" if number % 20 == 0 else "INCONCLUSIVE" if number % 20 == 1 else "CLEAR"
        status = "failed" if number % 500 == 7 else "ok"
        hostile = HOSTILE[number % len(HOSTILE)] if number % 40 == 0 else ""
        flight = dict.fromkeys(FLIGHTS) | {
            "file": f"2026-{number % 12 + 1:02d}/flight_{number:05d}{hostile}.ulg", "sha256": f"{number:064x}",
            "status": status, "code": "timeout" if status == "failed" else None, "serial": f"S{number % 30}",
            "registration": f"D-{number % 30:04d}" if number % 3 else None, "pilot": f"Pilot {number % 7}",
            "start_utc": f"2026-{number % 12 + 1:02d}-03T10:00:00.000Z", "verdict": state if status == "ok" else None,
            "cause": (hostile or CAUSES[number % 3]) if state != "CLEAR" else None, "border": state,
            "airspace": "not_checked", "height": "not_checked", "distance_m": 1000.0, "duration_s": 300.0,
            "tool_version": "0.1.0/1", "basis": "ab", "findings": int(state != "CLEAR"),
        }  # fmt: skip
        findings = []
        if state != "CLEAR" and status == "ok":
            lon, lat = (124.39, 40.11) if number % 3 else (-61.48, -36.52)
            lon, lat = lon + dice.uniform(-0.01, 0.01), lat + dice.uniform(-0.01, 0.01)
            way = shapely.LineString([(lon, lat), (lon + 0.002, lat + 0.001)])
            findings.append(
                dict.fromkeys(FINDINGS)
                | {"finding_verdict": state, "entry_lon_deg": lon, "entry_lat_deg": lat, "depth_m": 12.5 + number % 90,
                   "zone_name": hostile or "Somewhere", "wkb": shapely.to_wkb(way)}
            )  # fmt: skip
        yield flight, findings


@pytest.fixture(scope="module")
def fleet_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("fleet") / "fleet.html"
    fleet = gathered(made_rows(), {f"S{n}": f"aircraft {n}" for n in range(30)})
    pages = {f"{0:064x}": "fleet_flights/0.html"}
    path.write_text(fleet_page(fleet, folder="audit", by_pilot=True, pages=pages), "utf-8")
    return path


@pytest.fixture
def tab(browser, fleet_file):
    asked, complaints = [], []
    context = browser.new_context(viewport={"width": 1400, "height": 900})
    page = context.new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(fleet_file.as_uri())
    yield page
    context.close()
    assert [url for url in asked if url != fleet_file.as_uri()] == []
    assert complaints == []


def shown(tab):
    return tab.locator("#rows tbody tr:not(.group)").count()


def test_ten_thousand_rows_are_there_and_quick(tab, fleet_file):
    assert fleet_file.stat().st_size < 4_000_000
    assert "Rows 1 to 100 of 10,000" in tab.locator("#count").inner_text()
    assert shown(tab) == 100
    # What the browser lays out does not grow with the rows: that is what makes the page quick.
    assert tab.evaluate("document.querySelectorAll('*').length") < 10_000
    for _ in range(5):
        tab.locator("#after").click()
    assert "Rows 501 to 600" in tab.locator("#count").inner_text()
    tab.locator("#find").fill("flight_0777")
    assert "of 10" in tab.locator("#count").inner_text()


def test_rows_are_grouped_sorted_and_filtered(tab):
    assert tab.locator("#rows .group").first.inner_text().startswith("violation: ")
    tab.locator("#state").select_option("INCONCLUSIVE")
    assert "of 500" in tab.locator("#count").inner_text()
    assert {c.inner_text() for c in tab.locator("#rows .state").all()} == {"cannot tell"}
    tab.get_by_role("button", name="Depth, m").click()
    depths = [float(c.inner_text()) for c in tab.locator("#rows tbody tr td:nth-child(7)").all()]
    assert depths == sorted(depths)
    tab.get_by_role("button", name="Depth, m").click()
    again = [float(c.inner_text()) for c in tab.locator("#rows tbody tr td:nth-child(7)").all()]
    assert again == sorted(again, reverse=True) and again[0] > depths[0]
    assert tab.locator("#rows th[aria-sort=descending]").inner_text() == "Depth, m"
    tab.locator("#state").select_option("failed")
    assert "of 20" in tab.locator("#count").inner_text()


def test_a_place_shows_its_flights(tab):
    tab.locator("[data-place]").first.click()
    assert "of 10,000" not in tab.locator("#count").inner_text()
    tab.locator("#all").click()
    assert "of 10,000" in tab.locator("#count").inner_text()


def test_a_flight_with_a_page_is_linked(tab):
    tab.locator("#find").fill("flight_00000")
    assert tab.locator("#rows a").get_attribute("href") == "fleet_flights/0.html"


def test_hostile_names_stay_text(tab):
    tab.locator("#state").select_option("VIOLATION")
    for element in ("script:not([type]):not([src])", "img", "iframe", "object", "style"):
        expected = 1 if element.startswith(("script", "style")) else 0
        assert tab.locator(element).count() == expected, element
    assert tab.evaluate("document.querySelectorAll('[onerror],[onload],[onclick]').length") == 0


@pytest.mark.parametrize(
    ("width", "scheme"),
    [pytest.param(1400, "light", marks=full_only), (1400, "dark"), pytest.param(360, "light", marks=full_only)],
)
def test_everyone_can_use_it(browser, fleet_file, axe, width, scheme):
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme, bypass_csp=True)
    page = context.new_page()
    page.goto(fleet_file.as_uri())
    page.evaluate(axe)
    found = page.evaluate("axe.run()")
    context.close()
    assert [(v["id"], v["nodes"][0]["html"][:200]) for v in found["violations"]] == []


def test_without_scripts_the_facts_are_there(browser, fleet_file):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(fleet_file.as_uri())
    text = page.locator("main").inner_text()
    shown_rows = page.locator("#rows tbody tr").count()
    context.close()
    assert "9,980 flights: 500 violation, 500 cannot tell, 8,980 clear" in text.replace("\xa0", " ")
    assert shown_rows == 300
    assert not [word for word in ("Search", "Later rows") if word in text]


def test_no_sideways_scrolling_on_a_phone(browser, fleet_file):
    context = browser.new_context(viewport={"width": 360, "height": 800})
    page = context.new_page()
    page.goto(fleet_file.as_uri())
    wide = page.evaluate("document.documentElement.scrollWidth")
    context.close()
    assert wide <= 360
