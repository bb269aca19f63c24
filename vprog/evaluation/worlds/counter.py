"""A board with a number that is soon covered, and cards that add to it and subtract from it."""

from __future__ import annotations

from itertools import product
from random import Random
from typing import TYPE_CHECKING

import msgspec

from vprog.evaluation.case import TimedBox
from vprog.evaluation.move_plans import Plan, PlanTask, shortest_length
from vprog.evaluation.worlds.drawn_world import (
    PLAN,
    PLAN_LENGTHS,
    SHOWN_S,
    DrawnWorld,
    Episode,
    QuestionTemplate,
    WorldQuestion,
    box_at,
    font_of,
)

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

DIGITS = tuple(range(10))
_AMOUNTS = (1, 2, 3, 4, 5)
_BOARD_Y, _CARD_Y = 150, 50


class CounterState(msgspec.Struct, frozen=True):
    """The number on the board, 0 to 9."""

    value: int


class Card(msgspec.Struct, frozen=True):
    """What a card adds; less than 0 where it subtracts."""

    amount: int

    @property
    def text(self) -> str:
        """As it is drawn."""
        return f"{self.amount:+d}"


class CounterWorld(DrawnWorld[CounterState, Card]):
    """See the file."""

    name = "counter"
    about = "A number from 0 to 9 that is covered, and cards that add and subtract."

    def begin(self, rng: Random) -> CounterState:
        return CounterState(rng.choice(DIGITS))

    def legal(self, state: CounterState) -> list[Card]:
        return [
            Card(sign * amount)
            for sign in (1, -1)
            for amount in _AMOUNTS
            if state.value + sign * amount in DIGITS
        ]

    def result(self, state: CounterState, operation: Card) -> CounterState:
        return CounterState(state.value + operation.amount)

    def paint(self, draw: ImageDraw, episode: Episode[CounterState, Card], time: float) -> None:
        font = font_of(56)
        is_shown = time < SHOWN_S
        draw.rectangle((100, _BOARD_Y - 45, 220, _BOARD_Y + 45), fill=(250, 250, 240) if is_shown
                       else (110, 110, 120), outline=(20, 20, 20), width=3)  # fmt: skip
        if is_shown:
            text = str(episode.states[0].value)
            draw.text((160, _BOARD_Y), text, fill=(0, 0, 0), font=font, anchor="mm")
        done, share = episode.at(time)
        if share > 0:
            card = episode.operations[done]
            colour = (200, 240, 200) if card.amount > 0 else (250, 205, 205)
            draw.rectangle(
                (110, _CARD_Y - 38, 210, _CARD_Y + 38), fill=colour, outline=(20, 20, 20)
            )
            draw.text((160, _CARD_Y), card.text, fill=(0, 0, 0), font=font, anchor="mm")

    def templates(self) -> list[QuestionTemplate]:
        return [
            QuestionTemplate("recall", "start", DIGITS, _ask_start),
            QuestionTemplate("recall", "card", _AMOUNTS, _ask_card),
            QuestionTemplate("infer", "end", DIGITS, _ask_end),
            QuestionTemplate("infer", "subtractions", (1, 2, 3, 4), _ask_subtractions),
            QuestionTemplate("predict", "cards", DIGITS, self._ask_predict),
            QuestionTemplate(
                PLAN, "cards", PLAN_LENGTHS, _ask_plan, n_guesses=2 ** PLAN_LENGTHS[0]
            ),
        ]

    def tell(self, episode: Episode[CounterState, Card]) -> list[str]:
        return [
            f"the board shows {episode.states[0].value}, and is then covered",
            *(f"a card shows {card.text}" for card in episode.operations),
        ]

    def _ask_predict(self, episode: Episode[CounterState, Card]) -> list[WorldQuestion]:
        last = episode.states[-1]
        return [
            WorldQuestion(
                "The number on the board changes by each card. Suppose the cards "
                f"{card.text} and {then.text} come next. What is the number then?",
                self.result(after, then).value,
                episode.all_of_it(),
            )
            for card in self.legal(last)
            for after in (self.result(last, card),)
            for then in self.legal(after)
        ]


def _ask_start(episode: Episode[CounterState, Card]) -> list[WorldQuestion]:
    board = box_at(SHOWN_S / 2, 160, _BOARD_Y, 60, 45)
    text = "Which number is on the board at the start?"
    return [WorldQuestion(text, episode.states[0].value, [(0.0, SHOWN_S)], [board])]


def _ask_card(episode: Episode[CounterState, Card]) -> list[WorldQuestion]:
    return [
        WorldQuestion(
            f"How much does card number {number + 1} {'add' if card.amount > 0 else 'subtract'}?",
            abs(card.amount),
            [episode.span(number)],
            [_card_box(episode, number)],
        )
        for number, card in enumerate(episode.operations)
    ]


def _ask_end(episode: Episode[CounterState, Card]) -> list[WorldQuestion]:
    text = "The number on the board changes by each card. What is it at the end?"
    boxes = [_card_box(episode, number) for number in range(len(episode.operations))]
    return [WorldQuestion(text, episode.states[-1].value, episode.all_of_it(), boxes)]


def _ask_plan(episode: Episode[CounterState, Card]) -> list[WorldQuestion]:
    start = episode.states[-1].value
    questions = []
    for more, less in product(_AMOUNTS, _AMOUNTS):
        moves = {
            str(value): {
                str(amount): str(value + amount)
                for amount in (more, -less)
                if value + amount in DIGITS
            }
            for value in DIGITS
        }
        for goal in DIGITS:
            task = PlanTask(str(start), str(goal), moves)
            text = (
                "The number on the board changes by each card and must stay from 0 to 9. Suppose "
                f"that from the end on only the cards +{more} and -{less} come, as often as you "
                f"like. Which of them, in order, bring it to {goal}? Answer with the list of them."
            )
            questions.append(
                WorldQuestion(text, Plan(task), episode.all_of_it(), balanced=shortest_length(task))
            )
    return questions


def _ask_subtractions(episode: Episode[CounterState, Card]) -> list[WorldQuestion]:
    questions = []
    for n_first in range(4, len(episode.operations) + 1):
        cards = enumerate(episode.operations[:n_first])
        numbers = [number for number, card in cards if card.amount < 0]
        questions.append(
            WorldQuestion(
                f"How many of the first {n_first} cards subtract?",
                len(numbers),
                [(episode.span(0)[0], episode.span(n_first - 1)[1])],
                [_card_box(episode, number) for number in numbers],
            )
        )
    return questions


def _card_box(episode: Episode[CounterState, Card], number: int) -> TimedBox:
    return box_at(sum(episode.span(number)) / 2, 160, _CARD_Y, 50, 38)


WORLD = CounterWorld()
