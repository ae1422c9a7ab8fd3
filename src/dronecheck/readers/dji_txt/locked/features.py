"""Which key is for which kind of an encrypted record: by the category that stands before the records."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

__all__ = ["BASE", "NEW_SEGMENT", "PLAIN_KINDS", "features_of"]

BASE = 1
NEW_SEGMENT = 50  # the app was ended and went on: keys of their own from here
_KEY_STORAGE, _SIGNATURE = 56, 55
PLAIN_KINDS = frozenset((NEW_SEGMENT, _SIGNATURE, _KEY_STORAGE))

# Kinds whose feature is not certain are left out: whoever decrypts tries all features on them.
_CATEGORY_4: Mapping[int, tuple[int, ...]] = {
    1: (1, 2, 6, 13, 14, 15, 40, 58, 59, 63),
    2: (17, 18),
    3: (31, 32, 34, 35, 36, 38, 39),
    4: (21, 41, 43, 44, 45, 46, 47, 48),
    5: (49,),
    6: (12, 16, 19, 26, 27),
    7: (5, 9, 10, 20, 24, 30, 54),
    9: (53,),
    10: (3,),
    11: (4, 11, 29, 33, 62),
    12: (25,),
    13: (7, 8, 22),
    14: (28, 51, 52),
}
_CATEGORY_3: Mapping[int, tuple[int, ...]] = {
    **{feature: _CATEGORY_4[feature] for feature in (2, 3, 4, 5, 7)},
    1: (*_CATEGORY_4[1], 3, 4, 7, 8, 11, 25, 29, 33),
    6: (*_CATEGORY_4[6], 22, 28, 51, 52),
}
_FIRST_WITH_ALL_FEATURES = 4


def features_of(category: int) -> Mapping[int, int]:
    """Return the feature of each kind of record that is certain."""
    table = _CATEGORY_4 if category >= _FIRST_WITH_ALL_FEATURES else _CATEGORY_3
    return MappingProxyType({kind: feature for feature, kinds in table.items() for kind in kinds})
