"""One sentence for each clip: from a model that looks, else from what the other modules say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from vprog.runs.attempt import Attempt
from vprog.runs.run import Run
from vprog.strategies.read_cells import Line, lines_of, readings, video_name
from vprog.strategies.recognise_clips import RECOGNISE, Recognised
from vprog.types import Colour, Span, Video, wire

FRAMES = 8
"""Of each clip, that a model which looks sees."""

LOOKING = ("ask", "caption")
"""Modules that say what a clip shows, best first."""

COLOURS = 3


@dataclass(frozen=True)
class Clips:
    """The clips of one video; `source` is their expression in the program.

    `is_reported` tells whether a module gave them, so that they can be evidence themselves.
    """

    video: Video
    spans: tuple[Span, ...]
    source: str
    is_reported: bool = False


class Recogniser:
    """Writes the cell that recognises clips, and reads what its calls gave."""

    def __init__(self, run: Run, clips: Sequence[Clips]) -> None:
        self._run = run
        self._clips = clips
        modules = run.runtime.modules
        looks = [each for each in LOOKING if each in modules and "sample_frames" in modules]
        self.looks = looks[0] if looks and any(clip.video.width for clip in clips) else ""
        """The module that looks; "" for none."""
        self._has = {
            each: each in modules and "frame_at" in modules for each in ("detect", "name_colours")
        }
        self._readings = [] if self.looks else readings(run)

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

    def recognised(self, attempt: Attempt) -> list[Recognised]:
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

    def _of_video(self, clips: Clips) -> str:
        name, mark = video_name(self._run, clips.video.index), self._mark(clips)
        source = f"clips{mark} = {clips.source}\n"
        if not clips.video.width:
            return source
        if self.looks:
            count = FRAMES if self.looks == "ask" else 1
            look = f"ask(each, {RECOGNISE!r} + question)"
            if self.looks == "caption":
                look = "caption(each[0])"
            return (
                f"{source}frames{mark} = [sample_frames({name}, span=span_of(each), "
                f"count={count}) for each in clips{mark}]\n"
                f"seen{mark} = [{look} for each in frames{mark}]\n"
            )
        if any(self._has.values()):
            source += (
                f"middles{mark} = [frame_at({name}, (each.start + each.end) / 2) "
                f"for each in clips{mark}]\n"
            )
        if self._has["detect"]:
            source += f'people{mark} = [detect(each, "person") for each in middles{mark}]\n'
        if self._has["name_colours"]:
            source += (
                f"colours{mark} = [name_colours(each, count={COLOURS}) for each in middles{mark}]\n"
            )
        return source

    def _mark(self, clips: Clips) -> str:
        return "" if len(self._clips) == 1 else f"_{clips.video.index}"

    def _looked_at(self, given: dict[str, list[Any]]) -> list[Recognised]:
        said = [each if isinstance(each, str) else each.text for each in given.get(self.looks, [])]
        wanted = [
            (clips, at)
            for clips in self._clips
            if clips.video.width
            for at in range(len(clips.spans))
        ]
        found: list[Recognised] = []
        for (clips, at), sentence in zip(wanted, said, strict=True):
            mark = self._mark(clips)
            # A caption is plain text, which is no evidence; the frame that it is of is.
            seen = [f"seen{mark}[{at}]"] if self.looks == "ask" else []
            cite = (*self._clip(clips, at), *seen, f"frames{mark}[{at}][0]")
            found.append(Recognised(clips.video.index, clips.spans[at], sentence, cite))
        return found

    def _measured(
        self, clips: Clips, at: int, given: dict[str, list[Any]], lines: Sequence[Line]
    ) -> Recognised:
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
        return Recognised(clips.video.index, span, " ".join(parts), tuple(cite))

    def _place(self, clips: Clips, at: int) -> int:
        """Which of the calls of a module is that of a clip."""
        before = self._clips[: self._clips.index(clips)]
        return at + sum(len(each.spans) for each in before if each.video.width)

    def _clip(self, clips: Clips, at: int) -> tuple[str, ...]:
        return (f"clips{self._mark(clips)}[{at}]",) if clips.is_reported else ()
