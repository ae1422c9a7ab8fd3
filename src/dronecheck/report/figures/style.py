"""What the figures share: colours that differ in grey too, fonts, safe text, titles, footers, the time axis.

Colours are Okabe and Ito's, each with its own line style, hatch or marker. Text from files never reaches mathtext.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from typing import Any
from unicodedata import east_asian_width

import matplotlib
import numpy as np
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.axis import XAxis, YAxis
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ft2font import FT2Font
from matplotlib.text import Text
from matplotlib.ticker import AutoLocator
from matplotlib.transforms import Bbox

from dronecheck.arrays import Floats, Ints
from dronecheck.flight import Flight
from dronecheck.geofence.result import OF_PLACES, Finding, Result, Verdict, ZoneRef
from dronecheck.quantities import AxisUnit
from dronecheck.report.text.headline import VERDICT_WORDS, finding_title, headline
from dronecheck.report.text.words import AskedWords, Words, words
from dronecheck.report.views.along import Along
from dronecheck.report.views.files import log_title
from dronecheck.safe.io import plain
from dronecheck.timebase import instant, iso_utc

__all__ = [
    "BLUE",
    "CROSSING_MARKS",
    "DARK",
    "DPI",
    "FACT_LOOK",
    "GREEN",
    "GREY",
    "LOOKS",
    "ORANGE",
    "PURPLE",
    "SKY",
    "VERMILLION",
    "Look",
    "TimeAxis",
    "below_answer",
    "can_draw",
    "crossing_marks",
    "drawn_words",
    "figure",
    "fitted",
    "folded",
    "footer",
    "footer_lines",
    "look_of",
    "make_room",
    "own_settings",
    "shown",
    "smaller_to",
    "title",
    "told_in",
    "with_breaks",
    "zone_name",
]


DPI = 150
DARK, GREY = "#222222", "#777777"
ORANGE, SKY, GREEN, BLUE = "#E69F00", "#56B4E9", "#009E73", "#0072B2"
VERMILLION, PURPLE = "#D55E00", "#CC79A7"

_TITLE_CHARS, _NAME_CHARS, _LEAST_CHARS = 130, 70, 12
_FOOTER_IN, _APART_IN = 0.1, 0.06  # of the small print from the lower edge, and from what is above
_TICK_STEPS_S = (
    1e-3, 2e-3, 5e-3, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800,
    3600, 7200, 10800, 21600, 43200, 86400,
)  # fmt: skip

# DejaVu Sans comes with matplotlib; the first of these that is installed draws what it lacks.
_CJK_FONTS = (
    "Noto Sans CJK SC", "Noto Sans CJK KR", "Noto Sans CJK JP", "Noto Sans SC", "Noto Sans KR", "Source Han Sans SC",
    "Source Han Sans", "WenQuanYi Zen Hei", "WenQuanYi Micro Hei", "Droid Sans Fallback", "Microsoft YaHei",
    "Malgun Gothic", "PingFang SC", "Apple SD Gothic Neo", "Hiragino Sans GB", "SimHei", "NanumGothic",
    "Arial Unicode MS",
)  # fmt: skip
_FONTS_AT_MOST = 3
_LETTERS = {"en": "", "zh": "中国", "ko": "한국"}  # no font has these and lacks the rest of its language


@dataclass(frozen=True, slots=True)
class Look:
    """How a stretch inside something is drawn, by verdict: colour, line style and hatch all differ."""

    colour: str
    line: Any
    hatch: str


LOOKS = {
    Verdict.VIOLATION: Look(VERMILLION, "solid", "////"),
    Verdict.INCONCLUSIVE: Look(ORANGE, (0, (1.0, 0.9)), "...."),
    Verdict.CLEAR: Look(BLUE, (0, (4.0, 1.2)), "\\\\\\\\"),
}

FACT_LOOK = Look(BLUE, "solid", "////")
CROSSING_MARKS = {"in": ("s", VERMILLION, 10.0), "out": ("o", BLUE, 6.5)}  # as on the page; both seen where they meet


_FACT_MARKS = {"in": ("s", DARK, 10.0), "out": ("o", GREY, 6.5)}


def look_of(finding: Finding, say: Words) -> Look:
    """Return the look of a finding's intervals: by its verdict, unless only facts are told."""
    return FACT_LOOK if say.facts_only else LOOKS[finding.verdict]


