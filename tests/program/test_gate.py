"""What the gate refuses, and in which words."""

from __future__ import annotations

import difflib

import pytest

from vprog.errors import ProgramRejectedError
from vprog.program.gate import check_program, find_problems
from vprog.program.problem import MAX_PROBLEMS

MODULES = frozenset({"detect", "track", "caption", "sample_frames", "frame_at"})

REFUSED = [
    # program, line, part of the message
    ("", 1, "empty"),
    ("x = 1\n\nx = (", 3, "not valid Python"),
    ("x = '\u202e'", 1, "invisible character (RIGHT-TO-LEFT OVERRIDE)"),
    ("x = 1\n\x00", 2, "invisible character"),
    ("x = '\ud800'", 1, "lone surrogate"),
    ("# " + "x" * 20_000, 1, "at most 20000"),
    ("x = 0\n" + "x = x + 1\n" * 700, 1, "more than 4000 parts"),
    ("x = " + "[" * 45 + "]" * 45, 1, "nested too deeply"),
    ("x = " + "(" * 300 + ")" * 300, 1, "nested"),
    ("x = " + "-" * 50_0 + "1", 1, "nested too deeply"),
    ("x = " + " + ".join("1" * 60), 1, "more than 40 in a chain"),
    ("".join(" " * at + f"def f{at}():\n" for at in range(7)) + " " * 8 + "pass", 6, "more than 5"),
    ("x = 12345678901234567890", 1, "at most 18 digits"),
    (f"x = {'a' * 5000!r}", 1, "at most 4096"),
    ("x = b'a'", 1, "bytes values"),
    ("x = 3j", 1, "complex values"),
    ("class A:\n    pass", 1, "classes cannot be defined. Use functions"),
    ("async def f():\n    pass", 1, "`async` is not available"),
    ("def f():\n    yield 1", 2, "`yield` is not available. Collect the items in a list"),
    ("with video as v:\n    pass", 1, "`with` is not available"),
    ("match video:\n    case _:\n        pass", 1, "`match` is not available. Use if and elif"),
    ("d = {}\ndel d['a']", 2, "`del` is not available. Use items.pop(key)"),
    ("x = [1] @ [2]", 1, "@ is not available"),
    ("@print\ndef f():\n    pass", 2, "decorators are not available"),
    ("try:\n    pass\nexcept:\n    pass", 3, "Write `except Exception:`"),
    ("try:\n    pass\nexcept BaseException:\n    pass", 3, 'BaseException" is not available'),
    ("try:\n    pass\nexcept SystemExit:\n    pass", 3, "End the program with answer"),
    ("try:\n    pass\nexcept (ValueError, 3):\n    pass", 3, "builtin errors only"),
    ("for x in [1]:\n    try:\n        pass\n    finally:\n        break", 5, "`finally`"),
    ("def f():\n    try:\n        answer(1)\n    finally:\n        return 1", 5, "`return` in"),
    ("import os", 1, '"os" cannot be imported; only math, re'),
    ("import numpy as np", 1, "Use lists, sum, max"),
    ("import os.path", 1, "cannot be imported"),
    ("import collections.abc", 1, "cannot be imported"),
    ("from . import x", 1, "cannot be imported"),
    ("from vprog import detect", 1, '"detect" needs no import. Remove this line'),
    ("from math import *", 1, "name what you import"),
    ("from collections import OrderedDict", 1, "Only Counter, defaultdict"),
    ("from math import squrt", 1, 'Did you mean "sqrt"?'),
    ("import math\nmath.squrt(2)", 2, 'math has no "squrt" here. Did you mean "sqrt"?'),
    ("import math as m\nm.__loader__", 2, 'math has no "__loader__"'),
    ("x = detct(video)", 1, 'the name "detct" is not defined. Did you mean "detect"?'),
    ("x = Counter([1])", 1, "Add: from collections import Counter"),
    ("x = math.pi", 1, '"math" is not imported. Add: import math'),
    ("x = open('a')", 1, '"open" is not available. Programs do not read files'),
    ("x = getattr(video, 'fps')", 1, "Write the field plainly"),
    ("x = eval('1')", 1, '"eval" is not available'),
    ("exit()", 1, "End the program with answer"),
    ("x = isinstance(video, Video)", 1, "isinstance is available for int"),
    ("x = type(video)", 1, "type(x).__name__ only"),
    ("t = type", 1, "type(x).__name__ only"),
    ("x = video.__class__", 1, 'no value has ".__class__". Write type(x).__name__'),
    ("x = video.framerate", 1, 'no value has ".framerate"'),
    ("x = video.durations", 1, 'Did you mean "duration"?'),
    ("x = (1.0).is_integer()", 1, "Write x == int(x)"),
    ("video.fps = 3", 1, "fields cannot be assigned (.fps = ...)"),
    ("[video.fps for video.fps in [1]]", 1, "fields cannot be assigned"),
    ("x = 'a'\ny = x.format(1)", 2, "Use an f-string"),
    ("y = '{0.x}'.format(1)", 1, "the format field {0.x} is not plain"),
    ("y = '{a[0]}'.format(a=1)", 1, "is not plain"),
    ("y = '{:{0.x}}'.format(1)", 1, "is not plain"),
    ("y = '{'.format(1)", 1, "not well formed"),
    ("f = 'a'.format", 1, "Use an f-string"),
    ("__x = 1", 1, 'the name "__x" cannot be used'),
    ("a__b = 1", 1, 'the name "a__b" cannot be used'),
    ("été = 1", 1, "cannot be used"),
    ("def f(__a):\n    return 1", 1, "cannot be used"),
    ("Box = 3", 1, '"Box" is a class of values'),
    ("def detect(f):\n    return []", 1, "would hide the module detect(...)"),
    ("def answer(f):\n    return []", 1, "would hide the module answer(...)"),
    ("detect = lambda f: []", 1, "means the module, not this lambda"),
    ("return 1", 1, "not valid Python: 'return' outside function"),
    ("break", 1, "not valid Python: 'break' outside loop"),
    ("x = 3()", 1, "not a function"),
    ("x = {}\nx.__getitem__('a')", 2, 'no value has ".__getitem__"'),
    ("raise KeyboardInterrupt", 1, "is not available"),
    # A name bound somewhere is not known everywhere, and some may be bound nowhere.
    ("f = lambda exec: 0\nexec('x = 1')", 1, '"exec" is a name of Python itself. Use another'),
    ("f = lambda exec: 0\nexec('x = 1')", 2, '"exec" is not available'),
    ("x = [0 for eval in [1]]", 1, "of Python itself"),
    ("for SystemExit in []: pass", 1, "of Python itself"),
    ("try:\n    pass\nexcept ValueError as locals:\n    pass", 3, "of Python itself"),
    ("import math as exec", 1, "of Python itself"),
    ("from math import floor as eval", 1, "of Python itself"),
    ("def f():\n    global exec\nexec('1')", 2, "of Python itself"),
    ("def f():\n    exec = 1\n    def g():\n        nonlocal exec", 4, "of Python itself"),
    ("x, *MemoryError = [1]", 1, "of Python itself"),
    ("x = (getattr := 1)", 1, "of Python itself"),
    ("def f(*args, **setattr): pass", 1, "of Python itself"),
    ("def BaseException(): pass", 1, "of Python itself"),
    ("for OSError, x in []: pass", 1, "of Python itself"),
    ("f = lambda id: id\nx = id(1)", 2, '"id" is not available'),
    ("x = [object for object in [1]]\ny = object()", 2, '"object" is not available'),
    ("def f(n):\n    return n\nx = n", 3, 'the name "n" is not defined'),
    ("x = [y for z in [1] for y in [z]]\nz", 2, 'the name "z" is not defined'),
    ("f = lambda type: 0\nx = type(video)", 2, "type(x).__name__ only"),
    ("type = 1\nx = type(video)", 2, "type(x).__name__ only"),
    ("isinstance = 1\nx = isinstance(video, Video)", 2, "isinstance is available for int"),
    ("try:\n    pass\nexcept OSError:\n    pass", 3, "builtin errors only"),
    ("E = ValueError\ntry:\n    pass\nexcept E:\n    pass", 4, "builtin errors only"),
    ("try:\n    pass\nexcept (ValueError, id):\n    pass", 3, '"id" is not available'),
]

