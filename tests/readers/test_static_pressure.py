"""Static pressure and the undulation, as the readers deliver them, against the logs' own packages and figures."""

from __future__ import annotations

import numpy as np
import pytest

from dronecheck.readers import read


def isa_m(pascal):
    return 288.15 / 0.0065 * (1 - (np.asarray(pascal) / 101325.0) ** (1 / 5.25588))


@pytest.mark.parametrize("name", ["PX4__pyulog__sample_log_small.ulg", "PX4__px4-ulog-rs__esc_status_log.ulg"])
def test_ulog_pressure_is_that_of_pyulog(shared, name):
    pyulog = pytest.importorskip("pyulog")
    path = next((shared / "logs").rglob(name))
    air = next(d for d in pyulog.ULog(str(path)).data_list if d.name == "vehicle_air_data").data
    track = read(path).track
    known = np.isfinite(track.pressure_alt_m)
    assert known.sum() > 20
    theirs = isa_m(air["baro_pressure_pa"])
    low, high = theirs.min() - 0.01, theirs.max() + 0.01
    assert np.all((track.pressure_alt_m[known] >= low) & (track.pressure_alt_m[known] <= high))


def test_dataflash_pressure_is_that_of_pymavlink(shared):
    dfreader = pytest.importorskip("pymavlink.DFReader")
    path = next((shared / "logs").rglob("ArduPilot__pymavlink__test.BIN"))
    log = dfreader.DFReader_binary(str(path))
    press = []
    while (message := log.recv_match(type="BARO")) is not None:
        press.append(message.Press)
    log.close() if hasattr(log, "close") else None
    track = read(path).tracks["fused"]
    known = np.isfinite(track.pressure_alt_m)
    assert known.any()
    for value in track.pressure_alt_m[known]:
        assert np.abs(isa_m(press) - value).min() < 0.01


def test_tlog_pressure_is_that_of_pymavlink(shared):
    dialect = pytest.importorskip("pymavlink.dialects.v20.ardupilotmega")
    path = next((shared / "logs").rglob("clydemcqueen__ardusub_log_tools__small.tlog"))
    parser = dialect.MAVLink(None)
    parser.robust_parsing = True
    messages = parser.parse_buffer(path.read_bytes())
    press = [m.press_abs for m in messages if m.get_type() == "SCALED_PRESSURE"]
    track = read(path).tracks["fused"]
    known = track.pressure_alt_m[np.isfinite(track.pressure_alt_m)]
    assert len(known)
    theirs = isa_m(np.array(press) * 100)
    # Fed the whole file, pymavlink takes some time stamps for the start of a message and loses what follows.
    met = np.array([np.abs(theirs - value).min() < 0.01 for value in known])
    assert met.mean() > 0.95
    assert len(theirs) > 100
