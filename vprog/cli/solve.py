"""`vprog solve`: answer a question about a video."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from vprog.cli.command_errors import reports_errors
from vprog.cli.options import loudness, run_options, settings_of
from vprog.cli.print_result import carry_out
from vprog.cli.shell_words import strategies_offered
from vprog.cli.video_arguments import named_videos
from vprog.errors import UsageError
from vprog.llm.llm_spec import llm_forms
from vprog.runs.result import Result
from vprog.settings import Settings


@click.command("solve")
@click.argument("videos_and_question", nargs=-1, metavar="VIDEO... QUESTION")
@click.option(
    "--llm",
    help=f"What writes programs: {', '.join(llm_forms())}. default: rules.",
)
@click.option(
    "--strategy",
    shell_complete=strategies_offered,
    help="How the question is answered: look_first (the default), tree, ...; "
    "`vprog config --explain` lists all.",
)
@click.option(
    "--fast", "mode", flag_value="fast", help="Ask the vision-language model (--vlm) only."
)
@click.option("--slow", "mode", flag_value="slow", help="Answer by programs only.")
@click.option(
    "--auto", "mode", flag_value="auto", help="Fast first, slow if that is unsure. The default."
)
@click.option(
    "--threshold",
    type=float,
    help=f"Score from which a fast answer is accepted; {Settings.threshold}.",
)
@click.option("--floor", type=float, help=f"Score below which fast abstains; {Settings.floor}.")
@click.option("--max-llm-calls", type=int, help="Limit on requests to models, looks among them.")
@run_options
@reports_errors
def command(
    videos_and_question: tuple[str, ...],
    choices: tuple[str, ...],
    subs: Path | None,
    as_json: bool,
    quiet: bool,
    verbose: bool,
    otlp: str | None,
    **given: Any,
) -> int:
    """Answer QUESTION about one or several videos or sound files.

    The answer goes to stdout, everything else to stderr. Without --llm, built-in rules write
    the program; they abstain from a question that they do not understand. Frames are sent to
    no model unless --vlm names one.

    \b
    vprog solve kitchen.mp4 "How many people at 0:12?"
    vprog solve talk.mp4 "Which word comes first?" \\
      --choice freedom --choice peace
    """
    from vprog.solver.solver import solve

    def work(listen: Any) -> Result:
        videos, question = split(videos_and_question)
        return solve(
            named_videos(videos, is_quiet=quiet or as_json),
            question,
            choices=choices,
            subtitles=subs,
            listen=listen,
            **settings_of(given),
        )

    return carry_out(work, as_json=as_json, loudness=loudness(quiet, verbose), otlp=otlp)


def split(arguments: tuple[str, ...]) -> tuple[list[str], str]:
    """The videos and the question: the last argument is the question.

    Raises:
        UsageError: one of the two is missing.
    """
    if not arguments:
        raise UsageError("video and question missing.", hint='vprog solve VIDEO "QUESTION"')
    *videos, question = arguments
    if _is_file(question):
        raise UsageError(
            f"question missing: {question!r} is a file.", hint='vprog solve VIDEO "QUESTION"'
        )
    if not videos:
        raise UsageError(
            f"video missing: {question!r} is taken as the question, and no file of that name "
            "exists.",
            hint='vprog solve VIDEO "QUESTION"',
        )
    return list(videos), question


def _is_file(text: str) -> bool:
    try:
        return Path(text).is_file()
    except (OSError, ValueError):
        return False
