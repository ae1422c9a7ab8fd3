"""Terrain against plain arithmetic over its nodes: bilinear planes, where they end, slopes in every direction."""

import numpy as np
import pytest

from dronecheck.geo.plane import geodesic_ahead, geodesic_m
from dronecheck.geo.vertical import terrain as module
from dronecheck.geo.vertical.geoid import bundled_geoid
from dronecheck.geo.vertical.terrain import TerrainDatum, TerrainModel, open_terrain, terrain_files

N = 1201


def hgt(path, heights):
    np.asarray(heights).astype(">i2").tofile(path)
    return path


def terrain(*paths, datum=TerrainDatum.EGM96, **more):
    return open_terrain(paths, bundled_geoid, datum, **more)


@pytest.fixture
def tiff(tmp_path):
    rasterio = pytest.importorskip("rasterio")
    from affine import Affine

    def make(heights, numbers=(0.001, 0, 8.0, 0, -0.001, 47.0), name="t.tif", crs="EPSG:4326", scale=None, **more):
        heights = np.asarray(heights, dtype="float32")
        with rasterio.open(tmp_path / name, "w", driver="GTiff", height=heights.shape[0], width=heights.shape[1],
                           count=1, dtype="float32", crs=crs, transform=Affine(*numbers),
                           **more) as dataset:  # fmt: skip
            dataset.write(heights, 1)
            if scale:
                dataset.scales, dataset.offsets = [scale[0]], [scale[1]]
        return tmp_path / name

    return make


def bilinear(values, row, column):
    """By the plane walk: half a pixel beyond the outer centres the outermost planes go on."""
    rows, columns = values.shape
    if not (-0.5 <= row <= rows - 0.5 and -0.5 <= column <= columns - 0.5):
        return np.nan
    top, left = (min(max(int(np.floor(at)), 0), max(count - 2, 0)) for at, count in ((row, rows), (column, columns)))
    total = 0.0
    for i in (0, 1):
        for j in (0, 1):
            weight = (1 - abs(row - top - i)) if top <= row <= top + 1 else (row - top if i else 1 - (row - top))
            weight *= (1 - abs(column - left - j)) if left <= column <= left + 1 else (
                column - left if j else 1 - (column - left))  # fmt: skip
            if abs(weight) > 1e-9:
                total += weight * values[min(top + i, rows - 1), min(left + j, columns - 1)]
    return total


@pytest.mark.parametrize("shape", [(5, 7), (2, 2), (1, 4), (4, 1), (1, 1)])
def test_every_place_of_a_small_raster(tiff, shape):
    values = np.random.default_rng(1).uniform(100, 900, shape)
    found = terrain(tiff(values))
    for row in np.arange(-0.45, shape[0] - 0.5, 0.21):
        columns = np.arange(-0.45, shape[1] - 0.5, 0.23)
        lon, lat = 8.0 + (columns + 0.5) * 0.001, np.full(len(columns), 47.0 - (row + 0.5) * 0.001)
        height, sigma = found.ground_amsl_m(lon, lat)
        assert height == pytest.approx([bilinear(values, row, c) for c in columns], abs=1e-3)
        assert (sigma == 4.0).all()
    off = np.array([-0.6, shape[1] - 0.4, 0.0, 0.0]), np.array([0.0, 0.0, -0.6, shape[0] - 0.4])
    height, sigma = found.ground_amsl_m(8.0 + (off[0] + 0.5) * 0.001, 47.0 - (off[1] + 0.5) * 0.001)
    assert np.isnan(height).all()
    assert np.isnan(sigma).all()


def test_a_void_counts_where_it_has_weight_alone(tiff):
    values = np.arange(30.0).reshape(5, 6) + 10
    values[2, 3] = -9999
    found = terrain(tiff(values, nodata=-9999))
    row, column = (v.ravel() for v in np.meshgrid(np.arange(0, 4.01, 0.25), np.arange(0, 5.01, 0.25), indexing="ij"))
    height, _ = found.ground_amsl_m(8.0 + (column + 0.5) * 0.001, 47.0 - (row + 0.5) * 0.001)
    near = (np.abs(row - 2) < 0.99) & (np.abs(column - 3) < 0.99)
    assert np.isnan(height[near]).all()
    away = (np.abs(row - 2) > 1.01) | (np.abs(column - 3) > 1.01)
    assert height[away] == pytest.approx((10 + 6 * row + column)[away], abs=1e-3)


