"""Published checkpoints behind a server that says what we script, and one in this process."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import vprog
from tests.drawing import draw_video
from tests.llm.server import ChatServer, says
from tests.looking import REGISTRY
from tests.modules.scenes import Opened
from vprog.errors import ModuleFailedError
from vprog.llm.vlm_spec import find_vlm
from vprog.registry.call_context import using
from vprog.types import Box, Frame, Reply
from vprog_modules.vlm.ask_choice_openai import AskChoiceOpenAI
from vprog_modules.vlm.ask_openai import AskOpenAI
from vprog_modules.vlm.ask_yes_no_openai import AskYesNoOpenAI
from vprog_modules.vlm.caption_openai import CaptionOpenAI

FRAMES = [Frame(0, 0.0), Frame(0, 0.5), Frame(0, 1.2)]
OPEN_O3 = "marinero4972/Open-o3-Video"
QWEN_3 = "Open-o3-Video-Qwen3-VL-8B"
LOVE_R1 = "iSEE-Laboratory/love-r1-stage3"

SQUARE = "<obj>square</obj><box>[84, 56, 168, 112]</box>at<t>{}</t>s"


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """2 s of 160 x 120 pixels: to Qwen2.5-VL 168 x 112."""
    return draw_video(tmp_path_factory.mktemp("clips") / "clip.mp4", 20)


@pytest.fixture
def opened(clip: Path) -> Iterator[Opened]:
    with Opened(clip) as opened:
        yield opened


def look(
    opened: Opened, monkeypatch: pytest.MonkeyPatch, model: str, says_this: str, module: Any,
    *arguments: Any,
) -> tuple[Any, str]:  # fmt: skip
    """What a module says, and the text that the server was asked."""
    with ChatServer([says(says_this)]) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        monkeypatch.setenv("OPENAI_API_KEY", "k")
        instance = module()
        instance.load("cpu", find_vlm(f"openai:{model}"))
        try:
            with using(opened.context):
                said = instance(*arguments)
        finally:
            instance.unload()
        content = server.asked[0].body["messages"][1]["content"]
    return said, "\n".join(part["text"] for part in content if part["type"] == "text")


def think(thought: str, answer: str) -> str:
    return f"<think>{thought}</think><answer>{answer}</answer>"


def test_boxes_become_parts_of_shown_frames_in_pixels_of_the_whole(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = think(f"I see {SQUARE.format(0.5)}.", "a red square")
    reply, prompt = look(opened, monkeypatch, OPEN_O3, said, AskOpenAI, FRAMES, "What?")
    part = Frame(0, 0.5, Box(80.0, 60.0, 160.0, 120.0))
    assert reply == Reply("a red square", 0.5, None, [part])
    assert "at<t>seconds</t>s" in prompt
    assert "[pictures" not in prompt  # not in our own form besides


def test_a_grid_of_a_thousand_is_mapped_to_pixels(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = think("<obj>square</obj><box>[500, 250, 1000, 1000]</box>at<t>0.5</t>s", "a square")
    reply, _ = look(opened, monkeypatch, QWEN_3, said, AskOpenAI, FRAMES, "What?")
    assert [frame.region for frame in reply.frames] == [Box(80.0, 30.0, 160.0, 120.0)]


def test_a_box_of_a_region_is_mapped_through_the_region(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    part = Frame(0, 0.5, Box(40.0, 60.0, 152.0, 116.0))  # shown as 448 x 224: multiples of 28
    said = think("<obj>square</obj><box>[224, 112, 448, 224]</box>at<t>0.5</t>s", "a square")
    reply, _ = look(opened, monkeypatch, OPEN_O3, said, AskOpenAI, [part, FRAMES[2]], "What?")
    assert [frame.region for frame in reply.frames] == [Box(96.0, 88.0, 152.0, 116.0)]


@pytest.mark.parametrize("moment", ["0.9", "1.9", "99", "0.85"])
def test_a_moment_that_was_not_shown_is_no_evidence(
    moment: str, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = think(SQUARE.format(moment), "a square")
    reply, _ = look(opened, monkeypatch, OPEN_O3, said, AskOpenAI, FRAMES, "What?")
    assert (reply.text, reply.frames) == ("a square", [])


def test_a_box_outside_its_picture_is_told_and_no_evidence(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = think("<obj>square</obj><box>[500, 10, 600, 20]</box>at<t>0.5</t>s", "a square")
    reply, _ = look(opened, monkeypatch, OPEN_O3, said, AskOpenAI, FRAMES, "What?")
    assert reply.frames == []
    assert any("a box lies outside" in warning for warning in opened.warnings)


def test_a_span_stands_for_the_frames_that_were_shown_of_it(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = think("x", "From <t>0.4</t>s to <t>2</t>s")
    reply, _ = look(opened, monkeypatch, OPEN_O3, said, AskOpenAI, FRAMES, "When?")
    assert reply.frames == FRAMES[1:]


@pytest.mark.parametrize("end", ["50", "999999"])
def test_a_span_that_ends_after_the_video_is_no_evidence(
    opened: Opened, monkeypatch: pytest.MonkeyPatch, end: str
) -> None:
    said = think("x", f"From <t>0.4</t>s to <t>{end}</t>s")
    reply, _ = look(opened, monkeypatch, OPEN_O3, said, AskOpenAI, FRAMES, "When?")
    assert reply.frames == []


def test_of_several_videos_a_time_alone_is_no_evidence(
    clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Opened(clip, clip) as opened:
        frames = [Frame(0, 0.5), Frame(1, 0.5)]
        said = think(SQUARE.format(0.5), "a square")
        reply, _ = look(opened, monkeypatch, OPEN_O3, said, AskOpenAI, frames, "What?")
    assert reply.frames == []


@pytest.mark.parametrize(
    ("answer", "text", "choice"),
    [("B", "blue", 1), ("blue", "blue", 1), ("(C).", "green", 2)],
)
def test_a_choice_is_read_from_the_answer_alone(
    answer: str, text: str, choice: int, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = think("A: red? No.", answer)
    reply, _ = look(
        opened, monkeypatch, OPEN_O3, said, AskChoiceOpenAI, FRAMES, "Which?",
        ["red", "blue", "green"],
    )  # fmt: skip
    assert (reply.text, reply.choice) == (text, choice)


def test_yes_no_and_captions_are_asked_in_the_form_too(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    said, _ = look(opened, monkeypatch, LOVE_R1, "\\boxed{Yes}", AskYesNoOpenAI, FRAMES, "Is it?")
    assert said.text == "yes"
    said, prompt = look(
        opened, monkeypatch, LOVE_R1, "\\boxed{A square.}", CaptionOpenAI, FRAMES[0]
    )
    assert said.text == "A square."
    assert "\\boxed{}" in prompt


@pytest.mark.parametrize(
    ("model", "said", "told"),
    [
        (OPEN_O3, "A square.", 'did not reply in its form "obj-box-time"'),
        (OPEN_O3, "It is B", "0 elements <answer>"),
        (LOVE_R1, "\\boxed{[0.5, 1.0]}", "asks to be shown: 0.5 to 1 s"),
        ("framethinker", "<action>choose frames between 1 and 9</action>", "choose frames between"),
        (OPEN_O3, think("x", "maybe A or B"), "none of A, B"),
    ],
)
def test_a_reply_of_another_form_or_a_wish_is_a_failure(
    model: str, said: str, told: str, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ModuleFailedError) as caught:
        look(opened, monkeypatch, model, said, AskChoiceOpenAI, FRAMES, "Which?", ["x", "y"])
    assert told in str(caught.value)


def test_a_program_cites_the_reply_and_its_place_is_supported_evidence(
    clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = (
        "frames = [frame_at(video, 0.5), frame_at(video, 1.2)]\n"
        'reply = ask(frames, "What is it?")\n'
        "answer(reply.text, evidence=[reply])\n"
    )
    with ChatServer([says(think(SQUARE.format(1.2), "a red square"))]) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        monkeypatch.setenv("OPENAI_API_KEY", "k")
        result = vprog.run(clip, program, registry=REGISTRY, vlm=f"openai:{OPEN_O3}")
        vprog.close()
    assert result.answer == "a red square"
    (item,) = result.evidence
    assert (item.start, item.box, item.supported) == (1.2, Box(80.0, 60.0, 160.0, 120.0), True)


def test_a_checkpoint_in_this_process_that_says_something_else_fails_clearly(
    tmp_path: Path, opened: Opened
) -> None:
    """Random weights speak no form: loading and generating as with any weights, then the error."""
    pytest.importorskip("torch", reason="transformers models need torch")
    pytest.importorskip("transformers", reason="the extra hf is not installed")
    from tests.modules.vlm.tiny_vlm import QWEN_2_5, save_tiny_vlm
    from vprog_modules.vlm import vlm_module
    from vprog_modules.vlm.ask_transformers import AskTransformers

    folder = save_tiny_vlm(tmp_path / "Open-o3-Video", QWEN_2_5)
    instance = AskTransformers()
    instance.load("cpu", find_vlm(f"hf:{folder}"))  # type: ignore[arg-type]
    with pytest.MonkeyPatch.context() as patch, using(opened.context):
        asked = vlm_module.job_in_form
        patch.setattr(
            vlm_module, "job_in_form", lambda *given: replace(asked(*given), max_tokens=8)
        )
        with pytest.raises(ModuleFailedError, match="did not reply in its form"):
            instance(FRAMES[:1], "What is it?")
    instance.unload()
