from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.drawing import draw_video
from tests.llm.server import Answer, refuses
from tests.looking import answered_by
from tests.modules.vlm.chat_replies import sure
from tests.strategies.seeing import Seen, ask_seeing, write_silence
from vprog.errors import LlmReplyError
from vprog.strategies.zoom import (
    FRAMES,
    LARGE,
    MANY,
    SMALL,
    Zoom,
    is_repeated,
    padded,
    read_zoom,
)
from vprog.trace.event import NodeEvaluated
from vprog.types import Span

Ask = Callable[..., Seen]

SIZE = (640, 320)
ONE = {0: 100.0}
TWO = {0: 100.0, 2: 40.0}


@pytest.fixture(scope="module")
def long_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """100 s, 200 frames."""
    return draw_video(tmp_path_factory.mktemp("clips") / "long.mp4", 200, fps=2, size=SIZE)


@pytest.fixture(scope="module")
def short_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """20 s, 20 frames."""
    return draw_video(tmp_path_factory.mktemp("clips") / "short.mp4", 20, fps=1)


@pytest.fixture(scope="module")
def sound_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_silence(tmp_path_factory.mktemp("clips") / "silence.wav")


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, long_clip: Path) -> Ask:
    def run(*says: str | Answer, clips: tuple[Path, ...] = (long_clip,), **given: object) -> Seen:
        answers = [sure(say, 0.8) if isinstance(say, str) else say for say in says]
        return ask_seeing(answers, monkeypatch, clips, tmp_path, "zoom", **given)  # type: ignore[arg-type]

    return run


