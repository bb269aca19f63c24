from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.strategies.seeing import COSTS, Seen
from vprog.errors import LlmReplyError
from vprog.strategies.frame_actions import SHORT_VIEW, FrameAction, broken_rule, read_action
from vprog.types import Video

LookBy = Callable[..., Seen]

VIEW = SHORT_VIEW[0]
VIDEO = Video(0, 20.0, 160, 120, 1.0, 20, False, False)
CHOOSE = FrameAction("choose", start=0, end=19)
ANSWER = FrameAction("answer")


def act(action: str) -> str:
    return f"<think>Look there.</think><action>{action}</action>"


def test_an_interval_is_looked_at_and_the_answer_comes_from_it(look_by: LookBy) -> None:
    seen = look_by(
        "frame_actions",
        act("get frame number at time 9.5"),
        act("choose frames between 6 and 16"),
        act("output answer: red"),
        "red",
    )
    assert seen.cost == COSTS["frame_actions"]
    assert (seen.result.answer, seen.result.path, seen.result.score) == ("red", "fast", 0.8)
    assert "frames 0 to 19 in 20.0 s" in seen.shown[0].text
    assert "At 9.5 s is frame 9." in seen.shown[1].text
    times = seen.times("ask")
    assert [len(shown) for shown in times] == [VIEW] * 4
    assert 6.0 <= min(times[-1]) < max(times[-1]) <= 16.0
    assert all(item.supported for item in seen.result.evidence)
    seen.assert_no_prefix_ran_twice()


def test_a_broken_rule_is_told_and_after_two_the_answer_is_forced(look_by: LookBy) -> None:
    short, missed = act("choose frames between 3 and 5"), act("choose frames between 40 and 90")
    seen = look_by("frame_actions", short, missed, "red")
    assert (seen.result.answer, len(seen.shown)) == ("red", 3)
    assert "Rule: an interval has more than 8 frames." in seen.shown[1].text
    assert "<action>" not in seen.shown[2].text


def test_after_five_actions_the_answer_is_forced(look_by: LookBy) -> None:
    actions = [act(f"choose frames between {number} and 18") for number in range(5)]
    seen = look_by("frame_actions", *actions, "red")
    assert (seen.result.answer, len(seen.shown)) == ("red", 6)


@pytest.mark.parametrize(
    ("trace", "rule"),
    [
        ([CHOOSE, FrameAction("number", time=3.0, frame=3), CHOOSE], "no interval is chosen twice"),
        ([FrameAction("number", time=3.0), FrameAction("number", time=3.0)], "no time is asked"),
        ([FrameAction("choose", start=2, end=9), ANSWER], "more than 8 frames"),
        (
            [FrameAction("number", frame=3), FrameAction("choose", start=8, end=19), ANSWER],
            "contains it: 3",
        ),
        ([FrameAction("answer", is_thought=False)], "one thought and one action"),
        ([CHOOSE], "ends with the answer"),
        ([], "ends with the answer"),
        ([CHOOSE, FrameAction("number", frame=3), FrameAction("choose", end=12), ANSWER], ""),
    ],
)
def test_each_rule_rejects_one_trace(trace: list[FrameAction], rule: str) -> None:
    broken = broken_rule(trace, VIEW)
    assert rule in broken
    assert bool(rule) is bool(broken)


def test_actions_are_read() -> None:
    chosen = read_action(act("Choose frames between 2 and 12."), VIDEO, [], VIEW)
    assert chosen == FrameAction("choose", start=2, end=12)
    number = read_action(act("get frame number at time 20"), VIDEO, [], VIEW)
    assert (number.time, number.frame) == (20.0, 19)


@pytest.mark.parametrize(
    "reply",
    [
        "red",
        act("delete all"),
        act("choose frames between 12 and 2"),
        act("choose frames between 2 and 99999999999999"),
        act("get frame number at time 21"),
        "<action>output answer</action>",
        act("output answer") + act("output answer"),
        "<think>" * 5000,
    ],
)
def test_actions_of_another_form_are_refused(reply: str) -> None:
    with pytest.raises(LlmReplyError):
        read_action(reply, VIDEO, [], VIEW)
