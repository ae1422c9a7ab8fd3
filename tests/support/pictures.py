"""Flights whose plots are looked at, and what a figure draws: the boxes of its texts and of its marks, in pixels."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from dronecheck import Case, check, load_zones, open_terrain, read
from dronecheck.geofence.settings import Settings
from dronecheck.report.case import Disclosure
from dronecheck.report.privacy import Redacted, redact
from tests.conftest import REPO, make_flight

SAMPLES = REPO / "samples"
TOUCH_PX = 0.5
CITY = (47.37, 8.54)
_MIDNIGHT_NS = 1_750_031_940_000_000_000  # 2025-06-15T23:59:00Z


def drawn_texts(figure: Figure) -> list[tuple[str, Bbox]]:
    """Return each text that is drawn, with the box of its letters; ticks outside the axes and empty texts are none."""
    drawn: list[Text] = []
    renderer = figure.canvas.get_renderer()
    with pytest.MonkeyPatch.context() as patch:
        original = Text.draw

        def draw(self, renderer, *more, **others):
            if self.get_visible() and self.get_text().strip() and self not in drawn:
                drawn.append(self)
            return original(self, renderer, *more, **others)

        patch.setattr(Text, "draw", draw)
        figure.draw(renderer)
    return [(text.get_text(), Text.get_window_extent(text, renderer)) for text in drawn]


def drawn_marks(figure: Figure) -> list[Bbox]:
    """Return the boxes of all markers in axes and beside them, but not in legends."""
    scale = figure.dpi / 72
    boxes = []
    for line in [*figure.lines, *(line for axes in figure.axes for line in axes.lines)]:
        if line.get_marker() in (None, "None", "", " "):
            continue
        half = line.get_markersize() / 2 * scale
        every = line.get_markevery()
        xy = np.asarray(line.get_xydata())[every if every is not None else slice(None)]
        boxes += [
            Bbox.from_extents(x - half, y - half, x + half, y + half) for x, y in line.get_transform().transform(xy)
        ]
    return boxes


def faults(figure: Figure) -> list[str]:
    """Return what is wrong with the places of a figure's texts, in words."""
    texts, marks = drawn_texts(figure), drawn_marks(figure)
    inside = {text.get_text(): axes for axes in figure.axes for text in axes.texts}
    found = []
    for number, (text, box) in enumerate(texts):
        room = inside[text].bbox if text in inside else figure.bbox
        if box.x0 < room.x0 or box.y0 < room.y0 or box.x1 > room.x1 or box.y1 > room.y1:
            found.append(f"outside: {text!r}")
        found += [f"on each other: {text!r} and {other!r}" for other, two in texts[:number] if overlap(box, two)]
        found += [f"on a mark: {text!r}" for mark in marks if overlap(box, mark)]
    return found


def overlap(one: Bbox, two: Bbox) -> bool:
    return min(one.x1, two.x1) - max(one.x0, two.x0) > TOUCH_PX and min(one.y1, two.y1) - max(one.y0, two.y0) > TOUCH_PX


Scene = Callable[[str, Path], Redacted]


def _sample(name: str, *, zones: str = "", **limits: float) -> Scene:
    def scene(language: str, folder: Path) -> Redacted:
        brought = load_zones([SAMPLES / zones]) if zones else None
        flight = read(SAMPLES / name)
        return redact(Case(flight, brought, check(flight, brought, Settings(language=language, **limits))))

    return scene


