"""At least 100 honest programs: gate, types, lowering and VM, with CPython's results."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator

import pytest

from tests.program.corpus import MODULES, Honest, Result, load, run_in_cpython
from tests.program.world import CHOICES, QUESTION, SECOND, VIDEO, World, signatures
from vprog.boundary import convert
from vprog.program import prelude
from vprog.program.gate import find_problems
from vprog.program.lowering.announce import announcement
from vprog.program.lowering.lower import Lowered, lower, probes_text, read_probes, text_to_check
from vprog.program.lowering.probes import VALUES
from vprog.program.program import Program
from vprog.program.stubs import stub_text
from vprog.sandbox.pool import Pool
from vprog.sandbox.session_protocol import CallStep, DoneStep, RaisedStep

PROGRAMS = load()
NAMES = [program.name for program in PROGRAMS]
VIDEOS = [VIDEO, SECOND]


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    with Pool(size=1, stubs=stub_text(signatures().values())) as opened:
        yield opened


def test_the_corpus_is_large_and_its_names_are_unique() -> None:
    assert len(PROGRAMS) >= 100
    assert len(set(NAMES)) == len(NAMES)


@pytest.mark.parametrize("program", PROGRAMS, ids=NAMES)
def test_honest_program_passes_the_gate(program: Honest) -> None:
    for at, cell in enumerate(program.cells):
        assert find_problems(cell, modules=MODULES, before=program.cells[:at]) == []


@pytest.mark.parametrize("program", PROGRAMS, ids=NAMES)
def test_honest_program_passes_the_types(program: Honest, pool: Pool) -> None:
    checked = text_to_check(program.text, modules=MODULES)
    assert [problem for problem in pool.check(checked.text) if problem.is_fatal] == []


@pytest.mark.parametrize("ahead", [(), MODULES], ids=["plain", "announced"])
@pytest.mark.parametrize("program", PROGRAMS, ids=NAMES)
def test_honest_program_gives_what_cpython_gives(
    program: Honest, pool: Pool, ahead: Collection[str]
) -> None:
    expected = run_in_cpython(program)
    got = run_in_vm(program, pool, ahead)
    assert got.end == expected.end
    assert got.printed == expected.printed
    if program.tag == "more calls":
        assert not Counter(expected.calls) - Counter(got.calls)
    elif program.tag == "other lines":
        assert [name for name, _ in got.calls] == [name for name, _ in expected.calls]
    else:
        assert program.tag == ""
        assert got.calls == expected.calls


def run_in_vm(program: Honest, pool: Pool, ahead: Collection[str]) -> Result:
    """The program as vprog runs it, cell by cell, its calls answered by the same world."""
    world = World()
    result = Result()
    joined = Program.join(program.cells)
    known = signatures()
    session = pool.session()
    names = {"video": VIDEO, "videos": VIDEOS, "question": QUESTION, "choices": CHOICES}
    session.start(
        {name: convert.to_sandbox(value) for name, value in names.items()},
        functions=[*MODULES, "answer", "abstain", announcement()],
        prelude=prelude.source(),
    )
    ran: list[tuple[int, Lowered] | None] = []
    before: list[Lowered] = []
    for number, cell in enumerate(program.cells):
        lowered = lower(cell, modules=MODULES, before=before, cell=number, ahead=ahead)
        before.append(lowered)
        ran.append((number, lowered))
        step = session.run(lowered.source)
        while isinstance(step, CallStep):
            result.printed += step.printed
            if step.name == announcement():
                step = session.answer(step, None)
                continue
            if step.name in ("answer", "abstain"):
                written = {name: value for name, value in step.kwargs.items() if name != VALUES}
                result.end = f"{step.name} {step.args!r} {written!r}"
                ended = session.end(step)
                result.printed += ended.printed
                session.close()
                return result
            place = ran[step.cell]
            assert place is not None
            at_cell, text = place
            line = joined.line_of(at_cell, text.line_at(step.line, step.column))
            result.calls.append((step.name, line))
            given = convert.bind(known[step.name], step.args, step.kwargs, VIDEOS)
            value = getattr(world, step.name)(**given)
            step = session.answer(step, convert.to_sandbox(value))
        result.printed += step.printed
        if isinstance(step, RaisedStep):
            result.end = f"{step.kind}: {step.message}"
            break
        assert isinstance(step, DoneStep), step
        assert step.value is None
        step = session.run(probes_text(), want_value=True)
        ran.append(None)
        assert isinstance(step, DoneStep), step
        assert all(probe.cell <= number for probe in read_probes(step.value))
    session.close()
    return result
