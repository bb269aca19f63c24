"""`scene_table`: masks, boxes, a text or a summary, answered from one table of the scene."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

from vprog.errors import AbstainedError, LlmReplyError
from vprog.llm.language_model import excerpt
from vprog.prompt.cell_prompt import asked_instead
from vprog.prompt.extract import last_object
from vprog.runs.attempt import Attempt
from vprog.runs.workspace import Workspace
from vprog.strategies.memory import GatheredMemory, gather, plan_things
from vprog.strategies.read_cells import MAX_TEXT, Row, fitting_rows
from vprog.strategies.strategy import strategy
from vprog.types import Detection, Track
from vprog.types.locate import location_of

T = TypeVar("T")

AnswerKind = Literal["mask", "box", "summary", "text"]

MOST_ITEMS = 12
"""Rows that an answer may rest on; ours."""

MOST_PLACES = 16
"""Boxes or masks that an answer cites, spread evenly over its things' times; ours."""

PLACES_TOLD = 4
"""Places of a followed thing that are told, spread evenly over its time; ours."""

NO_VALUE = ("", "nan", "inf", "-inf")
"""What JSON may hold and no answer can."""

TRIES = 2
NAME = "scene"

RULES = """\
# Scene
Here you do not write a program. What was found in the video stands in one table: what was \
followed, said, written and described, each row with its number as "item", its times in seconds \
and, of things, some of its places as [time, x0, y0, x1, y1] in pixels. Reply with one JSON object \
and nothing else: {"answer": text or number, "items": [numbers of the rows that show it]}; the \
answer null where the table does not show it."""

_ORDERS: dict[AnswerKind, str] = {
    "mask": "The things that are meant will be outlined: name only their rows, and answer with "
    "what they are.",
    "box": "The things that are meant will be boxed: name only their rows, and answer with what "
    "they are.",
    "summary": "Answer with two to four plain sentences on all of the video, in order of time.",
    "text": "Answer in as few words as it takes.",
}
_KINDS: tuple[tuple[AnswerKind, str], ...] = (
    ("mask", r"segment|segmentation|outlines?|masks?|silhouettes?"),
    ("box", r"box(?:es)?|bounding|locate|localize|localise|point out"),
    ("summary", r"summar\w+|overview|recap|gist"),
)
"""By words of the question, the first that has one; without any the answer is a text."""


@dataclass(frozen=True)
class SceneAnswer:
    """What was answered, and the places in the memory of the rows that show it."""

    value: str | int | float
    items: tuple[int, ...]


@strategy("scene_table", "mask, box, text or summary from one table")
def solve(workspace: Workspace) -> Attempt:
    """The answer from a table of the scene, with evidence of the kind that is asked for.

    The model says which things to follow, modules gather the table (as the strategy memory does),
    and the model answers from its rows, naming those that show it. Of a question that asks for
    masks ("segment ...", "outline ...") the things in these rows are outlined, of one that asks
    for boxes boxed; of others the rows themselves are cited. Where nothing outlines, boxes are
    cited, and that is told. One table serves all four kinds.

    Raises:
        AbstainedError: nothing was found to tell of, or the table does not show the answer.

    Source: RVTBench and RVTagent (2025): a planner names the models that a query needs, their
    outputs form a structured scene ("digital twin"), and a language model reasons on it and
    answers with a mask, a box, a text or a summary. Its steps are not published in what we read:
    the form of rows and the numbers are ours.
    """
    kind = answer_kind(workspace.run.text)
    memory = gather(workspace, plan_things(workspace))
    rows = [row_of(at, value) for at, value in enumerate(memory.values)]
    told, stride = fitting_rows(NAME, rows, workspace.settings.text_tokens)
    if stride > 1:
        workspace.run.warnings.add(f"one of {stride} rows of {len(rows)} was read, for length")
    answer = _answer(workspace, kind, told, len(rows))
    return _cite(workspace, memory, kind, answer)


def answer_kind(question: str) -> AnswerKind:
    """With what a question wants to be answered, by its words."""
    for kind, words in _KINDS:
        if re.search(rf"\b(?:{words})\b", question, re.IGNORECASE):
            return kind
    return "text"


def row_of(item: int, value: object) -> Row:
    """One value as a row of the scene."""
    row: Row = {"item": item, "kind": type(value).__name__}
    if isinstance(value, Track):
        places = _spread(value.detections, PLACES_TOLD)
        row["places"] = [
            [round(place.frame.time, 2), *(round(side) for side in place.box)] for place in places
        ]
    location = location_of(value)
    if location is not None:
        row |= {
            name: round(time, 2) if isinstance(time, float) else time
            for name, time in (("start", location.start), ("end", location.end))
        }
        row["text"] = (location.text or "")[:MAX_TEXT]
    return row


