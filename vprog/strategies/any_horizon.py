"""`any_horizon`: the VLM says whether one turn will do; else it searches turn by turn."""

from __future__ import annotations

from typing import Literal

from vprog.errors import LlmReplyError
from vprog.llm.language_model import excerpt
from vprog.runs.attempt import Attempt
from vprog.runs.workspace import Workspace
from vprog.strategies import fast, time_search
from vprog.strategies.strategy import strategy
from vprog.strategies.vlm_cells import even_frames, seen_videos
from vprog.strategies.vlm_rounds import ask_round, read_object

FRAMES, SIDE = 16, 224
"""Pictures of the decision, and their longer side in pixels; ours."""

Horizon = Literal["single", "multi"]

ORDER = (
    "Do not answer. Can the question be answered in a single turn, from pictures spread evenly "
    "over the video, or does it take several turns of searching in it? Reply with JSON and "
    'nothing else: {"turns": "single"} or {"turns": "multi"}.'
)


@strategy("any_horizon", "a VLM decides: one turn, or a search", needs="vlm")
def solve(workspace: Workspace) -> Attempt:
    """The answer of one look, or of a search, as the VLM decides from small pictures.

    A decision that cannot be read is taken for several turns, which cost more and see more.

    Raises:
        MissingError: no VLM is named.
        AbstainedError: there is nothing to look at.

    Source: SAGE (2025): a model decides for each question between an answer in a single turn and
    reasoning over several with tools. Its tools are those of `time_search` here, and its number
    of pictures is ours.
    """
    fast.need_vlm(workspace, "ask")
    workspace.path = fast.PATH
    videos = seen_videos(workspace.run)
    decided = ask_round(
        workspace,
        workspace.start,
        even_frames(workspace.run, videos, FRAMES),
        ORDER,
        lambda reply, _: read_horizon(reply),
        side=SIDE,
        note="decides how many turns it takes",
    )
    if decided.is_over:
        return decided.at
    return fast.solve(workspace) if decided.read == "single" else time_search.solve(workspace)


def read_horizon(reply: str) -> Horizon:
    """Whether one turn will do.

    Raises:
        LlmReplyError: it does not say.
    """
    turns = read_object(reply).get("turns")
    if turns == "single":
        return "single"
    if turns == "multi":
        return "multi"
    raise LlmReplyError(
        f'"{excerpt(reply, 80)}" does not say how many turns it takes.',
        hint='It must be {"turns": "single"} or {"turns": "multi"}.',
    )
