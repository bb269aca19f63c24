"""Text read in several frames together, by a real reader on clips with noise."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

import vprog
from tests.drawing import Picture
from tests.modules.scenes import painted
from vprog_modules.text.read_same_text_votes import agree, likeness

TEXTS = ("MXK 4071", "EXIT 27B", "K7 QR 903")
N_FRAMES = 9
READ = """
frames = sample_frames(video, fps=10.0)
singles = [" ".join([line.text for line in read_text(frame, min_score=0.3)]) for frame in frames]
lines = read_same_text(frames)
answer([line.text for line in lines] + singles, evidence=lines)
"""


def noisy(path: Path, text: str, noise: float) -> Path:
    """A text under noise that is another one in each frame; its deviation of 255."""
    random = np.random.default_rng(7)

    def paint(_: int, picture: Picture) -> None:
        cv2.putText(picture, text, (20, 60), cv2.FONT_HERSHEY_SIMPLEX, 1.0, (200, 200, 200), 2)
        grain = random.normal(0, noise, picture.shape)
        picture[:] = np.clip(picture + grain, 0, 255).astype(np.uint8)

    return painted(path, N_FRAMES, paint, size=(240, 96), background=(60, 60, 60))


def read(path: Path, folder: Path, program: str = READ) -> Any:
    return vprog.run(path, program, trace_dir=folder / "traces", cache_dir=folder / "cache")


def test_frames_together_are_read_righter_than_one(tmp_path: Path) -> None:
    together, alone, scores = 0, 0, []
    for text in TEXTS:
        result = read(noisy(tmp_path / f"{text}.mp4", text, noise=120.0), tmp_path)
        assert len(result.answer) == 1 + N_FRAMES
        together += result.answer[0] == text
        alone += result.answer[1:].count(text)
        scores.append(result.score)
    assert together == len(TEXTS)
    assert alone < 0.7 * len(TEXTS) * N_FRAMES
    assert all(0.3 < score < 0.9 for score in scores)  # the frames do not agree


def test_agreement_is_high_where_all_frames_say_the_same(tmp_path: Path) -> None:
    result = read(noisy(tmp_path / "clear.mp4", TEXTS[0], noise=20.0), tmp_path)
    assert result.answer == [TEXTS[0]] * (1 + N_FRAMES)
    assert result.score > 0.9
    assert all(item.supported and item.box is not None for item in result.evidence)


def test_lines_are_matched_by_their_place_in_regions_that_follow_a_thing(tmp_path: Path) -> None:
    def paint(number: int, picture: Picture) -> None:
        across = 20 + 90 * number
        cv2.putText(picture, "TAXI 9", (across, 60), cv2.FONT_HERSHEY_SIMPLEX, 1.0, (250,) * 3, 2)

    path = painted(tmp_path / "moves.mp4", 5, paint, size=(540, 96), background=(20, 20, 60))
    program = """
frames = sample_frames(video, fps=10.0)
starts = [10.0 + 90.0 * i for i in range(len(frames))]
cars = [crop(frame, Box(x, 20.0, x + 160.0, 80.0)) for frame, x in zip(frames, starts)]
answer([len(read_same_text(frames)), len(read_same_text(cars))])
"""
    assert read(path, tmp_path, program).answer == [0, 1]


def test_what_few_frames_have_is_left_out_and_lines_stand_in_reading_order(tmp_path: Path) -> None:
    def paint(number: int, picture: Picture) -> None:
        for text, down in (("SECOND", 130), ("FIRST", 60)):
            if text == "FIRST" or number < 2:
                cv2.putText(picture, text, (20, down), cv2.FONT_HERSHEY_SIMPLEX, 1.0, (250,) * 3, 2)

    path = painted(tmp_path / "two.mp4", 6, paint, size=(320, 160), background=(20, 20, 60))
    program = """
frames = sample_frames(video, fps=10.0)
some, all_of_it = read_same_text(frames[:2]), read_same_text(frames)
answer([line.text for line in some] + [line.text for line in all_of_it])
"""
    assert read(path, tmp_path, program).answer == ["FIRST", "SECOND", "FIRST"]


@pytest.mark.parametrize("frames", ["[frame_at(video, 0.0)]", "[]"])
def test_one_frame_is_refused_with_the_number_that_it_takes(tmp_path: Path, frames: str) -> None:
    path = painted(tmp_path / "one.mp4", 2, lambda _, picture: None)
    result = read(path, tmp_path, f"answer(len(read_same_text({frames})))")
    assert result.error is not None
    assert "frames" in result.error.message
    assert "2" in result.error.message


@pytest.mark.parametrize(
    ("texts", "text", "agreement"),
    [
        ([("EXIT 27B", 0.9)], "EXIT 27B", 0.9),
        ([("AB12", 0.8), ("AB12", 0.6)], "AB12", 0.7),
        # No two are right, and each character is so in two of three: "B" for "8", "Z" for "2".
        ([("A872", 1.0), ("AB7Z", 1.0), ("AB12", 1.0)], "AB72", 2 / 3),
        ([("AB12", 1.0), ("B12", 1.0), ("AB12", 1.0)], "AB12", 2 / 3),  # one has lost a character
        ([("AB12.", 1.0), ("AB12", 1.0), ("AB12", 1.0)], "AB12", 2 / 3),  # one has one too many
        ([("AB", 0.9), ("AX", 0.3), ("AX", 0.3)], "AB", 0.3),  # the surer outvotes two
        ([("", 1.0), ("", 1.0)], "", 1.0),
    ],
)
def test_each_character_is_as_most_texts_have_it(
    texts: list[tuple[str, float]], text: str, agreement: float
) -> None:
    agreed = agree(texts)
    assert agreed.text == text
    assert agreed.agreement == pytest.approx(agreement)


def test_agreement_needs_a_text() -> None:
    with pytest.raises(ValueError, match="there is none"):
        agree([])


def test_likeness_is_one_for_equal_texts_and_zero_for_texts_without_a_common_character() -> None:
    assert (likeness("AB", "AB"), likeness("AB", "XY")) == (1.0, 0.0)