def test_scale_and_offset_of_a_file(tiff):
    found = terrain(tiff(np.full((5, 5), 30.0), scale=(10.0, 7.0)))
    assert found.ground_amsl_m(np.array([8.002]), np.array([46.998]))[0] == pytest.approx(307.0)


@pytest.mark.filterwarnings("ignore:Use `@` matmul:PendingDeprecationWarning")  # within rasterio
def test_a_raster_turned_on_the_map(tiff):
    values = np.add.outer(np.arange(9.0) * 10, np.arange(9.0)) + 100
    found = terrain(tiff(values, (0.001, 0.0004, 8.0, 0.0003, -0.001, 47.0)))
    column, row = np.array([2.0, 5.0, 6.0]), np.array([3.0, 1.0, 6.0])
    lon = 8.0 + 0.001 * (column + 0.5) + 0.0004 * (row + 0.5)
    lat = 47.0 + 0.0003 * (column + 0.5) - 0.001 * (row + 0.5)
    assert found.ground_amsl_m(lon, lat)[0] == pytest.approx(100 + 10 * row + column, abs=1e-3)
    # Within the box around it, but off the raster on each of its sides.
    column, row = np.array([-1.0, 9.2, 4.0, 4.0]), np.array([4.0, 4.0, -1.0, 9.2])
    lon = 8.0 + 0.001 * (column + 0.5) + 0.0004 * (row + 0.5)
    lat = 47.0 + 0.0003 * (column + 0.5) - 0.001 * (row + 0.5)
    assert np.isnan(found.ground_amsl_m(lon, lat)[0]).all()


def test_an_hgt_tile_ends_at_its_degree(tmp_path):
    """Its outer nodes lie on the degree itself: half a pixel more is the next tile's."""
    found = terrain(hgt(tmp_path / "N40E124.hgt", np.full((N, N), 50)))
    lon, lat = np.array([123.9998, 125.0002, 124.5, 124.5]), np.array([40.5, 40.5, 39.9998, 41.0002])
    assert np.isnan(found.ground_amsl_m(lon, lat)[0]).all()
    lon, lat = np.array([124.0, 125.0, 124.5, 124.5]), np.array([40.5, 40.5, 40.0, 41.0])
    assert (found.ground_amsl_m(lon, lat)[0] == 50).all()


def test_heights_that_are_nowhere_on_earth_are_unknown(tmp_path):
    heights = np.full((N, N), 100)
    heights[100], heights[200], heights[300], heights[400] = -501, -430, 8_849, 9_001
    found = terrain(hgt(tmp_path / "N40E124.hgt", heights))
    lat = 41 - np.array([100, 200, 300, 400, 500]) / 1200
    height, _ = found.ground_amsl_m(np.full(5, 124.5), lat)
    assert np.isnan(height[[0, 3]]).all()
    assert height[[1, 2, 4]] == pytest.approx([-430, 8_849, 100], abs=1e-6)


def test_the_finer_hgt(tmp_path):
    heights = np.tile(np.arange(3601), (3601, 1))
    found = terrain(hgt(tmp_path / "n40e124.hgt", heights))
    assert found.ground_amsl_m(np.array([124.25]), np.array([40.3]))[0] == pytest.approx(900)


def test_sigma_of_every_datum(tiff):
    place = np.array([8.002]), np.array([46.998])
    path = tiff(np.full((5, 5), 300.0))
    n_m = bundled_geoid().undulation_m(*place)
    for datum, height_m, sigma_m in ((TerrainDatum.EGM96, 300.0, 4.0), (TerrainDatum.EGM2008, 300.0, 4.0349),
                                     (TerrainDatum.HAE, 300.0 - n_m[0], 4.0447)):  # fmt: skip
        found = terrain(path, datum=datum)
        for turn in (0.0, 360.0):
            height, sigma = found.ground_amsl_m(place[0] + turn, place[1])
            assert height == pytest.approx([height_m])
            assert sigma == pytest.approx([sigma_m], abs=1e-4)
        assert found.sources[0].model is TerrainModel.UNKNOWN


