"""Which loops announce which calls. That nothing else changes is tests/program/test_honest.py."""

from __future__ import annotations

import pytest

from vprog.program.lowering.lower import lower


def rows(text: str) -> list[str]:
    """What each loop announces for each item."""
    source = lower(text, modules={"detect", "ask"}, ahead={"detect"}, probes=False).source
    parts = source.split("(lambda vp__listed: ")[1:]
    return [part.split("), [('detect'")[0] for part in parts]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("for f in fs:\n    detect(f, 'a')", "[[[f, 'a']] for f in vp__listed]"),
        ("x = [len(detect(f, n=2)) for f in ask(1)]", "[[[f, 2]] for f in vp__listed]"),
        ("x = {f.time: detect(f) for f in fs if f.time > 2}",
         "[[[f]] for f in vp__listed if (f.time > 2)]"),
        ("x = [f for f in fs if detect(f)]", "[[[f]] for f in vp__listed]"),
        ("for i in range(len(fs)):\n    x = detect(fs[i + 1])",
         "[[[fs[(i + 1)]]] for i in vp__listed]"),
        ("for a, b in zip(fs, ls):\n    detect(a, b)",
         "[[[a, b]] for (a, b) in vp__loop_zip(vp__listed, ls)]"),
        ("x = any(detect(f) for f in fs)", "[[[f]] for f in vp__listed]"),
        ("for f in fs:\n    if len(detect(f)) > 2:\n        break", "[[[f]] for f in vp__listed]"),
        ("for f in fs:\n    a = detect(f, 'a')\n    b = detect(f, 'b')",
         "[[[f, 'a'], [f, 'b']] for f in vp__listed]"),
        ("def seen(fs, what):\n    for f in fs:\n        if detect(f, what):\n            return f",
         "[[[f, what]] for f in vp__listed]"),
        ("for s in ss:\n    for f in s:\n        detect(f, s.label)",
         "[[[f, s.label]] for f in vp__listed]"),
        ("for f in fs:\n    detect(Frame(0, f.time + 1.0))",
         "[[[Frame(0, (f.time + 1.0))]] for f in vp__listed]"),
    ],
)  # fmt: skip
def test_loop_announces_the_call_that_it_makes_for_each_item(text: str, expected: str) -> None:
    assert rows(text + "\n") == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "for f in fs:\n    g = f\n    detect(g)",  # assigned in the loop
        "for f in fs:\n    f = f\n    detect(f)",
        "for f in fs:\n    detect(ask(f))",  # depends on another call
        "for f in fs:\n    if f.time > 1:\n        detect(f)",  # not for each item
        "for f in fs:\n    if f.time > 1:\n        continue\n    detect(f)",
        "x = [detect(f) for f in fs if ask(f)]",
        "x = [f.time > 1 and detect(f) for f in fs]",
        "x = [detect(f) if f.time > 1 else 0 for f in fs]",
        "for f in fs:\n    detect(first)",  # the same for all
        "for f in fs:\n    detect(*f)",
        "for f in fs:\n    detect(names.pop())",  # reading it changes it
        "from collections import defaultdict\nd = defaultdict(int)\nfor f in fs:\n    detect(d[f])",
        "while fs:\n    detect(fs[0])",
        "for f in fs:\n    ask(f)",  # not worth it
        "for f in fs:\n    x = lambda: detect(f)",
    ],
)
def test_loop_announces_nothing_that_it_might_not_call_so(text: str) -> None:
    assert rows(text + "\n") == []


@pytest.mark.parametrize(
    ("text", "is_certain"),
    [
        ("for f in fs:\n    detect(f)", True),
        ("x = [detect(f) for f in fs]", True),
        ("for f in fs:\n    if detect(f):\n        break", False),
        ("for f in fs:\n    if detect(f):\n        answer(1)", False),
        ("x = all(detect(f) for f in fs)", False),
    ],
)
def test_loop_says_whether_it_runs_to_its_end(text: str, is_certain: bool) -> None:
    source = lower(text + "\n", modules={"detect"}, ahead={"detect"}, probes=False).source
    assert f"[('detect', 1, [], 0)], {is_certain})" in source


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("for f in fs:\n    if detect(f):\n        ask(f, 1)",
         "[('detect', 1, [], 0), ('ask', 2, [], 1)]"),
        ("for f in fs:\n    if detect(f, 'a') and detect(f, 'b'):\n        ask(f, 1)",
         "[('detect', 2, [], 0), ('detect', 2, [], 1), ('ask', 2, [], 2)]"),
        ("for f in fs:\n    d = detect(f)\n    if d:\n        ask(f, 1)",
         "[('detect', 1, [], 0), ('ask', 2, [], 1)]"),
        ("x = [ask(f, 1) for f in fs if detect(f)]", "[('detect', 1, [], 0), ('ask', 2, [], 1)]"),
        ("x = [ask(f, 1) if detect(f) else 0 for f in fs]",
         "[('detect', 1, [], 0), ('ask', 2, [], 1)]"),
        # No more than what is always called, where what decides is not the call alone.
        ("for f in fs:\n    if len(detect(f)) > 2:\n        ask(f, 1)", "[('detect', 1, [], 0)]"),
        ("for f in fs:\n    if not detect(f):\n        ask(f, 1)", "[('detect', 1, [], 0)]"),
        ("for f in fs:\n    if detect(f) or g:\n        ask(f, 1)", "[('detect', 1, [], 0)]"),
        ("for f in fs:\n    d = detect(f)\n    d = 0\n    if d:\n        ask(f, 1)",
         "[('detect', 1, [], 0)]"),
        ("for f in fs:\n    if detect(f):\n        for g in f:\n            ask(f, 1)",
         "[('detect', 1, [], 0)]"),
    ],
)  # fmt: skip
def test_loop_says_which_call_lets_another_through(text: str, expected: str) -> None:
    modules = {"detect", "ask"}
    source = lower(text + "\n", modules=modules, ahead=modules, probes=False).source
    assert f"for f in vp__listed]), {expected}, True)" in source
