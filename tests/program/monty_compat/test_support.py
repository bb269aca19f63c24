"""The support of lowered programs where a module is called, against CPython, call by call."""

from __future__ import annotations

import pytest

from tests.program.lowering.test_lower import printed, support
from tests.steps import steps_of
from vprog.program.lowering.lower import lower
from vprog.program.monty_compat import support_values
from vprog.program.monty_compat.support import Flow, items
from vprog.program.monty_compat.support_values import replace, type_name
from vprog.types import Box, Frame

SAME_CALLS = [
    "print(max([1, 4, 2], key=lambda x: ask(x)), min([3, 1], key=ask), max(2, 5, key=ask))",
    "print(max([], key=ask, default='none'), min((), key=ask, default=None))",
    "try:\n    max([], key=ask)\nexcept ValueError:\n    print('empty')",
    "print(sorted([3, 1, 2], key=lambda x: -ask(x)), sorted([1, 2], key=ask, reverse=True))",
    "xs = [(1, 'a'), (2, 'b'), (1, 'c')]\nxs.sort(key=lambda p: -ask(p[0]))\nprint(xs)",
    "print(list(map(ask, [1, 2])), list(map(lambda a, b: ask(a) + b, [1, 2], [3, 4])))",
    "print(list(filter(lambda x: ask(x) > 1, [1, 2, 3])), sum(map(ask, [1, 2])))",
    "from itertools import takewhile, dropwhile, filterfalse, starmap, groupby\n"
    "print(list(takewhile(lambda x: ask(x) < 3, [1, 2, 3, 1])))\n"
    "print(list(dropwhile(lambda x: ask(x) < 2, [1, 2, 1])))\n"
    "print(list(filterfalse(lambda x: ask(x) > 1, [1, 2, 3])))\n"
    "print(list(starmap(lambda a, b: ask(a) + b, [(1, 2)])))\n"
    "print([(k, list(g)) for k, g in groupby([1, 1, 2, 1], key=lambda x: ask(x) > 1)])",
    "g = (ask(x) for x in range(9))\nprint(next(g), next(g, None), any(v > 3 for v in g), next(g))",
    "g = (ask(x) for x in range(4))\nprint(all(v < 2 for v in g), next(v for v in g if v), g is g)",
    "m = map(ask, range(5))\nprint(next(m), any(m), all(m))",
    "m = map(ask, range(5))\nprint(all(m), any(m), list(m))",
    "f = filter(lambda x: ask(x) % 2, range(9))\nprint(next(f), next(f))",
    "e = enumerate((ask(x) for x in 'abc'), 5)\nprint(next(e), next(e))",
    "z = zip((ask(x) for x in 'abc'), 'xy')\nprint(next(z))",
    "g = ((x, ask(y)) for x in 'ab' if ask(x) for y in range(2))\nprint(next(g), next(g), next(g))",
    "import itertools\ng = (ask(x) for x in range(9))\n"
    "print(list(itertools.islice(g, 2)), list(itertools.islice(g, 1, 4, 2)), next(g))",
    "g = (ask(x) for x in range(3))\nprint(list(g), list(g), sum(g))",
    "g = (ask(x) for x in 'ab')\na, b = g\nprint(a, b)",
    "g = (ask(x) for x in 'ab')\nfor c in g: pass\nprint(c, *g)",
    "g = (ask(x) for x in 'ab')\nprint([x for x in g], {x for x in (ask(y) for y in 'c')})",
    "def total(xs): return sum(xs)\nprint(total(ask(x) for x in range(3)))",
    "def first(xs): return next(iter(xs))\nprint(first(ask(x) for x in range(3)))",
    "print(any(ask(x) > 1 for x in [1, 2, 3]), all(ask(x) > 1 for x in [1, 2, 3]))",
    "print(any((y := ask(x)) > 1 for x in range(5)), y)",
    "print(next((x for x in range(5) if ask(x) == 2), None), [ask] != [])",
    "xs = []\nxs += (ask(x) for x in 'ab')\nxs[:1] = (ask(x) for x in 'cd')\nprint(xs)",
    "import re\nprint(re.sub('[ab]', lambda m: ask(m.group()) + '!', 'cab'))",
    "x, y = map(ask, 'ab')\nprint(x, y, 'b' in [ask(c) for c in 'ab'])",
    "print(dict(zip('ab', map(ask, 'cd'))), dict(map(lambda k: (k, ask(k)), 'ef')))",
    "gs = [(ask(x) for x in 'ab'), (ask(x) for x in 'cd')]\nprint(next(gs[1]), list(gs[0]))",
]
SAME_RESULT = [
    "for i, t in enumerate(ask(x) for x in 'abc'):\n    if t == 'b': break\nprint(i)",
    "for a, b in zip('ab', (ask(x) for x in 'cd')): print(a, b)",
    "for a, b in zip((ask(x) for x in 'cd'), iter('ab')): print(a, b)",
    "g = (ask(x) for x in 'abc')\nfor i, t in enumerate(g): print(i, t)",
    "print('b' in (ask(x) for x in 'abc'), 'z' in map(ask, 'ab'))",
    "for t in map(ask, 'abc'):\n    if t == 'b': break\nprint(t)",
    "q = ['a']\nfor i, x in enumerate(q):\n    if i < 2: q.append(ask(x) + 'b')\nprint(q)",
    "a = [1]\nb = iter([2, 3])\nfor x, y in zip(a, b): a.append(ask(x))\nprint(a)",
    "try:\n    list(zip([1], map(ask, [1, 2]), strict=True))\nexcept ValueError as e: print(e)",
    "try:\n    print(next(zip(map(ask, [1]), [], strict=True)))\nexcept ValueError as e: print(e)",
]


