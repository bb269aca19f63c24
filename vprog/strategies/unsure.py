"""`unsure`: answer from what was read; look only where the model is not sure of that."""

from __future__ import annotations

import ast
import math
from collections.abc import Sequence
from dataclasses import dataclass

from vprog.errors import LlmReplyError, ProgramRejectedError
from vprog.llm.language_model import Message, excerpt
from vprog.program.program import Program
from vprog.prompt.cell_prompt import CELL_RULES, asked_instead, path_parts
from vprog.prompt.extract import last_object
from vprog.runs.attempt import Attempt
from vprog.runs.model_requests import write_cell
from vprog.runs.workspace import Workspace
from vprog.strategies import fast
from vprog.strategies.observe import last_cell
from vprog.strategies.strategy import strategy
from vprog.strategies.video_text import read_context
from vprog.strategies.vlm_cells import (
    even_frames,
    look,
    one_line,
    seen_videos,
    yes_no_look,
)

NAME = "confidence"
MOST = 4
"""Factors that are checked."""

MAX_FACTOR = 200
"""Characters of one."""

_FORM = '{"kind": "understanding" or "inference", "factors": ["short question", ...]}'

FACTOR_RULES = f"""\
# What must be seen
Here you do not write a program: you say what must be seen in the video. Reply with one JSON \
object and nothing else:
{_FORM}"""

ORDER = (
    "What was read above does not settle the question. Is it answered by looking at the frames "
    'alone (kind "understanding"), or must several things that are seen be put together with '
    'what is known (kind "inference")? For an inference, list up to four short questions about '
    "what can be seen, each answered by a look at the frames, e.g. "
    '"Is the man holding a ticket?"; else leave the list empty.'
)

CAPTIONS = 16
"""Of all videos together, beside what is said and written."""

READ = (
    "These variables hold what was read of the video; the lines above are some of their items, "
    "each with its variable and index. The text of frames[i] is a caption of that frame."
)

ANSWER = (
    f"Write the last cell. Its first line says how sure these lines make you of the answer: "
    f"{NAME} = a number from 0 to 1. Then it calls answer(value, evidence=[...]) and cites the "
    "items that say it; or abstain(reason) if none does."
)

PUT_TOGETHER = (
    "The cell above asked a VLM at the frames. Write the last cell: call "
    "answer(value, evidence=[...]) with what follows from the lines and these findings, and "
    "cite both; or abstain(reason) if they do not show it."
)


@strategy("unsure", "answer from what was read; look where unsure")
def solve(workspace: Workspace) -> Attempt:
    """The answer from what was read, if the model says that it is sure; else from looks.

    Where it is less sure than `accept`, or does not say, it tells what must be seen: the
    question itself, which the VLM then answers; or several things, each of which
    that model is asked about before the answer is written. Such an order that cannot be read
    stands for the first.

    Raises:
        MissingError: something must be seen, and no VLM is named.
        AbstainedError: the last cell cannot be read or gives no answer, or there is nothing
            to look at.

    Source: ViCor (2023): a language model that is unsure of its answer from a caption orders
    specific looks; understanding goes to the VLM, inference comes back.
    """
    context = read_context(workspace, most_captions=CAPTIONS)
    parts = ["# Read", context.text, READ]
    sure = _answer_if_sure(workspace, context.at, parts)
    if sure is not None:
        return sure
    fast.need_vlm(workspace, "ask", "ask_yes_no")
    seen_videos(workspace.run)
    factors = _factors(workspace, parts)
    if not factors.questions:
        return fast.solve(workspace)
    note = f"looks for {len(factors.questions)} things"
    found = look(workspace, context.at, _looks(workspace, factors), note)
    if found.state is None:
        return found
    findings = [*path_parts(found.shown[-1:]), PUT_TOGETHER]
    messages = asked_instead(workspace.writer.prompt.messages, CELL_RULES, [*parts, *findings])
    return last_cell(workspace, found, messages)