def crossing_marks(say: Words) -> dict[str, tuple[str, str, float]]:
    """Return marker, colour and size of entries and exits."""
    return _FACT_MARKS if say.facts_only else CROSSING_MARKS


@contextmanager
def own_settings() -> Iterator[None]:
    """Set matplotlib to its defaults, whatever the user's own settings file says; restored afterwards."""
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(
            {
                "text.parse_math": False,
                "font.family": list(_families()),
                "font.size": 9.0,
                "axes.labelsize": 9.5,
                "xtick.labelsize": 8.5,
                "ytick.labelsize": 8.5,
                "legend.fontsize": 8.5,
                "hatch.linewidth": 0.6,
                "agg.path.chunksize": 20_000,  # one path of a million fixes is too much for Agg
            }
        )
        yield


@cache
def _families() -> tuple[str, ...]:
    return ("DejaVu Sans", *(_installed() or _installed_since())[:_FONTS_AT_MOST])


def _installed() -> list[str]:
    """List the fonts for Chinese and Korean that matplotlib knows."""
    known = {entry.name for entry in font_manager.fontManager.ttflist}
    return [name for name in _CJK_FONTS if name in known]


def _installed_since() -> list[str]:
    """Look again at the system's fonts: matplotlib lists them once and keeps the list for ever."""
    known = {entry.fname for entry in font_manager.fontManager.ttflist}
    for path in font_manager.findSystemFonts():
        if path not in known:
            with suppress(OSError, RuntimeError):  # no font, or one that FreeType cannot read
                font_manager.fontManager.addfont(path)
    return _installed()


@cache
def _glyphs(family: str) -> frozenset[int]:
    return frozenset(FT2Font(font_manager.findfont(family)).get_charmap())


def shown(text: object, limit: int = 60) -> str:
    """Return text from a file made safe to draw.

    Characters that no font here has are written as escapes, not as boxes.
    """
    return "".join(c if ord(c) < 127 or _has_glyph(c) else _escape(c) for c in plain(text, limit))


def can_draw(text: str) -> bool:
    """Tell whether the fonts here have all characters of a text."""
    return all(ord(c) < 127 or _has_glyph(c) for c in text)


def drawn_words(asked: AskedWords, *, facts_only: bool = False) -> Words:
    """Return the words to draw with; English ones where no font here has the language's letters."""
    language = asked.language if can_draw(_LETTERS[asked.language]) else "en"
    return words(language, units=asked.units, facts_only=facts_only)


def told_in(drawn: XAxis | YAxis, axis: AxisUnit) -> None:
    """Write at an axis of SI units round figures of another unit."""
    if axis.per_si != 1.0:
        drawn.set_major_locator(_RoundIn(axis.per_si))
        drawn.set_major_formatter(lambda value, _: f"{value * axis.per_si:g}")


class _RoundIn(AutoLocator):
    """Finds ticks that are round in another unit than the data's."""

    def __init__(self, per_unit: float) -> None:
        super().__init__()
        self.per_unit = per_unit

    def tick_values(self, vmin: float, vmax: float) -> list[float]:
        """Return the ticks between two values of the data."""
        ticks = super().tick_values(vmin * self.per_unit, vmax * self.per_unit)
        return [float(tick) / self.per_unit for tick in ticks]


def folded(text: str, width: int, say: Words, most: int | None = None) -> list[str]:
    """Break a text into lines of `width` columns, of which a Chinese or Korean letter takes two; at most so many."""
    if say.language != "en":  # a letter two columns wide counts as two
        text = "".join(f"{char}\0" if east_asian_width(char) in "WF" else char for char in text)
    lines = textwrap.wrap(text, width, max_lines=most, placeholder=" …")
    return [line.replace("\0", "") for line in lines]


def _has_glyph(char: str) -> bool:
    return any(ord(char) in _glyphs(family) for family in _families())


def _escape(char: str) -> str:
    return f"\\u{ord(char):04x}" if ord(char) < 0x10000 else f"\\U{ord(char):08x}"


def figure(width_in: float, height_in: float) -> Figure:
    """Return an empty figure on the Agg canvas; pyplot's global state is not touched."""
    made = Figure(figsize=(width_in, height_in), dpi=DPI, facecolor="white")
    FigureCanvasAgg(made)
    return made


