"""What a photo or film gives away, field by field: the place, the time, a person, a device, what links it to others.

Classes and names as in docs/footage.md. A field is judged by its name, not by its value; empty ones give nothing away.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import isfinite

from dronecheck.media.model import MediaField, MediaItem

__all__ = ["Reveal", "RevealGravity", "RevealKind", "gravity_of", "reveals_of"]


class RevealKind(StrEnum):
    """What a field gives away."""

    PLACE = "place"
    TARGET_PLACE = "target place"
    TIME = "time"
    PERSON = "person"
    DEVICE = "device"
    LINK = "link"


class RevealGravity(StrEnum):
    """How much a file gives away."""

    RED = "red"  # a place or a person
    AMBER = "amber"  # a time, a device, a link to other files
    GREEN = "green"  # nothing in any field that is known


@dataclass(frozen=True, slots=True)
class Reveal:
    """One field that gives something away."""

    kind: RevealKind
    field: MediaField


# The first that fits the end of a field's path names its kind.
_NAMES: tuple[tuple[RevealKind, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern, re.IGNORECASE))
    for kind, pattern in (
        (RevealKind.TARGET_PLACE, r"LRFTarget\w*|UavToTargetPos|GPSDest(?:Latitude|Longitude|Bearing|Distance)\w*"),
        (
            RevealKind.PLACE,
            r"(?:EXIF_)?GPS(?!TimeStamp|DateStamp|DateTime|Version|Status|MapDatum|MeasureMode|Differential|Processing|"
            r"Speed|Track|Dest)\w*|drone-\w+:(?:Gps(?:Lati|Longi|Longti)tude|Latitude|Longitude|AbsoluteAltitude|"
            r"RelativeAltitude)|skydio:\w*(?:Latitude|Longitude|Altitude)|[\w-]+:(?:GPS)?(?:Latitude|Longitude|Altitude|Position)|"
            r"\S*location\.ISO6709|\S*xyz|loci|coordinates|(?:IPTC:|photoshop:|Iptc4xmp\w+:)(?:City|Sub-?location|"
            r"Province\w*|State|Country\w*|Location\w*|ContentLocation\w*)|GPS5|GPS9|GPRI|GLPI|LNED|BPOS|SIMU|"
            r"0x700|camm|mett|[\w-]+:AboveGroundAltitude|SelfData/place|WhiteBalanceGPS",
        ),
        (
            RevealKind.TIME,
            r"DateTime\w*|EXIF_DateTime\w*|OffsetTime\w*|SubSecTime\w*|GPS(?:TimeStamp|DateStamp|DateTime)|"
            r"[\w-]+:(?:CreateDate|ModifyDate|MetadataDate|DateCreated|CreationDate|ModDate|DateTime\w*|when|"
            r"TimeStamp|BootTimestamp|UTCAtExposure|DigitalCreation\w*)|stEvt:when|creation_time|modification_time|"
            r"\S*creationdate|GPSU|TimeCreated|DateCreated|IPTC:(?:Date|Time)\w*|DateStamp|TIMECODE|tIME|CYTS|"
            r"exif:GPSTimeStamp|©day|create-date|Skydio\S*Utime|drone-skydio:\S*(?:time|Uclock)\S*",
        ),
        (
            RevealKind.PERSON,
            r"Artist|Copyright\w*|XP(?:Author|Title|Subject|Keywords)|(?:Camera)?OwnerName|OwnerID|UserComment|"
            r"[\w-]+:(?:creator|Author|PersonDisplayName|PersonInImage\w*|Regions|RegionInfo|Name|Owner\w*|"
            r"CreatorContactInfo|rights|SelfData|Family|Father|LastKeyword\w*|hierarchicalSubject|subject|TagsList|"
            r"CatalogSets|categories|description|title|Title|Creator)(?:\[\d+\])?|FACE|FCNM|IPTC:(?:By-line\w*|"
            r"Caption|Writer\w*|Keywords|Credit|Source|Contact|CopyrightNotice)|\S*\.(?:artist|author|comment|"
            r"description|title|album|performer)|operator\w*|director|SSID|COM|"
            r"[ai]?©?(?:ART|alb|cmt|com|wrt|lyr|inf|comment)|aART|text",
        ),
        (
            RevealKind.LINK,
            r"[\w-]+:(?:DocumentID|InstanceID|OriginalDocumentID|CaptureUUID|CaptureId|FlightId|FlightID|History|"
            r"HasExtendedXMP|LogHandle|DroneFlightId|instanceID)|ImageUniqueID|JUMBF(?:\[\d+\])?|caBX|c2pa|MUID|GUMI|"
            r"ImageDescription|XPComment|IPTC:OriginalTransmission\w*|0xBB9[46]|fsid|ImageNumber|SerialHistory|"
            r"stEvt:instanceID|EXIF_ImageDescription|[\w-]+:ImageNumber|dcterms:provenance",
        ),
        (
            RevealKind.DEVICE,
            r"(?:EXIF_)?(?:Body|Lens|Camera|Image)?SerialNumber|InternalSerialNumber|sensor_id|"
            r"[\w-]+:(?:\w*Serial\w*|DroneID|VehicleId|VehicleName|SensorId|ShutterCount)|CASN|LINF|DeviceSetting|"
            r"Software|FMWR|FWVS|\S*\.(?:software|version|android\.version)|(?:1-1-5|2-2-3-1|1-1-6)|MakerNote|"
            r"CameraSoftware|CameraPartNumber|serial\w*|Firmware\w*|HostComputer|\S*ShutterCount|Insta360(?:Serial|Firmware)|"
            r"EXIF_(?:Software|MakerNote)|CAME|FIRM|LENS|BCID|[\w-]+:CreatorTool",
        ),
    )
)
_DJMD_PLACE = re.compile(r"sample\[\d+\]/3-(?:3|4)-(?:3|4|2)-\d")
_NOTHING = ("", b"", (), None)
_DEFAULTS = ("", "0", "Undefined", "default", "Self data")  # what cameras write where nobody filled a field in
_MODES = ("single", "hdr", "aeb", "pano", "burst", "interval", "timelapse", "N")  # DJI's keywords
_CARD_PATH = re.compile(r"(?:[A-Z]:)?[\\/]?DCIM[\\/]", re.IGNORECASE)
_MAKERS = re.compile(r"(?:DJI|Hasselblad|FLIR|Autel|Parrot|Skydio|GoPro|Apple)\W*", re.IGNORECASE)


def reveals_of(item: MediaItem) -> tuple[Reveal, ...]:
    """List the fields that give something away, in the order of the file; of a timed track the first of each name."""
    found, known = list[Reveal](), set[str]()
    for one in item.fields:
        kind = _kind_of(one)
        name = re.sub(r"sample\[\d+\]", "sample[]", one.path)
        if kind is None or (name != one.path and name in known):
            continue
        known.add(name)
        found.append(Reveal(kind, one))
    found += _of_tracks(item, found)
    return tuple(found)


def gravity_of(reveals: Sequence[Reveal]) -> RevealGravity:
    """Return how much a file gives away by its fields."""
    kinds = {one.kind for one in reveals}
    if kinds & {RevealKind.PLACE, RevealKind.TARGET_PLACE, RevealKind.PERSON}:
        return RevealGravity.RED
    return RevealGravity.AMBER if kinds else RevealGravity.GREEN


def _kind_of(one: MediaField) -> RevealKind | None:
    if _DJMD_PLACE.search(one.path) and one.value not in _NOTHING:
        return RevealKind.PLACE
    name = re.sub(r"\[\d+\]$", "", one.path.rpartition("/")[2])
    kind = next((kind for kind, pattern in _NAMES if pattern.fullmatch(name)), None)
    if kind is None or (_is_empty(one.value) and (kind is not RevealKind.LINK or one.length < 16)):
        return None
    if kind is RevealKind.PERSON and (_CARD_PATH.match(str(one.value)) or str(one.value) in _MODES):
        return RevealKind.LINK
    return RevealKind.DEVICE if kind is RevealKind.PERSON and _MAKERS.fullmatch(str(one.value)) else kind


def _is_empty(value: object) -> bool:
    if value in _NOTHING or str(value).strip() in _DEFAULTS:
        return True
    numbers = value if isinstance(value, tuple) else (value,)
    return all(isinstance(number, float) and not isfinite(number) for number in numbers)


def _of_tracks(item: MediaItem, found: Sequence[Reveal]) -> list[Reveal]:
    """Return the place that a film's track gives away where no single field has said it."""
    film = item.film
    if film is None or not len(film.time_s) or any(one.kind is RevealKind.PLACE for one in found):
        return []
    text = f"{len(film.time_s)} samples"
    return [Reveal(RevealKind.PLACE, MediaField(film.source, text, int(film.offset[0]), int(film.length[0])))]
