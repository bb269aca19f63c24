"""`reason`: read all that is said, written and captioned, then answer with citations."""

from __future__ import annotations

from vprog.prompt.cell_prompt import CELL_RULES, asked_instead
from vprog.runs.attempt import Attempt
from vprog.runs.workspace import Workspace
from vprog.strategies.observe import last_cell
from vprog.strategies.strategy import strategy
from vprog.strategies.video_text import read_context

ORDER = (
    "These variables hold all that was read; the lines above are some of their items, each "
    "with its variable and index. The text of frames[i] is a caption of that frame. Write the "
    "last cell: call answer(value, evidence=[...]) and cite the items that say it, e.g. "
    "evidence=[speech[3]]; or abstain(reason) if none does."
)


@strategy("reason", "all that is said, written and shown, then one answer")
def solve(workspace: Workspace) -> Attempt:
    """The answer of one cell that cites what was said, written or seen.

    Raises:
        AbstainedError: nothing can be read here, or the cell gives no answer.

    Source: SiLVR (2025): captions of clips and text at the granularity that fits the
    budget, then one question to a language model.
    """
    read = read_context(workspace)
    if read.nothing is not None:
        raise read.nothing
    messages = asked_instead(
        workspace.writer.prompt.messages, CELL_RULES, ["# Read", read.text, ORDER]
    )
    return last_cell(workspace, read.at, messages)
