"""Writes the CSV exports of a DJI flight as three services make them: Flight Reader, Airdata, dji-log-parser.

A DJI record begins when the motors start. While the satellites are lost it repeats the last position. Flight Reader
and dji-log-parser columns that no reader of positions needs are left out; Airdata has its full header.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from _kinematics import Truth
from _sensors import Fixes

FOOT_M, MILE_PER_HOUR_MPS = 0.3048, 0.44704
NOTICE = "Simulated by dronecheck/samples: no real flight."

AIRDATA_HEADER = (
    "time(millisecond),datetime(utc),latitude,longitude,height_above_takeoff(meters),"
    "height_above_ground_at_drone_location(meters),ground_elevation_at_drone_location(meters),"
    "altitude_above_seaLevel(meters),height_sonar(meters),speed(m/s),distance(meters),mileage(meters),satellites,"
    "gpslevel,voltage(v),max_altitude(meters),max_ascent(meters),max_speed(m/s),max_distance(meters), xSpeed(m/s),"
    " ySpeed(m/s), zSpeed(m/s), compass_heading(degrees), pitch(degrees), roll(degrees),isPhoto,isVideo,rc_elevator,"
    "rc_aileron,rc_throttle,rc_rudder,rc_elevator(percent),rc_aileron(percent),rc_throttle(percent),"
    "rc_rudder(percent),gimbal_heading(degrees),gimbal_pitch(degrees),gimbal_roll(degrees),battery_percent,"
    "voltageCell1,voltageCell2,voltageCell3,voltageCell4,voltageCell5,voltageCell6,current(A),battery_temperature(c),"
    "altitude(meters),ascent(meters),flycStateRaw,flycState,message"
)
FLIGHT_READER_HEADER = (
    "CUSTOM.date [UTC],CUSTOM.updateTime [UTC],OSD.flyTime,OSD.flyTime [s],OSD.latitude,OSD.longitude,"
    "OSD.height [ft],OSD.altitude [ft],OSD.hSpeed [MPH],OSD.xSpeed [MPH],OSD.ySpeed [MPH],OSD.zSpeed [MPH],"
    "OSD.flycState,OSD.gpsNum,OSD.gpsLevel,OSD.isGPSUsed,OSD.droneType,OSD.isOnGround,OSD.isMotorOn,CAMERA.isVideo,"
    "BATTERY.chargeLevel,HOME.latitude,HOME.longitude,APP.tip,APP.warning"
)
DJI_LOG_PARSER_HEADER = (
    "CUSTOM.dateTime,OSD.flyTime,OSD.latitude,OSD.longitude,OSD.height,OSD.altitude,OSD.xSpeed,OSD.ySpeed,OSD.zSpeed,"
    "OSD.flycState,OSD.isGPSUsed,OSD.gpsNum,OSD.gpsLevel,OSD.droneType,OSD.isOnGround,OSD.isMotorOn,CAMERA.isVideo,"
    "BATTERY.chargeLevel,HOME.latitude,HOME.longitude,HOME.altitude,APP.tip,APP.warn"
)


@dataclass(frozen=True)
class Row:
    """One row of a record, in SI units; lists of these become files."""

    number: int
    time: datetime
    elapsed_s: float
    lat_deg: float
    lon_deg: float
    height_m: float
    amsl_m: float
    north_mps: float
    east_mps: float
    down_mps: float
    speed_mps: float
    distance_m: float
    satellites: int
    level: int
    on_ground: bool
    filming: bool
    battery_percent: int
    home_lat_deg: float
    home_lon_deg: float


def record_rows(truth: Truth, fixes: Fixes, start: datetime, filming_s: tuple[float, float]) -> list[Row]:
    """The aircraft's own record; `start` is UTC at the beginning of the simulation."""
    rows = []
    last = 0
    for i in range(len(fixes.step)):
        time_s, fixed = float(fixes.time_s[i]), bool(fixes.fix[i])
        last = i if fixed else last
        height_m = float(fixes.baro_home_m[i])
        still = not truth.takeoff_s <= time_s < truth.land_s
        north, east, up = (0.0 if still else float(v[i]) for v in (fixes.north_mps, fixes.east_mps, fixes.up_mps))
        step = fixes.step[i]
        rows.append(Row(
            number=i, time=start + timedelta(milliseconds=round(1000 * time_s)),
            elapsed_s=time_s - float(fixes.time_s[0]), lat_deg=float(fixes.lat_deg[last]),
            lon_deg=float(fixes.lon_deg[last]), height_m=height_m, amsl_m=truth.place.ground_amsl_m + height_m,
            north_mps=north, east_mps=east, down_mps=-up, speed_mps=float(np.sqrt(north * north + east * east)),
            distance_m=float(np.hypot(truth.east_m[step], truth.north_m[step])),
            satellites=int(fixes.satellites[i]) if fixed else 4, level=5 if fixed else 0, on_ground=still,
            filming=filming_s[0] <= time_s < filming_s[1], battery_percent=98 - int(time_s / 10),
            home_lat_deg=float(fixes.lat_deg[0]), home_lon_deg=float(fixes.lon_deg[0])))  # fmt: skip
    return rows


