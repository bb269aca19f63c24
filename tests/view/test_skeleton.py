"""Bodies as lines: of a pose that is known by number, drawn in every view that draws boxes."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import vprog
from tests.browser import CHROMIUM, Tab, browser
from tests.drawing import draw_video
from tests.view.runs import called, ended, program, started, write
from vprog.registry.module import module, spec_of
from vprog.registry.registry import Registry
from vprog.trace.event import PictureKept
from vprog.types import Box, Detection, Frame, Keypoint, Pose
from vprog.view.boxes import boxes_of
from vprog.view.exports.export_coco import coco_text
from vprog.view.exports.export_format import ExportJob
from vprog.view.exports.export_mp4 import write_mp4
from vprog.view.exports.export_rrd import write_rrd
from vprog.view.skeleton import Bone, bones_of, path_of
from vprog.view.steps import Story
from vprog_modules.frames.frame_at_index import FrameAtIndex

GREY = np.full((120, 160, 3), 128, np.uint8)
BODY = Box(50.0, 20.0, 110.0, 110.0)
PLACES = {
    "nose": (80.0, 30.0), "left shoulder": (92.0, 45.0), "right shoulder": (68.0, 45.0),
    "left elbow": (104.0, 60.0), "right elbow": (56.0, 60.0), "left wrist": (104.0, 40.0),
    "right wrist": (56.0, 80.0), "left hip": (88.0, 75.0), "right hip": (72.0, 75.0),
    "left knee": (90.0, 90.0), "right knee": (70.0, 90.0), "left ankle": (92.0, 106.0),
}  # fmt: skip
"""A body whose left arm is raised; its right ankle is not seen."""

POINTS = [Keypoint(name, x, y, 0.9) for name, (x, y) in PLACES.items()]
POSE = Pose(BODY, POINTS, 0.9, Frame(0, 0.5))
PERSON = Detection("person", BODY, 0.8, Frame(0, 0.5))

PROGRAM = (
    "pose = estimate_pose(Detection('person', Box(50.0, 20.0, 110.0, 110.0), 0.8, "
    "frame_at(video, 0.5)))\n"
    "answer(len(pose.keypoints), evidence=[pose])"
)


@module("estimate_pose", looks=True)
class EstimatePoseKnown:
    def __call__(self, person: Detection) -> Pose:
        """The pose that stands above.

        Args:
            person: anybody.

        Returns:
            It.
        """
        return POSE._replace(frame=person.frame)


@pytest.fixture
def trace(home: Path, tmp_path: Path) -> vprog.Trace:
    clip = draw_video(tmp_path / "grey.mp4", 12, paint=lambda *_: GREY)
    registry = Registry(map(spec_of, (FrameAtIndex, EstimatePoseKnown)))
    found = vprog.run(clip, PROGRAM, registry=registry).trace
    vprog.close()
    return found


def job_of(trace: vprog.Trace) -> ExportJob:
    return ExportJob(trace.story, trace.model, "all")


def test_bones_join_points_that_were_both_seen_and_points_are_without_length() -> None:
    bones = bones_of(POSE)
    assert Bone(92.0, 45.0, 104.0, 60.0) in bones  # the left upper arm
    joined = [bone for bone in bones if not bone.is_point]
    assert len(joined) == 11
    assert all(place in PLACES.values() for bone in joined for place in (bone[:2], bone[2:]))
    assert sorted(bone[:2] for bone in bones if bone.is_point) == sorted(PLACES.values())
    assert bones_of(POSE._replace(keypoints=[])) == []


def test_path_is_in_pixels_of_the_picture_it_is_drawn_on() -> None:
    assert path_of([Bone(1.0, 2.0, 3.0, 4.0)], 0.5) == "M0.5 1.0L1.5 2.0"


def test_a_person_who_was_found_first_gets_the_body_of_the_pose(tmp_path: Path) -> None:
    story = Story(
        write(tmp_path / "r", started(), program("x"), called(1, [PERSON]),
              called(2, {"who": [POSE]}, task="estimate_pose", id=2), ended())
    )  # fmt: skip
    kept = PictureKept(video=0, time=0.5, file="f", width=80, height=60, scale=0.5)
    ((labelled,),) = boxes_of(story.steps, [kept])
    assert (labelled.label, labelled.bones) == ("person 0.80", bones_of(POSE))


def test_pictures_for_notebooks_have_the_body(trace: vprog.Trace) -> None:
    pixels = np.asarray(trace.frame(0), int)
    scale = pixels.shape[1] / 160
    x, y = (round(place * scale) for place in PLACES["left wrist"])
    assert pixels[y, x, 0] - pixels[y, x, 1] > 100  # red


def test_coco_has_the_points_in_its_order(trace: vprog.Trace, tmp_path: Path) -> None:
    told = json.loads(coco_text(job_of(trace)))
    (annotation,) = (item for item in told["annotations"] if "keypoints" in item)
    assert annotation["num_keypoints"] == len(PLACES)
    assert annotation["keypoints"][:3] == [80.0, 30.0, 2]
    assert annotation["keypoints"][-3:] == [0, 0, 0]
    (category,) = (item for item in told["categories"] if item["id"] == annotation["category_id"])
    assert category["keypoints"][9] == "left wrist"
    assert [8, 10] in category["skeleton"]


def test_mp4_has_the_body_drawn_on(trace: vprog.Trace, tmp_path: Path) -> None:
    import av

    write_mp4(job_of(trace), tmp_path / "cited.mp4")
    with av.open(str(tmp_path / "cited.mp4")) as container:
        frames = [frame.to_ndarray(format="rgb24").astype(int) for frame in container.decode()]
    x, y = (round(place) for place in PLACES["left wrist"])
    assert frames[5][y, x, 1] - frames[5][y, x, 0] > 50  # green: cited


def test_rrd_has_the_body_as_lines(trace: vprog.Trace, tmp_path: Path) -> None:
    pytest.importorskip("rerun", reason="rerun-sdk (500 MB) is not installed")
    write_rrd(job_of(trace), tmp_path / "run.rrd")
    printed = subprocess.run(
        [sys.executable, "-m", "rerun_cli", "rrd", "print", "-vvv", str(tmp_path / "run.rrd")],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "/video/bodies" in printed.stdout
    assert "LineStrips2D" in printed.stdout


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tab]:
    with browser(tmp_path_factory.mktemp("profile")) as opened:
        yield opened


@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium on the PATH")
def test_page_draws_the_body_over_the_video_and_in_its_figures(
    tab: Tab, trace: vprog.Trace, tmp_path: Path
) -> None:
    trace.to_html(tmp_path / "page.html", video="vp9")
    tab.look(width=1400, dark=False)
    tab.open((tmp_path / "page.html").as_uri())
    tab.wait("film.readyState >= 2 && !film.seeking")
    ends: Any = tab.value(
        "[...over.querySelectorAll('path.bones')].map(path => [path.getPointAtLength(0), "
        "path.getTotalLength()]).map(([start, length]) => [start.x, start.y, length])"
    )
    ((x, y, length),) = ends
    bones = [bone for bone in bones_of(POSE) if not bone.is_point]
    assert (x, y) == bones[0][:2]
    total = sum(float(np.hypot(bone.x1 - bone.x0, bone.y1 - bone.y0)) for bone in bones)
    assert length == pytest.approx(total, abs=0.1)
    assert tab.value("over.querySelectorAll('path.joints').length") == 1
    drawn = "[...document.querySelectorAll('figure path.bones')].map(p => p.getBBox().width)"
    assert all(width > 30 for width in tab.value(drawn))
    assert len(tab.value(drawn)) >= 2
    assert tab.problems == []
    tab.screenshot(tmp_path / "page.png")
