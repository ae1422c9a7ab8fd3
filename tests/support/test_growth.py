"""The helper sees quadratic work, passes linear work, and ends what hangs."""

from __future__ import annotations

import numpy as np
import pytest

from tests.support.growth import Hang, assert_linear, hang_guard


def test_linear_work_passes_and_quadratic_does_not():
    assert_linear(np.sort, lambda size: np.arange(size)[::-1].copy(), 20_000, 160_000)
    with pytest.raises(AssertionError, match="times the size"):
        assert_linear(lambda row: np.abs(row[:, None] - row).sum(), np.arange, 250, 2_000)


def test_work_without_an_end_is_ended():
    with pytest.raises(Hang), hang_guard(0.2):
        while True:
            pass
