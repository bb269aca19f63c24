"""Windows of the scan for whole figures, against OpenCV's own."""

from __future__ import annotations

import cv2
import pytest

from tests.modules.scenes import texture
from vprog_modules.people import person_figures


@pytest.mark.parametrize(("number", "stride"), [(0, 8), (1, 4)])
def test_windows_and_margins_are_those_of_opencv_in_one_thread(number: int, stride: int) -> None:
    """In several its threads may give a margin to another thread's window."""
    classifier = person_figures._classifiers()[number]
    picture = cv2.cvtColor(texture(3, 400, 320), cv2.COLOR_RGB2GRAY)
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        windows, margins = classifier.detectMultiScale(
            picture,
            hitThreshold=person_figures._LEAST_MARGIN,
            winStride=(stride, stride),
            padding=(16, 16),
            scale=person_figures._SCALE,
            groupThreshold=0,
        )
    finally:
        cv2.setNumThreads(threads)
    theirs = [
        (tuple(map(int, window)), float(margin))
        for window, margin in zip(windows, margins, strict=True)
    ]
    assert theirs, "the picture has no window to compare"
    assert sorted(person_figures._windows(classifier, picture, stride)) == sorted(theirs)
