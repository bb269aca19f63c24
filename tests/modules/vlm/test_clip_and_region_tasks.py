"""Clips, regions, actions and sufficiency, by a VLM that replies what it is told to."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from tests.drawing import draw_video, number_of
from tests.modules.scenes import Opened
from tests.modules.vlm.test_vlm_own import Parrot, ask
from vprog.errors import ModuleFailedError, ModuleInputError
from vprog.models.vision_language_model import VlmReply
from vprog.registry.call_context import CallContext
from vprog.registry.module import Call
from vprog.types import Box, Frame, Reply
from vprog_modules.vlm.vlm_own import (
    CaptionClipOwn,
    ClassifyActionOwn,
    DescribeRegionOwn,
    JudgeSufficientOwn,
)

FRAMES = [Frame(0, 0.0), Frame(0, 0.7), Frame(0, 1.5)]


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    with Opened(draw_video(tmp_path_factory.mktemp("clips") / "clip.mp4", 20)) as opened:
        yield opened


def test_caption_clip_shows_the_frames_in_order_with_their_times(opened: Opened) -> None:
    parrot = Parrot(VlmReply("A square moves.\nIt stops.", 0.5))
    said = ask(opened, parrot, CaptionClipOwn, FRAMES)
    assert said == Reply("A square moves. It stops.", 0.5, None, FRAMES)
    (request,) = parrot.requests
    assert [number_of(picture) for picture in request.pictures] == [0, 7, 15]
    assert request.labels == ("picture 1, 0.00 s", "picture 2, 0.70 s", "picture 3, 1.50 s")
    assert "in order of time" in request.prompt


def test_describe_region_shows_the_whole_and_the_part(opened: Opened) -> None:
    parrot = Parrot(VlmReply("A red square.", 0.5))
    box = Box(40.0, 60.0, 70.0, 90.0)
    said = ask(opened, parrot, DescribeRegionOwn, FRAMES[2], box)
    assert said == Reply("A red square.", 0.5, None, [FRAMES[2]._replace(region=box)])
    whole, part = parrot.requests[0].pictures
    assert whole.shape == (120, 160, 3)
    assert part.shape == (240, 240, 3)  # 8 times as large
    assert np.abs(part[4::8, 4::8].astype(int) - whole[60:90, 40:70]).mean() <= 4


def test_describe_region_shows_the_whole_of_a_frame_that_is_a_region_itself(opened: Opened) -> None:
    parrot = Parrot(VlmReply("Something.", 0.5))
    frame = Frame(0, 0.0, Box(0.0, 0.0, 40.0, 40.0))
    ask(opened, parrot, DescribeRegionOwn, frame, Box(40.0, 60.0, 70.0, 90.0))
    assert parrot.requests[0].pictures[0].shape == (120, 160, 3)


def test_describe_region_outside_the_picture_is_refused(opened: Opened) -> None:
    with pytest.raises(ModuleInputError):
        ask(opened, Parrot(), DescribeRegionOwn, FRAMES[0], Box(500.0, 500.0, 600.0, 600.0))


def test_classify_action_gives_the_action_and_its_index(opened: Opened) -> None:
    actions = ["opens the door", "closes the door"]
    reply = ask(opened, Parrot(VlmReply("B", 0.9)), ClassifyActionOwn, FRAMES, actions)
    assert reply == Reply("closes the door", 0.9, 1)


@pytest.mark.parametrize("actions", [["runs", "runs"], ["runs", " "]])
def test_classify_action_refuses_actions_that_are_alike(opened: Opened, actions: list[str]) -> None:
    with pytest.raises(ModuleInputError, match=r"classify_action\(actions\)"):
        ask(opened, Parrot(), ClassifyActionOwn, FRAMES, actions)


def test_judge_sufficient_says_yes_or_no_and_asks_for_no_answer(opened: Opened) -> None:
    parrot = Parrot(VlmReply("no", 0.8))
    question = "What does the sign say?"
    assert ask(opened, parrot, JudgeSufficientOwn, FRAMES, question) == Reply("no", 0.8)
    assert question in parrot.requests[0].prompt
    assert "Do not answer the question" in parrot.requests[0].prompt


def test_judge_sufficient_without_a_yes_or_no_fails(opened: Opened) -> None:
    with pytest.raises(ModuleFailedError, match="none of yes, no"):
        ask(opened, Parrot(VlmReply("perhaps", 0.8)), JudgeSufficientOwn, FRAMES, "What?")


@pytest.mark.parametrize("module", [CaptionClipOwn, ClassifyActionOwn, JudgeSufficientOwn])
def test_batch_is_one_request_with_all_of_its_calls(opened: Opened, module: type) -> None:
    parrot = Parrot(*[VlmReply(text, 0.5) for text in ("A", "B")])
    more = {
        CaptionClipOwn: {"focus": ""},
        ClassifyActionOwn: {"actions": ["a b", "c d"], "sample": 0},
        JudgeSufficientOwn: {"question": "Why?", "sample": 0},
    }[module]
    if module is JudgeSufficientOwn:
        parrot.replies = [VlmReply("yes", 0.5), VlmReply("no", 0.5)]
    instance = module()
    instance._backend = parrot
    calls = [
        Call({"frames": frames, **more}, CallContext(opened.source))
        for frames in (FRAMES[:1], FRAMES)
    ]
    first, second = instance.batch(calls)
    assert [len(request.pictures) for request in parrot.requests] == [1, 3]
    assert first != second
