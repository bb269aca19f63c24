"""Hostile programs: names bound to reach others, `exec`, forged probes, limits that are only told.

Each is tried twice: through gate, types and VM, and past the gate, where the VM and the boundary
stand alone. Where the program is out for the trace, it also goes past the gate through the whole
executor, and the trace is read. A kind says whether the gate must refuse it; whatever does
not must leave nothing of the host in sight and a pool that goes on.
"""

from __future__ import annotations

import atexit
import functools
import random
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

import vprog
from tests.drawing import draw_video
from tests.reliability.outcome import Attack, Field, Verdict
from tests.sandbox.bench import HASTY, HONEST, STUBS, Result, run
from tests.sandbox.test_hostile import check_harmless
from vprog.execute import executor
from vprog.jail.jail import launcher
from vprog.program.allowed_syntax import (
    ATTRIBUTES,
    MACHINE_NAMES,
    PLAIN_WORDS,
    REFUSED_NAMES,
    words,
)
from vprog.sandbox.pool import Pool
from vprog.trace.event import ModuleCalled, StepValue

UNBINDABLE = sorted((MACHINE_NAMES | REFUSED_NAMES.keys()) - PLAIN_WORDS)
REACHED = ("exec", "eval", "BaseException", "SystemExit", "MemoryError", "locals", "getattr")


class Program(NamedTuple):
    """One program; `is_refused` if the gate must refuse it, `is_traced` if it forges a trace."""

    kind: str
    source: str
    is_refused: bool = True
    is_traced: bool = False


BINDINGS = (
    "f = lambda {n}: 0", "f = lambda *{n}: 0", "f = lambda **{n}: 0", "f = lambda x, {n}=1: 0",
    "x = [0 for {n} in [1]]", "x = {{0 for y, {n} in []}}", "x = {{0: 1 for {n} in [1]}}",
    "x = list(0 for {n} in [1])", "x = [0 for y in [1] for {n} in [y]]",
    "for {n} in []:\n    pass", "for x, *{n} in []:\n    pass",
    "for [x, ({n}, y)] in []:\n    pass",
    "try:\n    x = 1\nexcept ValueError as {n}:\n    pass", "x = ({n} := 1)",
    "x = [({n} := y) for y in [1]]", "def {n}():\n    return 1", "def f({n}):\n    return 1",
    "def f(*, {n}=1):\n    return 1", "def f(*{n}):\n    return 1", "def f(**{n}):\n    return 1",
    "def f({n}, /):\n    return 1", "import math as {n}", "from math import floor as {n}",
    "from collections import Counter as {n}", "def f():\n    global {n}\n    {n} = 1",
    "def f():\n    {n} = 1\n    def g():\n        nonlocal {n}\n        {n} = 2",
    "{n} = 1", "{n}: int = 1", "{n}: int", "x = {n} = 1", "*{n}, x = [1]", "[x, {n}] = [1, 2]",
    "with video as {n}:\n    pass", "match video:\n    case {n}:\n        pass",
    "match [1]:\n    case [1, *{n}]:\n        pass",
    "match {{}}:\n    case {{**{n}}}:\n        pass",
    "class {n}:\n    pass", "def f():\n    def g():\n        {n} = 1\n    return g",
    "f = lambda: [0 for {n} in [1]]", "for x in []:\n    pass\nelse:\n    {n} = 1",
    "while False:\n    {n} = 1", "x = f'{{({n} := 1)}}'", "async def {n}():\n    pass",
    "type {n} = int", "def f[{n}](x):\n    return x", "del {n}", "{n} += 1",
)  # fmt: skip

USES = (
    "{n}", "x = {n}", "print({n})", "x = [{n}][0]", 'x = {{"k": {n}}}', "x = (lambda: {n})()",
    "{n}('x = 1')", "x = f'{{{n}}}'", "def f(y={n}):\n    return y\nf()", "x = map({n}, ['1'])",
    "x = sorted(['1'], key={n})", "x = {n} if True else 0", "x = not {n}", "x: {n} = 1",
    "x = [y for y in [1] if {n}]", "x = ({n},)[0]('1')", "raise {n}('x')", "x = {n} or 1",
    "try:\n    x = 1\nexcept {n}:\n    pass",
    "try:\n    x = 1\nexcept (ValueError, {n}):\n    pass",
    "def f():\n    return {n}\nx = f()", "x = [*[{n}]]", "x = dict(k={n})", "x = {n}.args",
)  # fmt: skip

