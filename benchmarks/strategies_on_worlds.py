"""Strategies beside each other on drawn worlds, with a writer and with modules that err.

    python -m benchmarks.strategies_on_worlds [--count 20] [--seed 0] [--noise 0.06] [--out FOLDER]
        [--no-blame]

Draws videos of the worlds `counter` and `shells` with three questions each. The modules read the
hidden states and are wrong in a known share of the calls (world_readers.py). What writes is a
server on loopback whose programs are drawn by a seed from what it is told: 60 of 100 are right, 20
lose a step, 20 call a function that there is not; above temperature 0 it also takes other frame
rates. Where it is asked for cells, it gathers first and answers in the second. Every strategy has
the same cases, the same writer and the same budget of requests; `--blame` then says how much
each module and the programs lose.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from random import Random
from typing import Any, ClassVar

from benchmarks.world_readers import install

COMMAND = [sys.executable, "-c", "from vprog.cli.main import main; main()"]
STRATEGIES = "program,look_first,vote,params,tree"
RIGHT, LOSES_A_STEP, BROKEN = "right", "loses a step", "broken"
SHARES = {RIGHT: 60, LOSES_A_STEP: 20, BROKEN: 20}
CELL_BY_CELL = "# Cell by cell"
NO_CELL = "No cell was written yet."
"""What a prompt says of its path before the first cell; what siblings tried stands elsewhere."""

FOLLOW = """\
place = start.text
for step in steps[:{n}]:
    first, second = step.text.split(" and ")
    if place == first:
        place = second
    elif place == second:
        place = first
