"""Which part of a self-crossing outline is in doubt: the smaller lobe, whichever way the ring goes."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import shapely

from dronecheck.geo.outline.polygon_repair import TooTangled, repaired

BOW = np.array([[3, -3], [3, 3], [-1, -1], [-1, 1], [3, -3]], dtype=float)  # lobes of 9 and 1, crossing at 0, 0


@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize("mirror", [(1, 1), (-1, 1), (1, -1)])
@pytest.mark.parametrize("begin", range(4))
def test_the_smaller_lobe_is_in_doubt(backwards, mirror, begin):
    ring = np.roll(BOW[:-1], begin, axis=0) * mirror
    ring = np.vstack([ring, ring[:1]])
    made = repaired(shapely.Polygon(ring[::-1] if backwards else ring))
    assert made.was_invalid
    assert made.geometry.area == pytest.approx(10.0)
    assert made.uncertain.area == pytest.approx(1.0)
    assert made.uncertain.centroid.x * mirror[0] == pytest.approx(-2 / 3)


@pytest.mark.parametrize("backwards", [False, True])
def test_two_equal_lobes_are_both_in_doubt(backwards):
    ring = np.array([[2, -2], [2, 2], [-2, -2], [-2, 2], [2, -2]], dtype=float)
    made = repaired(shapely.Polygon(ring[::-1] if backwards else ring))
    assert made.uncertain.area == pytest.approx(made.geometry.area) == pytest.approx(8.0)


def test_a_hole_across_its_shell_is_in_doubt_where_readings_differ():
    made = repaired(shapely.Polygon([(0, 0), (4, 0), (4, 4), (0, 4)], [[(3, 1), (6, 1), (6, 2), (3, 2)]]))
    assert made.geometry.area == pytest.approx(15.0)  # the shell without the hole
    assert made.uncertain.area == pytest.approx(2.0)  # the part of the hole outside, which even-odd counting adds


def test_a_valid_area_is_left_alone():
    box = shapely.box(0, 0, 1, 1)
    made = repaired(box)
    assert (made.geometry is box, made.was_invalid, made.uncertain) == (True, False, None)


def even_odd(ring, x, y):
    """The schoolbook rule, for a closed ring (n, 2)."""
    inside = np.zeros(len(x), dtype=bool)
    for (x0, y0), (x1, y1) in pairwise(ring):
        spans = (y0 > y) != (y1 > y)
        inside ^= spans & (x < x0 + (y - y0) / ((y1 - y0) or 1.0) * (x1 - x0))
    return inside


def test_a_moderate_tangle_is_read_and_nothing_of_it_is_called_outside():
    random = np.random.default_rng(3)
    ring = random.uniform(0, 1, (60, 2))
    made = repaired(shapely.Polygon(ring))
    assert made.geometry.is_valid
    x, y = random.uniform(0, 1, (2, 5_000))
    possible = shapely.union(made.geometry, made.uncertain)
    assert shapely.contains_xy(possible, x, y)[even_odd(np.vstack([ring, ring[:1]]), x, y)].all()


def test_a_hopeless_tangle_is_refused():
    with pytest.raises(TooTangled):
        repaired(shapely.Polygon(np.random.default_rng(3).uniform(0, 1, (3_000, 2))))
