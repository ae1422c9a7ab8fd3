"""KIN-3: accelerometers against the way: what they felt, turned by the attitude, is how the way must bend.

The second difference over T of positions, (p(t + T) - 2 p(t) + p(t - T)) / T2, and that of the accelerations summed
twice are the same number; what the accelerometers are off by, and the tilt's slow errors, drop out of it. A real log
correlates by 0.9; a way from elsewhere does not correlate at all.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from dronecheck.arrays import Bools, Floats, Ints
from dronecheck.evidence.consistency.motion.way import Way, quantile, summed, way_of
from dronecheck.flight import OPERATOR, Concern, Flight, Statement, Weight, Witness
from dronecheck.messages import Message

__all__ = ["has_inertia", "inertia"]

ID = "KIN-3"
FORMATS = ("ulog", "dataflash", "tlog", "dji_dat")
SPAN_S = 2.0
LAGS_S = (0.0, 0.2, 0.4, 0.6, 0.8, -0.2, -0.4)
LEAST_FIXES, MOST_FIXES, LEAST_S = 60, 3000, 20.0
FELT_MPS2, CORRELATES, STRONGLY = 0.3, 0.3, 0.7
SHAKEN = 2.5  # times as much felt as the way bends: vibration
STRETCH_S, STRETCH_CORRELATES, STRETCH_FIXES = 20.0, 0.4, 20

_INNOCENT = (
    Message("strong vibration, or accelerometers that were not calibrated"),
    Message("an attitude that the autopilot had wrong"),
)


def has_inertia(flight: Flight) -> bool:
    """Tell whether logs of this format may hold accelerations and attitudes."""
    return flight.source.format in FORMATS


def inertia(flight: Flight) -> tuple[Statement, ...] | None:
    """Hold accelerometers, turned by the attitude, against how each way bends (KIN-3); None without them."""
    felt = _felt(flight)
    if felt is None:
        return None
    found: list[Statement] = []
    ran = False
    for name, track in flight.tracks.items():
        way = way_of(track) if name != OPERATOR else None
        if way is not None and way.is_one_part:
            bends = _bends(way, *felt)
            ran = ran or bends is not None
            found += _judged(name, track.message, way, *bends) if bends is not None else []
    return tuple(found) if ran else None


def _sorted(witness: Witness, *names: str) -> tuple[Ints, list[Floats]]:
    """Return ascending times (ns) and columns, each (n,), of the records that have all of them."""
    columns = [witness.column(name) for name in names]
    known = np.full(len(witness), True)
    for column in columns:
        known &= np.abs(column) < 1e4
    order = np.flatnonzero(known)[np.argsort(witness.time_ns[known], kind="stable")]
    return witness.time_ns[order], [column[order] for column in columns]


def _felt(flight: Flight) -> tuple[Ints, Floats, Floats] | None:
    """Return times (ns), and accelerations to the north and east (m/s2), each (n,); None where not recorded."""
    attitude = next(
        (w for w in flight.witnesses if w.name == "attitude" and w.has("roll_deg", "pitch_deg", "yaw_deg")), None
    )
    axes = ("accel_x_mps2", "accel_y_mps2", "accel_z_mps2")
    imu = next((w for w in flight.witnesses if w.name == "imu" and w.has(*axes)), None)
    if attitude is None or imu is None:
        return None
    turned_ns, angles_deg = _sorted(attitude, "roll_deg", "pitch_deg", "yaw_deg")
    time_ns, (forward, right, down) = _sorted(imu, *axes)
    if min(len(turned_ns), len(time_ns)) < LEAST_FIXES:
        return None
    seconds, turned_s = (time_ns - time_ns[0]) / 1e9, (turned_ns - time_ns[0]) / 1e9
    roll, pitch, yaw = (np.interp(seconds, turned_s, np.unwrap(np.radians(angle))) for angle in angles_deg)
    ahead = np.cos(pitch) * forward + np.sin(pitch) * (np.sin(roll) * right + np.cos(roll) * down)
    aside = np.cos(roll) * right - np.sin(roll) * down
    return time_ns, np.cos(yaw) * ahead - np.sin(yaw) * aside, np.sin(yaw) * ahead + np.cos(yaw) * aside


def _bends(way: Way, time_ns: Ints, north_mps2: Floats, east_mps2: Floats) -> tuple[Floats, Floats, Floats] | None:
    """Return instants (k,), how the way bends there and what was felt, both (2, k) in m/s2, at the delay that fits."""
    felt_s = (time_ns - way.time_ns[0]) / 1e9
    margin_s = SPAN_S + max(np.abs(LAGS_S))
    at_s = way.seconds[:: max(1, len(way) // MOST_FIXES)]
    inside = (at_s - margin_s > max(felt_s[0], way.seconds[0])) & (at_s + margin_s < min(felt_s[-1], way.seconds[-1]))
    at_s = at_s[inside & _unbroken(at_s, margin_s, way.seconds) & _unbroken(at_s, margin_s, felt_s)]
    if len(at_s) < LEAST_FIXES:
        return None
    bends = np.stack([_second(at_s, way.seconds, place_m) for place_m in (way.north_m, way.east_m)])
    steps_s = np.diff(felt_s)
    twice = [_summed_twice(rate, steps_s) for rate in (north_mps2, east_mps2)]
    best: tuple[float, Floats] | None = None
    for lag_s in LAGS_S:
        felt = np.stack([_second(at_s - lag_s, felt_s, sums) for sums in twice])
        fits = _correlation(bends, felt)
        if best is None or fits > best[0]:
            best = fits, felt
    assert best is not None
    return at_s, bends, best[1]


def _summed_twice(rate: Floats, steps_s: Floats) -> Floats:
    once = summed((rate[1:] + rate[:-1]) / 2 * steps_s)
    return summed((once[1:] + once[:-1]) / 2 * steps_s)


def _second(at_s: Floats, seconds: Floats, values: Floats) -> Floats:
    before, here, after = (np.interp(at_s + shift_s, seconds, values) for shift_s in (-SPAN_S, 0.0, SPAN_S))
    return np.asarray((after - 2 * here + before) / SPAN_S**2)


def _unbroken(at_s: Floats, margin_s: float, seconds: Floats) -> Bools:
    """Tell around which instants a record has no hole; shape (k,)."""
    holes = np.concatenate([[0], np.cumsum(np.diff(seconds) > 1.0)])
    before = np.clip(np.searchsorted(seconds, at_s - margin_s), 0, len(holes) - 1)
    after = np.clip(np.searchsorted(seconds, at_s + margin_s), 0, len(holes) - 1)
    return np.asarray(holes[before] == holes[after])


def _centred(values: Floats) -> Floats:
    return np.asarray(values - np.array([[quantile(row, 0.5)] for row in values]))


def _correlation(one: Floats, other: Floats) -> float:
    one, other = _centred(one), _centred(other)
    scale = float(np.sqrt((one**2).sum() * (other**2).sum()))
    return float((one * other).sum()) / scale if scale > 0 else 0.0


def _rms(values: Floats) -> float:
    return float(np.sqrt((_centred(values) ** 2).mean()))


def _judged(name: str, title: str, way: Way, at_s: Floats, bends: Floats, felt: Floats) -> list[Statement]:
    bent_mps2, felt_mps2 = _rms(bends), _rms(felt)
    fits = _correlation(bends, felt)
    if min(bent_mps2, felt_mps2) < FELT_MPS2 or at_s[-1] - at_s[0] < LEAST_S:
        return []
    pieces: list[tuple[float, Bools]] = []
    for begin_s in np.arange(at_s[0], at_s[-1] - STRETCH_S / 2, STRETCH_S):
        within = (at_s >= begin_s) & (at_s < begin_s + STRETCH_S)
        one, other = bends[:, within], felt[:, within]
        if int(within.sum()) >= STRETCH_FIXES and min(_rms(one), _rms(other)) > FELT_MPS2:
            pieces.append((_correlation(one, other), within))
    usual = quantile(np.array([piece for piece, _ in pieces]), 0.5)
    if usual >= STRONGLY:
        odd = [within for piece, within in pieces if piece < STRETCH_CORRELATES]
        every = [_piece(name, title, way, at_s, bends, felt, within) for within in odd]
        return every[:1] and [replace(every[0], spans=tuple(span for one in every for span in one.spans))]
    if fits >= CORRELATES:
        return []
    weight = Weight.INFO if felt_mps2 > SHAKEN * bent_mps2 else Weight.NOTICE
    return [_told(name, title, way, at_s, fits, bent_mps2, felt_mps2, weight)]


def _piece(name: str, title: str, way: Way, at_s: Floats, bends: Floats, felt: Floats, within: Bools) -> Statement:
    one, other = bends[:, within], felt[:, within]
    fits = _correlation(one, other)
    return _told(name, title, way, at_s[within], fits, _rms(one), _rms(other), Weight.NOTICE)


def _told(
    name: str, title: str, way: Way, at_s: Floats, fits: float, bent_mps2: float, felt_mps2: float, weight: Weight
) -> Statement:
    first, last = (int(row) for row in np.searchsorted(way.seconds, at_s[[0, -1]]))
    observed = Message(
        "{track}: over {lasts_s} the way bends by {bent:.1f} m/s2 and the accelerometers felt {felt:.1f} m/s2, "
        "and both correlate by {fits:.2f}",
        track=title,
        lasts_s=float(at_s[-1] - at_s[0]),
        bent=bent_mps2,
        felt=felt_mps2,
        fits=fits,
    )
    places = way.offset[first : last + 1]
    return Statement(
        ID, weight, Concern.POSITION, observed,
        Message("a way that bends as the accelerometers felt it: a correlation near 0.9"),
        Message("{least:g}, where both are more than {felt:g} m/s2", least=CORRELATES, felt=FELT_MPS2), _INNOCENT,
        records=(int(way.offset[first]),), spans=((int(places.min()), int(places.max())),), tracks=(name,),
    )  # fmt: skip
