"""Writes the flight as a receiver's own GPX and IGC files: positions without a fix are absent, or marked."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
from _kinematics import Truth
from _sensors import Fixes

UNDULATION_M = 15.1  # EGM96 at Dandong


def gpx(truth: Truth, fixes: Fixes, start: datetime) -> str:
    """GPX 1.1: heights above sea level, satellites in use."""
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<gpx version="1.1" creator="dronecheck samples" xmlns="http://www.topografix.com/GPX/1/1">',
        "<trk><name>Simulated: no real flight</name><trkseg>",
    ]
    for i in np.flatnonzero(fixes.fix).tolist():
        stamp = (start + timedelta(milliseconds=round(1000 * fixes.time_s[i]))).isoformat(timespec="milliseconds")
        height_m = truth.place.ground_amsl_m + fixes.baro_home_m[i]
        lines.append(
            f'<trkpt lat="{fixes.lat_deg[i]:.7f}" lon="{fixes.lon_deg[i]:.7f}"><ele>{height_m:.1f}</ele>'
            f"<time>{stamp.replace('+00:00', 'Z')}</time><sat>{fixes.satellites[i]}</sat></trkpt>"
        )
    return "\n".join([*lines, "</trkseg></trk>", "</gpx>", ""])


def igc(truth: Truth, fixes: Fixes, start: datetime) -> str:
    """An IGC file at 1 Hz with a fourth and fifth decimal of the minutes, accuracy and satellites."""
    head = [
        "AXDC000", f"HFDTEDATE:{start:%d%m%y},01", "HFFXA010", "HFPLTPILOTINCHARGE:SIMULATED",
        "HFGTYGLIDERTYPE:MULTIROTOR", "HFDTM100GPSDATUM:WGS-1984", "HFRFWFIRMWAREVERSION:1.0",
        "HFFTYFRTYPE:DRONECHECK,SAMPLES", "HFALGALTGPS:ELL", "HFALPALTPRESSURE:ISA",
        "I053638FXA3940SIU4142LAD4344LOD4547VXA",
    ]  # fmt: skip
    lines = []
    for i in range(len(fixes.step)):
        at = start + timedelta(milliseconds=round(1000 * fixes.time_s[i]))
        if at.microsecond:
            continue
        height_m = truth.place.ground_amsl_m + float(fixes.baro_home_m[i])
        lat, lon = float(fixes.lat_deg[i]), float(fixes.lon_deg[i])
        lat_text, lon_text = _minutes(lat, 2), _minutes(lon, 3)
        lines.append(
            f"B{at:%H%M%S}{lat_text[:-2]}{'N' if lat >= 0 else 'S'}{lon_text[:-2]}{'E' if lon >= 0 else 'W'}"
            f"{'A' if fixes.fix[i] else 'V'}{round(height_m):05d}{round(height_m + UNDULATION_M):05d}"
            f"004{int(fixes.satellites[i]):02d}{lat_text[-2:]}{lon_text[-2:]}007"
        )
    return "\r\n".join([*head, *lines, ""])


def _minutes(degrees: float, width: int) -> str:
    """Degrees, minutes and five decimals of a minute, without a point."""
    whole, minutes = divmod(round(abs(degrees) * 60 * 100_000), 60 * 100_000)
    return f"{whole:0{width}d}{minutes:07d}"
