"""The outcome of a question to a folder in words: what was found, and what was left out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from vprog.library.fact_answers import FactAnswer
from vprog.library.folder_search import FolderAnswer
from vprog.library.index_file import MomentHit
from vprog.library.indexing import NO_MEANING
from vprog.library.label_search import LabelPlaces
from vprog.types.clock import clock, clock_span
from vprog.view.words import clean, counted

_BEST_MOMENTS = 5
"""Shown of a file and label; JSON has all."""
_MOST_NAMED = 20
"""Files that one note names; JSON has all."""


def answer_lines(found: FolderAnswer, count: int) -> Iterator[str]:
    """What was found, a line each.

    Args:
        found: what came of the question.
        count: how many files of an answer or a label at most.
    """
    if found.joined is not None:
        yield from _joined_lines(found.joined, count)
    for place in found.places:
        yield from _label_lines(place, count)
    if found.asked.is_denied and found.places:
        yield "Where a thing is not, labels do not tell: only where it was found."
    for hit in found.moments:
        yield _moment_line(hit, f"{hit.score:.2f}")
    if found.near:
        yield "Near in meaning, which is no proof:"
    for hit in found.near:
        yield _moment_line(hit, f"likeness {hit.score:.2f}")
    if found.joined is None and not found.files_found:
        yield "Nothing that is said or written there has words of the question."


def left_out_lines(found: FolderAnswer, count: int) -> Iterator[str]:
    """What the answer says nothing of, or is not sure of, a line each."""
    if found.joined is not None:
        yield from found.joined.basis
        if len(found.joined.files) > count:
            yield f"{len(found.joined.files) - count} more files: --count N"
        yield from _named("not in this answer", {
            name: f"{lacking} not looked for" for name, lacking in found.joined.unknown.items()
        })  # fmt: skip
    for place in found.places:
        if len(place.seen) > count:
            yield f"{place.label}: {len(place.seen) - count} more files: --count N"
    yield f"searched {counted(len(found.searched), 'file')}"
    for kind, names in found.not_looked_for.items():
        yield f"{kind}: not looked for in {counted(len(names), 'file')}"
    if found.n_without_vectors and found.joined is None:
        yield f"{counted(found.n_without_vectors, 'text')} not compared by meaning: {NO_MEANING}"
    if found.has_more_moments:
        yield f"more moments have these words; {len(found.moments)} are shown: --count N"
    yield from _named("not indexed", dict.fromkeys(found.not_indexed, ""))
    yield from _named("left out", {
        name: "gone since it was indexed" if how == "gone"
        else "changed since it was indexed; run `vprog index` again"
        for name, how in found.left_out.items()
    })  # fmt: skip
    doubtful = {name: "; ".join(texts) for name, texts in found.doubtful.items()}
    if found.joined is not None:
        doubtful = dict(found.joined.doubtful)
    yield from _named("read only in part or with doubt", doubtful)
    if found.asked.untold and found.joined is None:
        words = ", ".join(f'"{clean(word)}"' for word in found.asked.untold)
        told = "only what is said and written was searched for that"
        yield f"labels: the detector does not know {words}; {told}"


def _joined_lines(joined: FactAnswer, count: int) -> Iterator[str]:
    yield joined.text
    for name, told in list(joined.files.items())[:count]:
        yield f"  {name}{f'  {told}' if told else ''}"


def _named(what: str, told: Mapping[str, str]) -> Iterator[str]:
    for name, why in list(told.items())[:_MOST_NAMED]:
        yield f"{what}: {name}{f': {why}' if why else ''}"
    if len(told) > _MOST_NAMED:
        yield f"{what}: {len(told) - _MOST_NAMED} more files, named by --json"


def _moment_line(hit: MomentHit, score: str) -> str:
    start, end, text = hit.moment
    return f"{hit.path}  {clock_span(start, end)}  {hit.kind}: {text}  ({score})"


def _label_lines(place: LabelPlaces, count: int) -> Iterator[str]:
    """The files with a label, `count` of them, and in each the best moments in order of time."""
    for name, sights in list(place.seen.items())[:count]:
        best = sorted(sorted(sights, key=lambda sight: -sight.score)[:_BEST_MOMENTS])
        moments = ", ".join(f"{clock(sight.time)} ({sight.score:.2f})" for sight in best)
        more = f" and {len(sights) - len(best)} more" if len(sights) > len(best) else ""
        yield f"{name}  {place.label}: {moments}{more}"
    yield place.summary
