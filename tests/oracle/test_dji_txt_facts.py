"""The reader of DJI flight records against the export that another service made of the same records."""

import numpy as np
import pytest

from dronecheck.flight import Completeness, EventKind
from dronecheck.readers import read
from tests.oracle import dji_txt_facts

REAL = dji_txt_facts.real_logs()
if not REAL:
    pytest.skip(f"real logs are not at {dji_txt_facts.LOGS}", allow_module_level=True)


@pytest.mark.parametrize("path", REAL, ids=lambda path: path.name)
def test_every_row_of_the_export_to_its_last_digit(path):
    flight, rows = read(path), dji_txt_facts.rows(path)
    track = flight.track
    assert flight.completeness is Completeness.COMPLETE
    assert len(track) == len(rows)
    texts = list(rows.values())
    assert [f"{value:.15g}" for value in track.lat_deg] == [row["lat"] for row in texts]  # fifteen digits in the export
    assert [f"{value:.15g}" for value in track.lon_deg] == [row["lon"] for row in texts]
    assert np.allclose(track.alt_home_m, [row["height_m"] for row in texts], rtol=0, atol=0.001)
    # The export prints the speed that the app put into the CUSTOM record, to a hundredth; it lags in a few records.
    apart = np.abs(track.speed_mps - [row["speed_mps"] for row in texts])
    assert np.count_nonzero(apart > 0.006) <= 3
    assert apart.max() < 0.3
    millis = (track.time_ns - track.time_ns[0]) // 1_000_000
    assert millis.tolist() == [stamp - next(iter(rows)) for stamp in rows]
    # The export counts UTC in whole seconds from its own start.
    assert np.abs(track.time_ns / 1e9 - [row["utc_s"] for row in texts]).max() < 1.0


@pytest.mark.parametrize("path", REAL, ids=lambda path: path.name)
def test_both_files_of_one_flight_give_the_same_heights_home_and_operator(path):
    flight = read(path)
    assert flight.home is not None
    assert abs(flight.home.lat_deg - flight.track.lat_deg[0]) < 1e-5
    assert len(flight.tracks["operator"]) > 10
    assert np.isnan(flight.track.alt_amsl_m).all()
    data = path.read_bytes()
    assert {data[offset] for offset in flight.track.offset.tolist()} == {1}
    assert {data[offset] for offset in flight.tracks["operator"].offset.tolist()} == {14}


@pytest.mark.parametrize("path", REAL, ids=lambda path: path.name)
def test_satellites_modes_and_messages_of_the_export(path):
    flight, rows = read(path), dji_txt_facts.rows(path)
    data = path.read_bytes()
    satellites = [_satellites(data, offset) for offset in flight.track.offset.tolist()]
    assert satellites == [row["satellites"] for row in rows.values()]
    start_ms, start_ns = next(iter(rows)), int(flight.track.time_ns[0])

    def events(kind):
        return [(start_ms + (e.time_ns - start_ns) // 1_000_000, e.text) for e in flight.events if e.kind is kind]

    assert events(EventKind.MODE) == dji_txt_facts.modes(path)
    assert events(EventKind.MESSAGE) == dji_txt_facts.messages(path)


def _satellites(data, offset):
    """Byte 36 of an OSD record, unscrambled here by the bits of the CRC."""
    first = data[offset + 2]
    crc = (data[offset] + first) & 0xFF
    for byte in (0x123456789ABCDEF0 * first & 0xFFFFFFFFFFFFFFFF).to_bytes(8, "little"):
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x95AC9329AC4BC9B5 if crc & 1 else 0)
    return data[offset + 3 + 36] ^ (crc >> 8 * (36 % 8) & 0xFF)


@pytest.mark.parametrize("path", REAL, ids=lambda path: path.name)
def test_the_operator_stands_where_the_aircraft_took_off(path):
    flight = read(path)
    operator = flight.tracks["operator"]
    north_m = (operator.lat_deg - flight.home.lat_deg) * 111_320
    east_m = (operator.lon_deg - flight.home.lon_deg) * 111_320 * 0.75
    assert np.hypot(north_m, east_m).max() < 300


@pytest.mark.parametrize("path", REAL, ids=lambda path: path.name)
def test_record_and_export_give_the_same_flight(path):
    ours, theirs = read(path), read(dji_txt_facts.export(path))
    assert len(ours.track) == len(theirs.track)
    assert np.abs(ours.track.alt_home_m - theirs.track.alt_home_m).max() < 0.001
    assert np.abs(ours.track.time_ns - theirs.track.time_ns).max() < 1.0e9
