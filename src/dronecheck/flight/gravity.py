"""How grave what a log says in its own words is: as the log states it, and by the words.

DataFlash logs and exports state no severity, and makers' apps have their own; so the words count everywhere: a zone's
warning that an app files under tips is one. English, Chinese and Korean, as aircraft and apps write.
"""

from __future__ import annotations

import re
from enum import StrEnum

__all__ = ["Gravity", "graver", "gravity_of"]


class Gravity(StrEnum):
    """How grave a message of the log is."""

    NOTICE = "notice"  # what happens: banners, modes, take-offs
    WARNING = "warning"
    CRITICAL = "critical"  # the flight itself was in danger, or was forbidden


_ORDER = (Gravity.NOTICE, Gravity.WARNING, Gravity.CRITICAL)
_CRITICAL = re.compile(
    r"fail-?\s?safe|crash|emergency|\bcritical|no-?\s?fly|prohibited|restricted (?:area|zone)|ekf.{0,20}variance|"
    r"potential thrust loss|parachute|fly-?away|fence.{0,12}breach|"
    "禁飞|坠|紧急|严重|失控|비상|비행 ?금지|추락",
    re.IGNORECASE,
)
_WARNING = re.compile(
    r"warn|caution|\bgeo\b|\bzone|glitch|jump|error|\bfail|\blost\b|loss of|low (?:battery|voltage)|battery.{0,12}low|"
    r"interference|\bweak|unhealthy|variance|inconsistent|exceed|\blimit|denied|not allowed|authori[sz]ation|obstruct|"
    r"(?:ekf|ahrs).{0,20}(?:reset|switch|stopped|lane|reject|unstable)|"
    r"\brtk\b.{0,40}(?:switch|float|disconnect|differ|unavailable|not |abnormal)|timed? ?out|unavailable|disconnected|"
    r"more (?:messages )?(?:are )?not listed|"  # what the readers leave out may be as grave
    "警告|注意|限飞|限制|限高|异常|干扰|丢失|失败|信号弱|授权|경고|주의|제한|이상|간섭|끊",
    re.IGNORECASE,
)


def gravity_of(text: str) -> Gravity:
    """Return how grave a text is by its words."""
    if _CRITICAL.search(text):
        return Gravity.CRITICAL
    return Gravity.WARNING if _WARNING.search(text) else Gravity.NOTICE


def graver(one: Gravity, other: Gravity) -> Gravity:
    """Return the graver of two."""
    return max(one, other, key=_ORDER.index)
