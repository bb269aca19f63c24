"""What a strong writer and a strong vision model came to, blind: the table of docs/hand_round.md.

    python benchmarks/hand_round.py > docs/hand_round.md

The replies lie in tests/hand_round/, were given by hand from the requests and pictures alone, and
are replayed by its test, which holds that today's code makes the same answers of them. Here they
are judged as `vprog eval` judges.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vprog.evaluation.calibrate.risk_coverage import (
    ScoredAnswer,
    area_under_risk,
    calibration_error,
)
from vprog.evaluation.case import Case, read_cases
from vprog.evaluation.judge import Verdict, verdict_of

KEPT = Path(__file__).resolve().parents[1] / "tests" / "hand_round"


@dataclass(frozen=True)
class JudgedAnswer:
    """One question by one mode: what came of it, what it is worth and what it cost."""

    case: Case
    mode: str
    status: str
    answer: Any
    score: float | None
    requests: int
    pictures: int
    tokens: int

    @property
    def verdict(self) -> Verdict:
        return verdict_of(self.case, self.status, self.answer)


def main() -> None:
    """Print the page."""
    listed = read_cases(KEPT / "cases.jsonl", allow_unanswerable=True)
    cases = {case.id: case for case in listed}
    lines = (KEPT / "conversations.jsonl").read_text(encoding="utf-8").splitlines()
    kept = [json.loads(line) for line in lines]
    now = [_judged(cases[row["case"]], row["mode"], row) for row in kept]
    before = [_judged(cases[row["case"]], row["mode"], row.get("before", row)) for row in kept]
    print(_HEAD)
    print("| | questions | right | wrong | abstained | requests | pictures | tokens | ECE | AURC |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    for mode in ("auto", "slow"):
        for name, rows in (("before", before), ("now", now)):
            print(_figures(f"`--{mode}`, {name}", [row for row in rows if row.mode == mode]))
    print(_BETWEEN)
    print("| question | mode | answer | | score | requests | pictures | before |")
    print("|---|---|---|---|---|---|---|---|")
    for row, earlier in zip(now, before, strict=True):
        told = "" if earlier == row else _told(earlier)
        print(
            f"| {row.case.question} | {row.mode} | {row.answer if row.status == 'answered' else ''}"
            f" | {row.verdict} | {_score(row.score)} | {row.requests} | {row.pictures} | {told} |"
        )


def _judged(case: Case, mode: str, row: dict[str, Any]) -> JudgedAnswer:
    pictures = row.get("pictures", sum(turn.get("pictures", 0) for turn in row.get("turns", ())))
    return JudgedAnswer(
        case, mode, row["status"], row["answer"], row["score"], row["requests"], pictures,
        row["tokens"],
    )  # fmt: skip


def _figures(name: str, rows: Sequence[JudgedAnswer]) -> str:
    verdicts = [row.verdict for row in rows]
    scored = [
        ScoredAnswer(row.score, row.verdict == "right")
        for row in rows
        if row.status == "answered" and row.score is not None
    ]
    return (
        f"| {name} | {len(rows)} | {verdicts.count('right')} | {verdicts.count('wrong')} | "
        f"{verdicts.count('abstained')} | {sum(row.requests for row in rows)} | "
        f"{sum(row.pictures for row in rows)} | {sum(row.tokens for row in rows):,} | "
        f"{calibration_error(scored):.3f} | {area_under_risk(scored):.3f} |"
    )


def _told(row: JudgedAnswer) -> str:
    answer = row.answer if row.status == "answered" else "no answer"
    return f"{answer} ({row.verdict}), {_score(row.score)}, {row.requests} and {row.pictures}"


def _score(score: float | None) -> str:
    return "" if score is None else f"{score:.2f}"


_HEAD = """# A strong model, by hand

Made by `python benchmarks/hand_round.py`, from the conversations in `tests/hand_round/`, which its
test replays.

Somebody played a strong writer and a strong vision model over HTTP: a blind round of questions
about real clips that were drawn from a larger set, of which the player saw the requests and
pictures alone, with a sureness for each reply. What it cost for nothing was mended in the code;
the questions that the mends touch were put again. *before* is the first round, *now* has the later
conversations in place of the first. Whoever plays twice knows the clip the second time: take the
requests, pictures and forms of answers from the comparison, and what is right from *before*.
Tokens are estimated: four characters, and 250 for a picture. ECE and AURC (area under the
risk-coverage curve) are of the scores of answers, with no calibration fitted.
"""
_BETWEEN = """
An abstention counts as right where nothing in the file holds the answer. Requests are those to
both models; the writer's prompt is about 13,000 tokens, a look at 32 pictures 8,300.
"""

if __name__ == "__main__":
    main()