"""
TEMPLATES: tuple[tuple[str, str], ...] = (
    (r"Which number is on the board at the start",
     "answer(int(start.text), evidence=[start])"),
    (r"How much does card number (\d+)",
     "card = steps[{0} - 1]\nanswer(abs(int(card.text)), evidence=[card])"),
    (r"changes by each card\. What is it at the end",
     "answer(int(start.text) + sum([int(step.text) for step in steps]), "
     "evidence=[start] + steps)"),
    (r"How many of the first (\d+) cards subtract",
     'answer(len([step for step in steps[:{0}] if step.text.startswith("-")]), '
     "evidence=steps[:{0}])"),
    (r"Suppose the cards ([+-]\d) and ([+-]\d) come next",
     "answer(int(start.text) + sum([int(step.text) for step in steps]) + ({0}) + ({1}), "
     "evidence=[start] + steps)"),
    (r"Under which cup is the ball at the start",
     "answer(start.text, evidence=[start])"),
    (r"Which two cups change places in swap number (\d+)",
     "answer(steps[{0} - 1].text, evidence=[steps[{0} - 1]])"),
    (r"Under which cup is the ball at the end",
     FOLLOW.replace("{n}", "") + "answer(place, evidence=[start] + steps)"),
    (r"right after swap number (\d+)",
     FOLLOW.replace("{n}", "{0}") + "answer(place, evidence=[start] + steps[:{0}])"),
    (r"Suppose the (\w+) and the (\w+) cup are swapped",
     FOLLOW.replace("{n}", "")
     + 'place = {{"{0}": "{1}", "{1}": "{0}"}}.get(place, place)\n'
     + "answer(place, evidence=[start] + steps)"),
)  # fmt: skip


def written(question: str, kind: str, fps: float) -> tuple[str, str]:
    """The two cells of a program: what gathers, and what answers."""
    finish, found = next(
        (finish, match)
        for pattern, finish in TEMPLATES
        if (match := re.search(pattern, question)) is not None
    )
    reader = "read_steps" if kind == BROKEN else "read_step"
    gather = (
        f"start = read_start(video, fps={fps})\n"
        f"steps = [{reader}(video, number, fps={fps}) for number in range(count_steps(video))]"
    )
    if kind == LOSES_A_STEP:
        gather += "\nsteps = steps[1:]"
    return gather, finish.format(*found.groups())


def question_of(text: str) -> str:
    """What is asked: the last text of a prompt that has a template."""
    found = [(m.start(), m.group()) for pattern, _ in TEMPLATES for m in re.finditer(pattern, text)]
    return max(found)[1]


class NoisyWriter(BaseHTTPRequestHandler):
    """Chat completions: the same words at temperature 0 give the same program."""

    asked: ClassVar[Counter[str]] = Counter()

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        text = "\n".join(_words(message) for message in body["messages"])
        key = hashlib.sha256(text.encode()).hexdigest()
        choices = []
        for index in range(body.get("n") or 1):
            is_hot = (body.get("temperature") or 0) > 0
            self.asked[key] += is_hot
            rng = Random(f"{key}/{self.asked[key] if is_hot else 0}")
            kind = rng.choices(list(SHARES), list(SHARES.values()))[0]
            gather, finish = written(
                question_of(text), kind, rng.choice((2.0, 4.0, 8.0)) if is_hot else 4.0
            )
            program = f"{gather}\n{finish}"
            if CELL_BY_CELL in text:
                program = gather if NO_CELL in text else finish
            content = f"```python\n{program}\n```"
            message = {"role": "assistant", "content": content}
            choices.append({"index": index, "finish_reason": "stop", "message": message})
        n_out = sum(len(choice["message"]["content"]) // 4 for choice in choices)  # type: ignore[index]
        usage = {"prompt_tokens": len(text) // 4, "completion_tokens": n_out,
                 "total_tokens": len(text) // 4 + n_out}  # fmt: skip
        reply = {"id": "x", "object": "chat.completion", "created": 0, "model": "planted"}
        data = json.dumps({**reply, "choices": choices, "usage": usage}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *arguments: object) -> None:
        """Nothing: the table is what is looked at."""


def _words(message: dict[str, Any]) -> str:
    content = message["content"]
    if isinstance(content, str):
        return content
    return "\n".join(part.get("text", "") for part in content)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--count", type=int, default=20, help="videos of each world")
    parser.add_argument("--seed", type=int, default=0, help="of the first video")
    parser.add_argument("--noise", type=float, default=0.06, help="share of wrong readings")
    parser.add_argument("--requests", type=int, default=8, help="most requests for one question")
    parser.add_argument("--strategies", default=STRATEGIES)
    parser.add_argument("--out", type=Path, help="keep the reports here")
    parser.add_argument("--no-blame", action="store_true", help="leave that out: most of the time")
    options = parser.parse_args()
    server = ThreadingHTTPServer(("127.0.0.1", 0), NoisyWriter)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        out = options.out or folder / "out"
        env = {
            **os.environ,
            **install(folder, folder / "worlds", options.noise),
            "VPROG_CACHE_DIR": str(folder / "cache"),
            "OPENAI_BASE_URL": f"http://127.0.0.1:{server.server_port}/v1",
            "OPENAI_API_KEY": "none",
        }

        def run(*arguments: object) -> int:
            command = [*COMMAND, *map(str, arguments)]
            return subprocess.run(command, env=env, check=False).returncode

        run("worlds", "make", "counter", "shells", "-o", folder / "worlds", "--count",
            options.count, "--seed", options.seed)  # fmt: skip
        code = run(
            "eval", folder / "worlds" / "cases.jsonl", "--strategies", options.strategies,
            "--llm", "openai:planted", "--max-seconds", 60, "--set",
            f"max_llm_calls={options.requests}", "--jobs", 1, "-o", out,
        )  # fmt: skip
        for strategy in [] if options.no_blame else options.strategies.split(","):
            print(f"\nblame: {strategy}", flush=True)
            run("eval", "--blame", out / strategy, "--oracle", "read_start=ReadStartTruth",
                "--oracle", "read_step=ReadStepTruth")  # fmt: skip
        return code


if __name__ == "__main__":
    sys.exit(main())
