"""Terrain files against what was put into them, and against GDAL."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dronecheck.errors import UsageError
from dronecheck.geo.plane import metres_per_degree
from dronecheck.geo.vertical.geoid import bundled_geoid
from dronecheck.geo.vertical.terrain import TerrainDatum, TerrainModel, open_terrain
from tests.support.scale import examples

N = 1201


def write_hgt(folder, name, heights):
    path = folder / name
    np.asarray(heights).astype(">i2").tofile(path)
    return path


def nodes(west, south):
    """Longitude and latitude of all nodes of a tile, north first."""
    lon, lat = np.meshgrid(west + np.linspace(0, 1, N), south + np.linspace(1, 0, N))
    return lon, lat


def plane(west, south, east_per_deg=200.0, north_per_deg=-300.0, base=100.0):
    lon, lat = nodes(west, south)
    return np.round(base + east_per_deg * (lon - west) + north_per_deg * (lat - south))


def terrain(*paths, **more):
    return open_terrain(paths, bundled_geoid, **more)


@pytest.fixture(scope="module")
def tiles(tmp_path_factory):
    """Four tiles that meet at 124 E 40 N, all of one plane, except a void pond in one."""
    folder = tmp_path_factory.mktemp("dem")
    for south, west, name in ((40, 124, "N40E124.hgt"), (39, 124, "N39E124.hgt"), (40, 123, "N40E123.hgt"),
                              (39, 123, "N39E123.hgt")):  # fmt: skip
        lon, lat = nodes(west, south)
        heights = np.round(1000 + 200 * (lon - 124) - 300 * (lat - 40))
        if name == "N40E124.hgt":
            heights[600:620, 600:620] = -32768
        write_hgt(folder, name, heights)
    return folder


def test_heights_across_the_seams_of_tiles(tiles):
    random = np.random.default_rng(1)
    lon, lat = 124 + random.uniform(-0.4, 0.4, 500), 40 + random.uniform(-0.4, 0.4, 500)
    lon[:4], lat[:4] = [124, 124, 124.2, 123.9], [40, 40.2, 40, 39.9]  # on the seams
    height, sigma = terrain(tiles).ground_amsl_m(lon, lat)
    assert height == pytest.approx(1000 + 200 * (lon - 124) - 300 * (lat - 40), abs=0.51)  # nodes are whole metres
    assert (sigma == 4.0).all()


def test_a_void_is_unknown_and_so_is_what_no_tile_covers(tiles):
    found = terrain(tiles)
    height, sigma = found.ground_amsl_m(np.array([124.507, 130.0, 124.1]), np.array([40.493, 40.5, 40.1]))
    assert np.isnan(height[:2]).all()
    assert np.isnan(sigma[:2]).all()
    assert np.isfinite(height[2])
    assert [s.name for s in found.sources] == ["N40E124.hgt"]
    assert found.sources[0].model is TerrainModel.SURFACE


def test_the_first_file_that_knows_a_height_gives_it(tiles, tmp_path):
    pond = write_hgt(tmp_path, "N40E124.hgt", np.full((N, N), 7))
    height, _ = terrain(tiles, pond).ground_amsl_m(np.array([124.507, 124.1]), np.array([40.493, 40.1]))
    assert height[0] == 7
    assert height[1] == pytest.approx(990, abs=0.51)


@pytest.mark.parametrize(("name", "lon", "lat"), [
    ("N00E006.hgt", 6.25, 0.75), ("S01W001.hgt", -0.25, -0.5), ("S34E018.hgt", 18.5, -33.25),
    ("N51W180.hgt", -179.5, 51.5), ("N51W180.hgt", 180.5, 51.5), ("N51E179.hgt", -180.5, 51.5),
])  # fmt: skip
def test_names_are_south_west_corners_in_every_quarter(tmp_path, name, lon, lat):
    sign = {"N": 1, "S": -1, "E": 1, "W": -1}
    south, west = sign[name[0]] * int(name[1:3]), sign[name[3]] * int(name[4:7])
    path = write_hgt(tmp_path, name, plane(west, south))
    height, _ = terrain(path).ground_amsl_m(np.array([lon]), np.array([lat]))
    turned = (lon - west) % 360
    assert height[0] == pytest.approx(100 + 200 * turned - 300 * (lat - south), abs=0.51)


@settings(max_examples=examples(30), deadline=None)
@given(st.integers(0, N - 2), st.integers(0, N - 2), st.floats(0, 1), st.floats(0, 1))
def test_bilinear_is_never_outside_its_four_corners(tmp_path_factory, row, column, x, y):
    folder = tmp_path_factory.getbasetemp() / "rough"
    folder.mkdir(exist_ok=True)
    path = folder / "N10E010.hgt"
    rough = np.random.default_rng(2).integers(-100, 3000, (N, N))
    if not path.exists():
        write_hgt(folder, path.name, rough)
    lon, lat = 10 + (column + x) / (N - 1), 11 - (row + y) / (N - 1)
    height, _ = terrain(path).ground_amsl_m(np.array([lon]), np.array([lat]))
    corners = rough[row : row + 2, column : column + 2]
    assert corners.min() - 0.01 <= height[0] <= corners.max() + 0.01


def test_our_reader_of_hgt_agrees_with_gdal(tiles):
    rasterio = pytest.importorskip("rasterio")
    random = np.random.default_rng(3)
    row, column = random.integers(0, N, 300), random.integers(0, N, 300)
    with rasterio.open(tiles / "N40E124.hgt") as dataset:
        lon, lat = dataset.xy(row, column)  # GDAL says where its pixels' centres are
        theirs = dataset.read(1)[row, column].astype(float)
        theirs[theirs == dataset.nodata] = np.nan
    ours, _ = terrain(tiles / "N40E124.hgt").ground_amsl_m(np.array(lon), np.array(lat))
    known = np.isfinite(ours) & np.isfinite(theirs)
    assert known.sum() > 290
    assert ours[known] == pytest.approx(theirs[known], abs=1e-3)


@pytest.fixture
def tiff(tmp_path):
    rasterio = pytest.importorskip("rasterio")

    def make(name, crs, heights, transform, nodata=None, dtype="float32"):
        path = tmp_path / name
        with rasterio.open(path, "w", driver="GTiff", height=heights.shape[0], width=heights.shape[1], count=1,
                           dtype=dtype, crs=crs, transform=transform, nodata=nodata) as dataset:  # fmt: skip
            dataset.write(heights.astype(dtype), 1)
        return path

    return make


def test_geotiff_in_degrees_and_in_metres(tiff):
    from affine import Affine
    from rasterio.warp import transform as to

    heights = np.add.outer(np.arange(100.0) * 2, np.arange(120.0))
    path = tiff("mine.tif", "EPSG:4326", heights, Affine(0.001, 0, 8.0, 0, -0.001, 47.0))
    found = terrain(path, datum=TerrainDatum.EGM96, model=TerrainModel.TERRAIN)
    height, _ = found.ground_amsl_m(np.array([8.0 + 10.5e-3, 8.0 + 11.0e-3]), np.array([47.0 - 20.5e-3] * 2))
    assert height == pytest.approx([50.0, 50.5], abs=1e-3)  # pixel 10, 20: its centre is half a pixel in
    assert found.sources[0].model is TerrainModel.TERRAIN

    path = tiff("utm.tif", "EPSG:32632", heights, Affine(10, 0, 500_000, 0, -10, 5_200_000), nodata=60.0)
    lon, lat = to("EPSG:32632", "EPSG:4326", [500_105.0, 500_205.0], [5_200_000 - 205.0] * 2)
    height, _ = terrain(path, datum=TerrainDatum.EGM96).ground_amsl_m(np.array(lon), np.array(lat))
    assert height[0] == pytest.approx(50.0, abs=1e-2)
    assert np.isnan(height[1])  # 60 is its mark for no data


def test_datums_are_taken_to_egm96_or_asked_for(tiff):
    from affine import Affine

    heights = np.full((50, 50), 300.0)
    place = np.array([8.02]), np.array([46.98])
    where = Affine(0.001, 0, 8.0, 0, -0.001, 47.0)
    hae = terrain(tiff("hae.tif", "EPSG:4326", heights, where), datum=TerrainDatum.HAE)
    n_m = bundled_geoid().undulation_m(*place)
    assert hae.ground_amsl_m(*place)[0] == pytest.approx(300.0 - n_m)
    glo30 = terrain(tiff("Copernicus_DSM_COG_10_N46_00_E008_00_DEM.tif", "EPSG:4326", heights, where))
    height, sigma = glo30.ground_amsl_m(*place)
    assert height[0] == 300.0
    assert sigma[0] == pytest.approx(np.hypot(4.0, 0.53))
    assert glo30.sources[0].datum is TerrainDatum.EGM2008
    with pytest.raises(UsageError, match="--dem-datum"):
        terrain(tiff("mine.tif", "EPSG:4326", heights, where))
    with pytest.raises(UsageError, match="coordinate system"):
        terrain(tiff("none.tif", None, heights, where))


@pytest.mark.parametrize(("name", "size", "why"), [
    ("N40E124.hgt", 2 * N * N - 2, "1201 or 3601"), ("N40E124.hgt", 0, "1201 or 3601"),
    ("somewhere.hgt", 2 * N * N, "south-west corner"),
])  # fmt: skip
def test_what_is_no_tile_is_told(tmp_path, name, size, why):
    (tmp_path / name).write_bytes(b"\0" * size)
    with pytest.raises(UsageError, match=why):
        terrain(tmp_path / name)


def test_no_file_an_empty_folder_and_no_tiff(tmp_path):
    pytest.importorskip("rasterio")
    (tmp_path / "x.tif").write_bytes(b"II*\0nothing")
    (tmp_path / "empty").mkdir()
    for path, why in (("gone.hgt", "no such file"), ("empty", "no .hgt"), ("x.tif", "no terrain file")):
        with pytest.raises(UsageError, match=why):
            terrain(tmp_path / path)


@pytest.mark.parametrize("slope_deg", [0.0, 10.0, 25.0])
def test_the_closest_point_of_a_slope_is_h_times_its_cosine(tmp_path, slope_deg):
    """DOMAIN 1.7 d: 130 m above a slope of 25 degrees is 117.82 m from it; .hgt has whole metres."""
    lon, _ = nodes(8, 47)
    east_m, _ = metres_per_degree(47.5)
    rise = np.tan(np.radians(slope_deg))
    heights = 1500 + rise * (lon - 8.5) * float(east_m)
    near = np.abs(heights - 1500) < 900  # an int16 tile cannot hold the whole slope
    path = write_hgt(tmp_path, "N47E008.hgt", np.where(near, np.round(heights), -32768))
    found = terrain(path)
    place = np.array([8.5]), np.array([47.5])
    below, _ = found.ground_amsl_m(*place)
    closest = found.closest_surface_m(*place, below + 130.0)
    assert closest[0] == pytest.approx(130 * np.cos(np.radians(slope_deg)), abs=0.6)
    assert np.isnan(found.closest_surface_m(np.array([20.0]), np.array([47.5]), np.array([100.0])))[0]


def test_a_description_of_other_rasters_is_no_terrain(tmp_path):
    """GDAL would follow the links of a VRT into the network, whatever the file is called."""
    pytest.importorskip("rasterio")
    source = "/vsicurl/http://127.0.0.1:9/x.tif"
    (tmp_path / "x.tif").write_text(
        f'<VRTDataset rasterXSize="5" rasterYSize="5"><SRS>EPSG:4326</SRS><VRTRasterBand dataType="Float32" band="1">'
        f"<SimpleSource><SourceFilename>{source}</SourceFilename></SimpleSource></VRTRasterBand></VRTDataset>"
    )
    with pytest.raises(UsageError, match="no terrain file"):
        terrain(tmp_path / "x.tif")


def test_a_file_beside_a_raster_does_not_move_it(tiff):
    from affine import Affine

    path = tiff("mine.tif", "EPSG:4326", np.full((50, 50), 300.0), Affine(0.001, 0, 8.0, 0, -0.001, 47.0))
    path.with_name("mine.tif.aux.xml").write_text(
        "<PAMDataset><GeoTransform>20,0.001,0,60,0,-0.001</GeoTransform></PAMDataset>"
    )
    found = terrain(path, datum=TerrainDatum.EGM96)
    assert found.ground_amsl_m(np.array([8.02]), np.array([46.98]))[0] == pytest.approx(300.0)


def test_masks_of_known_products_are_no_heights(tiff):
    from affine import Affine

    where = Affine(0.001, 0, 8.0, 0, -0.001, 47.0)
    heights = tiff("Copernicus_DSM_COG_10_N46_00_E008_00_DEM.tif", "EPSG:4326", np.full((50, 50), 300.0), where)
    mask = tiff("Copernicus_DSM_COG_10_N46_00_E008_00_HEM.tif", "EPSG:4326", np.full((50, 50), 0.7), where)
    found = terrain(heights.parent)
    assert found.ground_amsl_m(np.array([8.02]), np.array([46.98]))[0] == pytest.approx(300.0)
    with pytest.raises(UsageError, match="mask"):
        terrain(mask)


def test_what_a_product_states_is_not_talked_over(tiles):
    found = terrain(tiles, datum=TerrainDatum.HAE, model=TerrainModel.TERRAIN)
    height, _ = found.ground_amsl_m(np.array([124.1]), np.array([40.1]))
    assert height[0] == pytest.approx(990, abs=0.51)
    assert found.sources[0].model is TerrainModel.SURFACE


def test_tiles_that_share_no_row_meet(tiff):
    """GLO-30's pixel centres end one step before the next tile's begin."""
    from affine import Affine

    def slope(west):
        lon = west + (np.arange(100) + 0.5) * 0.01
        return np.tile(100 * (lon - 8.0), (100, 1))

    one = tiff("a.tif", "EPSG:4326", slope(8.0), Affine(0.01, 0, 8.0, 0, -0.01, 47.0))
    two = tiff("b.tif", "EPSG:4326", slope(9.0), Affine(0.01, 0, 9.0, 0, -0.01, 47.0))
    lon = np.linspace(8.98, 9.02, 41)
    height, _ = terrain(one, two, datum=TerrainDatum.EGM96).ground_amsl_m(lon, np.full(41, 46.5))
    assert height == pytest.approx(100 * (lon - 8.0), abs=1e-3)


def test_one_flight_s_files_are_not_another_s(tiles):
    found = terrain(tiles)
    found.ground_amsl_m(np.array([124.1]), np.array([40.1]))
    again = found.anew()
    again.ground_amsl_m(np.array([123.9]), np.array([39.9]))
    assert [s.name for s in again.sources] == ["N39E123.hgt"]


def test_both_sides_of_the_antimeridian(tmp_path):
    path = write_hgt(tmp_path, "N51W180.hgt", np.full((N, N), 42))
    height, _ = terrain(path).ground_amsl_m(np.array([180.0, -180.0, 180.5, -539.5]), np.full(4, 51.5))
    assert (height == 42).all()
