"""`adjust`: a plan of retrieval, made again whenever a result cannot be relied on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from vprog.errors import LlmReplyError
from vprog.llm.data_marks import mark_data
from vprog.llm.language_model import Message, excerpt
from vprog.prompt.cell_prompt import (
    CELL_RULES,
    LAST,
    AttemptedCell,
    ShownCell,
    asked_instead,
    path_parts,
)
from vprog.prompt.extract import extract_program, last_object
from vprog.prompt.verdict import Verdict, read_verdict
from vprog.runs.attempt import Attempt
from vprog.runs.combinators import until
from vprog.runs.model_requests import AGAIN, tell_verdict
from vprog.runs.reliability import evidence_reliability, is_low, reliability_of
from vprog.runs.workspace import Workspace
from vprog.strategies.observe import last_cell
from vprog.strategies.strategy import strategy
from vprog.strategies.video_text import read_context
from vprog.trace.event import ReliabilityRated
from vprog.trace.recorder import at_node

SEGMENTS = 16
"""The most that a VLM captions before the first plan."""

MAX_STEPS = 6
MAX_STEP = 4_000
"""Steps of one plan, and characters of one."""

MAX_SAID = 500

_FORM = (
    '{"answer": "what you would answer now", "sufficient": true or false, "confidence": number '
    'from 0 to 1, "missing": "one sentence", "plan": ["lines of Python", ...]}'
)

PLAN_RULES = f"""\
# Planning
Here you do not write a whole program: you say how far the values settle the question and, where \
they do not, plan what to retrieve next. Go by the values alone, not by what you expect of such a \
video. A value of low reliability settles nothing: plan another way to the same thing, another \
module, other arguments or another part of the video. Reply with one JSON object and nothing else:
{_FORM}
sufficient: whether the values show the answer; confidence: how sure they make you; plan: the \
steps, at most {MAX_STEPS}, [] if nothing is missing. A step is a few lines of the program, with \
the variables of those before it; it gives what it retrieves to a variable and does not call \
answer. The steps run in order until one gives a result of low reliability, or fails; then you \
are asked again."""

_ASK = "How far do these values settle the question, and what should be retrieved next?"

_SCALE = (
    "How far the result of each cell can be relied on, from the scores that the modules gave "
    "it; null where they gave none."
)

_FAILED = "These steps came to nothing. Go about it in another way."


@dataclass(frozen=True)
class _Seen:
    """The cells that ran, and what the last plan made of them.

    `failed` are steps that came to nothing after them.
    """

    at: Attempt
    ran: tuple[Attempt, ...] = ()
    failed: tuple[AttemptedCell, ...] = ()
    said: str = ""
    is_enough: bool = False
    was_unreadable: bool = False

    @property
    def reliabilities(self) -> list[float | None]:
        """Of each cell."""
        return [reliability_of(attempt.results) for attempt in self.ran]


@strategy("adjust", "a plan, made again after unreliable results")
def solve(workspace: Workspace) -> Attempt:
    """The answer after a plan whose results hold, its score times their reliability.

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

    seen = until(adjust, start, stop=lambda seen: seen.is_enough, rounds=workspace.settings.rounds)
    if seen.at.is_ended:
        return _lower_score(workspace, seen.at, seen.ran)
    messages = answer_messages(
        workspace.writer.prompt.messages,
        seen.at.shown,
        context=context,
        reliabilities=seen.reliabilities,
        said=seen.said,
    )
    last = last_cell(workspace, seen.at, messages)
    return _lower_score(workspace, last, (*seen.ran, last))


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
    tell_verdict(workspace, plan.verdict, number)
    return plan


def _read(workspace: Workspace) -> tuple[_Seen, str]:
    """What is said, written and shown: the cells that read it, and its lines as marked data."""
    read = read_context(workspace, most_captions=SEGMENTS)
    by_node = {attempt.node: attempt for attempt in workspace.attempts}
    ran = tuple(by_node[node] for node in read.at.nodes)
    return _Seen(read.at, ran), "" if read.nothing is not None else read.text


