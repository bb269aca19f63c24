from __future__ import annotations

from typing import Annotated

import pytest

from vprog.plan.variants import variants_of
from vprog.registry.module import module
from vprog.registry.signature import Signature
from vprog.types import RATE, SCORE, Detection, Frame, Video


@module("detect")
class DetectNone:
    """For its signature."""

    def __call__(
        self, frame: Frame, label: str, *, min_score: Annotated[float, SCORE] = 0.25
    ) -> list[Detection]:
        """Find nothing."""
        return []


@module("watch")
class WatchNone:
    """For its signature."""

    def __call__(self, video: Video, *, fps: Annotated[float, RATE] = 2.0) -> list[Frame]:
        """See nothing."""
        return []


SIGNATURES: dict[str, Signature] = {
    each.__vprog_module__.task: each.__vprog_module__.signature  # type: ignore[attr-defined]
    for each in (DetectNone, WatchNone)
}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (
            "x = detect(f, 'ß', min_score=0.5)",
            ["x = detect(f, 'ß', min_score=0.35)", "x = detect(f, 'ß', min_score=0.65)"],
        ),
        (
            "x = detect(f, 'a')",
            ["x = detect(f, 'a', min_score=0.1)", "x = detect(f, 'a', min_score=0.4)"],
        ),
        ("a = watch(v, fps=100)", ["a = watch(v, fps=120.0)", "a = watch(v, fps=50.0)"]),
        ("a = watch(\n    v,\n)", ["a = watch(\n    v,\nfps=4.0)", "a = watch(\n    v,\nfps=1.0)"]),
        ("x = detect(f, 'a', min_score=limit)", []),
        ("x = other(f)", []),
        ("detect = 1", []),
    ],
)  # fmt: skip
def test_variants_change_one_argument_within_its_bounds(source: str, expected: list[str]) -> None:
    assert [each.source for each in variants_of(source, SIGNATURES)] == expected


def test_every_call_of_a_module_gets_the_same_value() -> None:
    source = "a = detect(f, 'é', min_score=0.5)\nb = [detect(g, 'b') for g in watch(video)]"
    found = list(variants_of(source, SIGNATURES))
    assert [each.change for each in found] == [
        "detect: min_score=0.35",
        "detect: min_score=0.65",
        "watch: fps=4.0",
        "watch: fps=1.0",
    ]
    assert found[0].source == (
        "a = detect(f, 'é', min_score=0.35)\n"
        "b = [detect(g, 'b', min_score=0.35) for g in watch(video)]"
    )
