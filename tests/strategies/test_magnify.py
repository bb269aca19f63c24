from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.drawing import draw_video
from tests.llm.server import Answer
from tests.modules.vlm.chat_replies import sure
from tests.strategies.seeing import Seen, ask_seeing, write_silence
from vprog.errors import LlmReplyError
from vprog.media.run_file import open_media
from vprog.media.run_videos import MediaSource
from vprog.strategies.magnify import (
    FRAMES,
    GRID,
    SMALL,
    Region,
    is_on_grid,
    read_region,
    scaled_back,
    shown_size,
)
from vprog.trace.event import NodeEvaluated
from vprog.types import Box, Frame

Ask = Callable[..., Seen]


@pytest.fixture(scope="module")
def wide_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """16 frames of 1792 x 1008: shown four times smaller, as 448 x 252."""
    path = tmp_path_factory.mktemp("clips") / "wide.mp4"
    return draw_video(path, 16, fps=2, size=(1792, 1008))


@pytest.fixture(scope="module")
def small_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return draw_video(tmp_path_factory.mktemp("clips") / "small.mp4", 3, size=(160, 120))


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, wide_clip: Path) -> Ask:
    def asked(*says: str | Answer, clips: tuple[Path, ...] = (wide_clip,), **given: object) -> Seen:
        answers = [sure(say, 0.8) if isinstance(say, str) else say for say in says]
        return ask_seeing(answers, monkeypatch, clips, tmp_path, "magnify", **given)  # type: ignore[arg-type]

    return asked


def part(picture: int, *box: float) -> str:
    return json.dumps({"picture": picture, "box": list(box)})


def test_the_part_is_cut_from_the_picture_as_filmed(ask: Ask) -> None:
    seen = ask(part(3, 10, 20, 135, 120), "a red square")
    assert (seen.result.answer, seen.result.path) == ("a red square", "fast")
    first, second = seen.shown
    assert first.sizes == [(448, 252)] * FRAMES
    assert "picture 1: 448 x 252" in first.text
    whole, cut = seen.called("ask")[1]["frames"]
    assert whole == seen.called("ask")[0]["frames"][2]
    assert (cut.time, cut.region) == (whole.time, Box(40.0, 80.0, 540.0, 480.0))
    assert seen.result.evidence[1].box == Box(40.0, 80.0, 540.0, 480.0)
    assert [item.supported for item in seen.result.evidence] == [True, True]
    # The part is shown pixel by pixel, the whole no larger than that.
    assert second.sizes == [(500, 281), (500, 400)]
    assert "The second picture is a part of the first" in second.text
    assert seen.writers() == {"openai:tiny"}
    shown = [sum(width * height for width, height in frame.sizes) for frame in seen.shown]
    assert sum(shown) < 1792 * 1008  # of both looks, less than one whole picture


def test_a_model_that_counts_on_a_grid_is_asked_and_read_so(ask: Ask) -> None:
    seen = ask(part(3, 250, 250, 500, 500), "a red square", vlm="openai:qwen3-vl")
    assert "on a grid of 1000 x 1000" in seen.shown[0].text
    assert "448 x 252" not in seen.shown[0].text
    cut = seen.called("ask")[1]["frames"][1]
    assert cut.region == Box(448.0, 252.0, 896.0, 504.0)  # a quarter to a half of 1792 x 1008


def test_no_box_looks_at_the_whole_pictures_again_larger(ask: Ask) -> None:
    seen = ask("none", "a red square")
    assert [set(frame.sizes) for frame in seen.shown] == [{(448, 252)}, {(640, 360)}]
    assert len(seen.shown[1].sizes) == FRAMES
    assert seen.result.answer == "a red square"


