"""A run on a terminal: the program's lines, each with what it did, at any width."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from vprog.view.model import RunModel, ShownLine, ShownStep
from vprog.view.text.attempt_text import print_attempts
from vprog.view.text.lines import put
from vprog.view.words import clipped

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


def print_run(model: RunModel, console: Console, *, calls: bool = False) -> None:
    """Print a run. With `calls` every call of every line, else the first of each line."""
    _head(model, console)
    if model.attempts is not None:
        print_attempts(model.attempts, console)
    titles = {cell.number: cell.title for cell in model.cells if cell.title}
    for line in model.lines:
        if line.number == 1 and line.cell in titles:
            put(console, titles[line.cell], "bold")
        _line(model, line, console, calls=calls)
    for step in model.steps:
        if step.line is None:
            put(console, f"{step.kind}: {step.text}", "yellow" if step.kind != "error" else "red")
    for refused in model.refused if model.attempts is None else ():
        put(console, f"refused before it ran: {refused.check}", "yellow")
        for problem in refused.problems:
            put(console, f"  {problem}")
    _tail(model, console)


def _head(model: RunModel, console: Console) -> None:
    put(console, model.question, "bold")
    for choice in model.choices:
        put(console, f"  {choice.letter}. {choice.text}")
    for video in model.videos:
        put(console, f"{video.path} ({video.clock})", "dim")
    for note in dict.fromkeys(cell.note for cell in model.cells if cell.note):
        put(console, note, "dim")
    console.print()


def _line(model: RunModel, line: ShownLine, console: Console, *, calls: bool) -> None:
    steps = model.steps_of(line)
    put(console, f"{line.number:3}  {line.source}")
    for step in steps:
        if step.kind == "value":
            put(console, f"       {step.name} = {clipped(step.text, _MOST_VALUE)}", "green")
    if line.calls:
        put(console, f"       {line.calls}", "cyan")
        of_calls = [step for step in steps if step.kind == "call"]
        for step in of_calls if calls else of_calls[:1]:
            put(console, f"         {_call(step)}", "dim")
    for step in steps:
        if step.kind == "error":
            put(console, f"       {step.name}: {step.text}", "red")
        elif step.kind in ("answer", "abstain"):
            put(console, f"       {step.kind}: {step.text}", "bold")


def _call(step: ShownStep) -> str:
    arguments = ", ".join(f"{name}={text}" for name, text in step.arguments.items())
    return f"{step.module}({arguments}) -> {step.text}  [{step.how}, {step.seconds:.3f} s]"


def _tail(model: RunModel, console: Console) -> None:
    console.print()
    for warning in model.warnings:
        put(console, f"warning: {warning}", "yellow")
    if model.is_answered:
        put(console, f"answer: {model.headline}", "bold")
    else:
        put(console, model.headline, "yellow")
    if model.no_answer is not None:
        put(console, f"  {model.no_answer.message}")
        if model.no_answer.hint:
            put(console, f"  {model.no_answer.hint}")
    for item in model.evidence:
        put(console, f"  evidence: {item.caption}")
    for fact in model.facts:
        put(console, f"{fact.name}: {fact.text}" if fact.name else fact.text, "dim")
