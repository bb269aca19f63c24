"""`react`: one module call a turn; each turn sees what the calls before it gave."""

from __future__ import annotations

from dataclasses import dataclass

from vprog.errors import LlmReplyError, ProgramRejectedError
from vprog.program.program import Program
from vprog.prompt.cell_prompt import AttemptedCell, cell_messages
from vprog.runs.attempt import Attempt
from vprog.runs.combinators import until
from vprog.runs.model_requests import write_cell
from vprog.runs.workspace import Workspace
from vprog.strategies.observe import force_answer
from vprog.strategies.single_call import check_single_call
from vprog.strategies.strategy import strategy

TURN = (
    "Write the next cell: exactly one call of one module, its result given to a variable; "
    "nothing around it repeats it. Or, if the values show the answer, call answer."
)


@dataclass(frozen=True)
class _Turn:
    at: Attempt
    failed: tuple[AttemptedCell, ...] = ()


@strategy("react", "one module call a turn until the answer shows")
def solve(workspace: Workspace) -> Attempt:
    """The answer of the turn that ends; the last turn must.

    Raises:
        AbstainedError: the last turn gives no answer.

    Source: ReAct (2023); Deep Video Discovery (2025): one tool a turn, the last one finishes.
    """
    modules = workspace.run.runtime.modules

    def turn(before: _Turn, _: int) -> _Turn:
        messages = cell_messages(
            workspace.writer.prompt.messages, before.at.shown, attempted=before.failed, order=TURN
        )
        program = Program("")
        try:
            program = write_cell(workspace, messages, "take a turn")
            check_single_call(program, modules)
        except (LlmReplyError, ProgramRejectedError) as error:
            made = workspace.refuse(before.at, error, source=program)
        else:
            made = workspace.run_cell(before.at, program)
        if made.is_ended or made.state is not None:
            return _Turn(made)
        return _Turn(before.at, (*before.failed, made.tried()))

    last = until(
        turn,
        _Turn(workspace.start),
        stop=lambda turn: turn.at.is_ended,
        rounds=workspace.settings.turns - 1,
    )
    return last.at if last.at.is_ended else force_answer(workspace, last.at)
