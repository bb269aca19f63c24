"""`thought_vote`: several answers with their reasoning, voted by how near it is to the frames."""

from __future__ import annotations

import re
from collections.abc import Sequence

from vprog.errors import LlmReplyError, MissingError
from vprog.llm.language_model import excerpt
from vprog.runs.attempt import Attempt
from vprog.runs.workspace import Workspace
from vprog.strategies.crop_vote import WeighedSample, answer_of_form, samples_of, weighed_vote
from vprog.strategies.fast import PATH, need_vlm
from vprog.strategies.read_cells import video_name
from vprog.strategies.strategy import strategy
from vprog.strategies.vlm_cells import literal_of, look, one_line, replies_of
from vprog.strategies.vlm_rounds import one_video
from vprog.types import Match, Video

NEAREST = 4
"""Frames that a thought is compared with: those that are nearest to it; ours."""

MOST_THOUGHTS, MOST_THOUGHT = 4, 200
"""Sentences of a reasoning that are compared, and characters of one: what `search_frames` takes."""

ORDER = (
    "Think first: say in a few short sentences what the video shows of what is asked about, "
    "<think>...</think>. Then the answer, in as few words as it takes: <answer>...</answer>"
)

_THINK = re.compile(r"<think>(.*?)</think>", re.DOTALL | re.IGNORECASE)
_SENTENCE = re.compile(r"[^.!?;]{3,}")


@strategy("thought_vote", "answers voted by how near their thoughts are", needs="vlm")
def solve(workspace: Workspace) -> Attempt:
    """The answer for which the samples weigh most, each by its reasoning.

    Each of `samples` samples says what the video shows before it answers. Its sentences are
    compared with the frames by an encoder of pictures and text; the mean cosine of the frames
    that are nearest is what a sample weighs. Reasoning of what is not in the video is far from
    all of its frames. Where the budget ends, the samples there are count.

    Raises:
        MissingError: no VLM is named, or no module compares words with frames.
        AbstainedError: no sample gave an answer, or there is nothing to look at.

    Source: VideoRFT (2025): the reasoning text against the frames, by the similarity of a
    CLIP-like encoder, rewards what is grounded in the video. There a reward for training; here
    what a vote weighs. Numbers of sentences and frames are ours.
    """
    need_vlm(workspace, "ask")
    if "search_frames" not in workspace.run.runtime.modules:
        raise MissingError(
            'no module serves "search_frames", which compares words with frames.',
            hint="Run `vprog modules show search_frames` for what it needs, or take "
            "--strategy crop_vote.",
        )
    workspace.path = PATH
    video = one_video(workspace)
    return weighed_vote(
        workspace,
        lambda count: samples_of(workspace, video, count, ORDER),
        lambda at, place: _weighed(workspace, video, at, place),
    )


def _weighed(workspace: Workspace, video: Video, first: Attempt, place: int) -> WeighedSample:
    """One sample: its reasoning, how near that is to the frames, its answer."""
    name = video_name(workspace.run, video.index)
    at, weight = first, 0.0
    try:
        thoughts = read_thoughts(replies_of(first)[place].text)
    except LlmReplyError as error:
        workspace.run.warnings.add(f"sample {place + 1} weighs nothing: {error.message}")
    else:
        source = (
            f"near = [search_frames({name}, thought, count={NEAREST}, diversity=0.0) "
            f"for thought in {literal_of(thoughts)}]\n"
        )
        at = look(workspace, first, source, f"compares {len(thoughts)} thoughts with frames")
        if at.state is None:
            return WeighedSample(at, 0.0)
        weight = nearness([result for result in at.results if isinstance(result, list)])
    source = f"reply = replies[{place}]\n{answer_of_form(workspace.run, 'reply')}"
    note = f"answer of sample {place + 1}"
    return WeighedSample(look(workspace, at, source, note), weight)


def read_thoughts(reply: str) -> tuple[str, ...]:
    """The first sentences of a reasoning, each on one line of bounded length.

    Raises:
        LlmReplyError: there is no reasoning in the form asked for.
    """
    said = _THINK.search(reply[:20_000])
    sentences = _SENTENCE.findall(said[1]) if said else []
    lines = [one_line(sentence, MOST_THOUGHT) for sentence in sentences]
    thoughts = tuple(dict.fromkeys(line for line in lines if line))[:MOST_THOUGHTS]
    if not thoughts:
        raise LlmReplyError(
            f'no reasoning can be read from "{excerpt(reply, 80)}".',
            hint="It must be <think>...</think>, then <answer>...</answer>.",
        )
    return thoughts


def nearness(found: Sequence[Sequence[object]]) -> float:
    """The mean score of what was found for each thought; a thought with nothing near is worth 0."""
    if not found:
        return 0.0
    means = []
    for matches in found:
        scores = [match.score for match in matches if isinstance(match, Match)]
        means.append(sum(scores) / len(scores) if scores else 0.0)
    return sum(means) / len(means)