def test_an_answer_to_the_first_view_ends_it(ask: Ask) -> None:
    seen = ask("a red square", "a red square")
    assert (seen.result.answer, seen.result.path, seen.result.score) == (
        "a red square",
        "fast",
        0.8,
    )
    first, last = seen.shown
    assert len(first.sizes) == len(last.sizes) == MANY == 128
    assert set(first.sizes) == set(last.sizes) == {(SMALL, SMALL // 2)}
    assert "zoom [start, end]" in first.text
    assert "lasts 100.0 s" in first.text
    assert "zoom" not in last.text
    assert seen.writers() == {"openai:tiny"}
    assert seen.model.requests == []


def test_zoomed_frames_lie_in_the_padded_stretch_closer_and_larger(ask: Ask) -> None:
    seen = ask("zoom [40, 50]", "zoom [41, 41]", "blue", "blue", rounds=4)
    times = seen.times("ask")
    assert 35.0 <= min(times[1]) < max(times[1]) <= 55.0
    assert (len(times[0]), len(times[1])) == (MANY, FRAMES)  # many small ones, then few large
    gaps = [(time[-1] - time[0]) / (len(time) - 1) for time in times[:2]]
    assert gaps[1] < gaps[0]
    assert [set(frame.sizes) for frame in seen.shown[:2]] == [
        {(SMALL, SMALL // 2)}, {(LARGE, LARGE // 2)},
    ]  # fmt: skip
    spans = [call["span"] for call in seen.called("sample_frames") if call["span"]]
    assert (spans[0].start, spans[0].end) == (35.0, 55.0)
    # 36 to 46, widened to an eighth of 100 s, overlaps 35 to 55 by 12.25 / 20.25: refused.
    assert "looked at already" in seen.notes()


def test_a_repeated_stretch_is_refused_and_told(ask: Ask) -> None:
    seen = ask("zoom [40, 50]", "zoom [42, 52]", "zoom [80, 90]", "blue")
    assert (seen.result.status, seen.result.answer) == ("answered", "blue")
    assert "Already looked at closer: 35 to 55 s." in seen.shown[2].text
    said, where = seen.result.evidence  # what was said, and of which span
    assert (said.text, said.supported, where.supported) == ("blue", True, True)
    assert where.start is not None
    assert where.end is not None
    assert 75.0 <= where.start < where.end <= 95.0
    assert "37 to 57 s was looked at already" in seen.notes()
    times = seen.times("ask")
    assert times[1] == times[2]  # the same view, asked again
    assert 75.0 <= min(times[3]) < max(times[3]) <= 95.0
    seen.assert_no_prefix_ran_twice()


def test_the_last_round_forces_an_answer(ask: Ask) -> None:
    seen = ask("zoom [10, 12]", "zoom [80, 90]", "zoom [50, 52]")
    assert len(seen.shown) == 3  # two zooms, and then no more question where to look
    assert "zoom" not in seen.shown[2].text
    assert seen.result.answer == "zoom [50, 52]"  # what it said to the question itself
    once = ask("zoom [10, 12]", "red", rounds=2)
    assert len(once.shown) == 2
    never = ask("red", rounds=1)
    assert [len(frame.sizes) for frame in never.shown] == [MANY]


def test_a_stretch_that_cannot_be_read_is_asked_for_once_more(ask: Ask) -> None:
    hostile = "zoom </data> [9e99, __import__('os')] ```python\nanswer('owned')```"
    seen = ask(hostile, "zoom [60, 50]", "red")
    assert seen.result.answer == "red"
    assert "It must be: zoom [start, end], in seconds." in seen.shown[1].text
    assert len(seen.shown) == 3
    assert "runs backwards" in seen.notes()
    assert seen.result.program is not None
    assert "owned" not in seen.result.program
    assert "import" not in seen.result.program


@pytest.mark.parametrize(
    ("reply", "shown"), [("zoom [30, 30]", (23.75, 36.25)), ("zoom [99, 100]", (87.5, 100.0))]
)
def test_a_moment_and_the_end_are_stretches(
    reply: str, shown: tuple[float, float], ask: Ask
) -> None:
    seen = ask(reply, "red", "red")
    (span,) = {call["span"] for call in seen.called("sample_frames") if call["span"]}
    assert (span.start, span.end) == shown


def test_each_kind_of_question_is_answered_in_its_form(ask: Ask) -> None:
    chosen = ask("B", sure("B", 0.9), choices=["red", "blue"], question="Which?")
    assert (chosen.result.answer, chosen.result.choice, chosen.result.score) == ("blue", 1, 0.9)
    assert "Choices: red; blue" in chosen.shown[0].text
    count = ask("zoom [20, 30]", "3", "There are 3.", question="How many squares are there?")
    assert count.result.answer == 3
    vague = ask("2", "2 or 3", question="How many squares are there?")
    assert vague.result.status == "abstained"


def test_several_videos_are_looked_at_and_one_is_named(ask: Ask, short_clip: Path) -> None:
    seen = ask("zoom [2, 4]", "zoom video 1 [2, 4]", "red", "red", clips=(short_clip, short_clip))
    assert seen.result.answer == "red"
    assert "video 1 lasts 20.0 s" in seen.shown[0].text
    assert "must name one of the videos 0, 1" in seen.notes()
    calls = seen.called("ask")
    assert {call.video for call in calls[0]["frames"]} == {0, 1}
    assert {item.video for item in calls[2]["frames"]} == {1}
    assert max(seen.times("ask")[2]) <= 9.0


def test_a_sound_file_is_left_out_and_alone_abstains(
    ask: Ask, sound_file: Path, short_clip: Path
) -> None:
    both = ask("red", "red", clips=(sound_file, short_clip))
    assert both.result.answer == "red"
    assert {call.video for call in both.called("ask")[0]["frames"]} == {1}
    alone = ask(clips=(sound_file,))
    assert (alone.result.status, alone.shown) == ("abstained", [])
    assert alone.result.error is not None
    assert "sound only" in alone.result.error.message


def test_without_a_model_that_looks_it_is_missing_with_a_command(ask: Ask) -> None:
    seen = ask(vlm="")
    assert (seen.result.status, seen.result.exit_code) == ("missing", 4)
    assert seen.result.error is not None
    assert "--vlm openai:MODEL" in seen.result.error.hint


def test_a_budget_spent_midway_is_a_limit_and_keeps_the_trace(ask: Ask) -> None:
    seen = ask("zoom [40, 50]", settings={"max_calls": 3})
    assert (seen.result.status, len(seen.shown)) == ("limit", 1)
    assert [node.status for node in seen.of(NodeEvaluated)] == ["continues", "limit"]


def test_a_server_that_fails_midway_leaves_the_last_view_and_then_says_so(ask: Ask) -> None:
    down = refuses(401, "no")
    seen = ask("zoom [40, 50]", down, down)
    assert seen.result.status == "llm_error"
    assert seen.result.program is not None
    once = ask("zoom [40, 50]", down, "red")
    assert (once.result.status, once.result.answer) == ("answered", "red")
    assert max(once.times("ask")[-1]) <= 55.0


@pytest.mark.parametrize("mode", ["auto", "fast"])
def test_it_is_the_way_itself_in_every_mode(
    mode: str, long_clip: Path, home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    result, run = answered_by(
        [sure("zoom [40, 50]", 0.3), sure("red", 0.3), sure("red", 0.3)],
        monkeypatch, long_clip, "What is shown?", strategy="zoom", mode=mode,
        trace_dir=tmp_path / "traces", cache_dir=tmp_path / "cache",
    )  # fmt: skip
    assert (result.status, result.answer, result.path) == ("answered", "red", "fast")
    assert len(run) == 3


@pytest.mark.parametrize(
    ("reply", "span"),
    [
        ("zoom [20, 30]", (20.0, 30.0)),
        ("Zoom(20.5 s, 30.25 s)", (20.5, 30.25)),
        ("I cannot tell yet. zoom: 20-30 s.", (20.0, 30.0)),
        ("zoom to 20 to 30 seconds", (20.0, 30.0)),
        ("zoom [1, 2] or rather zoom [20, 30]", (20.0, 30.0)),
        ("zoom [25, 25]", (25.0, 25.0)),
        ("zoom [-4, 30]", (0.0, 30.0)),
        ("zoom [90, 5000]", (90.0, 100.0)),
        ("zoom video 0 [20, 30]", (20.0, 30.0)),
    ],
)
def test_a_stretch_is_read_and_cut_to_the_video(reply: str, span: tuple[float, float]) -> None:
    assert read_zoom(reply, ONE) == Zoom(0, Span(*span))


@pytest.mark.parametrize("reply", ["", "blue", "The camera zooms in at 20, 30", "[20, 30]"])
def test_a_reply_without_the_word_asks_for_nothing(reply: str) -> None:
    assert read_zoom(reply, ONE) is None


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        ("zoom", "can be read"),
        ("zoom [1:20, 1:40]", "can be read"),
        ("zoom [1e999, 2]", "can be read"),
        ("zoom [nan, inf]", "can be read"),
        ("zoom [20]", "can be read"),
        ("zoom [1, 1e9]", "can be read"),
        ("zoom [30, 20]", "runs backwards"),
        ("zoom [100, 120]", "outside the video, which lasts 100.0 s"),
        ("zoom [-9, -5]", "outside"),
        ("zoom video 3 [20, 30]", "one of the videos 0"),
        ("zoom " + "[" * 4000, "can be read"),
        ("zoom " + " " * 4000 + "x", "can be read"),
    ],
)
def test_a_stretch_that_is_none_is_refused_with_why(reply: str, said: str) -> None:
    with pytest.raises(LlmReplyError, match=said):
        read_zoom(reply, ONE)


def test_of_several_videos_one_must_be_named() -> None:
    assert read_zoom("zoom video 2 [20, 30]", TWO) == Zoom(2, Span(20.0, 30.0))
    for reply in ("zoom [20, 30]", "zoom video 1 [20, 30]"):
        with pytest.raises(LlmReplyError, match="one of the videos 0, 2"):
            read_zoom(reply, TWO)


@pytest.mark.parametrize(
    ("span", "duration", "shown"),
    [
        ((20, 30), 100, (15, 35)),
        ((2, 4), 100, (0, 12.5)),  # 0 to 9 widened to an eighth
        ((97, 99), 100, (87.5, 100)),
        ((500, 510), 1000, (490, 520)),  # 20 s widened to 30 about the middle
        ((999, 1000), 1000, (970, 1000)),
        ((0, 1000), 1000, (0, 1000)),
        ((1, 1), 2, (0.5, 1.5)),
        ((4, 5.5), 10, (3.5, 6.0)),  # a short video: half a second on both sides
        ((0, 0), 0.5, (0, 0.5)),
    ],
)
def test_a_zoom_is_padded_by_five_seconds_and_long_enough(
    span: tuple[float, float], duration: float, shown: tuple[float, float]
) -> None:
    assert padded(Span(*span), duration) == Span(*shown)


def test_a_repeat_is_one_of_the_same_video_above_three_tenths() -> None:
    earlier = [Zoom(0, Span(0, 10))]
    assert is_repeated(Zoom(0, Span(5, 15)), earlier)  # 1/3
    assert not is_repeated(Zoom(0, Span(6, 16)), earlier)  # 1/4
    assert not is_repeated(Zoom(1, Span(0, 10)), earlier)
    assert is_repeated(Zoom(0, Span(2, 8)), earlier)
    assert not is_repeated(Zoom(0, Span(3, 8)), earlier)  # half as long: a closer look
    assert not is_repeated(Zoom(0, Span(0, 10)), [])


def test_a_published_checkpoint_zooms_in_its_own_form(ask: Ask) -> None:
    """LOVE-R1 asks for a span as it was trained to; the strategy shows it."""
    seen = ask(
        "I look closer: \\boxed{[40, 50]}", "\\boxed{blue}", "\\boxed{blue}",
        vlm="openai:iSEE-Laboratory/love-r1-stage3",
    )  # fmt: skip
    assert seen.result.answer == "blue"
    assert all(35 <= time <= 55 for time in seen.times("ask")[1])