def read_answer_items(reply: str, n_items: int) -> SceneAnswer | None:
    """What a reply answers and the rows that it names; None where it says there is no answer.

    Raises:
        LlmReplyError: it is not of the form asked for, or names a row that there is not.
    """
    said = last_object(reply)
    value, items = said.get("answer"), said.get("items")
    if value is None and "answer" in said:
        return None
    is_value = type(value) in (str, int, float) and str(value).strip() not in NO_VALUE
    named = [item for item in items if type(item) is int] if isinstance(items, list) else []
    is_listed = isinstance(items, list) and len(named) == len(items) and len(named) > 0
    if not is_value or not is_listed or any(not 0 <= item < n_items for item in named):
        raise LlmReplyError(
            f'no answer of the form asked for in "{excerpt(reply, 80)}".',
            hint=f'It must be {{"answer": ..., "items": [...]}} with rows from 0 to {n_items - 1}.',
        )
    assert isinstance(value, str | int | float)
    return SceneAnswer(value, tuple(dict.fromkeys(named))[:MOST_ITEMS])


def _answer(workspace: Workspace, kind: AnswerKind, told: str, n_items: int) -> SceneAnswer:
    """What the model answers from the rows.

    Raises:
        AbstainedError: they do not show it, or no reply can be read.
    """
    choices = workspace.run.choices
    only = "The answer must be the text of one of the choices." if choices else ""
    problem = ""
    for _ in range(TRIES):
        parts = [told, " ".join(part for part in (_ORDERS[kind], only, problem) if part)]
        messages = asked_instead(workspace.writer.prompt.messages, RULES, parts)
        reply = workspace.writer.ask(messages, "answer from the scene")
        try:
            answer = read_answer_items(reply.text, n_items)
        except LlmReplyError as error:
            workspace.run.warnings.add(f"a reply was refused: {error.message}")
            problem = error.hint
            continue
        if answer is None:
            raise AbstainedError(
                "the table of the scene does not show the answer.",
                hint="Take another strategy: --strategy observe, or name a --vlm.",
            )
        return answer
    raise AbstainedError("no answer from the scene could be read.", hint=problem)


def _cite(
    workspace: Workspace, memory: GatheredMemory, kind: AnswerKind, answer: SceneAnswer
) -> Attempt:
    """The cell that answers, with evidence of the kind that is asked for."""
    run, at = workspace.run, memory.at
    places = _places(answer.items, memory)
    rows = ", ".join(memory.names[item] for item in answer.items)
    value = repr(answer.value)  # a literal: data whatever stands in it
    if kind in ("mask", "box") and not places:
        run.warnings.add(f"no {kind} is cited: the rows that are named hold no thing with a place")
    elif kind == "mask" and "segment_at" in run.runtime.modules:
        masks = ", ".join(f"segment_at({place}.frame, {place}.box)" for place in places)
        outlined = workspace.run_cell(at, f"masks = [{masks}]\n", note="outlines what is meant")
        if outlined.outcome.status == "limit":
            return outlined
        if outlined.state is not None:
            source = f"answer({value}, evidence=masks)\n"
            return workspace.run_cell(outlined, source, note="answers with masks")
        why = outlined.problems[0].message if outlined.problems else outlined.outcome.status
        run.warnings.add(f"boxes are cited in place of masks: {why}")
    elif kind == "mask":
        run.warnings.add('boxes are cited in place of masks: no module serves "segment_at"')
    cited = ", ".join(places) if kind in ("mask", "box") and places else rows
    source = f"answer({value}, evidence=[{cited}])\n"
    return workspace.run_cell(at, source, note=f"answers with {kind}")


def _places(items: Sequence[int], memory: GatheredMemory) -> list[str]:
    """How the cell names the boxes of the things in some rows, evenly over all of them."""
    named: list[str] = []
    for item in items:
        value = memory.values[item]
        if isinstance(value, Detection):
            named.append(memory.names[item])
        elif isinstance(value, Track):
            share = max(1, MOST_PLACES // len(items))
            numbers = _spread(range(len(value.detections)), share)
            named += [f"{memory.names[item]}.detections[{number}]" for number in numbers]
    return named[:MOST_PLACES]


def _spread(items: Sequence[T], most: int) -> list[T]:
    """At most so many of a sequence, evenly, its first among them."""
    return list(items[:: max(1, -(-len(items) // most))])
