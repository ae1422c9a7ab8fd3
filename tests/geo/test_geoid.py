"""The geoid: against NGA's own points, the grid's figures, and PROJ with a grid of ours; PROJ's traps are shown."""

from __future__ import annotations

import hashlib
import json
import struct
import tomllib

import numpy as np
import pytest

from dronecheck.errors import UsageError
from dronecheck.geo.vertical.geoid import bundled_geoid
from dronecheck.geo.vertical.geoid_files import open_geoid
from dronecheck.safe.data_files import data_dir

# NGA's test points of the harmonic model (F477): latitude, longitude, N in metres.
NGA = [
    (38.628155, 269.779155, -31.628),
    (-14.621217, 305.021114, -2.969),
    (-23.617446, 133.874712, 15.871),
    (38.625473, 359.9995, 50.066),
    (-0.466744, 0.0023, 17.329),
]


@pytest.fixture(scope="module")
def nodes():
    """The whole grid from the bundled geoid's nodes, metres, shape (721, 1440)."""
    row, column = np.meshgrid(np.arange(721), np.arange(1440), indexing="ij")
    return bundled_geoid().grid.at(row.ravel(), column.ravel()).reshape(721, 1440)


def n_at(geoid, lat, lon):
    return float(geoid.undulation_m([lon], [lat])[0])


def test_the_file_is_the_one_described(nodes):
    folder = data_dir() / "geoid"
    about = tomllib.loads((folder / "SOURCE.toml").read_text())
    assert (
        about["sha256"] == hashlib.sha256((folder / about["name"]).read_bytes()).hexdigest() == bundled_geoid().sha256
    )
    assert about["inputs"]["build.py"] == hashlib.sha256((folder / "build.py").read_bytes()).hexdigest()
    centimetres = np.rint(nodes * 100).astype("<i2")
    assert hashlib.sha256(centimetres.tobytes()).hexdigest() == about["grid"]["sha256_of_int16_le"]


def test_nga_points_are_met_to_two_centimetres():
    for lat, lon, expected in NGA:
        assert n_at(bundled_geoid(), lat, lon) == pytest.approx(expected, abs=0.02)


def bilinear(nodes, lat, lon):
    y, x = (90 - lat) / 0.25, (lon % 360) / 0.25
    i, j = min(int(y), 719), int(x)
    top, bottom = (nodes[r, j] * (1 - x + j) + nodes[r, (j + 1) % 1440] * (x - j) for r in (i, i + 1))
    return top * (1 - y + i) + bottom * (y - i)


def test_reference_vectors(shared, nodes):
    group = json.loads((shared / "vectors/domain_vectors.json").read_text())["geoid_undulation"]
    for case in group["cases"]:
        lat, lon, expected = case["lat"], case["lon"], case["egm96_15_bilinear"]
        assert bilinear(nodes, lat, lon) == pytest.approx(expected, abs=group["tol_m_egm96_15"] + 0.0005)
        # Cubic differs by the grid's curvature, most (0.39 m) on the slope of New Guinea.
        assert n_at(bundled_geoid(), lat, lon) == pytest.approx(expected, abs=0.5)


def test_nodes_are_met_exactly_and_places_between_lie_between(nodes):
    random = np.random.default_rng(1)
    row, column = random.integers(1, 720, 500), random.integers(0, 1440, 500)
    at = bundled_geoid().undulation_m(column * 0.25, 90 - row * 0.25)
    assert np.allclose(at, nodes[row, column], atol=1e-9)
    lat, lon = random.uniform(-89.9, 89.9, 5000), random.uniform(-180, 180, 5000)
    between = bundled_geoid().undulation_m(lon, lat)
    i, j = np.floor((90 - lat) / 0.25).astype(int), np.floor((lon % 360) / 0.25).astype(int)
    corners = np.stack([nodes[i + a, (j + b) % 1440] for a in (0, 1) for b in (0, 1)])
    slack = 0.2 * np.ptp(corners, axis=0) + 0.5
    assert np.all((between >= corners.min(axis=0) - slack) & (between <= corners.max(axis=0) + slack))


def test_longitudes_wrap_and_poles_are_one_value():
    geoid = bundled_geoid()
    lon, lat = np.array([-0.1, 0.1, 179.99, -123.4]), np.array([10.0, -60.0, 0.0, 89.9])
    for turn in (-360, 360, 720):
        assert np.allclose(geoid.undulation_m(lon, lat), geoid.undulation_m(lon + turn, lat), atol=1e-9)
    around = np.arange(-180, 180, 7.3)
    assert np.allclose(geoid.undulation_m(around, np.full(len(around), 90.0)), 13.61)
    assert np.allclose(geoid.undulation_m(around, np.full(len(around), -90.0)), -29.53)
    for latitude in (89.99, -89.99):  # continuous over the pole and past 0 and 180 degrees
        assert np.ptp(geoid.undulation_m(around, np.full(len(around), latitude))) < 0.05
    west, east = geoid.undulation_m([179.9999, -0.0001], [5, 5]), geoid.undulation_m([-179.9999, 0.0001], [5, 5])
    assert np.allclose(west, east, atol=1e-3)


