"""A run on a terminal: the program's lines, each with what it did, at any width; its attempts.

Of several attempts the tree, the votes and the counts are printed; whole lines in a pipe.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from vprog.view.attempts.attempt_tree import shown_children
from vprog.view.model import AttemptNode, Attempts, BallotGroup, RunModel, ShownLine, ShownStep
from vprog.view.words import clean, clipped, counted

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


_MOST_NODES = 200
_MOST_EVIDENCE = 4
_MOST_GROUPS = 20
_MOST_NUMBERS = 12
_MOST_MESSAGE = 240
_MOST_ANSWER = 160
_STYLES = {"good": "green", "open": "", "warm": "yellow", "bad": "red"}


def print_attempts(attempts: Attempts, console: Console) -> None:
    """Print what was tried with what it is worth, and how the answers were counted.

    Args:
        attempts: more than one.
        console: to print on; a terminal wraps lines under the branches they belong to.
    """
    put(console, "attempts (* leads to the result)" if attempts.chosen else "attempts", "bold")
    n_shown = _tree(shown_children(attempts, _MOST_NODES), console)
    if len(attempts.nodes) > n_shown:
        put(console, f"{len(attempts.nodes) - n_shown} more nodes stand in the trace", "dim")
    for reflection in attempts.reflections[:_MOST_NODES]:
        verdict = "sufficient" if reflection.sufficient else "not sufficient"
        where = f"after node {reflection.after_node}" if reflection.after_node else "at the start"
        text = f": {clipped(reflection.text, _MOST_MESSAGE)}" if reflection.text else ""
        words = f"reflection {where}: {verdict}, confidence {reflection.confidence:.2f}{text}"
        put_branch(console, words, "", "  ")
    for groups in attempts.votes:
        _vote(groups, attempts, console)
    for sentence in attempts.counts:
        put(console, sentence, "dim")
    console.print()


def _tree(drawn: dict[int, list[AttemptNode]], console: Console) -> int:
    """Print the nodes under their branches; gives their number."""
    branches = ("|-", "`-", "| ") if console.options.ascii_only else ("├╴", "└╴", "│ ")
    waiting = [(0, node, "", node is drawn[0][-1]) for node in reversed(drawn.get(0, []))]
    n_shown = 0
    while waiting:
        under, node, before, is_last = waiting.pop()
        n_shown += 1
        below = drawn.get(node.number, [])
        first = before + branches[1 if is_last else 0]
        after = before + ("  " if is_last else branches[2])
        words = node.words if node.parent == under else f"(after {node.parent}) {node.words}"
        _node(node, console, words, (first, after, after + (branches[2] if below else "  ")))
        waiting.extend((node.number, child, after, child is below[-1]) for child in reversed(below))
    return n_shown


def _node(node: AttemptNode, console: Console, words: str, branches: tuple[str, str, str]) -> None:
    """One node: what its cell does, what came of it, what it is worth.

    `branches` stand before its first line, before others, and before those of what is inside.
    """
    first, _, under = branches
    inner = under + " "
    number = f"{node.number}*" if node.is_chosen else f"{node.number}"
    put_branch(console, f"{number} {words}", first, inner, "bold" if node.is_chosen else "")
    outcome = node.outcome
    if node.problems:
        outcome += f": {clipped(node.problems[0], _MOST_MESSAGE)}"
        if len(node.problems) > 1:
            outcome += f" (and {len(node.problems) - 1} more)"
    if node.status == "continues":
        put_branch(console, "; ".join([outcome, *node.worth]), inner, inner, "dim")
        return
    put_branch(console, outcome, inner, inner, _STYLES[node.kind])
    if node.worth:
        put_branch(console, "; ".join(node.worth), inner, inner, "dim")


def _vote(groups: list[BallotGroup], attempts: Attempts, console: Console) -> None:
    n_ballots = sum(len(group.nodes) for group in groups)
    put(console, f"vote ({counted(n_ballots, 'answer')})", "bold")
    nodes = {node.number: node for node in attempts.nodes}
    for group in groups[:_MOST_GROUPS]:
        numbers = ", ".join(map(str, group.nodes[:_MOST_NUMBERS]))
        more = ", …" if len(group.nodes) > _MOST_NUMBERS else ""
        noun = "node" if len(group.nodes) == 1 else "nodes"
        is_held = group.fate in ("won", "kept")
        words = f"{group.fate} {clipped(group.answer, _MOST_ANSWER)}: weight {group.weight:.2f}, "
        words += f"{group.share:.0%}, {noun} {numbers}{more}"
        put_branch(console, words, "  ", "       ", "green" if is_held else "yellow")
        if is_held:
            continue
        for number in group.nodes[:_MOST_EVIDENCE]:
            words = f"node {number}: {_evidence(nodes.get(number))}"
            put_branch(console, words, "       ", "         ", "dim")
    if len(groups) > _MOST_GROUPS:
        put(console, f"  {len(groups) - _MOST_GROUPS} more answers stand in the trace", "dim")


def _evidence(node: AttemptNode | None) -> str:
    if node is None or not node.evidence:
        return "no evidence named"
    shown = "; ".join(item.caption for item in node.evidence[:_MOST_EVIDENCE])
    more = len(node.evidence) - _MOST_EVIDENCE
    return f"evidence {shown}" + (f"; {more} more" if more > 0 else "")


_LEAST_ROOM = 8
_PLAIN = str.maketrans({"×": "x", "…": "...", "–": "-", "\N{REPLACEMENT CHARACTER}": "?"})


def put(console: Console, text: str, style: str = "") -> None:
    """Print text as it is: no markup of ours or of anybody's in it is read."""
    for line in clean(text).split("\n"):
        words = line.lstrip(" ")
        before = " " * (len(line) - len(words))
        _print(console, words, before, before + "  ", style)


def put_branch(console: Console, text: str, first: str, after: str, style: str = "") -> None:
    """Print words in one line behind their branches.

    Args:
        console: a terminal, or a file.
        text: spaces and line ends in it become single spaces.
        first: stands before the words.
        after: stands before what is wrapped.
        style: of the words.
    """
    _print(console, " ".join(clean(text).split()), first, after, style)


def _print(console: Console, words: str, first: str, after: str, style: str) -> None:
    from rich.text import Text

    words = _writable(words, console.encoding)
    if not console.is_terminal:
        console.print(first + words, markup=False, soft_wrap=True)
        return
    # A narrow terminal has room for few branches: what is left of them still reads.
    first, after = (branch[: max(0, console.width - _LEAST_ROOM)] for branch in (first, after))
    room = max(1, console.width - max(len(first), len(after)))
    parts = Text(words, style=style).wrap(console, room) if words else [Text()]
    for number, part in enumerate(parts):
        part.rstrip()
        before = after if number else first
        line = Text.assemble((before, "dim" if before.strip() else ""), part)
        console.print(line, no_wrap=True, crop=False, overflow="ignore")


def _writable(text: str, encoding: str) -> str:
    """Text as an encoding can write it: ours in other letters, the rest as question marks."""
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return text.translate(_PLAIN).encode(encoding, "replace").decode(encoding)
    return text
