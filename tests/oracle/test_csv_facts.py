"""The CSV reader against facts that the csv module alone gives for every real CSV log."""

import pytest

from dronecheck import readers
from dronecheck.flight import Completeness
from dronecheck.readers import csvlog
from dronecheck.safe.io import open_input
from tests.oracle import csv_facts
from tests.support.scale import by_size

REAL = csv_facts.real_logs()
if not REAL:
    pytest.skip(f"real logs are not at {csv_facts.LOGS}", allow_module_level=True)


@pytest.mark.parametrize("path", by_size(REAL), ids=lambda path: path.name)
def test_every_real_csv_agrees_with_the_oracle(path):
    facts = csv_facts.facts(path)
    flight = csvlog.read(open_input(path))
    track = flight.track
    assert flight.source.dialect == facts.dialect
    assert len(track) == facts.fixes
    start_s = track.time_ns[0] / 1e9
    assert abs((track.time_ns[-1] / 1e9 - start_s) - (facts.last_s - facts.first_s)) < 1e-5
    assert -0.001 <= start_s - facts.first_clock_s < 1.0  # a clock of whole seconds is refined within its second
    assert (track.lon_deg.min(), track.lat_deg.min(), track.lon_deg.max(), track.lat_deg.max()) == facts.bbox


@pytest.mark.parametrize("path", REAL, ids=lambda path: path.name)
def test_every_real_csv_is_claimed_by_this_reader_only(path):
    head = open_input(path).head
    assert csvlog.sniff(head, path.name) >= 80
    assert csvlog.sniff(head, "something.bin") >= 80  # the content decides
    others = [name for name in readers.READERS if name != "csvlog" and _available(name)]
    assert all(readers.load(name).sniff(head, path.name) <= 20 for name in others)


def _available(name):
    try:
        readers.load(name)
    except ImportError:
        return False
    return True


def test_files_of_other_formats_are_not_claimed():
    claimed = {path.resolve() for path in REAL}
    claimed |= set(csv_facts.LOGS.resolve().glob("dji_csv/*RawToCleaned.csv"))  # recognised, and refused on reading
    for path in sorted(csv_facts.LOGS.rglob("*")):
        if path.is_file() and path.resolve() not in claimed and path.stat().st_size:
            with path.open("rb") as handle:
                assert csvlog.sniff(handle.read(65536), path.name) == 0, path


def test_completeness_of_the_damaged_fixtures():
    found = {path.name.split("__")[-1]: csvlog.read(open_input(path)).completeness for path in REAL}
    assert found["truncated.log"] is Completeness.TRUNCATED
    assert found["errorLog.log"] is Completeness.DAMAGED
    rest = {name: value for name, value in found.items() if name not in ("truncated.log", "errorLog.log")}
    assert set(rest.values()) == {Completeness.COMPLETE}
