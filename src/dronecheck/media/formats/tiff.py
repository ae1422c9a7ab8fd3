"""TIFF, DNG and GPR files: all directories, the previews in them, and XMP that no tag points to."""

from __future__ import annotations

from dronecheck.containers.source import Bytes
from dronecheck.containers.tiff import TiffWalk, tiff_value, walk_tiff
from dronecheck.media.fields import Harvest
from dronecheck.media.formats.jpeg import read_preview
from dronecheck.media.model import MediaKind
from dronecheck.media.tags.exif import read_exif
from dronecheck.media.tags.xmp import find_packets, read_xmp

__all__ = ["kind_of_tiff", "read_tiff"]

_DNG_VERSION, _MAKE, _COMPRESSION, _VC5 = 0xC612, 0x010F, 0x0103, 9
_WIDTH, _HEIGHT, _STRIPS, _STRIP_BYTES, _JPEG, _JPEG_BYTES = 0x0100, 0x0101, 0x0111, 0x0117, 0x0201, 0x0202
_SEARCHED_AT_MOST_BYTES = 256 << 20


def kind_of_tiff(data: Bytes) -> MediaKind:
    """Return whether a TIFF file is a DNG, one of GoPro's (GPR), or just a TIFF."""
    walk = walk_tiff(data)
    if walk.first("IFD0", _DNG_VERSION) is None:
        return MediaKind.TIFF
    codings = (tiff_value(data, walk, one) for one in walk.entries if one.tag == _COMPRESSION)
    return MediaKind.GPR if _VC5 in codings else MediaKind.DNG


def read_tiff(harvest: Harvest) -> None:
    """Add all that a TIFF file says."""
    data = harvest.data
    walk = read_exif(harvest, 0, len(data))
    sizes = [
        (int(width), int(height))
        for directory, _ in walk.directories
        if (width := _number(data, walk, directory, _WIDTH)) and (height := _number(data, walk, directory, _HEIGHT))
    ]
    if sizes:
        harvest.width_px, harvest.height_px = max(sizes)
    for directory, _ in walk.directories:
        for at_tag, length_tag in ((_JPEG, _JPEG_BYTES), (_STRIPS, _STRIP_BYTES)):
            at, length = _number(data, walk, directory, at_tag), _number(data, walk, directory, length_tag)
            if at and length:
                read_preview(harvest, int(at), int(length), len(data), directory)
    _read_loose_packets(harvest)


def _number(data: Bytes, walk: TiffWalk, directory: str, tag: int) -> float | None:
    one = walk.first(directory, tag)
    value = tiff_value(data, walk, one) if one is not None else None
    return value if isinstance(value, int | float) else None


def _read_loose_packets(harvest: Harvest) -> None:
    """Read XMP packets that stand outside all tags: Zenmuse XT writes its packet twice."""
    if len(harvest.data) > _SEARCHED_AT_MOST_BYTES:
        return
    known = sorted({one.offset for one in harvest.fields if "/XMP" in one.path})
    for number, (start, end) in enumerate(find_packets(harvest.data)):
        if not any(start <= place < end for place in known):
            read_xmp(harvest, bytes(harvest.data[start:end]), f"loose/XMP[{number}]", start)
