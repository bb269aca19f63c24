"""Random programs over modules that take batches: read ahead, each ends as it does without.

Loops of all kinds, in each other and left early, with helpers, errors that are caught or not, and
calls that hang on calls. Answer, output, error, values of lines, warnings, the calls in their order
and how many were computed have to be the same; scouts go ahead as if any guess were worth it.
"""

from __future__ import annotations

import functools
import math
import random
import tempfile
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

from tests.drawing import draw_video
from tests.execute.test_read_ahead import FRAMES, IsLate, Score
from tests.execute.test_read_ahead_corpus import said
from tests.program.corpus import Honest
from tests.reliability.outcome import Attack, Field, Verdict
from vprog.execute.result_cache import ResultCache
from vprog.execute.runtime import Runtime
from vprog.execute.scheduler import BatchScheduler
from vprog.registry.registry import Registry
from vprog.settings import load_settings

_FRAMES = ("f", "frames[k % 12]", "Frame(0, round((n * 0.07) % 1.9, 2))", "Frame(0, 1.0 + k / 10)")
_CALLS = (
    "score({f})", "score({f}, 2.0)", "score({f}, 13.0)", "score({f}, n + 1.0)", "is_late({f})",
    "(score({f}) if is_late({f}) else 0.0)", "help_0({f}, k)", "help_1({f}, k)",
    "sum([score(g) for g in frames[{low}:{high}]])",
)  # fmt: skip
_STEPS = (
    "n += {call}", "n += {call}", "n += {call}", "print(k, n)",
    "if {call}:\n    n += {call}",
    "try:\n    n += {call}\nexcept ValueError:\n    n += 5.0",
    "if n > {high}:\n    break", "if n > {high}:\n    continue", "if n > {high}:\n    answer(n)",
    "if {call} and n > 3.0:\n    break",
)  # fmt: skip
_LOOPS = (
    "for f in frames[{low}:{high}]:\n{body}\n    k += 1",
    "for k in range({low}, {high}, {step}):\n    f = frames[k]\n{body}",
    "{w} = 0\nwhile {w} < {high}:\n    {w} += 1\n    f = frames[{w} * {step} % 12]\n{body}",
)
_HELP = (
    "def help_{at}(f, k):\n    a = {first}\n    if a:\n        return {then}\n    return {other}\n"
)
_RESULTS = ("score(f) + a", "is_late(f) + 0.5", "a + 1.0", "score(frames[k % 12])", "0.0")


def program(chosen: random.Random) -> str:
    """A program that the gate and the type check pass; it may fail, and ends in any case."""
    helpers = [
        _HELP.format(
            at=at,
            first=chosen.choice(["score(f)", "is_late(f)"]),
            then=chosen.choice(_RESULTS),
            other=chosen.choice(_RESULTS),
        )
        for at in range(2)
    ]
    loops = [_loop(chosen, 0) for _ in range(chosen.randint(1, 2))]
    begin = "n = 0.0\nk = 0\nf = frames[0]\n"
    return FRAMES + begin + "".join(helpers) + "\n".join(loops) + "\nanswer(n)"


def _loop(chosen: random.Random, depth: int) -> str:
    steps = []
    for _ in range(chosen.randint(1, 3)):
        if depth < 2 and chosen.random() < 0.2:
            steps.append(_loop(chosen, depth + 1))
        else:
            step = chosen.choice(_STEPS)
            steps.append(step.format(call=_call(chosen), high=chosen.randint(2, 30)))
    body = "\n".join(f"    {line}" for step in steps for line in step.split("\n"))
    return chosen.choice(_LOOPS).format(
        body=body, low=chosen.randint(0, 4), high=chosen.randint(5, 12),
        step=chosen.randint(1, 3), w=f"w{depth}",
    )  # fmt: skip


def _call(chosen: random.Random) -> str:
    return chosen.choice(_CALLS).format(
        f=chosen.choice(_FRAMES), low=chosen.randint(0, 6), high=chosen.randint(6, 12)
    )


def attacks(seed: int, count: int) -> Iterator[Attack]:
    """Programs, each with a runtime that reads ahead and one that does not."""
    with (
        tempfile.TemporaryDirectory(prefix="vprog-scouts-") as name,
        patch.object(BatchScheduler, "saves", lambda *_: math.inf),
    ):
        folder = Path(name)
        clip = draw_video(folder / "clip.mp4", 20)
        with (
            _runtime(folder, read_ahead=False) as plain,
            _runtime(folder, read_ahead=True) as ahead,
        ):
            for number in range(count):
                text = program(random.Random(f"{seed} {number}"))
                attempt = functools.partial(_attempt, plain, ahead, clip, text, folder)
                yield Attack(f"{number} of seed {seed}", attempt)


def _runtime(folder: Path, *, read_ahead: bool) -> Runtime:
    runtime = Runtime(
        load_settings({"cache_dir": folder / f"cache_{read_ahead}", "read_ahead": read_ahead}),
        Registry([]),
    )
    for declared in (Score, IsLate):
        spec = runtime.registry.add(declared)
        runtime.modules[spec.task] = spec
    return runtime


def _attempt(
    plain: Runtime, ahead: Runtime, clip: Path, text: str, folder: Path
) -> tuple[Verdict, str]:
    told = []
    for runtime in (plain, ahead):
        runtime.cache = ResultCache(None)
        told.append(said(runtime, [clip], Honest("", (text,)), folder / "traces"))
    differing = [pair for pair in zip(*told, strict=False) if pair[0] != pair[1]]
    if told[0] != told[1]:
        return "wrong", f"{text!r}: {differing[:1]}"
    return "survived", ""


FIELD = Field("random programs, with what they call read ahead and without", attacks, 500)
