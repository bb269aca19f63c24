"""Examples refined until nothing changes; also for a library of one's own, without a question.

    refined = refine_examples(load_examples(), rewrite, check=check, modules=modules)

`rewrite` gives other programs for the examples: a language model's, or any function's. A program
that does not pass `check` is not used: its example keeps the last form that did.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

from vprog.config import Settings
from vprog.errors import ProgramRejectedError
from vprog.execute.cell_checks import refuse
from vprog.program.problem import Problem
from vprog.program.program import Program
from vprog.prompt.solved_examples import Example
from vprog.runs.combinators import until
from vprog.sandbox.pool import Pool

Check = Callable[[str], Sequence[Problem]]
"""What is wrong with a program; nothing if it may run."""


@dataclass(frozen=True)
class RefusedRewriting:
    """A rewriting that was not used: of which example, and what is wrong with it."""

    at: int
    program: str
    problems: tuple[Problem, ...]


@dataclass(frozen=True)
class RefinedExamples:
    """Examples in their last good form.

    Attributes:
        examples: in the order in which they were given.
        refused: rewritings of the last round that did not pass.
        rounds: how often they were rewritten.
        is_settled: whether the last rewriting changed nothing and all of it passed.
    """

    examples: tuple[Example, ...]
    refused: tuple[RefusedRewriting, ...] = ()
    rounds: int = 0
    is_settled: bool = False


Rewrite = Callable[[RefinedExamples], Sequence[str] | None]
"""Other programs, one for each example; None where there are none this time."""


def refine_examples(
    examples: Sequence[Example],
    rewrite: Rewrite,
    *,
    check: Check,
    modules: Collection[str],
    rounds: int = Settings.rounds,
) -> RefinedExamples:
    """Rewrite the programs of examples until a rewriting leaves them as they are.

    Layout and comments are no change. Nothing runs. Where `rewrite` can have no more
    (BudgetError, LlmError), what there is.

    Args:
        examples: to start from; taken to be good.
        rewrite: gives the programs of the next round.
        check: what a program must pass before it runs, e.g. `program_check`.
        modules: the tasks there are.
        rounds: the most rewritings.

    Raises:
        ValueError: `rewrite` gave another number of programs than there are examples.

    Source: VURF (2024): examples are rewritten to match a solution until unchanged.
    """

    def step(before: RefinedExamples, number: int) -> RefinedExamples:
        programs = rewrite(before)
        if programs is None:
            return RefinedExamples(before.examples, before.refused, number + 1)
        made: list[Example] = []
        refused: list[RefusedRewriting] = []
        for at, (example, program) in enumerate(zip(before.examples, programs, strict=True)):
            changed = rewritten(example, program, modules)
            problems = () if changed is example else tuple(check(program))
            if problems:
                refused.append(RefusedRewriting(at, program, problems))
            made.append(example if problems else changed)
        unchanged = all(map(operator.is_, made, before.examples))
        return RefinedExamples(tuple(made), tuple(refused), number + 1, unchanged and not refused)

    start = RefinedExamples(tuple(examples), is_settled=not examples)
    return until(step, start, stop=lambda refined: refined.is_settled, rounds=rounds)


def program_check(pool: Pool, modules: Collection[str]) -> Check:
    """A check by gate and types, as programs pass them before they run.

    Args:
        pool: whose check session knows the modules' types, e.g. `runtime.pool`.
        modules: the tasks that a program may call.
    """

    def check(program: str) -> Sequence[Problem]:
        found = refuse(pool, Program(program), modules=modules, must_end=True)
        return () if found is None else found.problems

    return check


def rewritten(example: Example, program: str, modules: Collection[str]) -> Example:
    """An example with another program; itself where that differs in layout only."""
    if Program(example.program).canonical == Program(program).canonical:
        return example
    return replace(example, program=program, tasks=_called(program, modules))


def _called(program: str, modules: Collection[str]) -> frozenset[str]:
    """The modules that a program calls."""
    try:
        return frozenset(Program(program).called).intersection(modules)
    except ProgramRejectedError:  # what checks programs says so; nothing of it is called
        return frozenset()
