"""10,000 cases of a cheap kind by `vprog eval`: overhead a case, memory, killed and resumed.

    python benchmarks/eval_overhead.py [--cases 10000] [--clips 100] [--kills 3] [--seed 0]

Draws the clips (a second or two, a moving square) and asks each how long it is, how large and how
fast, in turn. Compares the processor milliseconds a case of `vprog eval` (answers, verdicts,
report, archive) with those of answering a tenth of the cases alone (`vprog batch`), and its peak
memory with that of the tenth; again where all answers are there already and are gone on with. Then
the evaluation of all is killed (SIGKILL) when it has answered so many rows as the seed draws, and
resumed until it ends: results.jsonl is that of the undisturbed run byte for byte, clocks, the names
of runs and what the cache had of the killed run aside. Last the archive is scored again.
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
OF_A_RUN = ("seconds", "trace", "is_warm", "calls", "frames_decoded")
"""What two runs of the same cases differ in: clocks, names, and what the cache spared."""


def questions(n_frames: int) -> list[tuple[str, Any]]:
    """Cheap questions about a clip of so many frames, with their answers."""
    return [
        ("How long is the video?", n_frames / 10),
        ("What is the resolution?", "160x120"),
        ("How many frames per second?", 10),
        ("How many frames does it have?", n_frames),
    ]


def processor_s(arguments: list[str], env: dict[str, str]) -> tuple[float, float]:
    """User and system seconds of a command and what it started, and its own peak memory in MB."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    told = tempfile.TemporaryFile()  # noqa: SIM115 - read when the command has failed
    process = subprocess.Popen(
        [*COMMAND, *arguments], env=env, stdout=subprocess.DEVNULL, stderr=told
    )
    peak_mb = 0.0
    while process.poll() is None:
        try:
            status = Path(f"/proc/{process.pid}/status").read_text()
        except OSError:
            break
        if "VmHWM:" in status:
            peak_mb = int(status.split("VmHWM:")[1].split()[0]) / 1000
        time.sleep(0.2)
    if process.wait():
        told.seek(0)
        raise SystemExit(f"{arguments[0]} exits with {process.returncode}: {told.read()[-800:]!r}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return used, peak_mb


def said(folder: Path) -> bytes:
    """results.jsonl without what two runs of the same cases differ in."""
    lines = []
    for line in (folder / "results.jsonl").read_bytes().splitlines():
        row = json.loads(line)
        lines.append(json.dumps({name: row[name] for name in row if name not in OF_A_RUN}))
    return "\n".join(lines).encode()


def killed_at(arguments: list[str], env: dict[str, str], ledger: Path, n_rows: int) -> int:
    """Kill a command when its ledger has so many rows; how many it then has."""
    process = subprocess.Popen(
        [*COMMAND, *arguments], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    while process.poll() is None and n_lines(ledger) < n_rows:
        time.sleep(0.02)
    process.kill()
    process.wait()
    return n_lines(ledger)


def n_lines(path: Path) -> int:
    try:
        with path.open("rb") as file:
            return sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(2**20), b""))
    except OSError:  # not there yet
        return 0


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--clips", type=int, default=100)
    parser.add_argument("--kills", type=int, default=3)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        env = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "modules"))),
            "VPROG_CACHE_DIR": str(folder / "cache"),
            "VPROG_TRACE_DIR": str(folder / "traces"),
        }
        clips = []
        for number in range(options.clips):
            n_frames = 12 + number % 7
            clip = draw_video(folder / f"{number}.mp4", n_frames, fps=10, size=(160, 120))
            clips.append((clip.name, n_frames))
        cases = []
        for number in range(options.cases):
            video, n_frames = clips[number % len(clips)]
            asked = questions(n_frames)
            question, answer = asked[number // len(clips) % len(asked)]
            cases.append(
                {"id": str(number), "video": video, "question": question, "answer": answer}
            )
        whole, part = folder / "cases.jsonl", folder / "part.jsonl"
        whole.write_text("".join(json.dumps(case) + "\n" for case in cases))
        n_part = max(1, len(cases) // 10)
        part.write_text("".join(json.dumps(case) + "\n" for case in cases[:n_part]))
        n = len(cases)

        part_s, part_mb = processor_s(["eval", str(part), "-o", str(folder / "part")], env)
        alone_s, _ = processor_s(["batch", str(part), "-o", str(folder / "alone.jsonl")], env)
        began = time.monotonic()
        eval_s, whole_mb = processor_s(["eval", str(whole), "-o", str(folder / "run")], env)
        wall_s = time.monotonic() - began
        size_mb = (folder / "run" / "archive.zip").stat().st_size / 1e6
        again_s, again_mb = processor_s(
            ["eval", str(whole), "-o", str(folder / "run"), "--resume"], env
        )
        print(f"{n} cases about {options.clips} clips")
        print(f"  answering alone  {alone_s / n_part * 1000:6.1f} processor ms a case ({n_part})")
        print(f"  vprog eval       {part_s / n_part * 1000:6.1f} processor ms a case ({n_part})")
        print(f"  vprog eval       {eval_s / n * 1000:6.1f} processor ms a case ({n})")
        print(f"  wall clock       {wall_s / n * 1000:6.1f} ms a case, answers included")
        print(f"  peak memory      {whole_mb:6.0f} MB; of a tenth of the cases {part_mb:.0f} MB")
        print(f"  gone on with     {again_s / n * 1000:6.1f} ms a case, peak {again_mb:.0f} MB")
        print(f"  archive          {size_mb:6.1f} MB")
        killed = folder / "killed"
        arguments = ["eval", str(whole), "-o", str(killed), "--resume"]
        drawn = random.Random(options.seed).sample(range(1, n), options.kills)
        for n_rows in sorted(drawn):
            n_there = killed_at(arguments, env, killed / "answers.jsonl", n_rows)
            print(f"  killed at {n_rows}: {n_there} rows are there")
        processor_s(arguments, env)
        is_same = said(killed) == said(folder / "run")
        print(f"  resumed: equal bytes: {is_same}")
        archive = str(folder / "run" / "archive.zip")
        replay_s, _ = processor_s(["eval", "--replay", archive, "-o", str(folder / "again")], env)
        first, again = ((folder / run / "results.jsonl").read_bytes() for run in ("run", "again"))
        print(f"  scored again in {replay_s:.1f} processor s: same bytes: {first == again}")
        return 0 if is_same and first == again else 1


if __name__ == "__main__":
    sys.exit(main())
