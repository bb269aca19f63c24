"""A trace that somebody else made or changed: nothing that it states reaches what runs share."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.replays.conftest import Run
from vprog.registry.registry import Registry
from vprog.replays.replay_run import replay
from vprog.trace.event import PictureKept
from vprog.trace.store import read_trace

FRAMES = "frames = sample_frames(video, fps=2.0)\nanswer(len(frames), evidence=[frames[0]])"


def forge(folder: Path, change: Callable[[dict[str, Any]], None]) -> None:
    file = folder / "trace.jsonl"
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    for line in lines:
        change(line)
    file.write_text("".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines))


def pictures(folder: Path) -> list[bytes]:
    recording = read_trace(folder)
    kept = [event for event in recording.events if isinstance(event, PictureKept)]
    return [recording.picture(event.file) for event in kept]


def test_pictures_of_a_trace_never_stand_for_those_of_the_video(
    run: Run, registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = run(FRAMES).trace_path
    assert folder is not None
    honest = pictures(folder)
    black = io.BytesIO()
    Image.new("RGB", (160, 120)).save(black, "JPEG")
    name = f"{hashlib.sha256(black.getvalue()).hexdigest()[:24]}.jpg"
    (folder / "pictures" / name).write_bytes(black.getvalue())
    forge(folder, lambda line: line.update(file=name) if "file" in line else None)
    monkeypatch.setenv("VPROG_CACHE_DIR", str(tmp_path / "another cache"))
    replay(folder, edits={2: "answer(len(frames) + 1, evidence=[frames[0]])"}, registry=registry)
    again = run(FRAMES).trace_path
    assert again is not None
    assert pictures(again) == honest


def test_facts_that_a_trace_states_never_enter_the_cache(
    run: Run, registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded = run("answer(1)")
    folder = recorded.trace_path
    assert folder is not None

    def shorten(line: dict[str, Any]) -> None:
        for opened in line.get("videos", ()):
            opened["video"][1] = 0.5  # the duration

    forge(folder, shorten)
    monkeypatch.setenv("VPROG_CACHE_DIR", str(tmp_path / "another cache"))
    edited = replay(folder, edits={1: FRAMES}, registry=registry)
    assert edited.result.answer != 4
    assert run(FRAMES).answer == 4


def test_picture_that_is_none_is_decoded_or_done_without(run: Run, registry: Registry) -> None:
    folder = run(FRAMES).trace_path
    assert folder is not None
    name = f"{hashlib.sha256(b'no picture').hexdigest()[:24]}.jpg"
    (folder / "pictures" / name).write_bytes(b"no picture")
    forge(folder, lambda line: line.update(file=name) if "file" in line else None)
    made = replay(folder, registry=registry).result
    assert (made.status, made.answer) == ("answered", 4), made.error
