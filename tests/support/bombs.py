"""Zone files made to do harm, and a run of each under a limit on memory.

    python tests/support/bombs.py DIR FILE...      one line of JSON a file: its name and the outcome

Each file is read in a process of its own that may take 256 MB more than the libraries have taken when it begins, and
dies of SIGXCPU after ten times the processor time that any of them needs.
"""

from __future__ import annotations

import io
import json
import os
import struct
import sys
import zipfile
from itertools import pairwise
from pathlib import Path

import numpy as np

MORE_BYTES = 256 << 20
GUARD_S = 20


def zipped(files, method=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def around(count):
    """A circle of vertices, shape (count, 2)."""
    turn = np.arange(count) * 2 * np.pi / count
    return np.column_stack([8 + np.cos(turn) / 10, 47 + np.sin(turn) / 10])


def collection(points, times=1):
    """GeoJSON of one polygon whose vertices are repeated."""
    text = ",".join([",".join(f"[{x:.6f},{y:.6f}]" for x, y in points)] * times)
    head = '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"name":"x"},"geometry":'
    return f'{head}{{"type":"Polygon","coordinates":[[{text}]]}}}}]}}'.encode()


def placemark(points, times=1):
    """The same as KML."""
    text = " ".join([" ".join(f"{x:.6f},{y:.6f}" for x, y in points)] * times)
    ring = f"<outerBoundaryIs><LinearRing><coordinates>{text}</coordinates></LinearRing></outerBoundaryIs>"
    return f"<kml><Placemark><name>x</name><Polygon>{ring}</Polygon></Placemark></kml>".encode()


def entities(*declared, body=b"&z;"):
    return b"<!DOCTYPE kml [" + b"".join(declared) + b"]><kml>" + body + b"</kml>"


def laughs():
    names = b"abcdefghiz"
    steps = pairwise(names)
    return entities(b'<!ENTITY a "ha">', *(b'<!ENTITY %c "%s">' % (b, b"&%c;" % a * 10) for a, b in steps))


def deep(depth=100_000):
    return b"[" * depth + b"]" * depth


def bombs():
    """What is to be refused, or read with a loss that is told: by file name."""
    circle = around(1_000)
    star = around(200_000)[np.arange(200_000) * 99_999 % 200_000]
    spaces = b"<kml>" + b" " * (60 << 20) + b"</kml>"
    under = b"<kml>" + b"".join(b"<!-- %06d -->" % n + b" " * 400 for n in range(75_000)) + b"</kml>"
    return {
        "laughs.kml": laughs(),
        "quadratic.kml": entities(b'<!ENTITY z "' + b"x" * 8_000 + b'">', body=b"&z;" * 1_000_000),
        "external.kml": entities(b'<!ENTITY z SYSTEM "file:///etc/passwd">'),
        "external_dtd.kml": b'<!DOCTYPE kml SYSTEM "http://example.invalid/x.dtd"><kml>&z;</kml>',
        "deep.kml": b"<kml>" + b"<Folder>" * 100_000,
        "elements.kml": b"<kml>" + b"<a/>" * 8_000_000,
        "marks.kml": b"<kml>" + b"<Placemark><Polygon/></Placemark>" * 900_000,
        "links.kml": b"<kml>" + b"<NetworkLink/>" * 900_000,
        "million.kml": placemark(circle, 1_000),
        "ratio.kmz": zipped({"doc.kml": spaces}),
        "under_the_ratio.kmz": zipped({"doc.kml": under}),
        "lying.kmz": zipped({"doc.kml": spaces}).replace(struct.pack("<I", len(spaces)), struct.pack("<I", 1000)),
        "nested.kmz": zipped({f"{n}.kmz": zipped({"doc.kml": spaces[: 9 << 20]}) for n in range(9)}),
        "members.kmz": zipped({f"{n}.kml": b"" for n in range(5_000)}, zipfile.ZIP_STORED),
        "shapes.zip": zipped({"a.shp": b"\0" * (99 << 20), "a.shx": b"", "a.dbf": b"", "a.prj": b""}),
        "deep.geojson": b'{"type":"FeatureCollection","features":' + deep() + b"}",
        "deep_feature.geojson": b'{"type":"FeatureCollection","features":[{"type":"Feature","geometry":'
        + deep()
        + b"}]}",
        "deep.ed269.json": b'{"uas_zones":[{"horizontalProjection":' + deep() + b"}]}",
        "deep.ed318.json": b'{"features":[{"properties":{"UASZone":1,"zoneAuthority":' + deep() + b"}}]}",
        "deep.dji.json": b'{"areas":[{"area_id":1,"sub_areas":' + deep() + b"}]}",
        "deep.autel.json": b'[{"nfz_name":1,"nfz_dots":' + deep() + b"}]",
        "deep.yaixm.json": b'{"airspace":[{"geometry":1,"boundary":' + deep() + b"}]}",
        "deep.yaml": b"airspace:\nboundary:\n" + b"- " * 100_000 + b"x",
        "lines.yaml": b"airspace:\nboundary:\n" + b"- x\n" * 1_000_000,
        "aliases.yaml": b"airspace:\n- boundary: &a [x]\n- *a\n",
        "directives.yaml": b"airspace:\nboundary:\n...\n" + b"".join(b"%%TAG !a%d! x\n" % n for n in range(150_000)),
        "values.yaml": b"airspace:\nboundary: [" + b"x, " * (5 << 20) + b"x]",
        "brackets.yaml": b"airspace:\nboundary: " + b"[" * (15 << 20),
        "million.geojson": collection(circle, 1_000),
        "star.geojson": collection(star),
    }


def outcome(path):
    """What reading the file gives, in words."""
    from dronecheck.airspace import read_input
    from dronecheck.errors import UnreadableInput
    from dronecheck.safe.io import open_input

    try:
        zones = read_input(open_input(path))
    except UnreadableInput as error:
        return error.code
    return f"{len(zones.zones)} zones, {', '.join(sorted({issue.code for issue in zones.issues}))}"


def size_bytes():
    return int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")


def main():
    import resource

    import shapely

    from dronecheck.airspace import ZONE_READERS, load_reader

    for name in ZONE_READERS:
        load_reader(name)
    if any(name.endswith((".zip", ".gpkg", ".fgb", ".parquet")) for name in sys.argv[1:]):
        import pyarrow.parquet  # noqa: F401
        import pyogrio.raw  # noqa: F401
    shapely.union_all([shapely.box(0, 0, 1, 1)])
    for name in sys.argv[1:]:
        reading, writing = os.pipe()
        child = os.fork()
        if not child:
            limit = size_bytes() + MORE_BYTES
            resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
            resource.setrlimit(resource.RLIMIT_CPU, (GUARD_S, resource.RLIM_INFINITY))
            try:
                said = outcome(Path(name))
            except BaseException as error:
                said = f"{type(error).__name__}: {error}"[:200]
            os.write(writing, json.dumps(said).encode())
            os._exit(0)
        os.close(writing)
        answer = b"".join(iter(lambda pipe=reading: os.read(pipe, 4096), b""))
        os.close(reading)
        _, status = os.waitpid(child, 0)
        print(
            json.dumps([Path(name).name, json.loads(answer) if answer else f"died of signal {status}"]),
            flush=True,
        )


if __name__ == "__main__":
    main()
