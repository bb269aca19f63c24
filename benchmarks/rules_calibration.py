"""Fit the calibration of the rules that ships with vprog, from answers that were judged.

    python -m benchmarks.rules_calibration ROWS.jsonl [...] [--write]

A row is one JSON object a line with "score" (of the result) and "right" (whether the answer was);
answers without a score are left out. Prints the calibration error (ECE) of the scores as they are
and of the fitted confidence, each answer judged by a map fitted without it. The rows behind the
file that ships are questions and wordings that were not looked at while the rules were written.
"""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path

import msgspec

import vprog.runs.stored_calibration as calibrations
from vprog.evaluation.calibrate.risk_coverage import (
    ScoredAnswer,
    calibration_error,
    fitted_error,
    risk_coverage,
)
from vprog.runs.isotonic import fit_rising


def main(files: list[str], *, write: bool) -> None:
    """Print the figures, and write the file."""
    rows = [
        json.loads(line) for name in files for line in Path(name).read_text("utf-8").splitlines()
    ]
    scored = [ScoredAnswer(row["score"], row["right"]) for row in rows if row["score"] is not None]
    rising = fit_rising([one.score for one in scored], [one.right for one in scored])
    n_right = sum(one.right for one in scored)
    print(f"{len(scored)} scored answers of {len(rows)}, {n_right} right")
    print(
        f"ECE of scores {calibration_error(scored):.3f}, of confidence {fitted_error(scored):.3f}"
    )
    for score, coverage, risk in risk_coverage(scored):
        print(f"  score {score:.2f}: coverage {coverage:.2f}, risk {risk:.3f}")
    if write:
        fitted = calibrations.Calibration(
            preset="auto", strategy="auto", llm="", vlm="", made=date.today().isoformat(),
            n_cases=len(rows), threshold=None,
            maps={"rules": calibrations.Map(
                scores=list(rising.scores), values=list(rising.values), n_answers=len(scored)
            )},
        )  # fmt: skip
        path = Path(calibrations.__file__).with_name(calibrations.SHIPPED)
        path.write_bytes(msgspec.json.format(msgspec.json.encode(fitted), indent=1) + b"\n")
        print(f"wrote {path.name}")


if __name__ == "__main__":
    main([word for word in sys.argv[1:] if word != "--write"], write="--write" in sys.argv)
