"""Lowering: lines kept, names kept apart, positions mapped back, notes read."""

from __future__ import annotations

import ast
import io
import sys
from contextlib import redirect_stdout, suppress

import pytest

from tests.program.corpus import MODULES, Honest, load
from vprog.errors import TraceError
from vprog.program import algebra, prelude
from vprog.program.lowering import probes
from vprog.program.lowering.emit import emit
from vprog.program.lowering.lower import (
    Probe,
    Summary,
    lower,
    read_probes,
    restore_names,
    text_to_check,
)
from vprog.program.monty_compat.support_values import N_SLOTS
from vprog.program.program import Program

PROGRAMS = load()


@pytest.mark.parametrize("program", PROGRAMS, ids=[program.name for program in PROGRAMS])
def test_emitted_text_is_the_same_tree_on_the_same_lines(program: Honest) -> None:
    if program.name == "text/nested_fstring" and sys.version_info < (3, 12):
        pytest.skip("the emitter nests quotes in f-strings as Python 3.12 allows")
    for cell in program.cells:
        before = Program(cell).copied_tree()
        after = ast.parse(emit(Program(cell).tree, annotations=True).text)
        assert shape(after) == shape(before)
        assert [node.lineno for node in after.body[:-1]] == [
            statement.lineno for statement in before.body
        ]


