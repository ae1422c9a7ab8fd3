"""Draw the charts: curves stretched to the width there is, words in pixels; all along the same axis (`views.along`)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from dronecheck.airspace.zone import Datum, Zone
from dronecheck.arrays import Floats, Ints
from dronecheck.quantities import AxisUnit
from dronecheck.report.page.svg import path, percent, round_steps, text_width_px
from dronecheck.report.privacy import Redacted
from dronecheck.report.text.words import Words
from dronecheck.report.views.heights import Panel, limits_of, panels_of, zones_of_findings
from dronecheck.safe.html import Markup, element, joined, render, safe
from dronecheck.timebase import iso_utc

__all__ = ["Series", "axis_labels", "charts", "curves"]

_COLUMNS = 800  # a chart keeps the lowest and the highest value of each
_WIDTH, _HEIGHT = 900.0, 180.0
_TOP, _BOTTOM = 0.10, 0.86  # of the chart's height, between them the values
_MOST_LIMITS = 4
_MOST_HEIGHTS = 3
_MOST_BAND = 4.0  # times what a chart shows of the curve: a wider band is cut, and looks it
_TYPE_PX, _AXIS_PX, _ABOVE_PX, _BELOW_PX = 12.0, 17.0, -3, 13
_TICKS_PX = 80.0  # of a chart's width, for the words of its ticks
_NARROWEST_PX, _LEAST_WIDE_PX = 294.0, 602.0  # a chart's width, as page.css lays it out
_NARROW_PX, _WIDE_PX = _NARROWEST_PX - _TICKS_PX, _LEAST_WIDE_PX - _TICKS_PX
_APART_PX = 6.0  # between words of the axis
_KEY_LINE, _KEY_AREA = "M2 8H34", "M2 2H34V14H2Z"
_DURING_WORDS = {
    "violation": "ENTERED", "inconclusive": "CANNOT TELL", "clear": "inside, no violation", "fact": "during a finding",
}  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """Hold one curve. Arrays of shape (n,); the curve is broken after each of `breaks`, shape (k,), and by NaN.

    Values, bands and limits are in SI units; what is written at the axis is in the axis' own.
    `band` is around zero, or with `is_around` around the curve; `ground` is a second curve, the ground below.
    """

    key: str
    title: str
    axis: AxisUnit
    at: Floats
    value: Floats
    breaks: Ints
    band: Floats | None = None
    limits: tuple[tuple[float, str], ...] = ()
    is_around: bool = False
    ground: Floats | None = None


def curves(seen: Redacted, breaks: Ints, say: Words) -> list[Series]:
    """Return height, speed and distance to the border in question, as far as the log has them."""
    track = seen.flight.track
    at = seen.along.at
    found = _heights(seen, at, breaks, say)
    if np.isfinite(track.speed_mps).any():
        found.append(Series("v", say("Speed over ground"), say.units.speeds, at, track.speed_mps, breaks))
    border = seen.border
    if border is not None:
        fix = np.clip(np.floor(border.row).astype(np.int64), 0, max(len(track) - 2, 0))
        within = (border.row == fix) | ~np.isin(fix, _cut_rows(seen, breaks))
        row, distance, band = border.row[within], border.distance_m[within], border.band_m[within]
        ended = (
            np.flatnonzero(np.isin(np.floor(row[:-1]).astype(np.int64), breaks)) if len(row) else np.empty(0, np.int64)
        )
        title = say("Distance to the border of {name}, negative inside", name=border.name)
        axis = say.units.distances(float(np.abs(distance).max(initial=0.0)))
        limits = ((0.0, say("border")),)
        found.append(Series("d", title, axis, seen.along.of_rows(row), distance, ended, band, limits))
    return found


def _cut_rows(seen: Redacted, breaks: Ints) -> Ints:
    return np.intersect1d(np.flatnonzero(seen.is_cut()), breaks)


def _heights(seen: Redacted, at: Floats, breaks: Ints, say: Words) -> list[Series]:
    """Return the heights that a limit was held against, with their bands, else the first of the log; and terrain."""
    ground, heights, track = seen.terrain, seen.altitudes, seen.flight.track
    named = zones_of_findings(seen.result, seen.zones)
    known = [(panel, _limits(seen, named, panel, say)) for panel in panels_of(heights)]
    wanted = [(panel, limits) for panel, limits in known if limits] or known[:1]
    over = [(panel, limits) for panel, limits in known if ground is not None and panel.datum is Datum.AMSL]
    wanted = [*wanted, *(pair for pair in over if pair not in wanted)][:_MOST_HEIGHTS]
    found = []
    for number, (panel, limits) in enumerate(wanted):
        below = None
        if ground is not None and panel.datum is Datum.AMSL:
            below, _ = ground.ground_amsl_m(track.lon_deg, track.lat_deg)
        found.append(
            Series(
                f"h{number or ''}",
                say(panel.title),
                say.units.heights,
                at,
                panel.height_m,
                breaks,
                panel.band_m,
                limits,
                True,
                below,
            )
        )
    return found


def _limits(seen: Redacted, named: list[Zone], panel: Panel, say: Words) -> tuple[tuple[float, str], ...]:
    return tuple(limits_of(seen.result, named, panel.datum, say)[:_MOST_LIMITS])


def charts(seen: Redacted, series: list[Series], say: Words) -> Markup:
    """Draw all charts, over the same stretch."""
    last = max(seen.along.last, 1e-9)
    marks = _axis_marks([(at / last, text) for at, text in axis_labels(seen, 0.0, last)])
    during = _during(seen, last, say)
    shaded = [(f"during {look}", _KEY_AREA, say(text)) for look, text in _DURING_WORDS.items()
              if f'class="during {look}"' in joined(during)]  # fmt: skip
    drawn = [_chart(one, seen, last, say) for one in series]
    return render("report/page/charts.html.j2", say=say, charts=drawn, during=during, shaded=shaded, marks=marks,
                  frame=f"0 0 {_WIDTH:g} {_HEIGHT:g}")  # fmt: skip


def _axis_marks(labels: list[tuple[float, str]]) -> list[tuple[str, str, str, str]]:
    """Return look, place, anchor and words of an axis: at its ends beside their tick, and none on another.

    What has no room on a narrow chart stands on a wide one alone.
    """
    found = []
    ends_px = {_LEAST_WIDE_PX: 0.0, _NARROWEST_PX: 0.0}
    for share, text in labels:
        long_px = text_width_px(text, _TYPE_PX)
        near_px = long_px / 2 + 2
        at_begin, at_end = share * _NARROWEST_PX < near_px, (1 - share) * _NARROWEST_PX < near_px
        anchor = "start" if at_begin else "end" if at_end else "middle"
        lead_px = {"start": 0.0, "middle": 0.5, "end": 1.0}[anchor] * long_px
        fits = [width for width, end in ends_px.items() if share * width - lead_px >= end]
        if _LEAST_WIDE_PX not in fits:
            continue
        for width in fits:
            ends_px[width] = share * width - lead_px + long_px + _APART_PX
        look = "when" if _NARROWEST_PX in fits else "when wide"
        found.append((look, percent(share), anchor, text))
    return found


def axis_labels(seen: Redacted, first_s: float, last_s: float) -> list[tuple[float, str]]:
    """Return round times for an axis: seconds since the first fix, and the words; rows where it runs along them."""
    if not seen.along.is_time:
        return [(at, f"{at:.0f}") for at in round_steps(first_s, last_s, 5) if at == round(at)]
    if not seen.whole.clock.utc_known:
        return [(s, f"+{s:g} s") for s in round_steps(first_s, last_s, 5)]
    start_s = int(seen.whole.track.time_ns[0]) / 1e9
    steps = (1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 21600, 43200, 86400)
    step = next((s for s in steps if (last_s - first_s) / s <= 6), int((last_s - first_s) / 6) + 1)
    first = int(np.ceil((start_s + first_s) / step))
    stamps = [step * k for k in range(first, int((start_s + last_s) / step) + 1)]
    words = slice(11, 16) if step % 60 == 0 else slice(11, 19)
    told, day = list[tuple[float, str]](), ""
    for stamp in stamps:
        utc = iso_utc(round(stamp * 1e9)) or ""
        is_next_day = bool(day) and utc[:10] != day
        told.append((stamp - start_s, f"{utc[5:10]} {utc[words]}" if is_next_day else utc[words]))
        day = utc[:10]
    return told


def _during(seen: Redacted, last: float, say: Words) -> list[Markup]:
    """Draw where the findings are, as shaded intervals."""
    out = []
    for number, finding in enumerate(seen.result.findings, 1):
        for begin, end in finding.rows:
            a, b = seen.along.of_rows(np.array([begin, end])) / last * _WIDTH
            look = say.look(finding.verdict)
            words = say("Finding {number}", number=number)
            out.append(path(f"M{a:.1f} 0H{b:.1f}V{_HEIGHT:g}H{a:.1f}Z", f"during {look}", words))
    return out


def lowest_and_highest(value: Floats) -> Ints:
    """Return rows that keep each column's extremes (and both ends), so that no peak is lost."""
    if len(value) <= 2 * _COLUMNS:
        return np.arange(len(value), dtype=np.int64)
    cuts = np.linspace(0, len(value), _COLUMNS + 1).astype(np.int64)
    is_known, is_nan = np.isfinite(value), np.isnan(value)
    lowest, highest = np.where(is_nan, np.inf, value), np.where(is_nan, -np.inf, value)
    rows = [0, len(value) - 1]
    for a, b in zip(cuts[:-1].tolist(), cuts[1:].tolist(), strict=True):
        if is_known[a:b].any():
            rows += [a + int(lowest[a:b].argmin()), a + int(highest[a:b].argmax())]
    return np.unique(rows)


