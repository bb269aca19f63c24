from __future__ import annotations

import pytest

from vprog.strategies.clip_lengths import clip_lengths, n_clips, shared_length


@pytest.mark.parametrize(
    ("duration", "lengths"),
    [
        (0.5, [1]),
        (5, [1, 8]),
        (60, [1, 8, 64]),
        (300, [1, 8, 64, 128, 256, 512]),
    ],
)
def test_lengths_end_with_one_that_covers_the_video(duration: float, lengths: list[int]) -> None:
    assert list(clip_lengths(duration)) == lengths


def test_other_first_lengths_are_doubled_too() -> None:
    assert list(clip_lengths(35.0, (10.0,))) == [10, 20, 40]


def test_the_last_clip_may_be_shorter() -> None:
    assert [n_clips(10.0, each) for each in (1, 8, 64)] == [10, 2, 1]
    assert n_clips(0.0, 8) == 1


def test_a_video_is_parted_evenly() -> None:
    assert shared_length(11.0, 10.0) == 5.5
    assert shared_length(64.0, 8.0) == 8.0
