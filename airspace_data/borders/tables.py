"""The small tables: what relation a claimants set stands in, names from CLDR, measured accuracy."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from babel import Locale
from faces import Faces, areas_km2

HERE = Path(__file__).parent
NO_CODE_ISO_A2 = {"BES": "BQ", "CUW": "CW", "SXM": "SX"}  # territories to which the source gives no two-letter code
LANGUAGES = ("en", "zh", "ko")
# A multi-claim face narrower than twice the simplification is where two lines differ, not where states do.
OVERLAP_WIDTH_M = 20.0


@dataclass(frozen=True, order=True)
class Territory:
    """One entry of the product's table; `iso_a3` and `sovereign` are empty when there is none."""

    claimants: tuple[str, ...]
    relation: str
    iso_a3: str
    sovereign: str


def read_csv(name: str) -> list[dict[str, str]]:
    """The rows of a table beside this file."""
    with (HERE / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def territories_of(faces: Faces) -> list[Territory | None]:
    """The territory of each face, None where it has no claimant."""
    table = {tuple(row["claimants"].split("|")): row for row in read_csv("relations.csv")}

    def territory(claimants: tuple[str, ...], width_m: float) -> Territory | None:
        row = table.get(claimants)
        if not claimants:
            return None
        if len(claimants) > 1 and (row is None or (not row["iso_a3"] and width_m < OVERLAP_WIDTH_M)):
            return Territory(claimants, "overlap", "", "")
        if row is None:
            return Territory(claimants, "sole", claimants[0], "")
        return Territory(claimants, row["relation"], row["iso_a3"], row["sovereign"])

    return [territory(*face) for face in zip(faces.claimants, faces.width_m, strict=True)]


def areas_of_multiple(faces: Faces, territories: list[Territory | None]) -> dict[Territory, float]:
    """km2 of every territory with several claimants, the largest first."""
    total: dict[Territory, float] = {}
    for territory, area in zip(territories, areas_km2(faces.polygons), strict=True):
        if territory is not None and len(territory.claimants) > 1:
            total[territory] = total.get(territory, 0.0) + float(area)
    return dict(sorted(total.items(), key=lambda item: -item[1]))


def write_names(iso_a2: dict[str, str], codes: set[str]) -> None:
    """names.csv: every code's name in the languages of the reports."""
    two = {**NO_CODE_ISO_A2, **iso_a2}
    locales = [Locale.parse(language).territories for language in LANGUAGES]
    with (HERE / "names.csv").open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(["iso_a3", *LANGUAGES])
        writer.writerows([code, *(names[two[code]] for names in locales)] for code in sorted(codes))


def write_claims(areas: dict[Territory, float]) -> None:
    """claims.csv: the build's log of every set of several claimants, for review."""
    with (HERE / "claims.csv").open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(["claimants", "relation", "area_km2"])
        writer.writerows(["|".join(t.claimants), t.relation, f"{km2:.4f}"] for t, km2 in areas.items())


def accuracy_sections(cell_of: object) -> tuple[list[str], dict[str, np.ndarray]]:
    """accuracy.csv as columns sorted by cell and pair; -1 for a percentile that could not be measured."""
    rows = read_csv("accuracy.csv")
    pairs = sorted({row["pair"] for row in rows})
    number = {pair: i for i, pair in enumerate(pairs)}
    cells = cell_of(np.array([(float(r["cell_west_deg"]), float(r["cell_south_deg"])) for r in rows]))
    pair = np.array([number[row["pair"]] for row in rows])
    order = np.lexsort((pair, cells))

    def column(name: str, scale: int = 1) -> np.ndarray:
        return np.array([round(scale * float(row[name])) if row[name] else -1 for row in rows])[order]

    return pairs, {
        "accuracy_cell": cells[order].astype("<u4"),
        "accuracy_pair": pair[order].astype("<u2"),
        "accuracy_p68_dm": column("p68_m", 10).astype("<i4"),
        "accuracy_p95_dm": column("p95_m", 10).astype("<i4"),
        "accuracy_with_counterpart": column("with_counterpart").astype("<u4"),
        "accuracy_points": column("points").astype("<u4"),
    }
