"""A run written by hand, with hostile names and texts, on its way into a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.view.runs import answered, called, ended, program, started, write
from vprog.registry.mask_store import MaskStore
from vprog.trace.event import Abstained, LlmCalled, RecordedEvidence, TraceEvent, VideoOpened
from vprog.types import Box, Detection, Frame, Level, Mask, Span, Speech, Track, Video
from vprog.view.explored_trace import Trace
from vprog.view.exports.export_format import ExportJob

HOSTILE = '=1+1,"{\\an8}<b>\n\n00:00:01,000 --> 00:00:02,000'
"""A label that is a formula, has quotes, markup, line breaks and a time."""
VIDEO = Video(0, 10.0, 160, 120, 29.97, 300, True, False)
FOLLOWED = Track(
    4,
    "dog",
    Span(1.0, 2.0),
    [
        Detection("dog", Box(10, 10, 30, 40), 0.75, Frame(0, 1.0)),
        Detection("dog", Box(12, 10, 32, 40), 0.5, Frame(0, 2.0)),
    ],
    0.6,
)


def outlined() -> tuple[Mask, dict[str, str]]:
    """A mask of 4 x 3 pixels, with its bitmap."""
    import numpy as np

    bitmap = np.zeros((120, 160), bool)
    bitmap[10:13, 20:24] = True
    key, text = MaskStore().keep(bitmap)
    return Mask(Frame(0, 0.5), Box(20, 10, 24, 13), 12.0, 0.9, key), {key: text}


def events(*, is_answered: bool = True) -> list[TraceEvent]:
    """A run that found a hostile thing, a dog, a mask, a level and speech."""
    mask, masks = outlined()
    opened = VideoOpened(path='/v/=a "clip"\n.mp4', content_hash="0" * 64, video=VIDEO)
    found = [
        started(videos=[opened], question="Where is the <dog>?"),
        program("x = detect(video)\n" * 3),
        LlmCalled(
            model="m-1", purpose="write", messages=[{"role": "user", "content": "hi"}],
            reply="x", tokens_in=3, tokens_out=2, seconds=0.5,
        ),
        called(1, [Detection(HOSTILE, Box(1, 2, 11, 22), 0.5, Frame(0, 0.5))]),
        called(2, [FOLLOWED], task="track", id=2),
        called(2, mask, task="segment", id=3, masks=masks),
        called(3, [Level(3.0, 0.25)], task="measure", id=4),
        called(3, [Speech("hello there", 4.0, 5.5, 0.9, "subtitles", [])], task="transcribe",
               id=5),
    ]  # fmt: skip
    if not is_answered:
        error = {"code": "abstained", "message": "no dog was seen.", "hint": ""}
        reason = Abstained(cell=0, line=3, reason="no dog was seen.")
        return [*found, reason, ended("abstained", answer=None, error=error)]
    evidence = [
        RecordedEvidence(video=0, start=1.0, end=2.0, box=Box(10, 10, 30, 40), text="dog",
                         supported=True),
        RecordedEvidence(video=0, start=4.0, end=4.0, box=None, text=HOSTILE, supported=False),
    ]  # fmt: skip
    return [*found, answered(1, evidence, line=3), ended(score=0.5)]


MakeJob = Callable[..., ExportJob]


@pytest.fixture
def make_job(tmp_path: Path) -> MakeJob:
    """`make_job("evidence")`; what it notes stands in `job.noted`."""

    made: list[ExportJob] = []

    def make(what: str = "all", *, run: list[TraceEvent] | None = None, **given: Any) -> ExportJob:
        trace = Trace(write(tmp_path / f"run{len(made)}", *(run or events())))
        noted: list[str] = []
        job = ExportJob(trace.story, trace.model, what, note=noted.append, **given)  # type: ignore[arg-type]
        object.__setattr__(job, "noted", noted)
        made.append(job)
        return job

    return make
