"""Tracks from detections."""

from __future__ import annotations

import random

import pytest

from vprog.types import Box, Detection, Frame
from vprog_modules.tracking.link_association import LinkAssociation


def seen(time: float, x: float, y: float = 50.0, label: str = "ball", video: int = 0) -> Detection:
    return Detection(label, Box(x - 10, y - 10, x + 10, y + 10), 0.8, Frame(video, time))


def link(detections: list[Detection], **named: float) -> list[list[float]]:
    tracks = LinkAssociation()(detections, **named)
    assert [track.id for track in tracks] == list(range(1, len(tracks) + 1))
    return [[(d.box.x0 + d.box.x1) / 2 for d in track.detections] for track in tracks]


def test_link_of_nothing_is_nothing() -> None:
    assert link([]) == []


def test_link_joins_in_any_order_of_input() -> None:
    detections = [seen(0.2 * k, 20 + 8 * k) for k in range(6)]
    random.Random(3).shuffle(detections)
    (track,) = LinkAssociation()(detections)
    assert track.span == (0.0, 1.0)
    assert [detection.frame.time for detection in track.detections] == [0.2 * k for k in range(6)]
    assert track.score == pytest.approx(0.8)


def test_link_keeps_crossing_things_apart() -> None:
    detections = []
    for k in range(11):
        detections += [seen(0.1 * k, 20 + 16 * k), seen(0.1 * k, 180 - 16 * k, 54)]
    first, second = link(detections)
    assert (first[0], first[-1]) == (20, 180)
    assert (second[0], second[-1]) == (180, 20)


def test_link_bridges_a_gap_straight_ahead() -> None:
    detections = [seen(0.1 * k, 20 + 10 * k) for k in range(20) if not 6 <= k < 13]
    detections += [seen(0.1 * k, 60, 120) for k in range(20)]
    assert sorted(map(len, link(detections))) == [13, 20]


@pytest.mark.parametrize(("max_gap", "n_tracks"), [(1.0, 2), (3.0, 1)])
def test_link_starts_anew_after_a_longer_gap(max_gap: float, n_tracks: int) -> None:
    times = [0.0, 0.5, 1.0, 3.0, 3.5]
    assert len(link([seen(time, 50) for time in times], max_gap=max_gap)) == n_tracks


def test_link_allows_the_distance_of_sampled_frames() -> None:
    assert len(link([seen(2.0 * k, 50 + 5 * k) for k in range(4)])) == 1


def test_link_joins_only_one_label_and_one_video() -> None:
    detections = [
        seen(0.0, 50), seen(0.2, 50), seen(0.0, 50, label="cup"), seen(0.2, 50, label="cup"),
        seen(0.0, 50, video=1), seen(0.2, 50, video=1),
    ]  # fmt: skip
    assert [len(detection) for detection in link(detections)] == [2, 2, 2]


def test_link_does_not_join_what_is_far_apart_or_of_another_size() -> None:
    far = [seen(0.0, 50), seen(0.2, 52), seen(0.4, 300)]
    assert sorted(map(len, link(far))) == [1, 2]
    big = Detection("ball", Box(0, 0, 200, 200), 0.8, Frame(0, 0.4))
    assert len(link([seen(0.0, 100), seen(0.2, 100), big])) == 2
