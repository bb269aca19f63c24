"""Traces written by hand, event by event, for what no honest run would leave behind."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import msgspec
from PIL import Image

from vprog.trace.event import (
    Answered,
    CellStarted,
    ModuleCalled,
    ModuleUsed,
    ProgramWritten,
    RecordedEvidence,
    RunEnded,
    RunStarted,
    TraceEvent,
    VideoOpened,
)
from vprog.trace.recorder import Recorder
from vprog.trace.store import Recording, read_trace
from vprog.types import Frame, Video, wire

VIDEO = Video(0, 10.0, 160, 120, 10.0, 100, True, False)


def raw(value: object) -> msgspec.Raw:
    return msgspec.Raw(wire.encode(value))


def started(**given: Any) -> RunStarted:
    base: dict[str, Any] = {
        "run": "r", "vprog": "0", "started": "2026-11-20T10:00:00+00:00", "question": "What?",
        "choices": [],
        "videos": [VideoOpened(path="/v/clip.mp4", content_hash="0" * 64, video=VIDEO)],
        "writer": "rules", "answerer": None, "device": "cpu", "preset": "auto",
        "isolation": {"gate": True, "missing": []},
        "modules": [ModuleUsed(task="detect", implementation="D", version="1", weights="",
                               backend="b", distribution="d")],
    }  # fmt: skip
    return RunStarted(**{**base, **given})


def called(line: int, value: object, *, task: str = "detect", **given: Any) -> ModuleCalled:
    base: dict[str, Any] = {
        "id": 1, "cell": 0, "line": line, "task": task, "implementation": "D",
        "arguments": raw({"frame": Frame(0, 0.5)}), "result": raw(value), "error": None,
        "how": "executed", "seconds": 0.01,
    }  # fmt: skip
    return ModuleCalled(**{**base, **given})


def ended(status: str = "answered", **given: Any) -> RunEnded:
    result = {
        "status": status, "answer": 1, "choice": None, "score": None, "error": None, "evidence": [],
        "cost": {"seconds": 1.0, "frames_decoded": 3, "llm_calls": 0,
                 "module_calls": dict.fromkeys(("issued", "executed", "cached", "joined"), 1)},
        **given,
    }  # fmt: skip
    return RunEnded(
        status=status,
        result=msgspec.Raw(json.dumps(result).encode()),
        batches=1,
        peak_memory_mb=1.0,
    )


def program(source: str, cell: int = 0, note: str = "") -> ProgramWritten:
    return ProgramWritten(cell=cell, source=source, writer="rules", note=note)


def answered(
    value: object, evidence: list[RecordedEvidence] | None = None, line: int = 1
) -> Answered:
    return Answered(cell=0, line=line, value=raw(value), evidence=evidence or [], score=None)


def write(folder: Path, *events: TraceEvent, pictures: tuple[float, ...] = ()) -> Recording:
    """A trace of these events, with a grey picture at each of some times."""
    recorder = Recorder(folder)
    for event in (*events[:1], CellStarted(cell=0), *events[1:-1]):
        recorder.write(event)
    for index, time in enumerate(pictures):
        held = io.BytesIO()
        Image.new("RGB", (80, 60), (index, 90, 90)).save(held, "JPEG")
        recorder.keep_picture(0, time, held.getvalue(), size_wh=(80, 60), scale=0.5)
    recorder.write(events[-1])
    recorder.close()
    return read_trace(folder)
