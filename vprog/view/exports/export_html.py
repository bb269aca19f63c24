"""The run as one page."""

from __future__ import annotations

from vprog.view.exports.export_format import ExportFormat, ExportJob


def html_text(job: ExportJob) -> str:
    """The page with its pictures in it, and the cited spans to be played where asked for.

    Raises:
        UsageError: such clips cannot be made here.
        VideoError: a video that is to be put in is gone, is another, or cannot be decoded.
    """
    from vprog.view.html.page import page
    from vprog.view.recorded_video import check_kind, clips_inside

    recording = job.story.recording
    clips = (
        clips_inside(
            job.model, recording.started.videos, check_kind(job.clips), moved_to=job.moved_to
        )
        if job.clips
        else ()
    )
    return page(job.model, recording.picture, clips=clips)


FORMAT = ExportFormat(
    "html", "the run as one page, to read and to play", html_text, endings=("htm",), of_run=True
)
