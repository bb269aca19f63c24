"""`vprog index`: keep what is in the videos of a folder, for `vprog ask`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from vprog.cli.command_errors import reports_errors
from vprog.cli.options import set_option, settings_of
from vprog.cli.output import note, say
from vprog.errors import UsageError
from vprog.settings import load_settings

_KINDS = ("facts", "shots", "speech", "text", "labels")


@click.command("index")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False, exists=True))
@click.option("--db", type=click.Path(path_type=Path, dir_okay=False), help="File of the index; "
              "default: one for each folder, in the cache folder.")  # fmt: skip
@click.option("--without", multiple=True, type=click.Choice(_KINDS), help="Leave out; repeat it.")
@click.option("--max-mb", type=click.IntRange(1), default=1000, show_default=True,
              help="How large the index may become.")  # fmt: skip
@click.option("-q", "--quiet", is_flag=True, help="Nothing on stderr but errors.")
@set_option
@reports_errors
def command(
    folder: Path, db: Path | None, without: tuple[str, ...], max_mb: int, quiet: bool, **given: Any
) -> int:
    """Keep the facts, shots, speech, text and seen things of the files below FOLDER.

    Of things, the 80 labels of the detector are looked for in one frame every 2 s, in 60 at most.
    Only what is new or changed is looked at; a command that was killed goes on where it was. A
    file that cannot be read is told and passed over; the exit code is 3 then.
    """
    from vprog.evaluation.case_list import media_below
    from vprog.library.index_file import IndexFile
    from vprog.library.indexing import fill_index, place_of_index, runs_of_index
    from vprog.solver.engine import Engine
    from vprog.trace.store import run_folders

    settings = settings_of(given)
    cache_dir = load_settings(settings).cache_dir
    path = db or place_of_index(folder, cache_dir)
    if not path.is_file() and not media_below(folder):
        raise UsageError(f'"{folder}" is a folder without a video or sound file.',
                         hint="Name a folder of videos.")  # fmt: skip
    runs = runs_of_index(path)
    index = IndexFile(path, max_mb=max_mb)
    try:
        with Engine(**{"trace_dir": runs, **settings}) as engine:
            done = fill_index(
                folder,
                index,
                engine,
                [kind for kind in _KINDS if kind not in without],
                (lambda line: None) if quiet else note,
            )
        n_files = len(index.files())
    finally:
        index.close()
    for what in ("changed", "moved", "removed"):
        for name in getattr(done, what):
            say(f"{what}: {name}")
    for name, why in done.failed.items():
        note(f"error: {name}: {why}")
    if done.failed and run_folders(runs):
        note(f"runs of what failed: vprog view {runs}")
    say(f"{n_files} files, {len(done.added)} of them new: {index.path}")
    return 3 if done.failed else 0
