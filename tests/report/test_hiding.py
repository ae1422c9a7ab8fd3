"""What is hidden around home stays hidden: samples are attacked by their bytes and pixels, homes by their circles."""

from __future__ import annotations

import hashlib
import io
import json
import re
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib import pyplot as plt
from matplotlib.patches import Circle
from pypdf import PdfReader
from pyproj import Geod

import dronecheck
from dronecheck import Disclosure
from dronecheck.flight import OPERATOR, Event, EventKind, Home
from dronecheck.geofence.engine import check
from dronecheck.geofence.result import Place
from dronecheck.report import figures
from dronecheck.report.case import Case
from dronecheck.report.json.encode import encode, result_document
from dronecheck.report.page import page
from dronecheck.report.page.map import draw_map
from dronecheck.report.privacy import redact
from dronecheck.report.privacy.circles import Circles
from dronecheck.report.privacy.homes import HomePlace, Homes, PlaceKind
from dronecheck.report.terminal.check import summary
from dronecheck.report.text.words import words
from tests.conftest import REPO, make_flight
from tests.report.test_html import places_of
from tests.support.dji_header import MadeHeader
from tests.support.scale import examples, full_only

GEOD = Geod(ellps="WGS84")
SAMPLES = sorted(
    path for path in (REPO / "samples").iterdir()
    if path.suffix in (".ulg", ".csv", ".SRT", ".bin", ".gpx", ".igc", ".log", ".tlog", ".txt", ".DAT")
)  # fmt: skip
QUICK = (
    "founding_dandong_sinuiju.ulg",
    "founding_dandong_sinuiju.SRT",
    "bank_hugging_dandong.ulg",
    "restricted_zone.csv",
)
END_IN_THE_AIR = ("cut_short.ulg",)
HIDE_M = 250.0
TRACKS = ("csv", "geojson", "gpx", "kml", "gpkg", "parquet")
EXPORTS = ("geojson", "gpkg", "parquet", "kml", "gpx", "csv")
NUMBER = re.compile(r"-?\d{1,3}\.\d{3,}")
METRES_A_DEGREE = 111_195.0


def homes_by_eye(flight):
    """Where it took off and landed, as the samples were made: their first and last fix; and the logged home point."""
    rows = [0] if flight.source.path.name in END_IN_THE_AIR else [0, -1]
    tracks = [track for name, track in flight.tracks.items() if name != OPERATOR]
    found = [(float(track.lat_deg[row]), float(track.lon_deg[row])) for track in tracks for row in rows]
    return [*found, *([(flight.home.lat_deg, flight.home.lon_deg)] if flight.home else [])]


def least_m(pairs, homes):
    """The distance of the nearest pair of numbers, read either way round, from the nearest of the homes (1e9: none)."""
    pairs = np.asarray(pairs, dtype=np.float64).reshape(-1, 2)
    pairs = pairs[(np.abs(pairs) <= 360.0).all(axis=1)]
    nearest = 1e9
    both = np.concatenate([pairs, pairs[:, ::-1]])
    for home_lat, home_lon in homes:
        near = both[(np.abs(both[:, 0] - home_lat) < 0.05) & (np.abs(both[:, 1] - home_lon) < 0.05)]
        if len(near):
            many = np.full(len(near), home_lon), np.full(len(near), home_lat)
            nearest = min(nearest, float(np.min(GEOD.inv(near[:, 1], near[:, 0], *many)[2])))
    return nearest


def pairs_in_text(text):
    """Neighbouring numbers that can be a place."""
    found = [(float(m[0]), m.start(), m.end()) for m in NUMBER.finditer(text)]
    return [(a, b) for (a, _, end), (b, start, _) in pairwise(found) if start - end <= 40]


