"""The speed-up of two Ray nodes over one, on questions that mostly wait for a module.

    python benchmarks/ray_nodes.py [--clips N] [--wait SECONDS]

Needs Ray: pip install "vprog[ray]". Starts a cluster on this machine, and asks one question about
each clip, whose module waits as for a device of its own, one call at a time on each node.
Prints the wall time on one node, on two, and by `vprog batch` without Ray, from start to end of the
command. Each has an empty cache; engines and cluster are started each time.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "modules")]

from tests.drawing import draw_video  # noqa: E402
from tests.ray_nodes import ray_cluster  # noqa: E402
from tests.waiting_package import waiting_environment  # noqa: E402

COMMAND = [sys.executable, "-c", "from vprog.cli.main import main; main()"]


def wall_s(folder: Path, name: str, *more: str) -> float:
    """Seconds of one `vprog batch`, which must answer every case."""
    arguments = ["batch", str(folder / "cases.jsonl"), "-o", str(folder / f"{name}.jsonl")]
    arguments += ["--set", f"cache_dir={folder / name}", "--jobs", "2", *more]
    began = time.perf_counter()
    subprocess.run([*COMMAND, *arguments], cwd=folder, check=True, capture_output=True)
    return time.perf_counter() - began


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--clips", type=int, default=40)
    parser.add_argument("--wait", type=float, default=2.0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        env = waiting_environment(folder, wait_s=options.wait)
        (folder / "vprog.toml").write_text('[modules]\nfind_shots = "FindShotsWaiting"\n')
        rows = [
            {
                "video": draw_video(
                    folder / f"{number}.mp4", 12, fps=10 + number
                ).name,  # none equal
                "question": "How many shots are there?",
            }
            for number in range(options.clips)
        ]
        (folder / "cases.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
        seconds = {}
        for n_nodes in (1, 2):
            with ray_cluster(env) as cluster:
                for _ in range(n_nodes):
                    cluster.add_node(num_cpus=1, object_store_memory=100_000_000)
                seconds[f"{n_nodes} Ray nodes"] = wall_s(
                    folder, f"ray{n_nodes}", "--engine", f"ray:{cluster.address}"
                )
        os.environ.update(env)
        seconds["without Ray"] = wall_s(folder, "here")
    print(f"{options.clips} questions, module of {options.wait:g} s, load {os.getloadavg()[0]:.1f}")
    for what, taken in seconds.items():
        print(f"  {what:12} {taken:6.1f} s")
    print(f"two nodes over one: {seconds['1 Ray nodes'] / seconds['2 Ray nodes']:.2f}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