def city_zones(folder: Path):
    """Thirty zones of a city that lie on each other."""
    rng = np.random.default_rng(20261130)
    features = []
    for number in range(30):
        lat, lon = (float(v) for v in rng.normal(CITY, (0.02, 0.03)))
        angle, size = np.linspace(0, 2 * np.pi, 25), rng.uniform(0.002, 0.03)
        ring = np.column_stack([lon + 1.4 * size * np.cos(angle), lat + size * np.sin(angle)]).round(6).tolist()
        ring[-1] = ring[0]
        properties = {"id": f"Z{number}", "name": f"Zone number {number} of the city"}
        features.append({"type": "Feature", "properties": properties,
                         "geometry": {"type": "Polygon", "coordinates": [ring]}})  # fmt: skip
    (folder / "city.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return load_zones([folder / "city.geojson"])


def _city(language: str, folder: Path, north: float = 0.0) -> Redacted:
    zones = city_zones(folder)
    at = np.linspace(0, 14, 900)
    flight = make_flight(CITY[0] + north + 0.02 * np.sin(at), CITY[1] + 0.03 * np.cos(0.6 * at),
                         alt_home_m=50 + 20 * np.sin(at), events=[(0, "takeoff")])  # fmt: skip
    return redact(Case(flight, zones, check(flight, zones, Settings(language=language))))


def _beside_city(language: str, folder: Path) -> Redacted:
    """The zones of the city, of which the flight enters none."""
    zones = city_zones(folder)
    at = np.linspace(0, 14, 900)
    flight = make_flight(47.30 + 0.005 * np.sin(at), 8.56 + 0.03 * np.cos(0.6 * at), alt_home_m=50 + 20 * np.sin(at))
    return redact(Case(flight, zones, check(flight, zones, Settings(language=language))))


def _over_terrain(language: str, folder: Path) -> Redacted:
    """The founding flight over hills of 60 m."""
    row, column = np.mgrid[0:1201, 0:1201]
    lat, lon = 41 - row / 1200, 124 + column / 1200
    hill = 10 + 60 * np.exp(-((lat - 40.105) ** 2 + (lon - 124.40) ** 2) / 0.005**2)
    hill.round().astype(">i2").tofile(folder / "N40E124.hgt")
    ground = open_terrain([folder / "N40E124.hgt"])
    flight = read(SAMPLES / "founding_dandong_sinuiju.ulg")
    settings = Settings(language=language, max_agl_m=60.0, max_height_m=100.0)
    return redact(Case(flight, None, check(flight, None, settings, ground=ground), ground))


def _made(count: int, dt_s: float, *, gap_s: float = 0.0, start_ns: int = 1_750_000_000_000_000_000, **more) -> Scene:
    """A flight along and over the border, at some 10 m/s at most."""

    def scene(language: str, folder: Path) -> Redacted:
        share = np.linspace(0, min(1.0, count * dt_s / 400), count) if count > 1 else np.zeros(1)
        steps = np.full(max(count - 1, 0), dt_s)
        if gap_s:
            steps[count // 2] = gap_s
        height_m = 80 * np.sin(np.pi * share)
        flight = make_flight(40.115 - 0.006 * share, 124.385 + 0.01 * np.sin(5 * share), dt_s=steps, start_ns=start_ns,
                             alt_home_m=height_m, alt_amsl_m=12 + height_m, **more)  # fmt: skip
        return redact(Case(flight, None, check(flight, None, Settings(language=language, max_height_m=60.0))))

    return scene


def _long_names(language: str, folder: Path) -> Redacted:
    """A file, a zone and a limit with names as long and as wide as they are taken."""
    ring = [[[8.50, 53.50], [8.56, 53.50], [8.56, 53.54], [8.50, 53.54], [8.50, 53.50]]]
    feature = {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": ring},
               "properties": {"id": "W", "name": "W" * 200, "upper_m": 300, "upper_datum": "AMSL"}}  # fmt: skip
    (folder / "long.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    zones = load_zones([folder / "long.geojson"])
    at = np.linspace(0, 3, 600)
    flight = make_flight(53.52 + 0.004 * np.sin(at), 8.53 + 0.01 * np.cos(at), dt_s=1.0, alt_amsl_m=np.full(600, 80.0))
    flight = replace(flight, source=replace(flight.source, path=Path("飞行记录" * 30 + ".csv")))
    return redact(Case(flight, zones, check(flight, zones, Settings(language=language, max_height_m=60.0))))


def _rules(language: str, folder: Path) -> Redacted:
    """Nothing but rules and many zones' floors and ceilings at nearly the same heights."""
    ring = [[[8.50, 53.50], [8.56, 53.50], [8.56, 53.54], [8.50, 53.54], [8.50, 53.50]]]
    features = [{"type": "Feature", "geometry": {"type": "Polygon", "coordinates": ring},
                 "properties": {"id": f"F{n}", "name": f"Sector {n} of the control zone", "lower_m": 100 + n,
                                "lower_datum": "AMSL", "upper_m": 108 + n, "upper_datum": "AMSL"}}
                for n in range(6)]  # fmt: skip
    (folder / "sectors.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    zones = load_zones([folder / "sectors.geojson"])
    at = np.linspace(0, 3, 600)
    height = 112 * np.minimum(1.0, at)
    flight = make_flight(53.52 + 0.004 * np.sin(at), 8.53 + 0.01 * np.cos(at), dt_s=1.0, alt_home_m=height,
                         alt_amsl_m=height + 1.0, v_sigma_m=np.full(600, 1.0), events=[(0, "takeoff")])  # fmt: skip
    return redact(
        Case(flight, zones, check(flight, zones, Settings(language=language, max_height_m=120.0, max_agl_m=119.0)))
    )


def _hidden(language: str, folder: Path) -> Redacted:
    flight = read(SAMPLES / "founding_dandong_sinuiju.ulg")
    result = check(flight, None, Settings(language=language))
    return redact(Case(flight, None, result), Disclosure(hide_home_m=200.0))


SCENES: dict[str, Scene] = {
    "founding": _sample("founding_dandong_sinuiju.ulg"),
    "film": _sample("founding_dandong_sinuiju.SRT"),
    "bank": _sample("bank_hugging_dandong.ulg"),
    "clear": _sample("clear_dandong.csv"),
    "zone": _sample("restricted_zone.csv", zones="restricted_zone.geojson"),
    "cut short": _sample("cut_short.ulg"),
    "limits": _sample("founding_dandong_sinuiju.ulg", max_height_m=100.0, max_agl_m=90.0),
    "fictitious zones": _sample("founding_dandong_sinuiju.ulg", zones="zones/fictitious.geojson", max_height_m=100.0),
    "city": _city,
    "beside a city": _beside_city,
    "terrain": _over_terrain,
    "sectors": _rules,
    "hidden": _hidden,
    "long names": _long_names,
    "gap": _made(200, 1.0, gap_s=120.0),
    "one fix": _made(1, 1.0),
    "two fixes": _made(2, 1.0),
    "3 s": _made(16, 0.2),
    "3 h": _made(2000, 5.4),
    "midnight": _made(300, 0.5, start_ns=_MIDNIGHT_NS),
    "midnight, 3 h": _made(2000, 5.4, start_ns=_MIDNIGHT_NS - 3600 * 10**9),
    "no UTC": _made(300, 1.0, utc=False, start_ns=35_000_000_000),
}
REAL = (
    "dataflash_bin/diaven__ardupilot-LogAnalyzer__sample01.bin",
    "dataflash_log/erlerobot__ardupilot__mechanical_fail.log",
    "dji_csv/swardiantara__LogNexus__DJIFlightRecord_2025-06-27_[03-31-40].csv",
    "dji_srt/JuanIrache__DJI_SRT_Parser__mavic_air2.srt",
    "dji_txt/unhcfreg__DROP__DJIFlightRecord_2016-09-26_[14-27-11].txt",
    "gpx_kml_igc/mapillary__mapillary_tools__sf_30km_h.gpx",
    "tlog/dronekit__dronekit-python__flight.tlog",
    "ulog/PX4__px4-ulog-rs__6ba1abc7-b433-4029-b8f5-3b2bb12d3b6c.ulg",
)


def real_scene(shared: Path, name: str, language: str) -> Redacted:
    flight = read(shared / "logs" / name)
    return redact(Case(flight, None, check(flight, None, Settings(language=language))))