def test_a_place_needs_few_bands():
    from dronecheck.geo.vertical.geoid import _Bands

    bands = _Bands((data_dir() / "geoid/egm96.bin").read_bytes())
    bands.at(np.array([199, 200, 201, 202]), np.array([1, 2, 3, 4]))
    assert bands.decoded.sum() == 1


# ---- a user's grid


def gtx(path, nodes):
    """The grid as PROJ's .gtx: from the south, -180 to 180."""
    rolled = np.roll(nodes, 720, axis=1)[::-1]
    head = struct.pack(">4d2i", -90.0, -180.0, 0.25, 0.25, 721, 1440)
    path.write_bytes(head + rolled.astype(">f4").tobytes())
    return path


def test_gtx_and_pgm_give_the_same_as_the_bundled_grid(tmp_path, nodes):
    random = np.random.default_rng(2)
    lat, lon = random.uniform(-90, 90, 2000), random.uniform(-180, 180, 2000)
    expected = bundled_geoid().undulation_m(lon, lat)
    opened = open_geoid(gtx(tmp_path / "egm96_15.gtx", nodes))
    assert np.allclose(opened.undulation_m(lon, lat), expected, atol=1e-4)
    assert opened.sha256 == hashlib.sha256((tmp_path / "egm96_15.gtx").read_bytes()).hexdigest()
    head = b"P5\n# Geoid file in PGM format\n# Offset -108\n# Scale 0.003\n1440  721\n65535\n"
    levels = np.rint((nodes + 108) / 0.003).astype(">u2")
    (tmp_path / "egm.pgm").write_bytes(head + levels.tobytes())
    assert np.allclose(open_geoid(tmp_path / "egm.pgm").undulation_m(lon, lat), expected, atol=0.003)


def test_a_regional_grid_knows_where_it_ends(tmp_path):
    values = np.array([[1.0, 2, 3], [1, 2, 3], [1, 2, 3]], ">f4")
    path = tmp_path / "part.gtx"
    path.write_bytes(struct.pack(">4d2i", 10.0, 20.0, 1.0, 1.0, 3, 3) + values.tobytes())
    geoid = open_geoid(path)
    assert n_at(geoid, 11.0, 21.0) == pytest.approx(2.0)
    assert n_at(geoid, 11.0, 20.0) == pytest.approx(1.0)
    assert np.isnan(geoid.undulation_m([19.5, 22.5, 21, 21], [11, 11, 9.5, 12.5])).all()


def test_a_wrong_file_is_the_users_mistake(tmp_path):
    for name, content in (
        ("a.gtx", b""), ("b.gtx", b"x" * 100), ("c.pgm", b"P5\n10 10\n65535\n" + bytes(200)),
        ("d.pgm", b"P5\n# Offset -108\n# Scale 0.003\n1440 721\n65535\n" + bytes(10)),
        ("e.gtx", struct.pack(">4d2i", -90, -180, 1, 1, 181, 360) + np.full(181 * 360, 9999, ">f4").tobytes()),
        ("f.gtx", struct.pack(">4d2i", np.nan, -180, 1, 1, 2, 2) + bytes(16)),
    ):  # fmt: skip
        (tmp_path / name).write_bytes(content)
        with pytest.raises(UsageError, match="--geoid"):
            open_geoid(tmp_path / name)
    with pytest.raises(UsageError, match="no such file"):
        open_geoid(tmp_path / "none.gtx")


def test_a_geotiff_without_rasterio_says_what_to_install(tmp_path):
    try:
        import rasterio  # noqa: F401
    except ImportError:
        (tmp_path / "n.tif").write_bytes(b"II*\0" + bytes(100))
        with pytest.raises(UsageError, match="rasterio"):
            open_geoid(tmp_path / "n.tif")
    else:
        pytest.skip("rasterio is installed here")


# ---- why PROJ is never asked


def test_proj_without_a_grid_returns_the_height_unchanged():
    import pyproj

    shift = pyproj.Transformer.from_crs("EPSG:4979", "EPSG:9707")
    _, _, height = shift.transform(40.0, 124.0, 100.0)
    if height != 100.0:
        pytest.skip("this PROJ has a vertical grid")
    assert abs(n_at(bundled_geoid(), 40.0, 124.0)) > 10  # what it should have taken off


def test_proj_with_our_grid_agrees_only_when_told_the_multiplier(tmp_path, nodes):
    import pyproj

    path = gtx(tmp_path / "egm96_15.gtx", nodes)
    expected = n_at(bundled_geoid(), 40.11, 124.39)
    for option, sign in (("", -1), (" +multiplier=1", 1)):
        shift = pyproj.Transformer.from_pipeline(f"+proj=vgridshift +grids={path}{option}")
        _, _, height = shift.transform(124.39, 40.11, 135.14)
        assert height - 135.14 == pytest.approx(sign * expected, abs=0.06), option  # PROJ is bilinear
