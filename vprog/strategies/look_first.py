"""`look_first`: gather and print, then write the program; the default of a model that writes.

A whole program is written before any of its values was seen. Here a first cell gathers what the
answer needs, and the program is written with the values in view. A cell may answer at once: that
stands, unless what it saw may not be what its code expects. The last request that the budget
allows asks for an answer, whatever was seen.
"""

from __future__ import annotations

from collections.abc import Sequence

from vprog.errors import AbstainedError, LlmReplyError
from vprog.program.program import Program
from vprog.prompt.cell_prompt import AttemptedCell, cell_messages
from vprog.runs.attempt import Attempt
from vprog.runs.combinators import SPENT
from vprog.runs.model_requests import write_and_run, write_whole
from vprog.runs.surprise import surprise
from vprog.runs.workspace import Workspace
from vprog.strategies.observe import force_answer, last_cell
from vprog.strategies.strategy import strategy

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
    """The cell that the last request of the budget gives; it must end the path."""
    messages = cell_messages(
        workspace.writer.prompt.messages, at.shown, attempted=failed, order=LAST_REQUEST
    )
    return last_cell(workspace, at, messages)


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
