"""Three equal cups with a ball under one; swaps of two."""

from __future__ import annotations

import math
from itertools import combinations
from random import Random
from typing import TYPE_CHECKING

import msgspec

from vprog.evaluation.worlds.drawn_world import (
    SHOWN_S,
    DrawnWorld,
    Episode,
    QuestionTemplate,
    WorldQuestion,
    box_at,
)

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

PLACES = ("left", "middle", "right")
CUP_XS = (70, 160, 250)
CUP_Y = 120
_RAISED, _ARC = 50, 62  # pixels; passing cups keep apart
_PAIRS = tuple(
    f"{PLACES[first]} and {PLACES[second]}" for first, second in combinations(range(3), 2)
)


class CupsState(msgspec.Struct, frozen=True):
    """Which cup stands at each place, and which has the ball."""

    cups: tuple[int, int, int]
    ball: int

    @property
    def place(self) -> int:
        """Where the ball is."""
        return self.cups.index(self.ball)


class Swap(msgspec.Struct, frozen=True):
    """The cups at two places change them."""

    first: int
    second: int


class ShellsWorld(DrawnWorld[CupsState, Swap]):
    """See the file."""

    name = "shells"
    about = "A ball under one of three equal cups, and swaps of two."

    def begin(self, rng: Random) -> CupsState:
        return CupsState((0, 1, 2), rng.randrange(3))

    def legal(self, state: CupsState) -> list[Swap]:
        return [Swap(first, second) for first, second in combinations(range(3), 2)]

    def result(self, state: CupsState, operation: Swap) -> CupsState:
        cups = list(state.cups)
        first, second = operation.first, operation.second
        cups[first], cups[second] = cups[second], cups[first]
        return CupsState((cups[0], cups[1], cups[2]), state.ball)

    def paint(self, draw: ImageDraw, episode: Episode[CupsState, Swap], time: float) -> None:
        done, share = episode.at(time)
        raised = _RAISED if time < SHOWN_S else 0
        if raised:
            x = CUP_XS[episode.states[0].place]
            draw.ellipse((x - 14, CUP_Y + 22, x + 14, CUP_Y + 50), fill=(220, 30, 30))
        for place, x in enumerate(CUP_XS):
            left, top = float(x), float(CUP_Y - raised)
            if share > 0 and place in (ends := (episode.operations[done].first,
                                                episode.operations[done].second)):  # fmt: skip
                to = ends[1] if place == ends[0] else ends[0]
                left += (CUP_XS[to] - x) * share
                top += math.sin(math.pi * share) * _ARC * (1 if place < to else -1)
            draw.polygon(
                [(left - 22, top - 40), (left + 22, top - 40), (left + 32, top + 45),
                 (left - 32, top + 45)], fill=(60, 90, 200), outline=(20, 20, 60),
            )  # fmt: skip

    def tell(self, episode: Episode[CupsState, Swap]) -> list[str]:
        return [
            f"a ball is put under the {PLACES[episode.states[0].place]} cup of three",
            *(
                f"the {PLACES[swap.first]} and the {PLACES[swap.second]} cup change places"
                for swap in episode.operations
            ),
        ]

    def templates(self) -> list[QuestionTemplate]:
        return [
            QuestionTemplate("recall", "start", PLACES, _ask_start),
            QuestionTemplate("recall", "swap", _PAIRS, _ask_swap),
            QuestionTemplate("infer", "end", PLACES, _ask_end),
            QuestionTemplate("infer", "after", PLACES, _ask_after),
            QuestionTemplate("predict", "swap", PLACES, self._ask_predict),
        ]

    def _ask_predict(self, episode: Episode[CupsState, Swap]) -> list[WorldQuestion]:
        last = episode.states[-1]
        return [
            WorldQuestion(
                f"Suppose the {PLACES[swap.first]} and the {PLACES[swap.second]} cup are swapped "
                "once more. Under which cup is the ball then?",
                PLACES[self.result(last, swap).place],
                episode.all_of_it(),
            )
            for swap in self.legal(last)
        ]


def _ask_start(episode: Episode[CupsState, Swap]) -> list[WorldQuestion]:
    place = episode.states[0].place
    ball = box_at(SHOWN_S / 2, CUP_XS[place], CUP_Y + 36, 14, 14)
    text = "Under which cup is the ball at the start?"
    return [WorldQuestion(text, PLACES[place], [(0.0, SHOWN_S)], [ball])]


def _ask_swap(episode: Episode[CupsState, Swap]) -> list[WorldQuestion]:
    return [
        WorldQuestion(
            f"Which two cups change places in swap number {number + 1}?",
            f"{PLACES[swap.first]} and {PLACES[swap.second]}",
            [episode.span(number)],
            [box_at(episode.span(number)[0], CUP_XS[place], CUP_Y, 32, 45)
             for place in (swap.first, swap.second)],
        )
        for number, swap in enumerate(episode.operations)
    ]  # fmt: skip


def _ask_end(episode: Episode[CupsState, Swap]) -> list[WorldQuestion]:
    place = episode.states[-1].place
    cup = box_at(episode.duration - 0.5, CUP_XS[place], CUP_Y, 32, 45)
    text = "Under which cup is the ball at the end?"
    return [WorldQuestion(text, PLACES[place], episode.all_of_it(), [cup])]


def _ask_after(episode: Episode[CupsState, Swap]) -> list[WorldQuestion]:
    return [
        WorldQuestion(
            f"Under which cup is the ball right after swap number {number}?",
            PLACES[episode.states[number].place],
            [(0.0, episode.span(number - 1)[1])],
        )
        for number in range(3, len(episode.operations))
    ]


WORLD = ShellsWorld()
