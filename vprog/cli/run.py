"""`vprog run`: run a program of your own over a video."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from vprog.cli.command_errors import reports_errors
from vprog.cli.options import loudness, run_options, settings_of
from vprog.cli.print_result import carry_out
from vprog.cli.video_arguments import named_videos
from vprog.errors import UsageError
from vprog.runs.result import Result

_MOST_BYTES = 200_000


@click.command("run")
@click.argument("videos_and_program", nargs=-1, metavar="VIDEO... PROGRAM.py")
@click.option("--question", default="", help="The value of `question` in the program.")
@run_options
@reports_errors
def command(
    videos_and_program: tuple[str, ...],
    question: str,
    choices: tuple[str, ...],
    subs: Path | None,
    as_json: bool,
    quiet: bool,
    verbose: bool,
    otlp: str | None,
    **given: Any,
) -> int:
    """Run PROGRAM.py over one or several videos; "-" reads it from stdin.

    No language model is used. The program is checked and sandboxed like any that a model
    wrote; `vprog modules list` shows what it can call.
    """
    from vprog.solver.solver import run

    def work(listen: Any) -> Result:
        if len(videos_and_program) < 2:
            raise UsageError("a video and a program are needed.", hint="vprog run VIDEO PROGRAM.py")
        *videos, program = videos_and_program
        return run(
            named_videos(videos, is_quiet=quiet or as_json),
            read_program(program),
            question=question,
            choices=choices,
            subtitles=subs,
            listen=listen,
            **settings_of(given),
        )

    return carry_out(work, as_json=as_json, loudness=loudness(quiet, verbose), otlp=otlp)


def read_program(path: str) -> str:
    """The text of a program file, or of stdin for "-".

    Raises:
        UsageError: no such file, too large, or not UTF-8.
    """
    try:
        if path == "-":
            data = sys.stdin.buffer.read(_MOST_BYTES + 1)
        else:
            with Path(path).open("rb") as file:
                data = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise UsageError(
            f"{path}: the program cannot be read: {error.strerror}.",
            hint="vprog run VIDEO PROGRAM.py",
        ) from error
    if len(data) > _MOST_BYTES:
        raise UsageError(f"{path}: longer than {_MOST_BYTES} bytes.", hint="Is this a program?")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UsageError(
            f"{path}: not UTF-8 at byte {error.start}.", hint="Save the program as UTF-8."
        ) from error
