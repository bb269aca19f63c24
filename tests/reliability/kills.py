"""SIGKILL at any moment: what is on disk stays whole, nothing is left running."""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from functools import cache, partial
from pathlib import Path
from typing import Any

from tests.drawing import draw_video
from tests.reliability.outcome import Attack, Field, Verdict
from vprog.errors import TraceError
from vprog.trace.store import read_trace, run_folders

PROGRAM = """\
frames = sample_frames(video, fps=5.0)
colours = [name_colours(frame) for frame in frames]
answer([len(frames), len(find_shots(video)), len(track_moving(video))])
"""
_LEAST_S = 10.0
"""How long what a killed process leaves may take to go."""
_SUBREAPER = 36  # prctl(2): orphans of children become children of ours


def attacks(seed: int, count: int) -> Iterator[Attack]:
    """`count` processes that are killed, a third each of solve, run and replay."""
    for number in range(count):
        verb = ("solve", "run", "replay")[number % 3]
        share = random.Random(f"{seed}:{number}").random()
        yield Attack(f"{verb} killed after {share:.0%} of its time", partial(attempt, verb, share))


def attempt(verb: str, share: float) -> tuple[Verdict, str]:
    """Kill one process in a home of its own, or in one where another has been killed before."""
    clip, home, usual_s, truth = prepared()
    _adopt_orphans()
    ours = set(_children())  # workers that other tests of this process keep warm
    command = _command(verb, clip, home)
    child = subprocess.Popen(
        command, env=_environment(home), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    with contextlib.suppress(subprocess.TimeoutExpired):
        child.wait(timeout=max(0.02, share * usual_s[verb]))
    child.send_signal(signal.SIGKILL)
    child.wait()
    left = _left_running(ours)
    if left:
        return "leaked", f"still running: {left}"
    problem = _database_problem(home / "cache" / "results.sqlite") or _trace_problem(home)
    if problem:
        return "wrong", problem
    answer = ask(_command("run", clip, home), home)["answer"]
    if answer != truth:
        return "wrong", f"with the cache that survived {answer}, else {truth}"
    return "survived", ""


def ask(command: list[str], home: Path) -> dict[str, Any]:
    done = subprocess.run(command, env=_environment(home), capture_output=True, check=False)
    answered: dict[str, Any] = json.loads(done.stdout)
    return answered


@cache
def prepared() -> tuple[Path, Path, dict[str, float], object]:
    """A clip, a home, how long each verb takes when nobody kills it, and the right answer."""
    home = Path(tempfile.mkdtemp(prefix="vprog-kills-"))
    clip = draw_video(home / "clip.mp4", 60, fps=10, size=(160, 120))
    (home / "program.py").write_text(PROGRAM)
    usual_s: dict[str, float] = {}
    truth: object = None
    for verb in ("run", "solve", "replay"):
        began = time.perf_counter()
        result = ask(_command(verb, clip, home), home)
        usual_s[verb] = time.perf_counter() - began
        truth = result["answer"] if verb == "run" else truth
    if truth is None:
        raise RuntimeError("the program did not answer when nobody killed it")
    for path in (home / "cache").iterdir():
        path.unlink()  # so that what the first ones to be killed compute is new
    return clip, home, usual_s, truth


def _command(verb: str, clip: Path, home: Path) -> list[str]:
    vprog = [sys.executable, "-m", "vprog"]
    if verb == "solve":
        return [*vprog, "solve", str(clip), "How many shots are there?", "--json"]
    if verb == "run":
        return [*vprog, "run", str(clip), str(home / "program.py"), "--json"]
    recorded = next(folder for folder in run_folders(home / "traces") if _is_whole(folder))
    return [*vprog, "trace", "replay", str(recorded), "--edit", "3=answer([1, 1, 1])", "--json"]


def _environment(home: Path) -> dict[str, str]:
    return os.environ | {
        "VPROG_TRACE_DIR": str(home / "traces"),
        "VPROG_CACHE_DIR": str(home / "cache"),
    }


def _is_whole(folder: Path) -> bool:
    return read_trace(folder).ended is not None


def _database_problem(file: Path) -> str:
    if not file.exists():
        return ""
    with contextlib.closing(sqlite3.connect(file)) as database:
        told = database.execute("PRAGMA integrity_check").fetchone()[0]
    return "" if told == "ok" else f"the cache is damaged: {told}"


def _trace_problem(home: Path) -> str:
    """What is wrong with the newest trace; a run that was killed may lack its end."""
    newest = run_folders(home / "traces")[-1]
    if (newest / "trace.jsonl").stat().st_size == 0:
        return ""  # killed between the making of the file and its first line
    try:
        recording = read_trace(newest)
    except TraceError as error:
        return str(error)
    damage = recording.damage
    return damage if damage and "cut off while it was written" not in damage else ""


def _adopt_orphans() -> None:
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_SUBREAPER, 1, 0, 0, 0)


def _children() -> list[int]:
    return [
        int(number)
        for children in Path("/proc/self/task").glob("*/children")
        for number in children.read_text().split()
    ]


def _left_running(ours: set[int]) -> list[str]:
    """What is alive of the processes that the killed one had started."""
    deadline = time.monotonic() + _LEAST_S
    while True:
        alive = []
        for number in set(_children()) - ours:
            with contextlib.suppress(ChildProcessError):
                if os.waitpid(number, os.WNOHANG)[0] == 0:
                    alive.append(Path(f"/proc/{number}/cmdline").read_text()[:200])
        if not alive or time.monotonic() > deadline:
            return alive
        time.sleep(0.05)


FIELD = Field("SIGKILL during solve, run, replay", attacks, 100)