def pairs_in_bytes(raw, homes):
    """Neighbouring doubles of either byte order, at every place of the bytes, that can be a place."""
    found = []
    for kind in ("<f8", ">f8"):
        for first in range(8):
            values = np.frombuffer(raw[first : first + (len(raw) - first) // 8 * 8], kind)
            with np.errstate(invalid="ignore"):
                is_near = np.abs(values[:-1, None] - np.array(homes).ravel()).min(axis=1) < 0.05
            at = np.flatnonzero(is_near)
            found += np.column_stack([values[at], values[at + 1]]).tolist()
    return found


def pairs_in(path, homes):
    """Everything in a file that can be a place: in its text, its doubles, its geometries."""
    raw = path.read_bytes()
    found = pairs_in_text(raw.decode("latin-1"))
    if path.suffix != ".parquet":  # bytes that are compressed make places that are none
        found += pairs_in_bytes(raw, homes)
    if path.suffix == ".pdf":
        found += pairs_in_text("\n".join(leaf.extract_text() for leaf in PdfReader(io.BytesIO(raw)).pages))
    if path.suffix == ".gpkg":
        for layer, _ in pyogrio.list_layers(path):
            shapes = [g for g in pyogrio.read_dataframe(path, layer=layer).geometry if g is not None]
            found += shapely.get_coordinates(np.array(shapes, dtype=object)).tolist()
    if path.suffix == ".parquet":
        found += pairs_in_text(str(pq.read_metadata(path).metadata))
        table = pq.read_table(path).to_pydict()
        shapes = [shapely.from_wkb(wkb) for wkb in table.get("geometry", ()) if wkb is not None]
        found += shapely.get_coordinates(np.array(shapes, dtype=object)).tolist()
        for lat, lon in (("lat_deg", "lon_deg"), ("entry_lat_deg", "entry_lon_deg"), ("exit_lat_deg", "exit_lon_deg")):
            ends = zip(table.get(lat, ()), table.get(lon, ()), strict=True)
            found += [pair for pair in ends if None not in pair]
    return found


@pytest.mark.parametrize(
    "log", [pytest.param(p, id=p.name, marks=() if p.name in QUICK else full_only) for p in SAMPLES]
)
def test_no_output_holds_a_place_near_home(log, cli, tmp_path):
    homes = homes_by_eye(dronecheck.read(log))
    least = {}
    for hide in ((), ("--hide-home", HIDE_M)):
        folder = tmp_path / ("hidden" if hide else "open")
        folder.mkdir()
        exports = [word for suffix in EXPORTS for word in ("--export", folder / f"result.{suffix}")]
        outs = ["--json", folder / "a.json", "--report", folder / "a.html", "--pdf", folder / "a.pdf", *exports]
        near_zones = ["--zones", REPO / "samples" / "restricted_zone.geojson"]
        _, said, warned = cli("check", log, *near_zones, "--plots", folder / "plots", *outs, *hide)
        (folder / "said.txt").write_text(said + warned)
        for suffix in TRACKS:
            cli("track", log, "-o", folder / f"track.{suffix}", *hide)
        files = [path for path in folder.rglob("*") if path.is_file()]
        least[bool(hide)] = {path.name: least_m(pairs_in(path, homes), homes) for path in files}
    assert {f"track.{suffix}" for suffix in TRACKS} | {"map.png", "a.pdf", "a.json"} <= set(least[True])
    assert {name: away for name, away in least[True].items() if away <= HIDE_M} == {}
    found = [name for name, away in least[False].items() if away <= 1.0]  # else this test would see nothing
    assert {f"track.{suffix}" for suffix in TRACKS} <= set(found)


# ---- pixels and the page's metres


def degrees_of_pixels(axes):
    """What turns pixels into degrees, by the labels of the axes alone."""

    def line(ticks, texts, negative):
        pixels, degrees = [], []
        for at, text in zip(ticks, texts, strict=True):
            value = float(text.rstrip("EWNS").rstrip("°")) * (-1 if text[-1] == negative else 1)
            pixels.append(at)
            degrees.append(value)
        return np.polyfit(pixels, degrees, 1)

    x_px = [axes.transData.transform((at, 0))[0] for at in axes.get_xticks()]
    y_px = [axes.transData.transform((0, at))[1] for at in axes.get_yticks()]
    by_x = line(x_px, [t.get_text() for t in axes.get_xticklabels()], "W")
    by_y = line(y_px, [t.get_text() for t in axes.get_yticklabels()], "S")
    return lambda x, y: np.column_stack([np.polyval(by_y, y), np.polyval(by_x, x)])


def drawn_places(figure):
    """Return where pixels differ with and without the flight's own lines and marks, in degrees; and metres a pixel."""
    axes = figure.axes[0]
    own = [artist for artist in (*axes.lines, *axes.collections) if artist.get_zorder() >= 4.8]
    for circle in axes.patches:  # of the error of fixes that are shown
        circle.set_visible(not isinstance(circle, Circle))
    for line in own:
        if hasattr(line, "set_marker"):
            line.set_markersize(2)  # a mark's middle is its place
    pictures = []
    for is_shown in (True, False):
        for artist in own:
            artist.set_visible(is_shown)
        figure.canvas.draw()
        pictures.append(np.asarray(figure.canvas.buffer_rgba()).astype(np.int64))
    y, x = np.nonzero((pictures[0] != pictures[1]).any(axis=2))
    places = degrees_of_pixels(axes)(x, pictures[0].shape[0] - 1 - y)
    width_px = axes.get_window_extent().width
    return places, float(np.ptp(axes.get_xlim())) / width_px


@pytest.mark.parametrize(
    "log", [pytest.param(p, id=p.name, marks=() if p.name in QUICK[:2] else full_only) for p in SAMPLES]
)
def test_no_pixel_of_a_map_lies_near_home(log):
    case = dronecheck.answer(log, dronecheck.settings.Options().setup())
    homes = homes_by_eye(case.flight)
    for hide_m in (None, HIDE_M):
        seen = redact(case, Disclosure(hide_home_m=hide_m))
        made = figures.plots(seen)["map"]
        with plt.rc_context({"backend": "agg"}):
            places, metres_a_pixel = drawn_places(made)
        assert len(places) > 20
        away_m = least_m(places, homes)
        on_page_m = least_m(places_of(page(seen), draw_map(seen, words("en")).view), homes)
        if hide_m is None:
            assert away_m < 5 * metres_a_pixel and on_page_m < 1.0
        else:
            assert away_m > hide_m - 4 * metres_a_pixel  # half a line's width, and the rounding of labels
            assert on_page_m > hide_m - 0.2  # rounded to the decimetre
    plt.close("all")


# ---- the circles


@given(
    digest=st.binary(min_size=32, max_size=32), angle=st.floats(0, 360), share=st.floats(0, 1), lat=st.floats(-80, 80)
)
@settings(max_examples=examples(200))
def test_all_within_the_radius_is_out_and_the_middle_is_not_home(digest, angle, share, lat):
    homes = Homes((HomePlace(PlaceKind.TAKEOFF, Place(lat, 179.999)),), digest.hex())
    circles = Circles.around(homes, 300.0)
    ((lon_, lat_),) = circles.middles
    moved_m = GEOD.inv(179.999, lat, lon_, lat_)[2]
    assert moved_m <= 300.0 + 1e-6
    assert circles.radius_m == pytest.approx(300.0 + moved_m, abs=1.1)
    lon, near_lat, _ = GEOD.fwd(179.999, lat, angle, 300.0 * share)
    assert circles.hides(Place(near_lat, lon))
    beyond_lon, beyond_lat, _ = GEOD.fwd(lon_, lat_, angle, circles.radius_m + 1.0)
    assert not circles.hides(Place(beyond_lat, beyond_lon))
    assert Circles.around(homes, 300.0).middles.tolist() == circles.middles.tolist()


def test_the_rim_of_the_circle_does_not_give_home_back():
    """Whoever prolongs two straight ways in, or fits a circle to the rim, misses home by much of the radius."""
    missed = []
    for number in range(200):
        digest = hashlib.sha256(bytes([number])).hexdigest()
        circles = Circles.around(Homes((HomePlace(PlaceKind.TAKEOFF, Place(40.0, 124.0)),), digest), 300.0)
        missed.append(GEOD.inv(124.0, 40.0, *circles.middles[0])[2])
    assert np.median(missed) == pytest.approx(300.0 * np.sqrt(0.5), abs=25.0)  # as likely anywhere within


def test_a_log_read_twice_is_hidden_alike_and_its_second_digest_is_shown_nowhere(tmp_path, cli):
    log = REPO / "samples" / "founding_dandong_sinuiju.gpx"
    one, two = dronecheck.read(log), dronecheck.read(log)
    digest = one.source.private_digest
    assert (
        digest
        == two.source.private_digest
        == hashlib.sha256(b"dronecheck/hide-home/file\0" + log.read_bytes()).hexdigest()
    )
    assert digest != one.source.sha256
    case = Case(one, None, check(one))
    seen = redact(case, Disclosure(hide_home_m=HIDE_M))
    told = [repr(one), repr(one.source), repr(case), repr(seen.disclosure), page(seen), case.result.to_json()]
    cli("audit", "run", log, "--out", tmp_path / "audit")
    told += [path.read_bytes().decode("latin-1") for path in (tmp_path / "audit").rglob("*") if path.is_file()]
    assert len(told) > 6
    assert not [text for text in told if digest in text]


# ---- what tells home


def clip(height_m, *, at_rest=(False, False), events=(), **more):
    """A kilometre due east from (47, 8), 100 s, with heights above take-off (None: the log has none)."""
    share = np.linspace(0, 1, 101)
    share[:4] = 0.0 if at_rest[0] else share[:4]
    share[-4:] = 1.0 if at_rest[1] else share[-4:]
    lat, lon = np.full(101, 47.0), 8.0 + share * 1000.0 / (METRES_A_DEGREE * np.cos(np.radians(47.0)))
    heights = {} if height_m is None else {"alt_home_m": np.interp(np.arange(101), (0, 50, 100), height_m)}
    return make_flight(lat, lon, dt_s=1.0, events=events, **heights, **more)


@pytest.mark.parametrize(
    ("flight", "hidden"),
    [
        (clip((60, 80, 0)), "end"),  # a film that lands, and shows no take-off
        (clip((0, 80, 60)), "start"),
        (clip((60, 80, 60), at_rest=(True, True)), ""),  # it hovers
        (clip((60, 80, 60)), ""),
        (clip(None, at_rest=(False, True)), "end"),  # no heights: at rest may be on the ground
        (clip(None), ""),
        (clip((60, 80, 60), events=[(100, "land")]), "end"),  # on a hill
        (clip((60, 80, 60), events=[(0, "disarm")]), "start"),
        (clip(None, alt_amsl_m=np.interp(np.arange(101), (0, 50, 100), (300, 380, 300))), "start end"),
        (clip((60, 80, 60), is_idle=np.arange(101) > 95), "end"),
    ],
)  # fmt: skip
def test_the_ends_of_a_log_that_may_lie_at_home_are_hidden(flight, hidden):
    seen = redact(Case(flight, None, check(flight)), Disclosure(hide_home_m=100.0))
    rows = set(seen.rows.tolist())
    assert {"start": 0 not in rows, "end": 100 not in rows} == {name: name in hidden for name in ("start", "end")}
    said = seen.hiding_note(words("en"))
    assert ("Nothing could be hidden" in said) is (not hidden) is ("is left out" not in said)
    if not hidden:
        assert len(seen.rows) == 101


def test_a_home_point_apart_from_the_take_off_is_hidden_too():
    flight = replace(clip((60, 80, 60)), home=Home(47.0005, 8.0 + 500.0 / METRES_A_DEGREE / np.cos(np.radians(47.0))))
    seen = redact(Case(flight, None, check(flight)), Disclosure(hide_home_m=100.0))
    away_m = GEOD.inv(
        seen.flight.track.lon_deg, seen.flight.track.lat_deg,
        np.full(len(seen.rows), flight.home.lon_deg), np.full(len(seen.rows), flight.home.lat_deg),
    )[2]  # fmt: skip
    assert 0 < len(seen.rows) < 101 and min(away_m) > 100.0
    assert "the home point" in seen.hiding_note(words("en"))


def over_home():
    """Two flights past one home, where it lands between them; and one long step right over it."""
    lon = 8.0 + np.concatenate([np.linspace(-0.02, 0, 41), np.linspace(0, 0.02, 41), [-0.02]])
    lat = np.full(len(lon), 47.0)
    away = np.abs(lon - 8.0)
    steps = np.full(len(lon) - 1, 5.0)
    steps[-1] = 200.0
    flight = make_flight(lat, lon, dt_s=steps, alt_home_m=4000 * away, is_idle=(away < 1e-9))
    return Case(flight, None, check(flight))


@pytest.mark.parametrize("suffix", ["gpx", "kml", "geojson"])
def test_no_line_is_drawn_across_what_is_hidden(suffix, tmp_path, monkeypatch):
    from dronecheck.report.export.result import encode_result
    from dronecheck.report.export.track import write_track

    seen = redact(over_home(), Disclosure(hide_home_m=100.0))
    home = shapely.Point(8.0, 47.0)
    write_track(seen.flight, tmp_path / f"track.{suffix}")
    for raw in ((tmp_path / f"track.{suffix}").read_text(), encode_result(seen, f".{suffix}").decode()):
        if suffix == "geojson":
            found = json.loads(raw)
            shapes = [f["geometry"] for f in found.get("features", [found]) if f["geometry"]]
            lines = [np.array(shapely.get_coordinates(g)) for s in shapes
                     for g in shapely.get_parts(shapely.from_geojson(json.dumps(s)))]  # fmt: skip
        else:
            parts = re.split(r"</trkseg>|</gx:Track>|</LineString>", raw)
            pattern = (
                r'lat="([\d.]+)" lon="([\d.]+)"'
                if suffix == "gpx"
                else r"<gx:coord>([\d.]+) ([\d.]+)|(8\.\d+|7\.\d+),(47\.\d+|47)"
            )
            lines = []
            for part in parts:
                pairs = [[float(v) for v in m.groups() if v] for m in re.finditer(pattern, part)]
                lines.append(np.array([p[::-1] if suffix == "gpx" else p for p in pairs]))
        lines = [line for line in lines if len(line) > 1]
        assert sum(map(len, lines)) > 40
        assert all(shapely.distance(home, shapely.LineString(line)) * METRES_A_DEGREE * 0.68 > 100.0 for line in lines)


# ---- refusals, messages, several logs


def test_what_is_said_of_an_encrypted_record_names_no_place(cli, tmp_path):
    """Neither its answer nor the refusal of one whose header is damaged, and a track there is none to write."""
    made, log = MadeHeader(lat_deg=40.1234, lon_deg=124.3456), tmp_path / "DJIFlightRecord.txt"
    for record, answer in ((made, 4), (made.but(mark=1), 3)):
        log.write_bytes(record.bytes())
        for command, code in (
            (["check", log, "--json", tmp_path / "a.json"], answer),
            (["track", log, "-o", "a.csv"], 3),
        ):
            told, said, warned = cli(*command, "--hide-home", 200)
            assert told == code and "encrypted" in said + warned
            assert not pairs_in_text(said + warned) and "40.12" not in said + warned
        assert not re.search(r"40\.12|124\.34", (tmp_path / "a.json").read_text())
    log.write_bytes(made.bytes())
    cli("check", log, "--json", tmp_path / "a.json")
    assert "40.1234" in (tmp_path / "a.json").read_text()


def test_numbers_in_the_logs_own_words_do_not_tell_how_far_home_is():
    flight = clip((0, 80, 60), events=[(0, "takeoff")])
    text = "Warning: RTH failed, home is 346 m off at 47.00012,8.0003, battery 2"
    flight = replace(flight, events=(*flight.events, Event(int(flight.track.time_ns[50]), EventKind.MESSAGE, text)))
    (event,) = (
        e for e in result_document(redact(Case(flight, None, check(flight)), Disclosure(True, 100.0))).flight.events
        if e.kind is EventKind.MESSAGE
    )  # fmt: skip
    assert event.text == "Warning: RTH failed, home is ... m off at ...,..., battery 2"


def film(path, height_m, east_m):
    """Write a film's positions, one a second."""
    lines = []
    for number, (height, east) in enumerate(zip(height_m, east_m, strict=True), 1):
        lon = 124.390395 + east / (METRES_A_DEGREE * np.cos(np.radians(40.1176)))
        lines.append(
            f"{number}\n00:{(number - 1) // 60:02d}:{(number - 1) % 60:02d},000 --> "
            f'00:{number // 60:02d}:{number % 60:02d},000\n<font size="28">FrameCnt: {number}, DiffTime: 1000ms\n'
            f"2025-09-20 14:4{path.stem[-1]}:{number % 60:02d}.270\n[iso: 100] [latitude: 40.117600] "
            f"[longitude: {lon:.6f}] [rel_alt: {height:.3f} abs_alt: {height + 39:.3f}] </font>\n"
        )
    path.write_text("\n".join(lines))
    return path


def test_logs_of_one_command_hide_the_homes_of_all(cli, tmp_path):
    """The first film flies over the home that only the second tells, by landing there."""
    over = film(tmp_path / "film1.SRT", [60.0] * 60, np.linspace(-600, 600, 60))
    lands = film(tmp_path / "film2.SRT", np.linspace(80, 0, 60), np.linspace(900, 0, 60))
    home = [(40.1176, 124.390395)]
    for logs, is_told in (([over], True), ([over, lands], False)):
        out = tmp_path / "out.json"
        pages = tmp_path / ("pages" if len(logs) > 1 else "page.html")
        _, said, _ = cli("check", *logs, "--hide-home", 200, "--json", out, "--report", pages)
        assert ("Nothing could be hidden" in said) is is_told
        assert ("what the other logs tell" in said) is not is_told
        document = json.loads(out.read_text().splitlines()[0] if len(logs) > 1 else out.read_text())
        assert document["method"]["options"]["hide_home_m"] == 200
        pages = [p for p in pages.iterdir() if p.name != "index.html"] if len(logs) > 1 else [pages]
        moving = [json.loads(re.search(r'id="track"[^>]*>(.*?)</script>', p.read_text(), re.DOTALL)[1]) for p in pages]
        steps = [np.hypot(np.diff(m["x"]), np.diff(m["y"])) for m in moving]
        assert (max(map(max, steps)) > 400) is not is_told  # the hole
    assert least_m(pairs_in_text("".join(p.read_text() for p in pages)), home) > 200


# ---- distances and times


def test_no_distance_below_5_km_and_no_instant_in_the_circle_is_told(cli, tmp_path):
    for log in ("bank_hugging_dandong.ulg", "founding_dandong_sinuiju.ulg", "clear_dandong.csv", "restricted_zone.csv"):
        case = dronecheck.answer(
            REPO / "samples" / log,
            dronecheck.settings.Options(zones=(REPO / "samples/restricted_zone.geojson",)).setup(),
        )
        seen = redact(case, Disclosure(hide_home_m=HIDE_M))
        document = json.loads(encode(result_document(seen), indent=False))
        told = []
        for each in (*document["findings"], *document["nearest"]):
            if each.get("kind") != "altitude_limit":
                told += [each.get(name) for name in ("depth_m", "margin_m", "distance_m")]
                told += [
                    v
                    for c in each.get("clauses", ())
                    for n, v in c["values"].items()
                    if n in ("depth_m", "distance_m", "margin_m")
                ]
        assert told
        assert [value for value in told if value is not None and abs(value) < 5_000] == []
        made = figures.plots(seen)
        assert "border_distance" not in made
        said = summary(seen.whole, seen.told, logged=seen.logged, shown=seen.flight.track, width=100) + " ".join(
            text.get_text() for figure in made.values() for axes in figure.axes for text in axes.texts
        )
        assert not re.search(r"[\d.]+ k?m (inside|outside|from)", said), log
        plt.close("all")


def test_length_of_the_way_and_light_are_those_of_what_is_shown():
    """The way in the circle, known to the millimetre, would be an ellipse through home; the second of dusk a line."""
    case = over_home()
    seen = redact(case, Disclosure(hide_home_m=100.0))
    track = seen.flight.track
    flown_m = GEOD.inv(track.lon_deg[:-1], track.lat_deg[:-1], track.lon_deg[1:], track.lat_deg[1:])[2]
    expected = flown_m[~seen.is_cut()].sum()
    assert result_document(seen).flight.distance_m == pytest.approx(expected, abs=0.5)
    assert expected < case.result.distance_m - 150
    assert len(track) and seen.light is not None and seen.light.begin is not None


@pytest.mark.parametrize("hide_m", [None, 60.0])
def test_times_on_plots_are_those_of_terminal_and_page(hide_m):
    log = REPO / "samples" / "founding_dandong_sinuiju.ulg"
    case = dronecheck.answer(log, dronecheck.settings.Options().setup())
    flight = replace(case.flight, clock=replace(case.flight.clock, utc_known=False))
    seen = redact(Case(flight, None, check(flight)), Disclosure(hide_home_m=hide_m))
    text = " | ".join(t.get_text() for t in figures.plots(seen)["map"].axes[0].texts)
    told = summary(seen.whole, seen.told)
    entered = re.search(r"1 in (\+[\d.]+ s)", text)
    assert entered and f"in   {entered[1]}" in told
    assert entered[1] in page(seen)
    plt.close("all")
