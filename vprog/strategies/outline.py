"""`outline`: the thing that is meant, boxed where it is seen best, outlined and followed."""

from __future__ import annotations

from collections.abc import Sequence

from vprog.errors import AbstainedError, LlmReplyError
from vprog.llm.language_model import excerpt
from vprog.runs.attempt import Attempt
from vprog.runs.workspace import Workspace
from vprog.strategies.fast import PATH, answer_from_frames, kind_of, need_vlm
from vprog.strategies.magnify import (
    GRID,
    Region,
    is_on_grid,
    read_region,
    scaled_back,
    shown_size,
)
from vprog.strategies.read_cells import video_name
from vprog.strategies.strategy import strategy
from vprog.strategies.vlm_cells import look
from vprog.strategies.vlm_rounds import ask_round, one_video
from vprog.types import Frame, Video

FRAMES = 16
SIDE = 448
"""Frames to choose from, and the longer side of the pictures in pixels; ours."""

MOST_FPS, MOST_MASKS = 5.0, 64
"""Outlines a second, and of one thing: fewer a second of a long video; ours."""

FORM = '{"picture": number from 1, "box": [x0, y0, x1, y1]}'

ORDER = (
    "Do not answer yet. Which one thing does the question mean, even where it does not name it? "
    "Choose the picture in which that thing is seen best, and box it there. Reply with JSON and "
    f"nothing else: {FORM}, "
    "{units} of the picture, origin top left."
)

TOLD = "The second picture is the part of the first that shows the thing which the question means."


@strategy("outline", "the thing that is meant, outlined and followed", needs="vlm")
def solve(workspace: Workspace) -> Attempt:
    """The answer of the VLM to the thing that the question means, with its outlines as evidence.

    A question may mean a thing without its name: "what would one sit on?". The VLM chooses the
    picture in which it is seen best and boxes it there; a segmenter outlines what is in the box,
    and follows it through the video. Where no module outlines or follows, the box in that one
    frame is what the answer names, and that is told. Where nothing is boxed there is no answer.

    Raises:
        MissingError: no VLM is named.
        AbstainedError: nothing was boxed, or there is nothing to look at.

    Source: VISA (2024): what the question means is reasoned out, at one frame that is chosen for
    it, and the mask found there is followed. Veason-R1 (2025): keyframe, then box, then SAM. Both
    were trained to; numbers of frames and pixels are ours.
    """
    need_vlm(workspace, "ask")
    workspace.path = PATH
    run = workspace.run
    video = one_video(workspace)
    name = video_name(run, video.index)
    size = (video.width, video.height)
    shown = GRID if is_on_grid(run.settings.vlm) else shown_size(*size, SIDE)
    units = f"{'on a grid' if shown == GRID else 'in pixels'} of {shown[0]} x {shown[1]}"
    boxed = ask_round(
        workspace,
        workspace.start,
        f"sample_frames({name}, count={FRAMES})",
        ORDER.replace("{units}", units),
        lambda reply, frames: read_place(reply, frames, shown, size),
        side=SIDE,
        note="boxes the thing that is meant",
    )
    if boxed.is_over:
        return boxed.at
    if boxed.read is None:
        raise AbstainedError(
            "the VLM boxed nothing that the question means.",
            hint="Take another strategy: --strategy magnify or --strategy fast.",
        )
    box = ", ".join(repr(end) for end in boxed.read.box)
    keyframe = f"keyframe = frames[{boxed.read.picture}]\nplace = Box({box})\n"
    outlined = _outlined(workspace, boxed.at, keyframe, video)
    if outlined.outcome.status == "limit":
        return outlined
    evidence = "reply, *masks"
    if outlined.state is None:
        outlined, evidence = (
            look(workspace, boxed.at, keyframe, "keeps the box"),
            "reply, frames[1]",
        )
    kind = kind_of(run.text, has_choices=bool(run.choices))
    source = "frames = [keyframe, crop(keyframe, place)]\n" + answer_from_frames(
        kind, instruction=TOLD, more=f", max_side={SIDE}", evidence=evidence
    )
    return look(workspace, outlined, source, "answers of the thing")


def read_place(
    reply: str, frames: Sequence[Frame], shown: tuple[int, int], whole: tuple[int, int]
) -> Region:
    """The picture that a reply chooses and the box in it, in pixels of the whole picture.

    Args:
        reply: of the VLM.
        frames: that it was shown.
        shown: width and height of the pictures, or of the grid on which it names places.
        whole: width and height of the video.

    Raises:
        LlmReplyError: it names no box of the form asked for, or one that holds nothing.
    """
    region = read_region(reply, len(frames))
    box = None if region is None else scaled_back(region.box, shown, whole)
    if region is None or box is None:
        raise LlmReplyError(
            f'no thing is boxed in "{excerpt(reply, 80)}".',
            hint=f"It must be {FORM}, and the box must lie in the picture.",
        )
    return Region(region.picture, box)


def _outlined(workspace: Workspace, at: Attempt, keyframe: str, video: Video) -> Attempt:
    """The cell that outlines what is in the box and follows it; `masks` holds the outlines."""
    run = workspace.run
    fps = max(0.1, min(MOST_FPS, int(10 * MOST_MASKS / video.duration) / 10))
    mask = "segment_at(keyframe, place)"
    follows = "track_mask" in run.runtime.modules
    if follows:
        mask = f"*track_mask({video_name(run, video.index)}, {mask}, fps={fps!r})"
    made = look(workspace, at, f"{keyframe}masks = [{mask}]\n", "outlines and follows the thing")
    if made.state is None and made.outcome.status != "limit":
        why = made.outcome.error.message if made.outcome.error else made.outcome.status
        run.warnings.add(f"the thing is boxed in one frame, and not outlined: {why}")
    elif not follows:
        run.warnings.add("the thing is outlined in one frame: no module here follows it")
    return made
