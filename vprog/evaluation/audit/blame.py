"""Blame: what wrong answers are lost to, each module or the programs themselves.

The program of each answer is run again with a module's values replaced by the truth, then with
those of all modules: whatever is still wrong with all of them is lost to the program. The truth
comes from oracles, implementations of the same tasks that know it; on drawn worlds they read the
hidden state. Answers that were right are run again too, since two errors may have made up for
each other.

Source: the error analysis by oracle modules of ViperGPT-like systems; VideoReasonBench for worlds
whose state is known.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from vprog.errors import UsageError, VprogError
from vprog.evaluation.audit.eval_audit import settings_digest
from vprog.evaluation.case import Case
from vprog.evaluation.error_bars import compare_pairs, p_text
from vprog.evaluation.judge import verdict_of
from vprog.evaluation.results.eval_folder import (
    add_tables,
    archived_cases,
    read_results,
    trace_folder,
)
from vprog.evaluation.results.json_lines import go_on
from vprog.evaluation.results.report.added_tables import ReportTable
from vprog.replays.recorded_run import open_run
from vprog.replays.replay_run import replay
from vprog.replays.run_changed import ReplayRuntimes

BLAMES = "blames.jsonl"
TRACES = "blame"
"""In the folder of the evaluation: the traces of the programs that were run again."""
ALL = "all of these"
PROGRAM, TOGETHER = "the program", "several modules together"
NO_PROGRAM = "no program ran"


class BlamedCase(msgspec.Struct, frozen=True, kw_only=True):
    """What a case comes to with true values.

    Attributes:
        made_of: the run, and the digest of oracles and settings.
        was_right: as it is.
        right: by task whether it is right with the true values of that, and of ALL; a task that
            its program does not call changes nothing.
        why: why there was no answer, by task.
        error: why it could not be run again; "" otherwise.
    """

    id: str
    video: list[str]
    made_of: str = ""
    was_right: bool
    right: dict[str, bool] = {}
    why: dict[str, str] = {}
    error: str = ""

    @property
    def lost_to(self) -> str:
        """What a wrong answer is lost to; "" for a right one."""
        if self.was_right:
            return ""
        if not self.right:
            return NO_PROGRAM
        alone = [task for task, is_right in self.right.items() if is_right and task != ALL]
        if alone:
            return " or ".join(alone)
        return TOGETHER if self.right[ALL] else PROGRAM


def blame_evaluation(
    folder: Path,
    oracles: Mapping[str, str],
    *,
    listen: Callable[[BlamedCase], None] = lambda blamed: None,
    **settings: Any,
) -> list[BlamedCase]:
    """Run the programs of an evaluation again with true values, and add the table to its report.

    Each case is a line of blames.jsonl; those that are there already are not made again.

    Args:
        folder: that `vprog eval -o` wrote; the videos lie where they lay.
        oracles: by task the implementation that knows the truth.
        listen: is told of each case that is made.
        **settings: any setting of vprog.settings.Settings.

    Raises:
        UsageError: no oracle is named, or the folder has no results.
        ModuleUnknownError, MissingError: there is no such implementation.
    """
    if not oracles:
        raise UsageError(
            "no oracle: what knows the truth?", hint="Name them: --oracle read_text=ReadTextTruth."
        )
    scored = {row.id: row for row in read_results(folder)}
    cases = {case.id: case for case in archived_cases(folder) if case.id in scored}
    digest = settings_digest({**settings, "oracles": sorted(oracles.items())})
    with ReplayRuntimes() as runtimes:
        blames = go_on(
            folder / BLAMES,
            BlamedCase,
            ((key, f"{scored[key].trace} {digest}") for key in cases),
            lambda key, made_of: _blamed(
                cases[key],
                made_of,
                scored[key].is_right,
                trace_folder(folder, scored[key].trace or ""),
                oracles,
                runtimes,
                {"trace_dir": folder / TRACES, **settings},
            ),
            listen,
        )
    add_tables(folder, blame_tables(blames, tuple(oracles)))
    return blames


def blame_tables(blames: Sequence[BlamedCase], tasks: Sequence[str]) -> list[ReportTable]:
    """How many are right with true values, and what the wrong ones are lost to."""
    known = [blamed for blamed in blames if not blamed.error]
    n_right = sum(blamed.was_right for blamed in known)
    rows = [["as it is", str(len(known)), _share(n_right, len(known)), "-", "-"]]
    for task in (*tasks, ALL) if known else ():
        right = [blamed.right.get(task, blamed.was_right) for blamed in known]
        against = compare_pairs(
            [blamed.was_right for blamed in known], right, [tuple(case.video) for case in known]
        )
        error = "" if against.error is None else f" ± {100 * against.error:.1f}"
        rows.append(
            [
                task,
                str(len(known)),
                _share(sum(right), len(known)),
                f"{100 * against.difference:+.1f}{error}",
                p_text(against.p_mcnemar),
            ]
        )
    counts = Counter(blamed.lost_to for blamed in known if blamed.lost_to)
    counts["could not be run again"] = len(blames) - len(known)
    n_wrong = len(blames) - n_right
    return [
        ReportTable(
            name="blame",
            title="With true values",
            head=["true values of", "cases", "right", "difference, points", "p, McNemar exact"],
            rows=rows,
            note="The programs stay as they are. What is wrong with all true values is lost to "
            "the programs.",
        ),
        ReportTable(
            name="blame-lost",
            title="What wrong answers are lost to",
            head=["lost to", "cases", "share of the wrong ones"],
            rows=[
                [name, str(n), f"{n / n_wrong:.1%}"] for name, n in counts.most_common() if n
            ],
            note="A module alone where its true values alone make the answer right.",
        ),
    ]  # fmt: skip


def _share(count: int, n: int) -> str:
    return f"{count} ({count / n:.1%})" if n else "0"


def _blamed(
    case: Case,
    made_of: str,
    was_right: bool,
    trace: Path,
    oracles: Mapping[str, str],
    runtimes: ReplayRuntimes,
    settings: dict[str, Any],
) -> BlamedCase:
    video = list(case.names)
    right: dict[str, bool] = {}
    why: dict[str, str] = {}
    try:
        run = open_run(trace, settings)
        called = {call.task for call in run.calls}
        has_program = bool(run.result.program)
        sets = {task: {task: name} for task, name in oracles.items() if task in called}
        sets[ALL] = {task: name for task, name in oracles.items() if task in called}
        for name, swapped in sets.items() if has_program else ():
            if not swapped:
                right[name] = was_right
                continue
            result = replay(trace, modules=swapped, runtimes=runtimes, **settings).result
            right[name] = verdict_of(case, result.status, result.answer) == "right"
            if result.error is not None:
                why[name] = f"{result.status}: {result.error.message}"
    except VprogError as error:  # of one case: the others are run again all the same
        return BlamedCase(
            id=case.id,
            video=video,
            made_of=made_of,
            was_right=was_right,
            error=f"{error.code}: {error.message}",
        )
    return BlamedCase(
        id=case.id, video=video, made_of=made_of, was_right=was_right, right=right, why=why
    )
