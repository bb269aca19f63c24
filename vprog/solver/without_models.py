"""Answers in which no model has a part: by the rules, or by a program of one's own."""

from __future__ import annotations

from vprog.errors import AbstainedError, BudgetError, VprogError
from vprog.rules.draft import RuleProgram, Unanswerable
from vprog.rules.rule_writer import write
from vprog.runs.result import Result
from vprog.runs.run import PROGRAM, RULES, Run


def write_by_rules(run: Run) -> RuleProgram:
    """The program that the rules write for a question.

    Raises:
        AbstainedError: they write none; says why, and what would add the capability.
        BudgetError: the time was over before.
    """
    written = run.budget.bounded(
        lambda: write(
            run.text,
            run.choices,
            run.media.videos,
            set(run.runtime.modules),
            part=run.media.window,
        ),
        "the rules that read the question",
    )
    if isinstance(written, Unanswerable):
        raise AbstainedError(written.reason, hint=written.command)
    return written


def answer_by_rules(run: Run) -> Result:
    """The result of a question that the rules answer alone, trace ended."""
    try:
        written = write_by_rules(run)
    except AbstainedError as error:
        return run.abstained(error, path=RULES)
    except BudgetError as error:
        return run.failed(error, path=RULES)
    return _answer(
        run,
        written.program,
        path=RULES,
        reading=written.reading,
        by_meaning=written.by_meaning,
    )


def answer_by_program(run: Run, program: str) -> Result:
    """The result of a program of the caller's own, trace ended."""
    return _answer(run, program, path=PROGRAM)


def _answer(
    run: Run, program: str, *, path: str, reading: str = "", by_meaning: bool = False
) -> Result:
    try:
        outcome = run.run_program(program, writer=path, note=reading)
    except VprogError as error:
        return run.failed(error, path=path, program=program, line=error.line)
    return run.result_of(
        outcome, path=path, program=program, reading=reading, by_meaning=by_meaning
    )