def title(made: Figure, flight: Flight, result: Result, say: Words) -> None:
    """Write the verdict (if it may be told) and the file's name, and below it the whole answer with its scope."""
    height_in = made.get_figheight()
    look: dict[str, Any] = {"size": 13, "weight": "bold"}
    lengths = range(_NAME_CHARS, 0, -5)
    titles = (f"{_verdict_words(result, say)}{shown(log_title(flight), length)}" for length in lengths)
    fitting = next((text for text in titles if _width_px(made, text, **look) <= _room_px(made)), "")
    made.text(0.02, 1 - 0.14 / height_in, fitting, va="top", **look)
    lines = fitted(made, shown(_answer(result, say), 400), _TITLE_CHARS, say, most=3 if say.facts_only else 2, size=9)
    made.text(0.02, 1 - 0.42 / height_in, "\n".join(lines), size=9, va="top")


def below_answer(made: Figure, note: str, say: Words) -> None:
    """Write a line below the answer's two or, where facts are told, three."""
    if note:
        (line,) = fitted(made, shown(note, 400), 2 * _TITLE_CHARS, say, most=1, size=8)
        below_in = 0.84 if say.facts_only else 0.7
        made.text(0.02, 1 - below_in / made.get_figheight(), line, size=8, color=DARK, va="top")


def fitted(made: Figure, text: str, chars: int, say: Words, most: int | None = None, *, size: float) -> list[str]:
    """Break a text into lines of at most so many columns that are no wider than the figure has room for."""
    while True:
        lines = folded(text, chars, say, most)
        widest_px = max((_width_px(made, line, size=size) for line in lines), default=0.0)
        if widest_px <= _room_px(made) or chars <= _LEAST_CHARS:
            return lines
        chars = max(_LEAST_CHARS, min(chars - 1, int(chars * _room_px(made) / widest_px)))


def smaller_to(text: Text, room_px: float) -> None:
    """Make a text at the side smaller where it is longer than its room; what must be read is no smaller than 8."""
    long_px = float(text.get_window_extent().height)
    if long_px > room_px:
        text.set_fontsize(max(8.0, float(text.get_fontsize()) * room_px / long_px))


def _width_px(made: Figure, text: str, **look: Any) -> float:
    return float(_extent(made, text, **look).width)


def _extent(made: Figure, text: str, **look: Any) -> Bbox:
    assert isinstance(made.canvas, FigureCanvasAgg)
    probe = Text(0, 0, text, figure=made, parse_math=False, **look)
    return probe.get_window_extent(made.canvas.get_renderer())  # type: ignore[no-untyped-call]


def _room_px(made: Figure) -> float:
    return 0.965 * float(made.bbox.width)


def _answer(result: Result, say: Words) -> str:
    """Return the headline; a territory's name that no font here can draw gives way to its code."""
    text = headline(result, say, brief=True)
    for finding in result.findings:
        if finding.zone and finding.zone.kind == "border":
            text = text.replace(finding.zone.name, zone_name(finding.zone))
    return text


def zone_name(zone: ZoneRef) -> str:
    """Return a zone's name, ready to draw; the code of a territory whose name no font here can draw."""
    return shown(zone.id if zone.kind == "border" and not can_draw(zone.name) else zone.name, 50)


def _verdict_words(result: Result, say: Words) -> str:
    """Return what stands before a plot's name."""
    if say.facts_only:
        return ""
    deciding = [f for f in result.findings if f.verdict is result.verdict]
    if deciding and all(f.kind not in OF_PLACES for f in deciding):
        return f"{finding_title(deciding[0], say)} – "
    return f"{say(VERDICT_WORDS[result.verdict])} – "


def footer(made: Figure, notes: list[str], say: Words) -> None:
    """Write small print at the lower edge, bottom line last."""
    text = "\n".join(footer_lines(made, notes, say))
    made.text(0.02, _FOOTER_IN / made.get_figheight(), text, size=8, va="bottom", color="#444444")


def footer_lines(made: Figure, notes: list[str], say: Words) -> list[str]:
    """Return the lines that the small print takes; a translation says that it is one."""
    if say.language != "en":
        notes = [*notes, say("Unreviewed translation; the English text holds.")]
    width_chars = int(made.get_figwidth() * 16.5)
    return [line for note in notes for line in fitted(made, shown(note, 400), width_chars, say, size=8)]


