from __future__ import annotations

from typing import Annotated

import pytest

from tests.strategies.conftest import Desk, cell
from vprog.registry.module import module, spec_of
from vprog.registry.signature import Signature
from vprog.runs.reward import NO_EVIDENCE
from vprog.strategies.params import variants_of
from vprog.trace.event import ModuleCalled, NodeEvaluated, ProgramWritten, Voted, Warned
from vprog.types import RATE, SCORE, Detection, Frame, Grid, Range, Video

WRITTEN = cell(
    "frame = frame_at(video, 0.5)",
    "squares = find_colour(frame, 'red', min_area=0.5)",
    "if not squares:",
    "    answer(0)",
    "answer(len(squares), evidence=squares)",
)


def test_variants_share_the_cache_and_the_surest_is_kept(desk: Desk) -> None:
    run = desk.ask("params", [WRITTEN.replace("0.5)\nif", "0.16)\nif")])
    assert (run.result.status, run.result.cost.llm_calls) == ("answered", 1)
    assert run.result.answer == 1
    notes = [written.note for written in run.of(ProgramWritten)]
    grid = (0.0005, 0.002, 0.01, 0.05)
    assert notes == ["", *(f"find_colour: min_area={item}" for item in grid)]
    frames = [call.how for call in run.of(ModuleCalled) if call.task == "frame_at"]
    assert frames == ["executed", *["cached"] * 4]
    assert len(run.of(NodeEvaluated)) == 5
    assert "surest of 5, by variants" in " ".join(warning.text for warning in run.of(Warned))
    assert len(run.of(Voted)[0].ballots) == 5


def test_the_program_as_written_is_kept_among_equals(desk: Desk) -> None:
    run = desk.ask("params", [WRITTEN.replace("min_area=0.5", "min_area=0.01")])
    assert run.result.program is not None
    assert "min_area=0.01" in run.result.program


def test_nothing_is_varied_where_the_program_fails_or_has_nothing_to_vary(desk: Desk) -> None:
    failed = desk.ask("params", [cell("answer([1][2])")], repairs=0)
    assert (failed.result.status, len(failed.of(NodeEvaluated))) == ("failed", 1)
    plain = desk.ask("params", [cell("answer(1, evidence=[frame_at(video, 0.5)])")])
    assert (plain.result.answer, len(plain.of(NodeEvaluated))) == (1, 1)


def test_the_score_is_taken_after_the_maximum_and_says_how_many_agree(desk: Desk) -> None:
    written = cell(
        "frame = frame_at(video, 0.5)",
        "found = find_colour(frame, 'red', min_area=0.9)",
        "if found:",
        "    answer('some')",
        "answer('none', evidence=[frame])",
    )
    run = desk.ask("params", [written])
    # As written, and from 0.05 on, nothing is so large, and that answer names evidence; the
    # three others find some and name none.
    weights = {bytes(ballot.value): ballot.weight for ballot in run.of(Voted)[0].ballots}
    assert weights == {b'"some"': 0.5 * NO_EVIDENCE, b'"none"': 0.5}
    assert run.result.answer == "none"
    share = 2 * 0.5 / (2 * 0.5 + 3 * 0.5 * NO_EVIDENCE)
    parts = run.result.score_parts
    assert (parts["support"], parts["votes"]) == (1.0, round(share, 6))
    assert run.result.score == round(share * parts.get("denial", 1.0), 6)


def test_the_share_is_that_of_the_kept_answer_also_where_most_gave_another(desk: Desk) -> None:
    written = cell(
        "frames = [frame_at(video, each) for each in (0.1, 0.2, 0.3)]",
        "found, *_ = [find_colour(frame, 'red', min_area=0.9) for frame in frames]",
        "if found:",
        "    made = [Span(0.41, end) for end in (0.42, 0.43, 0.44)]",
        "    answer('some', evidence=[*frames[:2], *made])",
        "answer('none', evidence=frames)",
    )
    run = desk.ask("params", [written])
    weights = sorted(ballot.weight for ballot in run.of(Voted)[0].ballots)
    assert weights == pytest.approx([0.4] * 3 + [0.5] * 2)
    assert run.result.answer == "none"  # the surest, though it lost the vote
    assert run.result.score_parts["votes"] == round(1.0 / 2.2, 6)


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
    module_class.task: module_class.signature
    for module_class in map(spec_of, (DetectNone, WatchNone, ListenNone))
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
    assert [hit.change for hit in found] == [
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
    assert [hit.source for hit in found] == expected


def test_no_variant_changes_two_arguments() -> None:
    source = "a = listen(video)\nb = detect(f, 'x')"
    found = list(variants_of(source, SIGNATURES))
    assert len(found) == 7
    for hit in found:
        assert hit.source.count("=") == 3


def test_a_call_inside_a_formatted_text_is_changed_where_it_stands() -> None:
    source = "answer(f\"é {len(detect(f, 'é'))} and {len(detect(g, 'b'))}\")"
    found = list(variants_of(source, SIGNATURES))
    for hit in found:
        value = hit.change.partition("=")[2]
        assert hit.source == source.replace("'))", f"', min_score={value}))")
