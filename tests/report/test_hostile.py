"""200 hostile names, of files, zones and messages: never markup, never a control byte, never another folder."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import shapely

from dronecheck.airspace.zone import Zone, ZoneKind, ZoneSet, ZoneSource
from dronecheck.flight import Track
from dronecheck.geo.outline.shape import Shape
from dronecheck.geofence.engine import check
from dronecheck.issues import Code, Issue, Severity
from dronecheck.report.case import Case
from dronecheck.report.terminal.check import summary
from dronecheck.safe.io import file_name, plain
from tests.conftest import make_flight
from tests.report.test_html import Skeleton, page_of
from tests.support.hostile import HOSTILE
from tests.support.scale import loops

AT_SEA = (-48.0, -120.0)
CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


@cache
def _zone(k):
    lat, lon = AT_SEA
    return Shape(shapely.box(lon, lat + 1e-3 * k, lon + 1e-2, lat + 1e-3 * (k + 0.8)))


def reported(names):
    """A flight through one zone a name; the first name is also that of the file and of a message."""
    lat, lon = AT_SEA
    count = 4 * len(names) + 4
    flight = make_flight(lat + np.linspace(-1e-3, 1e-3 * len(names), count), np.full(count, lon + 5e-3), dt_s=8.0)
    track = Track.build(**flight.track.columns(), message=names[0])
    file = names[0].replace("/", "|").replace("\x00", "\\0") or "e"
    flight = replace(
        flight,
        source=replace(flight.source, path=Path("/some/where") / file),
        tracks={"gnss": track},
        issues=tuple(Issue(Code.NO_FIX_ROWS, Severity.WARNING, name) for name in names),
    )  # fmt: skip
    source = ZoneSource(names[0], "0" * 64, edition=names[0], licence=names[0])
    zones = ZoneSet(
        tuple(Zone(f"{n}", n, ZoneKind.RESTRICTED, _zone(k), source) for k, n in enumerate(names)), (source,), ()
    )
    return Case(flight, zones, check(flight, zones))


def test_two_hundred_zones_and_messages_are_text_on_the_page_and_in_the_terminal():
    names = HOSTILE[:: loops(1, 3)]
    case = reported(names)
    assert {f.zone.name for f in case.result.findings} == set(names)
    text = page_of(case)
    ordinary = reported([f"name {k}" for k in range(len(names))])
    parsed = Skeleton(text)
    assert parsed.tags == Skeleton(page_of(ordinary)).tags
    assert not CONTROL.search(text)
    read = "".join(parsed.read)
    assert [name for name in names if plain(name, 4000) not in read] == []
    shown = summary(case.flight, case.result)
    assert not CONTROL.search(shown)
    shown.encode("utf-8")


@pytest.mark.parametrize("part", range(0, 20, loops(1, 4)))
def test_each_name_alone_of_file_zone_and_message(part):
    ordinary = Skeleton(page_of(reported(["plain"]))).tags
    for name in HOSTILE[part * 10 : part * 10 + 10]:
        case = reported([name])
        text = page_of(case)
        assert Skeleton(text).tags == ordinary, name
        assert not CONTROL.search(text), name
        assert not CONTROL.search(summary(case.flight, case.result)), name
        assert "/some/where" not in text


def test_no_name_leaves_its_folder():
    for name in HOSTILE:
        made = file_name(name)
        assert made == os.path.basename(made), name
        assert made not in ("", ".", ".."), name
        assert not made.startswith(("-", ".")), name
        assert len(made.encode("utf-8")) <= 151, name
        assert not CONTROL.search(made), name
    assert file_name("Flight 2026-03 (丹东) v1.2") == "Flight 2026-03 (丹东) v1.2"


def test_files_of_hostile_logs_stay_inside_the_output_folder(tmp_path, repo):
    """Those names that a file can have, many logs at once, with every kind of output."""
    logs, out = tmp_path / "in" / "logs", tmp_path / "out" / "here"
    logs.mkdir(parents=True)
    out.mkdir(parents=True)
    names = ["..", "\x1b[31m", "$(touch x)", "<b>", "=cmd|'", "丹" * 60, "-rf", "a\nb", "\u202evil", "{0}"]
    for name in names[:: loops(1, 3)]:
        shutil.copy(repo / "samples" / "restricted_zone.csv", logs / f"{name}.csv")
    files = [str(p) for p in sorted(logs.iterdir())]
    for options, named in (
        (["--report", "pages", "--json", "all.jsonl"], files),
        (["--plots", "plots"], files[: loops(3, 2)]),
    ):
        run = [sys.executable, "-m", "dronecheck", "check", *options, "--", *named]
        done = subprocess.run(run, capture_output=True, cwd=out, check=False)
        assert done.returncode == 0, done.stderr
        assert not CONTROL.search((done.stdout + done.stderr).decode())
    assert sorted(p.name for p in out.iterdir()) == ["all.jsonl", "pages", "plots"]
    assert sorted(p.name for p in out.parent.iterdir()) == ["here"]
    assert [len(list((out / kind).iterdir())) for kind in ("pages", "plots")] == [len(files) + 1, loops(3, 2)]
    assert len(list(logs.iterdir())) == len(files)
