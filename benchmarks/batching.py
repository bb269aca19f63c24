"""What batching gives programs: through the real sandbox, broker and scheduler, with real threads.

    python benchmarks/batching.py [--programs 1 10 32] [--rounds N]

The modules sleep for `fixed + n * each`, as a batch of n takes on an accelerator, and take turns on
one device. Programs look at 30 frames: `exists` for each (12 + 1 ms), `query` where it holds (45 +
16 ms), two of five. Beside vprog, in the same run and on the same calls:

    ideal      all calls in full batches of 32, with no host in between
    sequence   one call after the other, as a program run by `exec` makes them
    window     batches that go when full or 10 ms after their first call, the default of Ray Serve

Medians; what is compared was measured in turn. One program alone is G2 of benchmarks/goals.py.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "modules")]

from tests.drawing import draw_video  # noqa: E402
from vprog.execute.batch_queues import BatchQueues  # noqa: E402
from vprog.execute.runtime import Runtime  # noqa: E402
from vprog.registry.call_context import current  # noqa: E402
from vprog.registry.module import Call, module  # noqa: E402
from vprog.registry.registry import Registry  # noqa: E402
from vprog.runs.run import Run  # noqa: E402
from vprog.settings import load_settings  # noqa: E402
from vprog.types import Frame  # noqa: E402

SIZE = 32
EXISTS, QUERY = (0.012, 0.001), (0.045, 0.016)
"""Fixed and per item, in seconds: scenario A of the cost model."""

N_FRAMES, HOLDS_OF_5 = 30, 2
WINDOW_S = 0.010


def sleep(costs: tuple[float, float], n: int) -> None:
    """As long as a batch takes."""
    time.sleep(costs[0] + n * costs[1])


@module("exists", batch=SIZE, memory_mb=1)
class Exists:
    costs = EXISTS
    sizes: ClassVar[list[int]] = []
    """Of its batches."""

    def __call__(self, frame: Frame, label: str) -> bool:
        """Whether something is there: two times of five.

        Args:
            frame: any.
            label: any.
        """
        return self.batch([Call({"frame": frame, "label": label}, current())])[0]

    def batch(self, calls: list[Call]) -> list[bool]:
        self.sizes.append(len(calls))
        sleep(self.costs, len(calls))
        frames = [call.arguments["frame"] for call in calls]
        return [isinstance(f, Frame) and round(f.time * 300) % 5 < HOLDS_OF_5 for f in frames]


@module("query", batch=SIZE, memory_mb=1)
class Query:
    costs = QUERY
    sizes: ClassVar[list[int]] = []
    """Of its batches."""

    def __call__(self, frame: Frame, label: str) -> int:
        """A number.

        Args:
            frame: any.
            label: any.
        """
        return self.batch([Call({"frame": frame, "label": label}, current())])[0]

    def batch(self, calls: list[Call]) -> list[int]:
        self.sizes.append(len(calls))
        sleep(self.costs, len(calls))
        return [1] * len(calls)


class WindowQueues(BatchQueues[Any]):
    """The policy of a fixed window."""

    def _is_quiet(self) -> bool:
        return False

    def _grace_end(self, queue: Any) -> float:
        return float(queue.first_at) + WINDOW_S


FRAMES = "frames = [Frame(0, k / 300) for k in range({n})]\n"
PROGRAM = (
    FRAMES.format(n=N_FRAMES)
    + """n = 0
for frame in frames:
    if exists(frame, {label!r}):
        n += query(frame, {label!r})
