"""Kinds of question at the edges of files: whatever is asked, no program of the rules fails."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.reliability.outcome import Attack, Field, Verdict
from tests.rules.edge_files import EDGE_FILES, facts_of
from tests.rules.kind_samples import Sample, runs_here, samples
from vprog.rules.question_kinds import all_kinds
from vprog.solver.engine import Engine


def _attacks(seed: int, count: int) -> Iterator[Attack]:
    chance = random.Random(seed)
    kinds = [kind for kind in all_kinds() if kind.answer != "event"]
    with tempfile.TemporaryDirectory() as folder, Engine() as engine:
        paths = {name: draw(Path(folder) / name) for name, draw in EDGE_FILES.items()}
        videos = {name: facts_of(name, path, engine) for name, path in paths.items()}
        number = 0
        while number < count:
            name = chance.choice(list(paths))
            drawn = samples(chance.choice(kinds), videos[name])
            made = [sample for sample in drawn if runs_here(sample.program)]
            if made:
                yield _attack(number, engine, paths[name], chance.choice(made))
                number += 1


def _attack(number: int, engine: Engine, path: Path, sample: Sample) -> Attack:
    def attempt() -> tuple[Verdict, str]:
        result = engine.run(path, sample.program, choices=sample.choices)
        if result.status in ("answered", "abstained"):
            return "survived", ""
        return "crashed", f"{result.status}: {result.error.message if result.error else ''}"

    kind = sample.kind
    return Attack(f"{number} {path.name}: {kind.family}, {kind.name} {sample.time}", attempt)


FIELD = Field("rules at the edges of files", _attacks, 1000)
