"""`dronecheck keygen`: a pair of keys to sign cases with."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dronecheck.safe.io import plain

__all__ = ["HELP", "keygen"]

HELP = (
    "Make a pair of keys to sign cases with: KEY stays with you, KEY.pub is what others verify with.\n\n"
    "Example: dronecheck keygen -o my.key"
)


def keygen(
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="KEY", help="The key; KEY.pub beside it.", show_default=False)
    ],
) -> int:
    """Write an Ed25519 key and its public half; nothing is overwritten."""
    from dronecheck.evidence.bundle.keys import key_id, make_key, read_public_key

    public = make_key(output)
    typer.echo(f"wrote {plain(output)}: the private key, for you alone (mode 0600, no password)")
    typer.echo(f"wrote {plain(public)}: to hand on; its SHA-256 is {key_id(read_public_key(public))}")
    return 0
