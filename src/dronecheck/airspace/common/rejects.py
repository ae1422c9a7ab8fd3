"""Why a feature of a zone file becomes no zone: raised while it is read, noted as an issue by its reader."""

from __future__ import annotations

__all__ = ["NoArea", "Unusable"]


class Unusable(Exception):
    """Why a feature is no zone: raised with a Message."""


class NoArea(Unusable):
    """A feature that is no area at all, such as a label's point: nothing is lost with it."""
