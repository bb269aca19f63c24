"""One of several processes on one cache: runs a program whose module writes down what it computes.

    python -m tests.execute.cache_process FOLDER SECONDS PROGRAM

FOLDER holds `clip.mp4`, the cache, and `computed`, a line for each call that was computed. A call
takes SECONDS. The answer goes to standard output.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from vprog.execute.runtime import Runtime
from vprog.registry.module import module
from vprog.registry.registry import Registry
from vprog.runs.run import Run
from vprog.settings import load_settings
from vprog.types import Frame


@module("look_long")
class LookLong:
    folder = Path()
    seconds = 0.0

    def __call__(self, frame: Frame, word: str) -> float:
        """The time of the frame, after a while.

        Args:
            frame: any.
            word: "broken" for a call that fails.
        """
        with (self.folder / "computed").open("a", encoding="utf-8") as file:
            file.write(f"{frame.time} {word}\n")
        time.sleep(self.seconds)
        if word == "broken":
            raise ValueError("it broke")
        return frame.time


def run_program(folder: Path, seconds: float, program: str, **settings: Any) -> Any:
    """What a program comes to in this process."""
    LookLong.folder, LookLong.seconds = folder, seconds
    own = load_settings({"cache_dir": folder / "cache", "trace_dir": folder / "traces", **settings})
    with Runtime(own, Registry([])) as runtime:
        spec = runtime.registry.add(LookLong)
        runtime.modules[spec.task] = spec
        with Run(runtime, own, [folder / "clip.mp4"], "a test") as run:
            outcome = run.executor.run(run.executor.begin(), program)
            return outcome, run.broker.counts


def begin_process(folder: Path, seconds: float, program: str) -> subprocess.Popen[str]:
    """The same in a process of its own."""
    command = [sys.executable, "-m", "tests.execute.cache_process", str(folder), str(seconds)]
    return subprocess.Popen([*command, program], stdout=subprocess.PIPE, text=True)


if __name__ == "__main__":
    outcome, counts = run_program(Path(sys.argv[1]), float(sys.argv[2]), sys.argv[3])
    print(outcome.status, outcome.value, counts.executed)
