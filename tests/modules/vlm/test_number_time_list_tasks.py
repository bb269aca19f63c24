"""Numbers, times, lists and boxes by a VLM that replies what it is told to."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.drawing import draw_video
from tests.modules.scenes import Opened
from tests.modules.vlm.test_vlm_own import Parrot, ask
from vprog.errors import ModuleFailedError, ModuleInputError
from vprog.llm.vlm_spec import own_vlm
from vprog.models.vision_language_model import VlmReply
from vprog.registry.module import Call
from vprog.types import Box, Detection, Frame, Reply
from vprog_modules.vlm.vlm_own import (
    AskCountOwn,
    AskListOwn,
    AskNumberOwn,
    AskOwn,
    AskTimeOwn,
    AskWhereOwn,
)

FRAMES = [Frame(0, 0.0), Frame(0, 0.7), Frame(0, 1.5)]


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    with Opened(draw_video(tmp_path_factory.mktemp("clips") / "clip.mp4", 20)) as opened:
        yield opened


def test_a_number_names_the_pictures_that_it_rests_on(opened: Opened) -> None:
    parrot = Parrot(VlmReply("1,024.50 [picture 2; sure 90]", 0.8))
    reply = ask(opened, parrot, AskNumberOwn, FRAMES, "What is on the sign?")
    assert reply == Reply("1024.5", 0.8, None, [FRAMES[1]])
    assert "unknown" in parrot.requests[0].prompt


def test_counts_of_a_batch_go_out_together(opened: Opened) -> None:
    parrot = Parrot(VlmReply("three", 0.8), VlmReply("0", 0.6))
    module = AskCountOwn()
    module.load("cpu", own_vlm(parrot))
    calls = [
        Call({"frames": [frame], "question": "How many?", "sample": 0}, opened.context)
        for frame in FRAMES[:2]
    ]
    assert module.batch(calls) == [
        Reply("3", 0.8, None, [FRAMES[0]]),
        Reply("0", 0.6, None, [FRAMES[1]]),
    ]


@pytest.mark.parametrize("text", ["unknown", "-2", "two or three", "I cannot count them."])
def test_no_count_is_an_error(opened: Opened, text: str) -> None:
    with pytest.raises(ModuleFailedError, match="can be read from the reply"):
        ask(opened, Parrot(VlmReply(text, 0.9)), AskCountOwn, FRAMES, "How many?")


def test_a_time_cites_the_nearest_frame_where_it_cites_none(opened: Opened) -> None:
    reply = ask(opened, Parrot(VlmReply("0.8 s", 0.7)), AskTimeOwn, FRAMES, "When?")
    assert reply == Reply("0.8", 0.7, None, [FRAMES[1]])


def test_a_time_that_was_not_shown_is_an_error(opened: Opened) -> None:
    with pytest.raises(ModuleFailedError, match=r"names 60 s; it was shown 0 to 1\.5 s"):
        ask(opened, Parrot(VlmReply("1:00", 0.9)), AskTimeOwn, FRAMES, "When?")


def test_a_time_is_of_one_video(opened: Opened) -> None:
    with pytest.raises(ModuleInputError, match="one video"):
        ask(opened, Parrot(), AskTimeOwn, [FRAMES[0], Frame(1, 0.0)], "When?")


def test_every_item_of_a_list_cites_what_the_list_rests_on(opened: Opened) -> None:
    text = '["apple", "pear"] [pictures 1, 3; sure 70]'
    cited = [FRAMES[0], FRAMES[2]]
    assert ask(opened, Parrot(VlmReply(text, 0.7)), AskListOwn, FRAMES, "Which?") == [
        Reply("apple", 0.7, None, cited),
        Reply("pear", 0.7, None, cited),
    ]


def test_ask_where_tells_the_size_and_maps_boxes_to_the_frame(opened: Opened) -> None:
    parrot = Parrot(VlmReply('{"size": [1000, 1000], "boxes": [[0, 500, 500, 1000]]}', 0.6))
    found = ask(opened, parrot, AskWhereOwn, FRAMES[0], "the left square")
    assert found == [Detection("the left square", Box(0.0, 60.0, 80.0, 120.0), 0.6, FRAMES[0])]
    assert "160 pixels wide and 120 high" in parrot.requests[0].prompt


def test_ask_where_looks_at_a_region_enlarged(opened: Opened) -> None:
    parrot = Parrot(VlmReply('{"size": [448, 224], "boxes": [[224, 0, 448, 224]]}', 0.6))
    frame = Frame(0, 0.0, Box(40.0, 40.0, 120.0, 80.0))
    (found,) = ask(opened, parrot, AskWhereOwn, frame, "a square")  # type: ignore[misc]
    assert found.box == Box(80.0, 40.0, 120.0, 80.0)
    assert parrot.requests[0].pictures[0].shape == (224, 448, 3)
    assert "448 pixels wide and 224 high" in parrot.requests[0].prompt


def test_a_small_region_is_enlarged_no_more_than_it_bears_and_a_frame_not_at_all(
    opened: Opened,
) -> None:
    parrot = Parrot(VlmReply("a square", 0.6))
    ask(opened, parrot, AskOwn, [Frame(0, 0.0, Box(0, 0, 20, 10)), Frame(0, 0.0)], "What?")
    assert [picture.shape for picture in parrot.requests[0].pictures] == [
        (80, 160, 3),
        (120, 160, 3),
    ]


def test_a_box_outside_of_the_picture_is_an_error(opened: Opened) -> None:
    parrot = Parrot(VlmReply('{"boxes": [[0, 0, 900, 50]]}', 0.9))
    with pytest.raises(ModuleFailedError, match="outside"):
        ask(opened, parrot, AskWhereOwn, FRAMES[0], "a square")


def test_ask_where_nothing_is_refused(opened: Opened) -> None:
    with pytest.raises(ModuleInputError, match="must say what to find"):
        ask(opened, Parrot(), AskWhereOwn, FRAMES[0], "  ")
