"""A user's geoid files: what is accepted, at the very limits, and what is not; values against what was written."""

import struct

import numpy as np
import pytest

from dronecheck.errors import UsageError
from dronecheck.geo.vertical.geoid_files import open_geoid


def gtx(path, values, south, west, step_lat, step_lon, shape=None):
    rows, columns = shape or values.shape
    head = struct.pack(">4d2i", south, west, step_lat, step_lon, rows, columns)
    path.write_bytes(head + np.asarray(values, dtype=">f4")[::-1].tobytes())
    return path


def pgm(path, levels, *, offset="-108", scale="0.003", end=b""):
    rows, columns = levels.shape
    head = f"P5\n# a comment\n# Offset {offset}\n# Scale {scale}\n{columns} {rows}\n65535\n".encode()
    path.write_bytes(head + levels.astype(">u2").tobytes() + end)
    return path


def ramp(rows, columns):
    """Every node its own value, none of them 0, all within 200 m."""
    return 1.0 + np.arange(rows * columns, dtype=np.float64).reshape(rows, columns) * 100 / (rows * columns)


@pytest.mark.parametrize(("rows", "columns", "south", "west", "step_lat", "step_lon"), [
    (2, 2, 10.0, 20.0, 1.0, 2.0),
    (181, 360, -90.0, -180.0, 1.0, 1.0),
    (181, 361, -90.0, 0.0, 1.0, 1.0),  # 0 and 360 degrees both
    (19, 36, -90.0, 360.0, 10.0, 10.0),
    (19, 36, -90.0, -360.0, 10.0, 10.0),
    (5, 361, 50.0, -180.0, 0.5, 1.0),
    (5, 7, 85.0, 0.0, 1.25, 1.0),  # up to the pole
    (5, 7, -89.0, 0.0, 1.25, 1.0),
])  # fmt: skip
def test_gtx_within_the_globe(tmp_path, rows, columns, south, west, step_lat, step_lon):
    values = ramp(rows, columns)
    if columns == 361:
        values[:, -1] = values[:, 0]
    geoid = open_geoid(gtx(tmp_path / "n.gtx", values, south, west, step_lat, step_lon))
    row, column = (v.ravel() for v in np.meshgrid(np.arange(rows), np.arange(columns), indexing="ij"))
    lat = np.clip(south + step_lat * (rows - 1 - row), -90, 90)
    found = geoid.undulation_m(west + step_lon * column, lat)
    assert found == pytest.approx(values.ravel(), abs=1e-3)
    assert geoid.grid.columns == min(columns, 360)
    assert geoid.name == "n.gtx"


@pytest.mark.parametrize(("south", "west", "step_lat", "step_lon", "shape"), [
    (-91.0, 0.0, 1.0, 1.0, (5, 5)),
    (86.5, 0.0, 1.0, 1.0, (5, 5)),  # its top at 90.5
    (0.0, 361.0, 1.0, 1.0, (5, 5)),
    (0.0, -361.0, 1.0, 1.0, (5, 5)),
    (0.0, 0.0, 1.0, 91.0, (5, 5)),  # 364 degrees across
    (0.0, 0.0, -1.0, 1.0, (5, 5)),
    (0.0, 0.0, 1.0, -1.0, (5, 5)),
    (0.0, 0.0, 0.0, 1.0, (5, 5)),
    (0.0, 0.0, 1.0, 0.0, (5, 5)),
    (0.0, 0.0, 1.0, 1.0, (1, 25)),
    (0.0, 0.0, 1.0, 1.0, (25, 1)),
    (0.0, 0.0, 1.0, 1.0, (-5, -5)),
    (0.0, 0.0, 1.0, 1.0, (5, 6)),
    (0.0, 0.0, 1.0, 1.0, (5, 4)),
])  # fmt: skip
def test_gtx_off_the_globe_or_of_another_length(tmp_path, south, west, step_lat, step_lon, shape):
    with pytest.raises(UsageError, match="no geoid that dronecheck reads"):
        open_geoid(gtx(tmp_path / "n.gtx", ramp(5, 5), south, west, step_lat, step_lon, shape))


def test_the_shortest_heads(tmp_path):
    (tmp_path / "n.gtx").write_bytes(bytes(39))
    with pytest.raises(UsageError, match="too short"):
        open_geoid(tmp_path / "n.gtx")
    (tmp_path / "n.gtx").write_bytes(bytes(40))
    with pytest.raises(UsageError, match="no geoid that"):
        open_geoid(tmp_path / "n.gtx")


def test_no_value_of_gtx_and_what_is_near_it(tmp_path):
    values = np.full((5, 5), -88.8888)
    values[0, 0], values[4, 4], values[0, 4] = -88.9, -88.88, 5.0
    geoid = open_geoid(gtx(tmp_path / "n.gtx", values, 0.0, 0.0, 1.0, 1.0))
    at = geoid.grid.at(np.array([0, 4, 0, 2]), np.array([0, 4, 4, 2]))
    assert at[:3] == pytest.approx([-88.9, -88.88, 5.0], abs=1e-4)
    assert np.isnan(at[3])
    with pytest.raises(UsageError, match="within 200 m"):
        open_geoid(gtx(tmp_path / "none.gtx", np.full((5, 5), -88.8888), 0.0, 0.0, 1.0, 1.0))


