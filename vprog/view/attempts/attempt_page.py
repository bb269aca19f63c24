"""A search on the page: its tree drawn and listed, losers folded, the vote as a table."""

from __future__ import annotations

from html import escape

from vprog.trace.event import EvidenceItem
from vprog.view.attempts.attempt_map import node_kind, search_map
from vprog.view.attempts.attempt_nodes import Node
from vprog.view.attempts.attempt_tree import Party, SearchTree
from vprog.view.attempts.attempt_words import calls_words, counted, evidence_words, reward_words
from vprog.view.words import clean, clipped

_MOST_NODES = 200
_MOST_SOURCE = 2000
_MOST_PROBLEMS = 4
_MOST_MESSAGE = 400
_MOST_EVIDENCE = 6
_MOST_PARTIES = 40
_MOST_NUMBERS = 24


def search_section(search: SearchTree, *, n_videos: int = 1) -> str:
    """The section of a search; "" where no more than one node was tried."""
    if not search.is_search:
        return ""
    drawn = search.children(_MOST_NODES)
    sentences = "".join(f"<li>{_text(sentence)}</li>" for sentence in search.counts.sentences)
    votes = "".join(_vote(vote, search, n_videos) for vote in search.votes)
    shown = sum(map(len, drawn.values()))
    more = len(search.nodes) - shown
    tail = f"<p>{more} more nodes stand in the trace.</p>" if more > 0 else ""
    return (
        f'<section class="search"><h2>Search</h2><ul class="counts">{sentences}</ul>'
        f"{_map(search)}{_list(search, drawn, n_videos)}{tail}{_reflections(search)}{votes}"
        "</section>"
    )


def _map(search: SearchTree) -> str:
    drawing = search_map(search, _MOST_NODES)
    if not drawing:
        return ""
    heavy = "The heavy line leads to the result. " if search.chosen else ""
    return (
        f'<div class="scroll">{drawing}</div>'
        f'<p class="key">{heavy}A ring that is broken was refused or failed.</p>'
    )


def _list(search: SearchTree, drawn: dict[int, list[Node]], n_videos: int) -> str:
    """The nodes as lists within lists."""
    parts = ['<ul class="tree">']
    waiting: list[tuple[int, Node] | str] = [(0, each) for each in reversed(drawn.get(0, []))]
    while waiting:
        first = waiting.pop()
        if isinstance(first, str):
            parts.append(first)
            continue
        under, node = first
        words = node.words if node.parent == under else f"(after {node.parent}) {node.words}"
        below = drawn.get(node.number, [])
        parts.append(f'<li class="{"chosen" if node.is_chosen else "other"}">')
        parts.append(_node(node, words, n_videos))
        if below:
            parts.append("<ul>")
            waiting.extend(["</ul></li>", *((node.number, each) for each in reversed(below))])
        else:
            parts.append("</li>")
    parts.append("</ul>")
    return "".join(parts)


def _node(node: Node, words: str, n_videos: int) -> str:
    said = {"continues": "goes on", "rejected": "refused"}.get(node.status, node.status)
    if node.answered is not None:
        said = f"answered {clipped(node.answer, 120)}"
    kind = node_kind(node)
    facts = [f'<span class="said {kind}">{_text(said)}</span>']
    if node.answered is not None and node.tried is not None:
        facts.append(_text(reward_words(node.tried)))
    if node.valued is not None:
        visits = counted(node.valued.visits, "visit")
        facts.append(f"value {node.valued.value:.2f} in {visits}")
    if node.calls:
        facts.append(_text(calls_words(node.calls)))
    if node.is_chosen:
        facts.append("<b>leads to the result</b>")
    problem = (
        f'<div class="why">{_text(clipped(node.problems[0], _MOST_MESSAGE))}</div>'
        if node.problems
        else ""
    )
    return (
        f'<div class="what"><span class="num {kind}">{node.number}</span>'
        f'<span class="words">{_text(words)}</span></div>'
        f'<div class="worth">{" · ".join(facts)}</div>{problem}{_folded(node, n_videos)}'
    )


