"""An audit's CSV against what is true of a simulated fleet.

    python benchmarks/fleet_score.py FLEET AUDIT.csv

A flight entered, or did not; the audit says VIOLATION, CLEAR or INCONCLUSIVE. Wrong is VIOLATION of what did not enter,
and CLEAR of what did. INCONCLUSIVE is open, not wrong: how many of them there are, and how near the truth was to the
line, is told beside it. Damaged logs and logs without a take-off are counted by themselves.
"""

from __future__ import annotations

import csv
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Score:
    """Counts of (truth, verdict), and every disagreement."""

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    open_m: list[float] = field(default_factory=list)

    def add(self, entered: bool, verdict: str, about: str, margin_m: str) -> None:
        self.counts["entered" if entered else "outside", verdict] += 1
        if (entered, verdict) in ((True, "CLEAR"), (False, "VIOLATION")):
            self.wrong.append(about)
        if verdict == "INCONCLUSIVE" and margin_m:
            self.open_m.append(float(margin_m))

    def lines(self, title: str) -> Iterable[str]:
        c = self.counts
        entered = sum(n for (what, _), n in c.items() if what == "entered")
        called = c["entered", "VIOLATION"] + c["outside", "VIOLATION"]
        recall = c["entered", "VIOLATION"] / entered if entered else float("nan")
        never_cleared = 1 - c["entered", "CLEAR"] / entered if entered else float("nan")
        precision = c["entered", "VIOLATION"] / called if called else float("nan")
        yield f"{title}: {sum(c.values()):,} flights, {entered:,} entered"
        for what in ("entered", "outside"):
            yield f"  {what:8s}" + "".join(f"{c[what, v]:7,} {v}" for v in ("VIOLATION", "INCONCLUSIVE", "CLEAR"))
        yield (
            f"  precision of VIOLATION {precision:.4f}, recall {recall:.4f} (open ones not counted as found), "
            f"entered and not called CLEAR {never_cleared:.4f}"
        )
        if self.open_m:
            middle = sorted(self.open_m)[len(self.open_m) // 2]
            yield f"  open ones lie {middle:.0f} m (median) from the line, at most {max(self.open_m):.0f} m"
        yield from (f"  WRONG {text}" for text in self.wrong)


def score(fleet: Path, audit: Path) -> tuple[list[str], int]:
    """The report's lines, and how many answers are wrong."""
    with (fleet / "truth.csv").open(encoding="utf-8") as handle:
        truth = list(csv.DictReader(handle))
    found: dict[str, list[dict[str, str]]] = defaultdict(list)
    with audit.open(encoding="utf-8") as handle:
        for row in csv.DictReader(handle):
            found[row["file"]].append(row)
    missing = [line["file"] for line in truth if line["file"] not in found]
    extra = set(found) - {line["file"] for line in truth}
    border, zones, damaged, no_home, wrong_ids = Score(), Score(), Counter[str](), Score(), []
    statuses = Counter(rows[0]["status"] for rows in found.values())
    for line in truth:
        rows = found.get(line["file"], [])
        if not rows:
            continue
        first = rows[0]
        entered = bool(line["entered"])
        about = f"{line['file']} ({line['scene']}, {line['plan']}): {first['verdict']}, {first['cause']}; truth: " + (
            f"entered {line['entered']}, {line['depth_m']} m deep" if entered else f"margin {line['margin_m']} m"
        )
        if line["damaged"]:
            damaged[f"{line['damaged']}: {first['status']} {first['verdict']}".strip()] += 1
            if first["border"] == "VIOLATION" and not entered:
                wrong_ids.append(f"damaged, {about}")
            continue
        if line["bench"] == "True":
            damaged[f"bench: {first['status']}"] += 1
            continue
        if line["has_take_off"] == "True":
            border.add(entered, first["border"], about, line["depth_m"] or line["margin_m"])
        else:
            no_home.add(entered, first["border"], about, line["depth_m"] or line["margin_m"])
        if line["scene"] == "Pampa with zones" and line["utc_known"] == "True":
            said = {
                row["zone_id"] for row in rows if row["kind"] == "zone_entry" and row["finding_verdict"] == "VIOLATION"
            }
            true = set(line["zones"].split())
            zones.add(bool(true), first["airspace"], f"{about}; zones {line['zones']}", line["zones_margin_m"])
            if said - true:
                wrong_ids.append(f"{about}: zones {sorted(said - true)} were not entered; entered {sorted(true)}")
    out = [f"{len(truth):,} files, {len(found):,} in the audit, {len(missing)} missing, {len(extra)} too many"]
    out.append("status: " + ", ".join(f"{n:,} {status}" for status, n in sorted(statuses.items())))
    out += [*border.lines("borders"), *zones.lines("zones"), *no_home.lines("borders, logs without a take-off")]
    out += [f"  WRONG {text}" for text in wrong_ids]
    out += ["damaged and bench logs:", *(f"  {n:5,} {what}" for what, n in sorted(damaged.items()))]
    wrong = len(border.wrong) + len(zones.wrong) + len(no_home.wrong) + len(wrong_ids) + len(missing) + len(extra)
    return out, wrong


def main() -> None:
    """The command line."""
    lines, wrong = score(Path(sys.argv[1]), Path(sys.argv[2]))
    print("\n".join(lines))
    print(f"{wrong} wrong")


if __name__ == "__main__":
    main()