@pytest.mark.parametrize("place", [(0, 0), (0, 39), (29, 0), (29, 39)])
def test_heights_that_no_geoid_has(tmp_path, place):
    values = np.zeros((30, 40))
    values[place] = 199.0
    open_geoid(gtx(tmp_path / "n.gtx", values, 0.0, 0.0, 1.0, 1.0))
    for wrong in (201.0, -201.0):
        values[place] = wrong
        with pytest.raises(UsageError, match="within 200 m"):
            open_geoid(gtx(tmp_path / "n.gtx", values, 0.0, 0.0, 1.0, 1.0))


def test_pgm_nodes_are_where_geographiclib_puts_them(tmp_path):
    levels = np.arange(5 * 8).reshape(5, 8) * 700
    geoid = open_geoid(pgm(tmp_path / "n.pgm", levels, offset="-50.5", scale="1e-3"))
    row, column = (v.ravel() for v in np.meshgrid(np.arange(1, 4), np.arange(8), indexing="ij"))
    found = geoid.undulation_m(column * 45.0, 90.0 - row * 45.0)
    assert found == pytest.approx(-50.5 + levels[1:4].ravel() * 1e-3)
    assert geoid.undulation_m([0.0], [90.0])[0] == pytest.approx(-50.5)


@pytest.mark.parametrize(("shape", "fine"), [
    ((3, 4), True), ((2, 4), False), ((3, 3), False), ((2, 6), False), ((6, 3), False),
])  # fmt: skip
def test_the_smallest_pgm(tmp_path, shape, fine):
    path = pgm(tmp_path / "n.pgm", np.full(shape, 40_000))
    if fine:
        assert open_geoid(path).undulation_m([5.0], [5.0])[0] == pytest.approx(12.0)
    else:
        with pytest.raises(UsageError, match="another length"):
            open_geoid(path)


def test_pgm_of_another_length_or_without_its_words(tmp_path):
    levels = np.full((5, 8), 36_000)
    for end in (b"\0", b"\0\0"):
        with pytest.raises(UsageError, match="another length"):
            open_geoid(pgm(tmp_path / "n.pgm", levels, end=end))
    whole = pgm(tmp_path / "n.pgm", levels).read_bytes()
    for wrong, why in ((whole[:-1], "another length"), (whole.replace(b"Offset", b"Other"), "without Offset"),
                       (whole.replace(b"Scale", b"Other"), "without Scale"),
                       (whole.replace(b"65535", b"255"), "without GeographicLib's header")):  # fmt: skip
        (tmp_path / "m.pgm").write_bytes(wrong)
        with pytest.raises(UsageError, match=why):
            open_geoid(tmp_path / "m.pgm")


@pytest.fixture
def tiff(tmp_path):
    rasterio = pytest.importorskip("rasterio")

    def make(values, transform, crs="EPSG:4326", nodata=None):
        with rasterio.open(tmp_path / "n.tif", "w", driver="GTiff", height=values.shape[0], width=values.shape[1],
                           count=1, dtype="float32", crs=crs, transform=transform,
                           nodata=nodata) as dataset:  # fmt: skip
            dataset.write(values.astype("float32"), 1)
        return tmp_path / "n.tif"

    return make


def test_geotiff_pixel_centres_are_the_nodes(tiff):
    from affine import Affine

    values = ramp(6, 9)
    values[5, 8] = -32767
    geoid = open_geoid(tiff(values, Affine(0.5, 0, 8.0, 0, -0.25, 47.0), nodata=-32767))
    row, column = (v.ravel() for v in np.meshgrid(np.arange(4), np.arange(6), indexing="ij"))
    found = geoid.undulation_m(8.25 + 0.5 * column, 46.875 - 0.25 * row)
    assert found == pytest.approx(values[:4, :6].ravel(), abs=1e-4)
    assert np.isnan(geoid.undulation_m([12.25], [45.625])[0])
    assert np.isnan(geoid.undulation_m([8.2, 12.3], [46.0, 46.0])).all()


def test_a_geotiff_around_the_globe(tiff):
    from affine import Affine

    values = ramp(180, 361)
    values[:, -1] = values[:, 0]
    geoid = open_geoid(tiff(values, Affine(1.0, 0, -180.5, 0, -1.0, 90.0)))
    assert geoid.grid.wraps
    assert geoid.grid.columns == 360
    found = geoid.undulation_m([180.0, -180.0, 179.0], [0.5, 0.5, 0.5])
    assert found == pytest.approx([values[89, 0], values[89, 0], values[89, 359]], abs=1e-3)


@pytest.mark.parametrize("numbers", [
    (0.5, 0, 8.0, 0, 0.25, 40.0), (-0.5, 0, 8.0, 0, -0.25, 47.0), (0.5, 0.1, 8.0, 0, -0.25, 47.0),
    (0.5, 0, 8.0, 0.1, -0.25, 47.0),
])  # fmt: skip
def test_a_geotiff_that_is_not_north_up(tiff, numbers):
    from affine import Affine

    with pytest.raises(UsageError, match="north up"):
        open_geoid(tiff(ramp(6, 9), Affine(*numbers)))


def test_a_geotiff_in_metres_and_one_of_nothing(tiff, tmp_path):
    from affine import Affine

    with pytest.raises(UsageError, match="longitude and latitude"):
        open_geoid(tiff(ramp(6, 9), Affine(10, 0, 500_000, 0, -10, 5_200_000), crs="EPSG:32632"))
    assert open_geoid(tiff(ramp(6, 9), Affine(0.5, 0, 8.0, 0, -0.25, 47.0), crs=None)).grid.rows == 6
    (tmp_path / "bad.tif").write_bytes(b"II*\0nothing")
    with pytest.raises(UsageError, match="cannot be read"):
        open_geoid(tmp_path / "bad.tif")
