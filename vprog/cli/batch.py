"""`vprog batch`: answer many questions, one JSON line each."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from vprog.cli.answering import answer_listed, engine_option, part_of
from vprog.cli.command_errors import reports_errors
from vprog.cli.options import (
    loudness,
    loudness_options,
    preset_option,
    set_option,
    settings_of,
    window_options,
)
from vprog.cli.shell_words import strategies_offered
from vprog.errors import UsageError


@click.command("batch")
@click.argument("source", metavar="CASES|FOLDER|GLOB")
@click.argument("extra", nargs=-1, metavar="")
@click.option(
    "--question",
    "questions",
    multiple=True,
    help="Asked about each file of a FOLDER or GLOB; repeat it.",
)
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File for the lines; default: stdout.",
)
@click.option("--resume", is_flag=True, help="Go on with --out: ask what it lacks, and what failed "
              "by a file, the network or an interrupt.")  # fmt: skip
@click.option("--jobs", type=click.IntRange(1, 256), help="Questions at the same time; default: "
              "one a core, at least 4.")  # fmt: skip
@click.option("--shard", metavar="I/N", help="Only the Ith of N parts, by file: 1/4 ... 4/4.")
@preset_option
@click.option("--llm", help="What writes programs; default: rules.")
@click.option("--vlm", help="Vision-language model (VLM): openai:MODEL or hf:MODEL.")
@click.option("--strategy", shell_complete=strategies_offered, help="How questions are answered.")
@click.option("--device", help="Where models run: auto, cpu, cuda.")
@click.option("--max-seconds", type=float, help="Time limit for each question, in seconds.")
@engine_option
@set_option
@loudness_options
@window_options
@reports_errors
def command(
    source: str,
    extra: tuple[str, ...],
    questions: tuple[str, ...],
    out: Path | None,
    resume: bool,
    jobs: int | None,
    shard: str | None,
    engine: str | None,
    quiet: bool,
    verbose: bool,
    **given: Any,
) -> int:
    """Answer the questions of CASES, or the same ones about each file of a FOLDER or GLOB.

    CASES is JSON lines, {"id": "k1", "video": PATH, "question": TEXT, "choices": [TEXT...],
    "subs": PATH}, or CSV with these columns (choices parted by |); paths are relative to it.
    Questions about one file are asked together. Each line of the output is the object that
    `vprog solve --json` prints, with the id of its case, in the order in which they end; exit 3
    if some failed.

    \b
    vprog batch cases.jsonl -o answers.jsonl --resume
    vprog batch "clips/*.mp4" --question "Is there a dog?"
    """
    from vprog.evaluation.case_list import CaseDigests, list_cases

    if extra:
        raise UsageError(
            f'"{extra[0]}": batch takes one CASES, FOLDER or GLOB, and a question by --question.',
            hint=f'Write: vprog batch {source} --question "How many people are there?"; '
            'with a pattern in quotes, "clips/*.mp4".',
        )
    settings = settings_of(given)
    cases = list_cases(source, questions)
    if shard is not None:
        cases = part_of(cases, shard)
    if out is None and resume:
        raise UsageError("--resume goes on with a file.", hint="Name it: -o answers.jsonl.")
    digests = CaseDigests(cases, settings)
    answered = answer_listed(
        cases,
        digests,
        lambda case_id, result: {"id": case_id, "case": digests[case_id], **result.to_dict()},
        out=out,
        resume=resume,
        jobs=jobs or 0,
        settings=settings,
        engine=engine,
        loudness=loudness(quiet, verbose),
    )
    return answered.exit_code
