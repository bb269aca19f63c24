"""`vprog ask`: find moments in an indexed folder."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vprog.cli.options import set_option, settings_of
from vprog.cli.output import note, reports_errors, say, say_json
from vprog.errors import UsageError

if TYPE_CHECKING:
    from vprog.library.fact_answers import FactAnswer
    from vprog.library.index_file import IndexFile, MomentHit
    from vprog.library.label_search import LabelPlaces
    from vprog.runs.result import Result

_BEST_MOMENTS = 5
"""Shown of a file and label; JSON has all."""


@click.command("ask")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False, exists=True))
@click.argument("question")
@click.option("--db", type=click.Path(path_type=Path, dir_okay=False), help="File of the index.")
@click.option("--count", type=click.IntRange(1, 1000), default=10, show_default=True,
              help="How many moments.")  # fmt: skip
@click.option("--solve", "n_solved", type=click.IntRange(0, 100), default=3, show_default=True,
              help="How many of the best files are asked QUESTION.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@set_option
@reports_errors
def command(
    folder: Path,
    question: str,
    db: Path | None,
    count: int,
    n_solved: int,
    as_json: bool,
    **given: Any,
) -> int:
    """Answer QUESTION over the files below FOLDER, or find what is said, written or seen there.

    "How many files have speech?", "Which videos have no sound?", "Which is the longest?", "Which
    clips show a dog and a person?" are answered from what the index has, exactly, with the files.
    For all other questions moments are found, and the best files are asked QUESTION.

    Words are searched, in any form, in speech, text in the picture, titles and chapters; with the
    extra `meaning` installed, speech and text also by what is meant. Things
    that the question names are searched among the 80 labels of the detector, which looked at single
    frames: what is in none of them may still be there.
    """
    from vprog.evaluation.case_list import media_below
    from vprog.library.fact_answers import answer_from_facts
    from vprog.library.fact_questions import read_fact_question
    from vprog.library.index_file import IndexFile
    from vprog.library.indexed_kinds import PROGRAMS
    from vprog.library.indexing import NO_MEANING, changed_since, place_of_index
    from vprog.library.label_search import asked_labels, places_of_label
    from vprog.types.clock import clock_span
    from vprog.view.words import clean, counted

    settings = settings_of(given)
    path = db or place_of_index(folder, settings)
    if not path.is_file():
        raise UsageError(f'"{folder}" has no index.', hint="Make it: vprog index FOLDER.")
    index = IndexFile(path)
    try:
        facts = read_fact_question(question)
        joined = None if facts is None else answer_from_facts(facts, index)
        hits = index.search(question, count + 1) if joined is None else []
        near = _near(question, count, index) if joined is None else []
        n_lacking = len(index.without_vectors())
        searched = index.searched()
        asked = asked_labels(question)
        places = [places_of_label(label, index) for label in asked.labels]
        label_frames = index.label_frames()
        changed = changed_since(folder, index)
    finally:
        index.close()
    present = [str(item.relative_to(folder)) for item in media_below(folder)]
    missing = [name for name in present if name not in searched]
    lacking = {
        kind: [name for name, kinds in searched.items() if kind not in kinds] for kind in PROGRAMS
    }
    lacking = {kind: names for kind, names in lacking.items() if names}
    has_more, hits = len(hits) > count, hits[:count]
    has_words = {(hit.path, hit.moment) for hit in hits}
    near = [hit for hit in near if (hit.path, hit.moment) not in has_words]
    found = [hit.path for hit in [*hits, *near]]
    if joined is None:
        found += [name for place in places for name in place.seen]
    found_in = [name for name in dict.fromkeys(found) if (folder / name).is_file()]
    best, not_asked = found_in[:n_solved], found_in[n_solved:]
    cases = [{"id": name, "video": str(folder / name), "question": question} for name in best]
    results = _solved(cases, settings) if cases else {}
    if as_json:
        say_json(
            {
                "question": question,
                "joined": None if joined is None else asdict(joined),
                "searched": searched,
                "not_indexed": missing,
                "not_looked_for": lacking,
                "changed_since": changed,
                "labels": [
                    {
                        "label": place.label,
                        "summary": place.summary,
                        "files": [
                            {
                                "file": name,
                                "moments": [
                                    {"time": sight.time, "score": sight.score} for sight in sights
                                ],
                            }
                            for name, sights in place.seen.items()
                        ],
                        "not_found_in": place.unseen,
                    }
                    for place in places
                ],
                "labels_looked_at": {
                    name: {"frames": frames.n_frames, "every_s": frames.step}
                    for name, frames in label_frames.items()
                },
                "no_labels": asked.untold,
                "has_more_moments": has_more,
                "not_asked": not_asked,
                "moments": [
                    {"file": hit.path, "kind": hit.kind, **hit.moment._asdict(), "score": hit.score}
                    for hit in hits
                ],
                "near_in_meaning": [
                    {
                        "file": hit.path,
                        "kind": hit.kind,
                        **hit.moment._asdict(),
                        "likeness": hit.score,
                    }
                    for hit in near
                ],
                "not_compared_by_meaning": n_lacking,
                "answers": {name: results[name].to_dict() for name in best},
            }
        )
        return 0
    if joined is not None:
        _say_joined(joined, count, changed)
    for place in places:
        _say_label(place, count, changed)
    if asked.is_denied and places:
        say("Where a thing is not, labels do not tell: only where it was found.")
    for hit in hits:
        start, end, text = hit.moment
        when = clock_span(start, end)
        say(f"{hit.path}  {when}  {hit.kind}: {text}  ({hit.score:.2f})")
    if near:
        say("Near in meaning, which is no proof:")
    for hit in near:
        start, end, text = hit.moment
        say(f"{hit.path}  {clock_span(start, end)}  {hit.kind}: {text}  (likeness {hit.score:.2f})")
    if joined is None and not hits and not near and not any(place.seen for place in places):
        say("Nothing that is said or written there has words of the question.")
    for name in best:
        say(f"\n{name}\n{results[name]}")
    note(f"searched {len(searched)} files" + (f"; not indexed: {len(missing)}" if missing else ""))
    for kind, names in lacking.items():
        note(f"{kind}: not looked for in {counted(len(names), 'file')}")
    if n_lacking and joined is None:
        note(f"{counted(n_lacking, 'text')} not compared by meaning: {NO_MEANING}")
    if has_more:
        note(f"more moments have these words; {count} are shown: --count N")
    if best and not_asked:
        note(f"not asked, though they match: {', '.join(not_asked)}: --solve N")
    for name in missing:
        note(f"not indexed: {name}")
    for name in changed:
        note(f"changed or gone since it was indexed: {name}; run `vprog index` again")
    if asked.untold and joined is None:
        words = ", ".join(f'"{clean(word)}"' for word in asked.untold)
        told = "only what is said and written was searched for that"
        note(f"labels: the detector does not know {words}; {told}")
    return 0


def _solved(cases: list[dict[str, str]], settings: dict[str, Any]) -> dict[str, Result]:
    from vprog.solver.many import solve_many  # slow to import, and mostly not needed

    return dict(solve_many(cases, **settings))


def _near(question: str, count: int, index: IndexFile) -> list[MomentHit]:
    """What is near in meaning; nothing where the embedder is not installed."""
    from vprog.library.meaning_search import search_meaning

    if not index.has_vectors():
        return []
    from vprog.models.sentence_embedder import sentence_embedder

    embedder = sentence_embedder()
    return [] if embedder is None else search_meaning(question, count, index, embedder)


def _say_joined(joined: FactAnswer, count: int, changed: list[str]) -> None:
    """The answer, its files, and of which files it says nothing."""
    say(joined.text)
    for name, told in list(joined.files.items())[:count]:
        since = "  (changed or gone since)" if name in changed else ""
        say(f"  {name}{f'  {told}' if told else ''}{since}")
    if len(joined.files) > count:
        note(f"{len(joined.files) - count} more files: --count N")
    for text in joined.basis:
        note(text)
    for name, lacking in joined.unknown.items():
        note(f"not in this answer: {name}: {lacking} not looked for")


def _say_label(place: LabelPlaces, count: int, changed: list[str]) -> None:
    """The files with a label, `count` of them, and in each the best moments in order of time."""
    from vprog.types.clock import clock

    for name, sights in list(place.seen.items())[:count]:
        best = sorted(sorted(sights, key=lambda sight: -sight.score)[:_BEST_MOMENTS])
        moments = ", ".join(f"{clock(sight.time)} ({sight.score:.2f})" for sight in best)
        more = f" and {len(sights) - len(best)} more" if len(sights) > len(best) else ""
        since = "  (changed or gone since)" if name in changed else ""
        say(f"{name}  {place.label}: {moments}{more}{since}")
    if len(place.seen) > count:
        note(f"{place.label}: {len(place.seen) - count} more files: --count N")
    say(place.summary)
