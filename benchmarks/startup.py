"""How long starting takes: importing, help, and a question with nothing kept.

    python benchmarks/startup.py [--repeat N]

Medians over fresh processes; those above a bare interpreter. The question is one whose
program calls no module, over a clip of 20 frames with nothing cached, so that what is left is
all that a question costs besides decoding and modules. Targets: `import vprog` 0.25 s,
`vprog --help` 0.2 s, the question 1 s.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "modules")]

from tests.drawing import draw_video  # noqa: E402

MAIN = "from vprog.cli.main import main; main()"


def median(arguments: list[str], repeat: int, folder: Path) -> tuple[float, float]:
    """Median seconds on the clock, and of processor time, of a fresh process."""
    clock, processor = [], []
    for number in range(repeat):
        paths = os.pathsep.join((str(ROOT), str(ROOT / "modules")))
        env = {
            **os.environ,
            "PYTHONPATH": paths,
            "VPROG_CACHE_DIR": str(folder / f"cache{number}"),
            "VPROG_TRACE_DIR": str(folder / "traces"),
        }
        before = os.times()
        began = time.perf_counter()
        subprocess.run([sys.executable, *arguments], env=env, check=True, capture_output=True)
        clock.append(time.perf_counter() - began)
        after = os.times()
        processor.append(
            after.children_user + after.children_system
            - before.children_user - before.children_system
        )  # fmt: skip
    return statistics.median(clock), statistics.median(processor)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--repeat", type=int, default=9)
    repeat: int = parser.parse_args().repeat
    missed = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        clip = draw_video(folder / "clip.mp4", 20)
        bare = median(["-c", "pass"], repeat, folder)
        print(f"bare interpreter   {bare[0]:.3f} s, {bare[1]:.3f} s of processor time")
        question = ["solve", str(clip), "How long is the video?"]
        for what, arguments, target in (
            ("import vprog", ["-c", "import vprog"], 0.25),
            ("vprog --help", ["-c", MAIN, "--help"], 0.2),
            ("a cold question", ["-c", MAIN, *question], 1.0),
        ):
            clock, processor = median(arguments, repeat, folder)
            above = clock - bare[0]
            missed += above > target
            print(
                f"{what:18} {above:.3f} s above it, {processor - bare[1]:.3f} s of processor time; "
                f"target {target} s"
            )
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main())
