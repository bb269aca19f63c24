"""What a module call costs in the broker beyond the module itself. Target: p50 under 0.5 ms.

    python benchmarks/broker_overhead.py [--calls N] [--result N]

Calls a module that does nothing through the real broker: arguments checked, cache looked up,
scheduled, result checked, kept in memory and in SQLite, evidence noted, trace written to disk.
The module's own time is taken off. `direct` is the same call without any of that. `cached` is
the second time of each call; `evidence` is what the first evidence of the run costs, spread over
its calls. `whole` is the call as a program makes it, sandbox included.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "modules")]

from tests.drawing import draw_video  # noqa: E402
from vprog.execute.runtime import Runtime  # noqa: E402
from vprog.registry.module import module  # noqa: E402
from vprog.registry.registry import Registry  # noqa: E402
from vprog.runs.run import Run  # noqa: E402
from vprog.settings import load_settings  # noqa: E402
from vprog.types import Box, Detection, Frame  # noqa: E402

TARGET_MS = 0.5


@module("see")
class See:
    n_result = 4

    def __call__(self, frame: Frame) -> list[Detection]:
        """A number of boxes at no cost.

        Args:
            frame: any frame.

        Returns:
            Always the same boxes.
        """
        return [
            Detection("box", Box(1.0, 2.0, 3.0 + k, 4.0), 0.5, frame) for k in range(self.n_result)
        ]


def milliseconds(work: Callable[[], object]) -> float:
    """How long one call takes."""
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


def row(name: str, durations: list[float]) -> float:
    """Print the median and the 95th percentile."""
    middle = statistics.median(durations)
    late = sorted(durations)[int(len(durations) * 0.95)]
    print(f"{name:8} p50 {middle:7.3f} ms   p95 {late:7.3f} ms")
    return middle


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--calls", type=int, default=2000)
    parser.add_argument("--result", type=int, default=4, help="detections that each call returns")
    options = parser.parse_args()
    n_calls: int = options.calls
    See.n_result = options.result
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        clip = draw_video(folder / "clip.mp4", 20)
        settings = load_settings(
            {"cache_dir": folder / "cache", "trace_dir": folder / "traces", "max_calls": 10**6}
        )
        with Runtime(settings, Registry([])) as runtime:
            runtime.modules["see"] = runtime.registry.add(See)
            with Run(runtime, settings, [clip], "benchmark") as run:
                broker, instance = (
                    run.broker,
                    runtime.loaded_modules.instance(runtime.modules["see"]),
                )

                def call(number: int) -> object:
                    frame = Frame(0, (number + 1) / (n_calls * 2))
                    return broker.call("see", (frame,), {}, cell=0, line=1)

                call(-1)  # whatever is first
                # In turn, so that all three meet the same load of the machine.
                direct, executed, cached = [], [], []
                for number in range(n_calls - 1):
                    frame = Frame(0, number / 9)
                    direct.append(milliseconds(partial(instance, frame=frame)))
                    executed.append(milliseconds(partial(call, number)))
                    cached.append(milliseconds(partial(call, number)))
                alone = row("direct", direct)
                beyond = row("executed", executed) - alone
                row("cached", cached)
                cited = [Detection("box", Box(1.0, 2.0, 3.0, 4.0), 0.5, Frame(0, 0.0))]
                first = milliseconds(partial(broker.provenance.evidence, cited))
                print(f"evidence mean {first / (2 * n_calls - 1):6.3f} ms a call, at the end once")
                program = (
                    f"for k in range({n_calls}):\n    x = see(Frame(0, k / {n_calls}))\nanswer(1)"
                )
                began = time.perf_counter()
                outcome = run.executor.run_whole(program)
                whole = (time.perf_counter() - began) * 1000 / n_calls
                assert outcome.status == "answered", outcome
                print(f"whole    mean {whole:6.3f} ms a call, half of them new")
    print(f"beyond the module: p50 {beyond:.3f} ms, target {TARGET_MS} ms")
    return int(beyond > TARGET_MS)


if __name__ == "__main__":
    sys.exit(main())
