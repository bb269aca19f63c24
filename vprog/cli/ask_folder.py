"""`vprog ask`: find moments in an indexed folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from vprog.cli.options import set_option, settings_of
from vprog.cli.output import note, reports_errors, say, say_json
from vprog.errors import UsageError


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
    """Find what is said or written in the files below FOLDER, and ask the best files QUESTION.

    Words are searched, in any form, in speech, text in the picture, titles and chapters.
    """
    from vprog.evaluation.case_list import media_below
    from vprog.library.index_file import IndexFile
    from vprog.library.indexing import place_of_index
    from vprog.library.kinds import PROGRAMS
    from vprog.solver.many import solve_many
    from vprog.view.words import clock_span, counted

    settings = settings_of(given)
    path = db or place_of_index(folder, settings)
    if not path.is_file():
        raise UsageError(f'"{folder}" has no index.', hint="Make it: vprog index FOLDER.")
    index = IndexFile(path)
    try:
        hits = index.search(question, count + 1)
        searched = index.searched()
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
    for hit in hits:
        start, end, text = hit.moment
        when = clock_span(start, end)
        say(f"{hit.path}  {when}  {hit.kind}: {text}  ({hit.score:.2f})")
    if not hits:
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
    return 0
