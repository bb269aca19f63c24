"""Calls made ahead, as a loop announced them or a scout came to them: fewer batches, the same
answers, errors, counts and order."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from vprog.errors import ModuleInputError
from vprog.execute.runtime import Runtime
from vprog.execute.scheduler import BatchScheduler
from vprog.registry.call_context import current
from vprog.registry.module import Call, module
from vprog.registry.registry import Registry
from vprog.runs.run import Run
from vprog.settings import load_settings
from vprog.trace.event import ModuleCalled, Warned
from vprog.types import Frame

batches: list[list[float]] = []


@module("score", batch=4)
class Score:
    def __call__(self, frame: Frame, factor: float = 1.0) -> float:
        """The time of a frame, times a factor.

        Args:
            frame: none at second 1.3.
            factor: any; 13 brings a warning.
        """
        return self.batch([Call({"frame": frame, "factor": factor}, current())])[0]

    def batch(self, calls: list[Call]) -> list[float]:
        frames = [call.arguments["frame"] for call in calls]
        assert all(isinstance(frame, Frame) for frame in frames)
        times = [frame.time for frame in frames if isinstance(frame, Frame)]
        batches.append(times)
        if 1.3 in times:
            raise ModuleInputError("frame: second 1.3 is none.")
        factors = [float(str(call.arguments["factor"])) for call in calls]
        for call, factor, time in zip(calls, factors, times, strict=True):
            if factor == 13.0:
                call.context.warn(f"bad luck at {time}")
        return [time * factor for time, factor in zip(times, factors, strict=True)]


@module("is_late", batch=4)
class IsLate:
    def __call__(self, frame: Frame) -> bool:
        """Whether a frame lies behind the first half second.

        Args:
            frame: any.
        """
        return frame.time > 0.45

    def batch(self, calls: list[Call]) -> list[bool]:
        frames = [call.arguments["frame"] for call in calls]
        batches.append([frame.time for frame in frames if isinstance(frame, Frame)])
        return [isinstance(frame, Frame) and frame.time > 0.45 for frame in frames]


@module("add_scores", asks=("score",))
class AddScores:
    def __call__(self, frames: list[Frame]) -> float:
        """The scores of frames together.

        Args:
            frames: any.
        """
        return sum(map(float, current().ask("score", [{"frame": frame} for frame in frames])))


class Asked:
    """One program, run with and without reading ahead, each on a cache of its own."""

    def __init__(self, clip: Path, folder: Path) -> None:
        self.clip, self.folder = clip, folder

    def run(self, program: str, *, read_ahead: bool, **given: Any) -> dict[str, Any]:
        batches.clear()
        folder = self.folder / f"{len(list(self.folder.iterdir()))}"
        settings = load_settings(
            {
                "cache_dir": folder / "cache",
                "trace_dir": folder / "traces",
                "read_ahead": read_ahead,
                **given,
            }
        )
        events: list[Any] = []
        with Runtime(settings, Registry([])) as runtime:
            score = runtime.modules["score"] = runtime.registry.add(Score)
            runtime.modules["is_late"] = runtime.registry.add(IsLate)
            asking = replace(runtime.registry.add(AddScores), asked=(score,))
            runtime.modules["add_scores"] = asking
            with Run(runtime, settings, [self.clip], "?", listen=events.append) as run:
                outcome = run.executor.run_whole(program)
                counts = run.broker.counts
        return {
            "end": (outcome.status, outcome.value, outcome.line, outcome.printed),
            "error": str(outcome.error),
            "calls": [
                (
                    event.id,
                    event.line,
                    bytes(event.arguments),
                    bytes(event.result),
                    event.how,
                    event.error,
                )
                for event in events
                if isinstance(event, ModuleCalled)
            ],
            "warned": [event.text for event in events if isinstance(event, Warned)],
            "issued": counts.issued,
            "counts": counts,
            "batches": [list(batch) for batch in batches],
        }


SAME = ("end", "error", "calls", "warned", "issued")


@pytest.fixture
def asked(clip: Path, tmp_path: Path) -> Asked:
    return Asked(clip, tmp_path)


FRAMES = "frames = [Frame(0, k / 10) for k in range(12)]\n"


@pytest.mark.parametrize(
    ("program", "most_batches", "wasted"),
    [
        ("answer(sum(score(f) for f in frames))", 3, 0),
        ("answer(sum([score(f, factor=2.0) for f in frames if f.time > 0.35]))", 2, 0),
        ("n = 0.0\nfor i, f in enumerate(frames):\n    n += score(f) * i\nanswer(n)", 3, 0),
        ("n = 0.0\nfor i in range(12):\n    n += score(frames[i])\nanswer(n)", 3, 0),
        # Ends early: what goes for nothing is at most one batch.
        ("for f in frames:\n    if score(f) > 0.4:\n        answer(f.time)\nabstain('none')", 2, 2),
        ("answer(any(score(f) > 0.15 for f in frames))", 1, 1),
        # Calls that are made where another gave something true: frames 1 to 11 of 12.
        ("n = 0\nfor f in frames:\n    if score(f):\n        n += score(f, 2.0)\nanswer(n)", 10, 0),
        ("answer(sum(score(f, 2.0) for f in frames if score(f)))", 10, 0),
        # An error in the middle: that of the call, at the call.
        ("answer(sum([score(Frame(0, 1.0 + k / 10)) for k in range(8)]))", None, None),
        (
            "n = 0\nfor k in range(8):\n    try:\n        n += score(Frame(0, 1.0 + k / 10))\n"
            "    except ValueError:\n        n += 100\nanswer(n)",
            None,
            None,
        ),
        # Warnings come with the program's own calls.
        ("n = [score(f, 13.0) for f in frames[:3]]\nprint(n)\nanswer(n)", 1, 0),
        # A call that depends on the one before it.
        ("t = 0.0\nfor k in range(5):\n    t = score(Frame(0, t + 0.1))\nanswer(t)", 5, 0),
        # Arguments that cannot be had ahead of the loop.
        ("s = []\nfor k in range(3):\n    s.append(k)\n    score(frames[len(s)])\nanswer(1)", 3, 0),
        ("answer([score(f) for f in [frames[0]] * 5])", 1, 0),
        ("answer(sum([score(f) for f in frames] + [score(f) for f in frames]))", 3, 0),
        ("for f in frames:\n    score(f, 'x')\nanswer(1)", None, None),
    ],
)  # fmt: skip
def test_announced_loop_does_what_the_plain_one_does_in_fewer_batches(
    asked: Asked, program: str, most_batches: int | None, wasted: int | None
) -> None:
    plain = asked.run(FRAMES + program, read_ahead=False)
    ahead = asked.run(FRAMES + program, read_ahead=True)
    for name in SAME:
        assert ahead[name] == plain[name], name
    assert plain["counts"].guessed == plain["counts"].wasted == 0
    counts = ahead["counts"]
    assert counts.executed - counts.wasted == plain["counts"].executed
    if most_batches is not None:
        assert len(ahead["batches"]) <= most_batches
        assert counts.wasted == wasted


def test_announced_loop_spends_no_call_of_the_budget_before_its_turn(asked: Asked) -> None:
    program = FRAMES + "answer(sum([score(f) for f in frames]))"
    plain = asked.run(program, read_ahead=False, max_calls=5)
    ahead = asked.run(program, read_ahead=True, max_calls=5)
    assert ahead["end"] == plain["end"]
    assert ahead["error"] == plain["error"]
    assert "more than 5 module calls" in ahead["error"]
    assert ahead["calls"] == plain["calls"]
    assert sum(map(len, ahead["batches"])) == 5  # nothing beyond what may be called


def test_calls_that_a_module_asks_for_share_batches(asked: Asked) -> None:
    ran = asked.run(FRAMES + "answer(add_scores(frames[1:10]))", read_ahead=False)
    assert ran["end"][:2] == ("answered", pytest.approx(4.5))
    # What lies in one batch is certain, which of them goes first is not.
    assert sorted(len(batch) for batch in ran["batches"]) == [1, 4, 4]
    several = "answer(sum([add_scores([frame]) for frame in frames]))"
    assert asked.run(FRAMES + several, read_ahead=True)["counts"].guessed == 0


# What no loop tells: scouts. The modules of these tests take no time, which scouts are not worth.


@pytest.fixture
def dear(monkeypatch: pytest.MonkeyPatch) -> None:
    """Modules whose calls save any amount of time in a batch."""
    monkeypatch.setattr(BatchScheduler, "saves", lambda *_: math.inf)


HELPER = FRAMES + "def look(f):\n    return score(f)\nn = before = 0.0\n"
SCOUTED = [
    # The first call of a place is made alone; then a batch of the second and what is guessed.
    ("for f in frames:\n    n += look(f)\nanswer(n)", [1, 4, 4, 3], 0),
    ("k = 0\nwhile k < 12:\n    n += score(frames[k])\n    k += 2\nanswer(n)", [1, 4, 1], 0),
    ("k = 0\nwhile k < 11:\n    n += look(frames[k])\n    k += 1\nanswer(n)", [1, 4, 4, 2], 0),
    # Two modules in turn: each has its own batches.
    (
        "def both(f):\n    return score(f) + is_late(f)\n"
        "for f in frames[:9]:\n    n += both(f)\nanswer(n)",
        [1, 4, 4, 4, 4],  # and the first of `is_late`, which is no batch
        0,
    ),
    # Short loops in a long one, each announced by itself.
    (
        "for k in range(0, 12, 2):\n    n += sum([score(f) for f in frames[k:k+2]])\nanswer(n)",
        [2, 4, 4, 2],
        0,
    ),
    # What one call lets through: known once that one is.
    (
        "def late(f):\n    return score(f, 2.0) if is_late(f) else 0\n"
        "for f in frames:\n    n += late(f)\nanswer(n)",
        None,
        0,
    ),
    # Ends early: at most one batch for nothing.
    ("for f in frames:\n    if look(f) > 0.45:\n        answer(n)\nabstain('?')", [1, 4, 4], 3),
    # Each call hangs on the one before it: no guess comes true, and soon none is made.
    ("t = 0.0\nfor k in range(11):\n    t = score(Frame(0, t + 0.1))\nanswer(t)", None, 4),
    ("t = ''\nfor f in frames:\n    t += str(score(f, 1.0 + len(t)))\nanswer(t)", None, 8),
    # What only a fork does, which takes the last result for the next one.
    (
        "for f in frames:\n    s = look(f)\n    if s == before > 0:\n        while True:\n"
        "            pass\n    before = s\nanswer(before)",
        None,
        None,
    ),
    (
        "for f in frames:\n    s = look(f)\n    if s == before > 0:\n        t = 'a' * 900000000\n"
        "    before = s\nanswer(before)",
        None,
        None,
    ),
    (
        "for f in frames:\n    s = look(f)\n    print(s)\n    if s == before > 0:\n        1 / 0\n"
        "    before = s\nanswer(before)",
        None,
        None,
    ),
    (
        "for f in frames:\n    s = look(f)\n    if s == before > 0:\n        answer(-1.0)\n"
        "    before = s\nanswer(before)",
        None,
        None,
    ),
    (
        "for f in frames:\n    s = look(f)\n    while s == before > 0:\n"
        "        t = [score(g) for g in frames if g.time < 0]\n    before = s\nanswer(before)",
        None,
        None,
    ),
    (
        "for f in frames:\n    s = look(f)\n    while s == before > 0:\n        print('a' * 1000)\n"
        "    before = s\nanswer(before)",
        None,
        None,
    ),
    # An error in the middle, and one that is caught; warnings.
    ("for k in range(8):\n    n += look(Frame(0, 1.0 + k / 10))\nanswer(n)", None, None),
    (
        "for k in range(8):\n    try:\n        n += look(Frame(0, 1.0 + k / 10))\n"
        "    except ValueError:\n        n += 100\nanswer(n)",
        None,
        None,
    ),
    ("def w(f):\n    return score(f, 13.0)\nfor f in frames:\n    n += w(f)\nanswer(n)", None, 0),
    ("for f in frames + frames:\n    n += look(f)\nanswer(n)", [1, 4, 4, 3], 0),
]  # fmt: skip


@pytest.mark.usefixtures("dear")
@pytest.mark.parametrize(("program", "sizes", "wasted"), SCOUTED)
def test_scouted_program_does_what_the_plain_one_does_in_fewer_batches(
    asked: Asked, program: str, sizes: list[int] | None, wasted: int | None
) -> None:
    plain = asked.run(HELPER + program, read_ahead=False)
    ahead = asked.run(HELPER + program, read_ahead=True)
    for name in SAME:
        assert ahead[name] == plain[name], name
    counts = ahead["counts"]
    assert counts.executed - counts.wasted == plain["counts"].executed
    if sizes is not None:
        assert sorted(map(len, ahead["batches"])) == sorted(sizes), ahead["batches"]
    if wasted is not None:
        assert counts.wasted <= wasted


@pytest.mark.usefixtures("dear")
def test_scout_of_a_later_program_goes_ahead_of_its_first_call(asked: Asked) -> None:
    program = HELPER + "for f in frames:\n    n += look(f)\nanswer(n)"
    settings = load_settings({"cache_dir": asked.folder / "cache", "trace_dir": asked.folder / "t"})
    with Runtime(settings, Registry([])) as runtime:
        runtime.modules["score"] = runtime.registry.add(Score)
        for number in range(2):
            batches.clear()
            while runtime.pool.spare_fork is not None and not runtime.pool.spare_fork.wait(60):
                pass
            with Run(runtime, settings, [asked.clip], "?") as run:
                text = program.replace("score(f)", f"score(f, {number}.0)")
                assert run.executor.run_whole(text).status == "answered"
            assert sorted(map(len, batches)) == [[1, 3, 4, 4], [4, 4, 4]][number]


@pytest.mark.usefixtures("dear")
def test_scout_spends_no_call_of_the_budget(asked: Asked) -> None:
    program = HELPER + "for f in frames:\n    n += look(f)\nanswer(n)"
    plain = asked.run(program, read_ahead=False, max_calls=7)
    ahead = asked.run(program, read_ahead=True, max_calls=7)
    assert {name: ahead[name] for name in SAME} == {name: plain[name] for name in SAME}
    assert "more than 7 module calls" in ahead["error"]
    assert sum(map(len, ahead["batches"])) == 7


@pytest.mark.usefixtures("dear")
def test_program_that_holds_much_has_no_scout(asked: Asked) -> None:
    held = "held = [k * 1.5 for k in range(1500000)]\n"  # of its dump the worker could die
    ran = asked.run(
        HELPER + held + "for f in frames:\n    n += look(f)\nanswer(n)", read_ahead=True
    )
    assert ran["end"][:2] == ("answered", pytest.approx(6.6))
    assert [len(batch) for batch in ran["batches"]] == [1] * 12


def test_module_that_is_quick_alone_has_no_scout(asked: Asked) -> None:
    ran = asked.run(HELPER + "for f in frames:\n    n += look(f)\nanswer(n)", read_ahead=True)
    assert (ran["counts"].guessed, [len(batch) for batch in ran["batches"]]) == (0, [1] * 12)
