"""Show a result in a notebook."""

from __future__ import annotations

from dronecheck.flight.notebook import table
from dronecheck.geofence.result import Result
from dronecheck.report.text.words import words_of
from dronecheck.safe.html import render

__all__ = ["result_html"]

_SHOWN = ["verdict", "kind", "zone_name", "enter_utc", "exit_utc", "depth_m", "margin_m", "sigma_m"]


def result_html(result: Result) -> str:
    """Return the verdict, the questions and the findings as HTML."""
    say = words_of(result.settings)
    checks = [
        (c.question.value, c.verdict.value if c.verdict else c.status.value, say.clauses(c.clauses))
        for c in result.checks
    ]
    frame = result.to_pandas()
    shown = frame.assign(**{w: frame[w].dt.strftime("%Y-%m-%d %H:%M:%S") for w in ("enter_utc", "exit_utc")})[_SHOWN]
    found = [[("" if v is None or v != v else f"{v:.1f}" if isinstance(v, float) else v) for v in row]
             for row in shown.itertuples(index=False)]  # fmt: skip
    return render(
        "report/result.html.j2",
        verdict=result.verdict.value,
        questions=table(("question", "answer", "what was looked at"), checks),
        findings=table(_SHOWN, found) if found else None,
    )
