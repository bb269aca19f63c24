from __future__ import annotations

import pytest

from vprog.errors import LlmReplyError, ProgramRejectedError
from vprog.program.program import Program
from vprog.strategies.unsure_confidence import stated_confidence


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("confidence = 0.85\nanswer('a')", 0.85),
        ("answer('a')\nconfidence = 1", 1.0),
        ("x = 2\nconfidence = 0\nabstain('no')", 0.0),
    ],
)
def test_the_number_is_read(cell: str, value: float) -> None:
    assert stated_confidence(Program(cell)) == value


@pytest.mark.parametrize(
    "cell",
    [
        "answer('a')",
        "confidence = 1.5",
        "confidence = -0.1",
        "confidence = True",
        "confidence = '0.9'",
        "confidence = 1e999",
        "confidence = max(0.9, 1)",
        "if True:\n    confidence = 0.9\n",
        "confidence = 0.1\nconfidence = 0.9",
    ],
)
def test_anything_else_states_nothing(cell: str) -> None:
    with pytest.raises(LlmReplyError, match="how sure"):
        stated_confidence(Program(cell))


def test_a_cell_that_is_no_python_is_refused() -> None:
    with pytest.raises(ProgramRejectedError):
        stated_confidence(Program("confidence = = 0.9"))
