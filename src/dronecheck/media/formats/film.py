"""Films in ISO base media and QuickTime files: MP4, MOV, LRF, 360, OSV, INSV. Never reads `mdat` as a whole.

The container says when and where the film began (`mvhd`, `(c)xyz`, `loci`, Apple's keys), timed tracks say it sample by
sample. A film whose `moov` was lost, because the battery was, has DJI's first sample at the begin of `mdat`.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass

import numpy as np

from dronecheck.containers.boxes import Box, BoxWalk, walk_boxes
from dronecheck.containers.samples import FilmSamples, TrackHead, read_samples, track_heads
from dronecheck.containers.source import Bytes, unsigned
from dronecheck.issues import Code, Severity
from dronecheck.media.fields import Harvest
from dronecheck.media.formats.jpeg import is_jpeg, note_claims, read_preview
from dronecheck.media.place_text import has_place
from dronecheck.media.tags.camera_tracks import insta360_start, read_camm, read_insta360, read_mett
from dronecheck.media.tags.djmd import first_message_end, is_djmd, read_djmd
from dronecheck.media.tags.film_rows import thinned
from dronecheck.media.tags.gopro import read_device, read_gpmf_fields, read_gpmf_track
from dronecheck.media.tags.iso6709 import place_of
from dronecheck.media.tags.xmp import PACKET_AT_MOST_BYTES, read_xmp
from dronecheck.messages import Message

__all__ = ["FilmSubtitles", "film_subtitles", "note_damage", "read_boxes", "read_film"]

_TRACKS_AT_MOST = 64
_MOOV_AT_MOST_BYTES = 64 << 20
_LOST_SAMPLE_AT_MOST_BYTES = 1 << 20
_XMP_UUID = bytes.fromhex("BE7ACFCB97A942E89C71999491E3AFAC")
_C2PA_UUID = bytes.fromhex("D8FEC3D61B0E483C92975828877EC481")
_TEXT_AT_MOST_BYTES = 65_536
_TEXTS_AT_MOST = 2_000  # of one track, searched for a place
_STRUCTURE = (
    b"styp moov mvex mehd trex trak tkhd edts elst tapt clef prof enof mdia hdlr minf vmhd smhd nmhd gmhd gmin dinf "
    b"dref stbl stsd stts ctts stss stps stsc stsz stz2 stco co64 sdtp cslg sgpd sbgp moof mfhd traf tfhd tfdt trun "
    b"mfra tfra mfro sidx mdat udta meta ilst iprp ipco ipma iinf iloc iref pitm idat grpl tref tmcd iods wave text "
    b"hvcC av1C ispe pixi colr irot imir clap pasp auxC clli mdcv a1op a1lx lsel rloc mdhd mvhd infe hmhd sthd subs "
    b"vvcC lhvC"
).split()
_PICTURES = (b"covr", b"snal", b"tnal", b"thmb", b"THMB")
_TEXTS = ("tx3g", "text")
_TRACKS = {"djmd": None, "gpmd": read_gpmf_track, "camm": read_camm, "mett": read_mett, "fdsc": read_device}


@dataclass(frozen=True, slots=True)
class FilmSubtitles:
    """One text track of a film: its place among the boxes, its text as a subtitle file, one cue a sample."""

    path: str
    text: str
    samples: FilmSamples


def read_film(harvest: Harvest, start: int = 0, prefix: str = "") -> None:
    """Add all that a film says which begins at `start`, in fields below `prefix`."""
    data = harvest.data
    trailer = insta360_start(harvest) if not prefix else None
    walk = walk_boxes(data, start, trailer, prefix)
    note_damage(harvest, walk)
    for moov in walk.of(b"moov"):
        if moov.size > _MOOV_AT_MOST_BYTES:
            harvest.capped_at(moov.start)
            return
    read_boxes(harvest, walk)
    heads = track_heads(data, walk)
    for head in heads[:_TRACKS_AT_MOST]:
        if head.handler == "vide" and harvest.width_px is None and not prefix and head.width_px:
            harvest.width_px, harvest.height_px = head.width_px, head.height_px
        if head.handler not in ("vide", "soun"):
            _read_track(harvest, walk, head)
    if len(heads) > _TRACKS_AT_MOST:
        harvest.capped_at(heads[_TRACKS_AT_MOST].box.start)
    if not any(walk.of(b"moov")):
        _read_without_moov(harvest, walk)
    if trailer is not None:
        read_insta360(harvest, trailer)


def note_damage(harvest: Harvest, walk: BoxWalk) -> None:
    """Note where a walk had to stop short: at the file's end, or where boxes cannot be what they say."""
    for box in walk.cut:
        # A box longer than the one around it, or of a kind that is no name, is damaged: no end of the file is.
        is_end = box.end == walk.end and all(32 <= byte < 127 or byte == 0xA9 for byte in box.kind)
        (harvest.cut_at if is_end else harvest.broken_at)(box.start)
    for at in walk.broken:
        harvest.broken_at(at)
    if walk.is_too_deep or walk.is_too_many:
        harvest.capped_at(walk.boxes[-1].start)


