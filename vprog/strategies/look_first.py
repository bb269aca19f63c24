"""`look_first`: gather and print, then write the program; the default of a model that writes.

A whole program is written before any of its values was seen. Here a first cell gathers what the
answer needs, and the program is written with the values in view. A first cell may answer: that
stands, unless what it saw may not be what its code expects.
"""

from __future__ import annotations

from vprog.errors import AbstainedError, LlmReplyError
from vprog.program.program import Program
from vprog.prompt.cell_prompt import cell_messages
from vprog.runs.attempt import Attempt
from vprog.runs.combinators import SPENT
from vprog.runs.model_requests import write_and_run, write_whole
from vprog.runs.workspace import Workspace
from vprog.strategies.observe import force_answer
from vprog.strategies.strategy import strategy
from vprog.types import Frame, Level, wire

MANY = 20
"""Items of one result from which code that was written before is unlikely to fit them all."""

FIRST = (
    "Write the first cell: gather what the answer needs, and print what has to be read. Where "
    "nothing that it could show would change how you go on (a fact of the file, a plain count), "
    "let it call answer."
)
REST = (
    "Write the rest of the program with what the values show: the cell that calls answer, or one "
    "more look if they do not settle it yet."
)
CHECK = (
    "The cell ended before you had seen its values ({why}). Check them against what the code "
    "takes them for, and write the whole program again, from its first line: as it was if it "
    "holds, or looking elsewhere or otherwise if it does not."
)


@strategy("look_first", "gather and print, then write the program")
def solve(workspace: Workspace) -> Attempt:
    """The answer of a program whose values were seen before it was decided.

    A model that is held to the grammar of whole programs writes one whole program.

    Raises:
        AbstainedError: the last cell gives no answer.

    Source: the turns of ReAct (2023) at the price of one request more; a whole program as in
    ViperGPT (2023) commits before anything is seen.
    """
    writer = workspace.writer
    if writer.grammar is not None:
        return write_whole(workspace)
    at = _next_cell(workspace, workspace.start, FIRST, "gather")
    if at.is_ended:
        why = surprise(at)
        return _checked(workspace, at, why) if why else at
    for _ in range(workspace.settings.rounds - 1):
        if at.state is None:
            return at
        at = _next_cell(workspace, at, REST, "go on")
        if at.is_ended:
            return at
    return at if at.state is None else force_answer(workspace, at)


def surprise(attempt: Attempt) -> str:
    """What code that was written before the values may not expect of them; "" for nothing.

    That is: a call that failed though the program went on; more items than one reads a rule off
    (frames are asked for by number and levels are made to be reduced, so many of these are as
    expected); and, where the answer names nothing that it rests on, modules that found nothing
    wherever they looked.
    """
    found: dict[str, int] = {}
    for call in attempt.calls:
        if call.error is not None:
            return f"a call of {call.task} failed"
        items = wire.decode(bytes(call.result))
        if not isinstance(items, list):
            continue
        found[call.task] = found.get(call.task, 0) + len(items)
        if len(items) > MANY and not isinstance(items[0], Frame | Level):
            return f"{call.task} gave {len(items)} items"
    if attempt.is_answered and attempt.outcome.evidence:
        return ""
    nothing = [task for task, n_items in found.items() if n_items == 0]
    return f"{', '.join(nothing)} found nothing" if nothing else ""


def _next_cell(workspace: Workspace, at: Attempt, order: str, purpose: str) -> Attempt:
    """The cell after the path so far, repaired until it runs."""
    messages = cell_messages(workspace.writer.prompt.messages, at.shown, order=order)

    def run(program: Program, note: str) -> Attempt:
        return workspace.run_cell(at, program, note=note)

    return write_and_run(workspace, messages, run, purpose=purpose)


def _checked(workspace: Workspace, first: Attempt, why: str) -> Attempt:
    """The answer once its values were seen; where no more can be asked, the one before."""
    messages = cell_messages(
        workspace.writer.prompt.messages, first.shown, order=CHECK.format(why=why)
    )
    try:
        checked = write_whole(workspace, messages, purpose="check the values")
    except (*SPENT, LlmReplyError, AbstainedError) as error:
        workspace.run.warnings.add(f"the values were not checked ({why}): {error}")
        return first
    if checked.is_ended:
        return checked
    workspace.run.warnings.add(f"the values were not checked ({why}): no program came of it")
    return first