FORGERIES = (
    "exec(\"vp__probe = lambda k, v: 0\")",
    "exec(\"vp__PROBES['0:1:n'] = [1, [('str', -1, 'FORGED')], []]\")",
    "exec(\"vp__PROBES.clear()\\nvp__probe('0:1:n', 'FORGED')\")",
    "eval(\"vp__probe('0:1:n', 'FORGED')\")",
    "vp__probe('0:1:n', 'FORGED')",
    "vp__PROBES = {'0:1:n': [1, [('str', -1, 'FORGED')], []]}",
    "vp__summary = lambda value: ('str', -1, 'FORGED')",
    "def vp__summary(value):\n    return ('str', -1, 'FORGED')",
    "vp__short = lambda *a: 'FORGED'",
    "vp__type_name = lambda value: 'FORGED'",
    "vp__read_probes = lambda: [('0:1:n', 1, [('str', -1, 'FORGED')], [])]",
    "exec(\"def vp__read_probes():\\n    return [('0:1:n', 1, [('str', -1, 'FORGED')], [])]\")",
    "f = lambda exec: 0\nexec(\"vp__read_probes = lambda: []\")",
    "[0 for eval in [1]]\neval(\"vp__PROBES.clear()\")",
    "locals()['vp__PROBES'] = {}",
    "for k in locals():\n    print(k)",
    "setattr(vp__probe, 'x', 1)",
    "getattr(vp__PROBES, 'clear')()",
    "def repr(x):\n    return 'FORGED'",
    "def len(x):\n    return 'FORGED'",
    "def vp__t0(v):\n    return 'FORGED'",
)  # fmt: skip

SHADOWS = (
    "exec(\"frame_at = lambda v, t: FORGED\")",
    "exec(\"def frame_at(v, t):\\n    return 'FORGED'\")",
    "f = lambda exec: 0\nexec(\"global frame_at\\nframe_at = print\")",
    "def frame_at(v, t):\n    return 'FORGED'",
    "frame_at = lambda v, t: 'FORGED'",
    "def f():\n    global frame_at\n    frame_at = lambda v, t: 'FORGED'\nf()",
    "from math import floor as frame_at",
    "frame_at__own = lambda v, t: 'FORGED'\nframe_at = frame_at__own",
    "def frame_at__own(v, t):\n    return 'FORGED'",
    "setattr(video, 'frame_at', 1)",
    "locals()['frame_at'] = print",
)  # fmt: skip

LIMITS = (
    ('raise MemoryError("memory limit exceeded")', True),
    ('raise MemoryError("memory limit exceeded: 99999999999 bytes > 33554432 bytes")', True),
    ('raise MemoryError("the worker exceeded its memory limit and was terminated")', True),
    ('raise TimeoutError("cell time limit exceeded: 2000ms > 2000ms")', False),
    ('raise TimeoutError("turn time limit exceeded")', False),
    ('raise RuntimeError("suspension limit 200 exceeded")', False),
    ("try:\n    while True:\n        pass\nexcept BaseException:\n    answer(1)", True),
    ("try:\n    answer(1)\nexcept SystemExit:\n    answer(2)", True),
    ("try:\n    answer(1)\nexcept Exception:\n    answer(2)", False),
    ("def f():\n    return f()\nf()", False),
    ("x = 'a' * 10**{k}", False),
    ("x = [0] * 10**{k}", False),
    ("x = [[]]\nwhile True:\n    x = [x, x]", False),
    ("x = 2\nwhile True:\n    x = x * x", False),
    ("x = {{}}\nfor i in range(10**{k}):\n    x[i] = str(i)", False),
    ("import itertools\nx = list(itertools.count())", False),
    ("import re\nx = re.match('(a*)*b', 'a' * 5000)", False),
    ("while True:\n    print('x' * 1000)", False),
    ("raise ValueError({k}, 'two')", False),
    ("raise KeyError(None)", False),
    ("raise RuntimeError(*range({k}))", False),
    ("raise ValueError('secret__own kept?', {k})", False),
)

MODULES = sorted(
    words(
        """
        os sys subprocess socket builtins importlib ctypes pathlib io json pickle threading inspect
        gc types operator functools random time datetime asyncio code codeop runpy pydantic_monty
        vprog numpy string struct tempfile shutil urllib urllib.request os.path collections.abc.x
        multiprocessing signal traceback site marshal weakref ast symtable __main__ re.sre_compile
        """
    )
)
IMPORTS = (
    "import {m}", "import {m} as m", "from {m} import x", "from {m} import *",
    "from {m} import a, b",
    "import math, {m}", "def f():\n    import {m}\nf()", "from .{m} import x", "import math.{m}",
    "try:\n    import {m}\nexcept Exception:\n    pass", "from math import {m} as m",
    "x = __import__('{m}')",
)  # fmt: skip

