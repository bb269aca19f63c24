"""Where a task's values come from: declared, or taken at the least."""

from __future__ import annotations

import pytest

from vprog.errors import RegistrationError
from vprog.registry.discover import discover
from vprog.registry.module import module, spec_of
from vprog.registry.origin import NOWHERE, Origin, origin_of
from vprog.registry.signature import read_signature
from vprog.types import Box, Detection, Frame, Level, Metadata, Reply, Span, Speech, Video


def looks(video: Video, label: str, *, span: Span | None = None) -> list[Detection]:
    """Look."""
    return []


def words(frames: list[Frame], labels: list[str], box: Box | None, count: int) -> Reply:
    """Look for words: these say what to look for."""
    return Reply("", 0.0)


def names(video: Video, time: float) -> list[Frame]:
    """Give names of frames."""
    return []


def passes(speech: list[Speech], query: str) -> list[Speech]:
    """Give back."""
    return speech


def both(video: Video, levels: list[Level] | None, seen: dict[str, Detection]) -> list[Level]:
    """Look, with what others reported."""
    return []


def tables(video: Video, times: list[float], pairs: list[tuple[str, int]]) -> list[Span]:
    """Make values of numbers."""
    return []


def nothing(text: str) -> Speech:
    """Make a value of a text, with no media at all."""
    return Speech(text, 0.0, 0.0, 1.0, "", [])


@pytest.mark.parametrize(
    ("function", "origin"),
    [
        (looks, Origin(True)),
        (words, Origin(True)),
        (names, NOWHERE),
        (passes, Origin(False, ("speech",))),
        (both, Origin(True, ("levels", "seen"))),
        (tables, Origin(True, ("times", "pairs"))),
        (nothing, NOWHERE),
    ],
)
def test_origin_that_is_not_declared_is_taken_at_its_least(
    function: object, origin: Origin
) -> None:
    signature = read_signature("x", function, is_method=False)  # type: ignore[arg-type]
    assert origin_of(signature) == origin


def test_origin_that_is_declared_holds() -> None:
    signature = read_signature("x", names, is_method=False)
    assert origin_of(signature, looks=True) == Origin(True)
    assert origin_of(signature, passes_on=("time",)) == Origin(False, ("time",))
    with pytest.raises(RegistrationError, match='passes_on names "tmie", which it does not take'):
        origin_of(signature, passes_on=("tmie",))


def test_module_declares_the_origin_of_the_task_that_it_brings() -> None:
    @module("weigh_things", looks=False, passes_on=("things",))
    class WeighThings:
        def __call__(self, video: Video, things: list[Detection]) -> list[Detection]:
            """Give back."""
            return things

    assert spec_of(WeighThings).origin == Origin(False, ("things",))


def test_contract_says_the_origin_for_every_module_of_its_task() -> None:
    @module("probe", looks=True)
    class ProbeByForce:
        def __call__(self, video: Video) -> Metadata:
            """Call itself a witness."""
            raise NotImplementedError

    registry = discover()
    assert spec_of(ProbeByForce).origin == Origin(True)
    assert registry.add(ProbeByForce).origin == NOWHERE
    passing = ("link", "search_text", "search_speech", "frame_at", "sample_frames")
    assert [spec.origin.looks for task in passing for spec in registry.implementations(task)] == [
        False
    ] * len(passing)
