"""`vprog audit`: test whether an answer rests on the evidence it cites."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vprog.cli.command_errors import reports_errors
from vprog.cli.options import set_option, settings_of
from vprog.cli.output import is_terminal, note, say, say_json
from vprog.cli.progress import RunProgress
from vprog.cli.shell_words import traces_offered
from vprog.view.words import answer_text

if TYPE_CHECKING:
    from vprog.evaluation.audit.ablations import Ablation
    from vprog.evaluation.audit.audit_run import Audit


@click.command("audit")
@click.argument("name", metavar="TRACE", default="last", shell_complete=traces_offered)
@click.option("--video", "videos", multiple=True, type=click.Path(path_type=Path),
              help="New path of a video that was moved; repeat it.")  # fmt: skip
@click.option("--llm", help="Language model to ask the question without the video.")
@click.option("--vlm", help="Vision-language model, if the run used one.")
@click.option("--max-seconds", type=float, help="Time limit for each run, in seconds.")
@click.option("-o", "--out", "trace_dir", type=click.Path(path_type=Path, file_okay=False),
              help="Folder for traces.")  # fmt: skip
@set_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@reports_errors
def command(name: str, videos: tuple[Path, ...], as_json: bool, **given: Any) -> int:
    """Test whether the answer of TRACE rests on the evidence it cites.

    The program runs again on the cited spans alone, without them, on shuffled frames, and
    with neither picture nor sound. The verdict goes to stdout.
    """
    from vprog.evaluation.audit.audit_run import audit

    progress = RunProgress(show=is_terminal() and not as_json)
    with progress:
        made = audit(name, videos=videos, listen=progress, **settings_of(given))
    if as_json:
        say_json(_jsonable(made))
        return 0
    note(made.question or "A program of one's own")
    note(f"answer: {answer_text(made.answer)}; it cites {made.cited:.0%} of the video's time")
    for ablation in made.ablations:
        note(_row(ablation))
    say(made.verdict)
    return 0


def _row(ablation: Ablation) -> str:
    came = {True: "same", False: "differs", None: "unknown"}[ablation.is_same]
    answer = answer_text(ablation.answer) if ablation.answer is not None else ""
    return f"  {came:8} {ablation.what}: {answer or f'no answer, {ablation.why}'}"


def _jsonable(made: Audit) -> dict[str, Any]:
    return {
        "question": made.question,
        "answer": made.answer,
        "cited": round(made.cited, 4),
        "rests": made.rests,
        "verdict": made.verdict,
        "ablations": [
            {
                "name": ablation.name,
                "what": ablation.what,
                "answer": ablation.answer,
                "why": ablation.why,
                "same": ablation.is_same,
                "trace": str(ablation.trace) if ablation.trace is not None else None,
            }
            for ablation in made.ablations
        ],
    }