def airdata(rows: list[Row]) -> str:
    """Airdata, metric: milliseconds from the first row, UTC in whole seconds (the fraction is cut off)."""
    return _lines(AIRDATA_HEADER, rows, _airdata_cells)


def flight_reader(rows: list[Row]) -> str:
    """Flight Reader, imperial, with the columns in UTC and times to a hundredth."""
    return "sep=,\n" + _lines(FLIGHT_READER_HEADER, rows, _flight_reader_cells)


def dji_log_parser(rows: list[Row]) -> str:
    """The command-line tool dji-log-parser: metric, no units in the header, RFC 3339 times."""
    return _lines(DJI_LOG_PARSER_HEADER, rows, _dji_log_parser_cells)


def _lines(header: str, rows: list[Row], cells_of: Callable[[Row, Row | None], list[str]]) -> str:
    width = len(header.split(","))

    def lines() -> Iterator[str]:
        yield header
        before = None
        for row in rows:
            cells = cells_of(row, before)
            assert len(cells) == width, (len(cells), width)
            yield ",".join(cells)
            before = row

    return "\n".join(lines()) + "\n"


def _text(value: float, decimals: int) -> str:
    return f"{round(value, decimals) + 0.0:.{decimals}f}"  # + 0.0: never "-0.0"


def _short(value: float, decimals: int) -> str:
    """Without trailing zeros, as some exporters print."""
    text = _text(value, decimals)
    return text.rstrip("0").rstrip(".") if "." in text else text


def _state(row: Row) -> str:
    if row.on_ground:
        return "Motors_Started"
    return "P-GPS" if row.level else "P-OPTI"


def _airdata_cells(row: Row, before: Row | None) -> list[str]:
    # Heights above ground are sold: the first row says so, the others are blank.
    ground = ["Available with any HD 360 subscription"] * 2 if before is None else ["", ""]
    message = f'"{NOTICE}"' if before is None else ""
    return [
        str(round(1000 * row.elapsed_s)), row.time.strftime("%Y-%m-%d %H:%M:%S"), _text(row.lat_deg, 7),
        _text(row.lon_deg, 7), _short(row.height_m, 1), *ground, _short(row.amsl_m, 1), "", _short(row.speed_mps, 2),
        _short(row.distance_m, 1), "", str(row.satellites), str(row.level), "", "", "", "", "",
        _short(row.north_mps, 1), _short(row.east_mps, 1), _short(row.down_mps, 1), "", "", "", "0",
        str(int(row.filming)), *[""] * 11, str(row.battery_percent), *[""] * 8, _short(row.amsl_m, 1),
        _short(row.height_m, 1), "", _state(row), message,
    ]  # fmt: skip


def _flight_reader_cells(row: Row, before: Row | None) -> list[str]:
    at = row.time
    clock = f"{at.hour % 12 or 12}:{at:%M:%S}.{at.microsecond // 10000:02d} {'AM' if at.hour < 12 else 'PM'}"
    minutes, seconds = divmod(round(row.elapsed_s, 1), 60)
    mph = [_short(v / MILE_PER_HOUR_MPS, 2) for v in (row.speed_mps, row.north_mps, row.east_mps, row.down_mps)]
    tip = NOTICE if before is None else "Took off." if before.on_ground and not row.on_ground else ""
    return [
        f"{at.month}/{at.day}/{at.year}", clock, f"{int(minutes)}m {seconds:.1f}s", _text(row.elapsed_s, 1),
        _text(row.lat_deg, 8), _text(row.lon_deg, 8), _short(row.height_m / FOOT_M, 1),
        _short(row.amsl_m / FOOT_M, 1), *mph, _state(row), str(row.satellites), str(row.level), str(row.level > 0),
        "Mavic 3", str(row.on_ground), "True", str(row.filming), str(row.battery_percent),
        _text(row.home_lat_deg, 6), _text(row.home_lon_deg, 6), tip, "",
    ]  # fmt: skip


def _dji_log_parser_cells(row: Row, before: Row | None) -> list[str]:
    stamp = row.time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    truth = {True: "true", False: "false"}
    return [
        stamp, _text(row.elapsed_s, 1), _text(row.lat_deg, 7), _text(row.lon_deg, 7), _short(row.height_m, 1),
        _short(row.amsl_m, 1), _short(row.north_mps, 1), _short(row.east_mps, 1), _short(row.down_mps, 1), _state(row),
        truth[row.level > 0], str(row.satellites), str(row.level), "Mavic 3", truth[row.on_ground], "true",
        truth[row.filming], str(row.battery_percent), _text(row.home_lat_deg, 6), _text(row.home_lon_deg, 6),
        _short(row.amsl_m - row.height_m, 1), NOTICE if before is None else "", "",
    ]  # fmt: skip