@pytest.mark.parametrize(("name", "datum", "model"), [
    ("Copernicus_DSM_10_N46_00_E008_00_DEM.tif", TerrainDatum.EGM2008, TerrainModel.SURFACE),
    ("ALPSMLC30_N046E008_DSM.tif", TerrainDatum.EGM96, TerrainModel.SURFACE),
    ("N46E008_FABDEM_V1-2.tif", TerrainDatum.EGM2008, TerrainModel.TERRAIN),
])  # fmt: skip
def test_products_known_by_their_names(tiff, name, datum, model):
    path = tiff(np.full((5, 5), 300.0), name=name)
    found = terrain(path, datum=TerrainDatum.HAE, model=TerrainModel.UNKNOWN)
    found.ground_amsl_m(np.array([8.002]), np.array([46.998]))
    assert (found.sources[0].datum, found.sources[0].model) == (datum, model)


def test_folders_are_searched_and_files_are_taken_as_they_are(tmp_path):
    (tmp_path / "in" / "deep").mkdir(parents=True)
    for name in ("b.HGT", "a.tif", "deep/c.tiff", "d.txt", "x_WBM.tif", "x_DEM.tif"):
        (tmp_path / "in" / name).write_bytes(b"")
    (tmp_path / "lone.dem").write_bytes(b"")
    found = terrain_files([tmp_path / "lone.dem", tmp_path / "in"])
    assert [p.name for p in found] == ["lone.dem", "a.tif", "b.HGT", "c.tiff", "x_DEM.tif"]


def test_places_across_a_large_file_are_read_in_parts(tiff, monkeypatch):
    """Two corners of a file span all of it: no read takes more cells than allowed, and none is made needlessly."""
    values = np.random.default_rng(2).uniform(0, 100, (60, 80))
    path, cells = tiff(values), []
    opened = module.open_tiff

    class Counted:
        def __init__(self, dataset):
            self.dataset = dataset

        def __getattr__(self, name):
            return getattr(self.dataset, name)

        def read(self, band, window, **more):
            (top, bottom), (left, right) = window
            cells.append((bottom - top) * (right - left))
            return self.dataset.read(band, window=window, **more)

    monkeypatch.setattr(module, "open_tiff", lambda path: Counted(opened(path)))
    monkeypatch.setattr(module, "_CELLS_AT_ONCE", 400)
    column, row = np.linspace(0.2, 78.7, 50), np.linspace(58.9, 0.1, 50)
    found = terrain(path)
    height, _ = found.ground_amsl_m(8.0 + (column + 0.5) * 0.001, 47.0 - (row + 0.5) * 0.001)
    assert height == pytest.approx([bilinear(values, r, c) for r, c in zip(row, column, strict=True)], abs=1e-3)
    assert max(cells) <= 400
    assert len(cells) <= 4 * 32
    cells.clear()
    near = np.linspace(10.1, 18.9, 50)
    found.ground_amsl_m(8.0 + (near + 0.5) * 0.001, 47.0 - (near + 0.5) * 0.001)
    assert len(cells) == 4


METRES = (2.0, 0, 500_000, 0, -2.0, 5_200_000)  # UTM zone 32: x and y true to 0.4 per mille on its middle meridian


def plane_of(tiff, slope, azimuth_deg):
    """1000 m across of a tilted plane, 300 m up at its middle; and the middle in degrees."""
    from rasterio.warp import transform

    along = np.sin(np.radians(azimuth_deg)), np.cos(np.radians(azimuth_deg))
    x, y = np.meshgrid(np.arange(500) * 2.0 - 499, 499 - np.arange(500) * 2.0)
    path = tiff(300 + slope * (x * along[0] + y * along[1]), METRES, crs="EPSG:32632")
    lon, lat = transform("EPSG:32632", "EPSG:4326", [500_500.0], [5_199_500.0])
    return terrain(path), np.array(lon), np.array(lat)


@pytest.mark.parametrize("azimuth_deg", [0, 90, 180, 270, 37, 141, 229, 318])
@pytest.mark.parametrize(("slope", "above_m"), [(0.5, 60.0), (0.9, 150.0), (0.5, -80.0)])
def test_the_closest_point_of_a_plane(tiff, azimuth_deg, slope, above_m):
    found, lon, lat = plane_of(tiff, slope, azimuth_deg)
    closest = found.closest_surface_m(lon, lat, np.array([300.0 + above_m]))
    assert closest[0] == pytest.approx(abs(above_m) / np.hypot(1, slope), abs=0.06)


