"""A run for the Rerun viewer: the video with boxes and bodies, measurements, speech, the answer.

Rerun plays mp4 alone: of any other file a proxy in H.264 is put in. Source: rerun-sdk 0.41,
MIT or Apache-2.0.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from vprog.errors import PackageMissingError
from vprog.types.coverage import PICTURE_S
from vprog.view.exports.export_format import ExportFormat, ExportJob
from vprog.view.exports.export_subtitles import subtitle_words
from vprog.view.exports.found_rows import FoundRow
from vprog.view.exports.h264_file import recorded_file, write_h264
from vprog.view.skeleton import Bone, bones_of, poses_of

_TIMELINE = "video_time"
_PLAYED = (".mp4", ".m4v", ".mov")
_BOXES, _BODIES = "video/boxes", "video/bodies"


def write_rrd(job: ExportJob, path: Path) -> None:
    """Write the recording.

    Raises:
        PackageMissingError: rerun-sdk is not installed.
        VideoError: the video is gone or is another.
    """
    try:
        import rerun
    except ImportError as error:
        raise PackageMissingError(
            "rrd needs rerun-sdk, which is not installed.", hint='Run: pip install "vprog[rerun]"'
        ) from error
    rr: Any = rerun
    video = job.opened
    rows = [row for row in job.rows if row.video == video.index]
    stream = rr.RecordingStream("vprog", recording_id=job.model.run)
    stream.save(path)
    told = f"# {job.model.question}\n\n**{job.model.headline}**\n\n{job.model.score.text}\n"
    stream.log("answer", rr.TextDocument(told, media_type="text/markdown"), static=True)
    program = "\n".join(line.source for line in job.model.lines)
    stream.log("program", rr.TextDocument(f"```python\n{program}\n```", media_type="text/markdown"),
               static=True)  # fmt: skip
    if video.n_frames:
        _log_video(rr, stream, job)
        _log_boxes(rr, stream, [row for row in job.boxes if row.video == video.index])
        _log_bodies(rr, stream, job)
    for row in rows:
        if row.start is None:
            continue
        stream.set_time(_TIMELINE, duration=row.start)
        if row.value is not None:
            stream.log(f"measured/{_entity(row.module)}", rr.Scalars(row.value))
        elif row.box is None or row.what == "evidence":
            stream.log(f"{row.what}/{_entity(row.kind)}", rr.TextLog(subtitle_words(row)))
    stream.flush()
    stream.disconnect()


def _log_video(rr: Any, stream: Any, job: ExportJob) -> None:
    with recorded_file(job) as file, tempfile.TemporaryDirectory() as folder:
        source = file.path
        if source.suffix.lower() not in _PLAYED:
            source = Path(folder) / "proxy.mp4"
            job.note(f"Rerun plays mp4 alone: a proxy of {file.name} is put in")
            write_h264(file, [(0.0, job.opened.duration)], source, lambda _, pixels: pixels)
        asset = rr.AssetVideo(path=source)
        stream.log("video", asset, static=True)
        times = asset.read_frame_timestamps_nanos()
        stream.send_columns(
            "video",
            indexes=[rr.TimeColumn(_TIMELINE, duration=(times - times[0]) * 1e-9)],
            columns=rr.VideoFrameReference.columns_nanos(times),
        )


def _log_boxes(rr: Any, stream: Any, rows: Sequence[FoundRow]) -> None:
    """The boxes of each moment; they go half a second later if no others come."""
    moments: dict[float, list[FoundRow]] = {}
    for row in rows:
        moments.setdefault(row.start or 0.0, []).append(row)
    for time, following in pairwise([*sorted(moments), float("inf")]):
        boxes = [row.box for row in moments[time] if row.box is not None]
        stream.set_time(_TIMELINE, duration=time)
        stream.log(
            _BOXES,
            rr.Boxes2D(
                mins=[box[:2] for box in boxes],
                sizes=[(box.x1 - box.x0, box.y1 - box.y0) for box in boxes],
                labels=[subtitle_words(row) for row in moments[time]],
            ),
        )
        if following - time > 2 * PICTURE_S:
            stream.set_time(_TIMELINE, duration=time + PICTURE_S)
            stream.log(_BOXES, rr.Clear(recursive=False))


def _log_bodies(rr: Any, stream: Any, job: ExportJob) -> None:
    """The bodies of each moment as lines; they go as boxes do."""
    moments: dict[float, list[Bone]] = {}
    for (video, time, _), pose in poses_of(job.story.steps).items():
        if video == job.opened.index:
            moments.setdefault(time, []).extend(bones_of(pose))
    for time, following in pairwise([*sorted(moments), float("inf")]):
        stream.set_time(_TIMELINE, duration=time)
        lines = [(bone[:2], bone[2:]) for bone in moments[time] if not bone.is_point]
        stream.log(_BODIES, rr.LineStrips2D(lines))
        if following - time > 2 * PICTURE_S:
            stream.set_time(_TIMELINE, duration=time + PICTURE_S)
            stream.log(_BODIES, rr.Clear(recursive=False))


def _entity(name: str) -> str:
    """A name as one part of an entity's path."""
    return "".join(letter if letter.isalnum() else "_" for letter in name) or "_"


FORMAT = ExportFormat("rrd", "the run for the Rerun viewer (extra rerun)", write=write_rrd)
