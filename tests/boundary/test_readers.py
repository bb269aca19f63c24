"""Measure and rebuild in one pass: the same bounds as the walk that refusals go through."""

from __future__ import annotations

from typing import Any

import pytest

from tests.boundary.test_convert import DETECTION, alike, nested
from vprog.boundary import readers
from vprog.boundary.readers import read_value
from vprog.boundary.size_check import MAX_DEPTH, MAX_NODES, MAX_TEXT, Refusal
from vprog.types import AnswerValue, Detection

DEEP: Any = int
for _ in range(30):
    DEEP = list[DEEP]


def test_accepted_value_is_walked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readers, "measure", lambda *args, **kwargs: pytest.fail("walked again"))

    value = read_value(alike([DETECTION] * 3), list[Detection], from_module=False)

    assert value == [DETECTION] * 3


@pytest.mark.parametrize(
    ("raw", "annotation"),
    [
        ([0] * (MAX_NODES - 1), list[int]),
        (["x"] * (MAX_NODES - 1), AnswerValue),  # attempts at other members spend the allowance
        (["x" * (MAX_TEXT // 2)] * 2, list[str]),
        ({str(number): 0 for number in range(MAX_NODES // 2 - 1)}, dict[str, int]),
        ([(0, 1)] * (MAX_NODES // 3), list[tuple[int, int]]),
        (nested(MAX_DEPTH), DEEP),
    ],
    ids=["nodes", "union", "text", "dict", "tuples", "depth"],
)
def test_value_at_a_bound_passes(raw: object, annotation: object) -> None:
    assert read_value(raw, annotation, from_module=False) == raw


@pytest.mark.parametrize(
    ("raw", "annotation", "message"),
    [
        ([0] * MAX_NODES, list[int], "at most 200000 values"),
        (["x"] * MAX_NODES, AnswerValue, "at most 200000 values"),
        (["x" * (MAX_TEXT // 2)] * 2 + ["x"], list[str], "at most 2000000 characters"),
        ({"x" * MAX_TEXT: "x"}, dict[str, str], "at most 2000000 characters"),
        ({str(number): 0 for number in range(MAX_NODES // 2)}, dict[str, int], "200000 values"),
        ([(0, 1)] * (MAX_NODES // 3 + 1), list[tuple[int, int]], "at most 200000 values"),
        ([DETECTION] * (MAX_NODES // 12 + 1), list[Detection], "at most 200000 values"),
        (nested(MAX_DEPTH + 1), DEEP, "nested at most 24"),
        (10**400, float, "63 bits"),
        ([10**400, "a"], AnswerValue, "63 bits"),
        ([1, b"a"], list[int], "holds a bytes"),
    ],
    ids=lambda value: value if isinstance(value, str) and len(value) < 30 else "",
)
def test_value_beyond_a_bound_is_refused_as_the_walk_says(
    raw: object, annotation: object, message: str
) -> None:
    with pytest.raises(Refusal) as caught:
        read_value(raw, annotation, from_module=annotation == list[Detection])

    assert message in caught.value.text