def read_boxes(harvest: Harvest, walk: BoxWalk) -> None:
    """Add what the boxes themselves hold: the film's head, its texts, pictures, XMP, Apple's keys."""
    data = harvest.data
    keys: list[str] = []
    for box in walk.boxes:
        within = box.path.rpartition("/")[0].rpartition("/")[2].partition("[")[0]
        if box.kind == b"ftyp":
            harvest.add(box.path, bytes(data[box.body : box.body + 4]).decode("latin-1"), box.body, 4)
        elif box.kind == b"mvhd":
            _read_movie_head(harvest, box)
        elif box.kind == b"mdhd" and box.size >= 20:
            _add_created(harvest, box)
        elif box.kind == b"uuid":
            _read_uuid(harvest, box)
        elif box.kind == b"keys":
            keys = _key_names(harvest, box)
        elif within == "ilst":
            _read_item(harvest, box, keys)
        elif within == "udta" and box.kind not in (b"meta", b"free"):
            _read_user_data(harvest, box)
        elif box.kind == b"loci":
            _read_loci(harvest, box)
        elif box.kind not in _STRUCTURE and any(data[box.body : min(box.end, box.body + _TEXT_AT_MOST_BYTES)]):
            harvest.add(
                box.path, None, box.body, box.size
            )  # of a kind that is not known, or free space that is not empty


def _read_movie_head(harvest: Harvest, box: Box) -> None:
    data, is_long = harvest.data, box.size > 0 and harvest.data[box.body] == 1
    if box.size < (32 if is_long else 20):
        harvest.broken_at(box.start)
        return
    _add_created(harvest, box)
    scale_at = box.body + (20 if is_long else 12)
    scale, duration = unsigned(data, scale_at, 4), unsigned(data, scale_at + 4, 8 if is_long else 4)
    if scale and duration < (1 << 63 if is_long else (1 << 32) - 1) and harvest.duration_s is None:
        harvest.duration_s = duration / scale


def _add_created(harvest: Harvest, box: Box) -> None:
    wide = 8 if harvest.data[box.body] == 1 else 4
    seconds = unsigned(harvest.data, box.body + 4, wide)
    if seconds:
        harvest.add(f"{box.path}/creation_time", seconds, box.body + 4, wide)


def _read_uuid(harvest: Harvest, box: Box) -> None:
    name = bytes(harvest.data[box.body - 16 : box.body])
    if name == _XMP_UUID:
        _read_packet(harvest, box)
        return
    harvest.add(f"{box.path}/{name.hex()}", None, box.body, box.size)
    if name == _C2PA_UUID:
        note_claims(harvest, box.start)


def _read_packet(harvest: Harvest, box: Box) -> None:
    packet = bytes(harvest.data[box.body : min(box.end, box.body + PACKET_AT_MOST_BYTES + 1)])
    read_xmp(harvest, packet, f"{box.path}/XMP", box.body)


