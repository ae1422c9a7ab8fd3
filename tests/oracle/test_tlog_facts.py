"""The MAVLink reader against facts that pymavlink alone gives for every real file."""

import statistics
from functools import cache

import numpy as np
import pytest

from dronecheck import readers
from dronecheck.flight import ClockSource, Completeness, Track
from dronecheck.issues import Code
from dronecheck.readers import tlog
from dronecheck.readers.tlog.records import load
from dronecheck.safe.io import open_input
from tests.oracle import tlog_facts
from tests.support.scale import by_size

REAL = tlog_facts.real_logs()
if not REAL:
    pytest.skip(f"real logs are not at {tlog_facts.LOGS}", allow_module_level=True)

pytestmark = pytest.mark.parametrize("path", by_size(REAL), ids=lambda path: path.name)


@cache
def both(path):
    return tlog.read(open_input(path)), tlog_facts.facts(path)


def count(flight, code, word=""):
    return sum(issue.count for issue in flight.issues if issue.code is code and word in issue.message)


def test_as_many_intact_messages(path):
    flight, facts = both(path)
    log = load(open_input(path).data)
    for name in tlog_facts.COUNTED:
        assert len(log.rows[name]) == facts.counts[name], name
    assert count(flight, Code.UNKNOWN_RECORDS, "relay") == facts.restored
    assert count(flight, Code.UNKNOWN_RECORDS, "otherwise") == facts.failed.total()
    assert count(flight, Code.BAD_RECORD) == 0
    assert (flight.completeness is Completeness.TRUNCATED) == (facts.trailing_bytes > 0)


def test_fixes_to_the_last_digit(path):
    flight, facts = both(path)
    gnss = flight.tracks.get("gnss", Track.empty())
    fixes = list(facts.fixes.values())
    assert gnss.lat_deg.tolist() == [lat / 1e7 for lat, _, _ in in_time(facts.fixes, gnss)]
    assert gnss.lon_deg.tolist() == [lon / 1e7 for _, lon, _ in in_time(facts.fixes, gnss)]
    assert gnss.alt_amsl_m.tolist() == [alt / 1e3 for _, _, alt in in_time(facts.fixes, gnss)]
    assert len(gnss) == len(fixes)
    if fixes:
        box = gnss.lon_deg.min(), gnss.lat_deg.min(), gnss.lon_deg.max(), gnss.lat_deg.max()
        assert box == facts.bbox


def in_time(fixes, track):
    """By time since boot, one session after the other."""
    order = list(fixes)
    restart = next((i for i in range(1, len(order)) if order[i] < order[i - 1] - 5_000_000), len(order))
    return [fixes[t] for part in (order[:restart], order[restart:]) for t in sorted(part)]


def test_estimates_to_the_last_digit(path):
    flight, facts = both(path)
    fused = flight.tracks.get("fused", Track.empty())
    if not facts.fixes:
        assert len(fused) == 0
        return
    rows = [facts.estimates[key] for key in sorted(facts.estimates)]
    assert fused.lat_deg.tolist() == [row[0] / 1e7 for row in rows]
    assert fused.lon_deg.tolist() == [row[1] / 1e7 for row in rows]
    assert fused.alt_home_m.tolist() == [row[3] / 1e3 for row in rows]
    known = ~np.isnan(fused.alt_amsl_m)
    assert fused.alt_amsl_m[known].tolist() == [row[2] / 1e3 for row, use in zip(rows, known, strict=True) if use]
    unused = [row for row, use in zip(rows, known, strict=True) if not use]
    assert all(row[2] == row[3] for row in unused)  # the height above the start, sent as that above sea


def test_times(path):
    flight, facts = both(path)
    assert flight.clock.utc_known == (path.suffix == ".tlog" and len(facts.counts) > 1)
    if facts.utc_offsets_us:
        assert flight.clock.source is ClockSource.VEHICLE
    elif flight.clock.utc_known:
        assert flight.clock.source is ClockSource.HOST
        assert flight.clock.sigma_s >= 2
    sessions = {session for session, _ in facts.estimates}
    for track in flight.tracks.values():
        boots = (
            list(facts.fixes) if track.message == "GPS_RAW_INT" else [ms * 1000 for _, ms in sorted(facts.estimates)]
        )
        offsets_us = facts.utc_offsets_us or (facts.host_offsets_us if flight.clock.utc_known else [0])
        if len(sessions) == 1:
            add_us = statistics.median_low(offsets_us)
            # to the last digit: `gps_times`; what SYSTEM_TIME states wanders by some milliseconds
            assert track.time_ns[0] / 1e9 == pytest.approx((min(boots) + add_us) / 1e6, abs=0.05)
            assert track.time_ns[-1] / 1e9 == pytest.approx((max(boots) + add_us) / 1e6, abs=0.05)
        else:
            assert min(offsets_us) <= track.time_ns[-1] // 1000 - boots[-1] <= max(offsets_us)


def test_offsets_point_at_the_record_of_the_position(path):
    flight, _ = both(path)
    data = open_input(path).data
    for track in flight.tracks.values():
        for offset, lat in list(zip(track.offset.tolist(), track.lat_deg.tolist(), strict=True))[::7]:
            stamp = 0 if path.suffix == ".bin" else 8
            assert data[offset + stamp] in (0xFE, 0xFD)
            body = data[offset + stamp : offset + stamp + 12 + data[offset + stamp + 1]]
            assert round(lat * 1e7).to_bytes(4, "little", signed=True) in body


def test_only_this_reader_claims_it_by_content(path):
    head = open_input(path).head
    assert readers.choose(head, "flight.csv").NAME == "tlog"
    assert tlog.sniff(b"latitude,longitude", path.name) == 0
