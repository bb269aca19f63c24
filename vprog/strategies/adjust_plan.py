"""A plan of what to retrieve next: how a model is asked for it, and how its reply is read.

The model says what it would answer, how sure it is and whether the values suffice; where they do
not, it gives the steps, each one a cell. What it sees of the video and of its own earlier words
stands in data marks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vprog.errors import LlmReplyError
from vprog.llm.client import Message, excerpt
from vprog.llm.data_marks import mark_data
from vprog.prompt.cell_prompt import CELL_RULES, LAST, Shown, Tried, asked_instead, path_parts
from vprog.prompt.extract import extract_program
from vprog.prompt.verdict import Verdict, last_object, read_verdict
from vprog.runs.reliability import is_low

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
class RetrievalPlan:
    """What a model makes of the values, and the cells that it wants to run next."""

    verdict: Verdict
    said: str
    steps: tuple[str, ...]


def plan_messages(
    prompt: Sequence[Message],
    path: Sequence[Shown],
    *,
    context: str = "",
    reliabilities: Sequence[float | None] = (),
    failed: Sequence[Tried] = (),
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
        rows = [{"step": each.source, "outcome": each.outcome[:500]} for each in failed]
        parts += [_FAILED, mark_data("failed", rows)]
    if said:
        parts.append(mark_data("you_said_before", said))
    return asked_instead(prompt, PLAN_RULES, [*parts, _ASK])


def answer_messages(
    prompt: Sequence[Message],
    path: Sequence[Shown],
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


def _seen(path: Sequence[Shown], context: str, reliabilities: Sequence[float | None]) -> list[str]:
    parts = ["# Read", context] if context else []
    parts += path_parts(path)
    if path:
        rows = [
            {
                "cell": at + 1,
                "reliability": None if each is None else round(each, 2),
                "low": is_low(each),
            }
            for at, each in enumerate(reliabilities)
        ]
        parts += [_SCALE, mark_data("reliability", list(rows))]
    return parts