def _key_names(harvest: Harvest, box: Box) -> list[str]:
    """Return the names that items of a list refer to by number, from 1."""
    names: list[str] = []
    at = box.body + 8
    while at + 8 <= box.end and len(names) < 4_096:
        size = unsigned(harvest.data, at, 4)
        if size < 8 or at + size > box.end:
            break
        names.append(bytes(harvest.data[at + 8 : min(at + size, at + 264)]).decode("utf-8", "replace"))
        at += size
    return names


def _read_item(harvest: Harvest, box: Box, keys: list[str]) -> None:
    """Read an item of a list: its value stands in a `data` box, behind a type and a locale."""
    data, number = harvest.data, int.from_bytes(box.kind, "big")
    path = box.path
    if 0 < number <= len(keys):
        path = f"{box.path.rpartition('/')[0]}/{keys[number - 1]}"
    body = box.body
    if data[body + 4 : body + 8] == b"data":
        body += 16
    if _read_picture(harvest, box, path) or body > box.end:
        return
    raw = bytes(data[body : min(box.end, body + _TEXT_AT_MOST_BYTES)])
    harvest.add(path, raw.decode("utf-8", "backslashreplace").strip("\0"), body, box.end - body)


def _read_user_data(harvest: Harvest, box: Box) -> None:
    data, body = harvest.data, box.body
    if box.kind in (b"XMP_",):
        _read_packet(harvest, box)
    elif box.kind == b"GPMF":
        read_gpmf_fields(harvest, body, box.end, box.path)
    elif box.kind == b"loci":
        _read_loci(harvest, box)
    elif not _read_picture(harvest, box, box.path):
        has_head = box.kind[:1] == b"\xa9" and unsigned(data, body, 2) == box.size - 4  # length and language
        body += 4 if has_head else 0
        raw = bytes(data[body : min(box.end, body + _TEXT_AT_MOST_BYTES)]).rstrip(b"\0")
        is_text = all(32 <= byte < 127 or byte in b"\r\n\t" for byte in raw[:4_096])
        value: object = raw.decode("ascii", "replace") if is_text else None
        if not is_text and box.kind[:1] == b"\xa9":
            value = raw.decode("utf-8", "replace")
        elif not is_text and len(raw) <= 32:
            value = raw.hex()
        harvest.add(box.path, value, body, box.end - body)


def _read_picture(harvest: Harvest, box: Box, path: str) -> bool:
    """Read a cover or thumbnail, a JPEG picture that may tell what the film no longer does."""
    head = bytes(harvest.data[box.body : min(box.end, box.body + 48)])
    at = head.find(b"\xff\xd8\xff")
    if at < 0 or not (box.kind in _PICTURES or is_jpeg(head) or at == 16):
        return box.kind in _PICTURES
    read_preview(harvest, box.body + at, box.end - box.body - at, box.end, path)
    return True


def _read_loci(harvest: Harvest, box: Box) -> None:
    """Read 3GPP's place (TS 26.244, 8.13): a name, then longitude, latitude and height in 16.16, a planet, notes."""
    raw = bytes(harvest.data[box.body : min(box.end, box.body + 1_024)])
    if raw[6:8] in (b"\xfe\xff", b"\xff\xfe"):
        ends = (at for at in range(8, len(raw) - 1, 2) if raw[at : at + 2] == b"\0\0")
        end, zero, coding = next(ends, len(raw)), 2, "utf-16"
    else:
        end, zero, coding = raw.find(b"\0", 6), 1, "utf-8"
    rest = raw[end + zero :] if end >= 0 else b""
    if len(rest) < 13:
        harvest.broken_at(box.start)
        harvest.add(box.path, None, box.body, box.size)
        return
    lon, lat, _ = (value / 65_536 for value in struct.unpack_from(">iii", rest, 1))
    at = box.body + end + zero + 1
    harvest.add(f"{box.path}/name", raw[6:end].decode(coding, "replace"), box.body + 6, end - 6)
    harvest.add(f"{box.path}/longitude", lon, at, 4)
    harvest.add(f"{box.path}/latitude", lat, at + 4, 4)
    notes = rest[13:].strip(b"\0")
    if notes:
        harvest.add(
            f"{box.path}/notes", notes.replace(b"\0", b"; ").decode("utf-8", "replace"), at + 12, len(rest) - 13
        )


