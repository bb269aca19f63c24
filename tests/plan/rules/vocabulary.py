"""The signatures of every module that rule programs call, as the built-in ones declare them.

The writer is pure: its tests need no module installed, only what a module is called with.
"""

from __future__ import annotations

from vprog.types import (
    Colour,
    Detection,
    Event,
    Facts,
    Frame,
    Level,
    Shot,
    Span,
    Speech,
    TextLine,
    TextSpan,
    Track,
    Video,
)


class Declared:
    """One method a task; the docstring stands for all."""

    def probe(self, video: Video) -> Facts:
        """Declared."""
        raise AssertionError

    def frame_at(self, video: Video, time: float) -> Frame:
        """Declared."""
        raise AssertionError

    def sample_frames(
        self, video: Video, *, fps: float = 1.0, span: Span | None = None, count: int | None = None
    ) -> list[Frame]:
        """Declared."""
        raise AssertionError

    def transcribe(self, video: Video, *, span: Span | None = None) -> list[Speech]:
        """Declared."""
        raise AssertionError

    def measure_loudness(
        self, video: Video, *, span: Span | None = None, step: float = 0.1
    ) -> list[Level]:
        """Declared."""
        raise AssertionError

    def find_silence(
        self,
        video: Video,
        *,
        span: Span | None = None,
        level: float = -50.0,
        min_length: float = 0.3,
    ) -> list[Event]:
        """Declared."""
        raise AssertionError

    def find_speech(self, video: Video, *, span: Span | None = None) -> list[Event]:
        """Declared."""
        raise AssertionError

    def find_shots(self, video: Video, *, span: Span | None = None) -> list[Shot]:
        """Declared."""
        raise AssertionError

    def measure_brightness(
        self, video: Video, *, span: Span | None = None, fps: float = 2.0
    ) -> list[Level]:
        """Declared."""
        raise AssertionError

    def find_black(
        self, video: Video, *, span: Span | None = None, min_length: float = 0.1
    ) -> list[Event]:
        """Declared."""
        raise AssertionError

    def name_colours(self, frame: Frame, *, count: int = 5) -> list[Colour]:
        """Declared."""
        raise AssertionError

    def find_colour(
        self, frame: Frame, colour: str, *, min_area: float = 0.002
    ) -> list[Detection]:
        """Declared."""
        raise AssertionError

    def track_colour(
        self, video: Video, colour: str, *, span: Span | None = None, fps: float = 5.0
    ) -> list[Track]:
        """Declared."""
        raise AssertionError

    def measure_motion(
        self, video: Video, *, span: Span | None = None, fps: float = 5.0
    ) -> list[Level]:
        """Declared."""
        raise AssertionError

    def track_moving(
        self, video: Video, *, span: Span | None = None, fps: float = 5.0
    ) -> list[Track]:
        """Declared."""
        raise AssertionError

    def detect(self, frame: Frame, label: str, *, min_score: float = 0.25) -> list[Detection]:
        """Declared."""
        raise AssertionError

    def track(
        self, video: Video, label: str, *, span: Span | None = None, fps: float = 5.0
    ) -> list[Track]:
        """Declared."""
        raise AssertionError

    def read_text(self, frame: Frame, *, min_score: float = 0.5) -> list[TextLine]:
        """Declared."""
        raise AssertionError

    def find_text(
        self,
        video: Video,
        *,
        span: Span | None = None,
        fps: float = 2.0,
        min_score: float = 0.5,
    ) -> list[TextSpan]:
        """Declared."""
        raise AssertionError


TASKS: tuple[str, ...] = tuple(
    name for name, each in vars(Declared).items() if callable(each) and name[0] != "_"
)
