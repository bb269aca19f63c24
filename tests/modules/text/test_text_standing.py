"""Whether what was read is text."""

from __future__ import annotations

import numpy as np
import pytest

from vprog.types import Box
from vprog_modules.text.ocr import ReadLine
from vprog_modules.text.text_spans import TextFollower
from vprog_modules.text.text_standing import standing, stands

BOX = Box(10, 10, 60, 20)
RANDOM = np.random.default_rng(0)


@pytest.mark.parametrize(
    ("text", "scores", "is_still", "expected"),
    [
        ("Enter Password", [0.95], False, True),
        ("TAXI", [1.0], False, True),
        ("1676", [0.67], False, False),
        ("16:6", [0.76], False, False),
        ("2:1", [0.98, 0.99, 1.0], False, True),
        ("16", [0.99], False, False),
        ("7", [1.0], False, False),
        ("7", [1.0], True, True),
        ("7", [1.0, 1.0, 0.99], False, True),
        ("N", [0.79, 0.81], False, False),
        ("x", [0.6, 0.58, 0.6], False, False),
        ("人", [1.0], False, False),
    ],
)
def test_lines_stand_that_are_long_or_seen_again(
    text: str, scores: list[float], is_still: bool, expected: bool
) -> None:
    assert stands(text, scores, is_still=is_still) is expected


def followed(*texts: str, score: float = 0.99) -> list[str]:
    """What stands of one line per picture, each picture another one."""
    follower = TextFollower(160)
    for number, text in enumerate(texts):
        noise = RANDOM.integers(0, 255, (90, 160)).astype(np.uint8)
        follower.read(number / 5, [ReadLine(text, BOX, score)] if text else [], noise)
    return [line.first_line.text for line in standing(follower.finish())]


def test_figures_that_change_in_one_place_support_each_other() -> None:
    assert followed("1", "2", "3", "4") == ["1", "2", "3", "4"]
    assert followed("1", "", "", "4") == []
    assert followed("B", "M", "W", "A") == []
