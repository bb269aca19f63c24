"""Every kind of question: its programs pass the gate and the types, and fail on no file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.rules.edge_files import EDGE_FILES, facts_of
from tests.rules.kind_samples import event_samples, runs_here, samples
from tests.vocabulary import shipped_signatures
from vprog.program.gate import check_program
from vprog.program.stubs import stub_text
from vprog.rules.question_kinds import Kind, all_kinds
from vprog.sandbox.pool import Pool
from vprog.solver.engine import Engine
from vprog.types import Video

SIGNATURES = shipped_signatures()
TASKS = frozenset(signature.name for signature in SIGNATURES)
VIDEO = Video(0, 30.0, 1280, 720, 25.0, 750, True, False)
KINDS = [kind for kind in all_kinds() if kind.answer != "event"]
FAMILIES = sorted({kind.family for kind in KINDS})


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    with Pool(stubs=stub_text(SIGNATURES)) as opened:
        yield opened


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with Engine() as opened:
        yield opened


def _made(kind: Kind) -> list[str]:
    """Its programs, of files with sound, without, and without picture."""
    videos = (VIDEO, VIDEO._replace(has_audio=False), VIDEO._replace(width=0, height=0))
    return [sample.program for video in videos for sample in samples(kind, video)]


@pytest.mark.parametrize("family", FAMILIES)
def test_programs_pass_gate_and_types(family: str, pool: Pool) -> None:
    faults: list[str] = []
    for kind in KINDS:
        if kind.family != family:
            continue
        programs = _made(kind)
        assert programs, f"{kind.name}: of no kind of file"
        # The first and the last differ most: no time and no choices, the end and choices.
        for program in dict.fromkeys((programs[0], programs[len(programs) // 2], programs[-1])):
            check_program(program, modules=TASKS, must_end=True)
            lines = program.splitlines()
            faults += [
                f"{kind.name}: {lines[found.line - 1].strip()}: {found.message}"
                for found in pool.check(program)
            ]
    assert not faults, "\n".join(faults)


def test_events_pass_gate_and_types(pool: Pool) -> None:
    for sample in event_samples(VIDEO):
        check_program(sample.program, modules=TASKS, must_end=True)
        assert pool.check(sample.program) == [], f"{sample.kind.name}:\n{sample.program}"


@pytest.mark.parametrize("name", EDGE_FILES)
def test_no_program_fails(name: str, engine: Engine, tmp_path: Path) -> None:
    """Each kind on one of the files in turn; `tests.reliability rules` takes them all."""
    path = EDGE_FILES[name](tmp_path / name)
    video = facts_of(name, path, engine)
    turn = list(EDGE_FILES).index(name)
    n_run, faults = 0, []
    for kind in KINDS[turn :: len(EDGE_FILES)]:
        made = [sample for sample in samples(kind, video) if runs_here(sample.program)]
        for sample in made[turn % 3 :: max(1, len(made) // 2)][:2]:
            result = engine.run(path, sample.program, choices=sample.choices)
            if result.status not in ("answered", "abstained"):
                faults.append((kind.name, sample.time, sample.choices, result.error))
            n_run += 1
    assert faults == []
    assert n_run > 3
