"""`first_time` by a VLM that reads the numbers of drawn frames."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from tests.drawing import draw_video, number_of
from tests.modules.scenes import Opened
from vprog.errors import ModuleFailedError, ModuleInputError
from vprog.llm.vlm_spec import own_vlm
from vprog.models.vision_language_model import VlmReply, VlmRequest
from vprog.registry.call_context import using
from vprog.types import Match, Span
from vprog_modules.vlm.time_halving import pictures_in
from vprog_modules.vlm.vlm_own import FirstTimeOwn


class Reader:
    """Sees a thing from a frame on; keeps how many frames each round of requests showed.

    Args:
        first: that frame.
        word: what it says of a single frame that shows the thing.
        says: what it says of several, in place of the numbers of those that show it.
    """

    name = "reader"

    def __init__(self, first: int, word: str = "yes", says: str = "") -> None:
        self.first = first
        self.word = word
        self.says = says
        self.rounds: list[int] = []
        self.requests = 0

    def answer(self, requests: Sequence[VlmRequest]) -> list[VlmReply]:
        self.requests += len(requests)
        self.rounds.append(sum(len(request.pictures) for request in requests))
        return [self._reply(request) for request in requests]

    def _reply(self, request: VlmRequest) -> VlmReply:
        is_there = [number_of(picture) >= self.first for picture in request.pictures]
        if request.options:
            return VlmReply(self.word, 0.8) if is_there[0] else VlmReply("no", 0.9)
        numbers = [str(number) for number, there in enumerate(is_there, start=1) if there]
        return VlmReply(self.says or f"{', '.join(numbers) or 'none'} [sure 80]", 0.8)

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
    assert len(reader.rounds) == reader.requests <= 3
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


def test_model_that_names_no_pictures_is_asked_of_single_frames(opened: Opened) -> None:
    reader = Reader(77, says="It comes in from the left.")
    assert first_time(opened, reader, step=2.0)[0].start == pytest.approx(7.7, abs=2.0)
    assert reader.rounds == [16, 16]
    assert reader.requests == 1 + 16


def test_a_reply_that_is_neither_yes_nor_no_is_an_error(opened: Opened) -> None:
    with pytest.raises(ModuleFailedError, match="none of yes, no"):
        first_time(opened, Reader(50, word="perhaps", says="perhaps"))


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("3-5, 9", {3, 4, 5, 9}),
        ("pictures 2 and 4.", {2, 4}),
        ("none", set()),
        ("None of them", set()),
        ("17", None),
        ("3-17", None),
        ("at 2.5 s", None),
        ("yes", None),
        ("", None),
    ],
)
def test_numbers_of_pictures_are_read_and_nothing_else(text: str, numbers: set[int] | None) -> None:
    assert pictures_in(text, 16) == numbers


def test_a_blank_statement_is_refused(opened: Opened) -> None:
    module = FirstTimeOwn()
    module.load("cpu", own_vlm(Reader(0)))
    with using(opened.context), pytest.raises(ModuleInputError, match="got blanks"):
        module(opened.video, " ")
