"""Boxes in the text form of the MOT challenge: frame, id, left, top, width, height, score, -1 x 3.

Frames count from 1 at the file's mean rate; a box that belongs to no track has the id -1, as in
the challenge's detection files. Labels have no place in it.
"""

from __future__ import annotations

from vprog.errors import NoVideoStreamError
from vprog.view.exports.export_format import ExportFormat, ExportJob
from vprog.view.exports.frame_times import frame_number


def mot_text(job: ExportJob) -> str:
    """One line a box.

    Raises:
        NoVideoStreamError: the file has sound only.
    """
    video = job.opened
    if not video.n_frames:
        raise NoVideoStreamError("mot: the file has sound only.", hint="Take srt or csv.")
    lines = {
        f"{frame_number(row.start or 0.0, video.fps) + 1},{row.track or -1},"
        f"{box.x0:.2f},{box.y0:.2f},{box.x1 - box.x0:.2f},{box.y1 - box.y0:.2f},"
        f"{1.0 if row.score is None else row.score:.4f},-1,-1,-1": (row.start or 0.0)
        for row in job.boxes
        if row.video == video.index and (box := row.box) is not None
    }
    return "".join(f"{line}\n" for line in sorted(lines, key=lambda line: lines[line]))


FORMAT = ExportFormat(
    "mot", "boxes and tracks as the MOT challenge writes them", mot_text,
    default="tracks", endings=("txt",),
)  # fmt: skip
