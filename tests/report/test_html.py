"""The HTML report: nothing from the input becomes markup, nothing leaves the page, same bytes each time."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
import shapely

from dronecheck.airspace.zone import Zone, ZoneKind, ZoneSet, ZoneSource
from dronecheck.geo.shape import Shape
from dronecheck.geofence.engine import check
from dronecheck.geofence.path import Path as FlightPath
from dronecheck.report.figures_view import MapView
from dronecheck.report.html import page
from dronecheck.report.html.drawing import TOLERANCE_M, track_rows
from dronecheck.report.jsonout import encode, result_document
from dronecheck.report.wording import headline
from tests.conftest import make_flight

HOSTILE = [
    "<script>alert(1)</script>", "</script><img src=x onerror=alert(1)>", "</style><b>", "<!--", "]]>", "&lt;b&gt;",
    '" onload="alert(1)', "' x='", "javascript:alert(1)", "\u202eevil\u2069", "a\x00b", "\x1b[31m", "$\\frac$",
    "=cmd|' /C calc'!A0", "신의주 丹东", "\u2028\u2029", "</title><svg/onload=alert(1)>", "x" * 300, "`${1}`",
]  # fmt: skip


class Skeleton(HTMLParser):
    """Elements with their attributes' names, the text in data blocks, and the text people read."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.blocks, self.read, self.inside = [], {}, [], None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, tuple(sorted(name for name, _ in attrs))))
        self.inside = (tag, dict(attrs).get("id"))

    def handle_data(self, data):
        if self.inside and self.inside[0] in ("script", "style"):
            self.blocks.setdefault(self.inside, data)
        else:
            self.read.append(data)

    def handle_endtag(self, tag):
        self.inside = None


def flown(count=400):
    share = np.concatenate([np.linspace(0, 1, count), np.linspace(1, 0, count)])
    return make_flight(40.1175 - 0.0225 * share, 124.3923 + 0.0177 * share, dt_s=1.0, events=[(2, "takeoff")],
                       alt_home_m=100 * np.sqrt(share))  # fmt: skip


def reported(name):
    flight = flown()
    flight = replace(flight, source=replace(flight.source, path=Path("/home/someone") / name.replace("/", "_")))
    source = ZoneSource(name, "0" * 64)
    zone = Zone(name, name, ZoneKind.RESTRICTED, Shape(shapely.box(124.395, 40.10, 124.4, 40.12)), source)
    zones = ZoneSet((zone,), (source,), ())
    result = check(flight, zones)
    return flight, result, zones


@pytest.mark.parametrize("name", HOSTILE)
def test_names_never_become_markup(name):
    plain_tags = Skeleton(page(*reported("plain"))).tags
    parsed = Skeleton(page(*reported(name)))
    assert parsed.tags == plain_tags
    assert not any(
        attribute.startswith("on") or attribute == "style" for _, names in parsed.tags for attribute in names
    )


def test_embeds_the_json_document_and_the_headline():
    flight, result, zones = reported("</script>&\u2028")
    text = page(flight, result, zones)
    parsed = Skeleton(text)
    assert json.loads(parsed.blocks["script", "result"]) == json.loads(
        encode(result_document(flight, result), indent=True)
    )
    read = "".join(parsed.read)
    assert headline(result).split(".")[0] in read
    assert text == page(flight, result, zones)
    assert "/home/someone" not in text
    assert "/home/someone" in page(flight, result, zones, include_private=True)


def test_the_policy_allows_exactly_the_inline_script_and_style():
    text = page(*reported("zone"))
    blocks = Skeleton(text).blocks
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)[1]
    for kind in ("script", "style"):
        digest = base64.b64encode(hashlib.sha256(blocks[kind, None].encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert not re.search(r"\b(?:src|href)=|https?://", re.sub(r"(?s)<script.*?</script>", "", text))


def test_the_drawn_track_stays_within_its_tolerance():
    rng = np.random.default_rng(1)
    steps = np.cumsum(rng.normal(0, 2e-5, (8_000, 2)), axis=0)
    flight = make_flight(40.1 + steps[:, 0], 124.4 + steps[:, 1], dt_s=0.2)
    view = MapView(FlightPath(flight.track, check(flown(10)).rules.thresholds), [], 1.5)
    drawn = shapely.linestrings(view.xy_m[track_rows(view, 0, 7_999)])
    shapely.prepare(drawn)
    assert shapely.distance(drawn, shapely.points(view.xy_m)).max() <= TOLERANCE_M + 1e-6


def test_a_log_without_a_position_has_a_page():
    flight = make_flight([], [])
    text = page(flight, check(flight), None)
    assert "CANNOT TELL" in text
    assert "<svg" not in text


def test_command_line_writes_one_page_a_log_and_loads_nothing_without_it(tmp_path, repo):
    log = repo / "samples" / "clear_dandong.csv"
    script = (
        "import sys; from dronecheck.__main__ import main\n"
        "try: main()\nexcept SystemExit: pass\n"
        "print(sorted(m for m in sys.modules if m.startswith(('dronecheck.report.html', 'matplotlib'))))"
    )
    done = subprocess.run([sys.executable, "-c", script, "check", str(log)], capture_output=True, text=True, check=True)
    assert done.stdout.rstrip().endswith("[]")
    run = [sys.executable, "-m", "dronecheck", "check", str(log)]
    assert subprocess.run([*run, "--report", str(tmp_path / "a.html")], capture_output=True).returncode == 0
    assert subprocess.run([*run, str(log), "--report", str(tmp_path / "many")], capture_output=True).returncode == 0
    pages = [tmp_path / "a.html", *sorted((tmp_path / "many").iterdir())]
    assert [p.name for p in pages] == ["a.html", "clear_dandong-2.html", "clear_dandong.html"]
    assert len({p.read_bytes() for p in pages}) == 1
    assert subprocess.run([*run, "--report", str(log)], capture_output=True).returncode == 2