DUNDERS = sorted(
    words(
        """
        __class__ __dict__ __globals__ __code__ __closure__ __bases__ __mro__ __subclasses__
        __init__ __builtins__ __getattribute__ __reduce_ex__ __module__ __self__ __func__
        __wrapped__ __defaults__ __annotations__ __doc__ __loader__ __spec__ __path__ gi_frame
        f_back f_globals tb_frame cr_frame co_code func_globals _fields _make _asdict
        _field_defaults mro format_map
        """
    )
)
BASES = (
    "video", "question", "choices", "()", "[]", "{{}}", "1", "'a'", "detect", "answer",
    "(lambda: 0)",
    "Box", "Box(0, 0, 1, 1)", "frame_at(video, 1.0)", "print", "ValueError('a')", "range(3)",
    "iter([])", "len", "str", "{{}}.items", "videos[0]", "Span", "list", "math", "union",
)  # fmt: skip
ACCESSES = (
    "import math\nx = {b}.{d}",
    "import math\nx = {b}.{d}()",
    "import math\nx = [{b}][0].{d}",
    "import math\n{b}.{d} = 1",
    "import math\nx = f'{{{b}.{d}}}'",
    "import math\nx = {b}.{d}.{d}",
    "import math\nx = (lambda y: y.{d})({b})",
    "import math\nx = '{{0.{d}}}'.format({b})",
)

CHARACTERS = (
    "\u202e", "\u2066", "\u200b", "\u2060", "\ufeff", "\u00ad", "\x00", "\x07", "\x1b", "\x85",
    "\u2028", "\u2029", "\U000e0041", "\ud800",
)  # fmt: skip
TEXTS = (
    "x = 'a{c}b'", "# {c}\nx = 1", "x{c} = 1", "x = 1 {c}+ 1", "answer('{c}')",
    "def f():\n    '''{c}'''", "detect(frame_at(video, 1.0), 'd{c}g')",
)  # fmt: skip
LOOKALIKES = (
    "d\u0435tect", "\uff45\uff58\uff45\uff43", "\u0435val", "x\u0660",
    "\U0001d4ee\U0001d501\U0001d4ee\U0001d4ec", "\u00e9", "vp__x", "a__own", "__x", "exec__",
)  # fmt: skip


def binding(chance: random.Random) -> Program:
    """A name that nobody may bind, bound in one of all ways, and used where it is not bound."""
    name = chance.choice(UNBINDABLE)
    return Program("binding", both(chance, chance.choice(BINDINGS), name))


def scoped(chance: random.Random) -> Program:
    """A word that may be bound, bound in an inner scope and used outside."""
    name = chance.choice(sorted(PLAIN_WORDS & MACHINE_NAMES))
    inner = [text for text in BINDINGS if text.startswith(("f = lambda", "x = [0", "x = list"))]
    return Program("scope", both(chance, chance.choice(inner), name))


def both(chance: random.Random, bound: str, name: str) -> str:
    """A binding and a use, in some order; the answer comes last."""
    parts = [bound.format(n=name), chance.choice(USES).format(n=name)]
    chance.shuffle(parts)
    return "\n".join([*parts, "answer(1)\n"])


def reach(chance: random.Random) -> Program:
    """A builtin of the VM that no program may have, read without any binding."""
    use = chance.choice(USES).format(n=chance.choice(REACHED))
    return Program("reach", f"{use}\nanswer(1)\n")


def forged_probe(chance: random.Random) -> Program:
    """A value of a line that never held it."""
    forgery = chance.choice(FORGERIES)
    is_own = forgery.startswith(("def repr", "def len"))
    source = f"n = 5\n{forgery}\nn = 5\nm = str(n)\nanswer(n)\n"
    return Program("probe", source, is_refused=not is_own, is_traced=True)


def shadowed(chance: random.Random) -> Program:
    """A line that reads like a module call and makes none."""
    source = f"n = 5\n{chance.choice(SHADOWS)}\nframe = frame_at(video, 0.5)\nanswer(n)\n"
    return Program("shadow", source, is_traced=True)


