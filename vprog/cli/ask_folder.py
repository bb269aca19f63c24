"""`vprog ask`: find moments in an indexed folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vprog.cli.command_errors import reports_errors
from vprog.cli.options import set_option, settings_of
from vprog.cli.output import note, say, say_json
from vprog.settings import load_settings

if TYPE_CHECKING:
    from vprog.runs.result import Result


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
    from vprog.library.folder_search import search_folder
    from vprog.library.folder_words import answer_lines, left_out_lines
    from vprog.library.indexing import place_of_index

    settings = settings_of(given)
    cache_dir = load_settings(settings).cache_dir
    path = db or place_of_index(folder, cache_dir)
    found = search_folder(folder, question, path, count)
    best, not_asked = found.files_found[:n_solved], found.files_found[n_solved:]
    cases = [{"id": name, "video": str(folder / name), "question": question} for name in best]
    results = _solved(cases, settings) if cases else {}
    if as_json:
        answers = {name: results[name].to_dict() for name in best}
        say_json({**found.to_dict(), "not_asked": not_asked, "answers": answers})
        return 0
    for line in answer_lines(found, count):
        say(line)
    for name in best:
        say(f"\n{name}\n{results[name]}")
    for line in left_out_lines(found, count):
        note(line)
    if best and not_asked:
        note(f"not asked, though they match: {', '.join(not_asked)}: --solve N")
    return 0


def _solved(cases: list[dict[str, str]], settings: dict[str, Any]) -> dict[str, Result]:
    from vprog.solver.many import solve_many  # slow to import, and mostly not needed

    return dict(solve_many(cases, **settings))
