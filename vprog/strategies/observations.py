"""`observations`: what the VLM observes must hold against the video's text, then it answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from vprog.errors import LlmReplyError
from vprog.llm.data_marks import mark_data
from vprog.llm.language_model import Message, excerpt
from vprog.prompt.cell_prompt import asked_instead
from vprog.runs.attempt import Attempt
from vprog.runs.combinators import SPENT
from vprog.runs.workspace import Workspace
from vprog.strategies.fast import FRAMES, PATH, need_vlm
from vprog.strategies.read_cells import video_name
from vprog.strategies.strategy import strategy
from vprog.strategies.video_text import read_context
from vprog.strategies.vlm_cells import literal_of, one_line
from vprog.strategies.vlm_rounds import (
    answer_round,
    ask_round,
    one_video,
    read_object,
    read_span,
    span_frames,
)
from vprog.types import Span

MOST = 6
"""Observations; ours."""

MAX_TEXT = 300
"""Characters of one."""

CAPTIONS = 8
"""Clips that are captioned, beside what is said and written; ours."""

SIDE = 448
"""Longer side of all pictures, in pixels; ours."""

OBSERVE = (
    "Do not answer yet. What do you observe that the answer rests on? List at most "
    f"{MOST} observations, each of one thing that can be checked. Reply with JSON and nothing "
    'else: {"observations": [{"time": [start, end], "text": "..."}]}, in seconds.'
)

HOLDS, CONTRADICTED, UNTOLD = "holds", "contradicted", "untold"
_FORM = f'{{"verdicts": ["{HOLDS}" or "{CONTRADICTED}" or "{UNTOLD}", ...]}}'

CHECK_RULES = f"""\
# Checking
Here you do not write a program: you check observations that somebody made of the video against \
its text. Reply with one JSON object and nothing else, one verdict for each in their order:
{_FORM}"""

CHECK = (
    "Compare each observation with what was read of the video around its time: holds, if the text "
    "says the same; contradicted, if the text says otherwise; untold, if it says nothing of it."
)


class Observation(NamedTuple):
    """Something seen, and when."""

    span: Span
    text: str


@strategy("observations", "what a VLM observes must hold against the text")
def solve(workspace: Workspace) -> Attempt:
    """The answer of the VLM to its own observations that the video's text does not contradict.

    The text is what is said, written and, of some frames, captioned. The model that writes checks
    each observation against it. Those that it contradicts are left out, and that is told with
    the share that holds; the VLM answers from the spans of the others, which it is told. Where
    nothing is observed, or none stands, it answers from frames spread evenly. A check that cannot
    be read, or for which the budget has no request, lets all stand.

    Raises:
        MissingError: no VLM is named.
        AbstainedError: there is nothing to look at.

    Source: ReWatch-R1 (2025): each observation in a reasoning is checked against a text of the
    video, and the share that holds is rewarded. There in training, against detailed captions;
    here before the answer. Numbers of observations and frames are ours.
    """
    need_vlm(workspace, "ask")
    workspace.path = PATH
    run = workspace.run
    video = one_video(workspace)
    name = video_name(run, video.index)
    context = read_context(workspace, most_captions=CAPTIONS)
    if context.at.outcome.status == "limit":
        return context.at
    seen = ask_round(
        workspace,
        context.at,
        f"sample_frames({name}, count={FRAMES})",
        f"{OBSERVE} The video lasts {video.duration:.1f} s.",
        lambda reply, _: read_observations(reply, video.duration),
        side=SIDE,
        note="observes",
        name="looked_at",
    )
    if seen.is_over:
        return seen.at
    observed = seen.read or ()
    kept = _standing(workspace, context.text, observed) if context.nothing is None else observed
    if context.nothing is not None and observed:
        run.warnings.add(f"no observation was checked: {context.nothing.message}")
    if not kept:
        run.warnings.add("no observation stands: answered from all of the video")
        evenly = f"sample_frames({name}, count={FRAMES})"
        return answer_round(workspace, seen.at, evenly, side=SIDE, note="answers from all of it")
    share = max(1, FRAMES // len(kept))
    return answer_round(
        workspace,
        seen.at,
        " + ".join(span_frames(name, observation.span, share) for observation in kept),
        side=SIDE,
        note=f"answers from {len(kept)} of {len(observed)} observations",
        notes=literal_of([f"{one.span.start:g} to {one.span.end:g} s: {one.text}" for one in kept]),
    )


def _standing(
    workspace: Workspace, text: str, observed: Sequence[Observation]
) -> tuple[Observation, ...]:
    """The observations that the text of the video does not contradict."""
    if not observed:
        return ()
    warnings = workspace.run.warnings
    messages = check_messages(workspace.writer.prompt.messages, text, observed)
    try:
        reply = workspace.writer.ask(messages, "check observations")
        verdicts = read_verdicts(reply.text, len(observed))
    except (*SPENT, LlmReplyError) as error:
        warnings.add(f"no observation was checked: {error.message}")
        return tuple(observed)
    warnings.add(
        f"of {len(observed)} observations {verdicts.count(HOLDS)} hold against the video's text, "
        f"{verdicts.count(CONTRADICTED)} are contradicted"
    )
    pairs = zip(observed, verdicts, strict=True)
    return tuple(observation for observation, verdict in pairs if verdict != CONTRADICTED)


def check_messages(
    prompt: Sequence[Message], text: str, observed: Sequence[Observation]
) -> tuple[Message, ...]:
    """Ask for a verdict on each observation; they and the text stand in data marks."""
    rows = [
        {"start": one.span.start, "end": one.span.end, "observed": one.text} for one in observed
    ]
    parts = ["# Read", text, mark_data("observations", rows), CHECK]
    return asked_instead(prompt, CHECK_RULES, parts)


def read_observations(reply: str, duration: float) -> tuple[Observation, ...]:
    """What a reply observes, in its order; at most MOST, each on one line.

    Raises:
        LlmReplyError: there is none, or one has no text or no span of the video.
    """
    listed = read_object(reply).get("observations")
    if not isinstance(listed, list) or not 1 <= len(listed) <= MOST:
        raise _refusal(reply)
    observed: list[Observation] = []
    for item in listed:
        text = item.get("text") if isinstance(item, dict) else None
        line = one_line(text, MAX_TEXT) if isinstance(text, str) else ""
        if not line:
            raise _refusal(reply)
        observed.append(Observation(read_span(item.get("time"), duration), line))
    return tuple(dict.fromkeys(observed))


def read_verdicts(reply: str, count: int) -> tuple[str, ...]:
    """The verdict on each observation.

    Raises:
        LlmReplyError: they are not as many as asked for, or not in the words asked for.
    """
    verdicts = read_object(reply).get("verdicts")
    known = (HOLDS, CONTRADICTED, UNTOLD)
    if (
        not isinstance(verdicts, list)
        or len(verdicts) != count
        or any(verdict not in known for verdict in verdicts)
    ):
        raise LlmReplyError(
            f'no verdicts can be read from "{excerpt(reply, 80)}".',
            hint=f"It must be {_FORM}, {count} of them.",
        )
    return tuple(str(verdict) for verdict in verdicts)


def _refusal(reply: str) -> LlmReplyError:
    return LlmReplyError(
        f'no observations can be read from "{excerpt(reply, 80)}".',
        hint=f'It must be JSON with "observations": 1 to {MOST}, each with "time" and "text".',
    )
