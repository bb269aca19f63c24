"""Rows as an edit decision list (CMX 3600): a rough cut of the cited parts for an editor.

Timecodes are non-drop and count the file's frames from 0 at the next whole rate, so that 29.97
frames a second count 30 to the timecode's second; the true rate stands in the file as a comment.
A sound file is counted at 25. Source: the CMX 3600 list as editors read it: 999 events of a
number, a reel, a track, a transition and four timecodes, with names in comments.
"""

from __future__ import annotations

from vprog.view.exports.export_format import ExportFormat, ExportJob
from vprog.view.exports.export_subtitles import subtitle_words
from vprog.view.exports.frame_times import frame_number, timecode

MOST_EVENTS = 999
_SOUND_FPS = 25.0
_MOST_TITLE = 70


def edl_text(job: ExportJob) -> str:
    """One event a row; the record side puts them one after another."""
    video = job.opened
    fps = video.fps or _SOUND_FPS
    tracks = "A" if not video.n_frames else "B" if video.has_audio else "V"
    name = job.model.videos[video.index].name
    rows = job.spans
    if len(rows) > MOST_EVENTS:
        job.note(f"an EDL has at most {MOST_EVENTS} events: {len(rows) - MOST_EVENTS} are left out")
    lines = [
        f"TITLE: {_line(job.model.question)[:_MOST_TITLE]}",
        "FCM: NON-DROP FRAME",
        f"* FRAME RATE: {fps:.3f}",
        "",
    ]
    at = 0
    for number, row in enumerate(rows[:MOST_EVENTS], start=1):
        start = row.start or 0.0
        first = frame_number(start, fps)
        last = max(first + 1, frame_number(row.end if row.end is not None else start, fps))
        length = last - first
        times = " ".join(timecode(frame, fps) for frame in (first, last, at, at + length))
        at += length
        lines += [
            f"{number:03d}  AX       {tracks:<6}C        {times}",
            f"* FROM CLIP NAME: {_line(name)}",
            f"* COMMENT: {_line(subtitle_words(row))}",
            "",
        ]
    return "\r\n".join(lines) + "\r\n"


def _line(text: str) -> str:
    return " ".join(text.split())


FORMAT = ExportFormat(
    "edl", "evidence as a cut for video editors (CMX 3600)", edl_text, default="evidence"
)
