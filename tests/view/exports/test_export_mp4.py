"""The annotated video, decoded again by PyAV."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

import vprog
from tests.drawing import number_of, square_box
from vprog.errors import UsageError, VideoNotFoundError, VideoUnreadableError
from vprog.registry.registry import Registry
from vprog.view.exports.export_format import ExportJob
from vprog.view.exports.export_mp4 import write_mp4

pytestmark = pytest.mark.usefixtures("home")


def job_of(result: vprog.Result, what: str = "all", **given: Any) -> ExportJob:
    trace = result.trace
    return ExportJob(trace.story, trace.model, what, **given)  # type: ignore[arg-type]


@pytest.fixture
def result(clip: Path, registry: Registry) -> vprog.Result:
    """An answer that cites the square at 0.2 s of two seconds."""
    source = "found = find_square(frame_at(video, 0.2))\nanswer(len(found), evidence=found)"
    return vprog.run(clip, source, registry=registry)


def decoded(path: Path) -> list[tuple[float, Any]]:
    with av.open(str(path)) as container:
        return [
            (float(frame.pts * frame.time_base), frame.to_ndarray(format="rgb24"))  # type: ignore[operator]
            for frame in container.decode(video=0)
        ]


def test_mp4_has_the_cited_part_with_the_box_drawn_on(result: vprog.Result, tmp_path: Path) -> None:
    noted: list[str] = []
    path = tmp_path / "cited.mp4"
    write_mp4(job_of(result, note=noted.append), path)
    frames = decoded(path)
    assert len(frames) == 12  # 0 to 1.2 s at 10 a second
    assert [number_of(pixels) for _, pixels in frames[3:]] == list(range(3, 12))
    assert np.allclose([time for time, _ in frames], np.arange(12) / 10, atol=0.01)
    x0, y0, x1, _ = square_box(2, 160, 120)
    row = frames[2][1][y0, x0:x1].astype(int)  # the upper side of the box
    assert (row[:, 1] - row[:, 0]).mean() > 30  # green: cited
    late = frames[11][1][y0, x0:x1].astype(int)
    assert (late[:, 1] - late[:, 0]).mean() < 10  # the box of 0.2 s holds no longer
    assert noted == ["of 0:02 these parts are written: 0:00-0:01.2"]
    with av.open(str(path)) as container:
        codecs = [stream.codec_context.name for stream in container.streams]
        assert codecs == ["h264", "aac"]
        assert (
            abs(container.streams.audio[0].duration * container.streams.audio[0].time_base - 1.2)
            < 0.2
        )  # type: ignore[operator]


def test_mp4_of_the_whole_has_every_frame(result: vprog.Result, tmp_path: Path) -> None:
    write_mp4(job_of(result, whole=True), tmp_path / "whole.mp4")
    frames = decoded(tmp_path / "whole.mp4")
    assert len(frames) == 20


def test_mp4_where_nothing_is_cited_says_what_to_do(clip: Path, tmp_path: Path) -> None:
    result = vprog.run(clip, "abstain('nothing')")
    with pytest.raises(UsageError, match="nothing is cited") as raised:
        write_mp4(job_of(result), tmp_path / "x.mp4")
    assert "--whole" in raised.value.hint


def test_mp4_of_another_file_is_an_error(
    result: vprog.Result, other_clip: Path, tmp_path: Path
) -> None:
    with pytest.raises(VideoUnreadableError, match="not the file of the recorded run"):
        write_mp4(job_of(result, moved_to=(other_clip,)), tmp_path / "x.mp4")
    with pytest.raises(VideoNotFoundError) as raised:
        write_mp4(job_of(result, moved_to=(tmp_path / "gone.mp4",)), tmp_path / "x.mp4")
    assert "--moved PATH" in raised.value.hint
