"""`core_frames`: a small model that reads captions selects core frames, a large one sees them."""

from __future__ import annotations

from collections.abc import Sequence

from vprog.errors import LlmReplyError
from vprog.llm.data_marks import mark_data
from vprog.llm.language_model import Message
from vprog.prompt.cell_prompt import asked_instead
from vprog.runs.attempt import Attempt
from vprog.runs.workspace import Workspace
from vprog.strategies.fast import FRAMES, PATH, need_vlm
from vprog.strategies.strategy import strategy
from vprog.strategies.video_text import captions_cell, clip_length
from vprog.strategies.vlm_cells import (
    even_frames,
    frames_of,
    look,
    one_line,
    replies_of,
    seen_videos,
)
from vprog.strategies.vlm_rounds import answer_round, read_pictures
from vprog.types import Frame

CAPTIONS = 16
"""Frames that are captioned, of all videos together; ours."""

SHORTEST = 1.0
"""Seconds between two of them at least; doubled until there are few enough."""

CORE = 4
"""Frames that are selected at most; ours."""

LARGE = 1024
"""Longer side of the pictures that are answered from, in pixels; ours."""

MOST_CAPTION = 300
"""Characters of a caption that are read; ours."""

_FORM = '{"pictures": [numbers]}'

SELECT_RULES = f"""\
# Selecting
Here you do not write a program: you select the core frames of a video by their captions. Reply \
with one JSON object and nothing else:
{_FORM}"""

ORDER = (
    f"Which of these frames must be seen to answer the question? At most {CORE}. Select those "
    "that show what is asked about, and what comes just before and after it."
)


@strategy("core_frames", "a model that reads selects frames, a VLM answers")
def solve(workspace: Workspace) -> Attempt:
    """The answer of the VLM to the frames that the model that writes selected by captions.

    The VLM captions frames spread over the video; the writer, which may be a small one, reads
    the captions and selects; the VLM answers from the selected frames, large. Where no selection
    can be read it answers from frames spread evenly, and that is told.

    Raises:
        MissingError: no VLM is named.
        AbstainedError: there is nothing to look at.

    Source: VideoEspresso (2024): a small model selects core frames by captions, a large one
    answers from these. Its gold frames as an upper bound are what `vprog audit` compares: the
    answer from cited spans alone. Numbers of frames are ours.
    """
    need_vlm(workspace, "ask", "caption")
    workspace.path = PATH
    run = workspace.run
    videos = seen_videos(run)
    evenly = even_frames(run, videos, FRAMES)
    length = clip_length(workspace, videos, CAPTIONS, (SHORTEST,))
    if length is None:
        run.warnings.add("no frame was captioned: the calls left have no room")
        return answer_round(workspace, workspace.start, evenly, side=LARGE, note="answers at once")
    captioned = look(
        workspace, workspace.start, captions_cell(workspace, videos, length), "captions frames"
    )
    if captioned.state is None:
        return captioned
    captions = [reply.text for reply in replies_of(captioned)]
    messages = select_messages(workspace.writer.prompt.messages, frames_of(captioned), captions)
    reply = workspace.writer.ask(messages, "select core frames")
    try:
        places = read_selection(reply.text, len(captions))
    except LlmReplyError as error:
        run.warnings.add(f"no frame was selected, all are looked at: {error.message}")
        return answer_round(workspace, captioned, evenly, side=LARGE, note="answers from all")
    return answer_round(
        workspace,
        captioned,
        f"[{', '.join(f'frames[{place}]' for place in places)}]",
        side=LARGE,
        note=f"answers from {len(places)} of {len(captions)} frames",
    )


def select_messages(
    prompt: Sequence[Message], frames: Sequence[Frame], captions: Sequence[str]
) -> tuple[Message, ...]:
    """Ask which frames must be seen; their captions stand in data marks."""
    rows = [
        {"picture": number, "time": round(frame.time, 2), "caption": one_line(text, MOST_CAPTION)}
        for number, (frame, text) in enumerate(zip(frames, captions, strict=True), start=1)
    ]
    return asked_instead(prompt, SELECT_RULES, [mark_data("captions", rows), ORDER])


def read_selection(reply: str, n_pictures: int) -> tuple[int, ...]:
    """The selected frames by place from 0, in order of time.

    Raises:
        LlmReplyError: it is not of the form asked for, or selects none.
    """
    places = read_pictures(reply, n_pictures, most=CORE)
    if not places:
        raise LlmReplyError("it selects no frame.", hint=f"It must be {_FORM}, at least one.")
    return places
