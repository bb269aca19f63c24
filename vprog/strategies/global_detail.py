"""`global_detail`: a small view of everything rewrites the task, a large one answers it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vprog.errors import LlmReplyError
from vprog.llm.language_model import excerpt
from vprog.runs.attempt import Attempt
from vprog.runs.workspace import Workspace
from vprog.strategies.fast import PATH, need_vlm
from vprog.strategies.strategy import strategy
from vprog.strategies.vlm_cells import even_frames, literal_of, one_line, seen_videos
from vprog.strategies.vlm_rounds import answer_round, ask_round, read_object, read_pictures
from vprog.types import Frame

MANY, SMALL = 64, 224
"""Frames of the view of everything, and their longer side in pixels; ours."""

FEW, LARGE = 4, 1024
"""Frames of the detailed view, and their longer side in pixels; ours."""

MAX_TASK = 300
"""Characters of the rewritten task."""

ORDER = (
    "Do not answer. These are small pictures of all of the video. Choose those that must be seen "
    "large, and rewrite the task for one who sees only these: say what to look at, and where in "
    'the picture. Reply with JSON and nothing else: {"pictures": [numbers, at most '
    f'{FEW}], "task": "..."}}.'
)


@strategy("global_detail", "a small view rewrites the task for a large one", needs="vlm")
def solve(workspace: Workspace) -> Attempt:
    """The answer of the VLM to a few large pictures, asked by its own rewriting of the task.

    The rewritten task stands beside the question and does not replace it: what is answered
    stays what was asked. Where nothing can be read it answers from large pictures that are
    spread evenly.

    Raises:
        MissingError: no VLM is named.
        AbstainedError: there is nothing to look at.

    Source: Omni-R1 (2025): a global system at low resolution picks keyframes and rewrites the
    task, a detailed one at high resolution grounds. Numbers of frames and pixels are ours.
    """
    need_vlm(workspace, "ask")
    workspace.path = PATH
    videos = seen_videos(workspace.run)
    made = ask_round(
        workspace,
        workspace.start,
        even_frames(workspace.run, videos, MANY),
        ORDER,
        read_handover,
        side=SMALL,
        note="rewrites the task from a small view",
        name="overview",
    )
    if made.is_over:
        return made.at
    if made.read is None:
        frames, notes = even_frames(workspace.run, videos, FEW), ""
    else:
        frames = f"[{', '.join(f'overview[{place}]' for place in made.read.pictures)}]"
        notes = literal_of([f"What to look at: {made.read.task}"])
    return answer_round(
        workspace, made.at, frames, side=LARGE, note="answers from a large view", notes=notes
    )


@dataclass(frozen=True)
class Handover:
    """What the small view hands to the large one: the places of pictures, and the task."""

    pictures: tuple[int, ...]
    task: str


def read_handover(reply: str, frames: Sequence[Frame]) -> Handover:
    """What a reply hands over, on one line of printable text.

    Raises:
        LlmReplyError: it names no picture that was shown, or no task.
    """
    pictures = read_pictures(reply, len(frames), most=FEW)
    task = read_object(reply).get("task")
    text = one_line(task, MAX_TASK) if isinstance(task, str) else ""
    if not pictures or not text:
        raise LlmReplyError(
            f'no task is handed over in "{excerpt(reply, 80)}".',
            hint='It must be JSON with at least one number in "pictures", and a "task".',
        )
    return Handover(pictures, text)
