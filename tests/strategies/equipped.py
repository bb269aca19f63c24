"""A question asked with more modules than vprog has here, or with a VLM."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.llm.server import Answer, ChatServer
from tests.looking import REGISTRY, VLM
from tests.strategies.conftest import Asked
from vprog.llm.scripted import ScriptedModel
from vprog.registry.discover import discover
from vprog.registry.registry import Registry
from vprog.replays.replay_run import replay
from vprog.runs.run import Run
from vprog.settings import load_settings
from vprog.solver.solver import close, shared
from vprog.strategies.catalog import find_strategy, solve_by
from vprog.trace.store import read_trace


def registry_with(*modules: type) -> Registry:
    """vprog's modules and these, as a third party would write them."""
    registry = discover()
    for module in modules:
        registry.add(module)
    return registry


def registry_of(*modules: type) -> Registry:
    """These modules and no others."""
    registry = Registry()
    for module in modules:
        registry.add(module)
    return registry


def ask_with(
    registry: Registry | None,
    clips: Sequence[Path],
    folder: Path,
    strategy: str,
    replies: Sequence[Any],
    *,
    question: str = "How many red squares are there?",
    choices: Sequence[str] = (),
    max_llm_calls: int = 20,
    vlm: str = "",
    **options: Any,
) -> Asked:
    """What came of a question that a scripted model answers by a strategy."""
    model = ScriptedModel(replies)
    settings = load_settings(
        {
            "trace_dir": folder / "traces",
            "cache_dir": folder / "cache",
            "max_llm_calls": max_llm_calls,
            **({"vlm": vlm} if vlm else {}),
        },
        environment={},
    )
    settings = replace(settings, **options)
    with (
        shared.runtimes.lend(settings, registry) as runtime,
        Run(runtime, settings, list(clips), question, choices=choices, writer=model.name) as run,
    ):
        result = solve_by(find_strategy(strategy), run, model)
    close()
    assert result.trace_path is not None
    again = replay(
        result.trace_path,
        registry=registry,
        trace_dir=folder / "traces",
        cache_dir=folder / "none",
    )
    assert (again.first_difference, again.n_run) == (None, 0)
    return Asked(result, model, read_trace(result.trace_path).events)


@contextmanager
def looking(answers: Sequence[Answer], monkeypatch: pytest.MonkeyPatch) -> Iterator[ChatServer]:
    """A server that looks and says this; ask with REGISTRY and VLM while it is there."""
    with ChatServer(answers) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        yield server


__all__ = ["REGISTRY", "VLM", "ask_with", "looking", "registry_of", "registry_with"]