def _chart(series: Series, seen: Redacted, last: float, say: Words) -> dict[str, object]:
    """Return what the template draws: one curve with its ticks, limits and band, and its extremes in words."""
    known = series.value[np.isfinite(series.value)]
    low, high = float(known.min()), float(known.max())
    around_zero = series.band is not None and not series.is_around
    usual = float(np.median(series.band)) if series.band is not None and around_zero else 0.0
    if series.ground is not None and np.isfinite(series.ground).any():
        low, high = min(low, float(np.nanmin(series.ground))), max(high, float(np.nanmax(series.ground)))
    span = max(high - low, 10.0)
    near = [limit for limit in series.limits if low - span <= limit[0] <= high + span]
    bottom = min(low, 0.0, -usual, *(value for value, _ in near)) if near or around_zero else min(low, 0.0)
    top = max(high, usual, bottom + 1.0, *(value for value, _ in near)) if near else max(high, usual, bottom + 1.0)
    under, over = _band_edges(series)
    bottom, top = max(min(bottom, under), bottom - _MOST_BAND * span), min(max(top, over), top + _MOST_BAND * span)

    def share(value: Floats | float) -> Floats:
        level = _BOTTOM - (np.asarray(value) - bottom) / (top - bottom) * (_BOTTOM - _TOP)
        return np.clip(level, -1.0, 2.0)  # what is not drawn whole goes over the rim, so that it looks cut

    def level(value: float) -> str:
        return percent(float(share(value)))

    axis = series.axis
    low_told, high_told = (round(float(v) * axis.per_si, axis.digits) for v in (known.min(), known.max()))
    extremes = {"lowest": _number(low_told, axis.digits), "highest": _number(high_told, axis.digits)}
    named = {"title": series.title, "unit": axis.unit, **extremes}
    if seen.along.is_time:
        words = say("{title} ({unit}): lowest {lowest}, highest {highest}, over {last_s:.0f} s", last_s=last, **named)
    else:
        template = (
            "{title} ({unit}): lowest {lowest}, highest {highest}, over {count} rows, whose times are not all known"
        )
        words = say(template, count=len(seen.whole.track), **named)
    return {
        "words": words,
        "has_ground": series.ground is not None,
        "curves": [_band(series, last, share, say), _ground(series, last, share), _curve(series, last, share)],
        "ticks": [
            (level(v / axis.per_si), f"{_number(v)} {axis.unit}")
            for v in round_steps(bottom * axis.per_si, top * axis.per_si, 4)
        ],
        "look": "zero" if series.key == "d" else "limit",
        "lines": [level(v) for v, _ in near],
        "names": _limit_names(
            [(float(share(v)), f"{_number(v * axis.per_si)} {axis.unit}", say.told(text)) for v, text in near]
        ),
        "legend": _legend_of(series, [say.told(text) for _, text in near], say),
    }


