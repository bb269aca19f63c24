from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.strategies.seeing import COSTS, Seen
from vprog.errors import LlmReplyError
from vprog.strategies.ground_first import read_citation, read_evidence
from vprog.types import Span

LookBy = Callable[..., Seen]

GROUNDED = '{"evidence": [[12, 15], [2, 4]]}'


def test_the_answer_comes_from_the_pieces_that_it_cites(look_by: LookBy) -> None:
    seen = look_by("ground_first", GROUNDED, '{"answer": "red", "ids": [2]}', "red")
    assert seen.cost == COSTS["ground_first"]
    assert (seen.result.answer, seen.result.score) == ("red", 0.8)
    assert "1: 2 to 4 s; 2: 12 to 15 s" in seen.shown[1].text
    _, pieces, cited = seen.times("ask")
    assert {time for time in pieces if 4.0 < time < 12.0} == set()
    assert 12.0 <= min(cited) <= max(cited) <= 15.0
    _, where = seen.result.evidence
    assert (where.start, where.end, where.supported) == (12.0, 15.0, True)


def test_an_answer_without_a_citation_is_told_and_then_refused(look_by: LookBy) -> None:
    seen = look_by("ground_first", GROUNDED, '{"answer": "red", "ids": []}', '{"answer": "red"}')
    assert (seen.result.status, len(seen.shown)) == ("abstained", 3)
    assert "Cite at least one piece" in seen.shown[2].text
    told = look_by("ground_first", GROUNDED, '{"answer": "red", "ids": [3]}', '{"ids": [1]}', "red")
    assert told.result.answer == "red"


def test_evidence_is_read_in_order_and_what_overlaps_is_one_piece() -> None:
    assert read_evidence(GROUNDED, 20.0) == (Span(2.0, 4.0), Span(12.0, 15.0))
    assert read_evidence('{"evidence": [[1, 5], [3, 9]]}', 20.0) == (Span(1.0, 9.0),)


@pytest.mark.parametrize(
    "reply",
    ['{"evidence": []}', '{"evidence": [[30, 40]]}', '{"evidence": "2-4"}', "{}", "2 to 4 s",
     '{"evidence": [[1, 2], [3, 4], [5, 6], [7, 8], [9, 10]]}', '{"evidence": [[2, 4], "x"]}'],
)  # fmt: skip
def test_evidence_of_another_form_is_refused(reply: str) -> None:
    with pytest.raises(LlmReplyError):
        read_evidence(reply, 20.0)


def test_a_citation_names_pieces_that_there_are() -> None:
    assert read_citation('{"answer": "a", "ids": [2, 1]}', 2) == (0, 1)
    for reply in ('{"ids": []}', '{"ids": [3]}', "[1]"):
        with pytest.raises(LlmReplyError):
            read_citation(reply, 2)
