"""What the VM makes of lowered text, where no module is called."""

from __future__ import annotations

import builtins
import keyword
import math
from collections.abc import Iterable, Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.program.lowering.test_lower import IDIOMS, printed
from vprog.program import prelude
from vprog.program.allowed_syntax import BUILTINS, EXCEPTIONS, MACHINE_NAMES
from vprog.program.lowering.lower import lower, probes_text, read_probes
from vprog.sandbox.limits_from_settings import SessionLimits
from vprog.sandbox.pool import Pool
from vprog.sandbox.session_protocol import DoneStep
from vprog.settings import load_settings


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    with Pool(size=1) as opened:
        yield opened


def run(pool: Pool, text: str) -> tuple[object, str]:
    session = pool.session()
    session.start({}, functions=[], prelude=prelude.source())
    step = session.run(lower(text, modules=()).source)
    probes = session.run(probes_text(), want_value=True) if session.is_alive else None
    session.close()
    return probes, step.printed if isinstance(step, DoneStep) else repr(step)


@pytest.mark.parametrize("text", IDIOMS)
def test_idioms_print_what_cpython_prints(text: str, pool: Pool) -> None:
    assert run(pool, text)[1] == printed(text, {})


@settings(max_examples=30, deadline=None)
@given(
    numbers=st.lists(
        st.floats(-1e6, 1e6) | st.integers(-(10**6), 10**6).map(lambda n: n / 200), min_size=40
    ),
    digits=st.integers(0, 6),
)
def test_rounding_is_that_of_cpython(pool: Pool, numbers: list[float], digits: int) -> None:
    text = f"for x in {numbers!r}: print(round(x, {digits}))"
    expected = "".join(f"{round(number, digits)}\n" for number in numbers)
    assert run(pool, text)[1] == expected


def test_probes_are_there_after_a_time_limit() -> None:
    with Pool(size=1, limits=SessionLimits.of(load_settings({"sandbox_seconds": 1}))) as hasty:
        probes, said = run(hasty, "x = 5\ny = 'found'\nwhile True:\n    x = x + 1\n")
    assert "time" in said
    assert isinstance(probes, DoneStep)
    found = {probe.name: probe for probe in read_probes(probes.value) if probe.line < 4}
    assert found["y"].text == "'found'"


def test_probes_of_many_assignments_cost_no_stop_and_no_memory(pool: Pool) -> None:
    """What a probe costs inside is counted in monty_compat/test_support.py."""
    probes, said = run(pool, "n = 0\nfor i in range(30000):\n    n = n + i\nprint(n)\n")
    assert said == f"{math.comb(30000, 2)}\n"
    assert isinstance(probes, DoneStep)
    counts = {(probe.line, probe.name): probe.count for probe in read_probes(probes.value)}
    assert counts == {(1, "n"): 1, (2, "i"): 30_000, (3, "n"): 30_000}


def test_the_prelude_is_fed_quickly_and_leaves_no_other_names(pool: Pool) -> None:
    session = pool.session()
    session.start({}, functions=[], prelude=prelude.source())
    for name in ("re", "math", "support", "Flow", "flow", "END", "PROBES"):
        step = session.run(f"try:\n    {name}\n    print('there')\nexcept NameError: pass\n")
        assert isinstance(step, DoneStep)
        assert step.printed == ""
    session.close()


def names_there(pool: Pool, prelude_text: str, names: Iterable[str]) -> set[str]:
    session = pool.session()
    session.start({}, functions=[], prelude=prelude_text)
    there = set()
    for name in names:
        step = session.run(f"print({name} is not None)\n")
        if isinstance(step, DoneStep) and step.printed == "True\n":
            there.add(name)
    session.close()
    return there


def test_table_of_builtins_is_that_of_the_machine(pool: Pool) -> None:
    """A builtin that the VM gains must be given to programs or kept from them."""
    names = {name for name in dir(builtins) if not keyword.iskeyword(name) and name[0] != "_"}
    there = names_there(pool, "None", names | MACHINE_NAMES)
    assert there == BUILTINS | EXCEPTIONS | MACHINE_NAMES - {"JSONDecodeError"}
    assert names_there(pool, prelude.source(), there) == there - prelude.SHADOWED


@pytest.mark.parametrize("name", sorted(prelude.SHADOWED))
def test_shadowed_builtins_stay_out_of_reach_in_every_scope(pool: Pool, name: str) -> None:
    session = pool.session()
    session.start({}, functions=[], prelude=prelude.source())
    for text in (
        f"def f():\n    return {name}\nprint(f())",
        f"print([{name} for x in [1]][0])",
        f"f = lambda {name}: 0\nprint({name})",
        f"def g():\n    def h():\n        return {name}\n    return h\nprint(g()())",
    ):
        step = session.run(text)
        assert isinstance(step, DoneStep)
        assert step.printed == "None\n"
    session.close()
