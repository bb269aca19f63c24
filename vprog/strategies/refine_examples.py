"""`refine_examples`: the nearest examples, rewritten into the form of the question's solution.

Examples are refined until nothing changes; also for a library of one's own, without a question:

    refined = refine_examples(load_examples(), rewrite, check=check, modules=modules)

`rewrite` gives other programs for the examples: a language model's, or any function's. A program
that does not pass `check` is not used: its example keeps the last form that did.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

from vprog.errors import LlmReplyError, ProgramRejectedError
from vprog.execute.cell_checks import refuse
from vprog.llm.data_marks import mark_data
from vprog.llm.language_model import Message, excerpt
from vprog.program.problem import Problem
from vprog.program.program import Program
from vprog.prompt.cell_prompt import asked_instead
from vprog.prompt.extract import plain_reply
from vprog.prompt.fences import find_blocks
from vprog.prompt.solved_examples import Example, nearest_examples
from vprog.runs.attempt import Attempt
from vprog.runs.combinators import until
from vprog.runs.model_requests import AGAIN, write_whole
from vprog.runs.workspace import Workspace
from vprog.sandbox.pool import Pool
from vprog.settings import Settings
from vprog.strategies.strategy import strategy

SHOTS = 3
"""Examples that are rewritten; ours, VURF gives none."""
MAX_WORDS = 3_000
MAX_PROGRAM = 6_000
"""Characters of a solution in words, and of one program."""

WORDS_RULES = """\
# In words
Here you do not write a program: you say in a few plain sentences how you would find the answer, \
step by step, with the modules on this page. Do not guess the answer."""

REWRITE_RULES = """\
# Rewriting the examples
Here you do not answer the question: you rewrite the programs of the examples, so that each \
goes about its own question in the way in which you would solve the task: the same kind of steps, \
in the same order, with the same modules, as far as its own question allows. Each must still \
answer its own question, with its own choices if it has any. Keep a program as it is if it has \
that form already. Reply with the programs of all examples, each in one ```python block, in the \
order of the examples, and nothing else."""

_FENCE = re.compile("```|~~~")
_WORDS = "Say how you would find the answer."
_REWRITE = "Rewrite the {count} programs of the examples."

_REFUSED = (
    "These rewritings of before did not pass, and the examples are shown as they were. "
    "Use only what is on this page."
)


@strategy("refine_examples", "examples rewritten to fit, then one")
def solve(workspace: Workspace) -> Attempt:
    """A program written from examples that were first rewritten to match the question.

    The model solves the question in words; it rewrites the nearest examples to the same form,
    until nothing changes or `rounds` are over. A rewriting that gate or types refuse is not
    used: it goes back with what is wrong, and its example keeps the last good form.

    Source: VURF (2024): example refinement; the number of examples is ours.
    """
    run = workspace.run
    modules = set(run.runtime.modules)
    nearest = nearest_examples(run.text, run.choices, modules, count=SHOTS)
    purpose = "write a program from refined examples"
    prompt = workspace.writer.prompt_with(examples=()).messages
    words = _solve_in_words(workspace, prompt)
    if words is None:
        messages = workspace.writer.prompt_with(examples=nearest).messages
        return write_whole(workspace, messages, purpose=purpose)
    was_unreadable = False

    def rewrite(before: RefinedExamples) -> Sequence[str] | None:
        nonlocal was_unreadable
        refused = [(refusal.at, refusal.program, refusal.problems) for refusal in before.refused]
        messages = rewrite_messages(prompt, words, before.examples, refused)
        temperature = AGAIN if was_unreadable else 0.0
        reply = workspace.writer.ask(messages, "refine the examples", temperature=temperature)
        try:
            programs = read_rewritten(reply.text, len(before.examples))
        except LlmReplyError as error:
            was_unreadable = True
            _note(workspace, f"no rewriting in round {before.rounds + 1}: {error}")
            return None
        was_unreadable = False
        return programs

    refined = refine_examples(
        nearest,
        rewrite,
        check=program_check(run.runtime.pool, modules),
        modules=modules,
        rounds=workspace.settings.rounds,
    )
    _tell(workspace, refined)
    messages = workspace.writer.prompt_with(examples=refined.examples).messages
    return write_whole(workspace, messages, purpose=purpose)


