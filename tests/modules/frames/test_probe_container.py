"""What the container says."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.drawing import draw_video
from tests.modules.scenes import call
from vprog_modules.frames.probe_container import ProbeContainer


def test_probe_tells_the_facts(tmp_path: Path) -> None:
    facts = call(draw_video(tmp_path / "v.mp4", 10, fps=10, title="Ten"), ProbeContainer)
    assert (facts.width, facts.height, facts.n_frames) == (160, 120, 10)
    assert facts.duration == pytest.approx(1.0)
    assert (facts.video_codec, facts.audio_codec, facts.title) == ("h264", "", "Ten")
