"""`adjust`: a plan of retrieval, made again whenever a result cannot be relied on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from vprog.errors import LlmReplyError
from vprog.llm.client import Message
from vprog.prompt.cell_prompt import Tried
from vprog.runs.attempt import Attempt
from vprog.runs.combinators import until
from vprog.runs.model_requests import AGAIN
from vprog.runs.reliability import evidence_reliability, is_low, reliability_of
from vprog.runs.workspace import Workspace
from vprog.strategies.adjust_plan import RetrievalPlan, answer_messages, plan_messages, read_plan
from vprog.strategies.observe import last_cell
from vprog.strategies.video_text import read_context
from vprog.trace.event import Reflected, ReliabilityRated, Warned
from vprog.trace.recorder import at_node

SEGMENTS = 16
"""The most that a model which looks describes before the first plan."""


@dataclass(frozen=True)
class _Seen:
    """The cells that ran, and what the last plan made of them.

    `failed` are steps that came to nothing after them.
    """

    at: Attempt
    ran: tuple[Attempt, ...] = ()
    failed: tuple[Tried, ...] = ()
    said: str = ""
    is_enough: bool = False
    was_unreadable: bool = False

    @property
    def reliabilities(self) -> list[float | None]:
        """Of each cell."""
        return [reliability_of(each.results) for each in self.ran]


def solve(workspace: Workspace) -> Attempt:
    """The answer after a plan whose results hold, its score weighed by their reliability.

    What is said, written and shown in the video is read first. Then the model says what it
    would answer, how sure it is and whether the values suffice; else it plans steps, which run
    one after the other. A result of low reliability, or a step that fails, ends the plan: the
    model sees why and makes another. At most `rounds` plans; then the last cell is written.

    Raises:
        AbstainedError: the last cell cannot be read, or gives no answer.

    Source: VideoAgent2 (2025): plan-adjust with the uncertainty of model and tools. Its
    thresholds and prompts are not published: `accept` and RELIABLE are ours.
    """
    start, context = _read(workspace)

    def adjust(seen: _Seen, number: int) -> _Seen:
        messages = plan_messages(
            workspace.writer.prompt.messages,
            seen.at.shown,
            context=context,
            reliabilities=seen.reliabilities,
            failed=seen.failed,
            said=seen.said,
        )
        plan = _ask_plan(workspace, messages, number, again=seen.was_unreadable)
        if plan is None:
            return replace(seen, was_unreadable=True)
        verdict = plan.verdict
        is_sure = verdict.sufficient and verdict.confidence >= workspace.settings.accept
        seen = replace(seen, said=plan.said, was_unreadable=False)
        if is_sure or not plan.steps:
            return replace(seen, is_enough=True)
        return _follow(workspace, seen, plan.steps)

    seen = until(adjust, start, stop=lambda each: each.is_enough, rounds=workspace.settings.rounds)
    if seen.at.is_ended:
        return _weigh(workspace, seen.at, seen.ran)
    messages = answer_messages(
        workspace.writer.prompt.messages,
        seen.at.shown,
        context=context,
        reliabilities=seen.reliabilities,
        said=seen.said,
    )
    last = last_cell(workspace, seen.at, messages)
    return _weigh(workspace, last, (*seen.ran, last))


def _follow(workspace: Workspace, seen: _Seen, steps: Sequence[str]) -> _Seen:
    """Run the steps of a plan until one cannot be relied on."""
    for number, step in enumerate(steps, start=1):
        made = workspace.run_cell(seen.at, step, note=f"step {number} of {len(steps)}")
        if made.is_ended:
            return replace(seen, at=made, ran=(*seen.ran, made), is_enough=True)
        if made.state is None:
            return replace(seen, failed=(*seen.failed, made.tried()))
        seen = replace(seen, at=made, ran=(*seen.ran, made), failed=())
        reliability = reliability_of(made.results)
        if is_low(reliability):
            _note(
                workspace,
                f"step {number} of {len(steps)} gave a result of low reliability, "
                f"{reliability:.2f}: the plan is made again",
            )
            break
    return seen


def _ask_plan(
    workspace: Workspace, messages: Sequence[Message], number: int, *, again: bool
) -> RetrievalPlan | None:
    """The model's plan; None, with a warning, if its reply cannot be read as one."""
    reply = workspace.writer.ask(
        messages, "plan what to retrieve", temperature=AGAIN if again else 0.0
    )
    try:
        plan = read_plan(reply.text)
    except LlmReplyError as error:
        _note(workspace, f"no plan in round {number + 1}: {error}")
        return None
    verdict = plan.verdict
    workspace.run.recorder.write(
        Reflected(
            round=number,
            sufficient=verdict.sufficient,
            confidence=verdict.confidence,
            text=verdict.missing,
        )
    )
    return plan


def _read(workspace: Workspace) -> tuple[_Seen, str]:
    """What is said, written and shown: the cells that read it, and its lines as marked data."""
    read = read_context(workspace, most_captions=SEGMENTS)
    by_node = {attempt.node: attempt for attempt in workspace.attempts}
    ran = tuple(by_node[node] for node in read.at.nodes)
    return _Seen(read.at, ran), "" if read.nothing is not None else read.text


def _weigh(workspace: Workspace, attempt: Attempt, ran: Sequence[Attempt]) -> Attempt:
    """An answer whose score is multiplied by the reliability of its evidence."""
    reliability = evidence_reliability(attempt, ran)
    if reliability is not None:
        workspace.reliabilities[attempt.node] = reliability
        with at_node(attempt.node):
            workspace.run.recorder.write(
                ReliabilityRated(by=[each.node for each in ran], reliability=reliability)
            )
    return attempt


def _note(workspace: Workspace, text: str) -> None:
    workspace.run.recorder.write(Warned(text=text))
