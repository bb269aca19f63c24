"""What a strong writer and a strong vision model came to, blind: the table of docs/hand_round.md.

    python benchmarks/hand_round.py > docs/hand_round.md

The replies lie in tests/hand_round/, were given by hand from the requests and pictures alone, and
are replayed by its test, which holds that today's code makes the same answers of them. Here they
are judged as `vprog eval` judges.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
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
FILES = {"first": "conversations.jsonl", "second": "second_round.jsonl"}


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
    rounds = {name: _read(file, cases) for name, file in FILES.items()}
    print(_HEAD)
    print("| | questions | right | wrong | abstained | requests | pictures | tokens | ECE | AURC |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    for mode in ("auto", "slow"):
        for name, (now, before) in rounds.items():
            for state, rows in (("played", before), ("now", now)):
                shown = [row for row in rows if row.mode == mode]
                print(_figures(f"`--{mode}`, {name} round, {state}", shown))
    print(_SAME)
    print("| | questions | right | wrong | abstained | requests | pictures | tokens | ECE | AURC |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    keys = [{(row.case.id, row.mode) for row in played} for _, played in rounds.values()]
    for mode in ("auto", "slow"):
        for name, (_, played) in rounds.items():
            same = [row for row in played if (row.case.id, row.mode) in set.intersection(*keys)]
            shown = [row for row in same if row.mode == mode]
            print(_figures(f"`--{mode}`, {name} round, played", shown))
    print(_BETWEEN)
    print("| round | question | mode | answer | | score | requests | pictures | played |")
    print("|---|---|---|---|---|---|---|---|---|")
    for name, (now, before) in rounds.items():
        for row, earlier in zip(now, before, strict=True):
            told = "" if earlier == row else _told(earlier)
            answer = row.answer if row.status == "answered" else ""
            print(
                f"| {name} | {row.case.question} | {row.mode} | {answer} | {row.verdict} | "
                f"{_score(row.score)} | {row.requests} | {row.pictures} | {told} |"
            )


def _read(file: str, cases: Mapping[str, Case]) -> tuple[list[JudgedAnswer], list[JudgedAnswer]]:
    """The answers of a round as today's code makes them, and as they were played."""
    lines = (KEPT / file).read_text(encoding="utf-8").splitlines()
    kept = [json.loads(line) for line in lines]
    now = [_judged(cases[row["case"]], row["mode"], row) for row in kept]
    played = [_judged(cases[row["case"]], row["mode"], row.get("before", row)) for row in kept]
    return now, played


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

Twice somebody played a strong writer and a strong vision model over HTTP, blind: questions about
real clips that were drawn from a larger set, of which the player saw the requests and pictures
alone, with a sureness for each reply. The first round was played before what it cost for nothing
was mended in the code, the second after, by another player who had seen neither the clips nor the
code; 20 of its questions (28 with those asked of programs alone) are of the first round, drawn by
lot, the others are new; what this player had come across an answer to was left out. *played* is
what came of the blind replies, *now* what today's code makes of the kept ones: where a mend
changed a request, it was put again, to a player who then knew the clip. Take what is right from
*played*, and requests, pictures and forms of answers from both.
Tokens are estimated: four characters, and 250 for a picture. ECE and AURC (area under the
risk-coverage curve) are of the scores of answers, with no calibration fitted.
"""
_SAME = """
The questions that both rounds have, as they were played:
"""
_BETWEEN = """
An abstention counts as right where nothing in the file holds the answer. Requests are those to
both models; the writer's prompt is about 13,000 tokens, a look at 32 pictures 8,300. The second
player gathered and printed first, as `look_first` asks, which takes a request more for a program;
the first wrote most programs whole in their first cell.

What the second round showed, and what was mended after it: a look at frames for what programs had
not found in sound or subtitles may now say that nothing shows it (two answers "there are no
subtitles" at 0.9, wrong); a count or a "no" that a vision model replied is no longer lowered by
what a detector misses that agrees with it (0.56 and 0.49, both right). The one abstention is
"Who is speaking?" of a recording that names nobody.
"""

if __name__ == "__main__":
    main()
