"""`vprog trace export`: a run as a file that other programs read."""

from __future__ import annotations

import os
from pathlib import Path

import click

from vprog.cli.command_errors import reports_errors
from vprog.cli.output import note, safe
from vprog.cli.shell_words import traces_offered
from vprog.cli.stdout_guard import answers
from vprog.errors import UsageError
from vprog.settings import load_settings
from vprog.trace.store import find_trace, read_trace
from vprog.view.exports.export_format import (
    ExportFormat,
    ExportJob,
    What,
    export_formats,
    format_named,
)

_STDOUT = Path("-")


def _listed() -> str:
    return "\n".join(f"  {known.name:8} {known.summary}" for known in export_formats().values())


@click.command(
    "export",
    help=f"""Write a run as a file that other programs read.

    \b
{_listed()}

    Without -f the ending of FILE says which. Rows are the evidence of the answer, or what modules
    found (tracks): boxes, things that are followed, speech, shots, levels. Times are seconds of
    the video, boxes pixels of its frame. A run without an answer has no evidence: its file is
    empty but valid, and stderr says why.

    \b
    vprog trace export last -o evidence.srt
    vprog trace export last -f csv -o - --what tracks
    vprog trace export last -o seen.mp4 --whole
    """,
)  # fmt: skip
@click.argument("name", metavar="TRACE", default="last", shell_complete=traces_offered)
@click.option("-o", "--out", type=click.Path(path_type=Path, dir_okay=False),
              help='The file to write; "-" for stdout.')  # fmt: skip
@click.option("-f", "--format", "kind", metavar="FORMAT", help="One of those above.")
@click.option("--what", type=click.Choice(["evidence", "tracks", "all"]),
              help="Which rows; default: all, of srt, vtt and edl evidence, of mot and coco "
              "tracks.")  # fmt: skip
@click.option("--input", "index", type=click.IntRange(0), metavar="N",
              help="Which video, counted from 0, where the run has several.")  # fmt: skip
@click.option("--moved", "moved_to", multiple=True, type=click.Path(path_type=Path),
              help="New path of a video that was moved; repeat it.")  # fmt: skip
@click.option("--video", "clips", is_flag=False, flag_value="h264", default="", metavar="[KIND]",
              help="html: put the cited spans in, to be played: h264 (the default) or "
              "vp9.")  # fmt: skip
@click.option("--whole", is_flag=True, help="mp4: all of the video, not the cited parts alone.")
@click.option("--otlp", metavar="URL", help="Send the spans of the run there, as protobuf.")
@click.option("--html", type=click.Path(path_type=Path, dir_okay=False),
              help="The same as -f html -o FILE.")  # fmt: skip
@reports_errors
def export_command(
    name: str,
    out: Path | None,
    kind: str | None,
    what: What | None,
    index: int | None,
    moved_to: tuple[Path, ...],
    clips: str,
    whole: bool,
    otlp: str | None,
    html: Path | None,
) -> int:
    if html is not None:
        if out is not None or kind is not None:
            raise UsageError("--html goes without -o and -f.", hint="Write -f html -o FILE.")
        out, kind = html, "html"
    if out is None and otlp is None:
        raise UsageError("the file is missing.", hint="Name it: -o evidence.srt.")
    chosen = None if out is None else _format(kind, out, what, whole)
    if clips and (chosen is None or chosen.name != "html"):
        raise UsageError("--video is of html alone.", hint="For a video by itself: -o FILE.mp4.")
    from vprog.view.explored_trace import Trace

    trace = Trace(read_trace(find_trace(load_settings().trace_dir, name)))
    if index is not None and index >= len(trace.model.videos):
        raise UsageError(f"--input {index}: the run has {len(trace.model.videos)} videos.",
                         hint="They are counted from 0.")  # fmt: skip
    if otlp is not None:
        from vprog.view.exports.export_otlp import send_otlp

        note(f"sent {send_otlp(trace.story, trace.model, otlp)} spans to {otlp}")
    if out is not None and chosen is not None:
        job = ExportJob(
            trace.story, trace.model, what or chosen.default, index, whole, moved_to, clips, _told
        )
        _write(job, chosen, out)
    return 0


def _told(text: str) -> None:
    note(f"note: {text}")


def _format(kind: str | None, out: Path, what: What | None, whole: bool) -> ExportFormat:
    if kind is None and out == _STDOUT:
        raise UsageError("-o -: the format is missing.", hint="Name it: -f csv.")
    chosen = format_named(kind, str(out))
    if out == _STDOUT and chosen.text is None:
        raise UsageError(f"{chosen.name} is no text: it does not go to stdout.",
                         hint=f"Name a file: -o run.{chosen.name}.")  # fmt: skip
    if whole and chosen.name != "mp4":
        raise UsageError("--whole is of mp4 alone.", hint=f"Leave it out for {chosen.name}.")
    if what is not None and chosen.of_run:
        raise UsageError(f"{chosen.name} tells the whole run.", hint="Leave --what out.")
    if out != _STDOUT and not out.parent.is_dir():
        raise UsageError(f"{safe(out.parent)}: no such folder.", hint="Make it first.")
    return chosen


def _write(job: ExportJob, chosen: ExportFormat, out: Path) -> None:
    """The file appears whole or not at all."""
    text = chosen.text(job) if chosen.text is not None else None
    if text is not None and out == _STDOUT:
        click.echo(text.encode("utf-8", "replace"), file=answers().buffer, nl=False)
        return
    fresh = out.with_name(f".{out.name[:100]}.{os.getpid()}.part")
    try:
        if text is not None:
            fresh.write_bytes(text.encode("utf-8", "replace"))
        elif chosen.write is not None:
            chosen.write(job, fresh)
        os.replace(fresh, out)
    except OSError as error:  # of a full disk without the file's name
        why = error.strerror or error
        raise UsageError(
            f"{safe(out)} cannot be written: {why}.", hint="Make room, or name another file."
        ) from error
    finally:
        fresh.unlink(missing_ok=True)
    note(f"wrote {out}")
