"""What a replay costs beside the run it repeats: calls answered from the trace, none made.

    python benchmarks/replay_cost.py [CALLS]

A program over the demo clip makes as many calls of a cheap module as are asked for (2,000
unless told); it is run, replayed, and the two traces are compared bit for bit.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import vprog

DEMO = Path(__file__).resolve().parent.parent / "examples" / "demo.mp4"


def main(n_calls: int) -> None:
    program = (
        f"frames = [frame_at(video, k / 1000) for k in range({n_calls})]\n"
        "answer(len(frames), evidence=frames[:1])\n"
    )
    with tempfile.TemporaryDirectory() as folder:
        settings = {"trace_dir": Path(folder) / "traces", "cache_dir": Path(folder) / "cache"}
        vprog.run(DEMO, "answer(1)", **settings)  # what is loaded once is loaded
        began = time.perf_counter()
        ran = vprog.run(DEMO, program, **settings)
        run_s = time.perf_counter() - began
        assert ran.trace_path is not None
        began = time.perf_counter()
        again = vprog.replay(ran.trace_path, **settings)
        replay_s = time.perf_counter() - began
    assert again.first_difference is None
    assert (again.n_replayed, again.n_run) == (n_calls, 0)
    print(
        f"{n_calls} calls: run {run_s:.2f} s, replay and comparison {replay_s:.2f} s "
        f"({replay_s / n_calls * 1e6:.0f} us a call), equal bit for bit, no module ran"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2000)
