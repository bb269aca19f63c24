"""`frame_actions`: frames of an interval, or the number of one; six rules for traces."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from vprog.errors import LlmReplyError
from vprog.llm.language_model import excerpt
from vprog.runs.attempt import Attempt
from vprog.runs.combinators import until
from vprog.runs.workspace import Workspace
from vprog.strategies.fast import PATH, need_vlm
from vprog.strategies.read_cells import video_name
from vprog.strategies.strategy import strategy
from vprog.strategies.vlm_rounds import answer_round, ask_round, one_video, span_frames
from vprog.types import Span, Video

STEPS = 5
"""Actions of one trace."""

TRIES = 2
"""How often an action is asked for; the third request takes nothing but the answer."""

LONG = 300.0
"""Seconds beyond which a video is long."""

SHORT_VIEW, LONG_VIEW = (8, 640), (12, 448)
"""Frames of a view, and their longer side in pixels: of a short and of a long video.

Source, these four: FrameThinker (2025).
"""

MAX_REPLY = 4000
"""Characters of a reply that are read, the last."""

_THINK = re.compile(r"<think>(.*?)</think>", re.IGNORECASE | re.DOTALL)
_ACTION = re.compile(r"<action>(.*?)</action>", re.IGNORECASE | re.DOTALL)
_CHOOSE = re.compile(r"choose frames between\s+(\d{1,9})\s+and\s+(\d{1,9})\W*", re.IGNORECASE)
_NUMBER_AT = re.compile(
    r"get frame number at time\s+(\d{1,7}(?:\.\d{1,6})?)\s*s?\W*", re.IGNORECASE
)
_OUTPUT = re.compile(r"output answer\b.*", re.IGNORECASE | re.DOTALL)

ORDER = (
    "Do not reply with the answer alone. Think first, then take one action: "
    "<think>...</think><action>...</action>. The action is one of: choose frames between START "
    "and END (numbers of frames, to look at {view} frames of that interval); get frame number at "
    "time SECONDS; output answer. The video has frames 0 to {last} in {duration:.1f} s; these are "
    "of frames {start} to {end}."
)


@dataclass(frozen=True)
class FrameAction:
    """One action of a trace, with whether it was thought about.

    Attributes:
        kind: what it does.
        start: the first frame of an interval.
        end: the last one.
        time: the time whose frame is wanted, in seconds.
        frame: the number that was given for it.
    """

    kind: Literal["choose", "number", "answer"]
    start: int = 0
    end: int = 0
    time: float = 0.0
    frame: int = 0
    is_thought: bool = True


@dataclass(frozen=True)
class _Traced:
    at: Attempt
    interval: tuple[int, int]
    actions: tuple[FrameAction, ...] = ()
    is_over: bool = False


@strategy("frame_actions", "choose frames or get a number, by six rules", needs="vlm")
def solve(workspace: Workspace) -> Attempt:
    """The answer of the VLM to the last interval of frames that it chose.

    A step is a thought and one action. An action that breaks a rule of `broken_rule` is refused
    and told; after two of these, or STEPS actions, nothing but the answer is asked for.

    Raises:
        MissingError: no VLM is named.
        AbstainedError: there is nothing to look at.

    Source: FrameThinker (2025): two actions on frames, 8 frames a view, 12 beyond 300 s, five
    steps, three tries of which the last is the answer alone, and its rules for a valid trace.
    """
    need_vlm(workspace, "ask")
    workspace.path = PATH
    video = one_video(workspace)
    count, side = SHORT_VIEW if video.duration <= LONG else LONG_VIEW
    traced = until(
        lambda traced, number: _step(workspace, video, traced, number),
        _Traced(workspace.start, (0, video.n_frames - 1)),
        stop=lambda traced: traced.is_over,
        rounds=STEPS,
    )
    if traced.at.state is None:
        return traced.at
    frames = _view(workspace, video, traced.interval, count)
    return answer_round(
        workspace, traced.at, frames, side=side, note="answers from the last interval"
    )


def _step(workspace: Workspace, video: Video, traced: _Traced, number: int) -> _Traced:
    count, side = SHORT_VIEW if video.duration <= LONG else LONG_VIEW
    start, end = traced.interval
    order = ORDER.format(
        view=count, last=video.n_frames - 1, duration=video.duration, start=start, end=end
    )
    if traced.actions and traced.actions[-1].kind == "number":
        last = traced.actions[-1]
        order += f" At {last.time:g} s is frame {last.frame}."
    made = ask_round(
        workspace,
        traced.at,
        _view(workspace, video, traced.interval, count),
        order,
        lambda reply, _: read_action(reply, video, traced.actions, count),
        side=side,
        note=f"action {number + 1}",
        tries=TRIES,
    )
    if made.read is None:
        return replace(traced, at=made.at, is_over=True)
    action = made.read
    chosen = (action.start, action.end) if action.kind == "choose" else traced.interval
    return _Traced(made.at, chosen, (*traced.actions, action), is_over=action.kind == "answer")


def _view(workspace: Workspace, video: Video, interval: tuple[int, int], count: int) -> str:
    """The expression for frames of an interval of frame numbers."""
    start, end = (round(number * video.duration / video.n_frames, 3) for number in interval)
    name = video_name(workspace.run, video.index)
    if interval == (0, video.n_frames - 1):
        return f"sample_frames({name}, count={count})"
    return span_frames(name, Span(start, end), count)


def read_action(reply: str, video: Video, earlier: Sequence[FrameAction], view: int) -> FrameAction:
    """The action of a reply, if the trace keeps to the rules with it.

    Raises:
        LlmReplyError: there is none, it names what the video has not, or it breaks a rule.
    """
    said = reply[-MAX_REPLY:]
    thoughts, actions = _THINK.findall(said), _ACTION.findall(said)
    text = actions[-1].strip() if actions else ""
    is_thought = len(thoughts) == len(actions) == 1
    action: FrameAction | None = None
    if chosen := _CHOOSE.fullmatch(text):
        start, end = int(chosen[1]), int(chosen[2])
        if start <= end < video.n_frames:
            action = FrameAction("choose", start=start, end=end, is_thought=is_thought)
    elif asked := _NUMBER_AT.fullmatch(text):
        time = float(asked[1])
        if time <= video.duration:
            frame = min(video.n_frames - 1, int(time / video.duration * video.n_frames))
            action = FrameAction("number", time=time, frame=frame, is_thought=is_thought)
    elif _OUTPUT.fullmatch(text):
        action = FrameAction("answer", is_thought=is_thought)
    if action is None:
        raise LlmReplyError(
            f'no action on this video can be read from "{excerpt(reply, 80)}".',
            hint="It must be <think>...</think><action>...</action>, with frames and times that "
            "the video has.",
        )
    broken = broken_rule([*earlier, action], view, is_whole=False)
    if broken:
        raise LlmReplyError(f"a rule of traces is broken: {broken}.", hint=f"Rule: {broken}.")
    return action


def broken_rule(trace: Sequence[FrameAction], view: int, *, is_whole: bool = True) -> str:
    """The first rule that a trace breaks; "" if it keeps to all.

    Args:
        trace: its actions, in order.
        view: how many frames one look shows.
        is_whole: whether it came to its end, which must be an answer.

    Source: the rules of FrameThinker (2025): thought and action are paired, the end is an answer,
    no interval and no time twice, an interval longer than the view, and after the number of a
    frame an interval that contains it.
    """
    seen: set[tuple[float, float]] = set()
    asked: set[float] = set()
    wanted: int | None = None
    for action in trace:
        if not action.is_thought:
            return "one thought and one action belong together"
        if action.kind == "choose":
            interval = (action.start, action.end)
            if interval in seen:
                return "no interval is chosen twice"
            if action.end - action.start + 1 <= view:
                return f"an interval has more than {view} frames"
            if wanted is not None and not action.start <= wanted <= action.end:
                return f"the interval after the number of a frame contains it: {wanted}"
            seen.add(interval)
            wanted = None
        elif action.kind == "number":
            if action.time in asked:
                return "no time is asked for twice"
            asked.add(action.time)
            wanted = action.frame
    if is_whole and (not trace or trace[-1].kind != "answer"):
        return "a trace ends with the answer"
    return ""
