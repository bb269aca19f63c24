"""`first_time` by a VLM that reads the numbers of drawn frames."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from tests.drawing import draw_video, number_of
from tests.modules.scenes import Opened
from vprog.errors import ModuleFailedError, ModuleInputError
from vprog.llm.vlm_spec import own_vlm
from vprog.models.vlm_backend import VlmReply, VlmRequest
from vprog.registry.call_context import using
from vprog.types import Match, Span
from vprog_modules.vlm.vlm_own import FirstTimeOwn


class Reader:
    """Says yes from a frame on; keeps how many frames each round of requests showed."""

    name = "reader"

    def __init__(self, first: int, word: str = "yes") -> None:
        self.first = first
        self.word = word
        self.rounds: list[int] = []

    def answer(self, requests: Sequence[VlmRequest]) -> list[VlmReply]:
        self.rounds.append(len(requests))
        is_there = [number_of(request.pictures[0]) >= self.first for request in requests]
        return [VlmReply(self.word, 0.8) if there else VlmReply("no", 0.9) for there in is_there]

    def cancel(self) -> None: ...

    def close(self) -> None: ...


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    with Opened(draw_video(tmp_path_factory.mktemp("clips") / "clip.mp4", 200)) as opened:
        yield opened


def first_time(opened: Opened, reader: Reader, **given: object) -> list[Match]:
    module = FirstTimeOwn()
    module.load("cpu", own_vlm(reader))
    with using(opened.context):
        return module(opened.video, "it is there", **given)  # type: ignore[arg-type]


@pytest.mark.parametrize("first", [1, 77, 78, 123, 199])
def test_the_first_frame_is_found_in_few_rounds(opened: Opened, first: int) -> None:
    reader = Reader(first)
    moment = first / 10.0
    assert first_time(opened, reader, step=0.02) == [
        Match("it is there", moment, moment, 0.8, "frames")
    ]
    assert reader.rounds[0] == 16
    assert len(reader.rounds) <= 3
    assert sum(reader.rounds) <= 16 + 7 + 7


def test_a_coarse_step_asks_less(opened: Opened) -> None:
    reader = Reader(77)
    (found,) = first_time(opened, reader, step=2.0)
    assert 7.7 <= found.start <= 9.7
    assert reader.rounds == [16]


def test_what_is_there_from_the_start_takes_one_round(opened: Opened) -> None:
    reader = Reader(0)
    assert first_time(opened, reader)[0].start == 0.0
    assert reader.rounds == [16]


def test_what_is_not_seen_has_no_time(opened: Opened) -> None:
    assert first_time(opened, Reader(500)) == []


def test_only_the_span_is_looked_at(opened: Opened) -> None:
    assert first_time(opened, Reader(77), span=Span(9.0, 12.0))[0].start == 9.0
    assert first_time(opened, Reader(77), span=Span(1.0, 3.0)) == []


def test_a_reply_that_is_neither_yes_nor_no_is_an_error(opened: Opened) -> None:
    with pytest.raises(ModuleFailedError, match="none of yes, no"):
        first_time(opened, Reader(50, word="perhaps"))


def test_a_blank_statement_is_refused(opened: Opened) -> None:
    module = FirstTimeOwn()
    module.load("cpu", own_vlm(Reader(0)))
    with using(opened.context), pytest.raises(ModuleInputError, match="got blanks"):
        module(opened.video, " ")