def test_the_closest_point_is_looked_for_within_200_metres(tiff):
    """A wall 190 m off is seen, one 210 m off is not."""
    from rasterio.warp import transform

    x, _ = np.meshgrid(np.arange(500) * 2.0 - 499, np.arange(500))
    lon, lat = (np.array(v) for v in transform("EPSG:32632", "EPSG:4326", [500_500.0], [5_199_500.0]))
    for wall_m, seen in ((190.0, True), (-190.0, True), (212.0, False), (-212.0, False)):
        beyond = x >= wall_m if wall_m > 0 else x <= wall_m
        found = terrain(tiff(np.where(beyond, 1000.0, 100.0), METRES, crs="EPSG:32632"))
        closest = found.closest_surface_m(lon, lat, np.array([1000.0]))
        assert closest[0] == pytest.approx(abs(wall_m) if seen else 900.0, abs=4)


def test_the_closest_point_of_rough_ground_is_brute_force_s(tiff):
    from rasterio.warp import transform

    random = np.random.default_rng(3)
    x, y = np.meshgrid(np.arange(500) * 2.0 - 499, 499 - np.arange(500) * 2.0)
    ground = 300 + 40 * np.sin(x / 70 + 1) * np.cos(y / 90) + 0.2 * x
    found = terrain(tiff(ground, METRES, crs="EPSG:32632"))
    lon, lat = (np.array(v) for v in transform("EPSG:32632", "EPSG:4326", 500_500 + random.uniform(-200, 200, 40),
                                               5_199_500 + random.uniform(-200, 200, 40)))  # fmt: skip
    below, _ = found.ground_amsl_m(lon, lat)
    above_m = random.uniform(5, 120, 40)
    closest = found.closest_surface_m(lon, lat, below + above_m)
    here = np.array(transform("EPSG:4326", "EPSG:32632", lon, lat)) - np.array([[500_500.0], [5_199_500.0]])
    for i in range(40):
        away = np.sqrt((x - here[0, i]) ** 2 + (y - here[1, i]) ** 2 + (ground - below[i] - above_m[i]) ** 2)
        assert away.min() - 0.15 <= closest[i] <= away.min() + 0.5, i
        assert closest[i] <= above_m[i] + 1e-6


def test_the_closest_point_of_nothing_known(tiff):
    """Unknown ground below, an unknown height, a hole beside: unknown, unknown, the rest of the ground."""
    values = np.full((300, 300), 100.0)
    values[:, 140:160] = -9999
    found = terrain(tiff(values, (1e-5, 0, 8.0, 0, -1e-5, 47.0), nodata=-9999))
    lon, lat = np.array([8.0015, 8.0005, 8.00139]), np.full(3, 46.9985)
    closest = found.closest_surface_m(lon, lat, np.array([150.0, np.nan, 150.0]))
    assert np.isnan(closest[:2]).all()
    assert closest[2] == pytest.approx(50.0, abs=1e-6)


def test_many_places_are_each_their_own(tiff):
    """More places than are looked at in one go."""
    values = np.tile(np.arange(400.0) / 2, (400, 1))
    found = terrain(tiff(values, (1e-5, 0, 8.0, 0, -1e-5, 47.0)))
    random = np.random.default_rng(4)
    lon, lat = random.uniform(8.0015, 8.0025, 7), random.uniform(46.9975, 46.9985, 7)
    one = np.concatenate([found.closest_surface_m(lon[i : i + 1], lat[i : i + 1], np.array([400.0])) for i in range(7)])
    try:
        module._ROWS_AT_ONCE, before = 2, module._ROWS_AT_ONCE
        assert found.closest_surface_m(lon, lat, np.full(7, 400.0)) == pytest.approx(one)
    finally:
        module._ROWS_AT_ONCE = before


def test_at_a_pole_the_ground_is_what_the_files_say(tiff):
    found = terrain(tiff(np.full((50, 720), 20.0), (0.5, 0, -180.0, 0, -0.01, 90.0)))
    closest = found.closest_surface_m(np.array([5.0, 5.0]), np.array([90.0, 89.9999]), np.array([70.0, 70.0]))
    assert closest == pytest.approx([50.0, 50.0])
    ahead = geodesic_ahead(np.array([[5.0, 89.9999]]), np.array([0.0]), np.array([100.0]))
    assert geodesic_m(5.0, 89.9999, ahead[0, 0], ahead[0, 1])[0] == pytest.approx(100.0)