ALLOWED = [
    "from typing import Optional\nx: Optional[int] = None\n",
    "import math as m\nx = m.floor(m.tau)\n",
    "import collections\nc = collections.Counter([1])\n",
    "from collections.abc import Iterable\ndef f(x: Iterable[int]) -> int: return 1\n",
    "track = track(video, 'dog')\n",
    "area = area(Box(0, 0, 1, 1))\ndef iou(a, b): return 0\n",
    "x = isinstance(3, (int, float))\n",
    "try:\n    x = 1\nexcept (ValueError, KeyError) as e:\n    x = type(e).__name__\n",
    "x = '{} {0:>5} {a:{b}}'.replace('{} ', '').format(1, a=2, b=3)\n".replace(
        ".replace('{} ', '')", ""
    ).replace("{} ", ""),
    "f = video._replace(index=0)\n",
    "def f():\n    global n\n    n = 1\nf()\nx = n\n",
    "_x = 1\nfor _ in range(3): pass\n",
    "id = 1\ninput = question\nobject = video\nprint(id, input, object.fps)\n",
    "x = [(a, b) for a in [[1]] for b in a if (c := b)]\ny = c\n",
    "def f(a, b=(d := 2), *c, e=1, **g):\n    return lambda h: (a, b, c, e, g, h)\nx = f(d)\n",
    "def f():\n    def g():\n        nonlocal n\n        n = 1\n    n = 0\n    g()\n    return n\n",
    "try:\n    x = 1\nexcept ValueError as e:\n    x = f'{e} {(w := 2)}'\n    print(w)\n",
    "type = 'car'\nfor isinstance in [type]: print(isinstance)\n",
    "def f():\n    return later\nlater = 1\nx = {k: v for k, v in {}.items()}\n",
    "def f(x):\n    try:\n        return 1\n    finally:\n        print(x)\n",
]


