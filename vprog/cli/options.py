"""Options that several commands share, and how their values become settings."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

_Command = TypeVar("_Command", bound=Callable[..., Any])


def run_options(command: _Command) -> _Command:
    """What `solve` and `run` have in common."""
    for option in reversed(
        [
            click.option("--choice", "choices", multiple=True, help="An option; repeat it."),
            click.option(
                "--subs", type=click.Path(path_type=Path), help="A subtitle file (srt, vtt, ass)."
            ),
            click.option("--preset", help="Which modules serve: auto, offline, core or your own."),
            click.option(
                "--vlm",
                help="What sees frames: openai:MODEL or hf:MODEL. Default: nothing does.",
            ),
            click.option("--device", help="Where models run: auto, cpu, cuda."),
            click.option("--reader", help="What reads video: pyav or decord."),
            click.option("--max-seconds", type=float, help="Wall-clock seconds for the question."),
            click.option("--max-calls", type=int, help="Module calls for the question."),
            click.option(
                "--require-jail",
                is_flag=True,
                default=None,
                help="Refuse to run where the operating-system jail does not hold.",
            ),
            click.option(
                "-o",
                "--out",
                "trace_dir",
                type=click.Path(path_type=Path, file_okay=False),
                help="Folder for the trace of this run.",
            ),
            click.option("--json", "as_json", is_flag=True, help="Print one JSON object."),
        ]
    ):
        command = option(command)
    return command


def settings_of(given: dict[str, Any]) -> dict[str, Any]:
    """The options that were given, as settings."""
    return {name: value for name, value in given.items() if value is not None}
