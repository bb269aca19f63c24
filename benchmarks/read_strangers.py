"""What the reader makes of 1,420 questions by people who had read nothing of it.

    python benchmarks/read_strangers.py [--changed]

`strangers.jsonl` holds questions in five parts: about all that can be measured, with small words
that change the meaning, everyday ones, traps that are one word off, and such as nothing can answer.
Of 200 readings somebody else than the rules' author judged whether they answer the question: the
same, narrower (in some videos another answer), wrong. Prints for each part how many are read, and
how many of these are still read as they were judged then; with `--changed` those whose reading is
another now, which nobody has judged.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path

from vprog.registry.discover import discover
from vprog.rules import RuleProgram, write
from vprog.types import Video

QUESTIONS = Path(__file__).with_name("strangers.jsonl")
VIDEO = Video(0, 600.0, 1280, 720, 25.0, 15000, True, False)


def main() -> None:
    """Read all, print the counts."""
    tasks = set(discover())
    asked: Counter[str] = Counter()
    read: Counter[str] = Counter()
    judged: Counter[str] = Counter()
    verdicts: Counter[tuple[str, str]] = Counter()
    for line in QUESTIONS.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        part = row["part"]
        asked[part] += 1
        if part == "everyday" and "verdict" in row:
            judged[row["verdict"]] += 1
        written = write(row["question"], [], [VIDEO], tasks)
        if not isinstance(written, RuleProgram):
            continue
        read[part] += 1
        is_judged = written.reading == row.get("reading")
        verdicts[part, row["verdict"] if is_judged else "not judged"] += 1
        if not is_judged and "--changed" in sys.argv:
            print(f"{row['question']}  [{written.reading}]")
    for part, count in asked.items():
        shares = ", ".join(f"{n} {name}" for (its, name), n in verdicts.items() if its == part)
        print(f"{part}: {read[part]} of {count} read: {shares}")
    print("everyday, as judged at first:", ", ".join(f"{n} {name}" for name, n in judged.items()))


if __name__ == "__main__":
    main()
