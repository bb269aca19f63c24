from __future__ import annotations

import pytest

from vprog.errors import ProgramRejectedError
from vprog.program.program import Program
from vprog.strategies.single_call import check_single_call

MODULES = {"detect", "track"}


@pytest.mark.parametrize(
    "source",
    [
        "x = detect(frame, 'dog')",
        "x = len(detect(frame, 'dog'))",
        "answer(1)",
        "track = 1\nx = track",
    ],
)
def test_one_call_or_none_passes(source: str) -> None:
    check_single_call(Program(source), MODULES)


@pytest.mark.parametrize(
    "source",
    [
        "x = detect(a, 'dog')\ny = track(video, 'dog')",
        "x = [detect(f, 'dog') for f in frames]",
        "for f in frames:\n    x = detect(f, 'dog')",
        "while True:\n    detect(f, 'dog')",
        "def look(f):\n    return detect(f, 'dog')",
        "look = lambda f: detect(f, 'dog')",
        "x = (",
    ],
)
def test_more_or_repeated_calls_are_refused(source: str) -> None:
    with pytest.raises(ProgramRejectedError):
        check_single_call(Program(source), MODULES)
