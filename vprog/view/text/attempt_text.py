"""The attempts of a run on a terminal: their tree, the votes, the counts; whole lines in a pipe."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vprog.view.attempts.attempt_tree import shown_children
from vprog.view.model import AttemptNode, Attempts, BallotGroup
from vprog.view.text.lines import put, put_branch
from vprog.view.words import clipped, counted

if TYPE_CHECKING:
    from rich.console import Console

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