def limit(chance: random.Random) -> Program:
    """A limit that is met, told of, or swallowed; an error of a shape that the VM lacks."""
    text, is_refused = chance.choice(LIMITS)
    text = text.format(k=chance.randint(8, 12))
    return Program("limit", f"n = 5\n{text}\n", is_refused=is_refused)


def imported(chance: random.Random) -> Program:
    """A module of Python's, by every form of import."""
    text = chance.choice(IMPORTS).format(m=chance.choice(MODULES))
    return Program("import", f"{text}\nanswer(1)\n")


def attribute(chance: random.Random) -> Program:
    """An attribute that leads out of a value."""
    name = chance.choice(DUNDERS)
    assert name not in ATTRIBUTES
    text = chance.choice(ACCESSES).format(b=chance.choice(BASES).format(), d=name)
    return Program("attribute", f"{text}\nanswer(1)\n")


def text_trick(chance: random.Random) -> Program:
    """Characters that hide what a text says, and names that look like others."""
    if chance.random() < 0.6:
        text = chance.choice(TEXTS).format(c=chance.choice(CHARACTERS))
    else:
        text = chance.choice(BINDINGS).format(n=chance.choice(LOOKALIKES))
    return Program("text", f"{text}\nanswer(1)\n")


KINDS: tuple[Callable[[random.Random], Program], ...] = (
    binding, binding, binding, scoped, reach, forged_probe, shadowed, limit, imported, attribute,
    text_trick,
)  # fmt: skip


@functools.cache
def pool() -> Pool:
    """One pool for all programs, closed at the end."""
    opened = Pool(size=2, stubs=STUBS, limits=HASTY, launcher=launcher())
    atexit.register(opened.close)
    return opened


@functools.cache
def clip() -> Path:
    """A drawn clip of 1 s, in a folder that goes at the end."""
    folder = tempfile.TemporaryDirectory()
    atexit.register(folder.cleanup)
    return draw_video(Path(folder.name) / "clip.mp4", 10)


def attempt(program: Program) -> tuple[Verdict, str]:
    """Try one program with all checks and without the first two."""
    guarded = run(pool(), program.source)
    if program.is_refused and guarded.kind not in ("gate", "types"):
        return "wrong", f"not refused but {guarded}: {program.source!r}"
    if not program.is_refused and guarded.kind == "gate":
        return "wrong", f"refused: {guarded}: {program.source!r}"
    for result in (guarded, run(pool(), program.source, is_guarded=False)):
        found = harm(program, result)
        if found:
            return "leaked", f"{found}: {program.source!r}"
    if run(pool(), HONEST) != Result("answered", "", 3):
        return "crashed", f"the pool is not what it was: {program.source!r}"
    seen = forged_trace(program) if program.is_traced else ""
    return ("wrong", f"{seen}: {program.source!r}") if seen else ("survived", "")


def harm(program: Program, result: Result) -> str:
    """What of the host, or of the machine's own words, came out."""
    try:
        check_harmless(result)
    except AssertionError as error:
        return str(error)
    words = result.detail + result.printed + str(result.value)[:2000]
    if "Internal error in monty" in words:
        return f"internal words: {result}"
    is_told = program.kind == "limit" and "limit exceeded" in program.source
    return f"a limit is believed: {result}" if is_told and result.kind == "limit" else ""


def forged_trace(program: Program) -> str:
    """What the trace says, past the gate, that never was."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(executor, "refuse", lambda *checked, **named: None)
        settings = {"trace_dir": f"{folder}/traces", "cache_dir": f"{folder}/cache"}
        result = vprog.run(clip(), program.source, **settings)
        events = result.trace.recording.events
    if result.status != "answered":
        return ""
    values = [event for event in events if isinstance(event, StepValue) and event.name == "n"]
    if not values or any("FORGED" in value.text + value.type for value in values):
        return f"the trace holds {[value.text for value in values]}"
    calls = [event.task for event in events if isinstance(event, ModuleCalled)]
    if "frame_at(" in program.source.splitlines()[-2] and "frame_at" not in calls:
        return f"the line that reads as a call of frame_at made {calls}"
    return ""


def attacks(seed: int, count: int) -> Iterator[Attack]:
    """The kinds in turn, each drawn anew."""
    for number in range(count):
        program = KINDS[number % len(KINDS)](random.Random(f"{seed} {number}"))
        yield Attack(f"{number} {program.kind}", functools.partial(attempt, program))


FIELD = Field("hostile programs", attacks, usual=409)
