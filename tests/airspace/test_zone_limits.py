"""Zone files made to do harm: each is refused, or read with a loss that is told, within 256 MB and a guard."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import shapely

from tests.support import bombs
from tests.support.scale import full_only, loops

pytestmark = pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="the limit on memory is Linux's")

REFUSED = {
    "laughs.kml": "xml_entities",
    "quadratic.kml": "xml_entities",
    "external.kml": "xml_entities",
    "external_dtd.kml": "xml_entities",
    "deep.kml": "xml_too_deep",
    "elements.kml": "too_large",
    "marks.kml": "too_large",
    "links.kml": "too_large",
    "million.kml": "0 zones, zone_skipped",
    "ratio.kmz": "zip_bomb",
    "under_the_ratio.kmz": "0 zones, ",
    "lying.kmz": "zip_damaged",
    "nested.kmz": "nested_archive",
    "members.kmz": "zip_too_large",
    "shapes.zip": "zip_too_large",
    "deep.geojson": "not_json_zones",
    "deep_feature.geojson": "not_json_zones",
    "deep.ed269.json": "not_json_zones",
    "deep.ed318.json": "not_json_zones",
    "deep.dji.json": "not_json_zones",
    "deep.autel.json": "not_json_zones",
    "deep.yaixm.json": "not_yaixm",
    "deep.yaml": "not_yaixm",
    "lines.yaml": "too_large",
    "aliases.yaml": "not_yaixm",
    "directives.yaml": "not_yaixm",
    "values.yaml": "too_large",
    "brackets.yaml": "not_yaixm",
    "million.geojson": "0 zones, zone_skipped",
    "star.geojson": "0 zones, zone_skipped",
}


def run(folder, files, clean_env):
    for name, content in files.items():
        (folder / name).write_bytes(content)
    done = subprocess.run(
        [sys.executable, bombs.__file__, *(str(folder / name) for name in files)],
        env={**clean_env, "OPENBLAS_NUM_THREADS": "1"}, capture_output=True, text=True, check=True, timeout=300,
    )  # fmt: skip
    return dict(map(json.loads, done.stdout.splitlines()))


@pytest.mark.slow
def test_bombs(tmp_path, clean_env):
    names = sorted(REFUSED)[:: loops(1, 4)]
    made = bombs.bombs()
    assert made.keys() == REFUSED.keys()
    assert run(tmp_path, {name: made[name] for name in names}, clean_env) == {name: REFUSED[name] for name in names}


@full_only
def test_a_million_vertices_in_gis_files_and_a_small_file_that_unfolds(tmp_path, clean_env):
    geopandas = pytest.importorskip("geopandas")
    import pyarrow as pa
    import pyarrow.parquet as pq

    big = shapely.Polygon(bombs.around(1_000_000))
    frame = geopandas.GeoDataFrame({"name": ["x"]}, geometry=[big], crs=4326)
    frame.to_file(tmp_path / "million.fgb")
    geo = {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": {"encoding": "WKB"}}}
    small = shapely.to_wkb(shapely.Polygon(bombs.around(20_000)))
    again = pa.DictionaryArray.from_arrays(pa.array([0] * 5_000, pa.int32()), pa.array([small], pa.binary()))
    zeros = pa.array([bytes(1 << 20)] * 300, pa.binary())
    for name, column in (("unfolds", again), ("zeros", zeros)):
        table = pa.table({"geometry": column}).replace_schema_metadata({b"geo": json.dumps(geo).encode()})
        pq.write_table(table, tmp_path / f"{name}.parquet", compression="zstd", use_dictionary=name == "unfolds")
    assert (tmp_path / "unfolds.parquet").stat().st_size < 1 << 20
    files = {path.name: path.read_bytes() for path in sorted(tmp_path.iterdir()) if path.suffix != ".zip"}
    assert run(tmp_path, files, clean_env) == {
        "million.fgb": "1 zones, ",
        "unfolds.parquet": "too_large",
        "zeros.parquet": "too_large",
    }
