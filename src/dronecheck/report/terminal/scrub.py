"""Clean copies for a terminal: one line a file, what to know of it below, and what no copy can hide."""

from __future__ import annotations

from collections.abc import Iterator

from dronecheck.media.model import MediaKind
from dronecheck.media.scrub.run import ScrubbedFile, ScrubRun
from dronecheck.quantities import plural
from dronecheck.safe.io import plain

__all__ = ["file_lines", "run_lines"]


def file_lines(one: ScrubbedFile, *, keeps_time: bool) -> Iterator[str]:
    """Give the lines of a file: its copy and what to know of it, or why it has none."""
    if one.copy is None:
        yield f"{plain(one.path)}: no copy: {plain(one.reason)}"
    else:
        yield from _copied(one, "no known field left but the time" if keeps_time else "no known field left")


def run_lines(run: ScrubRun) -> Iterator[str]:
    """Give what is to be said of a run as a whole."""
    for path in run.beside:
        yield f"{plain(path)}: of the same shot, not copied: it still reveals what it holds"
    copies = [one for one in run.files if one.copy is not None]
    if not copies:
        return
    count = plural(len(copies), "copy", "copies")
    yield f"{count} of {plural(len(run.files), 'file')}, each read again and searched"
    yield "A place that can be recognised in the picture stays visible, and so does whoever is in it."
    if any(one.kind is MediaKind.MP4 for one in copies):
        yield "Sound stays, and what the camera coded into the pictures themselves (SEI): searched, not removed."


def _copied(one: ScrubbedFile, left: str) -> Iterator[str]:
    proof = one.proof
    if proof is None:
        return
    sought = f"{plural(proof.patterns, 'pattern')} of its secrets sought, none found"
    yield f"{plain(one.copy)}: {left}; {sought}; {proof.same_bytes:,} bytes of picture and sound the same"
    for notice in one.notices:
        yield f"  {plain(notice)}"
