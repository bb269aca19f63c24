"""From a draft to a whole program: choices."""

from __future__ import annotations

from typing import Any

import pytest

from vprog.program.algebra import words_of
from vprog.rules.draft import Draft, Kind, RuleProgram, Unanswerable, finish
from vprog.types import Span


class _Ended(Exception):
    pass


def _outcome(kind: Kind, value: Any, choices: list[str], tolerance: float = 0.0) -> Any:
    """What the finished program answers; None if it abstains."""
    written = finish(
        Draft("A value.", f"value = {value!r}", kind, tolerance=tolerance), "facts", choices
    )
    assert isinstance(written, RuleProgram), written
    ended: list[Any] = []

    def answer(given: Any) -> None:
        ended.append(given)
        raise _Ended

    def abstain(reason: str) -> None:
        assert reason
        ended.append(None)
        raise _Ended

    names = {
        "answer": answer, "abstain": abstain, "choices": choices, "words_of": words_of,
        "Span": Span,
    }  # fmt: skip
    with pytest.raises(_Ended):
        exec(compile(written.program, "program", "exec"), names)
    return ended[0]


@pytest.mark.parametrize(
    ("kind", "value", "choices", "tolerance", "expected"),
    [
        ("number", 4, [], 0.0, 4),
        ("yes or no", True, [], 0.0, "yes"),
        ("yes or no", False, [], 0.0, "no"),
        ("text", "red", [], 0.0, "red"),
        ("number", 4, ["3", "4", "5"], 0.0, "4"),
        ("number", 4, ["three", "four"], 0.0, "four"),
        ("number", 4, ["1-3", "4-6"], 0.0, "4-6"),
        ("number", 0, ["none", "1", "2"], 0.0, "none"),
        ("number", 6, ["3", "4", "5"], 0.0, None),
        ("number", 6, ["2", "5", "9"], 1.0, "5"),
        ("number", 4, ["3", "5"], 1.0, None),
        ("seconds", 12.2, ["0:05", "0:12", "0:20"], 1.0, "0:12"),
        ("seconds", 12.2, ["from 5 to 9 s", "between 10 and 14 s"], 1.0, "between 10 and 14 s"),
        ("seconds", 30.0, ["10 s", "half a minute"], 0.5, "half a minute"),
        ("seconds", 12.2, ["1 s", "2 s"], 1.0, None),
        ("span", Span(5.0, 6.0), ["4-5.5 s", "8-9 s"], 0.5, "4-5.5 s"),
        ("yes or no", True, ["No, never.", "Yes, once."], 0.0, "Yes, once."),
        ("yes or no", False, ["true", "false"], 0.0, "false"),
        ("text", "Frame = 21", ["Frame = 2", "frame=21"], 0.0, "frame=21"),
        ("text", "bottom left", ["left", "bottom left", "right"], 0.0, "bottom left"),
        ("text", "the red thing", ["red", "blue"], 0.0, "red"),
        ("text", "red and blue", ["red", "blue"], 0.0, None),
        ("text", "green", ["red", "blue"], 0.0, None),
    ],
)
def test_choice(kind: Kind, value: Any, choices: list[str], tolerance: float, expected: Any):
    assert _outcome(kind, value, choices, tolerance) == expected


@pytest.mark.parametrize(
    ("kind", "choices"),
    [
        ("yes or no", ["red", "blue"]),
        ("yes or no", ["yes", "no", "yes, twice"]),
        ("number", ["many", "few"]),
        ("seconds", ["early", "late"]),
    ],
)
def test_choices_of_another_kind_are_refused(kind: Kind, choices: list[str]):
    outcome = finish(Draft("A value.", "value = 1", kind), "facts", choices)
    assert isinstance(outcome, Unanswerable)


def test_reading_cannot_leave_its_comment():
    written = finish(Draft("a\nb\u2028c\rabstain('x')", "value = 1", "number"), "facts", [])
    assert isinstance(written, RuleProgram)
    assert written.program.splitlines()[0].startswith("# a b")
    assert len(written.program.splitlines()) == 3
