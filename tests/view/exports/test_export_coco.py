"""COCO's JSON, as pycocotools reads it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.view.exports.conftest import MakeJob, events
from vprog.view.exports.export_coco import coco_text


@pytest.mark.filterwarnings("ignore:__array__:DeprecationWarning")  # of pycocotools
def test_coco_is_what_pycocotools_reads(make_job: MakeJob, tmp_path: Path) -> None:
    coco = pytest.importorskip("pycocotools.coco")
    path = tmp_path / "found.json"
    path.write_text(coco_text(make_job("tracks")))
    read = coco.COCO(str(path))
    dogs = read.loadAnns(read.getAnnIds(catIds=read.getCatIds(catNms=["dog"])))
    assert [(dog["bbox"], dog["track_id"], dog["score"]) for dog in dogs] == [
        ([10, 10, 20, 30], 1, 0.75), ([12, 10, 20, 30], 1, 0.5),
    ]  # fmt: skip
    image = read.loadImgs(dogs[0]["image_id"])[0]
    assert (image["time"], image["frame_id"], image["width"], image["height"]) == (
        1.0,
        29,
        160,
        120,
    )
    (mask,) = [found for found in read.loadAnns(read.getAnnIds()) if "segmentation" in found]
    bitmap = read.annToMask(mask)
    assert (bitmap.sum(), mask["area"]) == (12, 12.0)
    assert bitmap[10:13, 20:24].all()


def test_coco_of_no_answer_is_empty_but_whole(make_job: MakeJob) -> None:
    made = json.loads(coco_text(make_job("evidence", run=events(is_answered=False))))
    assert made["annotations"] == made["images"] == made["categories"] == []
    assert made["info"]["status"] == "abstained"