def make_room(made: Figure, notes: list[str], say: Words) -> None:
    """Make a figure taller where its small print would meet the lowest axis; the axes so far move up."""
    assert isinstance(made.canvas, FigureCanvasAgg)
    renderer = made.canvas.get_renderer()  # type: ignore[no-untyped-call]
    boxes = [box for axes in made.axes if (box := axes.xaxis.get_tightbbox(renderer)) is not None]
    lowest_in = min((float(box.y0) for box in boxes), default=0.0) / DPI
    print_in = _extent(made, "\n".join(footer_lines(made, notes, say)), size=8).height / DPI
    before_in = made.get_figheight()
    after_in = before_in + max(0.0, _FOOTER_IN + print_in + _APART_IN - lowest_in)
    made.set_figheight(after_in)
    for axes in made.axes:
        left, bottom, width, height = axes.get_position().bounds
        bottom_in = bottom * before_in + after_in - before_in
        axes.set_position((left, bottom_in / after_in, width, height * before_in / after_in))


def with_breaks(values: Floats, breaks: Ints) -> Floats:
    """Return the values with a NaN after each row of `breaks`, so that no line is drawn across them."""
    return np.insert(np.asarray(values, dtype=np.float64), breaks + 1, np.nan)


class TimeAxis:
    """Seconds since the first fix for drawing, labelled with UTC where that is known; or rows (see `Along`)."""

    def __init__(self, along: Along, say: Words) -> None:
        self._say, self._along = say, along
        self.start_ns, self.last_s = along.start_ns, along.last
        self.utc_known = along.utc_known and along.is_time

    @property
    def at(self) -> Floats:
        """Return the drawing positions of all rows."""
        return self._along.at

    def instant(self, time_ns: int, sigma_s: float | None = None) -> str:
        """Return an instant as every report writes it."""
        return instant(time_ns, self.start_ns, self._along.utc_known, sigma_s)

    def moment(self, time_ns: int, row: float) -> str:
        """Return an instant, or where there is no axis of time the row."""
        return (
            self.instant(time_ns)
            if self._along.is_time
            else self._say("row {row:.0f}", row=float(self._along.of_rows(np.array(row))))
        )

    def of_rows(self, row: Floats) -> Floats:
        """Return the drawing positions of fractional rows."""
        return self._along.of_rows(row)

    def put_on(self, axes: Axes, label: bool = True) -> None:
        """Set limits, ticks and (for the lowest panel) labels."""
        span_s = max(self.last_s, 1.0)
        axes.set_xlim(self.last_s / 2 - 0.52 * span_s, self.last_s / 2 + 0.52 * span_s)
        step_s = self._step_s(span_s)
        step_ns = round(step_s * 1e9)
        begin_ns = self.start_ns if self.utc_known else 0  # ticks are round by the clock that labels them
        low_s, high_s = (
            self.last_s / 2 - span_s / 2,
            self.last_s / 2 + span_s / 2,
        )  # a label at the rim would be cut off
        first_ns = -(-(begin_ns + round(low_s * 1e9)) // step_ns) * step_ns
        inside = list(range(first_ns, begin_ns + round(high_s * 1e9) + 1, step_ns))
        labels = [self._tick(t, step_s) for t in inside] if label else [""] * len(inside)
        axes.set_xticks([(t - begin_ns) / 1e9 for t in inside], labels)
        if label:
            axes.set_xlabel(self._label())

    def _step_s(self, span_s: float) -> float:
        """Return a round step (s): parts of minutes, hours and days, or decimals where there is no time of day."""
        if self.utc_known:
            return next((s for s in _TICK_STEPS_S if span_s / s <= 8), 86400.0 * float(np.ceil(span_s / 86400 / 8)))
        power = 10.0 ** np.floor(np.log10(span_s / 8))
        return float(next(n * power for n in (1, 2, 5, 10) if span_s / (n * power) <= 8))

    def _tick(self, time_ns: int, step_s: float) -> str:
        if not self.utc_known:
            return f"{time_ns / 1e9:.10g}"
        text = iso_utc(time_ns) or ""
        if step_s >= 86400:
            return text[:10]
        return text[11:23] if step_s < 1 else text[11:19] if step_s < 60 else text[11:16]

    def _label(self) -> str:
        if not self._along.is_time:
            return self._say("Row of the track (the times of its fixes are not all known)")
        if not self.utc_known:
            return self._say("Time since the first fix (s; UTC unknown)")
        first, last = ((iso_utc(self.start_ns + round(s * 1e9)) or "")[:10] for s in (0.0, self.last_s))
        if first == last:
            return self._say("Time (UTC, {day})", day=first)
        return self._say("Time (UTC, {first} to {last})", first=first, last=last)