def run(text: str, names: dict[str, object]) -> tuple[str, list[object]]:
    asked: list[object] = []

    def ask(value: object) -> object:
        asked.append(value)
        return value

    return printed(text, {**names, "ask": ask}), asked


@pytest.mark.parametrize("text", SAME_CALLS)
def test_support_makes_the_calls_of_cpython(text: str) -> None:
    assert run(lower(text, modules={"ask"}).source, support()) == run(text, {})


@pytest.mark.parametrize("text", SAME_RESULT)
def test_support_gives_the_result_of_cpython(text: str) -> None:
    said, asked = run(lower(text, modules={"ask"}).source, support())
    expected, needed = run(text, {})
    assert said == expected
    assert asked[: len(needed)] == needed


def test_a_flow_is_an_iterator() -> None:
    numbers = iter([1, 2, 3])
    flow = Flow(lambda: next(numbers, ["end of iteration"]))
    assert iter(flow) is flow
    assert next(flow) == 1
    assert items([4]) == [4]


def test_replace_knows_the_fields_of_values() -> None:
    assert replace(Frame(0, 1.0), {"region": Box(0, 0, 1, 1)}) == Frame(0, 1.0, Box(0, 0, 1, 1))
    with pytest.raises(ValueError, match="unexpected field names"):
        replace(Frame(0, 1.0), {"tim": 1.0})


def test_type_name_tells_values_of_the_machine_by_their_fields() -> None:
    machine_made = type("namedtuple", (Box,), {})(0, 0, 1, 1)
    assert type_name(machine_made) == "Box"
    assert type_name(3) == "int"


@pytest.mark.parametrize("value", [7, "x" * 10_000, [0] * 100_000, {1: [[[[2]]]]}, range(10**9)])
def test_a_probe_takes_the_same_few_steps_whatever_the_size_and_the_number(value: object) -> None:
    for _ in range(10):
        support_values.probe("0:1:x", value)
    assert len(support_values.PROBES["0:1:x"][1] + support_values.PROBES["0:1:x"][2]) == 6
    assert steps_of(lambda: support_values.probe("0:1:x", value)) < 200
    support_values.read_probes()