def _band_edges(series: Series) -> tuple[float, float]:
    """Return the lowest and the highest value of the band; zeros where there is none."""
    if series.band is None:
        return 0.0, 0.0
    middle = series.value if series.is_around else np.zeros(len(series.band))
    known = np.isfinite(series.band) & np.isfinite(middle)
    if not known.any():
        return 0.0, 0.0
    return float((middle - series.band)[known].min()), float((middle + series.band)[known].max())


def _legend_of(series: Series, limits: list[str], say: Words) -> list[tuple[str, str, str]]:
    """Return look, small example and words of what is drawn beside the curve."""
    found = [("zero" if series.key == "d" else "limit", _KEY_LINE, text) for text in dict.fromkeys(limits)]
    if series.band is not None:
        found.append(("band", _KEY_AREA, say("Decision band")))
    if series.ground is not None:
        found.append(("ground", _KEY_LINE, say("dotted: ground below, by the terrain files")))
    return found


def _limit_names(limits: list[tuple[float, str, str]]) -> list[tuple[str, str, int, str]]:
    """Return look, level, shift (px) and text of the names of limits, given as level, value and words.

    Above its line or below it, where no other stands. What is too long for a narrow chart has its value there (`slim`
    in page.css), what is too long for any, everywhere; the list below the chart has all words.
    """
    taken: list[tuple[float, float]] = []
    found: list[tuple[str, str, int, str]] = []
    for level, value, words in sorted(limits):
        line_px = level * _HEIGHT
        for shift_px in (_ABOVE_PX, _BELOW_PX):
            top, bottom = line_px + shift_px - _TYPE_PX, line_px + shift_px + 3
            is_inside = top >= 1 and bottom <= _HEIGHT - _AXIS_PX
            if is_inside and all(bottom <= t or top >= b for t, b in taken):
                break
        else:
            continue
        taken.append((top, bottom))
        long_px = text_width_px(words, _TYPE_PX)
        look = "" if long_px <= _NARROW_PX else "wide" if long_px <= _WIDE_PX else None
        found += [(f"limitname {look}".strip(), percent(level), shift_px, words)] if look is not None else []
        if look != "":
            found.append(("limitname" if look is None else "limitname slim", percent(level), shift_px, value))
    return found


