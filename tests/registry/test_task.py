"""Contracts: declared once, found by name, and what holds an implementation to them."""

from __future__ import annotations

from typing import Annotated

import pytest

from vprog.errors import RegistrationError
from vprog.registry.module import implements, module, spec_of
from vprog.registry.registry import Registry
from vprog.registry.task import find_task, installed_tasks, task
from vprog.types import PHRASE, SCORE, Frame, Grid, Video


@task
def weigh_fruit(
    frame: Frame,
    fruit: Annotated[str, PHRASE],
    *,
    min_score: Annotated[float, SCORE, Grid((0.2, 0.5))] = 0.2,
) -> list[float]:
    """Weigh the fruit in a picture.

    Ripe or not.

    Args:
        frame: the picture.
        fruit: one noun.
        min_score: drop what is unsure.

    Returns:
        Kilograms, heaviest first.
    """


@implements("weigh_fruit", backend="a scale")
class WeighFruitScale:
    def __call__(self, frame: Frame, fruit: str, *, min_score: float = 0.2) -> list[float]:
        return []


@implements("weigh_fruit", summary="Weigh the apples in a picture.", rank=3)
class WeighFruitApples:
    def __call__(
        self,
        frame: Frame,
        fruit: str,
        *,
        min_score: Annotated[float, Grid((0.1, 0.9))] = 0.2,
    ) -> list[float]:
        """Knows no pear.

        Args:
            fruit: "apple".

        Source: an orchard.
        """
        return []


def test_implements_takes_signature_and_docstring_from_the_contract() -> None:
    spec = spec_of(WeighFruitScale)
    contract = find_task("weigh_fruit", __name__).signature
    assert spec.signature == contract
    assert (spec.task, spec.backend) == ("weigh_fruit", "a scale")
    assert contract.text() == (
        "weigh_fruit(frame: Frame, fruit: str, *, min_score: float = 0.2) -> list[float]"
    )


def test_implements_adds_what_is_its_own() -> None:
    signature = spec_of(WeighFruitApples).signature
    assert signature.doc == (
        "Weigh the apples in a picture.\n\nRipe or not.\n\nKnows no pear.\n\n"
        'Args:\n    frame: the picture.\n    fruit: "apple".\n    min_score: drop what is unsure.'
        "\n\nReturns:\n    Kilograms, heaviest first.\n\nSource: an orchard."
    )
    score = signature.parameters[2]
    assert (score.bounds, score.grid) == (SCORE, (0.1, 0.9))


def test_implements_of_one_task_stand_for_each_other() -> None:
    registry = Registry([spec_of(WeighFruitScale), spec_of(WeighFruitApples)])
    assert registry.choose()["weigh_fruit"].cls is WeighFruitApples


def _more(
    self: object, frame: Frame, fruit: str, knife: str, *, min_score: float = 0.2
) -> list[float]:
    return []


def _less(self: object, frame: Frame, fruit: str) -> list[float]:
    return []


def _type(self: object, frame: Frame, fruit: str, *, min_score: int = 0) -> list[float]:
    return []


def _result(self: object, frame: Frame, fruit: str, *, min_score: float = 0.2) -> float:
    return 0.0


def _order(self: object, fruit: str, frame: Frame, *, min_score: float = 0.2) -> list[float]:
    return []


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (_more, 'takes "knife", which the task does not'),
        (_less, 'lacks the parameter "min_score"'),
        (_type, "takes min_score: int = 0, the task min_score: float = 0.2"),
        (_result, "returns float, the task list"),
        (_order, "another order"),
    ],
)
def test_implements_refuses_another_call(call: object, message: str) -> None:
    with pytest.raises(RegistrationError, match=message) as refusal:
        implements("weigh_fruit")(type("WeighFruitOther", (), {"__call__": call}))
    assert "weigh_fruit/WeighFruitOther" in refusal.value.message
    assert "tests.registry.test_task" in refusal.value.hint


def test_implements_refuses_a_task_that_is_not_there() -> None:
    with pytest.raises(RegistrationError, match='Did you mean "weigh_fruit"') as refusal:
        implements("weigh_fruits")(WeighFruitScale)
    assert '@module("weigh_fruits")' in refusal.value.hint


def test_module_of_another_signature_is_refused_where_there_is_a_contract() -> None:
    @module("weigh_fruit")
    class WeighFruitOwn:
        def __call__(self, video: Video) -> float:
            """Weigh it all."""
            return 0.0

    registry = Registry(tasks=[find_task("weigh_fruit", __name__)])
    with pytest.raises(RegistrationError, match='takes "video", which the task does not'):
        registry.add(WeighFruitOwn)


def test_task_refuses_a_name_that_another_file_has() -> None:
    def weigh_fruit(frame: Frame) -> float:
        """Weigh it."""
        return 0.0

    weigh_fruit.__module__ = "somewhere.else"
    with pytest.raises(RegistrationError, match="declared already, by tests"):
        task(weigh_fruit)


@pytest.mark.parametrize("name", ["answer", "_hidden"])
def test_task_refuses_words_that_cannot_be(name: str) -> None:
    def function(frame: Frame) -> float:
        """Weigh it."""
        return 0.0

    function.__name__ = name
    with pytest.raises(RegistrationError):
        task(function)


def test_task_refuses_a_contract_without_docstring() -> None:
    def weigh_stones(frame: Frame) -> float: ...  # type: ignore[empty-body]

    with pytest.raises(RegistrationError, match="no docstring"):
        task(weigh_stones)


def test_installed_tasks_are_those_of_packages_that_register() -> None:
    names = [contract.name for contract in installed_tasks()]
    assert names == sorted(names)
    assert {"detect", "ask_choice", "transcribe"} <= set(names)
    assert "weigh_fruit" not in names
