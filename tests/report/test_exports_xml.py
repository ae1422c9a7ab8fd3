"""GPX and KML read back with the standard library's parser: positions, times, and heights of the right datum only."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import numpy as np
import pytest

from dronecheck.report.export.track import write_track
from tests.conftest import make_flight

GPX = "{http://www.topografix.com/GPX/1/1}"
KML = "{http://www.opengis.net/kml/2.2}"
GX = "{http://www.google.com/kml/ext/2.2}"


def made(**columns):
    return make_flight(40 + np.arange(5) * 1e-5, 124 + np.arange(5) * 1e-5, **columns)


def write(flight, path):
    write_track(flight, path)
    return ET.parse(path).getroot()


def test_gpx_holds_every_fix_with_its_time_and_height_above_sea(tmp_path):
    flight = made(alt_amsl_m=[1.0, 2.0, np.nan, 4.0, 5.0], alt_home_m=[9.0] * 5)
    points = write(flight, tmp_path / "a.gpx").findall(f"{GPX}trk/{GPX}trkseg/{GPX}trkpt")
    assert [float(p.get("lat")) for p in points] == flight.track.lat_deg.tolist()
    assert [float(p.get("lon")) for p in points] == flight.track.lon_deg.tolist()
    assert [p.findtext(f"{GPX}ele") for p in points] == ["1.000", "2.000", None, "4.000", "5.000"]
    assert points[1].findtext(f"{GPX}time") == "2025-06-15T15:06:40.200Z"


def test_without_utc_or_sea_level_neither_is_invented(tmp_path):
    flight = made(alt_home_m=[9.0] * 5, utc=False)
    points = write(flight, tmp_path / "a.gpx").findall(f"{GPX}trk/{GPX}trkseg/{GPX}trkpt")
    assert all(len(p) == 0 for p in points)
    line = write(flight, tmp_path / "a.kml").find(f"{KML}Placemark/{KML}LineString")
    assert line.findtext(f"{KML}altitudeMode") == "clampToGround"
    assert line.findtext(f"{KML}coordinates").split()[0] == "124.0,40.0,0"


@pytest.mark.parametrize("heights", [[1.0] * 5, [1.0, np.nan, 1.0, 1.0, 1.0]])
def test_kml_is_absolute_only_when_every_fix_has_its_height_above_sea(tmp_path, heights):
    track = write(made(alt_amsl_m=heights), tmp_path / "a.kml").find(f"{KML}Placemark/{GX}Track")
    absolute = bool(np.isfinite(heights).all())
    assert track.findtext(f"{KML}altitudeMode") == ("absolute" if absolute else "clampToGround")
    assert len(track.findall(f"{KML}when")) == len(track.findall(f"{GX}coord")) == 5


def test_hostile_file_names_stay_text(tmp_path):
    import dataclasses
    from pathlib import Path

    flight = made()
    source = dataclasses.replace(flight.source, path=Path("<b>&\"']]>\x1b.ulg"))
    for suffix in (".gpx", ".kml"):
        root = write(dataclasses.replace(flight, source=source), tmp_path / f"a{suffix}")
        assert root.find(".//b") is None
