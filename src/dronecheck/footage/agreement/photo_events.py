"""The offset of a camera's clock from the photo events of a log: both lists aligned by the intervals between them.

Pictures get lost on the card and events in the log, so the n-th of one is not the n-th of the other. The alignment is
the best chain of pairs, each later than the one before on both sides, whose intervals are alike: found by dynamic
programming, as strands of DNA are compared (local alignment, Smith and Waterman 1981). A chain proves something only if
the same intervals in another order make none nearly as good: pictures taken every two seconds fit any such list.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from dronecheck.arrays import Floats, Ints
from dronecheck.footage.agreement.zone_offsets import OFFSET_AT_MOST_S, zone_of

__all__ = ["EventFit", "aligned"]

_MATCH, _LOST = 3.0, 0.6  # score of a pair; of a picture or an event that is passed over
_SIGMA_S, _APART_AT_MOST_S = 0.5, 1.5  # of the difference of two intervals: whole seconds, rows of a tenth
_SKIPS_AT_MOST = 8
_PAIRS_AT_LEAST = 4
_RIVAL_SCORE = 8.0  # a chain that scores less by no more than this cannot be excluded
_CHANCE_MARGIN = 8.0  # by which the chain must beat the best of shuffled intervals
_SHUFFLES = 6
_LATE_S = 1.0  # events are written by the next row, or the next second
_CUT_OFF_S = 1.0
_LONGEST, _CHAINS = 1500, 300


@dataclass(frozen=True, slots=True)
class EventFit:
    """An offset (s to add to the camera's clock) by events, its 95 % interval, and those of chains at other zones.

    `is_proof` tells whether so good a chain could hardly be chance; `pairs` is its length.
    """

    delta_s: float
    interval_s: tuple[float, float]
    pairs: int
    is_proof: bool
    rivals_s: tuple[float, ...] = ()


def aligned(camera_s: Floats, event_s: Floats) -> EventFit | None:
    """Align pictures by the camera's clock, shape (n,), with events, shape (m,), both ascending.

    Returns None where no chain of four pairs exists at the offset of any zone.
    """
    if min(len(camera_s), len(event_s)) < _PAIRS_AT_LEAST or max(len(camera_s), len(event_s)) > _LONGEST:
        return None
    scores, came_from = _chains(camera_s, event_s)
    best = float(scores.max())
    ends = np.argsort(scores, axis=None, kind="stable")[::-1][:_CHAINS]
    found: dict[int, tuple[float, float, int]] = {}  # by half seconds: offset, sigma, pairs
    for end in ends[scores.ravel()[ends] >= best - _RIVAL_SCORE].tolist():
        offsets = _offsets(end, came_from, camera_s, event_s)
        middle = float(np.median(offsets))
        kept = offsets[np.abs(offsets - middle) <= _APART_AT_MOST_S]
        if len(kept) >= _PAIRS_AT_LEAST:
            mean = float(kept.mean())
            found.setdefault(round(mean * 2), (mean, _SIGMA_S / len(kept) ** 0.5, len(kept)))
    if not found:
        return None
    fits = list(found.values())
    delta_s, _, pairs = fits[0]
    near = [fit for fit in fits if zone_of(fit[0]) == zone_of(delta_s)]
    low = min(at - 1.96 * sigma for at, sigma, _ in near) - _LATE_S - _CUT_OFF_S
    high = max(at + 1.96 * sigma for at, sigma, _ in near)
    rivals = tuple(fit[0] for fit in fits if zone_of(fit[0]) != zone_of(delta_s))
    is_proof = best >= _by_chance(camera_s, event_s) + _CHANCE_MARGIN
    return EventFit(delta_s, (low, high), pairs, is_proof, rivals)


def _chains(camera_s: Floats, event_s: Floats) -> tuple[Floats, Ints]:
    """Return the score of the best chain that ends with each pair, and the pair before (-1 at a chain's begin).

    Both of shape (n, m); a pair is numbered i * m + j. A row looks back at the eight pictures and events before it.
    """
    n, m, back = len(camera_s), len(event_s), _SKIPS_AT_MOST
    is_allowed = np.abs(event_s[None, :] - camera_s[:, None]) <= OFFSET_AT_MOST_S
    scores = np.full((n + back, m + back), -np.inf)  # with a margin before the first of each
    scores[back:, back:] = np.where(is_allowed, _MATCH, -np.inf)
    came_from = np.full((n, m), -1, np.int64)
    taken_s = np.concatenate((np.full(back, -np.inf), camera_s))
    happened_s = sliding_window_view(np.concatenate((np.full(back, -np.inf), event_s)), back)[:m]
    passed = np.arange(back - 1, -1, -1, dtype=np.intp)  # over, by looking back to each of the eight
    lost = _LOST * (passed[:, None, None] + passed[None, None, :])
    columns = np.arange(m, dtype=np.intp)
    for i in range(1, n):
        first = max(back - i, 0)  # of the eight rows before
        apart_s = event_s[None, :, None] - happened_s[None] - (camera_s[i] - taken_s[i + first : i + back, None, None])
        before = sliding_window_view(scores[i + first : i + back], back, axis=1)[:, :m]
        chained = before + _MATCH - lost[first:] - apart_s**2 / (2 * _SIGMA_S**2)
        chained = np.where(np.abs(apart_s) <= _APART_AT_MOST_S, chained, -np.inf)
        flat = chained.transpose(1, 0, 2).reshape(m, -1)
        best = np.argmax(flat, axis=1)
        row = scores[i + back, back:]
        is_better = is_allowed[i] & (flat[columns, best] > row)
        row[is_better] = flat[columns, best][is_better]
        at_i, at_j = i - back + first + best // back, columns - back + best % back
        came_from[i, is_better] = (at_i * m + at_j)[is_better]
    return scores[back:, back:], came_from


def _offsets(end: int, came_from: Ints, camera_s: Floats, event_s: Floats) -> Floats:
    """Return the offset of each pair of a chain, from its end."""
    m, pair, offsets = len(event_s), end, []
    while pair >= 0:
        offsets.append(event_s[pair % m] - camera_s[pair // m])
        pair = int(came_from[pair // m, pair % m])
    return np.array(offsets)


def _by_chance(camera_s: Floats, event_s: Floats) -> float:
    """Return the best score of the same intervals in other orders: what any such list would reach."""
    draw = np.random.default_rng(25)
    best = 0.0
    for _ in range(_SHUFFLES):
        order = draw.permutation(np.diff(camera_s))
        shuffled = np.concatenate(([camera_s[0]], camera_s[0] + np.cumsum(order)))
        best = max(best, float(_chains(shuffled, event_s)[0].max()))
    return best
