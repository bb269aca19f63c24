"""The hostile programs of hostile/*.txt against all checks, and against the last two alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.bench import HONEST, VIDEO, Result, needs_launcher, run
from vprog.boundary.clean_text import clean_text
from vprog.sandbox.pool import Pool
from vprog.types import Box, Detection, Frame, Span

FOLDER = Path(__file__).parent / "hostile"
CANARY = "canary-9f3c1e"
CANARY_FILE = Path("/tmp/vprog-canary")
SECRETS = (CANARY, "root:x:", "/site-packages", str(Path.home()) + "/", "uid=")


@dataclass(frozen=True)
class Hostile:
    """One program and what must come of it."""

    name: str
    source: str
    guarded: str
    bare: str


def _programs() -> Iterator[Hostile]:
    for path in sorted(FOLDER.glob("*.txt")):
        text = "\n" + path.read_text(encoding="utf-8")
        for part in text.split("\n== ")[1:]:
            header, _, body = part.partition("\n")
            name, guarded, bare, *made = (field.strip() for field in header.split(" | "))
            source = eval(body) if made == ["made"] else body
            yield Hostile(f"{path.stem}-{name}", source, guarded, bare)


PROGRAMS = list(_programs())


@pytest.fixture(autouse=True, scope="module")
def canary() -> Iterator[None]:
    """A secret in the host's environment that no program may see."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VPROG_CANARY", CANARY)
        yield
    assert not CANARY_FILE.exists()


def may_meet_the_clock(source: str, expected: str) -> bool:
    """Whether nothing but the clock may end a program; another limit must not race it."""
    if expected in ("limit:time", "contained"):
        return True
    return "while True" in source and not expected.startswith("limit:")


def outcome_matches(result: Result, expected: str) -> bool:
    kind, _, detail = expected.partition(":")
    if kind == "contained":
        return True
    if kind == "refused":
        return result.kind not in ("gate", "types") and bool(result.refusals)
    if kind == "raised":
        return result.kind == "raised" and result.detail.startswith(detail)
    if kind == "answered":
        return result.kind == "answered" and (not detail or str(result.value) == detail)
    return result.kind == kind and (not detail or result.detail == detail)


def check_harmless(result: Result) -> None:
    """Nothing of the host in what came out, and nothing that a terminal would obey."""
    shown = clean_text(str(result.value)[:100_000], 100_000)
    for text in (result.detail, result.printed, shown, *result.refusals):
        assert not any(secret in text for secret in SECRETS), text[:500]
        assert text == clean_text(text, len(text)), text[:500]
    for text in (result.detail, *result.refusals):
        assert len(text) < 2000


def check_pool_goes_on(pool: Pool) -> None:
    assert run(pool, HONEST) == Result("answered", "", 3)


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)
def test_hostile_program_meets_its_check(pool: Pool, hasty_pool: Pool, program: Hostile) -> None:
    pool = hasty_pool if may_meet_the_clock(program.source, program.guarded) else pool
    result = run(pool, program.source)

    assert outcome_matches(result, program.guarded), result
    check_harmless(result)
    check_pool_goes_on(pool)


@pytest.mark.parametrize(
    "program",
    [program for program in PROGRAMS if program.bare != "-"],
    ids=lambda program: program.name,
)
def test_hostile_program_without_gate_and_types_is_contained(
    pool: Pool, hasty_pool: Pool, program: Hostile
) -> None:
    pool = hasty_pool if may_meet_the_clock(program.source, program.bare) else pool
    result = run(pool, program.source, is_guarded=False)

    assert outcome_matches(result, program.bare), result
    check_harmless(result)
    check_pool_goes_on(pool)


def test_corpus_is_as_large_as_promised() -> None:
    assert len(PROGRAMS) >= 150
    assert len({program.name for program in PROGRAMS}) == len(PROGRAMS)


