"""The reader of DJI flight records against the export that another service made of the same records."""

import numpy as np
import pytest

from dronecheck.flight import Completeness
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
    # The export writes fifteen digits; its last one can differ by the rounding of radians to degrees.
    texts = list(rows.values())
    assert np.allclose(track.lat_deg, [float(row["lat"]) for row in texts], rtol=0, atol=6e-14)
    assert np.allclose(track.lon_deg, [float(row["lon"]) for row in texts], rtol=0, atol=6e-14)
    assert np.allclose(track.alt_home_m, [row["height_m"] for row in texts], rtol=0, atol=0.001)
    # The export rounds the speed to a hundredth; where two records share a tenth of a second it may hold that of the
    # other one. The record's own components are right.
    apart = np.abs(track.speed_mps - [row["speed_mps"] for row in texts])
    assert np.count_nonzero(apart > 0.006) <= 3
    assert apart.max() < 0.3
    millis = (track.time_ns - track.time_ns[0]) // 1_000_000
    assert millis.tolist() == [stamp - next(iter(rows)) for stamp in rows]
    # The export counts UTC in whole seconds from its own start.
    assert np.abs(track.time_ns / 1e9 - [row["utc_s"] for row in texts]).max() < 1.6


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
