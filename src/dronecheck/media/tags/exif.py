"""EXIF and TIFF directories -> fields, and what stands within them: maker notes, XMP, IPTC, thumbnails."""

from __future__ import annotations

import re

from dronecheck.containers.tiff import DECODED_AT_MOST_BYTES, TiffEntry, TiffWalk, tiff_value, walk_directory, walk_tiff
from dronecheck.media.fields import Harvest
from dronecheck.media.tags.exif_names import tag_name
from dronecheck.media.tags.iptc import read_iptc, read_photoshop
from dronecheck.media.tags.text_blocks import read_bracketed
from dronecheck.media.tags.xmp import read_xmp

__all__ = ["read_exif"]

_MAKER_NOTE, _XMP, _IPTC, _PHOTOSHOP, _USER_COMMENT, _GDAL = 0x927C, 700, 33723, 34377, 0x9286, 42112
_HOLDERS = frozenset((_MAKER_NOTE, _XMP, _IPTC, _PHOTOSHOP, _GDAL))
_ROOM_BYTES = 1 << 16
_AREA, _METHOD = 28, 27
_XP = range(0x9C9B, 0x9CA0)
_DJI_NOTE = {
    1: "Make", 3: "SpeedX", 4: "SpeedY", 5: "SpeedZ", 6: "Pitch", 7: "Yaw", 8: "Roll", 9: "CameraPitch",
    10: "CameraYaw", 11: "CameraRoll",
}  # fmt: skip
_CHARSETS = {b"ASCII\0\0\0": "latin-1", b"UNICODE\0": "utf-16", b"JIS\0\0\0\0\0": "iso2022_jp"}


def read_exif(harvest: Harvest, start: int, end: int, prefix: str = "") -> TiffWalk:
    """Add every tag of the TIFF structure in [start, end) under `prefix`, and what the tags hold."""
    data = harvest.data
    walk = walk_tiff(data, start, end)
    for place in walk.broken:
        harvest.broken_at(place)
    if walk.is_capped:
        harvest.capped_at(start)
    packets, seen, room = 0, set[int](), 2 * (end - start) + _ROOM_BYTES
    for entry in walk.entries:
        group = f"{prefix}/{entry.directory}" if prefix else entry.directory
        # Entries may share their bytes: together they are read no more than twice.
        room -= min(entry.length, DECODED_AT_MOST_BYTES)
        if room < 0 or (entry.tag in _HOLDERS and entry.offset in seen):
            harvest.capped_at(entry.offset)
            continue
        seen.add(entry.offset)
        if entry.tag == _XMP:
            packet = bytes(data[entry.offset : entry.offset + entry.length])
            read_xmp(harvest, packet, f"{group}/XMP" + (f"[{packets}]" if packets else ""), entry.offset)
            packets += 1
        else:
            _add(harvest, walk, entry, f"{group}/{tag_name(entry.directory, entry.tag)}", end)
    return walk


def _add(harvest: Harvest, walk: TiffWalk, entry: TiffEntry, path: str, end: int) -> None:
    tag, stop = entry.tag, entry.offset + entry.length
    harvest.add(path, _value(harvest, walk, entry), entry.offset, entry.length)
    if tag == _MAKER_NOTE:
        _read_maker_note(harvest, walk, entry, path, end)
    elif tag == _IPTC:
        read_iptc(harvest, entry.offset, stop, path)
    elif tag == _PHOTOSHOP:
        read_photoshop(harvest, entry.offset, stop, path)
    elif tag == _GDAL:
        _read_gdal(harvest, entry, path)


def _value(harvest: Harvest, walk: TiffWalk, entry: TiffEntry) -> object:
    value = tiff_value(harvest.data, walk, entry)
    if entry.directory.startswith("GPS") and entry.tag not in (_AREA, _METHOD):
        return value.decode("latin-1").rstrip("\0") if isinstance(value, bytes) else value
    if entry.tag in _XP and isinstance(value, tuple):
        return bytes(int(one) & 255 for one in value).decode("utf-16-le", "replace").rstrip("\0")
    if entry.tag in (_USER_COMMENT, _AREA, _METHOD) and isinstance(value, bytes):
        charset = _CHARSETS.get(value[:8])
        if charset == "utf-16":
            charset = "utf-16-le" if walk.order == "<" else "utf-16-be"
        return value[8:].decode(charset, "replace").strip("\0 ") if charset else value
    return value


def _read_maker_note(harvest: Harvest, walk: TiffWalk, entry: TiffEntry, path: str, end: int) -> None:
    """Read what DJI writes: a directory of floats (offsets count from the TIFF header), or a text of [name:value]."""
    data, stop = harvest.data, entry.offset + entry.length
    head = bytes(data[entry.offset : entry.offset + 16])
    if head.startswith((b"[ae_dbg_info:", b"[")):
        read_bracketed(harvest, entry.offset, stop, path)
        return
    make = walk.first("IFD0", 0x010F)
    if make is None or not str(tiff_value(data, walk, make)).startswith(("DJI", "Hasselblad")):
        return
    for order in dict.fromkeys((walk.order, "<", ">")):
        note = walk_directory(data, entry.offset, walk.base, end, order)
        known = [one for one in note.entries if one.tag in _DJI_NOTE and one.directory == "IFD0"]
        if len(known) >= 3:
            for one in known:
                harvest.add(f"{path}/{_DJI_NOTE[one.tag]}", tiff_value(data, note, one), one.offset, one.length)
            return


def _read_gdal(harvest: Harvest, entry: TiffEntry, path: str) -> None:
    """Add the items of GDAL's metadata, `<Item name="EXIF_GPSLatitude">(24) (40) (47.5)</Item>`: a second EXIF."""
    text = bytes(harvest.data[entry.offset : entry.offset + min(entry.length, 1 << 20)])
    for item in re.finditer(rb'<Item name="([^"]{1,100})"[^>]{0,100}>([^<]{0,1000})</Item>', text):
        name, value = (part.decode("utf-8", "replace") for part in item.groups())
        harvest.add(f"{path}/{name}", value, entry.offset + item.start(2), len(item[2]))