def shape(tree: ast.Module) -> str:
    """A tree without what the emitter drops: texts that stand alone, the `pass` at the end."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            node.value.value = None
    alone = "Expr(value=Constant(value=None))"
    body = [ast.dump(statement).replace(alone, "Pass()") for statement in tree.body]
    return "\n".join(item for item in body if item != "Pass()")


ODD_STATEMENTS = [
    "if a: b = 1; c = 2\nelif d: pass\nelse: e = 3\n",
    "if a:\n    if b:\n        c = 1\n    else:\n        d = 2\nelse:\n    if e: f = 1\n",
    "if a:\n    pass\nelse:\n    if b:\n        pass\n    c = 1\n",
    "for a, *b in c:\n\n\n    d = a\n\nelse:\n\n    e = 1\n",
    "while (a and\n       b): c = 1\nelse: d = 1\n",
    "try: a = 1\nexcept (A, B) as e: b = 1\nexcept C: pass\nelse: c = 1\nfinally: d = 1\n",
    "try:\n    a = 1\n\nfinally:\n    # why\n    b = 1\n",
    "def f(a, /, b: int = 1, *c: int, d, e=2, **g) -> 'int': return a\n",
    "def f(*, a): pass\nx = lambda *, a=1: a\ny = lambda: 0\nz = lambda a, /, b=1: a\n",
    "a = b = c\na += 1; b -= 2; a //= 1; a **= 2; a %= 3; a |= 1; a &= 1; a ^= 1; a <<= 1\n",
    "a: int\nb: list[int] = []\n",
    "(a := 1) + (b := 2)\nx = [c := 1, d := 2]\n",
    "x = a if b else c if d else e\ny = (a if b else c) if d else e\n",
    "x = not a and b or c\ny = not (a and b)\nz = -a ** b\nw = (-a) ** -b\nv = ~a\nu = +a\n",
    "x = a - (b - c) - d\ny = a ** b ** c\nz = (a ** b) ** c\nw = a / b * c // d % e\n",
    "x = a < b <= c != d is not e not in f in g is h == i > j >= k\ny = (a < b) < c\n",
    "x = a[1:2, ::3, :]\ny = a[:]\nz = a[1:]\nw = a[:-1]\nv = a[b, c]\nu = a[(b,)]\n",
    "x = (a,)\ny = ()\nz = a, b\nw = [*a, b]\nv = {*a}\nu = {**a, b: c}\nt = {}\n",
    "f(*a, b, *c, d=1, **e)\nf()(1)[2].g(3)\n'a'.join(b)\n(1).real\n",
    "x = f'{a}{b!r:>{c}}{{}} {d:.2f} \\n \"q\" {e[1]} {f(g)}'\n",
    "x = f'a' 'b' f\"{c}\"\ny = f'{a=}'\nz = f'''{\n    a\n}'''\n",
    "x = 'é\\n\\t\\\\ \"\\' \\x00'\ny = 1e400\nz = 1e-7\nw = 10**2\nv = 0x1F\nu = 1_000\n",
    "x = [a for b in c if d if e for f in g]\ny = {a: b for a, b in c}\nz = {a for a in b}\n",
    "x = sum(a for a in b)\ny = (a for a in b)\n",
    "raise a from b\n",
    "assert a, b\n",
    "import a\nimport a as b, c\nfrom a import b as c, d\n",
    "x = None, True, False, ...\n",
    "global a, b\n",
    "if a:\n    x = '''\n\n'''\n    y = 1\nz = 2\n",
    "x = (\n    1,  # one\n    2,\n)\ny = 3\n",
    "def f():\n    '''Doc\n    string'''\n    return 1\n",
]


@pytest.mark.parametrize("text", ODD_STATEMENTS)
def test_emitter_keeps_odd_statements(text: str) -> None:
    tree = ast.parse(text)
    emitted = emit(ast.parse(text), annotations=True)
    after = ast.parse(emitted.text)
    assert shape(after) == shape(tree)
    assert emitted.text.isascii()
    assert [node.lineno for node in after.body[:-1]] == [
        statement.lineno for statement in tree.body
    ]


def test_lines_of_calls_within_a_statement_are_mapped_back() -> None:
    text = "x = [\n    detect(a, 'é'),\n    track(\n        caption(a),\n    ),\n]\ny = detect(b)\n"
    lowered = lower(text, modules={"detect", "track", "caption"})
    for call, line in (("detect(a", 2), ("track(", 3), ("caption(", 4), ("detect(b", 7)):
        offset = lowered.source.index(call)
        assert lowered.line_of(offset) == line
        row = lowered.source.count("\n", 0, offset) + 1
        column = offset - lowered.source.rfind("\n", 0, offset)
        assert lowered.line_at(row, column) == line


def test_line_at_without_a_column_is_that_of_the_statement() -> None:
    lowered = lower("a = 1\nif (\n    a\n):\n    b = (\n        2 / 0\n    )\n", modules=())
    assert [lowered.line_at(line) for line in (1, 2, 5)] == [1, 2, 5]


APART = [
    # program, what stands in the lowered text
    ("caption = caption(f)", "caption__own = caption(f)"),
    ("for track in track(v): print(track.id)", "for track__own in track(v)"),
    ("x = [track for track in track(v)]", "[track__own for track__own in track(v)]"),
    ("def f(track): return track", "def f(track__own): return track__own"),
    ("x = lambda track: track.id", "(lambda track__own: track__own.id)"),
    ("if (track := track(v)): pass", "if (track__own := track(v))"),
    ("import math as track\nx = track.pi", "import math as track__own"),
    ("try: pass\nexcept ValueError as track: print(track)", "except ValueError as track__own"),
    ("def f():\n    global track\n    track = 1\nx = track", "global track__own"),
    ("def f(track=1): return track\nf(track=2)", "f(track__own=2)"),
    ("x = list(map(caption, fs))", "lambda *vp__a, **vp__k: caption(*vp__a, **vp__k)"),
    ("track = 1\nx = caption(f, track=2)", "caption(f, track=2)"),
    ("x = f.track", "x = f.track"),
    ("area = area(b)\nx = max(bs, key=area)", "key=area__own"),
    ("x = max(bs, key=area)", "key=area)"),
    ("def area(b): return 1\nx = area(b)", "x = area__own(b)"),
    ("area = lambda b: 1\nx = area(b)", "x = area__own(b)"),
    ("max = max(1, 2)", "max__own = max(1, 2)"),
    ("def f(filter): return filter(1)", "def f(filter__own): return filter__own(1)"),
    ("def f(str): return 1\nx = str(1)", "x = str(1)"),
    ("answer = 'yes'\nanswer(answer)", "answer(answer__own)"),
    ("x = f'{(track := 1)} {track}'", "(track__own := 1)"),
    ("video = videos[0]", "video = videos[0]"),
    ("def id(x): return x\ny = id(1)", "y = id__own(1)"),
    ("input = 3\nprint(input)", "print(input)"),
    ("hash = lambda x: x\nprint(hash(1))", "print(hash__own(1))"),
]


@pytest.mark.parametrize(("text", "expected"), APART)
def test_names_are_kept_apart(text: str, expected: str) -> None:
    lowered = lower(text + "\n", modules={"caption", "track"}, probes=False)
    assert expected in lowered.source
    assert "__own" not in restore_names(lowered.source, lowered.renamed)


def test_restored_names_are_those_that_were_renamed_alone() -> None:
    lowered = lower("max = 1\nraise ValueError('secret__own kept?')\n", modules=())
    said = "secret__own kept? max__own, _max__own"
    assert restore_names(said, lowered.renamed) == "secret__own kept? max, _max__own"


def test_marked_names_are_those_of_the_support_alone() -> None:
    """Past the gate too, what a program writes is its own, whatever it is called."""
    lowered = lower("x = 'vp__probe'\nvp__probe('0:1:x', x)\n", modules=(), mark="m")
    assert lowered.source.splitlines()[0] == "x = 'vp__probe'; vp__m_probe('0:1:x', x)"
    assert lowered.source.splitlines()[1] == "vp__probe('0:1:x', x)"


def test_names_are_marked_once_wherever_their_node_stands() -> None:
    text = "order = ['a']\nx = sorted(['a'], key=order.index)\npush = order.append\npush('b')\n"
    assert "vp__m_m_" not in lower(text, modules=(), mark="m").source


def test_names_of_earlier_cells_are_kept_apart() -> None:
    cells = ["track = track(video)\ndef iou(a, b): return 1\n", "max = 3\n"]
    before = [lower(cell, modules={"track"}) for cell in cells]
    lowered = lower(
        "print(track, iou(1, 2), max)\nmax([1])\n",
        modules={"track"},
        before=before,
        probes=False,
    )
    assert lowered.source.startswith("print(track__own, iou__own(1, 2), max__own)\nmax([1])")


def test_text_to_check_is_the_program_itself_where_it_can_be() -> None:
    text = "x = [1,\n 2]  # kept\n"
    assert text_to_check(text, modules={"track"}).text == text


def test_text_to_check_keeps_annotations_and_lines() -> None:
    text = (
        "from __future__ import annotations\n"
        "def f(track: Track, n: int = 1) -> list[int]:\n    return [\n      n, track.id]\n"
        "x: int = 1\n"
    )
    checked = text_to_check(text, modules={"track"})
    assert checked.text.split("\n")[1] == "def f(track__own: Track, n: int=1) -> list[int]:"
    assert "x: int = 1" in checked.text
    column = checked.text.split("\n")[2].index("track__own.id") + 1
    assert checked.line_at(3, column) == 4


IDIOMS = [
    "xs = []\nadd = xs.append\nfor k in range(5):\n    add(k * k)\nprint(xs, [add(1), xs])",
    "xs = []\nadd = xs.append\nxs = [9]\nadd(1)\nprint(xs)",
    "xs = []\nadd = xs.append\nadd(1)\nadd = print\nadd(xs)",
    "d = {'a': 1}\nget = d.get\nprint(get('a'), get('b'), get('b', 7))",
    "def f():\n    return g(2)\nxs = [3]\ng = xs.count\nprint(f(), g(3))",
    "ys = {1}\nput = ys.add\nprint([put(k) for k in (1, 2)], ys, (lambda put: put(5))(str))",
    "print(list(map(' a '.join, [['x', 'y']])), sorted('bA', key=str.lower))",
    "s = ' ab '\nf = s.strip\nu = s.upper\nprint([f(), f(' '), u()], [*map(s.count, 'az')])",
    "k = {'b': 2}\nv = k.values\nprint(list(v()), list(k.items()), [*map(k.get, 'bc')])",
    "try:\n    raise ValueError('a', 1)\nexcept ValueError as e:\n    print(e)",
    "try:\n    raise RuntimeError(None)\nexcept RuntimeError as e:\n    print(str(e))",
    "for xs in ([], ['b'], [2, 3]):\n    try:\n        raise IndexError(*xs)\n"
    "    except IndexError as e:\n        print(e)",
    "d = {'a': 1, 'b': 3}\nprint(max(d, key=d.get), sorted(d, key=d.get, reverse=True))",
    "print(list(map(str.strip, [' a ', 'b '])), sorted(['b', 'A'], key=str.lower))",
    "xs = []\nadd = xs.append\nadd(1)\nprint(xs, sorted('cab', key='bca'.index))",
    "print(next(x for x in range(9) if x > 3), next((x for x in [] if x), 'none'))",
    "try:\n    next(x for x in [1] if x > 1)\nexcept StopIteration as e:\n    print(e.args)",
    "log = []\nprint(any(log.append(x) or x > 1 for x in range(9)), log)",
    "log = []\nprint(all(log.append(x) or x < 2 for x in range(9)), log)",
    "log = []\nprint(any(log.append((x, y)) or y for x in 'ab' for y in range(3)), log)",
    "print(any(x for x in []), all(x for x in []), any([0, 1]), all(map(bool, [1, 0])))",
    "print(any((y := x) > 1 for x in range(5)), y)",
    "xs = [1, 2, 3]\nprint(next(i for i in range(9) if xs[i] == 2))",
    "g = (x * y for x in range(3) for y in range(x) if y != x)\nprint(next(g), list(g), list(g))",
    "m = map(lambda x: x * 2, [1, 2])\nprint(next(m), list(m), list(m))",
    "z = zip([1, 2], 'ab')\nprint(next(z), next(z), next(z, None))",
    "e = enumerate('ab', start=5)\nprint(next(e), list(e))",
    "f = filter(None, [0, 1, 2])\nprint(next(f), list(f))",
    "r = reversed([1, 2])\nprint(next(r), list(r))",
    "q = [1]\nfor i, x in enumerate(q):\n    if i < 4: q.append(x + i)\nprint(q)",
    "a, b = (x for x in 'ab')\nprint(a, b, *map(str.upper, 'ab'), [*zip('ab', [1, 2])])",
    "print(round(2.675, 2), round(-1.005, 2), round(15.5), round(0.5), round(123.456, -1))",
    "print(round(1e300, 3), round(7, 2), round(0.1 + 0.2, 10), round(2.5, ndigits=0))",
    "import re\nprint(re.sub('[a-c]', lambda m: m.group().upper(), 'abcd', count=2))",
    "import re\np = re.compile(r'(\\d)')\nprint(p.sub(lambda m: m.group(1) * 2, 'a1b2', 1))",
    "from re import sub\nprint(sub('x+', lambda m: '-', 'abxxd'), sub('a', 'b', 'aa'))",
    "try:\n    1 / 0\nexcept Exception as e:\n    print(type(e).__name__, type('a').__name__)",
    "b = Box(1, 2, 3, 4)._replace(x0=0)\nprint(b, type(b).__name__, Span(1, 2)._replace(end=9))",
    "print([n for n in (x * x for x in range(4)) if n > 1], sum(x for x in range(4)))",
    "print(' '.join(str(x) for x in range(3)), dict((x, 1) for x in 'ab'), {*(x for x in 'a')})",
    "def f(items):\n    return next(iter(items), None)\nprint(f(x for x in 'ab'), f(()))",
    "import itertools\nprint(next(x for x in itertools.count(3) if x % 5 == 0))",
    "fs = [lambda: i for i in range(3)]\nprint([f() for f in fs])",
    "xs = [3, 1, 2]\nxs.sort(key=lambda x: -x)\nprint(xs, min(xs, key=lambda x: abs(x - 2)))",
    "print(max([], default=0), max([1, 5], key=None), min(3, 1, key=lambda x: -x))",
    "def k(x): return x % 3\nprint(sorted(range(7), key=k, reverse=True), max(range(7), key=k))",
    "k = lambda x: x % 3\nprint(min([5, 3], key=k), max(1, 5, key=k), max([], key=k, default=4))",
    "def t(x): return x < 3\nprint(list(filter(t, range(5))), list(map(t, [1])), [*map(t, [1])])",
    "from itertools import groupby, takewhile\n"
    "def k(x): return x // 3\n"
    "print([(a, list(b)) for a, b in groupby(range(7), key=k)], list(takewhile(k, [3, 4, 1, 5])))",
    "print('b' in (c for c in 'abc'), 'z' not in map(str, 'ab'))",
]


@pytest.mark.parametrize("text", IDIOMS)
def test_idioms_give_the_same_result(text: str) -> None:
    """The lowered text with its support, run by CPython too: what the VM gives is in
    test_honest.py and test_machine.py."""
    assert printed(text, {}) == printed(lower(text, modules=()).source, support())


def support() -> dict[str, object]:
    """The names of the prelude, as CPython makes them."""
    names: dict[str, object] = {}
    exec(prelude.source(), names)
    return names


def printed(text: str, names: dict[str, object]) -> str:
    names = names or {"Box": algebra.Box, "Span": algebra.Span}
    out = io.StringIO()
    with redirect_stdout(out):
        exec(compile(text, "<program>", "exec", dont_inherit=True), names)
    return out.getvalue()


def notes(text: str, cell: int = 0, *, may_fail: bool = False) -> dict[tuple[int, str], Probe]:
    names = support()
    names["vp__read_probes"]()  # type: ignore[operator]
    with suppress(ZeroDivisionError if may_fail else ()):
        exec(compile(lower(text, modules=(), cell=cell).source, "<program>", "exec"), names)
    read = names["vp__read_probes"]
    found = read_probes(read())  # type: ignore[operator]
    assert read() == []  # type: ignore[operator]
    return {(entry.line, entry.name): entry for entry in found}


def test_probes_note_each_assignment() -> None:
    found = notes("a = 1\nb, (c, *d) = 2, (3, 4, 5)\na += 1\ne = {'k': [1, 2]}\ne['z'] = 5\n")
    assert found[1, "a"] == Probe(0, 1, "a", 1, (Summary("int", None, "1"),), ())
    assert found[2, "d"].text == "[4, 5]"
    assert found[3, "a"].text == "2"
    assert found[4, "e"].first == (Summary("dict", 1, "{'k': [1, 2]}"),)
    assert found[5, "e"].text == "{'k': [1, 2], 'z': 5}"


def test_probes_keep_the_first_and_last_three() -> None:
    found = notes("for i in range(100):\n    x = i * 2\n", cell=7)
    probe = found[2, "x"]
    assert (probe.cell, probe.count) == (7, 100)
    assert [token.text for token in probe.first] == ["0", "2", "4"]
    assert [item.text for item in probe.last] == ["194", "196", "198"]
    assert probe.text == "0, 2, 4 … 194, 196, 198"
    assert found[1, "i"].count == 100
    assert notes("for i in range(5):\n    x = i\n")[2, "x"].text == "0, 1, 2, 3, 4"


@pytest.mark.parametrize(
    "text",
    [
        "for k in range(9):\n    x = k\n",
        "for k in range(1):\n    x = k\n",
        "for k in range(0):\n    x = k\ny = 1\n",
        "for k in range(20, 3, -4):\n    x = k\n    if k < 10: break\nelse:\n    x = 0\n",
        "for k in range(9):\n    x = 1 // (4 - k)\n",
        "try:\n  for k in range(9):\n    x = 1 // (2 - k)\nexcept ZeroDivisionError:\n  y = k\n",
        "for k in range(3):\n  x = k\nfor k in range(0):\n  x = k\nfor k in range(7):\n  x = k\n",
        "if True:\n  for k in range(5):\n    for i in range(k):\n      x = i\n    continue\n",
        "f = lambda k: k\nfor k in range(5):\n    x = f(k)\n",
        "for k in range(5):\n    x = k\nk = 40\n",
        "def f():\n    global k\n    k = 7\nfor k in range(5):\n    f()\n",
        "add = [].append\nfor k in range(5):\n    add(k)\nx = [k for k in range(3)]\n",
        "for k in range(True):\n    x = k\n",
    ],
)  # fmt: skip
def test_probes_of_loops_over_a_range_are_those_of_any_loop(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = list(notes(text, may_fail=True).items())
    monkeypatch.setattr(probes, "_range_loops", lambda tree: [])
    assert found == list(notes(text, may_fail=True).items())


def test_probes_hold_no_references() -> None:
    found = notes("x = [1]\nx.append(2)\ny = x\n")
    assert found[1, "x"].text == "[1]"
    assert found[3, "y"].text == "[1, 2]"
    found = notes("for k in range(9):\n    x = [k]\n    y = x\n    y.append(0)\n")
    assert found[2, "x"].text == "[0], [1], [2] … [6], [7], [8]"
    assert found[2, "x"].count == 9


@pytest.mark.parametrize(
    "text",
    [
        "d = {}\nfor k in range(9):\n    d[k % 5] = k\n",
        "d = {}\nfor k in range(9):\n    d[k] = [k]\n    d[0].append(1)\n",
        "a = []\nfor k in range(9):\n    a = [*a, k / 2]\n    a.append(None)\n",
        "from collections import Counter, defaultdict\nc = Counter()\nd = defaultdict(int)\n"
        "for k in range(9):\n    c[k % 4] += 1\n    d['x' * 100 * k] += k\n    c.pop(0, 0)\n",
        "for k in range(9):\n    a = [Span(k, k + 1), (k, 'x' * 400)]\n    a[0] = a[1]\n",
        "for k in range(9):\n    a = [[k], {k}, (k, [k])]\n    a[0].append(k)\n    a[2][1].pop()\n",
        "for k in range(9):\n    a = [10 ** 30, k, True, None][k % 2 :]\n    a.clear()\n",
        "a = 0\nfor k in range(9):\n    a = [a, a] if k % 3 else {'a': k}\n",
    ],
)  # fmt: skip
def test_probes_of_lists_and_dicts_in_loops_tell_what_those_outside_tell(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = list(notes(text).items())
    monkeypatch.setattr(probes, "N_SLOTS", 0)
    assert found == list(notes(text).items())


def test_probes_of_a_line_that_changes_its_kind_tell_no_later_value() -> None:
    found = notes("for k in range(9):\n    x = k if k < 7 else [k]\n    if k > 7: x.append(1)\n")
    assert found[2, "x"].text == "0, 1, 2 … 6, <list>, <list>"
    assert found[2, "x"].length is None


def test_probes_count_in_functions_and_on_lines_that_share_a_key() -> None:
    found = notes(
        "def f(n):\n    for k in range(n):\n        x = k\n    y = n\n    return y\n"
        "for n in range(10): z = f(n); z = z + 1\n"
    )
    assert (found[3, "x"].count, found[4, "y"].count) == (45, 10)
    assert found[3, "x"].text == "0, 0, 1 … 6, 7, 8"
    assert (found[6, "z"].count, found[6, "z"].text) == (20, "0, 1, 1 … 9, 9, 10")


def test_probes_beyond_the_slots_are_taken_as_those_outside_of_loops() -> None:
    body = "".join(f"    x{k} = n\n" for k in range(N_SLOTS + 5))
    found = notes(f"for n in range(6):\n{body}")
    texts = {probe.text for probe in found.values()}
    assert texts == {"0, 1, 2, 3, 4, 5"}
    assert len(found) == N_SLOTS + 6


def test_probes_are_bounded() -> None:
    found = notes("a = 'x' * 5000\nb = [a] * 5000\nc = [[[[[b]]]]]\nd = 10 ** 30\ne = {}\n")
    assert found[1, "a"].length == 5000
    assert len(found[1, "a"].text) < 100
    assert found[2, "b"].length == 5000
    assert len(found[2, "b"].text) <= 301
    assert found[3, "c"].text == "[[[[…]]]]"
    assert found[4, "d"].text == "a large int"


def test_probes_show_values_with_their_fields() -> None:
    found = notes("b = Box(0, 0, 1, 1)\nd = Detection('dog', b, 0.5, Frame(0, 1.0))\n")
    assert found[2, "d"].type == "Detection"
    assert found[2, "d"].text == (
        "Detection(label='dog', box=Box(x0=0, y0=0, x1=1, y1=1), score=0.5, "
        "frame=Frame(video=0, time=1.0, region=None))"
    )


def test_probes_keep_a_list_of_numbers_whole_as_the_cell_leaves_it() -> None:
    found = notes(
        "a = list(range(40))\nb = []\nfor i in range(5):\n    b.append(i / 2)\n"
        "c = ['x', 1]\nd = [0.5] * 2000\nfor e in range(2):\n    f = [e, e]\n"
    )
    assert found[1, "a"].numbers == tuple(map(float, range(40)))
    assert found[2, "b"].numbers == (0.0, 0.5, 1.0, 1.5, 2.0)
    assert [found[key].numbers for key in ((5, "c"), (6, "d"), (8, "f"))] == [(), (), ()]


@pytest.mark.parametrize(
    "value",
    [None, "x", [1], [("0:1", 1, [], [], [])], [("0:1:x", 1, [("int", 1)], [], [])], [["a:b:c"]],
     [("0:1:x", 1, [("int", -1, "5")], [], ["5"])]],
)  # fmt: skip
def test_probes_of_another_shape_are_refused(value: object) -> None:
    with pytest.raises(TraceError, match="shape"):
        read_probes(value)


def test_every_module_of_the_corpus_world_is_known() -> None:
    assert {"detect", "track", "caption"} <= MODULES
