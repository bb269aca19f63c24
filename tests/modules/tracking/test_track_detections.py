"""Two rounds of association, by hand: who is confident goes first, who is faint only goes on."""

from __future__ import annotations

from vprog.types import Box, Detection, Frame
from vprog_modules.tracking.association import Tracker
from vprog_modules.tracking.track_detections import CONFIDENT


def seen(time: float, x: float, score: float) -> Detection:
    return Detection("cup", Box(x, 0.0, x + 20.0, 20.0), score, Frame(0, time))


def tracker() -> Tracker:
    return Tracker(max_gap=1.0, confident=CONFIDENT)


def test_a_faint_detection_goes_on_with_a_trail_and_begins_none() -> None:
    two = tracker()
    (begun,) = two.step(0.0, [seen(0.0, 10.0, 0.8)])
    assert two.step(0.2, [seen(0.2, 12.0, 0.15), seen(0.2, 200.0, 0.15)]) == [begun, None]
    assert two.step(0.4, [seen(0.4, 14.0, 0.7)]) == [begun]
    (trail,) = two.finish()
    assert [detection.score for detection in trail.detections] == [0.8, 0.15, 0.7]


def test_a_confident_detection_is_given_a_trail_before_a_faint_one_that_is_nearer() -> None:
    two = tracker()
    (begun,) = two.step(0.0, [seen(0.0, 10.0, 0.8)])
    owners = two.step(0.2, [seen(0.2, 10.0, 0.2), seen(0.2, 14.0, 0.6)])
    assert owners == [None, begun]


def test_without_a_bar_every_detection_has_a_trail() -> None:
    one = Tracker(max_gap=1.0)
    owners = one.step(0.0, [seen(0.0, 10.0, 0.01), seen(0.0, 100.0, 0.9)])
    assert None not in owners
    assert len(one.finish()) == 2


def test_a_trail_lives_through_a_gap_and_ends_after_it() -> None:
    for gap, n_trails in ((0.9, 1), (1.3, 2)):
        two = tracker()
        two.step(0.0, [seen(0.0, 10.0, 0.8)])
        two.step(0.1, [seen(0.1, 10.0, 0.8)])
        two.step(0.1 + gap, [seen(0.1 + gap, 10.0, 0.8)])
        assert len(two.finish()) == n_trails
