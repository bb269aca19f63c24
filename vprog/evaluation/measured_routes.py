"""From evaluations of several strategies to the table that `route` reads."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from vprog.errors import UsageError
from vprog.evaluation.results.archive import EvalManifest, open_archive
from vprog.evaluation.results.eval_folder import archived_cases, read_results
from vprog.evaluation.results.scored_case import ScoredCase
from vprog.runs.route_table import RouteRow, RouteTable
from vprog.strategies.catalog import find_strategy
from vprog.strategies.route import class_of

_WRITER = "Name one, --llm MODEL, and make the results again: route picks for a writer."
_ASK = "Make them together: vprog eval CASES -o DIR --strategies A,B,C."


def fit_routes(folder: Path, *, preset: str) -> RouteTable:
    """What the strategies of a folder cost and were right in, by kind of question.

    Args:
        folder: of `vprog eval --strategies`: a folder of results for each.
        preset: under which the table is to hold.

    Raises:
        UsageError: there are less than two strategies, or they were not asked the same cases with
            the same models, or one that asks a writer had none.
        ConfigError: a strategy is gone.
    """
    runs = sorted(path.parent for path in folder.glob("*/results.jsonl"))
    rows: defaultdict[str, list[RouteRow]] = defaultdict(list)
    models: dict[str, set[str]] = {"llm": set(), "vlm": set()}
    asked: set[frozenset[tuple[str, tuple[str, ...], str]]] = set()
    for run in runs:
        with open_archive(run / "archive.zip") as archive:
            name = _strategy_of(archive.manifest, run)
            if find_strategy(name).asks_writer:
                if not archive.manifest.writers:
                    raise UsageError(f"{run}: no model wrote for {name}.", hint=_WRITER)
                models["llm"].update(archive.manifest.writers)
            models["vlm"].update(archive.manifest.answerers or [""])  # "": without one
        cases = archived_cases(run)
        kinds = {case.id: class_of(case.question) for case in cases}
        asked.add(frozenset((case.id, case.names, case.question) for case in cases))
        by_kind: defaultdict[str, list[ScoredCase]] = defaultdict(list)
        for result in read_results(run):
            by_kind[kinds[result.id]].append(result)
        for kind, results in by_kind.items():
            rows[kind].append(_row(name, results))
    if len(runs) < 2:
        raise UsageError(f"{folder}: there are no results of two strategies.", hint=_ASK)
    if len(asked) > 1:
        raise UsageError(f"{folder}: the strategies were not asked the same cases.", hint=_ASK)
    for what, names in models.items():
        if len(names) > 1:
            listed = ", ".join(name or "none" for name in sorted(names))
            raise UsageError(
                f"{folder}: results of several models ({what}): {listed}. A table holds for one.",
                hint=_ASK,
            )
    return RouteTable(
        preset=preset,
        llm="".join(models["llm"]),
        vlm="".join(models["vlm"]),
        made=date.today().isoformat(),
        kinds={kind: sorted(rows[kind], key=lambda row: row.strategy) for kind in sorted(rows)},
    )


def _strategy_of(manifest: EvalManifest, run: Path) -> str:
    name = manifest.settings.get("strategy")
    if not name:
        raise UsageError(f"{run}: its archive names no strategy.", hint=_ASK)
    return str(name)


def _row(strategy: str, cases: Sequence[ScoredCase]) -> RouteRow:
    n_cases = len(cases)
    return RouteRow(
        strategy=strategy,
        n_cases=n_cases,
        n_right=sum(case.is_right for case in cases),
        llm_calls=round(sum(case.llm_calls for case in cases) / n_cases, 3),
        frames=round(sum(case.frames_decoded for case in cases) / n_cases, 3),
        seconds=round(sum(case.seconds for case in cases) / n_cases, 4),
    )