@pytest.mark.parametrize(("program", "line", "said"), REFUSED)
def test_gate_refuses_with_line_and_advice(program: str, line: int, said: str) -> None:
    with pytest.raises(ProgramRejectedError) as refused:
        check_program(program, modules=MODULES)
    assert any(at == line and said in message for at, message in refused.value.problems), (
        refused.value.problems
    )


@pytest.mark.parametrize("program", ALLOWED)
def test_gate_allows(program: str) -> None:
    assert find_problems(program, modules=MODULES) == []


def test_gate_lists_all_problems_in_order_of_lines() -> None:
    with pytest.raises(ProgramRejectedError) as refused:
        check_program("x = detct(video)\nimport os\ny = x.foo\n", modules=MODULES)
    error = refused.value
    assert [line for line, _ in error.problems] == [1, 2, 3]
    assert error.line == 1
    assert 'line 1: the name "detct" is not defined. Did you mean "detect"?' in str(error)


def test_gate_lists_at_most_eight_problems() -> None:
    with pytest.raises(ProgramRejectedError) as refused:
        check_program("\n".join(f"x = unknown_{at}" for at in range(20)), modules=MODULES)
    assert len(refused.value.problems) == MAX_PROBLEMS
    assert "and 12 more." in str(refused.value)


def test_gate_suggests_for_as_many_names_as_it_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[str] = []
    monkeypatch.setattr(difflib, "get_close_matches", lambda name, *_, **__: looked.append(name))
    long = "x" * 5000
    names = [f"a_{at} = b_{at}.c_{at}" for at in range(300)]
    find_problems("\n".join([f"y = {long}", *names]), modules=MODULES)
    assert len(looked) == MAX_PROBLEMS
    assert long not in looked


def test_gate_knows_names_of_earlier_cells() -> None:
    cells = ["import math as m\nframes = sample_frames(video)\n"]
    assert find_problems("x = m.pi\ny = frames\n", modules=MODULES, before=cells) == []
    assert find_problems("x = m.pie\n", modules=MODULES, before=cells) != []
    assert find_problems("y = frames\n", modules=MODULES) != []


def test_gate_asks_for_an_answer_where_one_must_be() -> None:
    said = find_problems("x = 1\nprint(x)\n", modules=MODULES, must_end=True)
    assert [(problem.line, "call answer" in problem.message) for problem in said] == [(2, True)]
    assert find_problems("abstain('no')\n", modules=MODULES, must_end=True) == []


def test_gate_says_why_a_known_module_cannot_be_called() -> None:
    problems = find_problems(
        "answer(caption(frame_at(video, 1.0)))",
        modules={"frame_at"},
        absent={"caption": "no vision-language model is named. Name one: --vlm."},
    )
    assert [problem.message for problem in problems] == [
        'the module "caption" cannot run here: no vision-language model is named. Name one: --vlm.'
    ]
