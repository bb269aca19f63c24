from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

import vprog
from tests.vocabulary import shipped_modules, shipped_signatures
from vprog.execute.cell_checks import refuse
from vprog.program.gate import check_program
from vprog.program.program import Program
from vprog.program.stubs import stub_text
from vprog.prompt.solved_examples import Example, load_examples, nearest_examples
from vprog.registry.registry import Registry
from vprog.registry.task import installed_tasks
from vprog.sandbox.pool import Pool

EXAMPLES = load_examples()
REGISTRY = Registry(shipped_modules())


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda each: each.question)
def test_example_passes_the_gate_and_names_its_tasks(example: Example) -> None:
    known = {shipped_signature.name for shipped_signature in shipped_signatures()}
    assert example.tasks <= known
    check_program(example.program, modules=example.tasks, must_end=True)
    called = set(re.findall(r"\b([a-z_]\w*)\(", example.program))
    assert called & known == example.tasks


def test_examples_are_many_and_show_every_task_that_needs_no_model() -> None:
    assert len(EXAMPLES) >= 60
    assert len({example.question for example in EXAMPLES}) == len(EXAMPLES)
    shown = frozenset[str]().union(*(example.tasks for example in EXAMPLES))
    models = {"ask", "ask_choice", "ask_yes_no", "caption"}
    assert {contract.name for contract in installed_tasks()} - models <= shown
    assert sum(bool(example.choices) for example in EXAMPLES) >= 8


def test_nearest_examples_take_what_can_run_nearest_last() -> None:
    near = nearest_examples("How many people at 0:05?", [], {"frame_at", "detect", "find_shots"})
    assert near[-1].tasks == {"frame_at", "detect"}
    assert all(neighbour.tasks <= {"frame_at", "detect", "find_shots"} for neighbour in near)
    assert not any(
        nearest_example.tasks for nearest_example in nearest_examples("How many people?", [], set())
    )


def test_nearest_examples_put_one_with_choices_last_for_choices() -> None:
    plain = Example("Which way does the ball roll?", "answer(1)", frozenset())
    chosen = Example("When is it dark?", "answer(1)", frozenset(), ("a", "b"))
    asked = "Which way does the ball go?"
    assert nearest_examples(asked, ["x", "y"], [], examples=[chosen, plain])[-1] is chosen
    assert nearest_examples(asked, [], [], examples=[chosen, plain])[-1] is plain
    assert nearest_examples(asked, ["x", "y"], [], count=1, examples=[chosen, plain]) == (chosen,)


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    """A sandbox that knows the types of every task, also of those that cannot run here."""
    with closing(Pool(size=1, stubs=stub_text(shipped_signatures()))) as pool:
        yield pool


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda each: each.question)
def test_example_passes_the_types(example: Example, pool: Pool) -> None:
    failed = refuse(pool, Program(example.program), modules=example.tasks, must_end=True)
    assert failed is None, failed


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda each: each.question)
def test_example_runs(example: Example, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VPROG_TRACE_DIR", str(tmp_path / "traces"))
    for task in sorted(example.tasks):
        lack = REGISTRY.lack(task)
        if not lack.ok:
            pytest.skip(f"{task}: {lack.reason}")
    demo = Path(__file__).resolve().parent.parent.parent / "examples" / "demo.mp4"

    result = vprog.run(demo, example.program, choices=example.choices, registry=REGISTRY)
    assert result.status in ("answered", "abstained"), result.error
