"""A small campaign of tests/chaos/kill.py; `make chaos` runs the long one."""

from __future__ import annotations

import pytest

from tests.chaos.kill import campaign
from tests.support.scale import full_only


@full_only
@pytest.mark.slow
def test_a_killed_audit_goes_on_as_if_nothing_had_happened(tmp_path):
    assert "byte for byte" in campaign(tmp_path, files=160, parent_kills=5, worker_kills=4, seed=20261123)
