"""Cases answered, judged and reported for `vprog eval`: once, by several strategies, in arms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from vprog.cli.answering import answer_listed, part_of
from vprog.cli.ledger import RERUN
from vprog.cli.output import note, say, say_json
from vprog.errors import UsageError

if TYPE_CHECKING:
    from vprog.evaluation.arms import Arm
    from vprog.evaluation.case import Case
    from vprog.evaluation.results import EvalSummary, Evaluated, ScoredCase

_TRACES_MB = 1_000_000
"""Traces of an evaluation are its record: none is removed, unless the settings say so."""
CACHE = "cache"
ARMS = "arms"
"""In the folder of an evaluation: those of its arms."""


@dataclass(frozen=True)
class Evaluation:
    """Cases, and how they are answered and judged."""

    cases: Sequence[Case]
    source: str
    suite: str
    resume: bool
    shard: str | None
    jobs: int
    judge_model: str | None
    engine: str | None
    has_own_cache: bool = False
    """Whether module results are kept in the folder of the evaluation, for none but it: what it
    costs is then what it costs alone."""

    def run(self, out: Path, settings: dict[str, Any]) -> tuple[Evaluated | None, int]:
        """Answer, judge and report; None where a shard leaves that to the whole."""
        from vprog.evaluation.case_list import CaseDigests
        from vprog.evaluation.kept_list import KeptList, chosen
        from vprog.evaluation.results import (
            TRACES,
            answer_line,
            asked_case,
            finish,
            read_answers,
        )
        from vprog.llm.llm_spec import open_llm

        listed = KeptList(asked_case(case, self.source, out / "subtitles") for case in self.cases)
        digests = CaseDigests(listed, settings)
        part = part_of(listed, self.shard) if self.shard is not None else listed
        name = "" if self.shard is None else "-" + self.shard.replace("/", "-of-")
        if not self.resume and (out / "results.jsonl").exists():
            raise UsageError(
                f"{out} has results already.", hint="Add --resume to go on, or name another."
            )
        if self.shard is None:  # what shards have answered is not asked again
            there = {
                record.id
                for record in read_answers(out, "answers-*.jsonl")
                if record.case == digests.get(record.id) and record.status not in RERUN
            }
            part = chosen(part, lambda case: case.id not in there) if there else part
        judge = open_llm(self.judge_model) if self.judge_model is not None else None
        answered = answer_listed(
            part,
            digests,
            lambda case_id, result: answer_line(case_id, digests[case_id], result),
            out=out / f"answers{name}.jsonl",
            resume=self.resume,
            jobs=self.jobs,
            engine=self.engine,
            settings={
                "trace_dir": out / TRACES,
                "trace_max_mb": _TRACES_MB,
                **({"cache_dir": out / CACHE} if self.has_own_cache else {}),
                **settings,
            },
        )
        if answered.is_interrupted:
            return None, answered.exit_code
        if self.shard is not None:
            note(f"shard {self.shard} is answered; without --shard, --resume scores all of them")
            return None, answered.exit_code
        evaluated = finish(
            out,
            self.cases,
            suite=self.suite or Path(self.source).name,
            settings=settings,
            digests=digests,
            judge=judge,
        )
        return evaluated, answered.exit_code


def run_arms(
    evaluation: Evaluation, arms: Sequence[Arm], out: Path, settings: dict[str, Any]
) -> int:
    """Every arm in a folder of its own below the evaluation's, whose report then has the table.

    Args:
        evaluation: which has been run into `out`.
        arms: in their order.
        out: its folder.
        settings: its settings.

    Returns:
        The exit code.
    """
    from vprog.evaluation.arms import cases_of_arm
    from vprog.evaluation.results import add_tables, arm_tables, read_results

    codes = [0]
    for arm in arms:
        cases = cases_of_arm(arm, evaluation.cases)
        note(f"{arm.name}: {arm.what}")
        if cases.left_out:
            note(f"{arm.name}: {cases.said()}")
        if not cases.asked:
            continue
        changed = replace(evaluation, cases=cases.asked)
        evaluated, code = changed.run(out / ARMS / arm.name, {**settings, "shown": arm.shown})
        if evaluated is None:
            return code
        codes.append(code)
    by_arm, left_out = _answered_arms(evaluation, out, settings)
    if by_arm:
        add_tables(out, arm_tables(read_results(out), by_arm, left_out))
    return max(codes)


def _answered_arms(
    evaluation: Evaluation, out: Path, settings: dict[str, Any]
) -> tuple[dict[str, dict[str, ScoredCase]], dict[str, str]]:
    """The scored cases of every arm in a folder, asked now or before, and what each left out.

    An arm that was asked of other cases, or with other settings, is none of this evaluation.
    """
    from vprog.evaluation.arms import ARMS as ALL_ARMS
    from vprog.evaluation.arms import cases_of_arm
    from vprog.evaluation.results import asked_case, read_results

    by_arm: dict[str, dict[str, ScoredCase]] = {}
    left_out: dict[str, str] = {}
    for name, arm in ALL_ARMS.items():
        folder = out / ARMS / name
        if not (folder / "results.jsonl").exists():
            continue
        cases = cases_of_arm(arm, evaluation.cases)
        shown = {**settings, "shown": arm.shown}
        digests = {
            case.id: asked_case(case, evaluation.source, folder / "subtitles").digest(shown)
            for case in cases.asked
        }
        scored = {row.id: row for row in read_results(folder)}
        if any(digests.get(key) != row.case for key, row in scored.items()):
            note(f"{name}: was asked of other cases or settings, and is left out of the table")
            continue
        by_arm[name] = scored
        left_out[name] = cases.said()
    return by_arm, left_out


def compare_strategies(
    evaluation: Evaluation,
    names: Sequence[str],
    out: Path,
    settings: dict[str, Any],
    as_json: bool,
) -> int:
    """Every strategy on the same cases with the same settings.

    Each has a folder and a cache of its own: its costs are those of asking by it alone.
    """
    from vprog.evaluation.results import (
        drift_table,
        read_results,
        strategy_markdown,
        strategy_rows,
        tables_markdown,
        write_strategy_report,
    )
    from vprog.strategies.catalog import find_strategy

    if len(names) < 2 or len(set(names)) < len(names):
        raise UsageError("--strategies needs two or more.", hint="E.g. --strategies program,vote.")
    if "strategy" in settings or evaluation.shard is not None:
        raise UsageError("--strategies goes without --strategy and --shard.", hint="Leave it out.")
    for name in names:
        find_strategy(name)
    evaluation = replace(evaluation, has_own_cache=True)
    summaries: dict[str, EvalSummary] = {}
    codes = [0]
    for name in names:
        note(f"strategy {name}")
        evaluated, code = evaluation.run(out / name, {**settings, "strategy": name})
        if evaluated is None:
            return code
        summaries[name] = evaluated.summary
        codes.append(code)
    rows = strategy_rows(summaries)
    drift = drift_table({name: read_results(out / name) for name in names})
    write_strategy_report(out, evaluation.suite or Path(evaluation.source).name, rows, [drift])
    if as_json:
        say_json(
            {
                "strategies": [asdict(row) for row in rows],
                "tables": [msgspec.to_builtins(drift)],
            }
        )
    else:
        say(strategy_markdown(rows).rstrip())
        say(tables_markdown([drift]).rstrip())
        note(f"report: {out / 'report.html'}")
    return max(codes)
