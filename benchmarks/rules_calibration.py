"""Fit the calibration of the rules that ships with vprog, from answers that were judged.

    python -m benchmarks.rules_calibration ROWS.jsonl [...] [--write] [--write-unscored]

A row is one JSON object a line with "score" (of the result) and "right" (whether the answer was).
Prints the calibration error (ECE) of the scores as they are, of the confidence that ships, and of
the fitted one, each answer judged by a map fitted without it; of answers without a score how many
are right. `--write` fits the file that ships anew, `--write-unscored` only what answers without a
score are worth in it. The rows behind it are answers to questions and wordings that were not looked
at while the rules were written: the map those of 217 from November 2026, of which some were wrong;
the unscored ones those of unseen_questions.jsonl, by

    python -m benchmarks.score_order --sets offline --cases benchmarks/unseen_questions.jsonl \\
        --media ../shared/media -o ROWS.jsonl
"""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path

import msgspec

import vprog.runs.stored_calibration as calibrations
from vprog.evaluation.calibrate.fitting import unscored_share
from vprog.evaluation.calibrate.risk_coverage import (
    ScoredAnswer,
    calibration_error,
    fitted_error,
    risk_coverage,
)
from vprog.runs.isotonic import fit_rising
from vprog.runs.run import RULES


def main(files: list[str], *, write: bool, write_unscored: bool) -> None:
    """Print the figures, and write the file."""
    rows = [
        json.loads(line) for name in files for line in Path(name).read_text("utf-8").splitlines()
    ]
    rows = [row for row in rows if row.get("status", "answered") == "answered"]
    for row in rows:
        row.setdefault("right", row.get("verdict") == "right")
    scored = [ScoredAnswer(row["score"], row["right"]) for row in rows if row["score"] is not None]
    rising = fit_rising([one.score for one in scored], [one.right for one in scored])
    n_right = sum(one.right for one in scored)
    unscored = [row["right"] for row in rows if row["score"] is None]
    print(f"{len(scored)} scored answers of {len(rows)}, {n_right} right")
    print(f"{len(unscored)} without a score, {sum(unscored)} right")
    shipped = calibrations.shipped_grader()
    worth = [(shipped.confidence(RULES, one.score) or 0.0, one.right) for one in scored]
    print(
        f"ECE of scores {calibration_error(scored):.3f}, of the confidence that ships "
        f"{calibration_error([ScoredAnswer(*pair) for pair in worth]):.3f}, of the fitted one "
        f"{fitted_error(scored):.3f}"
    )
    for score, coverage, risk in risk_coverage(scored):
        print(f"  score {score:.2f}: coverage {coverage:.2f}, risk {risk:.3f}")
    if write:
        fitted = calibrations.Calibration(
            preset="auto", strategy="auto", llm="", vlm="", made=date.today().isoformat(),
            n_cases=len(rows), threshold=None,
            maps={RULES: calibrations.Map(
                scores=list(rising.scores), values=list(rising.values), n_answers=len(scored),
                unscored=unscored_share(unscored),
            )},
        )  # fmt: skip
        _write(fitted)
    elif write_unscored:
        known = shipped.calibration
        assert known is not None
        rules = msgspec.structs.replace(known.maps[RULES], unscored=unscored_share(unscored))
        _write(msgspec.structs.replace(known, maps={RULES: rules}))


def _write(calibration: calibrations.Calibration) -> None:
    path = Path(calibrations.__file__).with_name(calibrations.SHIPPED)
    path.write_bytes(msgspec.json.format(msgspec.json.encode(calibration), indent=1) + b"\n")
    print(f"wrote {path.name}")


if __name__ == "__main__":
    main(
        [word for word in sys.argv[1:] if not word.startswith("--")],
        write="--write" in sys.argv,
        write_unscored="--write-unscored" in sys.argv,
    )
