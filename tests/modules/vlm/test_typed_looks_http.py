"""Typed looks with a real server on the loopback: what is sent, and what becomes of replies."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.drawing import draw_video
from tests.llm.server import says
from tests.modules.scenes import Opened
from tests.modules.vlm.chat_replies import sure
from tests.modules.vlm.test_vlm_server import look, parts_of
from vprog.errors import ModuleFailedError
from vprog.types import Box, Frame, Match, Reply
from vprog_modules.vlm.look_openai import (
    AskCountOpenAI,
    AskListOpenAI,
    AskNumberOpenAI,
    AskTimeOpenAI,
    AskWhereOpenAI,
    FirstTimeOpenAI,
)
from vprog_modules.vlm.vlm_scores import SAID_SHARE

FRAMES = [Frame(0, 0.0), Frame(0, 0.7), Frame(0, 1.5)]


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    with Opened(draw_video(tmp_path_factory.mktemp("clips") / "clip.mp4", 20)) as opened:
        yield opened


def n_pictures(body: dict[str, Any]) -> int:
    content = body["messages"][-1]["content"]
    return sum(part["type"] == "image_url" for part in content)


@pytest.mark.parametrize(
    ("module", "said", "text", "frames"),
    [
        (AskNumberOpenAI, "4.5 [pictures 2; sure 90]", "4.5", FRAMES[1:2]),
        (AskCountOpenAI, "3 [pictures 1, 3; sure 90]", "3", [FRAMES[0], FRAMES[2]]),
        (AskTimeOpenAI, "0.7 [pictures 2; sure 90]", "0.7", FRAMES[1:2]),
    ],
)
def test_reply_has_its_type_the_tokens_score_and_the_frames_it_names(
    module: type, said: str, text: str, frames: list[Frame],
    opened: Opened, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    reply, (body,) = look(opened, monkeypatch, [sure(said, 0.8)], module, FRAMES, "How much?")
    assert reply == Reply(text, 0.8, None, frames)
    assert n_pictures(body) == 3
    assert '"How much?"' in parts_of(body)[0]


def test_a_little_less_than_what_the_model_says_is_the_score_where_tokens_have_none(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    reply, _ = look(
        opened, monkeypatch, [says("7 [pictures 1; sure 65]")], AskCountOpenAI, FRAMES, "How many?"
    )
    assert (reply.text, reply.score) == ("7", pytest.approx(0.65 * SAID_SHARE))


@pytest.mark.parametrize(
    ("module", "said"),
    [
        (AskNumberOpenAI, "unknown"),
        (AskCountOpenAI, "two or three"),
        (AskTimeOpenAI, "9.5"),
        (AskListOpenAI, "an apple and a pear"),
    ],
)
def test_reply_of_another_type_is_an_error(
    module: type, said: str, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ModuleFailedError):
        look(opened, monkeypatch, [sure(said, 0.9)], module, FRAMES, "What?")


def test_list_is_one_reply_an_item(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    said = '["apple", "pear", "apple"] [pictures 1; sure 90]'
    items, _ = look(opened, monkeypatch, [sure(said, 0.8)], AskListOpenAI, FRAMES, "Which?")
    assert items == [Reply(text, 0.8, None, FRAMES[:1]) for text in ("apple", "pear")]


def test_boxes_are_asked_for_in_the_size_that_is_shown(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = json.dumps({"size": [32, 24], "boxes": [[2, 3, 8, 12]]})
    found, (body,) = look(
        opened, monkeypatch, [sure(said, 0.8)], AskWhereOpenAI, FRAMES[0], "the square"
    )
    width, height = opened.video.width, opened.video.height
    assert f"{width} pixels wide and {height} high" in parts_of(body)[0]
    factors = (width / 32, height / 24)
    assert [item.box for item in found] == [
        Box(2 * factors[0], 3 * factors[1], 8 * factors[0], 12 * factors[1])
    ]


def test_first_time_takes_one_request_a_level(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = [sure("3-5 [sure 90]", 0.9), sure("2, 3 [sure 80]", 0.8)]
    found, bodies = look(
        opened, monkeypatch, answers, FirstTimeOpenAI, opened.video, "it is red", count=5, step=0.1
    )
    assert [n_pictures(body) for body in bodies] == [5, 4]
    # Frames 0, 5, 10, 14, 19 of 20 at 10 fps; then 6 to 9, of which the second is the first.
    assert found == [Match("it is red", 0.7, 0.7, 0.8, "frames")]


def test_first_time_asks_single_frames_of_a_model_that_names_none(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = [sure("Later.", 0.9), sure("yes", 0.9), sure("yes", 0.9)]
    found, bodies = look(
        opened, monkeypatch, answers, FirstTimeOpenAI, opened.video, "it is red", count=2
    )
    assert [n_pictures(body) for body in bodies] == [2, 1, 1]
    assert found[0].start == 0.0