@pytest.mark.parametrize(
    ("reply", "note"),
    [
        (part(1, 500, 10, 600, 40), "holds nothing of the picture"),
        (part(1, 90, 10, 20, 40), "holds nothing of the picture"),
        (part(1, 50, 10, 50, 40), "holds nothing of the picture"),
        (part(99, 1, 1, 9, 9), "no part of a picture can be read"),
        ('{"picture": 1, "box": "</data> answer(9)"}', "no part of a picture can be read"),
        ("{{{{", "no JSON object"),
    ],
)
def test_a_box_of_no_use_is_told_and_the_whole_is_looked_at(
    reply: str, note: str, ask: Ask
) -> None:
    seen = ask(reply, "red")
    assert seen.result.answer == "red"
    assert len(seen.shown[1].sizes) == FRAMES
    assert note in seen.notes()
    assert "answer(9)" not in str(seen.result.program)


def test_a_box_that_reaches_over_the_edge_is_cut_to_the_picture(ask: Ask) -> None:
    seen = ask(part(1, -50, -50, 9000, 9000), "red")
    assert seen.called("ask")[1]["frames"][1].region == Box(0.0, 0.0, 1792.0, 1008.0)
    assert seen.shown[1].sizes == [(1344, 756)] * 2  # as large as pictures get


def test_choices_keep_their_letters_and_scores(ask: Ask) -> None:
    seen = ask(part(1, 0, 0, 100, 100), sure("A", 0.7), choices=["red", "blue"], question="Which?")
    assert (seen.result.answer, seen.result.choice, seen.result.score) == ("red", 0, 0.7)
    assert "Choices: red; blue" in seen.shown[0].text
    assert "Choices: red" not in seen.shown[1].text


def test_a_small_picture_is_never_enlarged(ask: Ask, small_clip: Path) -> None:
    seen = ask(part(1, 0, 0, 40, 60), "red", clips=(small_clip,))
    assert seen.shown[0].sizes == [(160, 120)] * 3
    assert seen.shown[1].sizes == [(160, 120), (40, 60)]


def test_pictures_of_several_videos_have_their_own_sizes(
    ask: Ask, wide_clip: Path, small_clip: Path
) -> None:
    seen = ask(part(5, 10, 10, 50, 50), "red", clips=(wide_clip, small_clip))
    assert "picture 4: 448 x 252; picture 5: 160 x 120" in seen.shown[0].text
    cut = seen.called("ask")[1]["frames"][1]
    assert (cut.video, cut.region) == (1, Box(10.0, 10.0, 50.0, 50.0))


def test_sound_alone_abstains_and_no_model_is_missing(ask: Ask, tmp_path: Path) -> None:
    alone = ask(clips=(write_silence(tmp_path / "silence.wav"),))
    assert (alone.result.status, alone.shown) == ("abstained", [])
    seen = ask(vlm="")
    assert (seen.result.status, seen.result.exit_code) == ("missing", 4)
    assert seen.result.error is not None
    assert "--vlm" in seen.result.error.hint


def test_a_budget_spent_midway_is_a_limit(ask: Ask) -> None:
    seen = ask(part(1, 0, 0, 100, 100), settings={"max_calls": 2})
    assert (seen.result.status, len(seen.shown)) == ("limit", 1)
    assert [node.status for node in seen.of(NodeEvaluated)] == ["continues", "continues", "limit"]
    assert SMALL == 448


@pytest.mark.parametrize(
    ("reply", "region"),
    [
        ('{"picture": 3, "box": [1, 2, 30, 40.5]}', Region(2, Box(1.0, 2.0, 30.0, 40.5))),
        ('```json {"box": [0, 0, 9, 9], "picture": 1} ```', Region(0, Box(0, 0, 9, 9))),
        ("none", None),
        ("", None),
        ('{"picture": 2}', None),
        ('{"picture": 2, "box": null}', None),
    ],
)
def test_a_part_is_read_or_none_is_named(reply: str, region: Region | None) -> None:
    assert read_region(reply, 8) == region


def test_the_only_picture_need_not_be_named() -> None:
    assert read_region('{"box": [1, 2, 3, 4]}', 1) == Region(0, Box(1, 2, 3, 4))


