"""Runs a program of one's own over a video: no language model, every value kept.

    python examples/run_my_own_program.py [VIDEO]

The same from the command line: `vprog run VIDEO PROGRAM.py`.
"""

from __future__ import annotations

import sys
from pathlib import Path

import vprog

PROGRAM = """\
# How long is the picture black, and what was to be seen just before?
black = find_black(video)
if not black:
    abstain("the picture is never black")
last = black[-1]
frame = frame_at(video, max(0.0, last.start - 0.5))
colours = [colour.name for colour in name_colours(frame, count=3)]
print(f"black from {last.start:.2f} s, before it: {', '.join(colours)}")
answer(round(sum(duration(each) for each in black), 2), evidence=[last, frame])
"""


def main() -> None:
    """Run the program and show the answer, its evidence, the cost and each line's values."""
    video = sys.argv[1] if len(sys.argv) > 1 else Path(__file__).with_name("demo.mp4")
    result = vprog.run(video, PROGRAM)
    if result.status != "answered":
        sys.exit(f"{result.status}: {result.error}")
    print("answer:", result.answer)
    for item in result.evidence:
        print(f"  from {item.start} to {item.end} s, supported: {item.supported}")
    print("module calls:", result.cost.module_calls["issued"])
    for step in result.trace.steps:
        where = f"line {step.line}" if step.line else "output"
        print(f"  {where}: {step.name} = {step.text.strip()}")


if __name__ == "__main__":
    main()
