"""The ULog reader against facts that pyulog alone gives for every real ULog file."""

import numpy as np
import pytest

from dronecheck.errors import UnreadableInput
from dronecheck.flight import Completeness, Track
from dronecheck.issues import Code
from dronecheck.readers import ulog
from dronecheck.safe.io import open_input
from tests.oracle import ulog_facts
from tests.support.scale import by_size

REAL = ulog_facts.real_logs()
if not REAL:
    pytest.skip(f"real logs are not at {ulog_facts.LOGS}", allow_module_level=True)
DAMAGED = [path for path in REAL if "corrupt_" in path.name]
# pyulog loses the record behind a subscription it does not know, and resumes later behind a hole
NO_LOG = {path for path in REAL if "lfs_pointer" in path.name or "Jan_Subscale" in path.name}
INTACT = [path for path in REAL if path not in DAMAGED and path not in NO_LOG]


def tracks_of(flight, facts):
    for name, fact in (("gnss", facts.gnss), ("fused", facts.fused)):
        yield fact, flight.tracks.get(name, Track.empty())


@pytest.mark.parametrize("path", by_size(INTACT), ids=lambda path: path.name)
def test_every_intact_log_agrees_with_pyulog(path):
    flight, facts = ulog.read(open_input(path)), ulog_facts.facts(path)
    assert flight.completeness is Completeness.COMPLETE
    assert not facts.damaged
    assert flight.clock.utc_known == facts.utc_known
    assert sum(issue.count for issue in flight.issues if issue.code is Code.LOG_DROPOUT) == facts.dropouts
    for fact, track in tracks_of(flight, facts):
        assert len(track) == (len(fact.time_us) if fact else 0)
        if fact:
            assert track.message == fact.topic
            assert np.abs(track.time_ns - np.array(fact.time_us) * 1000).max() <= 0.1e9 * flight.clock.utc_known
            if fact.stated_us is not None:
                assert np.array_equal(track.time_ns, fact.stated_us.astype(np.int64) * 1000)
            assert np.array_equal(track.lat_deg, fact.lat_deg)
            assert np.array_equal(track.lon_deg, fact.lon_deg)
            box = track.lon_deg.min(), track.lat_deg.min(), track.lon_deg.max(), track.lat_deg.max()
            assert box == pytest.approx(fact.bbox, abs=1e-9)


@pytest.mark.parametrize("path", DAMAGED, ids=lambda path: path.name)
def test_a_damaged_log_gives_all_that_pyulog_finds(path):
    flight, facts = ulog.read(open_input(path)), ulog_facts.facts(path)
    assert flight.completeness is Completeness.DAMAGED
    assert facts.damaged
    assert {Code.BYTES_SKIPPED, Code.UNKNOWN_RECORDS} & {issue.code for issue in flight.issues}
    for fact, track in tracks_of(flight, facts):
        if fact:
            for t, lat, lon in zip(fact.time_us, fact.lat_deg, fact.lon_deg, strict=True):
                # where the clock starts again, times count on
                near = (np.abs(track.time_ns - t * 1000) <= 0.1e9 * flight.clock.utc_known) | (track.part > 0)
                assert (near & (track.lat_deg == lat) & (track.lon_deg == lon)).any()
            assert len(track) - len(fact.time_us) <= 2


@pytest.mark.parametrize("path", sorted(NO_LOG), ids=lambda path: path.name)
def test_what_is_no_log_is_refused_in_one_line(path):
    with pytest.raises(UnreadableInput) as error:
        ulog.read(open_input(path))
    assert "\n" not in str(error.value)
    assert len(str(error.value)) > 20


@pytest.mark.parametrize("path", by_size(path for path in REAL if path not in NO_LOG), ids=lambda path: path.name)
def test_offsets_point_at_the_record_of_the_position(path):
    """At every row's offset lies a data record that holds the row's latitude as it was logged."""
    source = open_input(path)
    for track in ulog.read(source).tracks.values():
        for offset, lat in list(zip(track.offset.tolist(), track.lat_deg.tolist(), strict=True))[::7]:
            size, kind = int.from_bytes(source.data[offset : offset + 2], "little"), source.data[offset + 2]
            body = source.data[offset + 3 : offset + 3 + size]
            assert kind == ord("D")
            assert np.float64(lat).tobytes() in body or round(lat * 1e7).to_bytes(4, "little", signed=True) in body


@pytest.mark.parametrize("path", INTACT, ids=lambda path: path.name)
def test_only_this_reader_claims_it_by_content(path):
    assert ulog.sniff(open_input(path).head, "flight.csv") >= 80
    assert ulog.sniff(b"latitude,longitude", path.name) == 0
