"""`look_first`: gather and print, then write the program; the default of a model that writes.

A whole program is written before any of its values was seen. Here a first cell gathers what the
answer needs, and the program is written with the values in view. A cell may answer at once: that
stands, unless what it saw may not be what its code expects. The last request that the budget
allows asks for an answer, whatever was seen.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from vprog.errors import AbstainedError, BudgetError, LlmReplyError
from vprog.program.program import Program
from vprog.prompt.cell_prompt import AttemptedCell, cell_messages
from vprog.runs.attempt import Attempt
from vprog.runs.combinators import SPENT
from vprog.runs.model_requests import write_and_run, write_whole
from vprog.runs.workspace import Workspace
from vprog.strategies.observe import force_answer, last_cell
from vprog.strategies.strategy import strategy
from vprog.trace.event import ModuleCalled
from vprog.types import Evidence, Frame, Level, Span, Video, wire
from vprog.types.coverage import PICTURE_S, merged

MANY = 20
"""Items of one result from which code that was written before is unlikely to fit them all."""

_NEAR_S = 0.001
"""Times are rounded to milliseconds on the way."""

Place = tuple[int, float, float]
"""A video, with start and end in seconds."""

FIRST = (
    "Write the first cell: gather what the answer needs, and print what has to be read. Where "
    "nothing that it could show would change how you go on (a fact of the file, a plain count), "
    "let it call answer."
)
REST = (
    "Write the rest of the program with what the values show: the cell that calls answer, or one "
    "more look if they do not settle it yet."
)
LAST_REQUEST = (
    "This is the last request: write all that is still missing in one cell. It must call "
    "answer(value, evidence=[...]) with what it finds, or abstain(reason)."
)
CHECK = (
    "The cell ended before you had seen its values ({why}). Check them against what the code "
    "takes them for, and write the whole program again, from its first line: as it was if it "
    "holds, or looking elsewhere or otherwise if it does not."
)


@strategy("look_first", "gather and print, then write the program")
def solve(workspace: Workspace) -> Attempt:
    """The answer of a program whose values were seen before it was decided.

    A model that is held to the grammar of whole programs writes one whole program; so does one
    that has a single request.

    Raises:
        AbstainedError: the last cell gives no answer.

    Source: the turns of ReAct (2023) at the price of one request more; a whole program as in
    ViperGPT (2023) commits before anything is seen.
    """
    if workspace.writer.grammar is not None or _requests_left(workspace) <= 1:
        return write_whole(workspace)
    at = _path(workspace)
    why = surprise(at) if at.is_ended else ""
    return _checked(workspace, at, why) if why else at


def surprise(attempt: Attempt) -> str:
    """What code that was written before the values may not expect of them; "" for nothing.

    That is: a call that failed though the program went on; more items than one reads a rule off
    (frames are asked for by number and levels are made to be reduced, so many of these are as
    expected); and modules that found nothing wherever they looked, unless the answer names
    something else that it rests on. To name all that they looked at is no such ground: it says
    where was looked, and not what was found.
    """
    n_found: dict[str, int] = {}
    empty: list[ModuleCalled] = []
    for call in attempt.calls:
        if call.error is not None:
            return f"a call of {call.task} failed"
        items = wire.decode(bytes(call.result))
        if not isinstance(items, list):
            continue
        n_found[call.task] = n_found.get(call.task, 0) + len(items)
        if len(items) > MANY and not isinstance(items[0], Frame | Level):
            return f"{call.task} gave {len(items)} items"
        if not items:
            empty.append(call)
    empty = [call for call in empty if not n_found[call.task]]
    if not empty or (attempt.is_answered and _has_ground(attempt.outcome.evidence, empty)):
        return ""
    return f"{', '.join(dict.fromkeys(call.task for call in empty))} found nothing"


def _path(workspace: Workspace) -> Attempt:
    """The end of the cells that look and go on with what they see."""
    at = workspace.start
    for number in range(workspace.settings.rounds):
        if _requests_left(workspace) <= 1:
            return _last_request(workspace, at)
        order, purpose = (REST, "go on") if number else (FIRST, "gather")
        try:
            cell = _next_cell(workspace, at, order, purpose)
        except LlmReplyError:
            if _requests_left(workspace) != 1:
                raise
            return _last_request(workspace, at)
        if cell.is_ended:
            return cell
        if cell.state is None:
            can_ask = _requests_left(workspace) == 1
            return _last_request(workspace, at, [cell.tried()]) if can_ask else cell
        at = cell
    return force_answer(workspace, at)


def _requests_left(workspace: Workspace) -> int:
    return workspace.run.budget.llm_calls_left


def _next_cell(workspace: Workspace, at: Attempt, order: str, purpose: str) -> Attempt:
    """The cell after the path so far, repaired until it runs or one request is left."""
    messages = cell_messages(workspace.writer.prompt.messages, at.shown, order=order)
    repairs = min(workspace.settings.repairs, _requests_left(workspace) - 2)

    def run(program: Program, note: str) -> Attempt:
        return workspace.run_cell(at, program, note=note)

    return write_and_run(workspace, messages, run, repairs=repairs, purpose=purpose)


def _last_request(
    workspace: Workspace, at: Attempt, failed: Sequence[AttemptedCell] = ()
) -> Attempt:
    """The cell that the last request of the budget gives; it must end the path.

    Raises:
        BudgetError: it does not.
    """
    messages = cell_messages(
        workspace.writer.prompt.messages, at.shown, attempted=failed, order=LAST_REQUEST
    )
    try:
        return last_cell(workspace, at, messages)
    except AbstainedError as error:
        n_requests = workspace.run.budget.max_llm_calls
        raise BudgetError(
            f"the question used up its {n_requests} requests to models: {error.message}",
            hint="Raise --max-llm-calls.",
        ) from error


def _checked(workspace: Workspace, blind: Attempt, why: str) -> Attempt:
    """The answer once its values were seen; where no more can be asked, the one before."""
    messages = cell_messages(
        workspace.writer.prompt.messages, blind.shown, order=CHECK.format(why=why)
    )
    try:
        checked = write_whole(workspace, messages, purpose="check the values")
    except (*SPENT, LlmReplyError, AbstainedError) as error:
        workspace.run.warnings.add(f"the values were not checked ({why}): {error}")
        return blind
    if checked.is_ended:
        return checked
    workspace.run.warnings.add(f"the values were not checked ({why}): no program came of it")
    return blind


def _has_ground(evidence: Iterable[Evidence], empty: Iterable[ModuleCalled]) -> bool:
    """Whether evidence names more than where calls looked that found nothing."""
    cited = [item for item in evidence if item.supported]
    if any(item.box is not None or item.text is not None for item in cited):
        return True
    named = [
        (item.video, item.start, item.end)
        for item in cited
        if item.start is not None and item.end is not None
    ]
    looks = [look for call in empty for look in _looks(call)]
    is_blanket = looks and all(_is_named(look, named) for look in looks)
    return bool(named) and not is_blanket


def _is_named(look: Place, named: Sequence[Place]) -> bool:
    """Whether evidence names a place: its moment, or pictures and spans that cover its span."""
    video, start, end = look
    there = [(first, last) for index, first, last in named if index == video]
    if start < end:
        there = merged(
            (first - PICTURE_S, last + PICTURE_S) if first == last else (first, last)
            for first, last in there
        )
    return any(first <= start + _NEAR_S and last >= end - _NEAR_S for first, last in there)


def _looks(call: ModuleCalled) -> Iterator[Place]:
    """What a call was given to look at; a span is narrower than its video."""
    arguments = list(_parts(wire.decode(bytes(call.arguments))))
    has_span = any(isinstance(item, Span) for item in arguments)
    for item in arguments:
        if isinstance(item, Frame):
            yield item.video, item.time, item.time
        elif isinstance(item, Span):
            yield call.video, item.start, item.end
        elif isinstance(item, Video) and not has_span:
            yield item.index, 0.0, item.duration


def _parts(value: object) -> Iterator[object]:
    """The values in arguments, those of lists and dicts one by one."""
    if isinstance(value, dict):
        for item in value.values():
            yield from _parts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _parts(item)
    else:
        yield value
