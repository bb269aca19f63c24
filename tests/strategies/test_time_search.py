from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.strategies.seeing import COSTS, UNREAD, Seen
from vprog.errors import LlmReplyError
from vprog.registry.module import implements
from vprog.registry.registry import Registry
from vprog.strategies.time_search import FIRST, ROUNDS, FrameSearch, is_same, read_turn
from vprog.types import Match, Span, Video

LookBy = Callable[..., Seen]

SEARCH = '{"query": "a red car", "start_time": 5, "end_time": 15, "num_frames": 3}'
EVENLY = SEARCH.replace("a red car", "")
LATER = EVENLY.replace("15", "18")
SAID = '{"answer": "a red car"}'


@implements("search_frames", backend="every two seconds")
class SearchEveryTwoSeconds:
    def __call__(
        self, video: Video, query: str, *, count: int = 8, span: Span | None = None,
        fps: float = 1.0, diversity: float = 0.3,
    ) -> list[Match]:  # fmt: skip
        """Every second second of the span, the last one first."""
        assert span is not None
        times = [span.start + 2.0 * place for place in range(count)]
        return [Match(query, time, time, 0.3, "frames") for time in reversed(times)]


def registry() -> Registry:
    found = Registry(
        spec for task in UNREAD if task != "search_frames" for spec in UNREAD.implementations(task)
    )
    found.add(SearchEveryTwoSeconds)
    return found


def test_frames_are_sought_by_words_and_the_answer_holds_from_them_alone(look_by: LookBy) -> None:
    seen = look_by("time_search", SEARCH, SAID, "red car", registry=registry())
    assert seen.cost == COSTS["time_search"]
    assert (seen.result.answer, seen.result.path, seen.result.score) == ("red car", "fast", 0.8)
    (searched,) = seen.called("search_frames")
    assert (searched["query"], searched["count"]) == ("a red car", 3)
    assert searched["span"] == Span(5.0, 15.0)
    first, second, alone = seen.times("ask")
    assert len(first) == FIRST
    assert second == sorted({*first, 5.0, 7.0, 9.0})  # each once, in order
    assert alone == [5.0, 7.0, 9.0]
    assert all(item.supported for item in seen.result.evidence)
    seen.assert_no_prefix_ran_twice()


def test_another_answer_from_what_was_found_goes_on_searching(look_by: LookBy) -> None:
    seen = look_by("time_search", EVENLY, SAID, "a tree", LATER, SAID, "a red car")
    assert seen.result.answer == "a red car"
    assert "was another one" in seen.shown[3].text
    assert "was another one" not in seen.shown[4].text
    assert "is another one" in seen.notes()


def test_without_words_or_a_module_frames_are_spread_over_the_window(look_by: LookBy) -> None:
    seen = look_by("time_search", EVENLY, SAID, "red car")
    alone = seen.times("ask")[-1]
    assert len(alone) == 3
    assert 5.0 <= min(alone) < max(alone) <= 15.0
    assert "no module searches" not in seen.notes()


def test_the_search_ends_after_its_rounds_with_what_was_found(look_by: LookBy) -> None:
    searches = [
        f'{{"query": "", "start_time": {at}, "end_time": {at + 2}, "num_frames": 2}}'
        for at in range(0, 2 * ROUNDS, 2)
    ]
    seen = look_by("time_search", *searches, "red")
    assert (seen.result.answer, len(seen.shown)) == ("red", ROUNDS + 1)


def test_the_same_search_is_refused_and_told(look_by: LookBy) -> None:
    seen = look_by("time_search", EVENLY, EVENLY, SAID, "red car")
    assert seen.result.answer == "red car"
    assert "was made already" in seen.shown[2].text


def test_a_call_is_read_in_its_own_form_and_bounded() -> None:
    called = f'{{"name": "seek_video_frames", "arguments": {SEARCH}}}'
    wanted = FrameSearch("a red car", Span(5.0, 15.0), 3)
    assert read_turn(f"<tool_call>{called}</tool_call>", 20.0) == read_turn(SEARCH, 20.0) == wanted
    many = read_turn(SEARCH.replace("3}", "900}").replace("car", "c\\u0007 " + "r" * 900), 20.0)
    assert isinstance(many, FrameSearch)
    assert (many.count, len(many.query)) == (8, 100)
    assert read_turn('{"answer": 3}', 20.0) == "3"


@pytest.mark.parametrize(
    "reply",
    ['{"query": 3, "start_time": 0, "end_time": 1}', '{"query": "a"}', '{"answer": ""}', "car",
     '{"query": "a", "start_time": 40, "end_time": 50}', '{"answer": ["a"]}',
     '{"query": "a", "start_time": 0, "end_time": 9, "num_frames": "3"}'],
)  # fmt: skip
def test_a_turn_of_another_form_is_refused(reply: str) -> None:
    with pytest.raises(LlmReplyError):
        read_turn(reply, 20.0)


@pytest.mark.parametrize(
    ("value", "said", "choices", "same"),
    [
        ("red car", "A red car.", (), True),
        ("red car", "a tree", (), False),
        ("", "a tree", (), False),
        (3, "There are 3.", (), True),
        (3, "3 or 4", (), False),
        ([1.0, 2.5], "from 1 to 2.5 s", (), True),
        ("blue", "B", ("red", "blue"), True),
        ("blue", "A", ("red", "blue"), False),
    ],
)
def test_answers_are_compared(
    value: object, said: str, choices: tuple[str, ...], same: bool
) -> None:
    assert is_same(value, said, choices) is same
