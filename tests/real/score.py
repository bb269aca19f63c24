"""Scores vprog on real questions about real video: right, wrong and abstained apart.

    python tests/real/score.py [--media FOLDER] [--family NAME] [--held-out yes|no] [--list]

cases.jsonl holds questions whose answers come from the manifest of the media, from
annotation files or from somebody's own eyes, never from a program. A third of them
(`held_out`) is phrasing that the rules were not tuned on. unanswerable.jsonl holds
questions that no offline module can answer: there the only good outcome is to abstain.

What an `answer` accepts: a number, within `tolerance` seconds (or whatever the unit is); a
pair, both ends within it; "yes" or "no"; a text equal to the expected choice; a list of
texts, one of which must stand in the answer word for word; {"any_of": [...]}, any of these.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

HERE = Path(__file__).resolve().parent
Verdict = Literal["right", "wrong", "abstained", "failed"]


class Answered(Protocol):
    """What the scorer reads of a result."""

    @property
    def status(self) -> str: ...
    @property
    def answer(self) -> Any: ...


@dataclass(frozen=True)
class Scored:
    """One question with its outcome."""

    case: dict[str, Any]
    verdict: Verdict
    answer: Any
    why: str
    seconds: float


def load_cases(name: str) -> list[dict[str, Any]]:
    """The questions of a file beside this one, in order."""
    lines = (HERE / name).read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines if line.strip()]


def judge(case: dict[str, Any], status: str, answer: Any) -> Verdict:
    """What an outcome is worth; a limit, a fault or a refused program is "failed"."""
    if status == "abstained":
        return "abstained"
    if status != "answered":
        return "failed"
    expected = case["answer"]
    if expected is None:
        return "wrong"
    if isinstance(expected, dict):
        fits = any(_fits(each, answer, case) for each in expected["any_of"])
    else:
        fits = _fits(expected, answer, case)
    return "right" if fits else "wrong"


def _fits(expected: Any, answer: Any, case: dict[str, Any]) -> bool:
    tolerance = float(case.get("tolerance", 0.0)) + 1e-9
    if isinstance(expected, int | float):
        if isinstance(answer, list | tuple) and answer:  # a stretch: its start is meant
            answer = answer[0]
        return isinstance(answer, int | float) and abs(answer - expected) <= tolerance
    if isinstance(expected, str):
        return str(answer).strip().lower() == expected.strip().lower()
    if expected and all(isinstance(each, int | float) for each in expected):
        if isinstance(answer, int | float):  # a moment: it must lie within the stretch
            return bool(expected[0] - tolerance <= answer <= expected[1] + tolerance)
        return len(answer) == 2 and all(
            abs(one - other) <= tolerance for one, other in zip(expected, answer, strict=True)
        )
    return any(_stands_in(each, str(answer)) for each in expected)


def _stands_in(expected: str, answer: str) -> bool:
    """Whether the words of one text stand in the other, in a row."""
    wanted, found = (re.findall(r"\w+", each.lower()) for each in (expected, answer))
    size = len(wanted)
    return any(found[at : at + size] == wanted for at in range(len(found) - size + 1))


def score(
    cases: Iterable[dict[str, Any]],
    media: Path,
    solve: Callable[..., Answered],
    listen: Callable[[Scored], None] = lambda scored: None,
) -> list[Scored]:
    """Ask every question; `solve` is called as `vprog.solve` is."""
    found: list[Scored] = []
    for case in cases:
        started = time.perf_counter()
        result = solve(
            media / case["video"],
            case["question"],
            choices=case.get("choices", ()),
            subtitles=media / case["subs"] if "subs" in case else None,
        )
        error = getattr(result, "error", None)
        scored = Scored(
            case,
            judge(case, result.status, result.answer),
            result.answer,
            f"{error.code}: {error.message}" if error else "",
            time.perf_counter() - started,
        )
        found.append(scored)
        listen(scored)
    return found


def table(scored: Sequence[Scored]) -> str:
    """Counts by family, and their sum."""
    verdicts: tuple[Verdict, ...] = ("right", "wrong", "abstained", "failed")
    rows = [f"{'':12}{'all':>6}" + "".join(f"{verdict:>11}" for verdict in verdicts)]
    families = dict.fromkeys(each.case.get("family", "unanswerable") for each in scored)
    for family in [*families, ""]:
        here = [x for x in scored if not family or x.case.get("family", "unanswerable") == family]
        counts = Counter(each.verdict for each in here)
        row = f"{family or 'together':12}{len(here):6}"
        rows.append(row + "".join(f"{counts[verdict]:11}" for verdict in verdicts))
    return "\n".join(rows)


def share(scored: Sequence[Scored], verdict: Verdict) -> float:
    """The share of outcomes of a kind, in [0, 1]."""
    return sum(each.verdict == verdict for each in scored) / max(len(scored), 1)


def main(arguments: Sequence[str] | None = None) -> int:
    """Ask all questions and print the figures."""
    import vprog

    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    beside = HERE.parent.parent.parent / "shared" / "media"
    parser.add_argument("--media", type=Path, default=beside, help="folder of the media")
    parser.add_argument("--family", help="only this family of questions")
    parser.add_argument("--held-out", choices=("yes", "no"), help="only these, or all but these")
    parser.add_argument("--list", action="store_true", help="show every case that is not right")
    chosen = parser.parse_args(arguments)

    def show(scored: Scored) -> None:
        if chosen.list and scored.verdict != (
            "abstained" if scored.case["answer"] is None else "right"
        ):
            case = scored.case
            print(
                f"{scored.verdict:9} {case.get('family', '-'):9} {case['video']}: "
                f"{case['question']}\n"
                f"          expected {case['answer']!r}, got {scored.answer!r} {scored.why}"
            )

    cases = [
        case
        for case in load_cases("cases.jsonl")
        if chosen.family in (None, case["family"])
        and chosen.held_out in (None, "yes" if case.get("held_out") else "no")
    ]
    answered = score(cases, chosen.media, vprog.solve, show)
    print(table(answered))
    held = [each for each in answered if each.case.get("held_out")]
    if held and len(held) < len(answered):
        print(
            f"held out: {share(held, 'right'):.1%} right, {share(held, 'wrong'):.1%} "
            f"wrong of {len(held)}"
        )
    print(f"together: {share(answered, 'right'):.1%} right, {share(answered, 'wrong'):.1%} wrong")
    if chosen.family is None and chosen.held_out is None:
        beyond = score(load_cases("unanswerable.jsonl"), chosen.media, vprog.solve, show)
        print(table(beyond))
    return 0


if __name__ == "__main__":
    sys.exit(main())
