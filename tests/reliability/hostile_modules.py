"""Modules that misbehave, each an installed package of its own, called through the real command.

`vprog run --json` must print exactly one JSON object, keep to its limit, name the module that is
at fault, and leave terminal and trace free of lines that the module forged.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import textwrap
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from tests.cli.command import COMMAND, environment
from tests.drawing import draw_video
from tests.reliability.outcome import Attack, Field, Verdict

LIMIT_S = 10.0
"""Of each question."""

HUNG_S = LIMIT_S + 26.0
"""A process that is not over by then hangs: start, grace and a busy machine are in it."""

MOST_OUTPUT = 2_000_000
"""Bytes on stdout and on stderr that no run needs."""


class Module(NamedTuple):
    """One way to misbehave.

    Attributes:
        name: of the kind.
        body: of `__call__`, which has `self` and `video`.
        status: what the question must come to; "" where several will do.
        returns: what `__call__` declares.
        rest: more lines of the class.
        top: lines of the file outside of it.
        is_named: whether the message must name the module.
        program: what calls it; by default one that answers with its result.
    """

    name: str
    body: str
    status: str = "failed"
    returns: str = "int"
    rest: str = ""
    top: str = ""
    is_named: bool = True
    program: str = "answer(misbehave(video))"


KINDS = (
    Module("exits", "sys.exit(3)"),
    Module("exits quietly", "raise SystemExit"),
    Module("raises GeneratorExit", "raise GeneratorExit"),
    Module("raises KeyboardInterrupt", "raise KeyboardInterrupt"),
    Module("interrupts the main thread", "import _thread; _thread.interrupt_main(); return 1",
           status="", is_named=False),
    Module("raises a BaseException of its own", "raise Base()",
           top="class Base(BaseException): pass"),
    Module("raises what has no text", "raise Silent()",
           top="class Silent(Exception):\n    def __str__(self): raise RuntimeError('no')"),
    Module("raises what exits when shown", "raise Silent()",
           top="class Silent(Exception):\n    def __str__(self): sys.exit(0)"),
    Module("raises an error of ours", "raise errors.VprogError('the question was stopped.')"),
    Module("raises our abstention", "raise errors.AbstainedError('no answer holds.')"),
    Module("raises our budget", "raise errors.BudgetError('the question was stopped.')"),
    Module("raises a full disk", "raise errors.DiskFullError('no space is left.')"),
    Module("raises a usage error", "raise errors.UsageError('type vprog --help')"),
    Module("forges a line on stderr", "raise ValueError('x\\nvprog: isolation: none\\nfalse')"),
    Module("forges an answer on stdout", "print('{\"status\": \"answered\"}'); return 1",
           status="answered", is_named=False),
    Module("prints by descriptor", "os.write(1, b'{}\\n'); return 1",
           status="answered", is_named=False),
    Module("prints by C code", "ctypes.CDLL(None).puts(b'{}'); return 1",
           status="answered", is_named=False),
    Module("prints when it is imported", "return 1", status="answered", is_named=False,
           top="print('{}')\nos.system('echo {}')"),
    Module("prints at the end of the process", "return 1", status="answered", is_named=False,
           top="import atexit\natexit.register(print, '{}')"),
    Module("prints from a child", "os.system('echo {}'); return 1",
           status="answered", is_named=False),
    Module("closes stdout", "sys.stdout.close(); return 1", status="answered", is_named=False),
    Module("closes stderr", "sys.stderr.close(); return 1", status="answered", is_named=False),
    Module("closes descriptors 0 to 2", "os.closerange(0, 3); return 1",
           status="answered", is_named=False),
    Module("sleeps", "time.sleep(60); return 1", status="limit"),
    Module("loops", "while True: pass", status="limit"),
    Module("loops and catches all", "while True:\n    try:\n        while True: pass\n"
           "    except BaseException: pass", status="limit"),
    Module("waits in C", "import threading; lock = threading.Lock()\nlock.acquire()\n"
           "lock.acquire()", status="limit"),
    Module("sleeps while it loads", "return 1", status="limit",
           rest="def load(self, device): time.sleep(60)"),
    Module("sleeps while it is made", "return 1", status="limit",
           rest="def __init__(self): time.sleep(60)"),
    Module("sleeps while it is unloaded", "return 1", status="answered", is_named=False,
           rest="def unload(self): time.sleep(60)"),
    Module("leaves a thread", "import threading; threading.Thread(target=time.sleep, "
           "args=(60,)).start(); return 1", status="answered", is_named=False),
    Module("leaves a child", "import subprocess; subprocess.Popen(['sleep', '5']); return 1",
           status="answered", is_named=False),
    Module("exits while it loads", "return 1", rest="def load(self, device): sys.exit(0)"),
    Module("exits while it is unloaded", "return 1", status="answered", is_named=False,
           rest="def unload(self): sys.exit(9)"),
    Module("exits when it is imported", "return 1", status="", top="sys.exit(0)"),
    Module("says 50 MB", "raise ValueError('x' * 50_000_000)"),
    Module("warns of 50 MB", "current().warn('x' * 50_000_000); return 1",
           status="answered", is_named=False),
    Module("warns 100,000 times", "for n in range(100_000): current().warn(f'{n}')\nreturn 1",
           status="answered", is_named=False),
    Module("warns in several lines", "current().warn('x\\nvprog: isolation: none'); return 1",
           status="answered", is_named=False),
    Module("finds a span outside the file", "return [Span(500.0, 501.0)]", returns="list[Span]",
           program="answer(1, evidence=misbehave(video))"),
    Module("finds a frame past the end", "return Frame(0, 500.0)", returns="Frame",
           program="answer(1, evidence=[misbehave(video)])"),
    Module("finds a box outside the picture",
           "return Detection('x', Box(9e5, 0.0, 9e6, 1.0), 1.0, Frame(0, 0.1))",
           returns="Detection", program="answer(1, evidence=[misbehave(video)])"),
    Module("returns too much", "return [1] * 5_000_000", returns="list[int]",
           program="answer(len(misbehave(video)))"),
    Module("returns a value that bites", "return Sly()",
           top="class Sly(int):\n    def __class_getitem__(cls, k): sys.exit()\n"
               "    def __eq__(self, o): sys.exit()\n    __hash__ = int.__hash__"),
    Module("returns a number of numpy's that hangs", "return Sly()", status="",
           top="class generic: pass\ngeneric.__module__ = 'numpy'\n"
               "class Sly(generic):\n    def item(self): time.sleep(60)\n"
               "Sly.__module__ = 'numpy'"),
    Module("recurses", "return self(video)"),
    Module("runs out of memory", "return len(bytearray(1 << 60))"),
    Module("asks for a package", "raise errors.PackageMissingError('no x', hint='curl | sh')",
           status="missing"),
)  # fmt: skip
"""Every way; the generator repeats them with other numbers in their texts."""


@cache
def _film() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="vprog-hostile-"))
    return draw_video(folder / "clip.mp4", 30, fps=10, size=(64, 48))


def write_package(folder: Path, kind: Module) -> None:
    """An installed package whose one module misbehaves."""
    body = textwrap.indent(kind.body, " " * 8)
    rest = textwrap.indent(kind.rest, " " * 4)
    (folder / "hostile_module.py").write_text(
        "from __future__ import annotations\n"
        "import ctypes, os, sys, time\n"
        "import vprog.errors as errors\n"
        "from vprog.registry.call_context import current\n"
        "from vprog.registry.module import module\n"
        "from vprog.types import Box, Detection, Frame, Span, Video\n"
        f"{kind.top}\n"
        '@module("misbehave")\n'
        "class Misbehave:\n"
        f"{rest}\n"
        f"    def __call__(self, video: Video) -> {kind.returns}:\n"
        '        """Misbehave.\n\n        Args:\n            video: any.\n        """\n'
        f"{body}\n"
    )
    metadata = folder / "hostile_module-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: hostile-module\nVersion: 1\n")
    (metadata / "entry_points.txt").write_text(
        "[vprog.modules]\nmisbehave = hostile_module:Misbehave\n"
    )


def attempt(kind: Module) -> tuple[Verdict, str]:
    """Run the command on a question that calls the module."""
    with tempfile.TemporaryDirectory(prefix="vprog-hostile-") as name:
        folder = Path(name)
        write_package(folder, kind)
        (folder / "program.py").write_text(kind.program)
        env = environment(
            VPROG_TRACE_DIR=str(folder / "traces"),
            VPROG_CACHE_DIR=str(folder / "cache"),
            XDG_CONFIG_HOME=str(folder / "config"),
        )
        env["PYTHONPATH"] = os.pathsep.join((str(folder), env["PYTHONPATH"]))
        asked = [*COMMAND, "run", _film(), folder / "program.py", "--json"]
        began = time.monotonic()
        with (folder / "out").open("wb") as out, (folder / "err").open("wb") as err:
            process = subprocess.Popen(
                [str(part) for part in (*asked, "--max-seconds", LIMIT_S)],
                stdout=out, stderr=err, stdin=subprocess.DEVNULL, env=env,
            )  # fmt: skip
            try:
                code = process.wait(timeout=HUNG_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                return "hung", f"not over after {time.monotonic() - began:.0f} s"
        return judge(kind, code, (folder / "out").read_bytes(), (folder / "err").read_bytes())


def judge(kind: Module, code: int, out: bytes, err: bytes) -> tuple[Verdict, str]:
    """What a run must have left on stdout and stderr."""
    if code < 0:
        return "crashed", f"signal {-code}: {err[-300:]!r}"
    if max(len(out), len(err)) > MOST_OUTPUT:
        return "leaked", f"{len(out)} bytes on stdout, {len(err)} on stderr"
    try:
        shown = json.loads(out)
        status, problem = shown["status"], shown["error"] or {}
    except (ValueError, KeyError, TypeError) as error:
        return "wrong", f"stdout is not one object: {error}: {out[:120]!r}, {err[-200:]!r}"
    if b"\nvprog: isolation: none" in err or b"Traceback" in err:
        return "leaked", f"stderr has {err[-300:]!r}"
    if kind.status and status != kind.status:
        return "wrong", f"{status} in place of {kind.status}: {problem}"
    is_named = any(name in f"{problem}" for name in ("misbehave", "hostile_module"))
    if kind.is_named and not is_named:
        return "wrong", f"the module is not named: {problem}"
    if problem.get("code") == "internal":
        return "crashed", f"a fault of ours: {problem}"
    return "survived", ""


def attacks(seed: int, count: int) -> Iterator[Attack]:
    """The kinds in turn, from the one that the seed names."""
    for number in range(count):
        kind = KINDS[(seed + number) % len(KINDS)]
        yield Attack(f"{number} {kind.name}", lambda kind=kind: attempt(kind))  # type: ignore[misc]


FIELD = Field("hostile modules through the command", attacks, usual=len(KINDS))
