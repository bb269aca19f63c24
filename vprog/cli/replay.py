"""`vprog trace replay` and `vprog trace diff`: run a run again, compare two runs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vprog.cli.command_errors import reports_errors
from vprog.cli.options import module_swaps, set_option, settings_of
from vprog.cli.output import note, say, say_json
from vprog.cli.shell_words import traces_offered
from vprog.settings import load_settings
from vprog.trace.store import find_trace, read_trace

if TYPE_CHECKING:
    from vprog.replays.replay_run import Replayed
    from vprog.view.difference import Difference

_PARTED = 6
"""Exit code where a run that nobody changed does not come out as recorded."""


@click.command("replay")
@click.argument("name", metavar="TRACE", default="last", shell_complete=traces_offered)
@click.option("--edit", "edits", multiple=True, metavar="LINE=TEXT",
              help="Replace a line (CELL:LINE=TEXT if there are several cells); "
              "repeat it.")  # fmt: skip
@click.option("--module", "modules", multiple=True, metavar="TASK=NAME",
              help="Use another implementation for a task; repeat it.")  # fmt: skip
@click.option("--video", "videos", multiple=True, type=click.Path(path_type=Path),
              help="New path of a video that was moved; repeat it.")  # fmt: skip
@click.option("--vlm", help="Vision-language model, if a changed program calls it.")
@click.option("--max-seconds", type=float, help="Time limit for the run, in seconds.")
@click.option("-o", "--out", "trace_dir", type=click.Path(path_type=Path, file_okay=False),
              help="Folder of both traces, the recorded and the new one.")  # fmt: skip
@set_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@reports_errors
def replay_command(
    name: str,
    edits: tuple[str, ...],
    modules: tuple[str, ...],
    videos: tuple[Path, ...],
    as_json: bool,
    **given: Any,
) -> int:
    """Run TRACE again without any model. The two runs are compared bit for bit.

    With --edit or --module a changed program runs: calls with the same arguments as in the
    recorded run are answered from the trace, only what depends on the change is computed.
    The new run has a trace of its own.
    """
    from vprog.replays.replay_run import replay
    from vprog.view.difference import differences

    swaps = module_swaps(modules, "--module")
    replayed = replay(name, edits=edits, modules=swaps, videos=videos, **settings_of(given))
    result = replayed.result
    assert result.trace_path is not None
    found = differences(replayed.original, read_trace(result.trace_path))
    is_equal = replayed.first_difference is None
    if as_json:
        say_json(
            {
                "equal": is_equal,
                "changed": replayed.is_changed,
                "replayed": replayed.n_replayed,
                "run": replayed.n_run,
                "differences": _jsonable(found),
                "notes": list(replayed.notes),
                "result": result.to_dict(),
            }
        )
    else:
        _print(replayed, found)
    if replayed.is_changed:
        return result.exit_code
    return 0 if is_equal else _PARTED


@click.command("diff")
@click.argument("one", metavar="TRACE", shell_complete=traces_offered)
@click.argument("other", metavar="TRACE", shell_complete=traces_offered)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@reports_errors
def diff_command(one: str, other: str, as_json: bool) -> int:
    """Show where two runs differ. In question, programs, first step, answers.

    Times, costs and cache hits are not compared.
    """
    from vprog.view.difference import differences

    folder = load_settings().trace_dir
    left, right = (read_trace(find_trace(folder, name)) for name in (one, other))
    found = differences(left, right)
    if as_json:
        say_json({"equal": not found, "differences": _jsonable(found)})
        return 0
    if not found:
        say("the two runs are equal")
        return 0
    say(f"- {left.folder.name}")
    say(f"+ {right.folder.name}")
    _print_differences(found)
    return 0


def _print(replayed: Replayed, found: Sequence[Difference]) -> None:
    result = replayed.result
    for remark in replayed.notes:
        note(f"note: {remark}")
    plural = "call" if replayed.n_replayed == 1 else "calls"
    counted = f"{replayed.n_replayed} {plural} from the trace, {replayed.n_run} run"
    if replayed.first_difference is None:
        say(f"equal: {counted}")
    else:
        if not replayed.is_changed:
            say(f"the run first differs from the recorded one in {_first_difference(replayed)}")
        say(f"- {replayed.original.folder.name}")
        assert result.trace_path is not None
        say(f"+ {result.trace_path.name}")
        _print_differences(found)
        say(counted)
    if replayed.is_changed:
        if result.status == "answered":
            say(f"answer: {result.text()}")
        elif result.error is not None:
            where = f" (line {result.error.line})" if result.error.line else ""
            note(f"{result.status}{where}: {result.error.message}")
            if result.error.hint:
                note(f"  {result.error.hint}")
    assert result.trace_path is not None
    note(f"why: vprog trace show {result.trace_path.name}")


def _first_difference(replayed: Replayed) -> str:
    """What differs first, of a run that nobody changed."""
    difference = replayed.first_difference
    assert difference is not None
    there = difference.one if difference.one is not None else difference.other
    assert there is not None
    kind = type(there).__struct_config__.tag
    fields = f" ({', '.join(difference.fields)})" if difference.fields else ""
    name = getattr(there, "task", "") or getattr(there, "name", "")
    line = getattr(there, "line", None)
    where = f" at line {line}" if line is not None else ""
    return (
        f"{kind} {name}".rstrip()
        + f"{where}{fields}"
        + (f" of node {difference.node}" if difference.node else "")
    )


def _print_differences(found: Sequence[Difference]) -> None:
    for difference in found:
        say(f"{difference.what}: {difference.where}")
        for sign, text in (("-", difference.one), ("+", difference.other)):
            for line in text.split("\n") if text else []:
                say(f"  {sign} {line}")


def _jsonable(found: Sequence[Difference]) -> list[dict[str, str]]:
    return [
        {name: getattr(difference, name) for name in ("what", "where", "one", "other")}
        for difference in found
    ]
