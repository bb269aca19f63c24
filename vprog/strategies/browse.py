"""`browse`: an index of what is said, written and shown; then one tool a turn."""

from __future__ import annotations

from dataclasses import dataclass

from vprog.errors import LlmReplyError, ProgramRejectedError
from vprog.llm.client import Message
from vprog.program.problem import Problem, rejection
from vprog.program.program import Program
from vprog.prompt.cell_prompt import LAST, Tried, cell_messages
from vprog.runs.attempt import Attempt, came_to_nothing
from vprog.runs.combinators import until
from vprog.runs.model_requests import write_cell
from vprog.runs.workspace import Workspace
from vprog.strategies.browse_index import INSPECT, Index, build_index
from vprog.strategies.browse_tools import check_turn
from vprog.strategies.observe import last_cell

TURN = (
    "Write the next cell: exactly one call of one of these functions, its result given to a "
    "variable; call no module yourself. Search for the words that you expect to be said, "
    "written or in a caption; look where the matches are. Or, if the values show the answer, "
    "call answer(value, evidence=[...])."
)
CONFIRM = f"Before you answer, confirm what the answer rests on by {INSPECT}."


@dataclass(frozen=True)
class _Turn:
    at: Attempt
    failed: tuple[Tried, ...] = ()
    is_confirmed: bool = False


def solve(workspace: Workspace) -> Attempt:
    """The answer of the turn that ends; the last turn must.

    The first cell builds the index and the tools, as functions of the program. A turn that
    calls anything else, or answers before frames were inspected, is refused and told why.
    Where no model looks, the words are all there is: they are searched, and nothing is
    inspected.

    Raises:
        AbstainedError: there is nothing to search and nothing to look at, or the last turn
            gives no answer.

    Source: Deep Video Discovery (2025): a database of clips of 10 s, three tools, one call a
    turn, frames inspected before the end, the last turn forced. Its global browse asks a
    language model about captions; here the model that looks is asked about frames of all
    of the video.
    """
    index = build_index(workspace)
    built = workspace.run_cell(workspace.start, index.source, note="builds the index")
    if built.state is None:
        raise came_to_nothing(
            built,
            "the index could not be built",
            hint="Take another strategy: --strategy observe.",
        )
    last = until(
        lambda turn, _: _take_turn(workspace, index, turn),
        _Turn(built, is_confirmed=INSPECT not in index.tools),
        stop=lambda turn: turn.at.is_ended,
        rounds=workspace.settings.turns - 1,
    )
    if last.at.is_ended:
        return last.at
    return last_cell(workspace, last.at, _messages(workspace, index, last, LAST))


def _take_turn(workspace: Workspace, index: Index, turn: _Turn) -> _Turn:
    order = TURN if turn.is_confirmed else f"{TURN} {CONFIRM}"
    program = Program("")
    try:
        program = write_cell(workspace, _messages(workspace, index, turn, order), "take a turn")
        check_turn(program, index.tools, workspace.run.runtime.modules)
        if "answer" in program.called and not turn.is_confirmed:
            raise rejection([Problem(1, CONFIRM)])
    except (LlmReplyError, ProgramRejectedError) as error:
        made = workspace.refuse(turn.at, error, source=program)
    else:
        made = workspace.run_cell(turn.at, program)
    if made.is_ended or made.state is not None:
        looked = turn.is_confirmed or INSPECT in program.called
        return _Turn(made, is_confirmed=looked)
    return _Turn(turn.at, (*turn.failed, made.tried()), turn.is_confirmed)


def _messages(workspace: Workspace, index: Index, turn: _Turn, order: str) -> tuple[Message, ...]:
    return cell_messages(
        workspace.writer.prompt.messages,
        turn.at.shown,
        tried=turn.failed,
        order=f"{index.described}\n\n{order}",
    )
