"""Questions answered by a VLM: its modules, and a server that says what we script."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

import vprog
from tests.llm.server import Answer, Asked, ChatServer
from vprog.registry.discover import discover
from vprog.registry.registry import Registry
from vprog_modules.vlm.ask_choice_openai import AskChoiceOpenAI
from vprog_modules.vlm.ask_openai import AskOpenAI
from vprog_modules.vlm.ask_yes_no_openai import AskYesNoOpenAI
from vprog_modules.vlm.caption_openai import CaptionOpenAI

MODULES = (AskOpenAI, AskChoiceOpenAI, AskYesNoOpenAI, CaptionOpenAI)
VLM = "openai:tiny"


def registry_that_looks() -> Registry:
    """The modules of vprog, and those of a VLM behind a server."""
    registry = discover()
    for module in MODULES:
        spec = module.__vprog_module__  # type: ignore[attr-defined]
        known = spec.task in registry and any(
            other.implementation == spec.implementation
            for other in registry.implementations(spec.task)
        )
        if not known:
            registry.add(spec)
    return registry


REGISTRY = registry_that_looks()


def answered_by(
    server_says: Sequence[Answer],
    monkeypatch: pytest.MonkeyPatch,
    clip: Path,
    question: str,
    **given: Any,
) -> tuple[vprog.Result, list[Asked]]:
    """The result, and what the server was asked; `vlm` is the server unless given."""
    with ChatServer(server_says) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        result = vprog.solve(clip, question, registry=REGISTRY, **{"vlm": VLM, **given})
        vprog.close()
        return result, server.asked
