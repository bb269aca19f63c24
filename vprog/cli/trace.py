"""`vprog trace`: show, export, replay and compare recorded runs."""

from __future__ import annotations

from itertools import islice

import click

from vprog.cli.command_errors import reports_errors
from vprog.cli.export import export_command
from vprog.cli.output import note, say, say_json
from vprog.cli.replay import diff_command, replay_command
from vprog.cli.shell_words import traces_offered
from vprog.cli.stdout_guard import answers
from vprog.settings import load_settings
from vprog.trace.store import find_trace, list_traces, read_trace, run_folders


@click.group("trace")
def command() -> None:
    """Show, export, replay and compare recorded runs.

    TRACE is a name from `vprog trace list`, a path, or "last".
    """


@command.command("list")
@click.option("--most", default=20, show_default=True, help="How many to list.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON array.")
@reports_errors
def show_list(most: int, as_json: bool) -> int:
    """List the runs, newest first."""
    folder = load_settings().trace_dir
    listed = list(islice(list_traces(folder), max(0, most)))
    if as_json:
        say_json(
            [
                {
                    "trace": str(run.folder),
                    "status": run.status,
                    "question": run.started.question if run.started else None,
                    "videos": [video.path for video in run.started.videos] if run.started else [],
                    "started": run.started.started if run.started else None,
                    "size_bytes": run.size_bytes,
                    "problem": run.problem,
                }
                for run in listed
            ]
        )
        return 0
    if not listed:
        note(f"no traces in {folder}")
    for run in listed:
        if run.started is None:
            say(f"{run.folder.name}  {run.status:11}  {run.problem[:120]}")
            continue
        video = run.started.videos[0].path.rsplit("/", 1)[-1] if run.started.videos else ""
        question = (run.started.question or "(a program of one's own)").replace("\n", " ")
        say(f"{run.folder.name}  {run.status:11}  {video}  {question[:80]}")
    more = len(run_folders(folder)) - len(listed)
    if more > 0:
        note(f"({more} more; --most N shows them)")
    return 0


@command.command("show")
@click.argument("name", metavar="TRACE", default="last", shell_complete=traces_offered)
@click.option("--calls", is_flag=True, help="Show every call of every line.")
@click.option("--json", "as_json", is_flag=True, help="Print all that is shown as one JSON object.")
@reports_errors
def show(name: str, calls: bool, as_json: bool) -> int:
    """Show the program of a run line by line. With times, values, calls and cache hits."""
    from vprog.view.explored_trace import Trace

    trace = Trace(read_trace(find_trace(load_settings().trace_dir, name)))
    if as_json:
        say_json(trace.to_dict())
        return 0
    from vprog.view.run_text import open_console, print_run

    print_run(trace.model, open_console(answers()), calls=calls)
    return 0


command.add_command(export_command)
command.add_command(replay_command)
command.add_command(diff_command)
