"""`observe`: plan a look, look, reflect; at most three rounds, then an answer or none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vprog.errors import AbstainedError, LlmReplyError
from vprog.llm.language_model import Message
from vprog.prompt.cell_prompt import (
    LAST,
    AttemptedCell,
    ShownCell,
    asked_instead,
    cell_messages,
    path_parts,
)
from vprog.prompt.verdict import JUDGE_RULES
from vprog.runs.attempt import Attempt
from vprog.runs.combinators import until
from vprog.runs.model_requests import ask_verdict, write_cell
from vprog.runs.workspace import Workspace
from vprog.strategies.strategy import strategy

LOOK = (
    "Write the next cell: look at one more thing that the answer needs, over the part of the "
    "video that matters. Do not answer yet."
)

REFLECT = (
    "Do these values show the answer to the question? sufficient: whether they do; confidence: "
    "how sure they make you; missing: what should be looked at next, and where."
)


@dataclass(frozen=True)
class _Seen:
    """What was seen so far.

    `failed` are looks that came to nothing after it; `missing` is what the last reflection
    wants to see.
    """

    at: Attempt
    failed: tuple[AttemptedCell, ...] = ()
    missing: str = ""
    is_enough: bool = False


@strategy("observe", "look, reflect, look again; then answer")
def solve(workspace: Workspace) -> Attempt:
    """The answer that the last cell gives.

    A look goes on until a reflection finds the values sufficient with a confidence of at
    least `accept`, or the rounds are over. The last cell is written either way.

    Raises:
        AbstainedError: the last cell cannot be read, or gives no answer.

    Source: Active Video Perception (2025): three rounds, 0.7. Its code takes the first
    option where the last reply cannot be parsed; this abstains.
    """

    def look(seen: _Seen, number: int) -> _Seen:
        messages = cell_messages(
            workspace.writer.prompt.messages,
            seen.at.shown,
            attempted=seen.failed,
            hint=seen.missing,
            order=LOOK,
        )
        try:
            source = write_cell(workspace, messages, "plan a look")
        except LlmReplyError as error:
            made = workspace.refuse(seen.at, error)
        else:
            made = workspace.run_cell(seen.at, source)
        if made.is_ended:
            return _Seen(made, is_enough=True)
        if made.state is None:
            return _Seen(seen.at, (*seen.failed, made.tried()), seen.missing)
        verdict = ask_verdict(
            workspace,
            reflect_messages(workspace.writer.prompt.messages, made.shown),
            "reflect",
            number,
        )
        if verdict is None:
            return _Seen(made)
        is_enough = verdict.sufficient and verdict.confidence >= workspace.settings.accept
        return _Seen(made, (), verdict.missing, is_enough)

    seen = until(
        look,
        _Seen(workspace.start),
        stop=lambda seen: seen.is_enough,
        rounds=workspace.settings.rounds,
    )
    return seen.at if seen.at.is_ended else force_answer(workspace, seen.at, seen.missing)


def force_answer(workspace: Workspace, at: Attempt, missing: str = "") -> Attempt:
    """The last cell of a path, which must end it.

    Raises:
        AbstainedError: as `last_cell`.
    """
    messages = cell_messages(workspace.writer.prompt.messages, at.shown, hint=missing, order=LAST)
    return last_cell(workspace, at, messages)


def last_cell(workspace: Workspace, at: Attempt, messages: Sequence[Message]) -> Attempt:
    """Ask for a cell that must end a path, once.

    Raises:
        AbstainedError: it cannot be read, was refused, failed, or goes on.
    """
    hint = "Ask again with more rounds, another strategy or another model."
    try:
        made = workspace.run_cell(at, write_cell(workspace, messages, "answer"))
    except LlmReplyError as error:
        raise AbstainedError(
            f"the last reply holds no answer: {error.message}", hint=hint
        ) from error
    if made.is_ended:
        return made
    why = made.problems[0].message if made.problems else "it goes on without an answer"
    raise AbstainedError(f"the last cell gives no answer: {why}", hint=hint)


def reflect_messages(prompt: Sequence[Message], path: Sequence[ShownCell]) -> tuple[Message, ...]:
    """Ask whether the values of a path show the answer."""
    return asked_instead(prompt, JUDGE_RULES, [*path_parts(path), REFLECT])
