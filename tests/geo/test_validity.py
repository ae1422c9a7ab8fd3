"""Invalid rings against a counting of windings that shares no code with the repair, and the published figures."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from dronecheck.geo.outline.polygon_repair import TooTangled, repaired
from tests.support.growth import hang_guard
from tests.support.scale import examples

STAR = [(math.sin(4 * math.pi * k / 5), math.cos(4 * math.pi * k / 5)) for k in range(5)]


def at(geometry, x, y):
    return geometry is not None and bool(shapely.contains_xy(geometry, x, y))


def test_what_is_valid_is_left_alone():
    square = shapely.box(0, 0, 1, 1)
    repair = repaired(square)
    assert repair.geometry is square
    assert not repair.was_invalid
    assert repair.uncertain is None


def test_a_bow_tie_keeps_both_lobes_in_doubt():
    repair = repaired(shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)]))
    assert repair.geometry.area == pytest.approx(2.0)  # buffer(0) leaves 1.0
    assert repair.uncertain.area == pytest.approx(2.0)  # of equal lobes nothing says which is meant


def test_a_small_loop_at_a_corner_leaves_the_rest_certain():
    repair = repaired(shapely.Polygon([(0, 0), (10, 0), (10, 10), (-0.1, 10), (0.1, 10.2), (0, 5)]))
    assert 0 < repair.uncertain.area < 0.1
    assert at(repair.geometry, 5, 5)
    assert not at(repair.uncertain, 5, 5)


def test_the_centre_of_a_pentagram_is_in_doubt_and_its_points_are_not():
    repair = repaired(shapely.Polygon(STAR))
    assert at(repair.geometry, 0, 0)
    assert at(repair.uncertain, 0, 0)
    assert at(repair.geometry, 0, 0.8)
    assert not at(repair.uncertain, 0, 0.8)


def test_a_hole_across_the_shell_takes_nothing_outside():
    repair = repaired(shapely.Polygon([(0, 0), (4, 0), (4, 4), (0, 4)], [[(3, 1), (5, 1), (5, 2), (3, 2)]]))
    assert repair.geometry.area == pytest.approx(15.0)
    assert repair.uncertain.equals(shapely.box(4, 1, 5, 2))


def test_overlapping_parts_are_their_union_and_the_overlap_is_in_doubt():
    repair = repaired(shapely.MultiPolygon([shapely.box(0, 0, 4, 4), shapely.box(2, 2, 6, 6)]))
    assert repair.geometry.area == pytest.approx(28.0)
    assert repair.uncertain.equals(shapely.box(2, 2, 4, 4))


def test_parts_that_share_a_side_are_no_doubt():
    repair = repaired(shapely.MultiPolygon([shapely.box(0, 0, 4, 4), shapely.box(4, 0, 6, 4)]))
    assert repair.geometry.area == pytest.approx(24.0)
    assert repair.uncertain is None


def test_a_ring_that_encloses_nothing_is_empty():
    assert repaired(shapely.Polygon([(0, 0), (1, 1), (2, 2)])).geometry.is_empty


def test_a_hopeless_tangle_is_refused_before_it_costs():
    random = np.random.default_rng(0)
    with pytest.raises(TooTangled):
        repaired(shapely.Polygon(random.uniform(0, 1, (6_000, 2))))


@pytest.mark.parametrize("corners", [150, 400])
def test_few_corners_that_cross_each_other_often_are_refused_before_they_cost(corners):
    """Made valid, 400 of them take a minute."""
    random = np.random.default_rng(1)
    with hang_guard(), pytest.raises(TooTangled):
        repaired(shapely.Polygon(random.uniform(0, 1, (corners, 2))))


def test_a_long_ring_written_twice_over_is_that_ring():
    turn = np.linspace(0, 2 * np.pi, 5_001)[:-1]
    ring = np.array([np.cos(turn), np.sin(turn)]).T
    repair = repaired(shapely.Polygon(np.vstack([ring, ring])))
    assert repair.geometry.area == pytest.approx(np.pi, rel=1e-5)


@settings(max_examples=examples(60), deadline=None)
@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), min_size=4, max_size=9), st.integers(0, 2**32 - 1))
def test_certain_points_are_where_all_countings_agree(corners, seed):
    ring = np.array([*corners, corners[0]], dtype=np.float64)
    repair = repaired(shapely.Polygon(ring))
    if not repair.was_invalid:
        return
    edges = shapely.LineString(ring)
    for x, y in np.random.default_rng(seed).uniform(-1, 13, (40, 2)):
        if shapely.distance(edges, shapely.Point(x, y)) < 1e-6 or at(repair.uncertain, x, y):
            continue
        turn = np.diff(np.arctan2(ring[:, 1] - y, ring[:, 0] - x))
        winding = round(((turn + np.pi) % (2 * np.pi) - np.pi).sum() / (2 * np.pi))
        # A ring written twice over goes around twice and is still that ring: no doubt of parity there.
        assert at(repair.geometry, x, y) == (winding != 0), (x, y, winding)