def _solve_in_words(workspace: Workspace, prompt: Sequence[Message]) -> str | None:
    """How the model would find the answer; None, with a warning, if it does not say."""
    reply = workspace.writer.ask(words_messages(prompt), "solve in words")
    try:
        return read_words(reply.text)
    except LlmReplyError as error:
        _note(workspace, f"the examples are not refined: {error}")
        return None


def _tell(workspace: Workspace, refined: RefinedExamples) -> None:
    """Say in the trace what came of the rewriting."""
    how = "nothing changes any more" if refined.is_settled else "not settled"
    _note(workspace, f"examples rewritten in {refined.rounds} rounds, {how}")
    for refusal in refined.refused:
        _note(
            workspace,
            f"the rewriting of example {refusal.at + 1} is not used: {refusal.problems[0].message}",
        )


def _note(workspace: Workspace, text: str) -> None:
    workspace.run.warnings.add(text)


def words_messages(prompt: Sequence[Message]) -> tuple[Message, ...]:
    """Ask for a solution in words."""
    return asked_instead(prompt, WORDS_RULES, [_WORDS])


def read_words(reply: str) -> str:
    """The solution in words.

    Raises:
        LlmReplyError: there is none.
    """
    words = " ".join(plain_reply(reply).split())[:MAX_WORDS]
    if not words:
        raise LlmReplyError(
            "the language model gave no text on how it would find the answer.",
            hint="Ask again, or take another strategy.",
        )
    return words


def rewrite_messages(
    prompt: Sequence[Message],
    words: str,
    examples: Sequence[Example],
    refused: Sequence[tuple[int, str, Sequence[Problem]]] = (),
) -> tuple[Message, ...]:
    """Ask for the examples' programs in the form of a solution in words.

    Args:
        prompt: of the question, without examples.
        words: the solution.
        examples: whose programs are to be rewritten.
        refused: rewritings that did not pass: which example, the program, what is wrong.
    """
    parts = [mark_data("your_solution", words), "# The examples, of other videos"]
    for at, example in enumerate(examples, start=1):
        choices = f"Choices: {list(example.choices)}\n" if example.choices else ""
        parts.append(
            f"{at}. Question: {example.question}\n{choices}"
            f"```python\n{example.program.strip()}\n```"
        )
    if refused:
        rows: list[object] = [
            {
                "example": at + 1,
                "program": program[:MAX_PROGRAM],
                "problems": [
                    f"line {problem.line}: {problem.message}"[:500] for problem in problems[:4]
                ],
            }
            for at, program, problems in refused
        ]
        parts += [_REFUSED, mark_data("refused", rows)]
    return asked_instead(prompt, REWRITE_RULES, [*parts, _REWRITE.format(count=len(examples))])


def read_rewritten(reply: str, n_examples: int) -> list[str]:
    """The programs in a reply, one for each example.

    Raises:
        LlmReplyError: there are not so many, or one is too long or holds a fence, with which
            it would leave its place in a prompt.
    """
    blocks = [block.code for block in find_blocks(plain_reply(reply)) if block.may_be_python]
    is_usable = all(len(block) <= MAX_PROGRAM and not _FENCE.search(block) for block in blocks)
    if len(blocks) != n_examples or not is_usable:
        raise LlmReplyError(
            f"the language model gave no rewriting, but {len(blocks)} programs for {n_examples} "
            f'examples; its reply begins with "{excerpt(reply)}".',
            hint=f"One block for each, of at most {MAX_PROGRAM} characters, without fences in it.",
        )
    return [block.strip("\n") + "\n" for block in blocks]


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
