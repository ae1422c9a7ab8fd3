"""The ZLL reader against facts that one regular expression gives for the real file."""

import pytest

from dronecheck import readers
from dronecheck.flight import Completeness
from dronecheck.safe.io import open_input
from tests.oracle import zll_facts

REAL = zll_facts.real_logs()
if not REAL:
    pytest.skip(f"real logs are not at {zll_facts.LOGS}", allow_module_level=True)


@pytest.mark.parametrize("path", REAL, ids=lambda path: path.name)
def test_every_real_log_agrees_with_the_oracle(path):
    facts = zll_facts.facts(path)
    source = open_input(path)
    reader = readers.choose(source.head, "x.bin")
    assert reader.NAME == "zll"
    flight = reader.read(source)
    track = flight.track
    assert len(track) == facts.fixes
    assert (track.time_ns[0], track.time_ns[-1]) == (facts.first_ns, facts.last_ns)
    assert (track.lon_deg.min(), track.lat_deg.min(), track.lon_deg.max(), track.lat_deg.max()) == facts.bbox
    assert flight.completeness is Completeness.COMPLETE
    assert flight.vehicle.model == "HF-XL-XL019A"
