"""Search by words in pictures, with an encoder whose answers are known: mean colours."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.modules.retrieval.colours import Colours
from tests.modules.scenes import COLOURS, Opened, painted
from vprog.errors import ModuleInputError, NoVideoStreamError
from vprog.registry.call_context import using
from vprog.types import Match, Span
from vprog_modules.retrieval.clip_search import ClipSearch
from vprog_modules.retrieval.event_search import EventSearch
from vprog_modules.retrieval.frame_index import RetrievalModule
from vprog_modules.retrieval.frame_search import FrameSearch

PARTS = ("grey", "red", "blue", "grey", "red", "grey")
"""Two seconds each."""


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Any:
    def paint(number: int, picture: np.ndarray) -> None:
        picture[:] = COLOURS[PARTS[number // 20]]

    path = painted(tmp_path_factory.mktemp("clips") / "clip.mp4", 120, paint, size=(64, 48))
    with Opened(path) as opened:
        yield opened


def search(kind: type[RetrievalModule], opened: Opened, query: str, **given: Any) -> list[Match]:
    module: Any = kind()
    module._encoder = Colours()
    with using(opened.context):
        matches: list[Match] = module(opened.video, query, **given)
    return matches


def test_search_frames_gives_times_of_the_nearest_frames(opened: Opened) -> None:
    matches = search(FrameSearch, opened, "red", count=4, diversity=0.0)
    assert sorted(match.start for match in matches) == [2.0, 3.0, 8.0, 9.0]
    assert all(match.start == match.end and match.text == "red" for match in matches)
    assert all(0.9 < match.score <= 1.0 and match.source == "frames" for match in matches)


def test_search_frames_with_diversity_gives_no_frame_twice_over(opened: Opened) -> None:
    matches = search(FrameSearch, opened, "red", count=3, diversity=0.6)
    assert {PARTS[int(match.start) // 2] for match in matches} == {"red", "grey", "blue"}
    assert PARTS[int(matches[0].start) // 2] == "red"


def test_search_frames_stays_in_the_span(opened: Opened) -> None:
    matches = search(FrameSearch, opened, "red", span=Span(4.0, 7.5))
    assert {match.start for match in matches} == {4.0, 5.0, 6.0, 7.0}


def test_search_clips_gives_clips_that_do_not_overlap(opened: Opened) -> None:
    matches = search(ClipSearch, opened, "red", seconds=2.0, count=6, fps=5.0)
    assert {(match.start, match.end) for match in matches[:2]} == {(2.0, 4.0), (8.0, 10.0)}
    spans = sorted((match.start, match.end) for match in matches)
    assert all(end <= start for (_, end), (start, _) in itertools.pairwise(spans))


def test_search_clips_longer_than_the_video_gives_all_of_it(opened: Opened) -> None:
    (match,) = search(ClipSearch, opened, "red", seconds=60.0)
    assert (match.start, match.end) == (0.0, 12.0)


def test_search_clips_of_a_moment_gives_the_moment(opened: Opened) -> None:
    (match,) = search(ClipSearch, opened, "red", span=Span(2.5, 2.5))
    assert (match.start, match.end) == (2.5, 2.5)


def test_ground_event_gives_from_when_to_when(opened: Opened) -> None:
    matches = search(EventSearch, opened, "red", smooth=0.5, fps=5.0)
    found = sorted((match.start, match.end) for match in matches)
    assert found == [pytest.approx((2.0, 4.0), abs=0.4), pytest.approx((8.0, 10.0), abs=0.4)]


def test_ground_event_at_the_end_ends_with_the_span(opened: Opened) -> None:
    (match,) = search(EventSearch, opened, "red", span=Span(6.0, 9.0), smooth=0.5, fps=5.0)
    assert match.end == 9.0


def test_ground_event_in_pictures_that_are_alike_is_nowhere(opened: Opened) -> None:
    assert search(EventSearch, opened, "red", span=Span(2.2, 3.8)) == []


@pytest.mark.parametrize("kind", [FrameSearch, ClipSearch, EventSearch])
def test_search_refuses_blanks_and_files_without_pictures(
    opened: Opened, kind: type[RetrievalModule], media_dir: Path
) -> None:
    with pytest.raises(ModuleInputError, match="must say what to see"):
        search(kind, opened, " ")
    with Opened(media_dir / "speech" / "goforward.wav") as sound, pytest.raises(NoVideoStreamError):
        search(kind, sound, "red")
