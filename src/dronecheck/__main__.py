"""The entry point. A failure of dronecheck itself, even while importing, exits 70: never Python's own 1.

1 means VIOLATION to whoever reads exit codes; a traceback must not look like one.
"""

from __future__ import annotations

import io
import sys
from contextlib import suppress
from typing import Any

EXIT_INTERNAL = 70


class _Outlet(io.FileIO):
    """An output whose reader may go (`| head -1`): what follows is for nobody, and the work and its exit code stay."""

    def write(self, data: Any, /) -> int:
        try:
            return super().write(data)
        except BrokenPipeError:
            return len(data)


def _outlive_readers() -> None:
    """Let standard output and errors be closed by whoever reads them."""
    for name in ("stdout", "stderr"):
        former = getattr(sys, name)
        with suppress(AttributeError, OSError, ValueError):  # none at all, or no file of the system
            if not former.isatty():
                raw = io.BufferedWriter(_Outlet(former.fileno(), "w", closefd=False))
                kept = {"encoding": former.encoding, "errors": former.errors, "line_buffering": former.line_buffering}
                setattr(sys, name, io.TextIOWrapper(raw, **kept))


def main() -> None:
    """Run the command line and exit."""
    _outlive_readers()
    try:
        from dronecheck.cli import run

        code = run()
    except KeyboardInterrupt:
        print("dronecheck: interrupted; no verdict", file=sys.stderr)
        code = 130
    except Exception as error:
        text = f"{type(error).__name__}: {error}".replace("\n", " ")[:300]
        print(f"dronecheck: failed; no verdict ({text})", file=sys.stderr)
        code = EXIT_INTERNAL
    sys.exit(code)


if __name__ == "__main__":
    main()
