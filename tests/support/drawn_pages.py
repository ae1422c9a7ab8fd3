"""Pages that are hard to draw: flights of three seconds and of three hours, footage in heaps, a fleet of countries."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import shapely

from dronecheck import Case, Settings, check, load_zones, write_page
from dronecheck.audit.fleet.gather import gathered
from dronecheck.audit.fleet.page import fleet_page
from dronecheck.audit.tables.columns import FINDINGS, FLIGHTS
from dronecheck.footage.shots.against_logs import held_against_logs
from dronecheck.footage.shots.answer import answered, read_shot
from dronecheck.footage.shots.walk import shots_in
from dronecheck.report.case import Disclosure
from dronecheck.report.page.media import media_page
from dronecheck.report.privacy.footage import media_told
from dronecheck.settings import Options
from tests.conftest import make_flight
from tests.support.media_maker import exif_of, jpeg, xmp_of

HOUR_NS = 3_600_000_000_000
NOON_NS = 1_750_075_200_000_000_000  # 2025-06-16T12:00:00Z
FLIGHTS_DRAWN = {
    "3s": (31, 0.1, NOON_NS), "8min": (2401, 0.2, NOON_NS), "3h": (10801, 1.0, NOON_NS),
    "midnight": (2401, 0.2, NOON_NS + 12 * HOUR_NS - 240_000_000_000),
}  # fmt: skip
MEETINGS = (  # where territories meet, or lie beside each other: longitude, latitude
    (124.39, 40.11), (7.585, 47.59), (6.02, 50.755), (7.42, 43.735), (-5.345, 36.15), (20.95, 42.15), (-61.48, -36.52),
    (6.1, 46.2), (114.16, 22.53), (55.6, 25.9),
)  # fmt: skip


class Hill:
    """Ground that rises to the east."""

    sources = ()

    def ground_amsl_m(self, lon_deg, lat_deg):
        return 20.0 + 800.0 * np.abs(np.asarray(lon_deg) - 124.38), np.full(len(lon_deg), 4.0)

    def closest_surface_m(self, lon_deg, lat_deg, alt_amsl_m):
        return np.full(len(lon_deg), np.nan)


def write_flight(folder: Path, name: str, language: str) -> Path:
    """Write the page of a flight across the Yalu, with limits above take-off and sea level, over a hill."""
    count, dt_s, start_ns = FLIGHTS_DRAWN[name]
    zones = folder / "zones.geojson"
    if not zones.exists():
        ring = [[124.375, 40.10], [124.40, 40.10], [124.40, 40.13], [124.375, 40.13], [124.375, 40.10]]
        features = [
            f'{{"type":"Feature","properties":{{"id":"{n}","name":"Restricted area of the river {n}","lower":'
            f'{{"value":{low},"unit":"M","reference":"AMSL"}},"upper":{{"value":{high},"unit":"M","reference":"AMSL"}}}},'
            f'"geometry":{{"type":"Polygon","coordinates":[{ring}]}}}}'
            for n, (low, high) in enumerate([(60, 130), (64, 128), (90, 93)], 1)
        ]
        zones.write_text('{"type":"FeatureCollection","features":[' + ",".join(features) + "]}")
    at = np.linspace(0, 1, count)
    height = 115 * np.sin(np.pi * at) ** 0.4 + 8 * np.sin(23 * at)
    flight = make_flight(
        40.116 - 0.02 * np.sin(np.pi * at), 124.385 + 0.012 * at, dt_s=dt_s, start_ns=start_ns,
        alt_home_m=height, alt_amsl_m=height + 21, speed_mps=9 + 6 * np.sin(40 * at),
    )  # fmt: skip
    settings = Settings(max_height_m=120.0, max_agl_m=119.0, language=language)
    brought, ground = load_zones([zones]), Hill()
    result = check(flight, brought, settings, ground=ground)
    written = folder / f"{name}-{language}.html"
    write_page(Case(flight, brought, result, ground), written)
    return written


def write_footage(folder: Path, language: str, count: int = 200) -> Path:
    """Write the page of so many photos: most in a heap, some along a street, a few in two other places."""
    photos = folder / "photos"
    photos.mkdir(exist_ok=True)
    dice = random.Random(7)
    for number in range(count):
        lon, lat = MEETINGS[0 if number < 0.8 * count else 1 + number % 2]
        spread = 0.002 if number < 0.3 * count else 0.02
        lon, lat = lon + dice.gauss(0, spread), lat + dice.gauss(0, 0.7 * spread)
        looks = {
            "drone-dji:GimbalYawDegree": f"{dice.uniform(-180, 180):.1f}", "drone-dji:GimbalPitchDegree": "-30.0",
            "drone-dji:RelativeAltitude": "+80.0", "drone-dji:FlightYawDegree": "+0.0",
        }  # fmt: skip
        path = photos / f"DJI_{number + 1:04d}.JPG"
        if not path.exists():
            made = jpeg(exif=exif_of(lat, lon) if number % 50 else b"", xmp=xmp_of(looks), size=(64, 48))
            path.write_bytes(made)
    setup = Options(home="CHN", language=language).setup()
    shots = [read_shot(shot) for shot in shots_in([photos]).shots]
    held = held_against_logs(shots, [], setup)
    told = media_told(list(answered(held.shots, setup, held.home)), held, setup.settings, Disclosure())
    written = folder / f"media-{language}.html"
    written.write_text(media_page(told, held), "utf-8")
    return written


def write_fleet(folder: Path, count: int = 400) -> Path:
    """Write the page of a fleet with findings where territories meet, ten places in all."""
    dice = random.Random(4)

    def rows():
        for number in range(count):
            lon, lat = MEETINGS[min(int(dice.expovariate(0.4)), len(MEETINGS) - 1)]
            lon, lat = lon + dice.gauss(0, 0.02), lat + dice.gauss(0, 0.015)
            state = "VIOLATION" if number % 3 else "INCONCLUSIVE"
            flight = dict.fromkeys(FLIGHTS) | {
                "file": f"2026-{number % 12 + 1:02d}/flight_{number:05d}.ulg", "sha256": f"{number:064x}",
                "status": "ok", "serial": f"S{number % 9}", "registration": f"D-{number % 9:04d}",
                "pilot": f"Pilot {number % 7}", "start_utc": f"2026-{number % 12 + 1:02d}-03T10:00:00.000Z",
                "verdict": state, "cause": "border crossing " + ("North Korea" if number % 2 else "Switzerland"),
                "border": state, "airspace": "not_checked", "height": "not_checked", "distance_m": 1000.0,
                "duration_s": 300.0, "tool_version": "0.1.0/1", "basis": "ab", "findings": 1,
            }  # fmt: skip
            way = shapely.LineString([(lon, lat), (lon + 0.004, lat + 0.002)])
            finding = dict.fromkeys(FINDINGS) | {
                "finding_verdict": state, "entry_lon_deg": lon, "entry_lat_deg": lat, "depth_m": 12.5 + number % 90,
                "zone_name": "North Korea" if number % 2 else "Switzerland and its long name of a zone",
                "wkb": shapely.to_wkb(way),
            }  # fmt: skip
            yield flight, [finding]

    written = folder / "fleet.html"
    fleet = gathered(rows(), {f"S{n}": f"aircraft {n}" for n in range(9)})
    written.write_text(fleet_page(fleet, folder="audit", by_pilot=True, pages={f"{1:064x}": "fleet_flights/1.html"}))
    return written