def _folded(node: Node, n_videos: int) -> str:
    """What a node outside the result did; the program below shows the others."""
    rest = node.problems[1:_MOST_PROBLEMS]
    is_told = node.is_chosen or not (node.source or node.answered)
    if is_told and not rest:
        return ""
    parts = []
    if node.source and not is_told:
        parts.append(f"<pre>{_text(clipped(node.source, _MOST_SOURCE))}</pre>")
    if rest:
        items = "".join(f"<li>{_text(clipped(each, _MOST_MESSAGE))}</li>" for each in rest)
        parts.append(f"<ul>{items}</ul>")
    if node.answered is not None and not is_told:
        parts.append(_evidence(node.answered.evidence, n_videos))
    what = "cell" if node.answered is None else "cell and evidence"
    if is_told:
        what = "more problems"
    return f"<details><summary>{what}</summary>{''.join(parts)}</details>"


def _evidence(items: list[EvidenceItem], n_videos: int) -> str:
    if not items:
        return "<p>It names no evidence.</p>"
    shown = "".join(
        f"<li>{_text(evidence_words(item, n_videos=n_videos))}</li>"
        for item in items[:_MOST_EVIDENCE]
    )
    more = len(items) - _MOST_EVIDENCE
    tail = f"<li>{more} more pieces stand in the trace.</li>" if more > 0 else ""
    return f"<p>Its evidence:</p><ul>{shown}{tail}</ul>"


def _reflections(search: SearchTree) -> str:
    if not search.reflections:
        return ""
    rows = "".join(
        f'<tr><td class="n">{before or "start"}</td>'
        f"<td>{'yes' if each.sufficient else 'no'}</td>"
        f'<td class="n">{each.confidence:.2f}</td>'
        f"<td>{_text(clipped(each.text, _MOST_MESSAGE))}</td></tr>"
        for before, each in search.reflections[:_MOST_NODES]
    )
    return (
        '<h3>Reflections</h3><div class="scroll"><table><tr><th>after node</th><th>sufficient</th>'
        f"<th>confidence</th><th>what is missing or wrong</th></tr>{rows}</table></div>"
    )


def _vote(parties: list[Party], search: SearchTree, n_videos: int) -> str:
    rows = []
    for party in parties[:_MOST_PARTIES]:
        fate = search.fate(parties, party)
        nodes = ", ".join(map(str, party.nodes[:_MOST_NUMBERS]))
        more = ", …" if len(party.nodes) > _MOST_NUMBERS else ""
        first = search.nodes.get(party.nodes[0])
        items = first.answered.evidence if first is not None and first.answered else []
        said = "; ".join(evidence_words(item, n_videos=n_videos) for item in items[:2]) or "none"
        said += "; …" if len(items) > 2 else ""
        rows.append(
            f'<tr class="{"won" if fate in ("won", "kept") else "lost"}"><th scope="row">'
            f"{_text(clipped(party.answer, 160))}</th>"
            f"<td>{fate}</td>"
            f'<td class="n">{party.weight:.2f}</td><td class="n">{_bar(party.share)}</td>'
            f"<td>{nodes}{more}</td><td>{_text(said)}</td></tr>"
        )
    left = len(parties) - _MOST_PARTIES
    tail = f"<p>{left} more answers stand in the trace.</p>" if left > 0 else ""
    return (
        '<h3>Vote</h3><div class="scroll"><table class="vote"><tr><th>answer</th><th>vote</th>'
        "<th>weight</th><th>share</th><th>nodes</th><th>evidence of the first</th></tr>"
        f"{''.join(rows)}</table></div>{tail}"
    )


def _bar(share: float) -> str:
    """A share in per cent, with a bar of that length."""
    return (
        f'<svg class="bar" viewBox="0 0 100 8" width="60" height="8" aria-hidden="true" '
        f'preserveAspectRatio="none"><rect width="{min(max(share, 0.0), 1.0) * 100:.0f}" '
        f'height="8"/></svg> {share:.0%}'
    )


def _text(text: object) -> str:
    """Text for the page: escaped, control and direction characters made visible."""
    return escape(clean(text), quote=True)
