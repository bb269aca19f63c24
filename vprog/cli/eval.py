"""`vprog eval`: answer questions with known answers, and judge them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from vprog.cli.answering import SOME_FAILED, engine_option
from vprog.cli.command_errors import reports_errors
from vprog.cli.eval_cases import Evaluation, compare_strategies, run_arms
from vprog.cli.options import module_swaps, preset_option, set_option, settings_of
from vprog.cli.output import note, say, say_json
from vprog.errors import UsageError

if TYPE_CHECKING:
    from vprog.evaluation.arms import Arm
    from vprog.evaluation.audit.blame import BlamedCase
    from vprog.evaluation.audit.eval_audit import AuditedCase
    from vprog.evaluation.audit.thought_judge import JudgedThought
    from vprog.evaluation.case import Case
    from vprog.evaluation.results import EvalSummary

_PARTED = 6
"""Exit code where an archive does not give the results that it holds."""


@click.command("eval")
@click.argument("source", metavar="[CASES]", required=False)
@click.option("--suite", help="Benchmark whose own file CASES is; `--suite list` names them.")
@click.option("--media", type=click.Path(path_type=Path, file_okay=False, exists=True),
              help="Folder of the videos; default: the folder of CASES.")  # fmt: skip
@click.option("-o", "--out", type=click.Path(path_type=Path, file_okay=False),
              help="Folder for results, report and archive.")  # fmt: skip
@click.option("--resume", is_flag=True, help="Go on with --out: ask what it lacks, and what failed "
              "by a file, the network or an interrupt.")  # fmt: skip
@click.option("--shard", metavar="I/N", help="Only the Ith of N parts, by file: 1/4 ... 4/4; all "
              "may share --out, and `--resume` without --shard scores them together.")  # fmt: skip
@click.option("--jobs", type=click.IntRange(1, 256), help="Questions at the same time; default: "
              "one a core, at least 4.")  # fmt: skip
@click.option("--strategies", metavar="A,B,C", help="Compare these, each with the same budget.")
@click.option("--arms", metavar="A,B,C", help="Ask the cases under these conditions as well, or "
              "\"all\": text_only, one_frame, shuffled, reversed, beginning, ends, text_twin, "
              "told_too, options_shuffled, none_of_these.")  # fmt: skip
@click.option("--judge-model", metavar="SPEC", help="Language model (LLM) that judges open "
              "answers which the grammar does not hold for right; with --diagnose, that sorts "
              "answers too.")  # fmt: skip
@click.option("--replay", "archive", type=click.Path(path_type=Path, dir_okay=False),
              help="Score an archive.zip again, without models and videos.")  # fmt: skip
@click.option("--compare", nargs=2, type=click.Path(path_type=Path, file_okay=False),
              metavar="DIR_A DIR_B", help="Compare two runs on the cases of both.")  # fmt: skip
@click.option("--audit", "audited", type=click.Path(path_type=Path, file_okay=False),
              metavar="DIR", help="Audit every answer of an evaluation.")  # fmt: skip
@click.option("--blame", "blamed", type=click.Path(path_type=Path, file_okay=False),
              metavar="DIR", help="Run the programs of an evaluation again with true "
              "values, to see what wrong answers are lost to.")  # fmt: skip
@click.option("--diagnose", "diagnosed", type=click.Path(path_type=Path, file_okay=False),
              metavar="DIR", help="Sort the answers of an evaluation by what they rest on or fail "
              "by, from their traces.")  # fmt: skip
@click.option("--oracle", "oracles", metavar="TASK=NAME", multiple=True,
              help="With --blame: the module that knows the truth; repeat it.")  # fmt: skip
@preset_option
@click.option("--llm", help="What writes programs; default: rules.")
@click.option("--vlm", help="Vision-language model (VLM): openai:MODEL or hf:MODEL.")
@click.option("--strategy", help="How questions are answered.")
@click.option("--device", help="Where models run: auto, cpu, cuda.")
@click.option("--max-seconds", type=float, help="Time limit for each question, in seconds.")
@engine_option
@set_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@reports_errors
def command(
    source: str | None,
    suite: str | None,
    media: Path | None,
    out: Path | None,
    resume: bool,
    shard: str | None,
    jobs: int | None,
    strategies: str | None,
    arms: str | None,
    judge_model: str | None,
    engine: str | None,
    archive: Path | None,
    compare: tuple[Path, Path] | None,
    audited: Path | None,
    blamed: Path | None,
    diagnosed: Path | None,
    oracles: tuple[str, ...],
    as_json: bool,
    **given: Any,
) -> int:
    """Answer CASES, and report accuracy, coverage, error bars, cost and failures.

    CASES is JSON lines, {"id": "k1", "video": PATH, "question": TEXT, "choices": [TEXT...],
    "answer": VALUE, "tolerance": NUMBER, "group": TEXT}, CSV or parquet with these columns, or,
    with --suite, the file of a benchmark as its authors give it. -o DIR then holds results.jsonl,
    report.html, report.md and archive.zip. Failures and abstentions count as wrong; exit 3 if
    some cases failed.

    \b
    vprog eval cases.jsonl -o run1
    vprog eval cases.jsonl -o run2 --resume --llm openai:gpt-4.1
    vprog eval --compare run1 run2
    vprog eval --replay run1/archive.zip -o again
    vprog eval --audit run1
    vprog eval --blame run1 --oracle read_text=ReadTextTruth
    vprog eval --diagnose run1
    vprog eval cases.jsonl -o run1 --resume --arms text_only,shuffled
    """
    if suite == "list":
        return _list_suites()
    if compare is not None:
        return _compare(*compare, as_json)
    if audited is not None:
        return _audit(audited, settings_of(given), as_json)
    if blamed is not None:
        return _blame(blamed, module_swaps(oracles, "--oracle"), settings_of(given), as_json)
    if diagnosed is not None:
        return _diagnose(diagnosed, judge_model, as_json)
    if out is None:
        raise UsageError("no folder for the results.", hint="Name one: -o run1.")
    if archive is not None:
        return _replay(archive, out, as_json)
    if source is None:
        raise UsageError("no cases.", hint="Name a file: vprog eval cases.jsonl -o run1.")
    evaluation = Evaluation(
        _cases(source, suite, media),
        source,
        suite or "",
        resume,
        shard,
        jobs or 0,
        judge_model,
        engine,
    )
    settings = settings_of(given)
    if strategies is not None:
        names = [name.strip() for name in strategies.split(",")]
        if arms is not None:
            raise UsageError("--arms goes without --strategies.", hint="Leave one out.")
        return compare_strategies(evaluation, names, out, settings, as_json)
    chosen = _arms(arms, settings) if arms is not None else []
    if chosen and shard is not None:
        raise UsageError("--arms goes without --shard.", hint="Leave one out.")
    evaluated, code = evaluation.run(out, settings)
    if evaluated is None:
        return code
    if chosen:
        code = max(code, run_arms(evaluation, chosen, out, settings))
    _print(evaluated.summary, out, as_json)
    return code


def _arms(names: str, settings: dict[str, Any]) -> list[Arm]:
    from vprog.evaluation.arms import find_arms

    if "shown" in settings:
        raise UsageError("--arms says itself what is shown.", hint="Leave out --set shown=...")
    return find_arms(names)


def _cases(source: str, suite: str | None, media: Path | None) -> Sequence[Case]:
    from vprog.evaluation.case import cases_of_forms, read_cases

    path = Path(source)
    if suite is None:
        return read_cases(path, folder=media, allow_unanswerable=True)
    from vprog.evaluation.loaders import load_suite

    return cases_of_forms(load_suite(suite, path), media or path.parent)


def _list_suites() -> int:
    from vprog.evaluation.loaders import suites

    for name, loader in suites().items():
        say(f"{name:18} {loader.about}")
    return 0


def _replay(archive: Path, out: Path, as_json: bool) -> int:
    from vprog.evaluation.results import replay

    evaluated = replay(archive, out)
    _print(evaluated.summary, out, as_json)
    if evaluated.is_same:
        note("equal: results.jsonl is that of the archive, byte for byte")
        return 0
    note("results.jsonl differs from that of the archive: another version of vprog judged it")
    return _PARTED


def _audit(folder: Path, settings: dict[str, Any], as_json: bool) -> int:
    """Every answer of an evaluation with less of its video."""
    from vprog.evaluation.audit.eval_audit import (
        audit_counts,
        audit_evaluation,
        audit_tables,
        condition_figures,
    )
    from vprog.evaluation.results import tables_markdown

    audits = audit_evaluation(folder, listen=_note_unaudited, **settings)
    if as_json:
        rows = [asdict(row) for row in condition_figures(audits)]
        say_json({"answers": audit_counts(audits), "conditions": rows})
    else:
        say(tables_markdown(audit_tables(audits)).strip())
        note(f"audits: {folder / 'audits.jsonl'}; report: {folder / 'report.html'}")
    return SOME_FAILED if any(audited.error for audited in audits) else 0


def _note_unaudited(made: AuditedCase | BlamedCase) -> None:
    if made.error:
        note(f"{made.id}: {made.error}")


def _blame(folder: Path, oracles: dict[str, str], settings: dict[str, Any], as_json: bool) -> int:
    """The programs of an evaluation with true values."""
    from vprog.evaluation.audit.blame import blame_evaluation, blame_tables
    from vprog.evaluation.results import tables_markdown

    blames = blame_evaluation(folder, oracles, listen=_note_unaudited, **settings)
    tables = blame_tables(blames, tuple(oracles))
    if as_json:
        say_json({"tables": msgspec.to_builtins(tables)})
    else:
        say(tables_markdown(tables).strip())
        note(f"cases: {folder / 'blames.jsonl'}; report: {folder / 'report.html'}")
    return SOME_FAILED if any(blamed.error for blamed in blames) else 0


def _diagnose(folder: Path, judge_model: str | None, as_json: bool) -> int:
    """The answers of an evaluation by what they rest on, or what they fail by."""
    from vprog.evaluation.audit.error_classes import diagnose_evaluation
    from vprog.evaluation.results import tables_markdown
    from vprog.llm.llm_spec import open_llm

    judge = open_llm(judge_model) if judge_model is not None else None
    cases, tables = diagnose_evaluation(folder, judge=judge, listen=_note_unsorted)
    if as_json:
        say_json({"cases": msgspec.to_builtins(cases), "tables": msgspec.to_builtins(tables)})
    else:
        say(tables_markdown(tables).strip())
        note(f"report: {folder / 'report.html'}")
    return 0


def _note_unsorted(judged: JudgedThought) -> None:
    if not judged.error_class:
        note(f"{judged.id}: {judged.model} names no class: {judged.class_reply.strip()[:80]!r}")


def _compare(one: Path, other: Path, as_json: bool) -> int:
    from vprog.evaluation.error_bars import compare_pairs, p_text
    from vprog.evaluation.results import read_results

    left, right = ({case.id: case for case in read_results(path)} for path in (one, other))
    shared = [key for key in left if key in right]
    if not shared:
        raise UsageError(
            f"{one} and {other} have no case in common.", hint="Compare runs on one file of cases."
        )
    found = compare_pairs(
        [left[key].is_right for key in shared],
        [right[key].is_right for key in shared],
        [tuple(left[key].video) for key in shared],
    )
    left_out = len(left) + len(right) - 2 * len(shared)
    if as_json:
        say_json({**asdict(found), "left_out": left_out})
        return 0
    accuracies = [sum(side[key].is_right for key in shared) / len(shared) for side in (left, right)]
    error = "" if found.error is None else f" ± {100 * found.error:.1f} (clustered by video)"
    say(f"A {one}: {accuracies[0]:.1%} right")
    say(f"B {other}: {accuracies[1]:.1%} right")
    say(f"B - A: {100 * found.difference:+.1f}{error} points on {found.n} cases of both")
    say(f"right in A alone {found.only_a}, in B alone {found.only_b}")
    clustered = "not known: one video, or no case differs"
    if found.p_clustered is not None:
        clustered = p_text(found.p_clustered)
    say(f"p, clustered paired difference: {clustered}")
    say(f"p, McNemar exact: {p_text(found.p_mcnemar)}")
    if left_out:
        note(f"{left_out} cases are in one run alone and are left out")
    return 0


def _print(summary: EvalSummary, out: Path, as_json: bool) -> None:
    from vprog.evaluation.results import kept_tables, summary_markdown, tables_markdown

    tables = kept_tables(out)
    if as_json:
        say_json({**msgspec.to_builtins(summary), "tables": msgspec.to_builtins(tables)})
        return
    say(summary_markdown(summary).rstrip())
    for name, value in summary.metrics.items():
        say(f"{name}: {value:.4f}")
    if tables:
        say(tables_markdown(tables).rstrip())
    if summary.failures:
        counts = ", ".join(f"{code} {count}" for code, count in summary.failures.items())
        note(f"without an answer: {counts}")
    note(f"report: {out / 'report.html'}")
