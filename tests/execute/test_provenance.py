"""Evidence: supported only by what modules reported in the run, and of the right video."""

from __future__ import annotations

from typing import Any

import pytest

from vprog.execute import provenance
from vprog.execute.provenance import Provenance, ReportedCall, freeze, videos_in
from vprog.execute.told import told_by
from vprog.registry.origin import NOWHERE, Origin
from vprog.types import (
    Box,
    Colour,
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

LOOKS = Origin(looks=True)
FIRST = Video(0, 10.0, 64, 48, 10.0, 100, True, False)
SECOND = Video(1, 4.0, 64, 48, 10.0, 40, True, False)
FRAME = Frame(0, 2.0)
BOX = Box(1.0, 2.0, 3.0, 4.0)
DOG = Detection("dog", BOX, 0.5, FRAME)
SHOT = Shot(1.0, 2.5, "cut", 0.9)
SPEECH = Speech("hello there", 3.0, 4.0, 0.6, "subtitles", [Word("hello", 3.0, 3.5, 0.75)])


def call(
    task: str, result: object, *, origin: Origin = LOOKS, about: int = 0, **arguments: Any
) -> ReportedCall:
    return ReportedCall(task, origin, arguments, result, about)


def known_of(*calls: ReportedCall) -> Provenance:
    known = Provenance()
    for reported in calls:
        known.record(reported)
    return known


@pytest.fixture
def known() -> Provenance:
    shots = [SHOT, Shot(2.5, 6.0, "cut", 0.9)]
    return known_of(
        call("detect", [DOG], frame=FRAME, label="dog"),
        call("find_shots", shots, video=FIRST, span=Span(1.0, 6.0)),
        call("transcribe", [SPEECH], video=FIRST, span=Span(2.0, 5.0)),
        call("find_speech", [Event("speech", 2.0, 3.25, 0.9)], video=FIRST, span=Span(1.5, 3.5)),
        call("find_black", [Event("black", 0.5, 1.25, 0.4)], about=1, video=SECOND, span=None),
    )


@pytest.mark.parametrize(
    ("item", "supported"),
    [
        (DOG, True),
        (DOG.box, True),
        (FRAME, True),
        (SHOT, True),
        (SPEECH, True),
        (SPEECH.words[0], True),
        (Span(1.0, 2.5), True),  # what a shot says
        (Span(1.0, 6.0), True),  # two shots that touch
        (Span(3.0, 3.5), True),  # from one word to another of one speech
        (Span(2.0, 3.0), True),  # a gap before the speech
        (Span(2.0, 5.0), True),  # what a call looked at
        (Span(0.0, 4.0), True),  # the whole of the second video
        (Span(2.5, 3.25), True),  # what a shot and an event share
        (Span(0.0, 10.0), False),  # the whole of the first, of which nothing saw all
        (Span(2.5, 3.5), False),  # any two times that were reported
        (Span(2.5, 4.0), False),
        (Span(1.0, 6.1), False),
        (Span(0.5, 6.0), False),  # ends of two videos
        (Frame(0, 2.5), True),  # at a reported time
        (Frame(0, 2.0, BOX), True),
        (Frame(0, 2.5, BOX), False),  # the box of another frame
        (Frame(0, 2.0, Box(0.0, 0.0, 9.0, 9.0)), False),
        (Frame(0, 2.1), False),
        (Frame(1, 2.0), False),
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


def test_frame_that_a_module_looked_at_is_supported_and_one_that_is_only_named_is_not() -> None:
    named = call("frame_at", Frame(0, 7.0), origin=Origin(False, ("time",)), video=FIRST, time=7.0)
    assert not known_of(named).supports(Frame(0, 7.0))
    region = Frame(1, 3.5, Box(0, 0, 9, 9))
    seen = known_of(named, call("compare", 0.5, frame=Frame(0, 7.0), others=[region]))
    assert seen.supports(Frame(0, 7.0))
    assert seen.supports(region)
    assert not seen.supports(region.region)


def test_frame_at_a_reported_time_is_supported_as_the_file_has_it() -> None:
    named = call("frame_at", Frame(0, 1.96), origin=Origin(False, ("time",)), video=FIRST, time=2.0)
    assert known_of(call("measure", [Level(2.0, 0.5)], video=FIRST), named).supports(Frame(0, 1.96))


PASSING = Origin(looks=False, passes_on=("items",))


@pytest.mark.parametrize(
    ("items", "supported"),
    [
        ([DOG], True),
        ([DOG, DOG], True),
        ([DOG._replace(score=1.0)], False),
        ([DOG, DOG._replace(frame=Frame(0, 3.0))], False),
        ([], False),
    ],
)
def test_what_is_passed_on_is_supported_only_if_all_of_it_was(
    items: list[object], supported: bool
) -> None:
    track = Track(1, "dog", Span(2.0, 2.0), [DOG], 0.5)
    known = known_of(
        call("detect", [DOG], frame=FRAME, label="dog"),
        call("link", [track], origin=PASSING, items=items),
    )
    assert known.supports(track) is supported
    again = call("again", [track._replace(id=2)], origin=PASSING, items=[track])
    known.record(again)
    assert known.supports(track._replace(id=2)) is supported


def test_a_track_is_cited_for_the_moments_that_are_cited_beside_it() -> None:
    places = [DOG._replace(frame=Frame(0, time), box=BOX._replace(x0=time)) for time in range(9)]
    dog, cat = (Track(number, "dog", Span(0.0, 8.0), places, 0.5) for number in (1, 2))
    known = known_of(call("track", [dog, cat], video=FIRST), call("frame_at", Frame(0, 5.0)))

    def spans(*items: object) -> list[tuple[float | None, float | None, bool]]:
        return [(item.start, item.end, item.supported) for item in known.evidence(items)]

    assert spans(dog, cat) == [(0.0, 8.0, True)] * 2  # of all that is known of them
    assert spans(Frame(0, 5.0), dog, cat) == [(5.0, 5.0, True)] * 3
    assert spans(dog, Frame(0, 3.0), Frame(0, 5.0))[0] == (3.0, 5.0, True)
    assert spans(dog, Frame(1, 5.0), Frame(0, 9.0))[0] == (0.0, 8.0, True)  # not in its life
    (_, evidence) = known.evidence([Frame(0, 5.0), dog])
    assert evidence.box == BOX._replace(x0=5.0)


def test_looking_module_does_not_make_true_what_it_was_given() -> None:
    forged = TextSpan("EXIT 9", 1.0, 2.0, BOX, 1.0)
    both = Origin(looks=True, passes_on=("items",))
    refined = known_of(call("refine", [forged], origin=both, video=FIRST, items=[forged]))
    assert not refined.supports(forged)
    echoed = known_of(call("echo", [forged, SHOT], video=FIRST, items=[forged]))
    assert [echoed.supports(item) for item in (forged, SHOT, forged.box)] == [False, True, False]


def test_task_that_only_names_things_supports_nothing() -> None:
    frames = [Frame(0, 1.0), Frame(0, 2.0)]
    known = known_of(call("sample_frames", frames, origin=NOWHERE, video=FIRST, fps=1.0))
    assert not any(known.supports(item) for item in (*frames, Span(1.0, 2.0), Span(0.0, 10.0)))


@pytest.mark.parametrize(
    ("span", "supported"),
    [
        (Span(2.0, 3.0), True),  # above 0.5
        (Span(2.0, 4.0), True),  # ... up to where it is over
        (Span(0.0, 1.0), True),  # below
        (Span(4.0, 5.0), True),
        (Span(0.0, 5.0), True),  # all that was measured
        (Span(1.0, 2.0), False),
        (Span(2.0, 5.0), False),
        (Span(0.5, 3.0), False),
    ],
)
def test_run_of_a_measurement_stands_out_from_what_is_around_it(
    span: Span, supported: bool
) -> None:
    values = [0.1, 0.2, 0.8, 0.9, 0.2, 0.1]
    levels = [Level(float(at), value) for at, value in enumerate(values)]
    known = known_of(call("measure", levels, video=FIRST, span=Span(0.0, 6.0)))
    assert known.supports(span) is supported


def test_run_of_frames_is_one_of_which_the_same_is_said() -> None:
    calls = [
        call("detect", [DOG] if 2 <= time <= 4 else [], frame=Frame(0, float(time)), label="dog")
        for time in range(7)
    ]
    known = known_of(*calls, call("detect", [DOG], frame=Frame(0, 9.9), label="dog"))
    spans = [(2, 4), (3, 5), (2, 6), (0, 1), (1, 4), (4, 9.9)]
    supported = [known.supports(Span(float(start), float(end))) for start, end in spans]
    assert supported == [True, True, False, False, False, False]


def test_frames_that_one_call_saw_are_a_span_and_two_are_not() -> None:
    three = [Frame(0, time) for time in (1.0, 2.0, 3.0)]
    seen = known_of(call("ask", Reply("x", 0.5), frames=three, question="?"))
    assert seen.supports(Span(1.0, 3.0))
    assert seen.supports(Span(1.2, 2.5))  # what a model says of a span that it saw
    assert not seen.supports(Span(0.5, 2.0))
    far = [Frame(0, time) for time in (0.0, 60.0, 120.0)]
    assert not known_of(call("ask", Reply("x", 0.5), frames=far)).supports(Span(70.0, 90.0))
    found = known_of(call("look", [DOG], frames=three))
    assert not found.supports(Span(1.2, 2.5))
    two = known_of(call("ask", Reply("x", 0.5), frames=three[::2], question="?"))
    assert not two.supports(Span(1.0, 3.0))


def test_part_of_a_track_is_supported_between_its_detections() -> None:
    seen = [DOG._replace(frame=Frame(0, time)) for time in (2.0, 2.5, 3.0)]
    known = known_of(call("track", [Track(1, "dog", Span(2.0, 3.0), seen, 0.5)], video=FIRST))
    assert known.supports(Span(2.5, 3.0))
    assert not known.supports(Span(2.2, 3.0))


def test_gap_lies_within_what_one_call_looked_at() -> None:
    looks = [
        call("find_black", [], video=FIRST, span=Span(start, start + 1.0)) for start in (0.0, 8.0)
    ]
    assert not known_of(*looks).supports(Span(0.0, 9.0))
    assert known_of(*looks).supports(Span(8.0, 9.0))


def test_video_of_a_call_is_named_or_that_of_the_values_given(known: Provenance) -> None:
    assert known.video_of([SECOND, "x"]) == 1
    assert known.video_of([Frame(1, 0.0)]) == 1
    assert known.video_of([[Event("black", 0.5, 1.25, 0.4)], "query"]) == 1
    assert known.video_of([[], 3]) == 0


def test_score_is_the_lowest_that_evidence_has() -> None:
    known = known_of(call("detect", [DOG], frame=FRAME, label="dog"))
    assert known.score_of("x", [DOG, SHOT]) == 0.5
    assert known.score_of("x", [Frame(0, 3.0)]) is None
    assert known.score_of("x", []) is None


def test_score_of_a_frame_is_the_best_that_was_reported_there(known: Provenance) -> None:
    assert known.score_of("dog", [FRAME]) == 0.5
    assert known.score_of("dog", [FRAME._replace(region=BOX)]) == 0.5
    assert known.score_of("dog", [Span(1.0, 2.5), FRAME]) == 0.5
    assert known.score_of("dog", [SHOT, FRAME]) == 0.9  # a score that is named comes first
    assert known.score_of("none", [FRAME], is_denial=True) is None
    assert known.score_of("dog", [Span(1.0, 2.5)]) == 0.9


@pytest.mark.parametrize(
    ("span", "score"),
    [
        (Span(1.0, 4.0), 0.6),  # the frames at 1, 2 and 3 s; at 4 s it is over
        (Span(1.0, 3.0), 0.6),
        (Span(2.0, 3.0), 0.6),
        (Span(3.0, 4.0), 0.9),
        (Span(1.0, 3.5), None),  # nothing looked there
    ],
)
def test_score_of_a_run_of_frames_is_that_of_its_least_sure_one(
    span: Span, score: float | None
) -> None:
    seen = {1.0: 0.8, 2.0: 0.6, 3.0: 0.9, 4.0: 0.2}
    known = known_of(
        *[
            call("name_colours", [Colour("red", 1.0, 9, 0, 0, sure, Frame(0, time))],
                 frame=Frame(0, time))
            for time, sure in seen.items()
        ]
    )  # fmt: skip
    assert known.score_of((span.start, span.end), [span]) == score


def test_score_of_a_gap_is_that_of_the_less_sure_of_what_it_lies_between() -> None:
    spoken = [Event("speech", 0.5, 2.0, 0.7), Event("speech", 3.0, 4.0, 0.9)]
    known = known_of(call("find_speech", spoken, video=FIRST))
    assert known.score_of(1.0, [Span(2.0, 3.0)]) == 0.7
    assert known.score_of(1.0, [Span(4.0, 6.0)]) == 0.9
    assert known.score_of(1.0, [Span(2.5, 2.75)]) is None


@pytest.mark.parametrize(
    ("value", "score"),
    [("Yes.", 0.3), ("no", None), (True, 0.3), (False, None), (7, 0.8), (7.0, 0.8), (8, None)],
)
def test_score_of_an_answer_is_that_of_what_a_module_told_that_says_it(
    value: object, score: float | None
) -> None:
    told = [*told_by(Reply("yes", 0.3)), *told_by(Reply("about 7.", 0.8))]
    assert Provenance().score_of(value, [FRAME], told=told) == score


SURE = Word("four", 0.0, 0.5, 0.9)
UNSURE = Word("clubs", 0.5, 1.0, 0.4)
LINE = Speech("four clubs", 0.0, 1.0, 0.65, "whisper", [SURE, UNSURE])


@pytest.mark.parametrize(
    ("value", "evidence", "score"),
    [
        ("four clubs", [LINE], 0.4),
        ("Four clubs, and five", [LINE], 0.4),
        ("four clubs", [], 0.4),
        ("four", [SURE], 0.9),
        ("no", [LINE], 0.65),  # it is not quoted
        (0.0, [LINE], 0.65),  # when it is said
    ],
)
def test_a_quote_is_as_sure_as_its_least_sure_word(
    value: object, evidence: list[object], score: float
) -> None:
    known = known_of(call("transcribe", [LINE], video=FIRST, span=None))
    assert known.score_of(value, evidence, told=told_by([LINE])) == score


def test_score_of_a_frame_is_also_that_of_the_reply_which_rests_on_it() -> None:
    known = known_of(call("ask", Reply("at the door", 0.97, None, [FRAME]), frames=[FRAME]))
    assert known.score_of(2.0, [FRAME]) == 0.97


def test_things_found_beside_a_reply_that_says_the_answer_do_not_lower_it() -> None:
    whole = Reply("3", 0.95, None, [FRAME])
    part = Reply("3", 0.97, None, [FRAME._replace(region=BOX)])
    known = Provenance()
    assert known.score_of(3, [whole, DOG]) == 0.95
    assert known.score_of(3, [part, DOG]) == 0.5  # what it looked at is unsure
    assert known.score_of(3, [part, DOG, whole]) == 0.95
    assert known.score_of(3, [DOG, whole._replace(text="4")]) == 0.5
    assert known.score_of(3, [whole, SHOT]) == 0.9


def test_detection_in_a_found_box_is_a_place_and_its_words_and_score_stand_for_nothing(
    known: Provenance,
) -> None:
    thief = Detection("thief", BOX, 1.0, FRAME)
    (cited,) = known.evidence([thief])
    assert (cited.supported, cited.box, cited.text) == (True, BOX, None)
    assert known.score_of("thief", [thief]) == 0.5
    elsewhere = thief._replace(box=Box(1.0, 2.0, 3.0, 5.0))
    assert [item.supported for item in known.evidence([elsewhere])] == [False]
    assert not known.supports(thief)  # and what it is passed to does not vouch for it


def test_span_that_the_question_names_is_supported() -> None:
    known = Provenance()
    known.name_span(0, 3.0, 5.0)
    assert known.supports(Span(3.0, 5.0))
    assert not known.supports(Span(3.0, 4.0))


def test_reply_stands_for_the_frames_that_it_names() -> None:
    frames = [Frame(0, time) for time in (1.0, 2.0, 3.0)]
    reply = Reply("a cat", 0.8, None, frames[1:])
    known = known_of(call("ask", reply, frames=frames, question="?"))
    cited = known.evidence([reply])
    assert [(item.start, item.text, item.supported) for item in cited] == [
        (2.0, "a cat", True), (3.0, "a cat", True),
    ]  # fmt: skip
    forged = reply._replace(frames=[Frame(0, 9.0)])
    assert [item.supported for item in known.evidence([forged])] == [False]


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
    known = Provenance()
    with monkeypatch.context() as patch:
        patch.setattr(provenance, "freeze", lambda value: pytest.fail("was indexed"))
        known.record(call("detect", [DOG], frame=FRAME))
        assert known.video_of([FRAME]) == 0  # named, so no query

    assert known.supports(DOG)
    known.record(call("find_shots", [SHOT], video=FIRST))
    assert known.supports(Span(1.0, 2.5))


def test_recorded_values_are_bounded_in_the_order_they_came(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(provenance, "_MOST_VALUES", 3)
    spans = [Span(start, start + 0.1) for start in (0.1, 0.3, 0.5, 0.7)]
    known = known_of(call("find", spans[:2], video=FIRST), call("find", spans[2:], video=FIRST))

    # Of one result the last come first, as ever: the bound cuts its first.
    assert [known.supports(span) for span in spans] == [True, True, False, True]
