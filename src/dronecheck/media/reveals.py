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
from dronecheck.media.place_text import has_place

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


# The first that fits the end of a field's path names its kind. Of place, target and time the prefix is left out: makers
# have their own for one and the same (`drone-dji:`, `drone-autel:`, `exif:`).
_NAMES: tuple[tuple[RevealKind, bool, re.Pattern[str]], ...] = tuple(
    (kind, kind in (RevealKind.PLACE, RevealKind.TARGET_PLACE, RevealKind.TIME), re.compile(pattern, re.IGNORECASE))
    for kind, pattern in (
        (
            RevealKind.TARGET_PLACE,
            r"(?:LRF|Laser|Rangefinder|RNG)_?(?:Target\w*|\w*(?:lat|lon|alt)\w*)|UavToTargetPos|(?:Target|POI|Interest)_?\w*"
            r"(?:lat|lon|lng|position|location)(?:itude|titude)?\w{0,8}|GPSDest(?:Latitude|Longitude|Bearing|Distance)\w*",
        ),
        (
            RevealKind.PLACE,
            r"(?:EXIF_)?GPS(?!TimeStamp|DateStamp|DateTime|Version|Status|MapDatum|MeasureMode|Differential|"
            r"ProcessingMethod|Processing|Speed|Track|Dest|Info|DOP|HDOP|ImgDirection|HPositioningError|Satellites|U$|F$|P$|A$)\w*|"
            r"(?!\w*(?:Std|Type))\w*?(?:latitude|longt?itude|longtitude|altitude)\w{0,12}|\S*location\S*ISO6709|\S*location\.(?!accuracy)\S*|"
            r"\S*xyz|loci|coordinates?|geotag\w*|geo\w*(?:point|location|position)|Position|dbgi|"
            r"(?:City|Sub-?location|Province\w*|State|Country\w*|\w*Location\w*|World-?Region|IntellectualGenre/place|"
            r"Address\w*|Place(?:Name)?|Landmark|PostalCode|Street|Town|Village)|GPS5|GPS9|GPRI|GLPI|LNED|BPOS|SIMU|"
            r"0x700|camm|mett|WhiteBalanceGPS|\S*takeoff\.loc|(?:Home|TakeOff|Uav|Drone|Aircraft)_?(?:Pos(?:ition)?|Point|Loc)",
        ),
        (
            RevealKind.TIME,
            r"DateTime\w*|EXIF_DateTime\w*|OffsetTime\w*|TimeZone\w*|SubSecTime\w*|GPS(?:TimeStamp|DateStamp|DateTime)|"
            r"CreateDate|ModifyDate|MetadataDate|DateCreated|CreationDate|ModDate|when|Creation Time|DateAcquired|"
            r"TimeStamp|BootTimestamp|UTCAtExposure|DigitalCreation\w*|creation_time|modification_time|PreviewDateTime|"
            r"\S*creationdate|GPSU|Time(?:Created|Released)|Date(?:Created|Released)?|Time|DateStamp|TIMECODE|tIME|CYTS|"
            r"©day|create-date|Skydio\S*Utime|(?:Capture|Takeoff|Flight)U(?:time|clock)",
        ),
        (
            RevealKind.PERSON,
            r"Artist|Copyright\w*|XP(?:Author|Title|Subject|Keywords)|(?:Camera)?OwnerName|OwnerID|UserComment|Photographer|"
            r"ImageEditor|ImageTitle|(?:[\w-]+:)?(?:Author|Comment|Description|Title|Creator|Copyright|Warning|Disclaimer)|"
            r"[\w-]+:(?:creator|PersonDisplayName|PersonInImage\w*|Regions|RegionInfo|Name|Owner\w*|UserComment|Headline|"
            r"CreatorContactInfo|\w*(?:Email|Phone|Url)\w*|rights|SelfData|Family|Father|LastKeyword\w*|hierarchicalSubject|"
            r"subject|TagsList|CatalogSets|categories|Instructions|Credit|Source|CaptionWriter|\w*Keywords)(?:\[\d+\])?|FACE|"
            r"FCNM|IPTC:(?:By-?line\w*|Caption|\w*Writer\w*|Keywords|Credit|Source|Contact|CopyrightNotice|Headline|"
            r"ObjectName|SpecialInstructions|\w*Category|SubjectReference)|\S*\.(?:artist|author|comment|description|title|album|"
            r"performer)|operator\w*|director|SSID|COM|[ai]?©?(?:ART|aut|alb|cmt|com|wrt|lyr|inf|nam|cpy|dir|prd|comment)|aART|"
            r"auth|cprt|dscp|titl|perf|text",
        ),
        (
            RevealKind.LINK,
            r"[\w-]+:(?:DocumentID|InstanceID|OriginalDocumentID|CaptureUUID|CaptureId|FlightId|FlightID|History|"
            r"HasExtendedXMP|LogHandle|DroneFlightId|instanceID)|ImageUniqueID|JUMBF(?:\[\d+\])?|caBX|C2PA|MUID|GUMI|"
            r"ImageDescription|XPComment|IPTC:OriginalTransmission\w*|0xBB9[46]|fsid|ImageNumber|SerialHistory|"
            r"stEvt:instanceID|EXIF_ImageDescription|[\w-]+:ImageNumber|dcterms:provenance|DocumentName|OriginalRawFileName|"
            r"RawDataUniqueID|trailer",
        ),
        (
            RevealKind.DEVICE,
            r"(?:EXIF_)?(?:Body|Lens|Camera|Image)?SerialNumber|InternalSerialNumber|sensor_id|"
            r"[\w-]+:(?:\w*Serial\w*|DroneID|VehicleId|VehicleName|SensorId|SensorSN|ShutterCount)|CASN|LINF|DeviceSetting|"
            r"(?:EXIF_)?(?:Software|MakerNote)|FMWR|FWVS|\S*\.(?:software|version|android\.version|serial)|"
            r"(?:1-1-5|2-2-3-1|1-1-6)|CameraSoftware|CameraFirmware|CameraPartNumber|serial\w*|Firmware\w*|HostComputer|"
            r"\S*ShutterCount|Insta360(?:Serial|Firmware)|CAME|FIRM|LENS|BCID|[\w-]+:CreatorTool|©(?:swr|uid)|DNGPrivateData",
        ),
    )
)
_SHORT_AXIS = re.compile(
    r"\w*?(?<!Std)(?:(?<![a-z])lat|(?<![a-z])l(?:on|ng)|Lat|Lon|Lng)(?:_?(?:deg|rad|Ref|E7|itude)|\d|_\w*)?"
)
_DJMD_PLACE = re.compile(r"sample\[\d+\]/3-(?:3|4)-(?:3|4|2)-\d")
# Blocks that no reader knows: what they hold cannot be told.
_BLOCK = re.compile(r"(?:^|/)(?:APP\d+(?:/\S*)?|8BIM:\w+|insta360/0x\w+|[0-9a-f]{32}|[^/]{4}|trailer)(?:\[\d+\])*$")
_HARMLESS_BLOCK = re.compile(
    r"(?:^|/)(?:APP0/JFIF|APP14/Adobe|APP2/(?:ICC_PROFILE|MPF)|film|XMPPart|uri|mime)(?:\[\d+\])*$|preview\[\d+\]$"
)
_BLOCK_BYTES = 16
_OF_LENS = re.compile(
    r"(?:PrincipalPoint|DewarpData|\w*Distortion\w*|\w*Polynomial|\w*Matrix)(?:\[\d+\])*$"
)  # pairs, too
_SEARCHED_AT_MOST_CHARS = 1 << 19  # of free texts
_NOTHING = ("", b"", (), None)
_DEFAULTS = ("", "0", "Undefined", "default", "Self data")  # what cameras write where nobody filled a field in
_MODES = ("single", "hdr", "aeb", "pano", "burst", "interval", "timelapse", "N")  # DJI's keywords
_CARD_PATH = re.compile(r"(?:[A-Z]:)?[\\/]?DCIM[\\/]", re.IGNORECASE)
_MAKERS = re.compile(r"(?:DJI|Hasselblad|FLIR|Autel|Parrot|Skydio|GoPro|Apple)\W*", re.IGNORECASE)