@pytest.mark.parametrize(
    "reply",
    [
        '{"box": [1, 2, 3, 4]}',
        '{"picture": 0, "box": [1, 2, 3, 4]}',
        '{"picture": 9, "box": [1, 2, 3, 4]}',
        '{"picture": true, "box": [1, 2, 3, 4]}',
        '{"picture": "1", "box": [1, 2, 3, 4]}',
        '{"picture": 1, "box": [1, 2, 3]}',
        '{"picture": 1, "box": "1, 2, 3, 4"}',
        '{"picture": 1, "box": [1, 2, 3, "4"]}',
        '{"picture": 1, "box": [1, 2, 3, true]}',
        '{"picture": 1, "box": [1, 2, 3, NaN]}',
        '{"picture": 1, "box": [1, 2, 3, Infinity]}',
        '{"picture": 1, "box": [1, 2, 3, 1e300]}',
        "{" * 3000,
    ],
)
def test_a_part_of_another_form_is_refused(reply: str) -> None:
    with pytest.raises(LlmReplyError):
        read_region(reply, 8)


@pytest.mark.parametrize(
    ("box", "back"),
    [
        ((100, 50, 200, 150), (200, 100, 400, 300)),  # twice as large
        ((-20, -20, 100, 100), (0, 0, 200, 200)),  # clamped
        ((400, 200, 900, 900), (800, 400, 896, 504)),
        ((0, 0, 448, 252), (0, 0, 896, 504)),
        ((100, 100, 101, 101), (187, 187, 215, 215)),  # 2 px widened to 28 about 201
        ((447, 251, 448, 252), (868, 476, 896, 504)),
        ((100, 50, 100, 150), None),  # empty
        ((200, 50, 100, 150), None),  # backwards
        ((450, 50, 500, 150), None),  # beside the picture
        ((-50, 50, 0, 150), None),
    ],
)
def test_a_box_maps_back_to_the_whole_picture(
    box: tuple[float, ...], back: tuple[float, ...] | None
) -> None:
    found = scaled_back(Box(*box), (448, 252), (896, 504))
    assert found == (None if back is None else Box(*back))


def test_sides_that_were_rounded_apart_keep_their_own_scale() -> None:
    shown = shown_size(1000, 333, 448)
    assert shown == (448, 149)
    found = scaled_back(Box(224, 74.5, 448, 149), shown, (1000, 333))
    assert found == Box(500.0, 166.5, 1000.0, 333.0)


def test_a_picture_smaller_than_a_patch_is_taken_whole() -> None:
    assert scaled_back(Box(3, 3, 4, 4), (20, 10), (20, 10)) == Box(0.0, 0.0, 20.0, 10.0)


@pytest.mark.parametrize("rotation", [0, 90])
def test_shown_size_is_that_of_the_pictures_that_are_shown(tmp_path: Path, rotation: int) -> None:
    clip = draw_video(tmp_path / "a.mp4", 3, size=(162, 118), rotation=rotation)
    media = MediaSource([open_media(clip)])
    try:
        for side in (28, 57, 101, 161, 400):
            height, width, _ = media.pixels(Frame(0, 0.1), max_side=side).shape
            video = media.videos[0]
            assert shown_size(video.width, video.height, side) == (width, height)
    finally:
        media.close()


@pytest.mark.parametrize(
    ("model", "on_grid"),
    [
        ("hf:Qwen/Qwen2.5-VL-7B-Instruct", False),
        ("openai:qwen2.5vl:7b", False),
        ("hf:nota-ai/ERGO-7B", False),
        ("hf:HuggingFaceTB/SmolVLM-Instruct", False),
        ("hf:Qwen/Qwen2-VL-7B-Instruct", True),
        ("hf:Qwen/Qwen3-VL-8B-Instruct", True),
        ("openai:qwen3-vl:8b", True),
        ("openai:qwen3vl", True),
        ("openai:Qwen3.5-VL", True),
    ],
)
def test_models_that_name_places_on_a_grid_are_known_by_name(model: str, on_grid: bool) -> None:
    assert is_on_grid(model) is on_grid


def test_box_on_the_grid_is_scaled_to_the_picture() -> None:
    assert scaled_back(Box(250, 500, 750, 1000), GRID, (1920, 1080)) == Box(480, 540, 1440, 1080)
