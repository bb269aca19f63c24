"""How many of a stranger's wordings the reader understands, and which it does not.

    python benchmarks/read_wordings.py [development|unseen] [INTENT]

`wordings.jsonl` holds twelve wordings of each of 111 questions, written by someone who had not
read the rules, and 300 that someone wrote for whom nothing was to be answerable: half for
development, half not looked at. The intents that begin with "nothing"
can be answered by no measurement: what is understood of them is counted apart, as wrong. Whether
a wording is understood as what was meant is not told here.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path

from vprog.registry.discover import discover
from vprog.rules import RuleProgram, write
from vprog.types import Video

WORDINGS = Path(__file__).with_name("wordings.jsonl")
VIDEO = Video(0, 30.0, 1280, 720, 25.0, 750, True, False)


def main() -> None:
    """Read all, print what was not understood of the part that is named, and the shares."""
    part = sys.argv[1] if len(sys.argv) > 1 else ""
    wanted = sys.argv[2] if len(sys.argv) > 2 else ""
    tasks = set(discover())
    asked: Counter[str] = Counter()
    understood: Counter[str] = Counter()
    for line in WORDINGS.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if wanted and row["intent"] != wanted:
            continue
        half = "nothing can" if row["intent"].startswith("nothing") else row["half"]
        video = VIDEO._replace(has_subtitles=row["intent"].startswith("sub"))
        if half == "nothing can":  # whatever time they name
            video = VIDEO._replace(duration=600.0)
        written = write(row["question"], row["choices"], [video], tasks)
        asked[half] += 1
        if isinstance(written, RuleProgram):
            understood[half] += 1
        elif row["half"] == part and half == part:
            print(f"{row['intent']}: {row['question']}  [{written.reason}]")
    for half, count in asked.items():
        print(f"{half}: {understood[half]} of {count}, {100 * understood[half] / count:.1f} %")


if __name__ == "__main__":
    main()
