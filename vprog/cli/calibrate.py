"""`vprog calibrate`: fit confidence to questions with known answers."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
import msgspec

from vprog.cli.command_errors import reports_errors
from vprog.cli.options import preset_option, set_option, settings_of
from vprog.cli.output import note, say, say_json
from vprog.errors import UsageError

_ROWS = 10


@click.command("calibrate")
@click.argument("cases", type=click.Path(path_type=Path, dir_okay=False), required=False)
@click.option("--routes", "measured", metavar="DIR",
              type=click.Path(path_type=Path, file_okay=False, exists=True),
              help="Results of `vprog eval --strategies`: fit which of them `route` picks for "
              "which kind of question.")  # fmt: skip
@click.option("--media", type=click.Path(path_type=Path, file_okay=False, exists=True),
              help="Folder of the videos; default: the folder of CASES.")  # fmt: skip
@preset_option
@click.option("--llm", help="What writes programs.")
@click.option("--vlm", help="Vision-language model (VLM): openai:MODEL or hf:MODEL.")
@click.option("--strategy", help="How questions are answered; the fit holds for this one.")
@click.option("--max-seconds", type=float, help="Time limit for each question, in seconds.")
@set_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@reports_errors
def command(
    cases: Path | None, measured: Path | None, media: Path | None, as_json: bool, **given: Any
) -> int:
    """Answer the questions of CASES, and fit confidence and threshold to the scores.

    CASES has one JSON object a line: {"video": PATH, "question": TEXT, "choices": [TEXT...],
    "answer": VALUE, "tolerance": SECONDS}. Confidence is fitted to the score of the final
    answer; where a strategy takes the best of several attempts, that is the best score. The
    fit is saved for this preset, strategy and models, and `vprog solve` uses it with the
    same ones.

    With --routes DIR, no question is asked: what each strategy was right in and cost, by kind of
    question, is read from DIR and kept for `--strategy route`, which then picks the cheapest of
    those that are no worse than the best.
    """
    from vprog.evaluation.calibrate.fitting import CaseRun, fit, run_cases
    from vprog.evaluation.case import Case, read_cases
    from vprog.runs.result import Result
    from vprog.runs.stored_calibration import save
    from vprog.settings import load_settings
    from vprog.solver.choose_path import open_plan
    from vprog.solver.solver import solve
    from vprog.strategies.catalog import find_strategy

    options = settings_of(given)
    settings = load_settings(options)
    if measured is not None:
        return _fit_routes(measured, settings.preset, as_json)
    if cases is None:
        raise UsageError("no cases.", hint="Name a file: vprog calibrate cases.jsonl.")
    read = read_cases(cases, folder=media)
    # What no question could be asked with is said once, and nothing is kept.
    looks = not find_strategy(settings.strategy).asks_writer
    open_plan(load_settings({**options, "mode": "fast" if looks else "slow"})).close()
    modes = ["fast"] if looks else ["fast", "slow"] if settings.vlm else ["slow"]

    def answer(case: Case, mode: str) -> Result:
        # Beside a strategy that writes programs, the fast path is what `auto` tries before it.
        strategy = settings.strategy if looks or mode == "slow" else "fast"
        return solve(
            list(case.videos),
            case.question,
            choices=case.choices,
            subtitles=case.subtitles,
            # Whatever the score: the floor is not to hide what is to be learned.
            **{**options, "mode": mode, "strategy": strategy, "floor": 0.0},
        )

    def listen(case_run: CaseRun) -> None:
        verdict = "right" if case_run.is_right else "wrong" if case_run.is_answered else "no answer"
        problem = f": {case_run.problem}" if case_run.problem else ""
        note(f"line {case_run.case.line}, {case_run.mode}: {verdict}{problem}")

    fitted = fit(run_cases(read, modes, answer, listen), settings)
    saved = save(fitted.calibration)
    if as_json:
        say_json(
            {
                "calibration": msgspec.to_builtins(fitted.calibration),
                "paths": [asdict(figure) for figure in fitted.figures],
                "auto": fitted.auto,
                "notes": fitted.notes,
                "file": str(saved),
            }
        )
        return 0
    for figures in fitted.figures:
        _print(figures)
    if fitted.auto is not None:
        threshold, right, fast = fitted.auto
        say(
            f"auto: threshold {threshold:.3f}: {right:.0%} right, {fast:.0%} of questions stay fast"
        )
    for remark in fitted.notes:
        note(f"note: {remark}")
    note(f"saved in {saved}")
    return 0


def _fit_routes(measured: Path, preset: str, as_json: bool) -> int:
    from vprog.evaluation.measured_routes import fit_routes
    from vprog.runs.route_table import LEAST, save_routes

    table = fit_routes(measured, preset=preset)
    saved = save_routes(table)
    if as_json:
        say_json({"routes": msgspec.to_builtins(table), "file": str(saved)})
        return 0
    for kind, rows in table.kinds.items():
        picked = table.pick(kind, max_llm_calls=sys.maxsize)
        for row in rows:
            say(
                f"{kind:8} {row.strategy:16} {row.n_right}/{row.n_cases} right, "
                f"{row.llm_calls:.1f} requests, {row.frames:.0f} frames, {row.seconds:.1f} s"
                f"{'   <- route' if row == picked else ''}"
            )
        if picked is None:
            note(f"{kind}: less than {LEAST} cases of each: route goes as without a table")
    note(f"saved in {saved}")
    return 0


def _print(figures: Any) -> None:
    say(
        f"{figures.path}: {figures.n_cases} cases, {figures.n_answered} answered, "
        f"{figures.n_right} right; {figures.seconds:.1f} s, {figures.llm_calls:.1f} LLM calls and "
        f"{figures.module_calls:.0f} module calls a question"
    )
    if figures.error_before is None:
        return
    after = "-" if figures.error_after is None else f"{figures.error_after:.3f}"
    say(
        f"  calibration error {figures.error_before:.3f} as scored, {after} as fitted "
        f"(held out); mean risk {figures.mean_risk:.3f}"
    )
    say("  score from   coverage   risk")
    step = max(1, -(-len(figures.curve) // _ROWS))
    for at in range(len(figures.curve) - 1, -1, -step):
        score, coverage, risk = figures.curve[at]
        say(f"  {score:10.3f}   {coverage:8.0%}   {risk:4.0%}")
