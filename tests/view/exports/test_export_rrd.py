"""The recording for Rerun, checked by its own reader; of an AVI a proxy is put in."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import vprog
from vprog.errors import PackageMissingError
from vprog.registry.registry import Registry
from vprog.view.exports.export_format import ExportJob
from vprog.view.exports.export_rrd import write_rrd

pytestmark = pytest.mark.usefixtures("home")

SOURCE = (
    "found = find_square(frame_at(video, 0.2))\nlevels = weigh_frames(video)\n"
    "answer(len(found), evidence=found)"
)


@pytest.mark.parametrize("source", [SOURCE, "answer(1)"], ids=["boxes", "nothing found"])
def test_rrd_is_what_rerun_reads(
    source: str, clip: Path, registry: Registry, tmp_path: Path
) -> None:
    pytest.importorskip("rerun", reason="rerun-sdk (500 MB) is not installed")
    trace = vprog.run(clip, source, registry=registry).trace
    path = tmp_path / "run.rrd"
    write_rrd(ExportJob(trace.story, trace.model, "all"), path)
    verified = subprocess.run(
        [sys.executable, "-m", "rerun_cli", "rrd", "verify", str(path)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}, capture_output=True, text=True,
    )  # fmt: skip
    assert verified.returncode == 0, verified.stderr
    assert "1 file verified without error" in verified.stdout + verified.stderr


def test_rrd_without_rerun_says_what_to_install(clip: Path, tmp_path: Path) -> None:
    try:
        import rerun  # type: ignore[import-not-found]  # noqa: F401
    except ImportError:
        trace = vprog.run(clip, "answer(1)").trace
        with pytest.raises(PackageMissingError) as raised:
            write_rrd(ExportJob(trace.story, trace.model, "all"), tmp_path / "x.rrd")
        assert 'pip install "vprog[rerun]"' in raised.value.hint
    else:
        pytest.skip("rerun-sdk is installed")
