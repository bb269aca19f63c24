"""Answers a question by tree search: several ways are tried, and their answers are counted.

    python examples/search_a_tree/search_a_tree.py [VIDEO [PAGE.html]]

VIDEO is tree.avi, a sample video of OpenCV; without it, the one of the tests. The
language model is a script: it says what replies.txt says, cell after cell, so that everybody
sees the same search. With another model in its place:

    vprog solve VIDEO "When does a hand come into the picture?" --strategy tree --llm SPEC
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import vprog

HERE = Path(__file__).resolve().parent
VIDEO = HERE.parents[1] / "tests" / "media_files" / "clips" / "tree.avi"
QUESTION = "When does a hand come into the picture?"


def main() -> None:
    """Search, then show each node, the vote and what ran; write the page if one is named."""
    video = Path(sys.argv[1]) if len(sys.argv) > 1 else VIDEO
    if not video.is_file():
        sys.exit(
            f"{video}: no such video. Name the file: python {sys.argv[0]} tree.avi\n"
            "It is samples/data/tree.avi of OpenCV; Debian's package opencv-doc has it too."
        )
    with tempfile.TemporaryDirectory() as fresh:  # an empty cache: the counts are always the same
        result = vprog.solve(
            video,
            QUESTION,
            llm=f"scripted:{HERE / 'replies.txt'}",
            strategy="tree",
            answers=5,  # of 4, two that agree would end it before the others were tried
            cache_dir=fresh,
        )
        vprog.close()
    trace = result.trace
    print(QUESTION)
    print("answer:", result.answer)
    tree = trace.tree()
    for number, node in tree.nodes(data=True):
        parents = list(tree.predecessors(number))
        after = f"after node {parents[0]}" if parents else "first"
        chosen = ", chosen" if node["chosen"] else ""
        said = f" {node['answer']}" if node["answer"] else ""
        print(
            f"node {number} ({after}{chosen}): {node['status']}{said}, "
            f"reward {node['reward']:.2f}, visits {node['visits']}, value {node['value']:.2f}"
        )
    for groups in trace.attempts.votes:
        for group in groups:
            print(f"vote: {group.answer} with {group.share:.0%} of the weight")
    for sentence in trace.attempts.counts.sentences:
        print(sentence)
    if len(sys.argv) > 2:
        trace.to_html(sys.argv[2])


if __name__ == "__main__":
    main()
