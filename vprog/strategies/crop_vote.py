"""`crop_vote`: several answers with objects, boxes and times; each weighs what its crops show."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from vprog.errors import AbstainedError
from vprog.runs.attempt import Attempt, best_of
from vprog.runs.combinators import SPENT
from vprog.runs.run import Run
from vprog.runs.workspace import Workspace
from vprog.strategies.fast import PATH, kind_of, need_vlm
from vprog.strategies.magnify import GRID, is_on_grid, scaled_back, shown_size
from vprog.strategies.read_cells import video_name
from vprog.strategies.strategy import strategy
from vprog.strategies.vlm_cells import asked_with, look, look_together, replies_of
from vprog.strategies.vlm_rounds import one_video
from vprog.types import Box, Video

FRAMES = 16
"""Of the video, for each sample; ours."""

SIDE = 448
"""Longer side of the pictures, in pixels; ours."""

MOST_CROPS = 10
"""A sample that names more has none scored."""

WEIGHTS = {"2": 1.0, "1": 0.6, "0": 0.2}
"""What a crop is worth by its relevance."""

NO_CROP = 0.2
"""What a sample is worth of which no crop was scored. Source, these three: Open-o3 Video (2025)."""

_NUMBER = r"\s*(-?\d{1,6}(?:\.\d{1,6})?)\s*"
_PLACE = re.compile(
    r"<obj>(?P<name>[^<]{1,200})</obj>\s*<box>\s*\[" + ",".join([_NUMBER] * 4) + r"\]\s*</box>"
    r"\s*at\s*<t>" + _NUMBER + r"</t>",
    re.IGNORECASE,
)

ORDER = (
    "Say first what the answer rests on, each thing with its box and time: <obj>thing</obj>"
    "<box>[x0, y0, x1, y1]</box>at<t>seconds</t>s, {units}. Then the answer, in as few words as "
    "it takes: <answer>...</answer>"
)

RELEVANCE = (
    "This is a part of a picture. How relevant is it to the question? Reply with one digit and "
    "nothing else: 2 if it shows what is needed, 1 if it helps, 0 if it does not."
)

_SAID = 'import re\nsaid = re.findall(r"<answer>([^<]*)</answer>", {reply}.text)\n' + (
    'if not said:\n    abstain("no answer stands in the form asked for: " + {reply}.text[:200])\n'
)
_NUMBERS = (
    'numbers = re.findall(r"(?<![\\d:.])-?\\d+(?:\\.\\d+)?(?![\\d:])", said[-1])\n'
    'if len(numbers) != 1:\n    abstain("no single number: " + said[-1][:200])\n'
)
_VALUES = {
    "count": ("int(float(numbers[0]))", _NUMBERS),
    "seconds": ("float(numbers[0])", _NUMBERS),
    "when": ("float(numbers[0])", _NUMBERS),
}


@strategy("crop_vote", "answers voted by how relevant their crops are", needs="vlm")
def solve(workspace: Workspace) -> Attempt:
    """The answer for which the samples weigh most, each by the relevance of what it names.

    Each of `samples` samples names objects with box and time within its reasoning. Every such
    part is cut out at that time and scored by the VLM, which sees nothing else; the mean over its
    crops is what a sample weighs. Where the budget ends, the samples there are count.

    Raises:
        MissingError: no VLM is named.
        AbstainedError: no sample gave an answer, or there is nothing to look at.

    Source: Open-o3 Video (2025): relevance 2, 1, 0 weighs 1.0, 0.6, 0.2, no crop 0.2, more than
    10 are not scored, weights are summed by answer. How the crops of one sample are joined is
    not said in what we read: the mean is ours.
    """
    need_vlm(workspace, "ask")
    workspace.path = PATH
    video = one_video(workspace)
    shown = GRID if is_on_grid(workspace.run.settings.vlm) else shown_size(*_size(video), SIDE)
    units = f"on a grid of {GRID[0]} x {GRID[1]}" if shown == GRID else "in pixels of {} x {}"
    order = ORDER.format(units=units.format(*shown))
    return weighed_vote(
        workspace,
        lambda count: samples_of(workspace, video, count, order),
        lambda at, place: _weighed(workspace, video, shown, at, place),
        requests=2,
    )


@dataclass(frozen=True)
class WeighedSample:
    """One answer, and what it weighs."""

    attempt: Attempt
    weight: float


def weighed_vote(
    workspace: Workspace,
    looks: Callable[[int], str],
    weigh: Callable[[Attempt, int], WeighedSample],
    *,
    requests: int = 1,
) -> Attempt:
    """The answer for which as many samples as are set weigh most, or those that the budget allows.

    Args:
        workspace: of the question.
        looks: the lines that make `replies`, a list of so many.
        weigh: what came of the one at a place of that list, going on from there.
        requests: to models, that a sample takes, its look included.

    Raises:
        AbstainedError: none of them gave an answer.
        VprogError: the budget ends before there is one.
    """
    at = look_together(workspace, looks, workspace.settings.samples, requests=requests)
    sampled: list[WeighedSample] = []
    for place in range(len(replies_of(at)) if at.state is not None else 0):
        try:
            sampled.append(weigh(at, place))
        except SPENT:
            if not sampled:
                raise
            break
        if sampled[-1].attempt.outcome.status == "limit":
            break
    weights = {sample.attempt.node: sample.weight for sample in sampled}
    attempts = [sample.attempt for sample in sampled] or [at]
    found = workspace.vote(attempts, weights) or best_of(attempts)
    if found is None:
        raise AbstainedError("no sample of the VLM came to an end.")
    return found


def samples_of(workspace: Workspace, video: Video, count: int, order: str) -> str:
    """The lines that put the question to evenly spread frames of a video, for so many samples."""
    asked = asked_with(workspace.run, order)
    return (
        f"frames = sample_frames({video_name(workspace.run, video.index)}, count={FRAMES})\n"
        f"replies = [ask(frames, {asked}, max_side={SIDE}, sample=number) "
        f"for number in range(1, {count + 1})]\n"
    )


def _size(video: Video) -> tuple[int, int]:
    return video.width, video.height


def _weighed(
    workspace: Workspace, video: Video, shown: tuple[int, int], first: Attempt, place: int
) -> WeighedSample:
    """One sample: its reasoning, its crops with their scores, its answer."""
    name = video_name(workspace.run, video.index)
    reply = f"reply = replies[{place}]\n"
    places = read_places(replies_of(first)[place].text, video.duration)
    boxes = [(scaled_back(named.box, shown, _size(video)), named.time) for named in places]
    crops = [
        f"crop(frame_at({name}, {time!r}), Box({', '.join(repr(end) for end in box)}))"
        for box, time in boxes
        if box is not None
    ]
    at, weight, cited = first, NO_CROP, "reply"
    if 0 < len(crops) <= MOST_CROPS:
        relevance = asked_with(workspace.run, RELEVANCE)
        lines = [f"crops = [{', '.join(crops)}]\n"]
        lines.append(f"scores = [ask([part], {relevance}) for part in crops]\n")
        at = look(workspace, first, "".join(lines), f"scores {len(crops)} crops")
        if at.state is None:
            return WeighedSample(at, 0.0)
        weight = crop_weight([said.text for said in replies_of(at)])
        cited = ", ".join(["reply", *(f"crops[{number}]" for number in range(len(crops)))])
    source = reply + answer_of_form(workspace.run, cited)
    note = f"answer of sample {place + 1}"
    return WeighedSample(look(workspace, at, source, note), weight)


def answer_of_form(run: Run, evidence: str) -> str:
    """The lines that answer with what stands in `<answer>` of `reply`, by the question's kind."""
    kind = kind_of(run.text, has_choices=bool(run.choices))
    value, lines = _VALUES.get(kind, ("said[-1].strip()", ""))
    return f"{_SAID.format(reply='reply')}{lines}answer({value}, evidence=[{evidence}])\n"


@dataclass(frozen=True)
class NamedPlace:
    """An object that a reply names, in the units in which it was shown, at a time in seconds."""

    name: str
    box: Box
    time: float


def read_places(reply: str, duration: float) -> list[NamedPlace]:
    """The objects with box and time that a reply names, each once; none outside the video.

    Source: the form of Open-o3 Video (2025).
    """
    places = []
    for said in _PLACE.finditer(reply[:20_000]):
        x0, y0, x1, y1, time = (float(number) for number in said.groups()[1:])
        if 0 <= time <= duration:
            places.append(NamedPlace(said["name"].strip(), Box(x0, y0, x1, y1), time))
    return list(dict.fromkeys(places))


def crop_weight(scores: Sequence[str]) -> float:
    """The mean weight of scored crops; a score that cannot be read is worth that of none."""
    if not scores:
        return NO_CROP
    digits = [re.search(r"(?<![\d.])[012](?![\d.])", score) for score in scores]
    weights = [WEIGHTS[digit[0]] if digit else NO_CROP for digit in digits]
    return math.fsum(weights) / len(weights)
