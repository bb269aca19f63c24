"""What a drawn world is: states, legal operations, pictures of them, and questions about them.

An episode is a state that is shown, and operations one after the other. Every answer is computed
from its states, never written. Levels of questions, as in VideoReasonBench (arXiv:2505.23359):

    recall     what was to be seen at one moment
    infer      what follows from all operations together
    predict    what would follow from an operation that is only told
    plan       which operations would lead to a goal; asked only where that is wanted
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from random import Random
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Literal, NamedTuple, TypeVar

from vprog.errors import UsageError
from vprog.evaluation.case import TimedBox
from vprog.evaluation.move_plans import Plan

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL.ImageDraw import ImageDraw

WIDTH, HEIGHT, FPS = 320, 240, 10
SOUND_RATE = 16_000  # Hz
SHOWN_S = 1.0
"""The first state is open to see until then, and covered after where a world covers it."""
LEAD_S = 1.4
"""When the first operation begins."""
STEP_S = 1.2
"""From the begin of an operation to that of the next."""
MOVE_S = 0.8
"""How long an operation takes: 8 frames, of which no more than 3 in a row are ever dropped."""

Level = Literal["recall", "infer", "predict", "plan"]
LEVELS: tuple[Level, ...] = ("recall", "infer", "predict")
PLAN: Level = "plan"
PLAN_LENGTHS = (2, 3, 4)
"""Of the shortest plans, each equally often."""

StateT = TypeVar("StateT")
OperationT = TypeVar("OperationT")


@dataclass(frozen=True)
class Episode(Generic[StateT, OperationT]):
    """What happens in one video: `states[n]` is left by the first n operations."""

    states: tuple[StateT, ...]
    operations: tuple[OperationT, ...]

    @property
    def duration(self) -> float:
        """Seconds."""
        return round(LEAD_S + STEP_S * len(self.operations) + 1.0, 3)

    def span(self, number: int) -> tuple[float, float]:
        """When an operation happens, in seconds; from 0."""
        start = LEAD_S + STEP_S * number
        return round(start, 3), round(start + MOVE_S, 3)

    def all_of_it(self) -> list[tuple[float, float]]:
        """From the state that is shown to the end of the last operation."""
        return [(0.0, self.span(len(self.operations) - 1)[1])]

    def at(self, time: float) -> tuple[int, float]:
        """How many operations are done at a time, and how much of the next, in [0, 1)."""
        for number in range(len(self.operations)):
            start, end = self.span(number)
            if time < end:
                return number, max(0.0, (time - start) / MOVE_S)
        return len(self.operations), 0.0


@dataclass(frozen=True)
class WorldQuestion:
    """A question that can be asked about an episode, with its evidence."""

    text: str
    answer: str | int | Plan
    spans: list[tuple[float, float]]
    boxes: list[TimedBox] = field(default_factory=list)
    balanced: str | int | None = None
    """What comes out equally often, where that is not the answer."""

    @property
    def due(self) -> str | int | Plan:
        """Which of the answers of its template it counts as."""
        return self.answer if self.balanced is None else self.balanced


class QuestionTemplate(NamedTuple):
    """A way to ask.

    Attributes:
        answers: what comes out equally often; texts are given as choices, numbers are open.
        ask: every question of this kind that an episode answers.
        n_guesses: how many answers there are to guess from; 0 for as many as `answers`.
    """

    level: Level
    name: str
    answers: tuple[str | int, ...]
    ask: Callable[[Episode[Any, Any]], list[WorldQuestion]]
    n_guesses: int = 0


class DrawnWorld(ABC, Generic[StateT, OperationT]):
    """A kind of video with exact truth. States and operations are frozen structs."""

    name: ClassVar[str]
    about: ClassVar[str]

    @abstractmethod
    def begin(self, rng: Random) -> StateT:
        """A state to begin with."""

    @abstractmethod
    def legal(self, state: StateT) -> list[OperationT]:
        """Every operation that may be done in a state."""

    @abstractmethod
    def result(self, state: StateT, operation: OperationT) -> StateT:
        """What a legal operation leaves."""

    @abstractmethod
    def paint(self, draw: ImageDraw, episode: Episode[StateT, OperationT], time: float) -> None:
        """Draw the picture of a time, in seconds, on an empty one."""

    @abstractmethod
    def templates(self) -> list[QuestionTemplate]:
        """The ways to ask, some of each level."""

    @abstractmethod
    def tell(self, episode: Episode[StateT, OperationT]) -> list[str]:
        """The same in words: what is shown first, then each operation, a sentence each."""

    def sound(self, episode: Episode[StateT, OperationT]) -> NDArray[np.float32] | None:
        """What is heard: mono at SOUND_RATE, in [-1, 1]; None where nothing is."""
        return None

    def lack(self) -> str:
        """What it needs and this machine has not, and what to do; "" for nothing."""
        return ""

    def step(self, state: StateT, operation: OperationT) -> StateT:
        """What an operation leaves.

        Raises:
            UsageError: it is not legal.
        """
        if operation not in self.legal(state):
            raise UsageError(
                f"{self.name}: {operation} is not legal in {state}.",
                hint="Take an operation of legal(state).",
            )
        return self.result(state, operation)

    def play(self, rng: Random, n_operations: int) -> Episode[StateT, OperationT]:
        """An episode by chance: kinds of operation equally often, none that undoes the last."""
        states = [self.begin(rng)]
        operations: list[OperationT] = []
        while len(operations) < n_operations:
            undone = states[-2] if operations else None
            kinds: dict[str, list[OperationT]] = {}
            for operation in self.legal(states[-1]):
                if self.result(states[-1], operation) != undone:
                    kinds.setdefault(type(operation).__name__, []).append(operation)
            operations.append(rng.choice(kinds[rng.choice(sorted(kinds))]))
            states.append(self.step(states[-1], operations[-1]))
        return Episode(tuple(states), tuple(operations))


def told_text(world: DrawnWorld[Any, Any], episode: Episode[Any, Any]) -> str:
    """An episode in words, a line for what is shown first and for each operation, with times."""
    spans = [(0.0, SHOWN_S), *(episode.span(n) for n in range(len(episode.operations)))]
    return "\n".join(
        f"from {start:g} to {end:g} s: {sentence}"
        for (start, end), sentence in zip(spans, world.tell(episode), strict=True)
    )


@cache
def font_of(size: int) -> Any:
    """Pillow's own font, which is the same everywhere; read once."""
    from PIL import ImageFont

    return ImageFont.load_default(size=size)


def box_at(time: float, x: float, y: float, half_width: float, half_height: float) -> TimedBox:
    """The place of a thing around its centre, in pixels."""
    box = (x - half_width, y - half_height, x + half_width, y + half_height)
    return TimedBox(round(time, 3), box)