def _lower_score(workspace: Workspace, attempt: Attempt, ran: Sequence[Attempt]) -> Attempt:
    """An answer whose score is multiplied by the reliability of its evidence."""
    reliability = evidence_reliability(attempt, ran)
    if reliability is not None:
        workspace.reliabilities[attempt.node] = reliability
        with at_node(attempt.node):
            workspace.run.recorder.write(
                ReliabilityRated(by=[attempt.node for attempt in ran], reliability=reliability)
            )
    return attempt


def _note(workspace: Workspace, text: str) -> None:
    workspace.run.warnings.add(text)


@dataclass(frozen=True)
class RetrievalPlan:
    """What a model makes of the values, and the cells that it wants to run next."""

    verdict: Verdict
    said: str
    steps: tuple[str, ...]


def plan_messages(
    prompt: Sequence[Message],
    path: Sequence[ShownCell],
    *,
    context: str = "",
    reliabilities: Sequence[float | None] = (),
    failed: Sequence[AttemptedCell] = (),
    said: str = "",
) -> tuple[Message, ...]:
    """Ask how far the values settle the question, and for a plan where they do not.

    Args:
        prompt: of the question.
        path: the cells that ran.
        context: what was read of the video, as marked data; "" for nothing.
        reliabilities: of each cell of the path.
        failed: steps that came to nothing after this path.
        said: what the model would have answered before.
    """
    parts = _seen(path, context, reliabilities)
    if failed:
        rows = [{"step": cell.source, "outcome": cell.outcome[:500]} for cell in failed]
        parts += [_FAILED, mark_data("failed", rows)]
    if said:
        parts.append(mark_data("you_said_before", said))
    return asked_instead(prompt, PLAN_RULES, [*parts, _ASK])


def answer_messages(
    prompt: Sequence[Message],
    path: Sequence[ShownCell],
    *,
    context: str = "",
    reliabilities: Sequence[float | None] = (),
    said: str = "",
) -> tuple[Message, ...]:
    """Ask for the last cell of a path, which must answer; the arguments of `plan_messages`."""
    parts = _seen(path, context, reliabilities)
    if said:
        parts.append(mark_data("you_said_before", said))
    return asked_instead(prompt, CELL_RULES, [*parts, LAST])


def read_plan(reply: str) -> RetrievalPlan:
    """The plan in a reply.

    Raises:
        LlmReplyError: it is not of the form, or it finds the values insufficient and has no step.
    """
    verdict, found = read_verdict(reply), last_object(reply)
    said, steps = found.get("answer", ""), found.get("plan", [])
    if not isinstance(steps, list) or not all(isinstance(step, str) for step in steps):
        raise _unreadable(reply, "its plan is no list of texts")
    cells = [_cell(step) for step in steps if step.strip()]
    if not cells and not verdict.sufficient:
        raise _unreadable(reply, "the values do not suffice, and there is no step")
    words = " ".join(said.split())[:MAX_SAID] if isinstance(said, str) else ""
    return RetrievalPlan(verdict, words, tuple(cells[:MAX_STEPS]))


def _cell(step: str) -> str:
    """A step as a cell's text; a fence around it is dropped.

    Raises:
        LlmReplyError: there is no code in the fence, or the step is too long.
    """
    text = extract_program(step).text if "```" in step else step.strip() + "\n"
    if len(text) > MAX_STEP:
        raise _unreadable(step, f"a step has more than {MAX_STEP} characters")
    return text


def _unreadable(reply: str, why: str) -> LlmReplyError:
    return LlmReplyError(
        f'the language model gave no plan, for {why}: "{excerpt(reply)}".',
        hint=f"It must be {_FORM}.",
    )


def _seen(
    path: Sequence[ShownCell], context: str, reliabilities: Sequence[float | None]
) -> list[str]:
    parts = ["# Read", context] if context else []
    parts += path_parts(path)
    if path:
        rows = [
            {
                "cell": at + 1,
                "reliability": None if reliability is None else round(reliability, 2),
                "low": is_low(reliability),
            }
            for at, reliability in enumerate(reliabilities)
        ]
        parts += [_SCALE, mark_data("reliability", list(rows))]
    return parts
