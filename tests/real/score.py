"""Scores vprog on real questions about real video: right, wrong and abstained apart.

    python -m tests.real.score [--media FOLDER] [--group NAME] [--held-out yes|no] [--list]

cases.jsonl holds questions whose answers come from the manifest of the media, from
annotation files or from somebody's own eyes, never from a program. A third of them
(`held_out`) is phrasing that the rules were not tuned on. unanswerable.jsonl holds
questions that no offline module can answer: there the only good outcome is to abstain.

The form of the files and the judge are those of vprog/evaluation/case.py.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from tests.real_media import find_media
from vprog.evaluation.case import Case, read_cases
from vprog.evaluation.judge import VERDICTS, Verdict, verdict_of

HERE = Path(__file__).resolve().parent


class Answered(Protocol):
    """What the scorer reads of a result."""

    @property
    def status(self) -> str: ...
    @property
    def answer(self) -> Any: ...


@dataclass(frozen=True)
class Scored:
    """One question with its outcome."""

    case: Case
    verdict: Verdict
    answer: Any
    why: str
    seconds: float


def load_cases(name: str, media: Path | None = None) -> list[Case]:
    """The questions of a file beside this one whose videos are here, in order.

    Args:
        media: the folder that their paths lead into; else those of tests/real_media.py.
    """
    cases = read_cases(HERE / name, folder=media or Path(), allow_unanswerable=True)
    if media is not None:
        return list(cases)
    here = []
    for case in cases:
        videos = [find_media(video) for video in case.videos]
        subtitles = find_media(case.subtitles) if case.subtitles is not None else None
        if None not in videos and (subtitles is None) == (case.subtitles is None):
            here.append(replace(case, videos=tuple(videos), subtitles=subtitles))
    return here


def score(
    cases: Iterable[Case],
    solve: Callable[..., Answered],
    listen: Callable[[Scored], None] = lambda scored: None,
) -> list[Scored]:
    """Ask every question; `solve` is called as `vprog.solve` is."""
    outcomes: list[Scored] = []
    for case in cases:
        started = time.perf_counter()
        result = solve(
            list(case.videos), case.question, choices=case.choices, subtitles=case.subtitles
        )
        error = getattr(result, "error", None)
        scored = Scored(
            case,
            verdict_of(case, result.status, result.answer),
            result.answer,
            f"{error.code}: {error.message}" if error else "",
            time.perf_counter() - started,
        )
        outcomes.append(scored)
        listen(scored)
    return outcomes


def table(outcomes: Sequence[Scored]) -> str:
    """Counts by group, and their sum."""
    rows = [f"{'':12}{'all':>6}" + "".join(f"{verdict:>11}" for verdict in VERDICTS)]
    groups = dict.fromkeys(_group(scored) for scored in outcomes)
    for group in [*groups, ""]:
        of_group = [scored for scored in outcomes if group in ("", _group(scored))]
        counts = Counter(scored.verdict for scored in of_group)
        row = f"{group or 'together':12}{len(of_group):6}"
        rows.append(row + "".join(f"{counts[verdict]:11}" for verdict in VERDICTS))
    return "\n".join(rows)


def _group(scored: Scored) -> str:
    return scored.case.groups.get("group") or "unanswerable"


def share(outcomes: Sequence[Scored], verdict: Verdict) -> float:
    """The share of outcomes of a kind, in [0, 1]."""
    return sum(scored.verdict == verdict for scored in outcomes) / max(len(outcomes), 1)


def main(arguments: Sequence[str] | None = None) -> int:
    """Ask all questions and print the figures."""
    import vprog

    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--media", type=Path, help="folder of the media")
    parser.add_argument("--group", help="only this group of questions")
    parser.add_argument("--held-out", choices=("yes", "no"), help="only these, or all but these")
    parser.add_argument("--list", action="store_true", help="show every case that is not right")
    options = parser.parse_args(arguments)

    def show(scored: Scored) -> None:
        case = scored.case
        if options.list and scored.verdict != "right":
            print(
                f"{scored.verdict:9} {case.groups.get('group', '-'):9} {case.videos[0].name}: "
                f"{case.question}\n"
                f"          expected {case.answer!r}, got {scored.answer!r} {scored.why}"
            )

    cases = [
        case
        for case in load_cases("cases.jsonl", options.media)
        if options.group in (None, case.groups.get("group"))
        and options.held_out in (None, "yes" if case.held_out else "no")
    ]
    n_all, n_here = (len(load_cases("cases.jsonl", media)) for media in (Path(), options.media))
    if n_here < n_all:
        print(f"{n_all - n_here} questions left out: their videos are not here (tests/media_files)")
    outcomes = score(cases, vprog.solve, show)
    print(table(outcomes))
    held = [scored for scored in outcomes if scored.case.held_out]
    if held and len(held) < len(outcomes):
        print(
            f"held out: {share(held, 'right'):.1%} right, {share(held, 'wrong'):.1%} "
            f"wrong of {len(held)}"
        )
    print(f"together: {share(outcomes, 'right'):.1%} right, {share(outcomes, 'wrong'):.1%} wrong")
    if options.group is None and options.held_out is None:
        print(table(score(load_cases("unanswerable.jsonl", options.media), vprog.solve, show)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
