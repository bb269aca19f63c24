"""`vprog ask`: find moments in an indexed folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vprog.cli.options import set_option, settings_of
from vprog.cli.output import note, reports_errors, say, say_json
from vprog.errors import UsageError

if TYPE_CHECKING:
    from vprog.library.label_search import LabelPlaces

_BEST_MOMENTS = 5
"""Shown of a file and label; JSON has all."""


@click.command("ask")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False, exists=True))
@click.argument("question")
@click.option("--db", type=click.Path(path_type=Path, dir_okay=False), help="File of the index.")
@click.option("--count", type=click.IntRange(1, 1000), default=10, show_default=True,
              help="How many moments.")  # fmt: skip
@click.option("--solve", "n_solved", type=click.IntRange(0, 100), default=3, show_default=True,
              help="How many of the best files are asked the question.")  # fmt: skip
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
    """Find what is said, written or seen below FOLDER, and ask the best files QUESTION.

    Words are searched, in any form, in speech, text in the picture, titles and chapters. Things
    that the question names are searched among the 80 labels of the detector, which looked at single
    frames: what is in none of them may still be there.
    """
    from vprog.evaluation.case_list import media_below
    from vprog.library.index_file import IndexFile
    from vprog.library.indexing import changed_since, place_of_index
    from vprog.library.kinds import PROGRAMS
    from vprog.library.label_search import asked_labels, places_of_label
    from vprog.solver.many import solve_many
    from vprog.view.words import clean, clock_span, counted

    settings = settings_of(given)
    path = db or place_of_index(folder, settings)
    if not path.is_file():
        raise UsageError(f'"{folder}" has no index.', hint="Make it: vprog index FOLDER.")
    index = IndexFile(path)
    try:
        hits = index.search(question, count + 1)
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
    found_in = list(dict.fromkeys(hit.path for hit in hits if (folder / hit.path).is_file()))
    best, not_asked = found_in[:n_solved], found_in[n_solved:]
    cases = [{"id": name, "video": str(folder / name), "question": question} for name in best]
    results = dict(solve_many(cases, **settings)) if cases else {}
    if as_json:
        say_json(
            {
                "question": question,
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
                "answers": {name: results[name].to_dict() for name in best},
            }
        )
        return 0
    for place in places:
        _say_label(place, count, changed)
    if asked.is_denied and places:
        say("Where a thing is not, labels do not tell: only where it was found.")
    for hit in hits:
        start, end, text = hit.moment
        when = clock_span(start, end)
        say(f"{hit.path}  {when}  {hit.kind}: {text}  ({hit.score:.2f})")
    if not hits and not any(place.seen for place in places):
        say("Nothing that is said or written there has words of the question.")
    for name in best:
        say(f"\n{name}\n{results[name]}")
    note(f"searched {len(searched)} files" + (f"; not indexed: {len(missing)}" if missing else ""))
    for kind, names in lacking.items():
        note(f"{kind}: not looked for in {counted(len(names), 'file')}")
    if has_more:
        note(f"more moments have these words; {count} are shown: --count N")
    if best and not_asked:
        note(f"not asked, though words match: {', '.join(not_asked)}: --solve N")
    for name in missing:
        note(f"not indexed: {name}")
    for name in changed:
        note(f"changed or gone since it was indexed: {name}; run `vprog index` again")
    if asked.untold:
        words = ", ".join(f'"{clean(word)}"' for word in asked.untold)
        note(f"labels: the detector does not know {words}; only words were searched for that")
    return 0


def _say_label(place: LabelPlaces, count: int, changed: list[str]) -> None:
    """The files with a label, `count` of them, and in each the best moments in order of time."""
    from vprog.view.words import clock

    for name, sights in list(place.seen.items())[:count]:
        best = sorted(sorted(sights, key=lambda sight: -sight.score)[:_BEST_MOMENTS])
        moments = ", ".join(f"{clock(sight.time)} ({sight.score:.2f})" for sight in best)
        more = f" and {len(sights) - len(best)} more" if len(sights) > len(best) else ""
        since = "  (changed or gone since)" if name in changed else ""
        say(f"{name}  {place.label}: {moments}{more}{since}")
    if len(place.seen) > count:
        note(f"{place.label}: {len(place.seen) - count} more files: --count N")
    say(place.summary)
