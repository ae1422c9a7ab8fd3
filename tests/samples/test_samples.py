"""The sample files: the same bytes on every run, readable by others' readers, honest about noise and motion."""

from __future__ import annotations

import csv
import hashlib
from datetime import datetime
from functools import cache
from pathlib import Path

import _flights
import _sensors
import _truth
import numpy as np
import pytest
from pyproj import Geod
from pyulog import ULog

from tests.support.scale import full_only

GEOD = Geod(ellps="WGS84")
ULOGS = ("founding_dandong_sinuiju.ulg", "cut_short.ulg", "bank_hugging_dandong.ulg")
CSVS = {
    "founding_dandong_sinuiju_flightreader.csv": ("OSD.latitude", "OSD.longitude", "OSD.gpsLevel"),
    "founding_dandong_sinuiju_airdata.csv": ("latitude", "longitude", "gpslevel"),
    "clear_dandong.csv": ("OSD.latitude", "OSD.longitude", "OSD.gpsLevel"),
    "restricted_zone.csv": ("latitude", "longitude", "gpslevel"),
}
FLIGHTS = (_flights.founding, _flights.clear, _flights.bank_hugging, _flights.restricted)
KIB = 1024


def _facts(manifest: dict, name: str) -> dict:
    return next(file for file in manifest["file"] if file["name"] == name)


def _csv_rows(path: Path) -> list[dict[str, str]]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return list(csv.DictReader(lines[1:] if lines[0] == "sep=," else lines))


@cache
def _ulog(path: Path) -> dict[str, dict[str, np.ndarray]]:
    return {topic.name: topic.data for topic in ULog(str(path)).data_list}


def _gps(path: Path) -> dict[str, np.ndarray]:
    topics = _ulog(path)
    return topics.get("sensor_gps") or topics["vehicle_gps_position"]


def _positions(path: Path) -> np.ndarray:
    """Latitude and longitude of all rows of the receiver, (n, 2)."""
    if path.suffix == ".ulg":
        gps = _gps(path)
        return np.column_stack([gps["latitude_deg"], gps["longitude_deg"]])
    lat, lon, _ = CSVS[path.name]
    return np.array([(row[lat], row[lon]) for row in _csv_rows(path)], dtype=np.float64)


@full_only
def test_simulating_again_gives_the_same_bytes(samples: Path, again: Path, manifest: dict) -> None:
    names = {path.name for path in again.iterdir()}
    assert names == {file["name"] for file in manifest["file"]} | {"MANIFEST.toml"}
    assert [name for name in sorted(names) if (samples / name).read_bytes() != (again / name).read_bytes()] == []


def test_the_manifest_pins_every_file(samples: Path, manifest: dict) -> None:
    for file in manifest["file"]:
        content = (samples / file["name"]).read_bytes()
        assert (len(content), hashlib.sha256(content).hexdigest()) == (file["bytes"], file["sha256"])
    logs = {
        path.name
        for path in samples.iterdir()
        if path.suffix
        in (".ulg", ".bin", ".log", ".tlog", ".csv", ".geojson", ".SRT", ".MP4", ".gpx", ".igc", ".txt", ".DAT")
    }
    assert logs == {file["name"] for file in manifest["file"]} | {"border_yalu.geojson"}


def test_the_files_are_small(samples: Path, manifest: dict) -> None:
    sizes = [file["bytes"] for file in manifest["file"]]
    assert max(sizes) <= 640 * KIB
    assert sum(sizes) <= 6144 * KIB


def test_the_border_is_the_shipped_one(samples: Path, manifest: dict) -> None:
    from extract_border import excerpt

    content = (samples / "border_yalu.geojson").read_bytes()
    assert content == excerpt().encode(), "run samples/extract_border.py and samples/simulate.py"
    assert hashlib.sha256(content).hexdigest() == manifest["border_sha256"]


def test_the_simulator_is_independent(samples: Path) -> None:
    for path in samples.glob("*.py"):
        imports = [line for line in path.read_text(encoding="utf-8").splitlines() if "import" in line]
        # The outlines of the borders are data; nothing that reads logs or judges may be in it.
        allowed = (
            "from dronecheck.borders.territories import" if path.name in ("extract_border.py", "_scenes.py") else None
        )
        found = [line for line in imports if "dronecheck" in line and not line.startswith((">", '"', "#"))]
        found = [line for line in found if line.lstrip().startswith(("import ", "from "))]
        assert all(allowed and line.startswith(allowed) for line in found), (path.name, found)