def _answer_if_sure(workspace: Workspace, at: Attempt, parts: Sequence[str]) -> Attempt | None:
    """The answer from what was read; None if it is unsure, does not say, or comes to nothing."""
    messages = asked_instead(workspace.writer.prompt.messages, CELL_RULES, [*parts, ANSWER])
    try:
        source = write_cell(workspace, messages, "answer from what was read")
        confidence = self_reported_confidence(source)
    except (LlmReplyError, ProgramRejectedError) as error:
        _tell(workspace, f"taken as unsure: {error.message}")
        return None
    if confidence < workspace.settings.accept:
        _tell(workspace, f"unsure of what was read: {confidence:g}")
        return None
    made = workspace.run_cell(at, source)
    if made.is_answered:
        return made
    _tell(workspace, "taken as unsure: the cell gives no answer")
    return None


def _factors(workspace: Workspace, parts: Sequence[str]) -> Factors:
    reply = workspace.writer.ask(
        factor_messages(workspace.writer.prompt.messages, parts), "say what must be seen"
    )
    try:
        return read_factors(reply.text)
    except LlmReplyError as error:
        _tell(workspace, f"the question itself is looked at: {error.message}")
        return Factors()


def _looks(workspace: Workspace, factors: Factors) -> str:
    """The cell that asks the VLM about each factor, by yes or no where it can be.

    What it says neither yes nor no to is asked again in free words.
    """
    run = workspace.run
    lines = [f"frames = {even_frames(run, seen_videos(run), fast.FRAMES)}\n"]
    for at, question in enumerate(factors.questions, start=1):
        if fast.kind_of(question, has_choices=False) == "yes_no":
            lines.append(yes_no_look(f"finding_{at}", question))
        else:
            lines.append(f"finding_{at} = ask(frames, {question!r})\n")
    return "".join(lines)


def _tell(workspace: Workspace, text: str) -> None:
    workspace.run.warnings.add(text)


def self_reported_confidence(program: Program) -> float:
    """The number in [0, 1] that a cell gives to `confidence`, read and not run.

    It must be written as a number, once, on a line of its own that is in no block.

    Raises:
        LlmReplyError: there is none, or it is none such.
        ProgramRejectedError: the cell cannot be parsed.
    """
    stated = [
        statement.value
        for statement in program.tree.body
        if isinstance(statement, ast.Assign)
        and any(isinstance(target, ast.Name) and target.id == NAME for target in statement.targets)
    ]
    value = stated[0].value if len(stated) == 1 and isinstance(stated[0], ast.Constant) else None
    if (
        isinstance(value, bool)
        or not isinstance(value, int | float)
        or not math.isfinite(value)
        or not 0 <= value <= 1
    ):
        raise LlmReplyError(
            "the cell does not say how sure it is.",
            hint=f"It must hold one line `{NAME} = ` with a number from 0 to 1.",
        )
    return float(value)


@dataclass(frozen=True)
class Factors:
    """What is to be looked at; empty where the question itself is."""

    questions: tuple[str, ...] = ()


def factor_messages(prompt: Sequence[Message], parts: Sequence[str]) -> tuple[Message, ...]:
    """Ask what must be seen; `parts` are what was read, as marked data."""
    return asked_instead(prompt, FACTOR_RULES, [*parts, ORDER])


def read_factors(reply: str) -> Factors:
    """What a reply wants to be seen; doubles dropped, at most MOST, each cut to MAX_FACTOR.

    Raises:
        LlmReplyError: it is not of the form asked for, or an inference without a factor.
    """
    found = last_object(reply)
    kind, factors = found.get("kind"), found.get("factors", [])
    if (
        kind not in ("understanding", "inference")
        or not isinstance(factors, list)
        or not all(isinstance(factor, str) for factor in factors)
    ):
        raise _refusal(reply)
    if kind == "understanding":
        return Factors()
    questions = [one_line(str(factor), MAX_FACTOR) for factor in factors]
    kept = tuple(dict.fromkeys(question for question in questions if question))[:MOST]
    if not kept:
        raise _refusal(reply)
    return Factors(kept)


def _refusal(reply: str) -> LlmReplyError:
    return LlmReplyError(
        f'what must be seen is not of the form asked for: "{excerpt(reply)}".',
        hint=f"It must be {_FORM}.",
    )
