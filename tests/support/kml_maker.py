"""KML documents for tests, written by plain string work."""

from __future__ import annotations

import io
import zipfile
from itertools import pairwise

SQUARE = [(-1.0, 51.0), (-0.9, 51.0), (-0.9, 51.1), (-1.0, 51.1), (-1.0, 51.0)]


def ring(points):
    return "<LinearRing><coordinates>" + " ".join(",".join(map(str, p)) for p in points) + "</coordinates></LinearRing>"


def polygon(outer, *inner, mode=""):
    mode = f"<altitudeMode>{mode}</altitudeMode>" if mode else ""
    holes = "".join(f"<innerBoundaryIs>{ring(points)}</innerBoundaryIs>" for points in inner)
    return f"<Polygon>{mode}<outerBoundaryIs>{ring(outer)}</outerBoundaryIs>{holes}</Polygon>"


def walls(points, low, high, mode="relativeToGround"):
    """One vertical face an edge of a closed ring."""
    return "".join(
        polygon([(*a, low), (*b, low), (*b, high), (*a, high), (*a, low)], mode=mode) for a, b in pairwise(points)
    )


def body(points, low, high, mode="relativeToGround"):
    """A closed ring as floor, roof and walls, as NATS draws airspace."""
    faces = [polygon([(*p, height) for p in points], mode=mode) for height in (low, high)]
    return f"<MultiGeometry>{''.join(faces)}{walls(points, low, high, mode)}</MultiGeometry>"


def placemark(shape, name="Zone", description="", data=None, inside=""):
    values = "".join(f'<Data name="{k}"><value>{v}</value></Data>' for k, v in (data or {}).items())
    extended = f"<ExtendedData>{values}</ExtendedData>" if values else ""
    text = f"<description><![CDATA[{description}]]></description>" if description else ""
    return f"<Placemark><name>{name}</name>{text}{extended}{inside}{shape}</Placemark>"


def document(*parts, folders=()):
    inner = "".join(parts)
    for folder in reversed(folders):
        inner = f"<Folder><name>{folder}</name>{inner}</Folder>"
    head = '<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document>'
    return f"{head}{inner}</Document></kml>".encode()


def kmz(files, method=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()