@pytest.mark.parametrize("name", ULOGS)
def test_pyulog_reads_every_fix(samples: Path, manifest: dict, name: str) -> None:
    facts = _facts(manifest, name)
    gps = _gps(samples / name)
    assert len(gps["timestamp"]) == facts["rows"]
    assert int((gps["fix_type"] >= 3).sum()) == facts["fixes"]
    assert len(_ulog(samples / name)["vehicle_global_position"]["lat"]) == facts["fused_rows"]
    geoid_m = gps["altitude_ellipsoid_m"] - gps["altitude_msl_m"]
    np.testing.assert_allclose(geoid_m, 15.1, atol=0.002)


@pytest.mark.parametrize("name", ULOGS)
def test_ulogs_record_arming_and_takeoff(samples: Path, name: str) -> None:
    topics = _ulog(samples / name)
    arming, landed = topics["vehicle_status"]["arming_state"], topics["vehicle_land_detected"]["landed"]
    assert (arming[0], landed[0]) == (1, 1)
    assert 2 in arming
    assert 0 in landed
    at_end = (2, 0) if name == "cut_short.ulg" else (1, 1)
    assert (arming[-1], landed[-1]) == at_end
    first_moves = topics["vehicle_land_detected"]["timestamp"][np.flatnonzero(landed == 0)[0]]
    assert topics["vehicle_status"]["timestamp"][np.flatnonzero(arming == 2)[0]] < first_moves


@pytest.mark.parametrize("name", CSVS)
def test_csv_reads_every_row(samples: Path, manifest: dict, name: str) -> None:
    facts, rows = _facts(manifest, name), _csv_rows(samples / name)
    lat, lon, level = CSVS[name]
    assert len(rows) == facts["rows"]
    assert all(None not in row and None not in row.values() for row in rows), "rows of unequal length"
    with_fix = [row for row in rows if row[level] == "5"]
    assert len(with_fix) == facts["fixes"]
    assert len({(row[lat], row[lon]) for row in with_fix}) >= 0.99 * facts["fixes"]


def test_the_cut_file_is_the_beginning_of_the_whole_one(samples: Path, manifest: dict) -> None:
    cut, whole = ((samples / name).read_bytes() for name in ("cut_short.ulg", "founding_dandong_sinuiju.ulg"))
    at = _facts(manifest, "cut_short.ulg")["cut_record_at"]
    assert whole.startswith(cut)
    assert at < len(cut) < at + 3 + int.from_bytes(whole[at : at + 2], "little")


def test_no_fix_lies_in_the_corridor(samples: Path, noise_free: Path) -> None:
    """Only the way between two fixes crosses it, with and without noise."""
    for folder in (samples, noise_free):
        lonlat = _positions(folder / "restricted_zone.csv")[:, ::-1]
        assert not _truth.inside(lonlat, _flights.zone_ring("SIM-C1")).any()


@pytest.mark.parametrize("name", ["founding_dandong_sinuiju.ulg", "bank_hugging_dandong.ulg", *CSVS])
def test_noise_of_the_logs(samples: Path, noise_free: Path, manifest: dict, name: str) -> None:
    """Against perfect instruments: an error of metres that changes slowly, and white noise on it."""
    noisy, true = _positions(samples / name), _positions(noise_free / name)
    azimuth, _, distance_m = GEOD.inv(true[:, 1], true[:, 0], noisy[:, 1], noisy[:, 0])
    error_m = distance_m[:, np.newaxis] * np.column_stack([np.sin(np.radians(azimuth)), np.cos(np.radians(azimuth))])
    sigma_m = manifest["gnss_h_sigma_m"]
    assert 0.3 * sigma_m < np.sqrt(np.mean(error_m**2)) < 2 * sigma_m  # two or three correlation times long
    assert np.abs(error_m).max() < 4 * sigma_m
    quick_m = np.std(np.diff(error_m, axis=0)) / np.sqrt(2)
    white_m = 0.25 if name.endswith(".ulg") else 0.04
    every_s = 1.0 if name == "restricted_zone.csv" else 0.2
    slow_m = every_s * sigma_m / np.sqrt(manifest["gnss_tau_s"])  # drawn at 1 Hz, linear between
    assert quick_m == pytest.approx(np.hypot(white_m, slow_m), rel=0.25)


