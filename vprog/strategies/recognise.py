"""`recognise`: say what each clip shows, each by itself; then reason over the sentences."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from vprog.errors import AbstainedError
from vprog.llm.data_marks import mark_data
from vprog.llm.language_model import Message
from vprog.prompt.cell_prompt import CELL_RULES, asked_instead
from vprog.runs.attempt import Attempt, came_to_nothing
from vprog.runs.run import Run
from vprog.runs.workspace import Workspace
from vprog.strategies.observe import last_cell
from vprog.strategies.read_cells import CitableLine, lines_of, text_sources, video_name
from vprog.strategies.strategy import strategy
from vprog.types import Colour, Shot, Span, Video, wire

OTHERWISE = "Take another strategy: --strategy program."
PARTS = 8
"""Equal parts of a video that has no shots to divide it by."""

MAX_CLIPS = 32
MAX_SENTENCE = 600
MAX_CITED = 8

RECOGNISE = (
    "Say in one short sentence what is to be seen here: who or what, what is done, and what "
    "changes. Do not answer the question: that is what it is for."
)
"""What the VLM is told to do with each clip; the question is data beside it."""

REASON = (
    "These are the clips of the video in order of time; each was recognised by itself, by one "
    "that saw no other. Reason over the sentences: what comes before what, what belongs "
    "together, what answers the question. Then write the last cell: call "
    "answer(value, evidence=[...]) and cite variables that show it, of those beside each "
    "sentence; or abstain(reason) if the sentences do not show it."
)

FRAMES = 8
"""Of each clip, shown to the VLM."""

VLM_TASKS = ("ask", "caption")
"""Modules that say what a clip shows, best first."""

COLOURS = 3


@strategy("recognise", "each clip in a sentence, then reason")
def solve(workspace: Workspace) -> Attempt:
    """The answer that one request gives from the sentences of all clips.

    Clips are the shots of a video, or equal parts where it has none. Each is recognised by
    one call of a VLM, which is not told its place; where there is none, by what is
    read, said, counted and measured in it. A language model then sees the sentences only.

    Raises:
        AbstainedError: nothing could be recognised, or the last cell gives no answer.

    Source: recognition-reasoning decomposition of VCRBench (2025): one sentence a clip,
    without clip numbers, then text alone.
    """
    start, clips = _divide(workspace)
    recogniser = ClipRecogniser(workspace.run, clips)
    if not recogniser.can_recognise:
        raise AbstainedError(
            "no module here says anything of the clips of this video.",
            hint="Run `vprog modules list` for what transcribe, find_text and detect need.",
        )
    n_clips = sum(len(clip.spans) for clip in clips)
    made = workspace.run_cell(start, recogniser.cell(), note=f"recognises {n_clips} clips")
    if made.state is None:
        raise came_to_nothing(made, "the clips could not be recognised", hint=OTHERWISE)
    recognised = recogniser.recognised(made)
    if not any(clip.sentence.strip() for clip in recognised):
        raise AbstainedError("nothing was recognised in any clip.", hint=OTHERWISE)
    return last_cell(workspace, made, reason_messages(workspace.writer.prompt.messages, recognised))


def _divide(workspace: Workspace) -> tuple[Attempt, list[VideoClips]]:
    """The clips of each video, and the cell that found its shots."""
    run = workspace.run
    videos = run.media.videos
    names = {
        video.index: "shots" if len(videos) == 1 else f"shots_{video.index}"
        for video in videos
        if video.width > 0 and "find_shots" in run.runtime.modules
    }
    start = workspace.start
    shots: dict[int, list[Shot]] = {}
    if names:
        source = "".join(
            f"{name} = find_shots({video_name(run, index)})\n" for index, name in names.items()
        )
        found = workspace.run_cell(workspace.start, source, note="divides the video into clips")
        if found.state is None:
            why = found.problems[0].message
            run.warnings.add(f"equal parts stand in for shots: {why}")
        else:
            start = found
            results = [wire.decode(bytes(call.result)) for call in found.calls]
            shots = dict(zip(names, results, strict=True))
    most = max(1, MAX_CLIPS // len(videos))
    clips: list[VideoClips] = []
    for video in videos:
        spans = [Span(shot.start, shot.end) for shot in shots.get(video.index, [])]
        # Several videos are clips already: one without cuts is not divided further.
        parts = {"parts": 1} if len(videos) > 1 else {}
        divided = divide(video.duration, spans, most=most, **parts)
        is_shots = divided == spans
        source = names[video.index] if is_shots else repr(divided)
        clips.append(VideoClips(video, tuple(divided), source, is_shots))
    return start, clips


@dataclass(frozen=True)
class RecognisedClip:
    """One clip in a sentence; `cite` are the variables that show it in the program."""

    video: int
    span: Span
    sentence: str
    cite: tuple[str, ...] = ()


def divide(duration: float, shots: Sequence[Span], *, most: int, parts: int = PARTS) -> list[Span]:
    """The clips of one video: its shots, neighbours joined until there are at most `most`.

    Args:
        duration: of the video, in seconds.
        shots: in order of time, without gaps; of fewer than two the video is divided into
            equal parts.
        most: clips that there may be.
        parts: how many equal parts.
    """
    if len(shots) < 2:
        count = max(1, min(parts, most))
        edges = [round(duration * at / count, 3) for at in range(count + 1)]
        return [Span(*ends) for ends in itertools.pairwise(edges)]
    if len(shots) <= most:
        return list(shots)
    first = [len(shots) * at // most for at in range(most + 1)]
    return [
        Span(shots[start].start, shots[end - 1].end) for start, end in itertools.pairwise(first)
    ]


def one_sentence(text: str) -> str:
    """What was said of a clip, on one line and not longer than a sentence need be."""
    return " ".join(text.split())[:MAX_SENTENCE]


def reason_messages(
    prompt: Sequence[Message], recognised: Sequence[RecognisedClip]
) -> tuple[Message, ...]:
    """Ask for the answer from the sentences of all clips, which stand in data marks."""
    rows: list[object] = [
        {
            "clip": at,
            "video": clip.video,
            "start": round(clip.span.start, 2),
            "end": round(clip.span.end, 2),
            "sentence": one_sentence(clip.sentence),
            "cite": list(clip.cite[:MAX_CITED]),
        }
        for at, clip in enumerate(recognised, start=1)
    ]
    return asked_instead(prompt, CELL_RULES, ["# Clips", mark_data("clips", rows), REASON])


@dataclass(frozen=True)
class VideoClips:
    """The clips of one video; `source` is their expression in the program.

    `is_reported` tells whether a module gave them, so that they can be evidence themselves.
    """

    video: Video
    spans: tuple[Span, ...]
    source: str
    is_reported: bool = False


class ClipRecogniser:
    """Writes the cell that recognises clips, and reads what its calls gave."""

    def __init__(self, run: Run, clips: Sequence[VideoClips]) -> None:
        self._run = run
        self._clips = clips
        modules = run.runtime.modules
        looks = [task for task in VLM_TASKS if task in modules and "sample_frames" in modules]
        self.looks = looks[0] if looks and any(clip.video.width for clip in clips) else ""
        """The module that shows clips to a VLM; "" for none."""
        self._has = {
            task: task in modules and "frame_at" in modules for task in ("detect", "name_colours")
        }
        self._readings = [] if self.looks else text_sources(run)

    @property
    def can_recognise(self) -> bool:
        """Whether any module here says something of the clips."""
        has_picture = any(clip.video.width for clip in self._clips)
        return bool(self.looks or self._readings or (has_picture and any(self._has.values())))

    def cell(self) -> str:
        """The cell; each clip is recognised by itself."""
        return "".join(self._of_video(clip) for clip in self._clips) + "".join(
            reading.source for reading in self._readings
        )

    def recognised(self, attempt: Attempt) -> list[RecognisedClip]:
        """What the calls of its cell said of each clip, in order of video and time."""
        given: dict[str, list[Any]] = {}
        for call in attempt.calls:
            given.setdefault(call.task, []).append(wire.decode(bytes(call.result)))
        if self.looks:
            return self._looked_at(given)
        lines = list(lines_of(attempt, self._readings))
        return [
            self._measured(clips, at, given, lines)
            for clips in self._clips
            for at in range(len(clips.spans))
        ]

    def _of_video(self, clips: VideoClips) -> str:
        name, mark = video_name(self._run, clips.video.index), self._mark(clips)
        source = f"clips{mark} = {clips.source}\n"
        if not clips.video.width:
            return source
        if self.looks:
            count = FRAMES if self.looks == "ask" else 1
            look = f"ask(clip_frames, question, instruction={RECOGNISE!r})"
            if self.looks == "caption":
                look = "caption(clip_frames[0])"
            return (
                f"{source}frames{mark} = [sample_frames({name}, span=span_of(clip), "
                f"count={count}) for clip in clips{mark}]\n"
                f"seen{mark} = [{look} for clip_frames in frames{mark}]\n"
            )
        if any(self._has.values()):
            source += (
                f"middles{mark} = [frame_at({name}, (clip.start + clip.end) / 2) "
                f"for clip in clips{mark}]\n"
            )
        if self._has["detect"]:
            source += f'people{mark} = [detect(frame, "person") for frame in middles{mark}]\n'
        if self._has["name_colours"]:
            source += (
                f"colours{mark} = [name_colours(frame, count={COLOURS}) "
                f"for frame in middles{mark}]\n"
            )
        return source

    def _mark(self, clips: VideoClips) -> str:
        return "" if len(self._clips) == 1 else f"_{clips.video.index}"

    def _looked_at(self, given: dict[str, list[Any]]) -> list[RecognisedClip]:
        said = [reply.text for reply in given.get(self.looks, [])]
        wanted = [
            (clips, at)
            for clips in self._clips
            if clips.video.width
            for at in range(len(clips.spans))
        ]
        found: list[RecognisedClip] = []
        for (clips, at), sentence in zip(wanted, said, strict=True):
            mark = self._mark(clips)
            cite = (*self._clip(clips, at), f"seen{mark}[{at}]", f"frames{mark}[{at}][0]")
            found.append(RecognisedClip(clips.video.index, clips.spans[at], sentence, cite))
        return found

    def _measured(
        self, clips: VideoClips, at: int, given: dict[str, list[Any]], lines: Sequence[CitableLine]
    ) -> RecognisedClip:
        """A sentence from what is read, heard and measured of a clip; "" if that is nothing."""
        span, mark = clips.spans[at], self._mark(clips)
        parts: list[str] = []
        cite = list(self._clip(clips, at))
        if clips.video.width:
            place = self._place(clips, at)
            people = given["detect"][place] if self._has["detect"] else []
            if people:
                parts.append(f"People: {len(people)}.")
                cite.append(f"people{mark}[{at}][0]")
            colours = given["name_colours"][place] if self._has["name_colours"] else []
            names = [colour.name for colour in colours if isinstance(colour, Colour)]
            if names:
                parts.append(f"Colours: {', '.join(names)}.")
            if any(self._has.values()):
                cite.append(f"middles{mark}[{at}]")
        for line in lines:
            if line.video == clips.video.index and line.start < span.end and span.start < line.end:
                kind = "Said" if line.item.startswith("speech") else "Written"
                parts.append(f'{kind}: "{line.text}".')
                cite.append(line.item)
        return RecognisedClip(clips.video.index, span, " ".join(parts), tuple(cite))

    def _place(self, clips: VideoClips, at: int) -> int:
        """Which of the calls of a module is that of a clip."""
        before = self._clips[: self._clips.index(clips)]
        return at + sum(len(other.spans) for other in before if other.video.width)

    def _clip(self, clips: VideoClips, at: int) -> tuple[str, ...]:
        return (f"clips{self._mark(clips)}[{at}]",) if clips.is_reported else ()
