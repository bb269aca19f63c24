"""Boxes, masks and poses as COCO's JSON: videos, images, annotations, categories.

An image stands for a frame by its time; no picture is written: `file_name` is the video's name
with the frame's number, as tools that cut a video into frames call them. Masks are compressed run
lengths. `score`, `track_id`, `time` and `video_id` are beside what COCO asks for.
"""

from __future__ import annotations

import json
from pathlib import PurePath
from typing import Any

import msgspec

from vprog.errors import TraceError
from vprog.types import Pose
from vprog.types.mask_rle import decode_mask
from vprog.types.pose import BODY_POINTS
from vprog.view.exports.export_format import ExportFormat, ExportJob
from vprog.view.exports.found_rows import FoundRow, outlines
from vprog.view.exports.frame_times import frame_number
from vprog.view.skeleton import BONES, poses_of
from vprog.view.words import clean

_BODY = {
    "keypoints": BODY_POINTS,
    "skeleton": [[BODY_POINTS.index(name) + 1 for name in bone] for bone in BONES],
}
"""What a category of bodies holds: the names of its points, and which are joined, from 1."""


def coco_text(job: ExportJob) -> str:
    """The file as pycocotools, FiftyOne and labelling tools read it."""
    videos = [opened.video for opened in job.story.recording.started.videos]
    rles, poses = outlines(job.story.steps), poses_of(job.story.steps)
    images: dict[tuple[int, float], dict[str, Any]] = {}
    categories: dict[str, int] = {}
    with_bodies: set[int] = set()
    annotations: list[dict[str, Any]] = []
    stems = [PurePath(clean(shown.name)).stem for shown in job.model.videos]
    for row in job.boxes:
        if not 0 <= row.video < len(videos) or row.start is None:
            continue
        video = videos[row.video]
        number = frame_number(row.start, video.fps)
        image = images.setdefault(
            (row.video, row.start),
            {
                "id": len(images) + 1,
                "file_name": f"{stems[row.video]}_{number:06d}.jpg",
                "width": video.width,
                "height": video.height,
                "video_id": row.video + 1,
                "frame_id": number,
                "time": row.start,
            },
        )
        label = row.label or row.kind.lower()
        category = categories.setdefault(label, len(categories) + 1)
        annotation = _annotation(row, len(annotations) + 1, image["id"], category, rles)
        if row.kind == "Pose" and row.box is not None:
            annotation |= _keypoints(poses[row.video, row.start, row.box])
            with_bodies.add(category)
        annotations.append(annotation)
    told = {
        "info": {
            "description": f"vprog trace {job.model.run}",
            "question": job.model.question,
            "answer": job.model.headline,
            "status": job.model.status,
        },
        "licenses": [],
        "videos": [
            {"id": video.index + 1, "name": clean(shown.name), "width": video.width,
             "height": video.height, "fps": video.fps}
            for video, shown in zip(videos, job.model.videos, strict=True)
        ],
        "images": list(images.values()),
        "annotations": annotations,
        "categories": [
            {"id": number, "name": name, "supercategory": "",
             **(_BODY if number in with_bodies else {})}
            for name, number in categories.items()
        ],
    }  # fmt: skip
    return json.dumps(told, ensure_ascii=True, allow_nan=False) + "\n"


def _annotation(
    row: FoundRow,
    number: int,
    image: int,
    category: int,
    rles: dict[tuple[int, float, Any], str],
) -> dict[str, Any]:
    box = row.box
    assert box is not None  # boxes have one
    width, height = box.x1 - box.x0, box.y1 - box.y0
    annotation: dict[str, Any] = {
        "id": number,
        "image_id": image,
        "category_id": category,
        "bbox": [box.x0, box.y0, width, height],
        "area": width * height,
        "iscrowd": 0,
    }
    rle = rles.get((row.video, row.start or 0.0, box))
    if rle is not None:
        try:
            annotation["area"] = float(decode_mask(rle).sum())
            annotation["segmentation"] = msgspec.json.decode(rle)
        except TraceError:  # a trace may hold anything; its box is still one
            pass
    if row.score is not None:
        annotation["score"] = row.score
    if row.track is not None:
        annotation["track_id"] = row.track
    return annotation


def _keypoints(pose: Pose) -> dict[str, Any]:
    """The points of a body in COCO's order; those that were not seen are 0, 0, 0."""
    seen = {point.name: (point.x, point.y, 2) for point in pose.keypoints}
    rows = [seen.get(name, (0, 0, 0)) for name in BODY_POINTS]
    return {
        "keypoints": [number for row in rows for number in row],
        "num_keypoints": sum(1 for row in rows if row[2]),
    }


FORMAT = ExportFormat("coco", "boxes, masks and poses as COCO's JSON", coco_text, default="tracks")
