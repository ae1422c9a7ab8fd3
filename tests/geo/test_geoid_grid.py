"""Grids of every kind against plain walks over their nodes: cubic Hermite splines with central differences."""

import numpy as np
import pytest

from dronecheck.geo.vertical.geoid import Geoid, Grid, bundled_geoid


def grid_of(values, north, west, step_lat, step_lon):
    rows, columns = values.shape
    return Grid(north, west, step_lat, step_lon, rows, columns, lambda row, column: values[row, column])


def spline(before, here, there, behind, t):
    """Cubic Hermite from `here` to `there`, whose slopes are the central differences."""
    leaving, arriving = (there - before) / 2, (behind - here) / 2
    rest = there - here
    return here + t * (leaving + t * (3 * rest - 2 * leaving - arriving + t * (leaving + arriving - 2 * rest)))


def truth(node, y, x):
    row, column = int(np.floor(y)), int(np.floor(x))
    along = [spline(*(node(row + i, column + j) for j in (-1, 0, 1, 2)), x - column) for i in (-1, 0, 1, 2)]
    return spline(*along, y - row)


def test_over_the_poles_and_around_the_globe():
    """Every node past an edge is looked up by where on the globe it lies."""
    values = np.random.default_rng(1).uniform(-50, 50, (5, 8))
    grid = grid_of(values, 90.0, 0.0, 45.0, 45.0)
    for row in range(-3, 8):
        for column in range(-9, 18):
            lat, lon = 90 - 45 * row, 45 * column
            if abs(lat) > 90:
                lat, lon = np.copysign(180, lat) - lat, lon + 180
            expected = values[round((90 - lat) / 45), round(lon / 45) % 8]
            assert grid.node(np.array([row]), np.array([column]))[0] == expected, (row, column)


@pytest.mark.parametrize(("shape", "north", "steps", "wraps"), [
    ((5, 9), 90.0, (45.0, 40.0), True),  # an odd number of columns has no node on the other side of a pole
    ((5, 8), 80.0, (40.0, 45.0), True),  # ends before the poles
    ((5, 8), 90.0, (45.0, 44.0), False),
    ((5, 10), 90.0, (45.0, 1.0), False),  # from pole to pole, but a part of the globe only
])  # fmt: skip
def test_where_a_grid_ends_its_edge_goes_on(shape, north, steps, wraps):
    values = np.random.default_rng(2).uniform(-50, 50, shape)
    grid = grid_of(values, north, 0.0, *steps)
    assert grid.wraps == wraps
    for row in range(-2, shape[0] + 2):
        for column in range(-2, shape[1] + 2):
            at = column % shape[1] if wraps else min(max(column, 0), shape[1] - 1)
            expected = values[min(max(row, 0), shape[0] - 1), at]
            assert grid.node(np.array([row]), np.array([column]))[0] == expected, (row, column)


@pytest.mark.parametrize("west", [0.0, -180.0, 359.0])
def test_a_regional_grid_is_a_spline_to_its_very_edges(west):
    values = np.random.default_rng(3).uniform(-50, 50, (4, 5))
    geoid = Geoid("part", "", grid_of(values, 47.0, west, 0.5, 0.25))

    def node(row, column):
        return values[min(max(row, 0), 3), min(max(column, 0), 4)]

    for y in (0.0, 0.3, 1.0, 1.75, 2.5, 2.999):
        for x in (0.0, 0.4, 1.5, 2.0, 3.2, 3.999):
            at = geoid.undulation_m([west + 0.25 * x], [47.0 - 0.5 * y])[0]
            assert at == pytest.approx(truth(node, y, x), abs=1e-9), (y, x)
    east, south = west + 1.0, 45.5
    corners = geoid.undulation_m([west, east, west, east], [47.0, 47.0, south, south])
    assert corners == pytest.approx([values[0, 0], values[0, 4], values[3, 0], values[3, 4]])
    tiny = 1e-8  # what a subtraction of degrees may lose
    on_edge = geoid.undulation_m([west - tiny, east + tiny, west, west], [47.0, 47.0, 47.0 + tiny, south - tiny])
    assert on_edge == pytest.approx([values[0, 0], values[0, 4], values[0, 0], values[3, 0]], abs=1e-4)
    off = geoid.undulation_m([west - 0.01, east + 0.01, west, west], [46.0, 46.0, 47.01, south - 0.01])
    assert np.isnan(off).all()


def test_a_global_grid_is_a_spline_everywhere():
    values = np.random.default_rng(4).uniform(-50, 50, (13, 24))
    values[0], values[-1] = 7.0, -3.0
    geoid = Geoid("all", "", grid_of(values, 90.0, -180.0, 15.0, 15.0))

    def node(row, column):
        if not 0 <= row <= 12:
            row, column = (-row if row < 0 else 24 - row), column + 12
        return values[row, column % 24]

    random = np.random.default_rng(5)
    for lon, lat in zip(random.uniform(-540, 540, 60), [*random.uniform(-90, 90, 56), 90, -90, 89, -89], strict=True):
        x, y = ((lon + 180) % 360) / 15, (90 - lat) / 15
        assert geoid.undulation_m([lon], [lat])[0] == pytest.approx(truth(node, y, x), abs=1e-9), (lon, lat)


def test_the_bundled_grid_between_its_nodes():
    """The same spline through the bundled nodes, and its place on the globe."""
    geoid = bundled_geoid()

    def node(row, column):
        return float(geoid.grid.at(np.array([row]), np.array([column % 1440]))[0])

    random = np.random.default_rng(6)
    for lon, lat in zip(random.uniform(0, 360, 40), random.uniform(-89, 89, 40), strict=True):
        expected = truth(node, (90 - lat) / 0.25, lon / 0.25)
        assert geoid.undulation_m([lon], [lat])[0] == pytest.approx(expected, abs=1e-9)
    assert geoid.sigma_m == 0.6
