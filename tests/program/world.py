"""A small made-up video that the honest programs ask about: fixed values, no pixels.

A person walks from left to right from 2 to 9 s, another stands from 6 to 15 s, a dog is there
from 10 to 18 s. `World` has one method per task; every call is logged with its line.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from typing import Annotated

from vprog.registry.signature import Signature, read_signature
from vprog.types import (
    PHRASE,
    RATE,
    SCORE,
    Box,
    Colour,
    Detection,
    Event,
    Frame,
    Level,
    Match,
    Metadata,
    Shot,
    Span,
    Speech,
    TextLine,
    TextSpan,
    Track,
    Video,
    Word,
)

VIDEO = Video(0, 20.0, 640, 360, 25.0, 500, True, True)
SECOND = Video(1, 8.0, 320, 240, 10.0, 80, False, False)
QUESTION = "How many people are there at 7 seconds?"
CHOICES = ["one person", "two people", "a dog"]

_THINGS: tuple[tuple[str, float, float, float, float], ...] = (
    # label, start, end, x at start, x at end
    ("person", 2.0, 9.0, 40.0, 560.0),
    ("person", 6.0, 15.0, 300.0, 300.0),
    ("dog", 10.0, 18.0, 500.0, 420.0),
)
_SAID: tuple[tuple[float, float, str], ...] = (
    (1.0, 3.0, "Hello everyone, welcome to the kitchen."),
    (5.0, 8.5, "First, cut the red apple in two."),
    (9.0, 11.0, "Look, the dog wants some apple!"),
    (16.0, 18.0, "That's all. Goodbye!"),
)
_WRITTEN: tuple[tuple[float, float, str], ...] = (
    (0.0, 4.0, "KITCHEN SHOW"),
    (4.0, 12.0, "Step 1: 2 apples"),
    (12.0, 20.0, "Score 3 - 14"),
)


class World:
    """The modules, as methods. `log` holds (task, line) of every call."""

    def __init__(self) -> None:
        self.log: list[tuple[str, int]] = []

    def probe(self, video: Video) -> Metadata:
        """Facts of the file."""
        return Metadata(
            "mp4", video.duration, 1000, video.width, video.height, video.fps, video.n_frames,
            0, "h264", "aac", 48000, 2, 1, "Kitchen", 1, 1, [], [], 0.0, 0.0, "yuv420p", 8, "",
            False, False, False, "",
        )  # fmt: skip

    def frame_at(self, video: Video, time: float) -> Frame:
        """The frame at a time."""
        return Frame(video.index, min(max(0.0, float(time)), video.duration))

    def sample_frames(
        self,
        video: Video,
        *,
        fps: Annotated[float, RATE] = 1.0,
        span: Span | None = None,
        count: int | None = None,
    ) -> list[Frame]:
        """Frames at a regular rate."""
        start, end = (span.start, span.end) if span else (0.0, video.duration)
        n = count if count is not None else int((end - start) * fps)
        step = (end - start) / n if n else 0.0
        return [Frame(video.index, start + at * step) for at in range(n)]

    def detect(
        self, frame: Frame, label: str, *, min_score: Annotated[float, SCORE] = 0.25
    ) -> list[Detection]:
        """Things in a frame."""
        found = []
        for at, (name, start, end, x0, x1) in enumerate(_THINGS):
            score = 0.9 - 0.25 * at
            if name == label and start <= frame.time <= end and score >= min_score:
                x = x0 + (x1 - x0) * (frame.time - start) / (end - start)
                box = Box(x, 100.0, x + 60.0, 100.0 + 50.0 * (at + 2))
                found.append(Detection(label, box, score, frame))
        return found

    def track(
        self,
        video: Video,
        label: str,
        *,
        span: Span | None = None,
        fps: Annotated[float, RATE] = 5.0,
    ) -> list[Track]:
        """Things followed through time."""
        found = []
        for at, (name, start, end, _, _) in enumerate(_THINGS):
            if name == label:
                seen = [
                    detection
                    for time in range(int(start), int(end) + 1)
                    for detection in self.detect(
                        Frame(video.index, float(time)), label, min_score=0.0
                    )
                    if detection.score == 0.9 - 0.25 * at
                ]
                found.append(Track(at, label, Span(start, end), seen, 0.8))
        return found

    def find_shots(self, video: Video, *, span: Span | None = None) -> list[Shot]:
        """Shots."""
        return [
            Shot(0.0, 5.0, "start", 1.0),
            Shot(5.0, 12.0, "cut", 0.9),
            Shot(12.0, 20.0, "fade", 0.7),
        ]

    def transcribe(self, video: Video, *, span: Span | None = None) -> list[Speech]:
        """What is said."""
        found = []
        for start, end, text in _SAID:
            if span is None or (start < span.end and end > span.start):
                parts = text.split()
                step = (end - start) / len(parts)
                words = [
                    Word(each, start + at * step, start + (at + 1) * step, 0.9)
                    for at, each in enumerate(parts)
                ]
                found.append(Speech(text, start, end, 1.0, "subtitles", words))
        return found

    def search_speech(
        self, speech: list[Speech], query: Annotated[str, PHRASE], *, count: int = 10
    ) -> list[Match]:
        """Speech that has a word."""
        wanted = query.lower().split()
        return [
            Match(line.text, line.start, line.end, 1.0, "speech")
            for line in speech
            if all(word in line.text.lower() for word in wanted)
        ][:count]

    def read_text(
        self, frame: Frame, *, min_score: Annotated[float, SCORE] = 0.5
    ) -> list[TextLine]:
        """Text in a frame."""
        return [
            TextLine(text, Box(10.0, 10.0, 200.0, 40.0), 0.9, frame)
            for start, end, text in _WRITTEN
            if start <= frame.time < end
        ]

    def find_text(
        self, video: Video, *, span: Span | None = None, fps: Annotated[float, RATE] = 2.0
    ) -> list[TextSpan]:
        """Text in a video."""
        return [
            TextSpan(text, start, end, Box(10.0, 10.0, 200.0, 40.0), 0.9)
            for start, end, text in _WRITTEN
        ]

    def search_text(
        self, lines: list[TextSpan], query: Annotated[str, PHRASE], *, count: int = 10
    ) -> list[Match]:
        """Text that has a word."""
        return [
            Match(line.text, line.start, line.end, 1.0, "text")
            for line in lines
            if query.lower() in line.text.lower()
        ][:count]

    def measure_loudness(
        self, video: Video, *, span: Span | None = None, step: float = 0.1
    ) -> list[Level]:
        """Loudness."""
        values = (-40.0, -20.0, -12.5, -33.0, -60.0)
        return [Level(float(at), values[at % 5] - at / 10) for at in range(int(video.duration))]

    def measure_brightness(
        self, video: Video, *, span: Span | None = None, fps: Annotated[float, RATE] = 2.0
    ) -> list[Level]:
        """Brightness."""
        return [Level(at / 2, (at * 7 % 11) / 11) for at in range(int(video.duration * 2))]

    def measure_motion(
        self, video: Video, *, span: Span | None = None, fps: Annotated[float, RATE] = 5.0
    ) -> list[Level]:
        """Motion."""
        return [Level(float(at), (at * at % 13) / 13) for at in range(int(video.duration))]

    def find_silence(
        self,
        video: Video,
        *,
        span: Span | None = None,
        level: float = -50.0,
        min_length: float = 0.3,
    ) -> list[Event]:
        """Silence."""
        return [Event("silence", 3.0, 5.0, 1.0), Event("silence", 11.0, 16.0, 1.0)]

    def name_colours(self, frame: Frame, *, count: int = 5) -> list[Colour]:
        """Colours."""
        return [
            Colour("red", 0.5, 200, 10, 10, 0.9, frame),
            Colour("white", 0.3, 250, 250, 250, 1.0, frame),
            Colour("black", 0.2, 5, 5, 5, 1.0, frame),
        ][:count]

    def caption(self, frame: Frame) -> str:
        """A sentence about a frame."""
        names = [name for name, start, end, _, _ in _THINGS if start <= frame.time <= end]
        return "a picture of " + (" and ".join(f"a {name}" for name in names) or "a kitchen")

    def ask_yes_no(self, frame: Frame, question: Annotated[str, PHRASE]) -> bool:
        """Whether something holds in a frame."""
        return any(name in question.lower() for name in self.caption(frame).split())


def signatures() -> dict[str, Signature]:
    """The signature of every task, as the registry would read it."""
    return {
        name: read_signature(name, function)
        for name, function in vars(World).items()
        if not name.startswith("_") and inspect.isfunction(function)
    }


def logged(world: World, name: str) -> Callable[..., object]:
    """A task as CPython calls it: logs the line it was called from."""

    def call(*args: object, **kwargs: object) -> object:
        world.log.append((name, sys._getframe(1).f_lineno))
        result: object = getattr(world, name)(*args, **kwargs)
        return result

    return call
