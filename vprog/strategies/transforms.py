"""`transforms`: one question under named transforms of the frames; what is stable is answered."""

from __future__ import annotations

import re
from dataclasses import dataclass

from vprog.runs.attempt import Attempt
from vprog.runs.workspace import Workspace
from vprog.strategies.crop_vote import WeighedSample, answer_of_form, weighed_vote
from vprog.strategies.fast import PATH, need_vlm
from vprog.strategies.read_cells import video_name
from vprog.strategies.strategy import strategy
from vprog.strategies.vlm_cells import asked_with, look, replies_of
from vprog.strategies.vlm_rounds import one_video
from vprog.types import Video

FRAMES = 16
SIDE = 448
"""Frames of the video and their longer side in pixels; ours."""

SMALL = 112
"""Longer side of the small pictures, in pixels: a sixteenth of the area; ours."""

MISSED = 0.5
"""What an answer weighs whose transform was not named: it may not have looked; ours."""


@dataclass(frozen=True)
class Transform:
    """One change of what is shown.

    Attributes:
        name: by which the VLM is to name it.
        says: what it is, in words for the VLM.
        frames: the expression for the frames as they are shown, of `taken`.
        side: the longer side of the pictures, in pixels.
    """

    name: str
    says: str
    frames: str = "taken"
    side: int = SIDE


TRANSFORMS = (
    Transform("none", "whole pictures in order of time"),
    Transform("reversed", "the last picture comes first", "taken[::-1]"),
    Transform(
        "shuffled", "every second picture first, then the others", "taken[1::2] + taken[::2]"
    ),
    Transform(
        "cropped",
        "the middle of each picture, the edges cut off",
        "[crop(frame, Box({box})) for frame in taken]",
    ),
    Transform("small", "very small pictures", "taken", SMALL),
)
"""In the order in which they are taken; with more samples they come again, as other samples."""

ORDER = (
    "The pictures may have been changed before they were shown to you. First name the change, one "
    f"of: {'; '.join(f'{one.name} ({one.says})' for one in TRANSFORMS)}. Then answer the question "
    "about the video as it was before the change. Reply in this form: "
    "<transform>name</transform><answer>the answer in as few words as it takes</answer>"
)

_NAMED = re.compile(r"<transform>\s*(\w+)\s*</transform>", re.IGNORECASE)


@strategy("transforms", "what is stable under transforms of the frames", needs="vlm")
def solve(workspace: Workspace) -> Attempt:
    """The answer for which most looks speak, each at the frames under another transform.

    The same frames are shown as they are, backwards, shuffled, cropped and small, one look each.
    The VLM names the transform and answers for the video as it was; an answer whose transform was
    not named weighs less. The share that the answer won goes into its score, and the run says
    under which transforms it was another one. Where the budget ends, the looks there are count.

    Raises:
        MissingError: no VLM is named.
        AbstainedError: no look gave an answer, or there is nothing to look at.

    Source: ViSS-R1 (2025): a model is trained to name the transform of its input as well as to
    answer. Here it is asked to, and nothing is trained; rotations and puzzles of patches are not
    here, for programs hold frames and no pixels. Times stand beside the pictures all the same.
    """
    need_vlm(workspace, "ask")
    workspace.path = PATH
    video = one_video(workspace)
    looks: dict[str, Attempt] = {}

    def weigh(at: Attempt, place: int) -> WeighedSample:
        transform = TRANSFORMS[place % len(TRANSFORMS)]
        named = named_transform(replies_of(at)[place].text)
        source = f"reply = replies[{place}]\n{answer_of_form(workspace.run, 'reply')}"
        seen = look(workspace, at, source, f"answer: {transform.name}")
        looks.setdefault(transform.name, seen)
        return WeighedSample(seen, 1.0 if named == transform.name else MISSED)

    found = weighed_vote(workspace, lambda count: _looks(workspace, video, count), weigh)
    if found.answer is not None:
        others = [
            name
            for name, attempt in looks.items()
            if attempt.answer is not None and attempt.answer.value != found.answer.value
        ]
        told = f"is another one under: {', '.join(others)}" if others else "is stable"
        workspace.run.warnings.add(f"the answer {told}, of {', '.join(looks)}")
    return found


def _looks(workspace: Workspace, video: Video, count: int) -> str:
    """The lines that look under so many transforms; `taken` are the frames as they are."""
    width, height = video.width, video.height
    box = f"{width / 6:.1f}, {height / 6:.1f}, {width * 5 / 6:.1f}, {height * 5 / 6:.1f}"
    taken = [
        (TRANSFORMS[number % len(TRANSFORMS)], number // len(TRANSFORMS)) for number in range(count)
    ]
    rows = [
        f"({transform.frames.replace('{box}', box)}, {transform.side}, {again}),"
        for transform, again in taken
    ]
    newline = "\n    "
    asked = asked_with(workspace.run, ORDER)
    return (
        f"taken = sample_frames({video_name(workspace.run, video.index)}, count={FRAMES})\n"
        f"shown = [{newline}{newline.join(rows)}\n]\n"
        f"replies = [ask(frames, {asked}, max_side=side, sample=again) "
        "for frames, side, again in shown]\n"
    )


def named_transform(reply: str) -> str | None:
    """The transform that a reply names; None where it names none that there is."""
    said = _NAMED.search(reply[:20_000])
    name = said[1].casefold() if said else ""
    return name if any(one.name == name for one in TRANSFORMS) else None
