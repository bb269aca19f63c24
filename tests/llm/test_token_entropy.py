from __future__ import annotations

import math

import pytest

from vprog.llm.language_model import Token
from vprog.llm.token_entropy import EntropyCourse, entropy_course, token_entropy

SURE = Token("a", 0.0)
HALF = Token("a", math.log(0.5), (("a", math.log(0.5)), ("b", math.log(0.5))))


@pytest.mark.parametrize(
    ("token", "entropy"),
    [
        (SURE, 0.0),
        (HALF, math.log(2)),
        (Token("a", math.log(0.5)), math.log(2)),  # the other half is one token at least
        (Token("a", math.log(0.25), (("b", math.log(0.75)),)), 0.562335),
        (Token("a", 0.4, (("b", 0.1),)), math.log(2)),  # more than all there is: as shares of it
        (Token("a", -math.inf), 0.0),
    ],
)
def test_entropy_of_a_token_is_that_of_the_listed_and_of_the_rest(
    token: Token, entropy: float
) -> None:
    assert token_entropy(token) == pytest.approx(entropy, abs=1e-6)


def test_course_has_its_peak_and_its_end() -> None:
    course = entropy_course([SURE] * 12 + [HALF] * 4 + [SURE] * 24)
    assert course.peak == pytest.approx(math.log(2))
    assert course.peak_at == pytest.approx(0.35)
    assert (course.final, course.settled) == (0.0, 1.0)
    assert entropy_course([SURE, HALF]) == EntropyCourse((0.0, pytest.approx(math.log(2))))
    assert entropy_course([HALF]).settled == pytest.approx(0.5)


def test_course_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one token"):
        entropy_course([])
