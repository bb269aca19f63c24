"""Strategies beside each other by `vprog eval --strategies`, with a writer whose faults are known.

    python benchmarks/compare_strategies.py [--clips 40] [--out FOLDER]

Draws clips of one to five shots and asks how many there are. What writes is a server on loopback
that draws each program with a fixed seed: 55 of 100 are right, 25 count one too many (and cite
nothing), 20 do not pass the checks. Every strategy has this writer, the same cases and the same
budgets; what differs is what it makes of it: `program` repairs what does not run, `vote` takes the
answer with the most weight of evidence, `params` tries the numbers in a program.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "modules")]

from tests.drawing import draw_video  # noqa: E402

COMMAND = [sys.executable, "-c", "from vprog.cli.main import main; main()"]
RIGHT = "shots = find_shots(video)\nanswer(len(shots), evidence=shots)"
WRONG = "answer(len(find_shots(video)) + 1)"
BROKEN = "answer(count_shots(video))"
COLOURS = ((200, 40, 40), (40, 60, 200), (40, 170, 60), (230, 210, 60), (120, 60, 150))


def draw_shots(path: Path, n_shots: int) -> None:
    """A clip of so many shots of a second each, of one colour with a moving mark."""

    def paint(number: int, width: int, height: int) -> np.ndarray:
        picture = np.empty((height, width, 3), dtype=np.uint8)
        picture[:] = COLOURS[number // 10]
        left = 10 + 8 * (number % 10)
        picture[40:60, left : left + 20] = 255
        return picture

    draw_video(path, 10 * n_shots, fps=10, paint=paint)


class Writer(BaseHTTPRequestHandler):
    """Chat completions whose programs are drawn."""

    chance = random.Random(13)

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        drawn = self.chance.choices([RIGHT, WRONG, BROKEN], [55, 25, 20], k=body.get("n") or 1)
        choices = [
            {
                "index": index,
                "finish_reason": "stop",
                "message": {"role": "assistant", "content": f"```python\n{program}\n```"},
            }
            for index, program in enumerate(drawn)
        ]
        usage = {"prompt_tokens": 1000, "completion_tokens": 20 * len(drawn), "total_tokens": 1020}
        reply = {"id": "x", "object": "chat.completion", "created": 0, "model": "planted"}
        data = json.dumps({**reply, "choices": choices, "usage": usage}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *arguments: object) -> None:
        """Nothing: the table is what is looked at."""


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--clips", type=int, default=40)
    parser.add_argument("--out", type=Path, help="keep the report here")
    options = parser.parse_args()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Writer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        cases = []
        for number in range(options.clips):
            n_shots = 1 + number % 5
            draw_shots(folder / f"{number}.mp4", n_shots)
            cases.append(
                {
                    "id": str(number),
                    "video": f"{number}.mp4",
                    "question": "How many shots are there?",
                    "answer": n_shots,
                    "group": f"{n_shots} shots",
                }
            )
        (folder / "cases.jsonl").write_text("".join(json.dumps(case) + "\n" for case in cases))
        out = options.out or folder / "out"
        env = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "modules"))),
            "VPROG_CACHE_DIR": str(folder / "cache"),
            "OPENAI_BASE_URL": f"http://127.0.0.1:{server.server_port}/v1",
            "OPENAI_API_KEY": "none",
        }
        arguments = ["eval", str(folder / "cases.jsonl"), "--strategies", "program,vote,params"]
        arguments += ["--llm", "openai:planted", "--jobs", "1", "-o", str(out)]
        return subprocess.run([*COMMAND, *arguments], env=env, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
