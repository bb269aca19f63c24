"""Evidence: supported only by what modules gave in the run, and of the right video."""

from __future__ import annotations

import pytest

from vprog.execute import provenance
from vprog.execute.provenance import Provenance, freeze, score_of, videos_in
from vprog.types import (
    Box,
    Detection,
    Event,
    Frame,
    Level,
    Match,
    Reply,
    Shot,
    Span,
    Speech,
    TextSpan,
    Track,
    Video,
    Word,
)

FIRST = Video(0, 10.0, 64, 48, 10.0, 100, True, False)
SECOND = Video(1, 4.0, 64, 48, 10.0, 40, True, False)
FRAME = Frame(0, 2.0)
DOG = Detection("dog", Box(1.0, 2.0, 3.0, 4.0), 0.5, FRAME)
SHOT = Shot(1.0, 2.5, "cut", 0.9)
SPEECH = Speech("hello there", 3.0, 4.0, 0.6, "subtitles", [Word("hello", 3.0, 3.5, 0.75)])


@pytest.fixture
def known() -> Provenance:
    made = Provenance([FIRST, SECOND])
    made.record([DOG], 0)
    made.record([SHOT, Shot(2.5, 6.0, "cut", 0.9)], 0)
    made.record([SPEECH], 0)
    made.record([Event("black", 0.5, 1.25, 0.4)], 1)
    return made


@pytest.mark.parametrize(
    ("item", "supported"),
    [
        (DOG, True),
        (DOG.box, True),
        (FRAME, True),
        (SHOT, True),
        (SPEECH, True),
        (SPEECH.words[0], True),
        (Span(1.0, 6.0), True),  # the union of two shots
        (Span(0.0, 10.0), True),  # the whole video
        (Span(2.5, 3.0), True),  # between a shot and a word
        (Span(1.0, 6.1), False),
        (Span(0.5, 6.0), False),  # ends of two videos
        (Frame(0, 2.0, DOG.box), True),
        (Frame(0, 2.0, Box(0.0, 0.0, 9.0, 9.0)), False),
        (Frame(0, 2.1), False),
        (DOG._replace(label="cat"), False),
        (DOG._replace(score=0.51), False),
        (SHOT._replace(score=1.0), False),
        (Match("hello there", 3.0, 4.0, 0.6, "speech"), False),
    ],
)
def test_evidence_is_supported_only_by_what_modules_gave(
    known: Provenance, item: object, supported: bool
) -> None:
    assert known.supports(item) is supported
    (evidence,) = known.evidence([item])
    assert evidence.supported is supported


def test_evidence_names_time_box_and_text(known: Provenance) -> None:
    dog, shot = known.evidence([DOG, SHOT])
    assert dog == (0, 2.0, 2.0, DOG.box, "dog", True)
    assert shot == (0, 1.0, 2.5, None, "cut", True)


@pytest.mark.parametrize(
    ("item", "video"),
    [
        (Event("black", 0.5, 1.25, 0.4), 1),
        (Span(0.5, 1.25), 1),
        (Span(1.0, 2.5), 0),
        (Frame(1, 0.5), 1),
        (Span(8.5, 9.0), 0),
    ],
)
def test_evidence_lies_in_the_video_that_it_came_from(
    known: Provenance, item: object, video: int
) -> None:
    assert known.evidence([item])[0].video == video


def test_evidence_of_a_frame_that_a_module_looked_at_is_supported() -> None:
    known = Provenance([FIRST])
    assert not known.supports(Frame(0, 7.0))
    known.looked_at([Frame(0, 7.0), "label", [Frame(1, 8.0, Box(0, 0, 9, 9))]])
    assert known.supports(Frame(1, 8.0, Box(0, 0, 9, 9)))
    assert known.supports(Frame(0, 7.0))


def test_video_of_a_call_is_named_or_that_of_the_values_given(known: Provenance) -> None:
    assert known.video_of([SECOND, "x"]) == 1
    assert known.video_of([Frame(1, 0.0)]) == 1
    assert known.video_of([[Event("black", 0.5, 1.25, 0.4)], "query"]) == 1
    assert known.video_of([[], 3]) == 0


def test_score_is_the_lowest_that_evidence_has() -> None:
    assert score_of([DOG, SHOT]) == 0.5
    assert score_of([FRAME]) is None
    assert score_of([]) is None


def test_freeze_tells_types_apart_and_forgives_rounding_of_boxes() -> None:
    assert freeze(Span(1.0, 2.0)) != freeze((1.0, 2.0))
    assert freeze(Box(1.0, 2.0, 3.0, 4.0)) == freeze(Box(1.0, 2.0, 3.0, 4.0000001))
    assert isinstance(hash(freeze([SPEECH])), int)


def test_videos_in_finds_them_at_any_depth() -> None:
    track = Track(1, "dog", Span(0.0, 1.0), [DOG._replace(frame=Frame(1, 0.5))], 0.5)
    text = TextSpan("x", 0.0, 1.0, Box(0.0, 0.0, 1.0, 1.0), 0.5)
    assert videos_in({"a": [track], "b": FIRST, "c": text}) == {0, 1}
    assert videos_in([Level(0.0, 1.0), Reply("x", 0.5)]) == set()


def test_recorded_results_are_indexed_at_the_first_query(monkeypatch: pytest.MonkeyPatch) -> None:
    known = Provenance([FIRST])
    with monkeypatch.context() as patch:
        patch.setattr(provenance, "freeze", lambda value: pytest.fail("was indexed"))
        known.looked_at([FRAME])
        known.record([DOG], 0)
        assert known.video_of([FRAME]) == 0  # named, so no query

    assert known.supports(DOG)
    assert not known.supports(Span(2.0, 10.0))  # the time of a given frame is no report
    known.record([SHOT], 0)
    assert known.supports(Span(1.0, 2.5))


def test_recorded_values_are_bounded_in_the_order_they_came(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(provenance, "_MOST_VALUES", 3)
    known = Provenance([FIRST])
    known.record([Span(0.1, 0.2), Span(0.3, 0.4)])
    known.record([Span(0.5, 0.6), Span(0.7, 0.8)])

    supported = [known.supports(Span(start, start + 0.1)) for start in (0.1, 0.3, 0.5, 0.7)]

    # Of one result the last come first, as ever: the bound cuts its first.
    assert supported == [True, True, False, True]
