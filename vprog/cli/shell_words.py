"""What the shell offers for an argument: strategies, traces, tasks, modules."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any

import click
from click.shell_completion import CompletionItem

from vprog.errors import VprogError

Completer = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]

_MOST_TRACES = 50


def _completer(items: Callable[[], Iterable[tuple[str, str]]]) -> Completer:
    """Offers names, each with a line of help; nothing where they cannot be listed."""

    def complete(_: click.Context, __: click.Parameter, begun: str) -> list[CompletionItem]:
        try:
            return [
                CompletionItem(name, help=text) for name, text in items() if name.startswith(begun)
            ]
        except VprogError:  # a setting is wrong: the command itself will say so
            return []

    return complete


def _strategies() -> Iterable[tuple[str, str]]:
    from vprog.strategies.catalog import strategies

    return [(strategy.name, strategy.summary) for strategy in strategies().values()]


def _traces() -> Iterable[tuple[str, str]]:
    from vprog.settings import load_settings
    from vprog.trace.store import list_traces

    recent = islice(list_traces(load_settings().trace_dir), _MOST_TRACES)
    return [
        ("last", "the newest"),
        *((run.folder.name, run.started.question if run.started else "") for run in recent),
    ]


def _registry() -> Any:
    from vprog.registry.discover import discover

    return discover()


def _tasks() -> Iterable[tuple[str, str]]:
    registry = _registry()
    return [(task, registry.signature(task).summary) for task in registry.tasks]


def _modules() -> Iterable[tuple[str, str]]:
    registry = _registry()
    return [
        (f"{task}={spec.implementation}", spec.backend)
        for task in registry.tasks
        for spec in registry.implementations(task)
    ]


strategies_offered = _completer(_strategies)
traces_offered = _completer(_traces)
tasks_offered = _completer(_tasks)
modules_offered = _completer(_modules)
