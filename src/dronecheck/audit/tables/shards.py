"""The files of tracks below `tracks/`: written whole, named by the ledger, cleaned of what is nobody's."""

from __future__ import annotations

from pathlib import Path

from dronecheck.audit.ledger import Ledger
from dronecheck.audit.tables.tracks import without
from dronecheck.safe.io import make_folder, write_atomic

__all__ = ["clean_up", "shard_path", "write_shard"]

_A_FOLDER = 1000


def shard_path(folder: Path, number: int) -> Path:
    """Return the path of a shard: a thousand in a folder."""
    return folder / "tracks" / f"{number // _A_FOLDER:04d}" / f"{number:08d}.parquet"


def write_shard(ledger: Ledger, tracks: bytes, rows: int) -> int:
    """Write tracks as a new shard, synced; its number."""
    number = ledger.shards.new(rows)
    path = shard_path(ledger.folder, number)
    make_folder(path.parent)
    write_atomic(path, tracks)
    return number


def clean_up(ledger: Ledger) -> None:
    """Drop tracks that nobody's row names: of files that changed since, and of a run that was killed."""
    known = set()
    for number, rows, kept in ledger.shards.counts():
        path = shard_path(ledger.folder, number)
        if kept == rows:
            known.add(path)
            continue
        if kept:
            stretches = ledger.shards.kept(number)
            content = without(path, [(first, count) for _, first, count in stretches])
            new = write_shard(ledger, content, kept)
            known.add(shard_path(ledger.folder, new))
            ledger.shards.move(stretches, new)
        ledger.shards.drop(number)
    for path in (ledger.folder / "tracks").rglob("*"):
        if path.is_file() and path not in known:
            path.unlink()
