"""A run on a terminal: the program's lines, each with what it did, at any width."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

import msgspec

from vprog.view.attempts.attempt_text import print_search
from vprog.view.attempts.attempt_tree import SearchTree
from vprog.view.attempts.attempt_words import counted
from vprog.view.lines import put
from vprog.view.steps import Line, Step, Story
from vprog.view.timeline import clock
from vprog.view.words import clipped, short

if TYPE_CHECKING:
    from rich.console import Console

_MOST_VALUE = 320


def open_console(file: TextIO) -> Console:
    """A console on a file or terminal; a reader that goes away raises BrokenPipeError."""
    from rich.console import Console

    class Plain(Console):
        def on_broken_pipe(self) -> None:
            raise BrokenPipeError

    return Plain(file=file, highlight=False)


def print_trace(story: Story, console: Console, *, calls: bool = False) -> None:
    """Print a run. With `calls` every call of every line, else the first of each line."""
    _head(story, console)
    search = SearchTree(story.recording)
    if search.is_search:
        print_search(search, console, n_videos=len(story.recording.started.videos))
    shown_cells: set[int] = set()
    nodes = {cell.cell: cell.node for cell in story.cells}
    for line in story.lines:
        if line.cell not in shown_cells and len(story.cells) > 1:
            node = f", node {nodes[line.cell]}" if nodes[line.cell] else ""
            put(console, f"cell {line.cell}{node}", "bold")
        shown_cells.add(line.cell)
        _line(line, console, calls=calls)
    for step in story.steps:
        if step.line is None:
            put(console, f"{step.kind}: {step.text}", "yellow" if step.kind != "error" else "red")
    _tail(story, console)


def _head(story: Story, console: Console) -> None:
    started = story.recording.started
    put(console, started.question or "A program of one's own", "bold")
    for index, each in enumerate(started.choices):
        put(console, f"  {chr(65 + index)}. {each}")
    for opened in started.videos:
        put(console, f"{opened.path} ({clock(opened.video.duration)})", "dim")
    note = next((cell.note for cell in story.cells if cell.note), "")
    if note:
        put(console, note, "dim")
    console.print()


def _line(line: Line, console: Console, *, calls: bool) -> None:
    put(console, f"{line.number:3}  {line.source}")
    for step in line.values:
        put(console, f"       {step.name} = {clipped(step.text, _MOST_VALUE)}", "green")
    if line.calls:
        how = ", ".join(f"{count} {name}" for name, count in sorted(line.how().items()))
        put(
            console,
            f"       {counted(len(line.calls), 'call')}: {how}; {line.seconds:.3f} s",
            "cyan",
        )
        for step in line.calls if calls else line.calls[:1]:
            put(console, f"         {_call(step)}", "dim")
    for step in line.steps:
        if step.kind == "error":
            put(console, f"       {step.name}: {step.text}", "red")
        elif step.kind in ("answer", "abstain"):
            put(console, f"       {step.kind}: {step.text}", "bold")


def _call(step: Step) -> str:
    arguments = ", ".join(f"{name}={short(value, 60)}" for name, value in step.arguments.items())
    return f"{step.module}({arguments}) -> {step.text}  [{step.how}, {step.seconds:.3f} s]"


def _tail(story: Story, console: Console) -> None:
    console.print()
    ended = story.recording.ended
    for warning in story.warnings:
        put(console, f"warning: {warning}", "yellow")
    if story.recording.damage:
        put(console, f"the trace is damaged: {story.recording.damage}", "yellow")
    if ended is None:
        put(console, "the run was cut off here", "yellow")
        return
    result = msgspec.json.decode(ended.result)
    answer = result["answer"]
    if ended.status == "answered":
        put(console, f"answer: {answer}", "bold")
    else:
        error = result.get("error") or {}
        put(console, f"{ended.status}: {error.get('message', '')}", "yellow")
        if error.get("hint"):
            put(console, f"  {error['hint']}")
    for each in result["evidence"]:
        when = "" if each["start"] is None else clock(each["start"])
        if each["end"] is not None and each["end"] != each["start"]:
            when += f"-{clock(each['end'])}"
        mark = "" if each["supported"] else "  (no module's output supports this)"
        put(console, f"  evidence: {when} {each['text'] or ''}{mark}".rstrip())
    cost = result["cost"]
    done = cost["module_calls"]
    put(
        console,
        f"{cost['seconds']:.2f} s, {cost['frames_decoded']} frames decoded, "
        f"{counted(done['issued'], 'call')}: {done['executed']} executed, {done['cached']} cached, "
        f"{done['joined']} joined; {counted(cost['llm_calls'], 'request')} to a language model",
        "dim",
    )
