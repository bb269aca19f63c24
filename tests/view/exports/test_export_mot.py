"""MOT's text form: ten numbers a line, frames from 1."""

from __future__ import annotations

import numpy as np
import pytest

from tests.view.exports.conftest import MakeJob
from tests.view.runs import answered, ended, program, started
from vprog.errors import NoVideoStreamError
from vprog.trace.event import VideoOpened
from vprog.types import Video
from vprog.view.exports.export_mot import mot_text


def test_mot_has_a_line_a_box_with_the_number_of_its_track(make_job: MakeJob) -> None:
    rows = np.loadtxt(mot_text(make_job("tracks")).splitlines(), delimiter=",")
    assert rows.shape == (4, 10)
    assert rows[:, 1].tolist() == [-1, -1, 1, 1]
    assert rows[2].tolist() == [30, 1, 10, 10, 20, 30, 0.75, -1, -1, -1]


def test_mot_of_sound_is_an_error(make_job: MakeJob) -> None:
    sound = VideoOpened(path="/v/a.wav", content_hash="0" * 64,
                        video=Video(0, 5.0, 0, 0, 0.0, 0, True, False))  # fmt: skip
    job = make_job(run=[started(videos=[sound]), program("answer(1)"), answered(1), ended()])
    with pytest.raises(NoVideoStreamError, match="sound only"):
        mot_text(job)