def _number(value: float, digits: int = 0) -> str:
    value = round(value, digits) + 0.0 if digits else value  # no minus before zero
    text = f"{value:,.{digits}f}" if abs(value) >= 10 or digits else f"{value:g}"
    return text.replace("-", "−")


def _curve(series: Series, last: float, share: Callable[[Floats], Floats], look: str = "curve") -> Markup:
    rows = np.union1d(lowest_and_highest(series.value), np.union1d(series.breaks, series.breaks + 1))
    rows = rows[rows < len(series.value)].astype(np.int64)
    broken = np.isin(rows[:-1], series.breaks) | (np.diff(np.isfinite(series.value[rows]).astype(np.int8)) != 0)
    d = ""
    for run in np.split(rows, np.flatnonzero(broken) + 1):
        if len(run) and np.isfinite(series.value[run[0]]):
            y = share(series.value[run]) * _HEIGHT
            points = zip((series.at[run] / last * _WIDTH).tolist(), y.tolist(), strict=True)
            d += "M" + "L".join(f"{x:.1f} {v:.1f}" for x, v in points) + ("h0" if len(run) == 1 else "")
    return element("path", {"class": look, "d": safe(d, len(d))})


def _band(series: Series, last: float, share: Callable[[Floats], Floats], say: Words) -> Markup:
    """Draw the guard band around zero or around the curve; broken where the curve is."""
    if series.band is None:
        return Markup()
    d = ""
    middle = series.value if series.is_around else np.zeros(len(series.band))
    known = np.isfinite(series.band) & np.isfinite(middle)
    cuts = np.union1d(series.breaks + 1, np.flatnonzero(np.diff(known.astype(np.int8))) + 1)
    for run in np.split(np.arange(len(series.band), dtype=np.int64), cuts):
        if len(run) > 1 and known[run[0]]:
            some = run[
                np.unique(np.append(np.arange(0, len(run), max(1, len(run) // _COLUMNS), dtype=np.int64), len(run) - 1))
            ]
            x, half = series.at[some] / last * _WIDTH, series.band[some]
            upper, lower = share(middle[some] + half), share(middle[some] - half)
            around = np.concatenate([np.column_stack([x, upper]), np.column_stack([x, lower])[::-1]])
            d += "M" + "L".join(f"{a:.1f} {b * _HEIGHT:.1f}" for a, b in around.tolist()) + "Z"
    return element("path", {"class": "band", "d": safe(d, len(d))}, element("title", {}, say("Decision band")))


def _ground(series: Series, last: float, share: Callable[[Floats], Floats]) -> Markup:
    """Draw the ground below, by the terrain files."""
    if series.ground is None:
        return Markup()
    return _curve(replace(series, value=series.ground, ground=None), last, share, "ground")
