"""The bundled borders: known places, exact tiling, loss against the unsimplified source, accuracy, frames."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
import math
import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest
import shapely

from dronecheck.borders import territories as bundled
from dronecheck.borders.file import COLUMNS, ROWS, WITH_LINES, BorderFile, CellFace
from dronecheck.borders.territories import Relation, Territory, border_source, territories_near, territory_at
from dronecheck.safe.data_files import data_dir
from tests.support.scale import full_only

BORDERS = data_dir() / "borders"
REPOSITORY = Path(__file__).resolve().parents[2]
TRUTH = REPOSITORY / "tests" / "data" / "border_truth.csv.gz"
CELL_UNITS = 2**17


@pytest.fixture(scope="module")
def file() -> BorderFile:
    return BorderFile(BORDERS / "territories.bin")


@pytest.fixture(scope="module")
def cells(file: BorderFile) -> dict[int, tuple[CellFace, ...]]:
    """Every cell with lines, decoded."""
    wanted = [cell for cell in range(ROWS * COLUMNS) if file.territory_of_cell(cell) == WITH_LINES]
    return {cell: file._faces(cell) for cell in wanted}


@pytest.fixture(scope="module")
def truth() -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(gzip.decompress(TRUTH.read_bytes()).decode())))


def sole(code: str) -> Territory:
    return Territory(code, (code,), Relation.SOLE, None)


def claims(territory: Territory | None) -> str:
    return "|".join(territory.claimants) if territory else ""


PLACES = [
    ("Panmunjom, south side", 126.677, 37.9555, "KOR"),
    ("bulge below Dandong", 124.35, 40.065, "PRK"),
    ("Wihwa island", 124.41, 40.12, "PRK"),
    ("Dandong", 124.37, 40.13, "CHN"),
    ("Campione", 8.9707, 45.9686, "ITA"),
    ("Lugano", 8.9511, 46.0037, "CHE"),
    ("Büsingen", 8.69, 47.697, "DEU"),
    ("Schaffhausen", 8.634, 47.697, "CHE"),
    ("Baarle-Hertog", 4.93746, 51.44928, "BEL"),
    ("Baarle-Nassau", 4.9282, 51.4450, "NLD"),
    ("Dutch enclave in a Belgian one", 4.93602876, 51.436896, "NLD"),
    ("Dutch enclave in Belgium", 4.87078, 51.41197, "NLD"),
    ("Vatican", 12.4534, 41.9029, "VAT"),
    ("Rome", 12.48, 41.9, "ITA"),
    ("San Marino", 12.4473, 43.9424, "SMR"),
    ("Monaco", 7.4246, 43.7375, "MCO"),
    ("Liechtenstein", 9.52, 47.14, "LIE"),
    ("Lesotho", 28.3, -29.5, "LSO"),
    ("Gibraltar", -5.3536, 36.1408, "GIB"),
    ("Ceuta", -5.3162, 35.8883, "ESP"),
    ("Melilla", -2.94, 35.29, "ESP"),
    ("Nicosia, south", 33.36, 35.16, "CYP"),
    ("Nicosia, north", 33.36, 35.2, "CYP"),
    ("UN buffer zone, Nicosia airport", 33.277, 35.15, "CYP"),
    ("Point Roberts", -123.06, 48.99, "USA"),
    ("Tsawwassen", -123.07, 49.02, "CAN"),
    ("Fiji, west of 180", 179.9, -16.8, "FJI"),
    ("Fiji, east of 180", -179.95, -16.8, "FJI"),
    ("Fiji, east of 180, unwrapped", 180.05, -16.8, "FJI"),
    ("Fiji, west of 180, unwrapped", -180.1, -16.8, "FJI"),
    ("Chukotka, west of 180", 179.0, 67.0, "RUS"),
    ("Chukotka, on 180", 180.0, 67.0, "RUS"),
    ("Chukotka, on -180", -180.0, 67.0, "RUS"),
    ("Chukotka, east of 180", -175.0, 66.5, "RUS"),
    ("Chukotka, unwrapped", 185.0, 66.5, "RUS"),
    ("north pole", 0.0, 90.0, ""),
    ("south pole", 77.0, -90.0, "ATA"),
    ("beyond the Mercator square", -120.0, -86.0, "ATA"),
    ("mid-Atlantic", -30.0, 0.0, ""),
    ("mid-Pacific, on 180", 180.0, 0.0, ""),
    ("Crimea", 34.2, 45.2, "RUS|UKR"),
    ("Western Sahara", -14.14, 24.5, "ESH|MAR"),
    ("Abyei", 28.43, 9.72, "SDN|SSD"),
    ("Hong Kong", 114.17, 22.3, "CHN|HKG"),
    ("Macao", 113.55, 22.19, "CHN|MAC"),
    ("Puerto Rico", -66.26, 18.2, "PRI|USA"),
    ("Pheasant Island", -1.76538, 43.34286, "ESP|FRA"),
    ("the Moselle", 6.481907, 49.698174, "DEU|LUX"),
    ("Kaliningrad", 20.5, 54.7, "RUS"),
    ("Nakhchivan", 45.4, 39.2, "AZE"),
]


@pytest.mark.parametrize(("place", "lon", "lat", "expected"), PLACES, ids=[p[0] for p in PLACES])
def test_known_places(place: str, lon: float, lat: float, expected: str) -> None:
    assert claims(territory_at(lon, lat)) == expected


@pytest.mark.parametrize(
    ("lon", "lat", "relation", "iso_a3", "sovereign"),
    [
        (114.17, 22.3, Relation.DEPENDENCY, "HKG", "CHN"),
        (-5.3536, 36.1408, Relation.DEPENDENCY, "GIB", "GBR"),
        (-66.26, 18.2, Relation.DEPENDENCY, "PRI", "USA"),
        (-40.0, 72.0, Relation.DEPENDENCY, "GRL", "DNK"),
        (34.2, 45.2, Relation.DISPUTED, None, None),
        (6.481907, 49.698174, Relation.CONDOMINIUM, None, None),
        (77.0, -90.0, Relation.UNCLAIMED, "ATA", None),
        (32.68, -13.57, Relation.OVERLAP, None, None),
        (2.35, 48.85, Relation.SOLE, "FRA", None),
    ],
)
def test_relations(lon: float, lat: float, relation: Relation, iso_a3: str | None, sovereign: str | None) -> None:
    territory = territory_at(lon, lat)
    assert territory is not None
    assert (territory.relation, territory.iso_a3, territory.sovereign) == (relation, iso_a3, sovereign)


def test_every_claimed_relation_is_cited() -> None:
    with (BORDERS / "relations.csv").open(encoding="utf-8") as lines:
        rows = {row["claimants"]: row for row in csv.DictReader(lines)}
    assert all(row["basis"] for row in rows.values())
    for territory in bundled._territories():
        if territory.relation not in (Relation.SOLE, Relation.OVERLAP):
            row = rows["|".join(territory.claimants)]
            assert (row["relation"], row["iso_a3"] or None) == (territory.relation, territory.iso_a3)
        assert (territory.sovereign is not None) == (territory.relation is Relation.DEPENDENCY)


def test_names() -> None:
    korea = territory_at(126.98, 37.57)
    assert korea is not None
    assert [korea.name(), korea.name("zh"), korea.name("ko")] == ["South Korea", "韩国", "대한민국"]
    crimea = territory_at(34.2, 45.2)
    assert crimea is not None
    assert crimea.name() == "Russia / Ukraine"
    assert sole("QQQ").name("zh") == "QQQ"
    for territory in bundled._territories():
        for lang in ("en", "zh", "ko"):
            assert territory.name(lang)
            assert not set(territory.claimants) & set(territory.name(lang).split(" / "))
    assert bundled.is_known("PRK")
    assert not bundled.is_known("XYZ")
    assert (bundled.sovereign_of("HKG"), bundled.sovereign_of("FRA")) == ("CHN", "FRA")


# -- geometry -------------------------------------------------------------------------------------------


def directed_edges(face: CellFace) -> np.ndarray:
    """Edges (n, 2) as start and end vertex numbers, the face on their left."""
    out = []
    for index, ring in enumerate(face.rings):
        x, y = ring.T
        doubled = int((x[:-1] * y[1:] - x[1:] * y[:-1]).sum())
        turned = ring if (doubled > 0) == (index == 0) else ring[::-1]
        number = turned[:, 0] * (CELL_UNITS + 1) + turned[:, 1]
        out.append(np.stack([number[:-1], number[1:]], axis=1))
    return np.concatenate(out)


def doubled_area(face: CellFace) -> int:
    areas = [abs(int((r[:-1, 0] * r[1:, 1] - r[1:, 0] * r[:-1, 1]).sum())) for r in face.rings]
    return areas[0] - sum(areas[1:])


@full_only
def test_faces_tile_every_cell_exactly(cells: dict[int, tuple[CellFace, ...]]) -> None:
    """Integer proof that no faces overlap: areas add up, each edge has one face on each side or is the frame."""
    assert len(cells) > 15_000
    for cell, faces in cells.items():
        assert sum(map(doubled_area, faces)) == 2 * CELL_UNITS**2, cell
        edges = np.concatenate([directed_edges(face) for face in faces])
        keys = edges[:, 0] * (CELL_UNITS + 1) ** 2 + edges[:, 1]
        back = edges[:, 1] * (CELL_UNITS + 1) ** 2 + edges[:, 0]
        assert len(np.unique(keys)) == len(keys), cell
        alone = edges[~np.isin(back, keys)]
        x, y = np.divmod(alone, CELL_UNITS + 1)
        same_x, same_y = (x[:, 0] == x[:, 1]), (y[:, 0] == y[:, 1])
        on_frame = same_x & np.isin(x[:, 0], [0, CELL_UNITS]) | same_y & np.isin(y[:, 0], [0, CELL_UNITS])
        assert on_frame.all(), cell


def test_no_faces_overlap(cells: dict[int, tuple[CellFace, ...]]) -> None:
    """The same with shapely on a sample: pairwise intersections have no area, rings are valid."""
    random = np.random.default_rng(1)
    for cell in random.choice(list(cells), 400, replace=False):
        polygons = np.array([shapely.Polygon(face.rings[0], face.rings[1:]) for face in cells[int(cell)]])
        assert shapely.is_valid(polygons).all(), cell
        a, b = shapely.STRtree(polygons).query(polygons)
        pairs = a < b
        assert shapely.area(shapely.intersection(polygons[a[pairs]], polygons[b[pairs]])).sum() == 0, cell


def frame_vertices(faces: tuple[CellFace, ...], axis: int, value: int) -> list[int]:
    """Vertices on one side of the cell."""
    return sorted({int(v) for face in faces for ring in face.rings for v in ring[ring[:, axis] == value, 1 - axis]})


def test_neighbours_share_their_frame(cells: dict[int, tuple[CellFace, ...]]) -> None:
    """Vertex for vertex, so that dissolving leaves neither gaps nor slivers."""
    compared = 0
    for cell, faces in cells.items():
        for axis, other in ((0, cell + 1), (1, cell + COLUMNS)):
            if other in cells and (axis or other % COLUMNS):
                assert frame_vertices(faces, axis, CELL_UNITS) == frame_vertices(cells[other], axis, 0), (cell, other)
                compared += 1
    assert compared > 20_000


@full_only
def test_both_sides_of_the_antimeridian_agree() -> None:
    """The source cuts its lines there and is off by up to 5 m between the two sides."""
    differ = [lat for lat in np.arange(-90, 90, 1e-3) if territory_at(180 - 1e-9, lat) != territory_at(180 + 1e-9, lat)]
    assert not differ
    assert territories_near(179.6, 66.7, 180.4, 68.0).is_uniform


@pytest.mark.parametrize(
    "box",
    [
        (8.6, 45.6, 9.3, 46.2),  # Chiasso and Campione
        (179.2, -17.5, 181.1, -16.2),  # Fiji across the antimeridian
        (-180.6, 66.2, -179.4, 68.9),  # Chukotka
        (123.9, 39.6, 125.2, 40.7),  # the Yalu
        (4.3, 51.2, 5.2, 51.6),  # Baarle
    ],
)
def test_regions_have_no_cell_edges_inside(box: tuple[float, float, float, float]) -> None:
    window = territories_near(*box)
    west, south, east, north = window.bbox
    assert west <= box[0] < box[2] <= east
    total = 0.0
    for _, region in window.regions():
        assert region.is_valid
        total += region.area
        for ring in shapely.get_rings(shapely.get_parts(region)):
            xy = shapely.get_coordinates(ring)
            for axis, rim in ((0, (west, east)), (1, (south, north))):
                along = (xy[:-1, axis] == xy[1:, axis]) & (xy[:-1, axis] * 2 % 1 == 0)
                assert np.isin(xy[:-1, axis][along], rim).all()
    united = shapely.union_all([region for _, region in window.regions()])
    assert united.area == pytest.approx(total, rel=1e-12)


def test_regions_agree_with_territory_at_in_every_frame(truth: list[dict[str, str]]) -> None:
    random = np.random.default_rng(2)
    for row in random.choice(np.array(truth), 60, replace=False):
        lon, lat = float(row["lon"]), float(row["lat"])
        window = territories_near(lon - 0.2, lat - 0.2, lon + 0.2, lat + 0.2)
        shifted = territories_near(lon + 359.8, lat - 0.2, lon + 360.2, lat + 0.2)
        assert window.territories == shifted.territories
        regions, regions_shifted = window.regions(), shifted.regions()
        assert [t for t, _ in regions] == list(window.territories)
        assert {t for t, _ in regions} == {t for t, _ in regions_shifted}
        for x, y in random.uniform(-0.2, 0.2, (20, 2)) + np.array([lon, lat]):
            expected = territory_at(x, y)
            assert window.territory_at(x, y) == expected
            assert territory_at(x + 360, y) == expected == territory_at(x - 360, y)
            assert [t for t, g in regions if shapely.contains_xy(g, x, y)] == ([expected] if expected else [])
            assert [t for t, g in regions_shifted if shapely.contains_xy(g, x + 360, y)] == (
                [expected] if expected else []
            )


# -- windows --------------------------------------------------------------------------------------------


def test_far_from_borders_needs_no_shapely() -> None:
    script = (
        "import sys; sys.modules['shapely'] = None\n"
        "import types; package = types.ModuleType('dronecheck.airspace'); package.__path__ = [sys.argv[1]]\n"
        "import dronecheck; sys.modules['dronecheck.airspace'] = package\n"
        "from dronecheck.borders.territories import territories_near, territory_at\n"
        "w = territories_near(2.2, 46.6, 2.4, 46.8)\n"
        "assert w.is_uniform and w.territories[0].iso_a3 == 'FRA' and w.territory_at(2.3, 46.7) == w.territories[0]\n"
        "assert not territories_near(124.3, 40.0, 124.4, 40.1).is_uniform and territory_at(124.35, 40.065)\n"
    )
    subprocess.run([sys.executable, "-c", script, str(Path(bundled.__file__).parent)], check=True)


def test_uniform_windows() -> None:
    assert territories_near(-30.2, -0.2, -29.8, 0.2).is_uniform
    assert territories_near(-30.2, -0.2, -29.8, 0.2).territories == ()
    window = territories_near(124.3, 40.0, 124.4, 40.1)
    assert not window.is_uniform
    assert [claims(t) for t in window.territories] == ["CHN", "PRK"]


def test_poles_and_odd_boxes() -> None:
    assert territories_near(0, 89.5, 720, 95).territories == ()
    south = territories_near(-200, -95, 200, -89)
    assert south.is_uniform
    assert [claims(t) for t in south.territories] == ["ATA"]
    assert south.bbox[2] - south.bbox[0] == 360
    with pytest.raises(ValueError, match="not a box"):
        territories_near(10, 0, 9, 1)
    with pytest.raises(ValueError, match="not a box"):
        territories_near(math.nan, 0, 9, 1)


# -- truth ----------------------------------------------------------------------------------------------


def most_expected(n: int, share: float, confidence: float = 0.999) -> int:
    """The smallest k such that a binomial(n, share) stays at or below k with the given confidence."""
    below, k = 0.0, -1
    while below < confidence:
        k += 1
        log = math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
        below += math.exp(log + k * math.log(share) + (n - k) * math.log1p(-share)) if share else 1.0
    return k


# kind, from_m, to_m, share of wrong places that is to be expected at most
LOSS = [
    ("land", 3, 10, 0.0066),
    ("land", 10, 30, 0.0013),
    ("land", 30, 100, 0.0009),
    ("land", 100, 4_000, 0.0),
    ("sea", 200, 4_000, 0.0),
]


@full_only
def test_loss_against_the_unsimplified_source(truth: list[dict[str, str]]) -> None:
    assert sum(row["kind"] == "land" for row in truth) == 10_000
    distance_m = np.array([float(row["distance_m"]) for row in truth])
    kind = np.array([row["kind"] for row in truth])
    wrong = np.array([claims(territory_at(float(r["lon"]), float(r["lat"]))) != r["claimants"] for r in truth])
    for name, from_m, to_m, share in LOSS:
        band = (kind == name) & (distance_m >= from_m) & (distance_m < to_m)
        print(name, from_m, to_m, int(band.sum()), int(wrong[band].sum()))
        assert band.sum() > 500
        assert wrong[band].sum() <= most_expected(int(band.sum()), share), (name, from_m)


@full_only
def test_against_the_reference_build(truth: list[dict[str, str]]) -> None:
    """A build made by other code from the same source, where it is at hand."""
    reference = REPOSITORY.parent / "shared" / "airspace" / "borders" / "osm_territories_10m_q1e7.topojson.zst"
    if not reference.exists():
        pytest.skip("the reference build is not here")
    zstandard = pytest.importorskip("zstandard")
    with reference.open("rb") as packed:
        topology = json.loads(zstandard.ZstdDecompressor().stream_reader(packed).read())
    scale, shift = (np.array(topology["transform"][key]) for key in ("scale", "translate"))
    arcs = [np.cumsum(np.array(arc), axis=0) * scale + shift for arc in topology["arcs"]]

    def ring(references: list[int]) -> np.ndarray:
        return np.concatenate([arcs[r] if r >= 0 else arcs[~r][::-1] for r in references])

    polygons, owners = [], []
    (layer,) = topology["objects"].values()
    for geometry in layer["geometries"]:
        parts = {"Polygon": [geometry.get("arcs")], "MultiPolygon": geometry.get("arcs"), None: []}[geometry["type"]]
        for shell, *holes in parts:
            polygons.append(shapely.Polygon(ring(shell), [ring(h) for h in holes if len(ring(h)) > 3]))
            owners.append(geometry["properties"]["claimants"])
    random = np.random.default_rng(3)
    everywhere = np.stack(
        [random.uniform(-180, 180, 3_000), np.degrees(np.arcsin(random.uniform(-0.99, 1, 3_000)))], axis=1
    )
    near = [(float(row["lon"]), float(row["lat"])) for row in truth if float(row["distance_m"]) > 300][:3_000]
    points = np.concatenate([everywhere, near])
    shapely.prepare(polygons)
    face, point = shapely.STRtree(shapely.points(points)).query(polygons, predicate="contains")
    theirs = dict(zip(point.tolist(), [owners[f] for f in face], strict=True))
    differ = [i for i, (x, y) in enumerate(points) if claims(territory_at(x, y)) != theirs.get(i, "")]
    assert len(differ) <= 3, [tuple(points[i]) for i in differ[:10]]


# -- accuracy -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stretch", "lon", "lat", "a", "b", "sigma_m", "p95_m"),
    [
        ("Chiasso", 9.03, 45.83, "CHE", "ITA", 10, 5.8),
        ("Narva", 28.2, 59.37, "EST", "RUS", 10, 0.4),
        ("Dandong", 124.39, 40.12, "CHN", "PRK", 40.2, 666.4),
        ("Yalu mouth", 124.2, 39.9, "CHN", "PRK", 10, 86.6),
        ("Panmunjom", 126.677, 37.956, "KOR", "PRK", 10, 495.3),
        ("Military Demarcation Line, east", 128.2, 38.4, "KOR", "PRK", 245.2, 1044.0),
        ("Northern Limit Line", 124.8, 37.8, "KOR", "PRK", 1587.3, 2941.8),
        ("El Paso", -106.48, 31.76, "MEX", "USA", 10, 5.5),
        ("Niagara", -79.05, 43.1, "CAN", "USA", 10, 7.7),
        ("Oder", 14.3, 52.7, "DEU", "POL", 44.5, 82.9),
    ],
)
def test_accuracy_of_named_stretches(
    stretch: str, lon: float, lat: float, a: str, b: str, sigma_m: float, p95_m: float
) -> None:
    window = territories_near(lon, lat, lon, lat)
    found = window.accuracy(lon, lat, sole(a), sole(b))
    assert (found.sigma_m, found.p95_m) == pytest.approx((sigma_m, p95_m), abs=0.05)
    assert found == window.accuracy(lon + 360, lat, sole(b), sole(a))


def test_accuracy_falls_back() -> None:
    window = territories_near(14.3, 52.7, 14.3, 52.7)
    neighbour = window.accuracy(13.9, 52.7, sole("DEU"), sole("POL"))  # the border runs in the next cell
    assert neighbour.measured
    assert 40 < neighbour.sigma_m < 60
    for other in (sole("FRA"), None):
        unknown = window.accuracy(14.3, 52.7, sole("POL"), other)
        assert (unknown.sigma_m, unknown.p95_m, unknown.measured) == (250, pytest.approx(582.5), False)


def test_accuracy_without_counterpart_is_never_called_measured() -> None:
    with (BORDERS / "accuracy.csv").open() as lines:
        rows = [row for row in csv.DictReader(lines) if row["with_counterpart"] == "0"]
    assert len(rows) > 100
    for row in rows[::10]:
        lon, lat = float(row["cell_west_deg"]) + 0.25, float(row["cell_south_deg"]) + 0.25
        codes = tuple(row["pair"].split("|"))
        both = Territory(None, codes, Relation.OVERLAP, None)
        found = territories_near(lon, lat, lon, lat).accuracy(lon, lat, both, None)
        assert (found.sigma_m, found.measured) == (250, False)


# -- provenance -----------------------------------------------------------------------------------------


def test_the_product_is_what_the_record_says() -> None:
    about = tomllib.loads((BORDERS / "SOURCE.toml").read_text(encoding="utf-8"))
    assert border_source().sha256 == about["sha256"]
    assert border_source().licence == "ODbL-1.0"
    assert "OpenStreetMap contributors" in border_source().attribution
    assert (BORDERS / about["name"]).stat().st_size == about["counts"]["bytes"] < 5_000_000
    recorded = {
        **{BORDERS / name: sha for name, sha in about["inputs"].items()},
        BORDERS / "names.csv": about["names"]["sha256"],
        TRUTH: about["truth"]["sha256"],
    }
    for path, sha256 in recorded.items():
        assert hashlib.sha256(path.read_bytes()).hexdigest() == sha256, path.name