def test_errors_have_the_stated_sigma_and_correlation(manifest: dict) -> None:
    """Over 400 seeds: sigma, and a correlation of 1/e after the time constant."""
    tau_s, sigma_m = round(manifest["gnss_tau_s"]), manifest["gnss_h_sigma_m"]
    steps = 100 * (tau_s + 1)
    drawn = [_sensors.gauss_markov(np.random.RandomState(seed), steps, sigma_m, tau_s) for seed in range(400)]
    first, later = np.array([(walk[0], walk[100 * tau_s]) for walk in drawn]).T
    assert np.std(np.concatenate([first, later])) == pytest.approx(sigma_m, rel=0.08)
    assert np.mean(first * later) / sigma_m**2 == pytest.approx(np.exp(-1), abs=0.12)


@pytest.mark.parametrize("plan", FLIGHTS, ids=lambda plan: plan.__name__)
def test_a_multirotor_could_fly_it(plan) -> None:
    truth = plan().truth
    velocity = np.array(truth.velocity_mps())
    accel = np.gradient(velocity, 0.01, axis=1)
    speed = np.hypot(velocity[0], velocity[1])
    assert np.sqrt((accel**2).sum(axis=0)).max() <= 3.0
    assert speed.max() <= 15.5  # 15 m/s and the gust
    assert -3.1 <= velocity[2].min() <= velocity[2].max() <= 4.1
    assert np.median(speed[(truth.time_s > truth.takeoff_s + 20) & (truth.time_s < truth.land_s - 40)]) >= 8.0
    at_rest = (truth.time_s < truth.takeoff_s - 0.1) | (truth.time_s > truth.land_s + 0.1)
    assert np.abs(velocity[:, at_rest]).max() == 0
    assert np.hypot(truth.east_m[-1], truth.north_m[-1]) < 1.5  # back at the take-off


def test_the_written_velocity_is_that_of_the_positions(noise_free: Path) -> None:
    gps = _gps(noise_free / "founding_dandong_sinuiju.ulg")
    fixed = gps["fix_type"] >= 3
    time_s, lat, lon = gps["time_utc_usec"][fixed] / 1e6, gps["latitude_deg"][fixed], gps["longitude_deg"][fixed]
    _, _, step_m = GEOD.inv(lon[:-1], lat[:-1], lon[1:], lat[1:])
    speed = gps["vel_m_s"][fixed]
    flown = np.diff(time_s) < 0.5
    np.testing.assert_allclose((step_m / np.diff(time_s))[flown], ((speed[:-1] + speed[1:]) / 2)[flown], atol=0.1)


@pytest.mark.parametrize("suffix", ["bin", "log"])
def test_pymavlink_reads_the_dataflash_logs(samples: Path, manifest: dict, suffix: str) -> None:
    from pymavlink.DFReader import DFReader_binary, DFReader_text

    path = samples / f"founding_dandong_sinuiju.{suffix}"
    facts = _facts(manifest, path.name)
    log = (DFReader_binary if suffix == "bin" else DFReader_text)(str(path))
    opened = [value for value in vars(log).values() if hasattr(value, "close")]
    counts, fixes = {}, []
    while (message := log.recv_msg()) is not None:
        counts[message.get_type()] = counts.get(message.get_type(), 0) + 1
        if message.get_type() == "GPS" and message.Status >= 3:
            fixes.append(message)
    for handle in opened:  # the library leaves its files open
        handle.close()
    assert len(fixes) == facts["fixes"]
    assert counts["POS"] == facts["fused_rows"]
    start = fixes[0]
    assert _utc_s(facts["start_utc"]) == pytest.approx(
        start.GWk * 604_800 + start.GMS / 1e3 + 315_964_800 - 18, abs=1e-3
    )
    assert GEOD.inv(start.Lng, start.Lat, facts["takeoff_lon"], facts["takeoff_lat"])[2] < 12.0


def test_pymavlink_reads_the_telemetry_log(samples: Path, manifest: dict) -> None:
    from pymavlink.dialects.v20 import common

    facts = _facts(manifest, "founding_dandong_sinuiju.tlog")
    data = (samples / facts["name"]).read_bytes()
    parser = common.MAVLink(None)
    counts: dict[str, int] = {}
    place = 0
    while place < len(data):
        size = 12 + data[place + 9]
        message = parser.decode(bytearray(data[place + 8 : place + 8 + size]))  # raises on a wrong checksum
        name = message.get_type()
        fixed = name != "GPS_RAW_INT" or message.fix_type >= 3
        counts[name] = counts.get(name, 0) + fixed
        place += 8 + size
    assert counts["GPS_RAW_INT"] == facts["fixes"]
    assert counts["GLOBAL_POSITION_INT"] == facts["fused_rows"]
    assert {"HEARTBEAT", "SYSTEM_TIME", "HOME_POSITION", "EXTENDED_SYS_STATE", "STATUSTEXT"} <= set(counts)


def _utc_s(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()
