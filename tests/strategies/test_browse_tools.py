from __future__ import annotations

import pytest

from vprog.errors import ProgramRejectedError
from vprog.program.program import Program
from vprog.strategies.browse_tools import check_turn

TOOLS = ("clip_search", "frame_inspect")
MODULES = {"ask", "caption", "sample_frames"}


@pytest.mark.parametrize(
    "cell",
    [
        "found = clip_search('red car')",
        "reply = frame_inspect('Is it red?', found[:2])\nprint(reply.text)",
        "answer('yes', evidence=[found[0]])",
        "caption = found[0].text\nfound = clip_search(caption)",
    ],
)
def test_a_turn_calls_one_tool_or_none(cell: str) -> None:
    check_turn(Program(cell), TOOLS, MODULES)


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("a = clip_search('x')\nb = clip_search('y')", "more than one"),
        ("a = [clip_search(each) for each in 'ab']", "inside a loop"),
        ("def f():\n    return clip_search('x')\n", "inside a loop or function"),
        ("frames = sample_frames(video)", "sample_frames is not called here"),
        ("a = clip_search(caption(frame))", "caption is not called here"),
        ("f = clip_search\na = f('x')\nb = f('y')", "no other name for it"),
        ("a = list(map(clip_search, ['x', 'y']))", "no other name for it"),
        ("clip_search = 3", "no other name for it"),
        ("def frame_inspect(query, spans):\n    return 1\n", "another name"),
        ("if:", "line 1"),
    ],
)
def test_anything_else_is_refused_with_what_to_do(cell: str, said: str) -> None:
    with pytest.raises(ProgramRejectedError, match=said):
        check_turn(Program(cell), TOOLS, MODULES)
