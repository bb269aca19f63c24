"""What each strategy asks of models, where they help and where they do not: requests, pictures.

    python -m benchmarks.look_costs [--strategies A,B] [-o ROWS.jsonl] [--against EARLIER.jsonl]

Every strategy is asked what is shown in a clip of 10 s and in one of an hour, small frames, one a
second. The writer always writes one program, which looks at eight frames and answers. The VLM says
the same to everything: "red", sure, or "unsure", not. So what a strategy needs of its own (a plan,
a span, a score) is never there, and it goes on by what it does then. Each reply is held until no
other request has come for a while, which tells how many are open at once. `--against` sets the rows
of another state of the code beside those of this one, where both give the same answer.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.drawing import draw_video
from tests.llm.server import Answer
from tests.modules.vlm.chat_replies import sure
from tests.strategies.conftest import cell
from tests.strategies.seeing import ask_seeing
from vprog.strategies.catalog import strategies

SECONDS = {"10 s": 10, "1 h": 3600}
SAYS = {"sure": ("red", 0.9), "unsure": ("unsure", 0.2)}
MOST = 400
"""Replies that the script holds: more than a question may ask for."""

PAUSE_S, FULL = 0.3, 8
"""So long after the last request, or once so many are open, replies go out."""

PROGRAM = cell(
    "frames = sample_frames(video, count=8)",
    "reply = ask(frames, question)",
    "answer(reply.text, evidence=[reply])",
)

Row = dict[str, Any]


class Patient:
    """The same reply to all; notes how many requests are open at once."""

    def __init__(self, reply: Answer) -> None:
        self._reply = reply
        self._came = threading.Condition()
        self._n_open = self._n_asked = 0
        self.most = 0

    def __call__(self, body: Any) -> Answer:
        with self._came:
            self._n_open += 1
            self._n_asked += 1
            self.most = max(self.most, self._n_open)
            self._came.notify_all()
            while self._n_open < FULL:
                last = self._n_asked
                self._came.wait(PAUSE_S)
                if self._n_asked == last:
                    break
            self._n_open -= 1
        return self._reply


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--strategies", default=",".join(strategies()))
    parser.add_argument("-o", "--out", type=Path, help="keep the rows here")
    parser.add_argument("--against", type=Path, help="the rows of another state")
    options = parser.parse_args()
    rows = list(_rows(options.strategies.split(",")))
    if options.out is not None:
        options.out.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    before: dict[str, Row] = {}
    if options.against is not None:
        lines = options.against.read_text(encoding="utf-8").splitlines()
        before = {_key(row): row for row in map(json.loads, lines)}
    kinds = [f"{says}, {length}" for says in SAYS for length in SECONDS]
    print("| strategy | " + " | ".join(kinds) + " |")
    print("|---|" + "---|" * len(kinds))
    for name in dict.fromkeys(row["strategy"] for row in rows):
        cells = [_told(row, before.get(_key(row))) for row in rows if row["strategy"] == name]
        print(f"| `{name}` | " + " | ".join(cells) + " |")
    return 0


def _rows(names: list[str]) -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as folder:
        clips = {
            length: draw_video(Path(folder) / f"{count}.mp4", count, fps=1, size=(64, 48))
            for length, count in SECONDS.items()
        }
        for name in names:
            for says, (text, chance) in SAYS.items():
                for length, clip in clips.items():
                    vlm = Patient(sure(text, chance))
                    with pytest.MonkeyPatch.context() as patch:
                        seen = ask_seeing(
                            vlm,
                            patch,
                            [clip],
                            Path(folder) / name / says / length,
                            name,
                            [PROGRAM] * MOST,
                        )
                    yield {
                        "strategy": name,
                        "says": says,
                        "length": length,
                        "status": str(seen.result.status),
                        "answer": seen.result.answer,
                        "to_writer": len(seen.model.requests),
                        "to_vlm": len(seen.shown),
                        "pictures": sum(len(look.sizes) for look in seen.shown),
                        "open": vlm.most,
                    }
                    print(f"{name} {says} {length}", file=sys.stderr, flush=True)


def _told(row: Row, earlier: Row | None) -> str:
    """Requests to the writer, to the VLM, of these at once, pictures; of the other state before."""
    now = _figures(row)
    if earlier is None or (earlier["status"], earlier["answer"]) != (row["status"], row["answer"]):
        return now
    was = _figures(earlier)
    return now if was == now else f"{was}; now {now}"


def _figures(row: Row) -> str:
    told = f"{row['to_writer']}, {row['to_vlm']} ({row['open']}), {row['pictures']}"
    return told if row["answer"] is not None else f"{told}, {row['status']}"


def _key(row: Row) -> str:
    return "/".join(row[key] for key in ("strategy", "says", "length"))


if __name__ == "__main__":
    sys.exit(main())
