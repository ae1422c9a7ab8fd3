"""Packages that not every user needs: each is an extra of dronecheck, and one wording says which to install."""

from __future__ import annotations

from importlib.util import find_spec

from dronecheck.errors import UsageError

__all__ = ["require"]


def require(package: str, extra: str, what: str) -> None:
    """Refuse `what` where an optional package is not installed. The package is not loaded here.

    Raises:
        UsageError: the package is missing; the message names the extra that brings it.
    """
    if find_spec(package) is None:
        raise UsageError(f"{what} needs the package {package}: pip install 'dronecheck[{extra}]'")
