"""A search on a terminal: its tree, the votes, the counts; whole lines where it is piped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vprog.trace.event import EvidenceItem
from vprog.view.attempts.attempt_nodes import Node
from vprog.view.attempts.attempt_tree import Party, SearchTree
from vprog.view.attempts.attempt_words import calls_words, counted, evidence_words, reward_words
from vprog.view.lines import put, put_branch
from vprog.view.words import clipped

if TYPE_CHECKING:
    from rich.console import Console

_MOST_NODES = 200
_MOST_EVIDENCE = 4
_MOST_PARTIES = 20
_MOST_MESSAGE = 240


def print_search(search: SearchTree, console: Console, *, n_videos: int = 1) -> None:
    """Print the nodes of a search with what they are worth, and how its answers were counted.

    Args:
        search: of a trace with more than one node.
        console: to print on; a terminal wraps lines under the branches they belong to.
        n_videos: evidence names its video where there are several.
    """
    put(console, "search (* leads to the result)" if search.chosen else "search", "bold")
    n_shown = _tree(search.children(_MOST_NODES), console)
    if len(search.nodes) > n_shown:
        put(console, f"{len(search.nodes) - n_shown} more nodes stand in the trace", "dim")
    for before, each in search.reflections[:_MOST_NODES]:
        found = "sufficient" if each.sufficient else "not sufficient"
        where = f"after node {before}" if before else "at the start"
        text = f": {clipped(each.text, _MOST_MESSAGE)}" if each.text else ""
        words = f"reflection {where}: {found}, confidence {each.confidence:.2f}{text}"
        put_branch(console, words, "", "  ")
    for parties in search.votes:
        _vote(parties, search, console, n_videos)
    for sentence in search.counts.sentences:
        put(console, sentence, "dim")
    console.print()


def _tree(drawn: dict[int, list[Node]], console: Console) -> int:
    """Print the nodes under their branches; gives their number."""
    branches = ("|-", "`-", "| ") if console.options.ascii_only else ("├╴", "└╴", "│ ")
    waiting = [(0, each, "", each is drawn[0][-1]) for each in reversed(drawn.get(0, []))]
    n_shown = 0
    while waiting:
        under, node, before, is_last = waiting.pop()
        n_shown += 1
        below = drawn.get(node.number, [])
        first = before + branches[1 if is_last else 0]
        after = before + ("  " if is_last else branches[2])
        words = node.words if node.parent == under else f"(after {node.parent}) {node.words}"
        _node(node, console, words, (first, after, after + (branches[2] if below else "  ")))
        waiting.extend((node.number, each, after, each is below[-1]) for each in reversed(below))
    return n_shown


def _node(node: Node, console: Console, words: str, branches: tuple[str, str, str]) -> None:
    """One node: what its cell does, what came of it, what it is worth.

    `branches` stand before its first line, before others, and before those of what is inside.
    """
    first, _, under = branches
    inner = under + " "
    number = f"{node.number}*" if node.is_chosen else f"{node.number}"
    put_branch(console, f"{number} {words}", first, inner, "bold" if node.is_chosen else "")
    said = {"continues": "goes on", "rejected": "refused"}.get(node.status, node.status)
    if node.answered is not None:
        said = f"answered {clipped(node.answer, 120)}"
    if node.problems:
        said += f": {clipped(node.problems[0], _MOST_MESSAGE)}"
        if len(node.problems) > 1:
            said += f" (and {len(node.problems) - 1} more)"
    worth = []
    if node.answered is not None and node.tried is not None:
        worth.append(reward_words(node.tried))
    if node.valued is not None:
        worth.append(f"value {node.valued.value:.2f} in {counted(node.valued.visits, 'visit')}")
    if node.calls:
        worth.append(calls_words(node.calls))
    if node.status == "continues":
        put_branch(console, "; ".join([said, *worth]), inner, inner, "dim")
        return
    put_branch(console, said, inner, inner, _colour(node))
    if worth:
        put_branch(console, "; ".join(worth), inner, inner, "dim")


def _colour(node: Node) -> str:
    if node.is_answer:
        return "green"
    return {"continues": "", "answered": "yellow", "abstained": "yellow"}.get(node.status, "red")


def _vote(parties: list[Party], search: SearchTree, console: Console, n_videos: int) -> None:
    put(console, f"vote ({counted(sum(len(party.nodes) for party in parties), 'answer')})", "bold")
    for party in parties[:_MOST_PARTIES]:
        nodes = ", ".join(map(str, party.nodes[:12])) + (", …" if len(party.nodes) > 12 else "")
        noun = "node" if len(party.nodes) == 1 else "nodes"
        fate = search.fate(parties, party)
        held = fate in ("won", "kept")
        words = f"{fate} {clipped(party.answer, 160)}: weight {party.weight:.2f}, "
        words += f"{party.share:.0%}, {noun} {nodes}"
        put_branch(console, words, "  ", "       ", "green" if held else "yellow")
        if held:
            continue
        for number in party.nodes[:_MOST_EVIDENCE]:
            node = search.nodes.get(number)
            items = node.answered.evidence if node and node.answered else []
            said = _evidence(items, n_videos)
            put_branch(console, f"node {number}: {said}", "       ", "         ", "dim")
    if len(parties) > _MOST_PARTIES:
        put(console, f"  {len(parties) - _MOST_PARTIES} more answers stand in the trace", "dim")


def _evidence(items: list[EvidenceItem], n_videos: int) -> str:
    if not items:
        return "no evidence named"
    shown = "; ".join(evidence_words(item, n_videos=n_videos) for item in items[:_MOST_EVIDENCE])
    more = len(items) - _MOST_EVIDENCE
    return f"evidence {shown}" + (f"; {more} more" if more > 0 else "")
