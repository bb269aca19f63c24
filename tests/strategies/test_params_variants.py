from __future__ import annotations

from typing import Annotated

import pytest

from vprog.registry.module import module, spec_of
from vprog.registry.signature import Signature
from vprog.strategies.params_variants import variants_of
from vprog.types import RATE, SCORE, Detection, Frame, Grid, Range, Video


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


@module("listen")
class ListenNone:
    """For its signature, which declares grids."""

    def __call__(
        self,
        video: Video,
        level: Annotated[float, Range(-100.0, 0.0), Grid((-60.0, -50.0, -40.0))] = -50.0,
        *,
        kind: Annotated[str, Grid(("fast", "exact"))] = "exact",
        min_score: Annotated[float, SCORE, Grid((0.2, 0.9))] = 0.5,
    ) -> list[Frame]:
        """Hear nothing."""
        return []


SIGNATURES: dict[str, Signature] = {
    each.task: each.signature for each in map(spec_of, (DetectNone, WatchNone, ListenNone))
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
        ("x = detect(*pair)", []),
        ("x = detect(f, 'a', **more)", []),
        (
            "x = detect(\n    f,\n    'a',  # a, b\n    # c\n)",
            [
                "x = detect(\n    f,\n    'a',  # a, b\n    # c\nmin_score=0.1)",
                "x = detect(\n    f,\n    'a',  # a, b\n    # c\nmin_score=0.4)",
            ],
        ),
        (
            "x = detect(f, ('a')  # a,\n)",
            [
                "x = detect(f, ('a')  # a,\n, min_score=0.1)",
                "x = detect(f, ('a')  # a,\n, min_score=0.4)",
            ],
        ),
        ("x = other(f)", []),
        ("detect = 1", []),
    ],
)  # fmt: skip
def test_variants_change_one_argument_within_its_bounds(source: str, expected: list[str]) -> None:
    assert [variant.source for variant in variants_of(source, SIGNATURES)] == expected


def test_every_call_of_a_module_gets_the_same_value() -> None:
    source = "a = detect(f, 'é', min_score=0.5)\nb = [detect(g, 'b') for g in watch(video)]"
    found = list(variants_of(source, SIGNATURES))
    assert [each.change for each in found] == [
        "detect: min_score=0.35",
        "watch: fps=4.0",
        "detect: min_score=0.65",
        "watch: fps=1.0",
    ]
    assert found[0].source == (
        "a = detect(f, 'é', min_score=0.35)\n"
        "b = [detect(g, 'b', min_score=0.35) for g in watch(video)]"
    )


def test_a_declared_grid_stands_for_what_bounds_would_give() -> None:
    found = [
        variant.source for variant in variants_of("a = listen(video, min_score=0.9)", SIGNATURES)
    ]
    assert found == [
        "a = listen(video, min_score=0.9, level=-60.0)",
        "a = listen(video, min_score=0.9, kind='fast')",
        "a = listen(video, min_score=0.2)",
        "a = listen(video, min_score=0.9, level=-40.0)",
    ]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a = listen(video, -60)", ["a = listen(video, -50.0)", "a = listen(video, -40.0)"]),
        ("a = listen(video, level=-1 * 60)", []),
        ("a = listen(video, x)", []),
        (
            "a = listen(video, -60.0)\nb = listen(video)",
            [
                f"a = listen(video, {v})\nb = listen(video, level={v})"
                for v in (-60.0, -50.0, -40.0)
            ],
        ),
    ],
)
def test_an_argument_is_found_by_place_and_what_is_computed_stays(
    source: str, expected: list[str]
) -> None:
    found = [variant for variant in variants_of(source, SIGNATURES) if "level" in variant.change]
    assert [each.source for each in found] == expected


def test_no_variant_changes_two_arguments() -> None:
    source = "a = listen(video)\nb = detect(f, 'x')"
    found = list(variants_of(source, SIGNATURES))
    assert len(found) == 7
    for each in found:
        assert each.source.count("=") == 3


def test_a_call_inside_a_formatted_text_is_changed_where_it_stands() -> None:
    source = "answer(f\"é {len(detect(f, 'é'))} and {len(detect(g, 'b'))}\")"
    found = list(variants_of(source, SIGNATURES))
    for each in found:
        value = each.change.partition("=")[2]
        assert each.source == source.replace("'))", f"', min_score={value}))")
