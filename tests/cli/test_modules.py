"""`vprog modules`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.command import finish, start, vprog

pytestmark = pytest.mark.usefixtures("home")

MODULE = '''
from vprog.registry.module import module
from vprog.types import Video

@module("count_frames")
class CountFrames:
    def __call__(self, video: Video) -> int:
        """How many frames the video has.

        Args:
            video: the video to count in.

        Returns:
            The number of frames; 0 if the file has sound only.
        """
        return {value}
'''


def test_modules_show_and_list_name_the_grids_of_each_implementation() -> None:
    shown = vprog("modules", "show", "find_silence").out
    assert "  grid of level: -60.0, -50.0, -40.0\n  grid of min_length: 0.1, 0.3, 1.0\n" in shown
    assert "grid" not in vprog("modules", "show", "probe").out
    listed = {row["task"]: row for row in vprog("modules", "list", "--json").json}
    assert listed["detect"]["grids"] == {"min_score": [0.1, 0.25, 0.5]}
    assert listed["probe"]["grids"] == {}


def test_modules_list_marks_what_serves() -> None:
    out = vprog("modules", "list").out
    assert out.startswith("works here (* serves its task):\n")
    assert "  probe(video: Video) -> Metadata\n" in out
    assert "    * ProbeContainer: container (vprog " in out
    works, _, lacks = out.partition("not here:\n")
    assert "AskOpenAI" in lacks
    assert "AskOpenAI" not in works
    listed = vprog("modules", "list", "--json").json
    by_task = {entry["task"]: entry for entry in listed if entry["serves"]}
    assert by_task["frame_at"]["implementation"] == "FrameAtIndex"
    assert all(item["summary"] for item in listed)
    core = {row["task"] for row in vprog("modules", "list", "--preset", "core", "--json").json
            if row["serves"]}  # fmt: skip
    assert "detect" not in core
    assert {"probe", "frame_at"} <= core


def test_modules_show_has_signature_description_and_implementations() -> None:
    out = vprog("modules", "show", "frame_at").out
    assert out.startswith(
        "frame_at(video: Video, time: float, *, tolerance: float = 0.0) -> Frame\n"
    )
    assert "FrameAtIndex, version " in out
    assert "runs here" in out


def test_modules_list_and_show_know_tasks_that_no_module_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("VPROG_MODULES", "probe_container")
    listed = vprog("modules", "list").out
    assert "  detect(frame: Frame, label: str, *, min_score: float = 0.25)" in listed
    assert "  no module that does it is installed. Install a package that brings one.\n" in listed
    rows = {row["task"]: row for row in vprog("modules", "list", "--json").json}
    assert (rows["detect"]["implementation"], rows["detect"]["runs_here"]) == (None, False)
    assert rows["probe"]["implementation"] == "ProbeContainer"
    shown = vprog("modules", "show", "detect").out
    assert "Find every thing of one kind in a picture." in shown
    assert "does not run here: no module that does it is installed." in shown


def test_modules_show_of_an_unknown_one_names_the_nearest() -> None:
    ran = vprog("modules", "show", "frame_att")
    assert ran.code == 2
    assert 'Did you mean "frame_at"' in ran.err


def test_modules_check_finds_what_is_wrong(home: Path) -> None:
    (home / "good_module.py").write_text(MODULE.replace("{value}", "video.n_frames"))
    (home / "bad_module.py").write_text(MODULE.replace("{value}", '"many"'))
    good = finish(start("modules", "check", "good_module:CountFrames", cwd=home))
    assert (good.code, good.out) == (0, "count_frames/CountFrames: holds\n")
    bad = finish(start("modules", "check", "bad_module:CountFrames", cwd=home))
    assert bad.code == 1
    assert "findings" in bad.out


@pytest.mark.parametrize("name", ["nowhere:Nothing", "json:Nothing", "json:dumps"])
def test_modules_check_of_what_is_no_module_is_an_error(name: str) -> None:
    ran = vprog("modules", "check", name)
    assert ran.code in (1, 2)
    assert "error: " in ran.err
