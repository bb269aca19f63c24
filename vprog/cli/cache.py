"""`vprog cache`: show, join or clear the cached results of modules."""

from __future__ import annotations

from pathlib import Path

import click

from vprog.cli.command_errors import reports_errors
from vprog.cli.output import note, say
from vprog.errors import UsageError
from vprog.execute.call_speeds import FILE_NAME as SPEEDS_NAME
from vprog.execute.result_cache import MODULES_FOLDER
from vprog.execute.result_cache_file import FILE_NAME, CacheFile
from vprog.library.index_file import LIBRARIES_FOLDER
from vprog.media.browser_proxy import PROXIES_FOLDER
from vprog.settings import load_settings
from vprog.view.words import counted


@click.group("cache")
def command() -> None:
    """Show, join or clear the cached results of modules."""


@command.command("info")
@reports_errors
def info() -> int:
    """Show where the cache is and what it holds."""
    cache = _open()
    try:
        rows = cache.sizes()
    finally:
        cache.close()
    say(f"{cache.path}: {sum(size for _, _, size in rows) / 1e6:.1f} MB")
    for task, count, size in rows:
        say(f"  {task}: {count} results, {size / 1e6:.2f} MB")
    for files, depth, noun, what in (
        (_files_of_modules(), 1, "file", " of modules"),
        (_proxies(), 0, "part", " of videos for `vprog view`"),
        (_speeds(), 0, "file", " with how fast calls were here"),
        (_libraries(), 0, "file", " of indexes of folders, which `vprog cache clear` keeps"),
    ):
        if files:
            size = sum(file.stat().st_size for file in files)
            say(
                f"{files[0].parents[depth]}: {counted(len(files), noun)}{what}, {size / 1e6:.2f} MB"
            )
    return 0


@command.command("merge")
@click.argument(
    "folders", nargs=-1, required=True, metavar="DIR...",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
)  # fmt: skip
@reports_errors
def merge(folders: tuple[Path, ...]) -> int:
    """Take the results of other caches into this one, such as those of the parts of a batch.

    Each DIR is a cache folder (VPROG_CACHE_DIR of the job that wrote it), and stays as it is. A
    damaged result is left out. Files of modules, such as indexes, are not taken.

    \b
    vprog cache merge node1/cache node2/cache
    """
    files = [folder / FILE_NAME for folder in folders]
    lacking = next((folder for folder, file in zip(folders, files, strict=True)
                    if not file.is_file()), None)  # fmt: skip
    if lacking is not None:
        raise UsageError(f"{lacking} holds no {FILE_NAME}.", hint="Name a cache folder of vprog.")
    cache = _open()
    try:
        for folder, file in zip(folders, files, strict=True):
            if file.samefile(cache.path):
                raise UsageError(
                    f"{folder} is this cache itself.", hint="Leave it out: `vprog cache info`."
                )
            taken, there = cache.merge(file)
            say(f"{folder}: {taken} results taken, {there} were there")
    finally:
        cache.close()
    return 0


@command.command("clear")
@reports_errors
def clear() -> int:
    """Remove every cached result, every index of a file, and how fast calls were here.

    The next run computes and measures them again. What `vprog index` keeps of folders stays.
    """
    cache = _open()
    try:
        gone = cache.clear()
    finally:
        cache.close()
    for file in (*_files_of_modules(), *_proxies(), *_speeds()):
        file.unlink(missing_ok=True)
    say(f"{gone} results removed")
    return 0


def _files_of_modules() -> list[Path]:
    """What modules keep beside their results, such as the index of a file's pictures."""
    folder = load_settings().cache_dir / MODULES_FOLDER
    return sorted(file for file in folder.glob("*/*") if file.is_file())


def _proxies() -> list[Path]:
    """Parts of videos that were made to be played."""
    folder = load_settings().cache_dir / PROXIES_FOLDER
    return sorted(file for file in folder.glob("*") if file.is_file())


def _speeds() -> list[Path]:
    """What former calls took."""
    file = load_settings().cache_dir / SPEEDS_NAME
    return [file] if file.is_file() else []


def _libraries() -> list[Path]:
    """The indexes of folders."""
    return sorted((load_settings().cache_dir / LIBRARIES_FOLDER).glob("*.sqlite*"))


def _open() -> CacheFile:
    """The file of the cache; a run does without one that cannot be used, these commands do not."""
    settings = load_settings()
    return CacheFile.below(settings.cache_dir, max_mb=settings.cache_max_mb, note=note)