def _read_track(harvest: Harvest, walk: BoxWalk, head: TrackHead) -> None:
    path = head.box.path
    harvest.add(f"{path}/timed", f"{head.handler} {head.coding} {head.name}".strip(), head.box.start, 8)
    samples = read_samples(harvest.data, walk, head)
    if samples.is_cut:
        harvest.cut_at(head.box.start)
    if head.coding == "djmd":
        read_djmd(harvest, samples, path, _start_of(harvest))
    elif (read := _TRACKS.get(head.coding)) is not None:
        read(harvest, samples, path)
    elif head.coding in _TEXTS and len(samples):
        placed = (n for n in thinned(samples)[:_TEXTS_AT_MOST].tolist() if has_place(_subtitle(harvest, samples, n)))
        number = next(placed, 0)
        at, length = int(samples.offset[number]), int(samples.length[number])
        harvest.add(f"{path}/sample[{number}]/text", _subtitle(harvest, samples, number), at, length)
    elif len(samples):
        harvest.add(f"{path}/sample[0]", None, int(samples.offset[0]), int(samples.length[0]))


def _start_of(harvest: Harvest) -> tuple[float, float] | None:
    """Return the start position that the container states, whether its box came before the tracks or after."""
    for one in harvest.fields:
        if one.path.endswith(("/©xyz", "com.apple.quicktime.location.ISO6709")):
            place = place_of(str(one.value))
            if place is not None:
                return place.lat_deg, place.lon_deg
    return None


def _subtitle(harvest: Harvest, samples: FilmSamples, number: int) -> str:
    at, length = int(samples.offset[number]), int(samples.length[number])
    size = unsigned(harvest.data, at, 2)
    return bytes(harvest.data[at + 2 : at + 2 + min(size, max(length - 2, 0))]).decode("utf-8", "replace")


def film_subtitles(data: Bytes, walk: BoxWalk | None = None) -> list[FilmSubtitles]:
    """Return the text tracks of a film, each as a subtitle file (.SRT): a log, if the camera wrote it."""
    harvest = Harvest(data)
    walk = walk_boxes(data) if walk is None else walk
    found = []
    for head in track_heads(data, walk)[:_TRACKS_AT_MOST]:
        if head.coding not in _TEXTS:
            continue
        samples = read_samples(data, walk, head)
        ends_s = np.append(samples.time_s[1:], samples.time_s[-1:] + 1.0)
        cues = [
            f"{number + 1}\n{_clock(samples.time_s[number])} --> {_clock(ends_s[number])}\n"
            f"{re.sub(chr(10) + '{2,}', chr(10), _subtitle(harvest, samples, number))}\n"
            for number in range(len(samples))
        ]
        found.append(FilmSubtitles(head.box.path, "\n".join(cues), samples))
    return found


def _clock(seconds: float) -> str:
    millis = round(float(np.nan_to_num(seconds)) * 1000)
    return f"{millis // 3_600_000:02d}:{millis // 60_000 % 60:02d}:{millis // 1000 % 60:02d},{millis % 1000:03d}"


def _read_without_moov(harvest: Harvest, walk: BoxWalk) -> None:
    """Read DJI's first sample at the begin of `mdat`: all that a film without its index still tells by itself."""
    text = Message("a film without its index (moov): the recording was not finished, or the file is cut")
    if any(walk.of(b"mdat")):
        harvest.is_truncated = True
        harvest.note(Code.TRUNCATED, Severity.DAMAGE, text, walk.boxes[-1].end)
    for box in walk.of(b"mdat"):
        stop = min(box.end, box.body + _LOST_SAMPLE_AT_MOST_BYTES)
        if is_djmd(bytes(harvest.data[box.body : box.body + 64])):
            end = first_message_end(harvest, box.body, stop)
            one = FilmSamples(np.array([box.body], np.int64), np.array([end - box.body], np.int64), np.zeros(1), False)
            read_djmd(harvest, one, "mdat")
        break
