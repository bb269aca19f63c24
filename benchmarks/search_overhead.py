"""What tree search costs per node beyond the model's and the modules' own time.

The model replies at once. The time of a node is parted into the search's own work (tree,
prompt, votes, trace) and the run of its cell (gate, types, lowering, worker, dump), each
without the modules' seconds. Run it: python -m benchmarks.search_overhead
"""

from __future__ import annotations

import re
import statistics
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from tests.drawing import draw_video
from vprog.execute.cell_outcome import Outcome, State
from vprog.execute.executor import Executor
from vprog.llm.language_model import Completion, LlmReply, Request, Usage
from vprog.runs.run import Run
from vprog.settings import load_settings
from vprog.solver.solver import close, shared
from vprog.strategies.catalog import find_strategy, solve_by
from vprog.trace.event import ModuleCalled, NodeEvaluated
from vprog.trace.store import read_trace

NODES = 60
ROUNDS = 7


class Instant:
    """A model that writes three cells a path and replies at once."""

    name = "instant"

    def __init__(self) -> None:
        self.seconds = 0.0

    def complete(self, request: Request) -> LlmReply:
        """The next cell: a look, a count, an answer; each sibling with another number."""
        began = time.perf_counter()
        text = request.messages[-1].text
        number = len(re.findall(r'^\{"cell": "', text, re.M)) + 1
        path = text[text.index("# So far") :].split("# Tried")[0]
        if "No cell was written yet" in path:
            cell = f"frame = frame_at(video, 0.{number})"
        elif "find_colour" not in path:
            cell = f"squares = find_colour(frame, 'red', min_area=0.00{number})"
        else:
            cell = f"answer(len(squares), evidence=squares[:{number}])"
        reply = LlmReply((Completion(f"```python\n{cell}\n```"),), Usage(), self.name, 0.0)
        self.seconds += time.perf_counter() - began
        return reply

    def cancel(self) -> None:
        """Nothing takes time."""

    def close(self) -> None:
        """Nothing is open."""


class Timed:
    """Adds up the seconds spent in the runs of cells."""

    def __init__(self, executor: Executor) -> None:
        self.seconds = 0.0
        self._run = executor.run
        executor.run = self.run  # type: ignore[method-assign]

    def run(self, state: State, source: str) -> Outcome:
        began = time.perf_counter()
        try:
            return self._run(state, source)
        finally:
            self.seconds += time.perf_counter() - began


def measure(folder: Path, clip: Path) -> tuple[int, float, float]:
    """Nodes, and milliseconds a node of the search itself and of running its cell."""
    flags = {
        "trace_dir": folder / "traces",
        "cache_dir": folder / "cache",
        "max_llm_calls": 10 * NODES,
    }
    settings = load_settings(flags, environment={})
    # No reward is 2: the search never stops early.
    settings = replace(settings, nodes=NODES, answers=10**6, accept=2.0)
    model = Instant()
    with (
        shared.runtimes.lend(settings) as runtime,
        Run(runtime, settings, [clip], "How many?", writer="instant") as run,
    ):
        timed = Timed(run.executor)
        began = time.perf_counter()
        result = solve_by(find_strategy("tree"), run, model)
        whole = time.perf_counter() - began
    assert result.status == "answered", result.error
    assert result.trace_path is not None
    events = read_trace(result.trace_path).events
    nodes = sum(isinstance(event, NodeEvaluated) for event in events)
    modules = sum(event.seconds for event in events if isinstance(event, ModuleCalled))
    search = whole - timed.seconds - model.seconds
    return nodes, 1000 * search / nodes, 1000 * (timed.seconds - modules) / nodes


def main() -> None:
    """Print the medians over some rounds, the first of which warms up."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        clip = draw_video(folder / "clip.mp4", 10)
        rounds = [measure(folder, clip) for _ in range(ROUNDS)][1:]
        close()
    nodes = rounds[0][0]
    search = statistics.median(round_[1] for round_ in rounds)
    run = statistics.median(item[2] for item in rounds)
    print(f"{nodes} nodes: search {search:.2f} ms a node, running the cell {run:.2f} ms a node")


if __name__ == "__main__":
    main()
