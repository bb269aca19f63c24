"""`vprog cache`: show or clear the cached results of modules."""

from __future__ import annotations

import click

from vprog.cli.output import note, reports_errors, say
from vprog.config import load_settings
from vprog.execute.result_cache_file import CacheFile


@click.group("cache")
def command() -> None:
    """Show or clear the cached results of modules."""


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
    return 0


@command.command("clear")
@reports_errors
def clear() -> int:
    """Remove every cached result. The next run computes them again."""
    cache = _open()
    try:
        gone = cache.clear()
    finally:
        cache.close()
    say(f"{gone} results removed")
    return 0


def _open() -> CacheFile:
    """The file of the cache; a run does without one that cannot be used, these commands do not."""
    settings = load_settings()
    return CacheFile.below(settings.cache_dir, max_mb=settings.cache_max_mb, note=note)