class Sly:
    """An object that would do anything if it were asked anything."""

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"the boundary asked for .{name}")

    def __repr__(self) -> str:
        raise AssertionError("the boundary printed it")

    def __iter__(self) -> Iterator[object]:
        raise AssertionError("the boundary walked it")

    def __len__(self) -> int:
        raise AssertionError("the boundary measured it")

    def __eq__(self, other: object) -> bool:
        raise AssertionError("the boundary compared it")

    __hash__ = None  # type: ignore[assignment]


class SlyText(str):
    """A text with another face."""

    __slots__ = ()

    def __len__(self) -> int:
        return 0


def doubled() -> list[Any]:
    value: list[Any] = []
    for _ in range(40):
        value = [value, value]
    return value


def endless() -> Iterator[Detection]:
    while True:
        yield Detection("dog", Box(0.0, 0.0, 1.0, 1.0), 1.0, Frame(0, 0.0))


BOX = Box(0.0, 0.0, 1.0, 1.0)
FRAME = Frame(0, 0.0)


@pytest.mark.parametrize(
    "make",
    [
        Sly,
        lambda: [Sly()],
        doubled,
        endless,
        lambda: None,
        lambda: "a list",
        lambda: [Detection("dog", BOX, float("nan"), FRAME)],
        lambda: [Detection("dog", BOX, 1.0, None)],  # type: ignore[arg-type]
        lambda: [Detection(SlyText("dog"), BOX, 1.0, FRAME)],
        lambda: [Detection("dog", Box(5.0, 5.0, 1.0, 1.0), 1.0, FRAME)],
        lambda: [Detection("dog", BOX, 10**400, FRAME)],
        lambda: [("dog", BOX, 1.0, FRAME)],
        lambda: [Span(0.0, 1.0)],
        lambda: [Detection("dog", BOX, 1.0, FRAME)] * 2001,
        lambda: [Detection("d" * 3_000_000, BOX, 1.0, FRAME)],
        lambda: {"dog": 1},
        lambda: open,
        lambda: Sly,
    ],
    ids=range(18),
)
def test_hostile_module_result_is_refused_and_told_as_the_modules_fault(
    pool: Pool, make: Callable[[], object]
) -> None:
    source = (
        "try:\n    x = detect(frame_at(video, 1.0), 'dog')\nexcept RuntimeError as e:\n"
        "    answer(str(e))\nanswer(len(x))"
    )

    result = run(pool, source, modules={"detect": lambda **arguments: make()})

    assert result.kind == "answered"
    assert result.value == "module_failed: the module broke on this call"
    assert result.refusals[0].startswith('module_failed: module "detect": its result')
    check_harmless(result)
    check_pool_goes_on(pool)


def test_text_of_a_module_is_freed_of_control_characters(pool: Pool) -> None:
    source = "answer(detect(frame_at(video, 1.0), 'dog')[0].label)"
    sly = Detection("a\x1b[2Jb\udfff", BOX, 1.0, FRAME)

    result = run(pool, source, modules={"detect": lambda **arguments: [sly]})

    assert result.value == "a\ufffd[2Jb\ufffd"


def test_program_cannot_change_what_the_host_holds(pool: Pool) -> None:
    held = [Detection("dog", BOX, 1.0, FRAME)]
    source = (
        "x = detect(frame_at(video, 1.0), 'dog')\nx.clear()\nvideos.clear()\nchoices.append('z')\n"
        "answer(len(detect(frame_at(video, 1.0), 'dog')))"
    )

    result = run(pool, source, modules={"detect": lambda **arguments: held})

    assert result.value == 1
    assert len(held) == 1
    assert VIDEO.duration == 10.0


@needs_launcher
def test_crash_text_of_a_worker_stays_off_the_screen(
    pool: Pool, capfd: pytest.CaptureFixture[str]
) -> None:
    result = run(pool, "class A:\n    pass\nframe_at(A, A())", is_guarded=False)

    assert result.kind in ("limit", "raised", "done")
    assert capfd.readouterr().err == ""
