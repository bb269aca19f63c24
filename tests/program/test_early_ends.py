"""Loops that may be left before their last item."""

from __future__ import annotations

import pytest

from vprog.program.program import Program


@pytest.mark.parametrize(
    ("text", "leaves"),
    [
        ("n = 0\nfor f in frames:\n    n += look(f)\nanswer(n)", False),
        ("for f in frames:\n    if look(f):\n        break", True),
        ("for f in frames:\n    if look(f):\n        answer(f.time)", True),
        ("def look(f):\n    return score(f)\nanswer([look(f) for f in frames])", False),
        ("def look(f):\n    for k in range(3):\n        return score(f)", True),
        ("def look(f):\n    assert score(f)", True),
        ("def look(f):\n    answer(1)", True),
        ("answer(any(score(f) for f in frames))", True),
        ("answer(any([score(f) for f in frames]))", False),
        # How long it lasts is known without a call, or not.
        (
            "t = 0.0\nwhile t < video.duration:\n    n = score(frame_at(video, t))\n    t += 0.5",
            False,
        ),
        ("t = 0.0\nwhile t < 3:\n    t += score(frame_at(video, t))", True),
        ("t = 0.0\nwhile t < 3:\n    n = score(t)\n    m = n + 1\n    t += m", True),
        ("while score(f):\n    pass", True),
        ("rest = [1, 2]\nwhile rest:\n    score(rest.pop())", True),
        ("def scan(end):\n    t = 0\n    while t < end:\n        t += 1", True),
    ],
)
def test_loop_is_known_to_run_to_its_end_or_may_be_left(text: str, leaves: bool) -> None:
    assert Program(text).leaves_loops == leaves


def test_program_that_does_nothing_twice_has_no_loops() -> None:
    assert not Program("def look(f):\n    return score(f)\nanswer(look(frame))").has_loops
    assert Program("answer([score(f) for f in frames])").has_loops
