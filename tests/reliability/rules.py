"""Questions of the rules at the edges of files: whatever is asked, no program of theirs fails."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.reliability.outcome import Attack, Field, Verdict
from tests.rules.edge_files import EDGE_FILES
from tests.rules.edge_questions import ALL_PHRASINGS, edge_questions
from vprog.solver.engine import Engine

_DURATIONS = (0.0, 0.04, 0.1, 0.2, 3.0, 6.0)
"""Seconds: of the files, and now and then of another one, so that times lie outside."""


def _attacks(seed: int, count: int) -> Iterator[Attack]:
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder, Engine() as engine:
        paths = [draw(Path(folder) / name) for name, draw in EDGE_FILES.items()]
        for number in range(count):
            phrasing = chance.choice(ALL_PHRASINGS)
            question = chance.choice(list(edge_questions(phrasing, chance.choice(_DURATIONS))))
            yield _attack(number, engine, chance.choice(paths), question)


def _attack(number: int, engine: Engine, path: Path, question: str) -> Attack:
    def attempt() -> tuple[Verdict, str]:
        result = engine.solve(path, question)
        if result.status in ("answered", "abstained"):
            return "survived", ""
        return "crashed", f"{result.status}: {result.error.message if result.error else ''}"

    return Attack(f"{number} {path.name}: {question}", attempt)


FIELD = Field("rules at the edges of files", _attacks, 1000)
