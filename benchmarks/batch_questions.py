"""1,000 questions over 100 short clips by `vprog batch`, against single commands; killed, resumed.

    python benchmarks/batch_questions.py [--clips N] [--singles N]

Draws the clips (a second or two, a moving square), asks ten questions of each, and compares the
processor seconds of the whole process tree a question: first with an empty cache, then with the
modules' results cached, against `vprog solve` for a sample of the same questions, cached too. Then
the batch is killed (SIGKILL) at random moments and resumed until it ends: every row is there once,
and says what the undisturbed run says.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "modules")]

from tests.drawing import draw_video  # noqa: E402

COMMAND = [sys.executable, "-c", "from vprog.cli.main import main; main()"]
QUESTIONS = (
    "How long is the video?",
    "How many shots are there?",
    "What is the resolution?",
    "Is there any sound?",
    "When is it brightest?",
    "Does anything move?",
    "What colour is the background?",
    "How many frames per second?",
    "Is it black at the end?",
    "Is there more than one shot?",
)
SAME = ("case", "status", "answer", "choice", "score", "evidence", "program")
KILLS = 3


def processor_s(arguments: list[str], env: dict[str, str]) -> float:
    """User and system seconds of a command and of what it started."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([*COMMAND, *arguments], env=env, check=False, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def said(path: Path) -> dict[str, list[Any]]:
    """What each row says; each id once."""
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    by_id = {row["id"]: [row[name] for name in SAME] for row in rows}
    assert len(by_id) == len(rows), "a row is there twice"
    return by_id


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--clips", type=int, default=100)
    parser.add_argument("--singles", type=int, default=30)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        paths = os.pathsep.join((str(ROOT), str(ROOT / "modules")))
        env = {
            **os.environ,
            "PYTHONPATH": paths,
            "VPROG_CACHE_DIR": str(folder / "cache"),
            "VPROG_TRACE_DIR": str(folder / "traces"),
        }
        cases = []
        for number in range(options.clips):
            clip = draw_video(folder / f"{number}.mp4", 12 + number % 7, fps=10, size=(160, 120))
            for place, question in enumerate(QUESTIONS):
                cases.append({"id": f"{number}-{place}", "video": clip.name, "question": question})
        listed = folder / "cases.jsonl"
        listed.write_text("".join(json.dumps(case) + "\n" for case in cases))
        n = len(cases)

        def batch(out: Path) -> list[str]:
            return ["batch", str(listed), "-o", str(out), "--resume"]

        cold = processor_s(batch(folder / "cold.jsonl"), env) / n
        warm = processor_s(batch(folder / "warm.jsonl"), env) / n
        sample = random.Random(0).sample(cases, min(options.singles, n))
        single = sum(
            processor_s(["solve", str(folder / case["video"]), case["question"], "--json"], env)
            for case in sample
        ) / len(sample)
        print(f"{n} questions, {options.clips} clips: processor ms a question")
        print(f"  batch, empty cache {cold * 1000:6.0f}")
        print(f"  batch, cached      {warm * 1000:6.0f}")
        print(f"  single commands, cached ({len(sample)} of them) {single * 1000:6.0f}")
        print(f"  ratio {single / warm:.1f}")
        killed = folder / "killed.jsonl"
        chance = random.Random()
        for _ in range(KILLS):
            process = subprocess.Popen(
                [*COMMAND, *batch(killed)],
                env=env,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            time.sleep(chance.uniform(1.0, max(2.0, warm * n / 4)))
            process.kill()
            process.wait()
            print(f"  killed after {killed.read_text().count(chr(10)) if killed.exists() else 0}")
        processor_s(batch(killed), env)
        is_same = said(killed) == said(folder / "warm.jsonl") == said(folder / "cold.jsonl")
        print(f"  resumed: {len(said(killed))} rows, each once, equal: {is_same}")
        return 0 if is_same else 1


if __name__ == "__main__":
    sys.exit(main())
