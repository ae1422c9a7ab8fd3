"""Rings over the antimeridian and around poles."""

from __future__ import annotations

import numpy as np

from dronecheck.geo.outline.rings import unwrap_ring


def test_the_short_way_over_the_antimeridian():
    ring = unwrap_ring(np.array([[179, -18], [-179, -18], [-179, -16], [179, -16], [179, -18]], dtype=float))
    assert ring[:, 0].tolist() == [179, 181, 181, 179, 179]


def test_a_ring_around_a_pole_is_closed_over_it():
    lon = np.array([0, 120, -120, 0], dtype=float)
    ring = unwrap_ring(np.column_stack([lon, np.full(4, -80.0)]))
    assert ring[:4, 0].tolist() == [0, 120, 240, 360]
    assert ring[4:].tolist() == [[360, -90], [0, -90], [0, -80]]


def test_a_box_of_the_world_stays_one():
    box = np.array([[-180, -60], [180, -60], [180, 60], [-180, 60], [-180, -60]], dtype=float)
    assert np.array_equal(unwrap_ring(box), box)


def test_half_the_way_round_is_taken_as_written():
    """Of 180 degrees neither way is the shorter one."""
    box = np.array([[0, 10], [180, 10], [180, 20], [0, 20], [0, 10]], dtype=float)
    assert np.array_equal(unwrap_ring(box), box)
    assert np.array_equal(unwrap_ring(box[::-1]), box[::-1])
