"""The entry point. A failure of dronecheck itself, even while importing, exits 70: never Python's own 1.

1 means VIOLATION to whoever reads exit codes; a traceback must not look like one.
"""

from __future__ import annotations

import sys

EXIT_INTERNAL = 70


def main() -> None:
    """Run the command line and exit."""
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
