"""Media that somebody damaged, or made to do harm, through the public way and the decoder process.

Each file is read whole: facts, frames, shots, sound, subtitles. What may come of it is an answer,
an abstention, the limit, or that the file is unreadable (exit 2), in time; the process goes on
and has not grown, and no process, file or descriptor is left behind.
"""

from __future__ import annotations

import contextlib
import functools
import os
import random
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.media.bombs import BOMBS
from tests.media.fuzz_harms import HARMS, splice
from tests.media.fuzz_sources import source, source_names
from tests.reliability.outcome import Attack, Field, Verdict
from tests.reliability.subtitles import MAKERS
from vprog.errors import BudgetError, VideoError
from vprog.media.decoder import decoder_start
from vprog.runs.result import Result
from vprog.solver.engine import Engine

LIMIT_S = 10.0
"""Of each question."""

HUNG_S = LIMIT_S + 10.0
"""What is not over by then hangs: the grace and a busy machine are in it."""

MOST_MB = 600
"""What one attempt may add to the host's resident memory, beside what it had before."""

GONE_S = 10.0
"""How long a process that was killed may take to go."""

PROGRAM = """\
facts = probe(video)
seen = [facts.n_frames, len(facts.streams)]
if video.n_frames > 0:
    frames = sample_frames(video, count=4)
    seen.append(len([name_colours(frame, count=2) for frame in frames]))
    seen.append(len(find_shots(video)))
if video.has_audio:
    seen.append(len(measure_loudness(video, step=max(0.1, video.duration / 500))))
if video.has_subtitles:
    seen.append(len(transcribe(video)))
answer(seen)
"""
QUESTIONS = (
    "How long is the video?",
    "How many shots are there?",
    "What is the file made of?",
    "Is there silence?",
    "Which languages are the subtitles in?",
    "What colour is the picture at 1 s?",
)
_MAY_COME = ("answered", "abstained", "limit", "unreadable")


def attacks(seed: int, count: int) -> Iterator[Attack]:
    """Damaged files, one in six a bomb, one in ten with hostile subtitles beside it.

    One in four is asked a question of the rules.
    """
    with tempfile.TemporaryDirectory(prefix="vprog-fuzz-") as folder, _temp_folder(folder) as home:
        (home / "cache").mkdir()
        (home / "traces").mkdir()
        with Engine(
            cache_dir=home / "cache",
            trace_dir=home / "traces",
            max_seconds=LIMIT_S,
            preset="offline",
        ) as engine:
            (home / "warm.mp4").write_bytes(source("text.mp4"))
            engine.run(home / "warm.mp4", PROGRAM)
            for number in range(count):
                name, data = fuzzed(seed, number)
                question = QUESTIONS[number // 4 % len(QUESTIONS)] if number % 4 == 3 else ""
                beside = _side_car(name, seed, number) if number % 10 == 4 else {}
                files = {name: data, **beside}
                attempt = functools.partial(_attempt, engine, home, files, question)
                yield Attack(f"{number} of seed {seed}: {name} {question}".strip(), attempt)


def fuzzed(seed: int, number: int) -> tuple[str, bytes]:
    """The name of a file, which says how it was made, and its bytes."""
    choice = random.Random(f"{seed}:{number}")
    if number % 6 == 5:
        bomb = BOMBS[number // 6 % len(BOMBS)]
        ending, data = bomb(choice)
        return f"{bomb.__name__}.{ending}", data
    names = source_names()
    name = choice.choice(names)
    damaged = bytearray(source(name))
    harms = [choice.choice(HARMS) for _ in range(choice.choice((1, 1, 2, 4)))]
    for harm in harms:
        harm(damaged, choice)
    if choice.random() < 0.1:
        splice(damaged, source(choice.choice(names)), choice)
    if choice.random() < 0.05:
        name = f"{name}.{choice.choice(names).rsplit('.', 1)[1]}"
    return f"{'+'.join(harm.__name__ for harm in harms)}-{name}", bytes(damaged) or b"\0"


def decoders() -> set[int]:
    """The processes that decode files for this one."""
    template = decoder_start._templates.get(os.getpid())
    if template is None or not os.path.isdir("/proc/self/task"):
        return set()
    number = template._process.pid
    with contextlib.suppress(OSError):
        children = Path(f"/proc/{number}/task/{number}/children").read_text().split()
        return {int(child) for child in children}
    return set()


def _side_car(name: str, seed: int, number: int) -> dict[str, bytes]:
    choice = random.Random(f"{seed}:{number} subtitles")
    _, ending, data, _ = choice.choice(MAKERS)(choice)
    return {Path(name).with_suffix(f".{ending}").name: data * choice.choice((1, 1, 20))}


def _attempt(
    engine: Engine, home: Path, files: dict[str, bytes], question: str
) -> tuple[Verdict, str]:
    before, descriptors, others = set(os.listdir(home)), _descriptors(), decoders()
    for name, data in files.items():
        (home / name).write_bytes(data)
    path = home / next(iter(files))
    _forget_peak()
    had_mb, began = _peak_mb(), time.monotonic()
    try:
        result = engine.solve(path, question) if question else engine.run(path, PROGRAM)
        outcome = _outcome(result)
    except (VideoError, BudgetError) as error:  # while the file was opened
        outcome = "" if error.status in _MAY_COME else f"{error.status}: {error}"
    spent = time.monotonic() - began
    if outcome:
        return "crashed", outcome
    if spent > HUNG_S:
        return "hung", f"{spent:.1f} s"
    if _peak_mb() - had_mb > MOST_MB:
        return "leaked", f"{_peak_mb():.0f} MB in the host, {had_mb:.0f} MB before"
    left = _left_running(others)
    for name in files:
        (home / name).unlink()
    more = sorted({*os.listdir(home)} - before)
    if left or more:
        return "leaked", f"processes {left}, files {more}"
    if _descriptors() > descriptors + 8:  # a new worker's are few
        return "leaked", f"{_descriptors()} open descriptors after {descriptors}"
    return "survived", ""


def _outcome(result: Result) -> str:
    """What is wrong with a result; "" where it is one that may come."""
    if result.status in _MAY_COME:
        return ""
    return f"{result.status}: {result.error.message if result.error else ''}"


def _left_running(others: set[int]) -> set[int]:
    """The decoder processes that live although nobody has their file open."""
    ends = time.monotonic() + GONE_S
    while (left := decoders() - others) and time.monotonic() < ends:
        time.sleep(0.005)
    return left


def _descriptors() -> int:
    return len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0


def _forget_peak() -> None:
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def _peak_mb() -> float:
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM"):
                return int(line.split()[1]) / 1024
    return 0.0


@contextlib.contextmanager
def _temp_folder(folder: str) -> Iterator[Path]:
    """Have all that this process puts into the temporary folder land in one of our own."""
    before = tempfile.tempdir
    tempfile.tempdir = folder
    try:
        yield Path(folder)
    finally:
        tempfile.tempdir = before


FIELD = Field("media damaged or made to do harm, through the decoder process", attacks, 1_000)
