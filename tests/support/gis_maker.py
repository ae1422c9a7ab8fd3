"""GIS files for tests, written by geopandas: (name, bytes)."""

from __future__ import annotations

import io
import warnings
import zipfile


def written(folder, frame, kind, **options):
    """The file's name and its bytes; a Shapefile becomes a ZIP archive of its parts."""
    folder.mkdir(exist_ok=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # names longer than a .dbf can have
        if kind == "parquet":
            frame.to_parquet(folder / "zones.parquet", **options)
        else:
            frame.to_file(folder / f"zones.{kind}", **options)
    if kind != "shp":
        return f"zones.{kind}", (folder / f"zones.{kind}").read_bytes()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.glob("zones.*")):
            archive.write(path, f"data/{path.name}")
    return "zones.zip", out.getvalue()


KINDS = ("gpkg", "fgb", "shp", "parquet")