answer(n)"""
)


class Bench:
    """Programs that run at once, each with labels that no other has."""

    def __init__(self, runtime: Runtime, settings: Any, clip: Path) -> None:
        self.runtime, self.settings, self.clip = runtime, settings, clip
        self.n = 0

    def seconds(self, program: str, n_programs: int) -> tuple[float, int, int]:
        """How long they take from their first statement on, module calls executed, and wasted."""
        ready, go_on = threading.Barrier(n_programs + 1), threading.Barrier(n_programs + 1)
        counts: list[tuple[int, int]] = []

        def one(label: str) -> None:
            with Run(self.runtime, self.settings, [self.clip], "benchmark") as run:
                state = run.executor.begin()
                ready.wait()
                go_on.wait()
                outcome = run.executor.run(state, program.format(label=label))
                assert outcome.status == "answered", outcome
                counts.append((run.broker.counts.executed, run.broker.counts.wasted))

        threads = []
        for _ in range(n_programs):
            self.n += 1
            threads.append(threading.Thread(target=one, args=(f"thing {self.n}",)))
            threads[-1].start()
        ready.wait()
        began = time.perf_counter()
        go_on.wait()
        for thread in threads:
            thread.join()
        seconds = time.perf_counter() - began
        return seconds, sum(pair[0] for pair in counts), sum(pair[1] for pair in counts)


def direct_s(work: Callable[[], None]) -> float:
    """Measured: a sleep takes longer than it says."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def in_batches(costs: tuple[float, float], n_calls: int, size: int) -> None:
    for at in range(0, n_calls, size):
        sleep(costs, min(size, n_calls - at))


def replay(programs: list[int], n_rounds: int) -> None:
    """Programs at once under each policy; prints a line for each number of them.

    Args:
        programs: how many at once.
        n_rounds: of which medians are taken.
    """
    n_held = sum(k % 5 < HOLDS_OF_5 for k in range(N_FRAMES))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        clip = draw_video(folder / "clip.mp4", 20)
        settings = load_settings(
            {
                "cache_dir": folder / "cache",
                "trace_dir": folder / "traces",
                "live_programs": max(programs, default=1) + 1,
            }
        )
        with Runtime(settings, Registry([])) as runtime:
            runtime.loaded_modules.device = "one device"  # on which modules take turns
            for declared in (Exists, Query):
                spec = runtime.registry.add(declared)
                runtime.modules[spec.task] = spec
            bench = Bench(runtime, settings, clip)
            bench.seconds(PROGRAM, 1)  # whatever is first
            print("programs   ideal s  of ideal: vprog  window  sequence   wasted")
            for n_programs in programs:
                n_exists, n_query = N_FRAMES * n_programs, n_held * n_programs
                ideal, ours, window, wasted = [], [], [], []
                for _ in range(n_rounds):
                    ideal.append(
                        direct_s(lambda n=n_exists: in_batches(EXISTS, n, SIZE))  # type: ignore[misc]
                        + direct_s(lambda n=n_query: in_batches(QUERY, n, SIZE))  # type: ignore[misc]
                    )
                    seconds, _, n_wasted = bench.seconds(PROGRAM, n_programs)
                    ours.append(seconds)
                    wasted.append(n_wasted)
                    window.append(_with_window(bench, n_programs))
                best = statistics.median(ideal)
                plain = n_exists * direct_s(lambda: sleep(EXISTS, 1)) + n_query * direct_s(
                    lambda: sleep(QUERY, 1)
                )
                print(
                    f"{n_programs:8}  {best:8.2f}  {best / statistics.median(ours):15.2f}"
                    f"  {best / statistics.median(window):6.2f}  {best / plain:8.2f}"
                    f"  {max(wasted):7}"
                )


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--programs", type=int, nargs="*", default=[1, 10, 32])
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    replay(options.programs, options.rounds)
    return 0


def _with_window(bench: Bench, n_programs: int) -> float:
    """The same programs with a fixed window, and without reading ahead."""
    scheduler: Any = bench.runtime.scheduler
    own = scheduler._queues
    assert not own.n_live
    scheduler._queues = WindowQueues()
    read_ahead, bench.runtime.settings = (
        bench.runtime.settings,
        load_settings({"read_ahead": False}),
    )
    try:
        return bench.seconds(PROGRAM, n_programs)[0]
    finally:
        scheduler._queues = own
        bench.runtime.settings = read_ahead


if __name__ == "__main__":
    sys.exit(main())
