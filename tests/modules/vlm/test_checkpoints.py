"""Which models are known by their names, and which are not."""

from __future__ import annotations

import pytest

from vprog_modules.vlm.checkpoints import checkpoint_of


@pytest.mark.parametrize(
    ("model", "form", "grid"),
    [
        ("marinero4972/Open-o3-Video", "obj-box-time", "pixels"),
        ("/models/Open_o3_Video_Qwen3-VL-8B", "obj-box-time", "thousand"),
        ("Ted412/Video-RTS", "think-answer", "pixels"),
        ("MBZUAI/Video-R2", "think-answer", "pixels"),
        ("framethinker-7b", "frame-action", "pixels"),
        ("Time-Search/TimeSearch-R", "tool-json", "pixels"),
        ("iSEE-Laboratory/love-r1-stage3", "boxed", "pixels"),
        ("MBZUAI/Video-CoM", "manip", "pixels"),
        ("RUBBISHLIKE/Conan-7B", "score-clip", "pixels"),
        ("ShijianW01/Video-Thinker-7B", "time-caption", "pixels"),
        ("nota-ai/ERGO-7B", "zoom", "pixels"),
    ],
)
def test_checkpoint_is_known_by_its_name(model: str, form: str, grid: str) -> None:
    known = checkpoint_of(model)
    assert known is not None
    assert (known.form.name, known.grid) == (form, grid)


@pytest.mark.parametrize(
    "model",
    ["Qwen/Qwen2.5-VL-7B-Instruct", "gpt-4o", "", "video-compressor", "my-video-r10", "conan",
     "energo-7b", "love-r12"],
)  # fmt: skip
def test_other_models_are_asked_in_our_words(model: str) -> None:
    assert checkpoint_of(model) is None
