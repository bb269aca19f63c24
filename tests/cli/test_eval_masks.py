"""`vprog eval --suite` on masks: J and F of what a program cites, against a count by hand."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.cli.command import ROOT, finish, start
from tests.drawing import Picture, draw_video

pytestmark = pytest.mark.usefixtures("home")
WIDTH, HEIGHT, N_FRAMES = 160, 120, 5
MODULE = """
import numpy as np

from vprog.registry.call_context import Pixels, current
from vprog.registry.module import implements
from vprog.types import Frame, Mask


@implements("segment", backend="red pixels, 4 too far right", rank=1000, pixels=Pixels("frame"))
class SegmentBeside:
    \"\"\"Outlines what is red, 4 pixels beside it.\"\"\"

    def __call__(self, frame: Frame, label: str, *, min_score: float = 0.25) -> list[Mask]:
        pixels = current().pictures[0]
        is_red = (pixels[..., 0] > 150) & (pixels[..., 1] < 90)
        return [current().mask(frame, np.roll(is_red, 4, axis=1), 0.9)]
"""
PROGRAM = """
frames = [frame_at(video, time) for time in [0.0, 0.2, 0.4, 0.6]]
masks = [segment(frame, "red square")[0] for frame in frames]
answer("the red square", evidence=masks)
"""


def square(number: int) -> tuple[slice, slice]:
    """Rows and columns of a square of 40 x 30 pixels that moves by 10 a picture."""
    return slice(40, 70), slice(20 + 10 * number, 60 + 10 * number)


def paint(number: int, width: int, height: int) -> Picture:
    picture = np.full((height, width, 3), 90, dtype=np.uint8)
    picture[square(number)] = (220, 20, 20)
    return picture


def suite_file(folder: Path) -> Path:
    """ReasonVOS of one video of five pictures, with the true masks of its square."""
    names = [f"{number:05}" for number in range(N_FRAMES)]
    (folder / "JPEGImages").mkdir()
    (folder / "Annotations" / "MOSE_v_3").mkdir(parents=True)
    for number, name in enumerate(names):
        bitmap = np.zeros((HEIGHT, WIDTH), np.uint8)
        bitmap[square(number)] = 255
        Image.fromarray(bitmap).save(folder / "Annotations" / "MOSE_v_3" / f"{name}.png")
    draw_video(folder / "JPEGImages" / "v.mkv", N_FRAMES, fps=5, size=(WIDTH, HEIGHT), paint=paint)
    asked = {"obj_id": 3, "exp_id": 0, "exp_text": "What moves?", "is_sent": True}
    video = {"source": "MOSE", "frames": names, "expressions": [asked]}
    path = folder / "meta_expressions.json"
    path.write_text(json.dumps({"videos": {"v": video}}))
    return path


def module_package(folder: Path) -> dict[str, str]:
    """A package of one module, and the variables under which it is found."""
    metadata = folder / "package" / "beside-1.0.dist-info"
    metadata.mkdir(parents=True)
    (metadata.parent / "beside.py").write_text(MODULE)
    (metadata / "METADATA").write_text("Name: beside\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[vprog.modules]\nbeside = beside:SegmentBeside\n")
    paths = (str(ROOT), str(ROOT / "modules"), str(metadata.parent))
    return {"PYTHONPATH": os.pathsep.join(paths)}


def test_masks_beside_the_true_ones_have_the_j_and_f_that_can_be_counted(tmp_path: Path) -> None:
    path = suite_file(tmp_path)
    (tmp_path / "replies.txt").write_text(f"```python\n{PROGRAM}```\n")
    ran = finish(
        start("eval", path, "--suite", "reason_vos", "-o", tmp_path / "run", "--llm",
              f"scripted:{tmp_path / 'replies.txt'}", "--strategy", "program", "--json",
              env=module_package(tmp_path))
    )  # fmt: skip
    assert ran.code == 0, ran.err
    # 36 of 44 columns are in both; the last of five pictures has no mask.
    j = 4 / 5 * 36 / 44
    # Of the 140 points of a contour (41 x 31 corners) those within 2 pixels of the other: 39 of
    # its upper side, 39 of its lower one, and 4 where the right side meets the other's.
    f = 4 / 5 * 82 / 140
    metrics = ran.json["metrics"]
    assert metrics["J"] == pytest.approx(j, abs=1e-6)
    assert metrics["F"] == pytest.approx(f, abs=1e-6)
    assert metrics["J&F"] == pytest.approx((j + f) / 2, abs=1e-6)
    assert ran.json["overall"]["right"] == 1  # from a J&F of 0.5 on
    again = finish(
        start("eval", "--replay", tmp_path / "run" / "archive.zip", "-o", tmp_path / "again")
    )
    assert again.code == 0, again.err
