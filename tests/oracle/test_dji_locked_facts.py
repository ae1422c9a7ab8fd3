"""Encrypted records with keys and truth beside them, and pydjirecord as a second reader where it is right."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from dronecheck.readers import read
from dronecheck.readers.dji_txt.header import read_header
from dronecheck.readers.dji_txt.keys.keychain import parse_keychains
from dronecheck.readers.dji_txt.locked.ciphers import read_ciphers
from dronecheck.readers.dji_txt.locked.features import features_of
from dronecheck.readers.dji_txt.locked.unlock import unlock
from dronecheck.readers.dji_txt.records import scan

FOLDER = Path(__file__).resolve().parents[2].parent / "shared" / "dji13"
RECORDS = sorted(FOLDER.glob("*.txt"))
if not RECORDS:
    pytest.skip(f"records with keys are not at {FOLDER}", allow_module_level=True)
EVERY = dict.fromkeys(range(1, 255), 0)
REPEATS_S = 0.2  # an exporter's rule: a place that does not change while the speed is not zero is one fix


def beside(path, what):
    return path.with_name(f"{path.stem}.{what}")


def every_record(path):
    """Every record that dronecheck decrypts, in order: kind and content in hex."""
    data = path.read_bytes()
    header = read_header(data)
    found = scan(data, header, EVERY, len(data))
    ciphers = read_ciphers(data, found.places, found.breaks, frozenset(features_of(header.category)))
    keys = parse_keychains(beside(path, "keychains.json").read_bytes(), path.name)
    unlocked = unlock(ciphers, keys, header.category, EVERY)
    ours = sorted((one.offset, one.kind, one.payload.hex()) for kind in unlocked.records.values() for one in kind)
    return [[kind, content] for _, kind, content in ours]


@pytest.mark.parametrize("path", RECORDS, ids=lambda path: path.stem)
def test_every_record_is_the_truths_byte_for_byte(path):
    truth = json.loads(gzip.decompress(beside(path, "records.json.gz").read_bytes()))
    assert every_record(path) == truth


@pytest.mark.parametrize("path", RECORDS, ids=lambda path: path.stem)
def test_every_position_height_and_time_to_the_last_digit(path):
    truth = json.loads(beside(path, "truth.json").read_bytes())["positions"]
    track = read(path).track
    of_place = {(lat, lon, height_m): (utc_ms, fly_s) for lat, lon, height_m, utc_ms, fly_s in reversed(truth)}
    ours = list(zip(track.lat_deg.tolist(), track.lon_deg.tolist(), track.alt_home_m.tolist(), strict=True))
    assert [place for place in ours if place not in of_place] == []
    # One fix stands for records that repeat time and place, and for no others.
    assert set(ours) == set(of_place)
    fly_ns = np.array([of_place[place][1] for place in ours]) * 1e9
    moved = track.time_ns - fly_ns
    assert np.abs(moved - np.median(moved)).max() < REPEATS_S * 1e9
    stamped = [(at, of_place[place][0]) for at, place in zip(track.time_ns.tolist(), ours, strict=True)]
    late_ms = np.array([at / 1e6 - utc_ms for at, utc_ms in stamped if utc_ms is not None])
    assert np.abs(late_ms).max() < 1000


@pytest.mark.parametrize("path", [p for p in RECORDS if "unknown" not in p.stem], ids=lambda path: path.stem)
def test_pydjirecord_reads_the_same_positions_and_stamps(path):
    djilog = pytest.importorskip("pydjirecord.djilog")
    api = pytest.importorskip("pydjirecord.keychain.api")
    keychains = api._parse_data(json.loads(beside(path, "keychains.json").read_bytes()))
    theirs = djilog.DJILog.from_bytes(path.read_bytes()).records(keychains)
    places = [(one.data.latitude, one.data.longitude) for one in theirs if type(one.data).__name__ == "OSD"]
    ours = [bytes.fromhex(content) for kind, content in every_record(path) if kind == 1]
    pairs = np.degrees(np.array([np.frombuffer(content[:16], dtype="<f8") for content in ours]))
    assert len(places) == len(ours)
    assert np.allclose(pairs[:, ::-1], places, rtol=0, atol=1e-12)