def reveals_of(item: MediaItem) -> tuple[Reveal, ...]:
    """List the fields that give something away, in the order of the file; of a timed track the first of each name."""
    found, known, room = list[Reveal](), set[str](), _SEARCHED_AT_MOST_CHARS
    for one in item.fields:
        kind = _kind_of(one)
        is_text = isinstance(one.value, str) and not _OF_LENS.search(one.path)
        if is_text and kind not in (RevealKind.PLACE, RevealKind.TARGET_PLACE) and room > 0:
            room -= len(str(one.value))
            kind = RevealKind.PLACE if has_place(str(one.value)) else kind
        name = re.sub(r"sample\[\d+\]", "sample[]", one.path)
        if one.value is None:  # a block of several segments
            name = re.sub(r"\[\d+\]$", "[]", f"{name}[0]" if not name.endswith("]") else name)
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
    name = re.sub(r"(?:\[\d+\])+$", "", one.path.rpartition("/")[2])
    if name == "timed":  # a track of its own: what DJI's second one holds is not documented, and places are among it
        return RevealKind.PLACE if str(one.value).split(" ")[1:2] == ["dbgi"] else None
    if name == "name" and "loci" in one.path:
        return RevealKind.PLACE if one.length else None
    local = name.rpartition(":")[2]
    kinds = (kind for kind, is_local, pattern in _NAMES if pattern.fullmatch(local if is_local else name))
    kind = next(kinds, None) or (RevealKind.PLACE if _SHORT_AXIS.fullmatch(local) else None)
    if kind is None and one.value is None and one.length >= _BLOCK_BYTES and _BLOCK.search(one.path):
        return None if _HARMLESS_BLOCK.search(one.path) else RevealKind.LINK
    is_unread = one.value is None and one.length >= _BLOCK_BYTES and kind is not RevealKind.PERSON
    if kind is None or (_is_empty(one.value) and not is_unread):
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
