"""Damaged media that several questions read at once: each ends as it does alone.

Every file is asked in turn, without read-ahead, and then by all questions together, which share
its decoders and equal calls: status, answer, error, evidence, score, coverage and warnings have
to be the same.
"""

from __future__ import annotations

import dataclasses
import functools
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.reliability.fuzzed_media import PROGRAM, fuzzed
from tests.reliability.outcome import Attack, Field, Verdict
from vprog.errors import VideoError
from vprog.solver.engine import Engine

PROGRAMS = (
    PROGRAM,
    "answer([len(find_shots(video)), len(find_black(video))])",
    "answer([round(level.value, 3) for level in measure_brightness(video, fps=10)])",
    "answer([round(level.value, 3) for level in measure_motion(video, fps=10)])",
    "frames = sample_frames(video, count=9)\n"
    "answer([name_colours(frame)[0].name for frame in frames], evidence=frames[:2])",
    "answer([round(level.value, 3) for level in measure_brightness(video, fps=5)])",
)

SECONDS = 60.0
"""Of each program: what a busy machine ends could not be compared."""


def attacks(seed: int, count: int) -> Iterator[Attack]:
    """The same damaged files as of fuzzed_media.py."""
    with tempfile.TemporaryDirectory(prefix="vprog-shared-") as folder:
        home = Path(folder)
        (home / "files").mkdir()
        with (
            Engine(**_settings(home / "alone"), read_ahead=False) as alone,
            Engine(**_settings(home / "together"), live_programs=len(PROGRAMS)) as together,
        ):
            for number in range(count):
                name, data = fuzzed(seed, number)
                attempt = functools.partial(_attempt, alone, together, home / "files" / name, data)
                yield Attack(f"{number} of seed {seed}: {name}", attempt)


def _settings(folder: Path) -> dict[str, object]:
    return {
        "cache_dir": folder / "cache",
        "trace_dir": folder / "traces",
        "max_seconds": SECONDS,
        "preset": "offline",
    }


def _attempt(alone: Engine, together: Engine, path: Path, data: bytes) -> tuple[Verdict, str]:
    path.write_bytes(data)
    try:
        in_turn = [_outcome(alone, path, program) for program in PROGRAMS]
        with ThreadPoolExecutor(len(PROGRAMS)) as threads:
            ask = functools.partial(_outcome, together, path)
            at_once = list(threads.map(ask, PROGRAMS))
    finally:
        path.unlink()
    for program, one, other in zip(PROGRAMS, in_turn, at_once, strict=True):
        differing = [key for key in one if one[key] != other.get(key)]
        if differing:
            key = differing[0]
            return "wrong", f"{program[:40]!r}: {key}: {one[key]} alone, {other.get(key)} together"
    return "survived", ""


def _outcome(engine: Engine, path: Path, program: str) -> dict[str, object]:
    try:
        result = engine.run(path, program)
    except VideoError as error:  # while the file was opened
        return {"error": str(error)}
    told = dataclasses.asdict(result)
    kept = ("status", "answer", "error", "evidence", "score", "coverage")
    return {**{name: told[name] for name in kept}, "warnings": sorted(result.warnings)}


FIELD = Field("damaged media read by six questions at once, and by each alone", attacks, 1_000)
