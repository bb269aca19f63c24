"""Five lamps that are soon covered, and a cursor that presses their switches."""

from __future__ import annotations

from itertools import combinations, product
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
)

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

N_LAMPS = 5
LAMP_XS = tuple(40 + 60 * lamp for lamp in range(N_LAMPS))
LAMP_Y, SWITCH_Y = 70, 150
_COUNTS = (1, 2, 3, 4)
_ARRIVED = 0.5
"""The share of a press from which the cursor is there, and the switch red."""


class LampsState(msgspec.Struct, frozen=True):
    """Which lamps are on."""

    lamps: tuple[bool, ...]

    @property
    def n_on(self) -> int:
        """How many are."""
        return sum(self.lamps)


class Press(msgspec.Struct, frozen=True):
    """The switch of a lamp is pressed, from 0."""

    lamp: int


class LampsWorld(DrawnWorld[LampsState, Press]):
    """See the file."""

    name = "lamps"
    about = "Five lamps that are covered, and a cursor that presses their switches."

    def begin(self, rng: Random) -> LampsState:
        return LampsState(tuple(rng.random() < 0.5 for _ in range(N_LAMPS)))

    def legal(self, state: LampsState) -> list[Press]:
        return [Press(lamp) for lamp in range(N_LAMPS)]

    def result(self, state: LampsState, operation: Press) -> LampsState:
        lamps = enumerate(state.lamps)
        return LampsState(tuple(is_on != (lamp == operation.lamp) for lamp, is_on in lamps))

    def paint(self, draw: ImageDraw, episode: Episode[LampsState, Press], time: float) -> None:
        done, share = episode.at(time)
        for lamp, x in enumerate(LAMP_XS):
            if time < SHOWN_S:
                colour = (255, 230, 60) if episode.states[0].lamps[lamp] else (60, 60, 60)
                draw.ellipse((x - 22, LAMP_Y - 22, x + 22, LAMP_Y + 22), fill=colour)
            else:
                draw.rectangle((x - 25, LAMP_Y - 25, x + 25, LAMP_Y + 25), fill=(110, 110, 120))
            is_pressed = share >= _ARRIVED and episode.operations[done].lamp == lamp
            switch = (220, 40, 40) if is_pressed else (90, 120, 180)
            draw.rectangle((x - 18, SWITCH_Y - 18, x + 18, SWITCH_Y + 18), fill=switch)
        tip = float(LAMP_XS[episode.operations[done - 1].lamp]) if done else 160.0
        if share > 0:
            way = LAMP_XS[episode.operations[done].lamp] - tip
            tip += way * min(1.0, share / _ARRIVED)
        y = SWITCH_Y + 8
        outline = [(tip, y), (tip + 14, y + 24), (tip + 4, y + 22), (tip, y + 32)]
        draw.polygon(outline, fill=(0, 0, 0))

    def templates(self) -> list[QuestionTemplate]:
        return [
            QuestionTemplate("recall", "press", (1, 2, 3, 4, 5), _ask_press),
            QuestionTemplate("recall", "start", ("yes", "no"), _ask_start),
            QuestionTemplate("infer", "lamp", ("yes", "no"), _ask_lamp),
            QuestionTemplate("infer", "end", _COUNTS, _ask_end),
            QuestionTemplate("predict", "presses", _COUNTS, self._ask_predict),
            QuestionTemplate(PLAN, "presses", PLAN_LENGTHS, _ask_plan, n_guesses=2**N_LAMPS),
        ]

    def tell(self, episode: Episode[LampsState, Press]) -> list[str]:
        lamps = ", ".join("on" if is_on else "off" for is_on in episode.states[0].lamps)
        return [
            f"five lamps are, from the left: {lamps}; they are then covered",
            *(f"switch {press.lamp + 1} from the left is pressed" for press in episode.operations),
        ]

    def _ask_predict(self, episode: Episode[LampsState, Press]) -> list[WorldQuestion]:
        questions = []
        # Of one to three: from every count, each that may be due can be reached.
        presses = [lamps for n in (1, 2, 3) for lamps in combinations(range(N_LAMPS), n)]
        for lamps in presses:
            state = episode.states[-1]
            for lamp in lamps:
                state = self.result(state, Press(lamp))
            places = ", ".join(str(lamp + 1) for lamp in lamps)
            text = (
                "Each press of a switch turns its lamp on or off. Suppose these switches, counted "
                f"from the left, are pressed next: {places}. How many lamps are on then?"
            )
            questions.append(WorldQuestion(text, state.n_on, episode.all_of_it()))
        return questions


def _ask_plan(episode: Episode[LampsState, Press]) -> list[WorldQuestion]:
    names = ["".join(lamps) for lamps in product("01", repeat=N_LAMPS)]
    moves = {
        name: {
            str(lamp + 1): name[:lamp] + str(1 - int(name[lamp])) + name[lamp + 1 :]
            for lamp in range(N_LAMPS)
        }
        for name in names
    }
    start = "".join(str(int(is_on)) for is_on in episode.states[-1].lamps)
    questions = []
    for goal in names:
        task = PlanTask(start, goal, moves)
        wanted = ", ".join(str(lamp + 1) for lamp in range(N_LAMPS) if goal[lamp] == "1")
        text = (
            "Each press of a switch turns its lamp on or off. Which switches, counted from the "
            f"left, must be pressed after the end so that these lamps are on and no others: "
            f"{wanted or 'none'}? Answer with the list of their numbers."
        )
        questions.append(
            WorldQuestion(text, Plan(task), episode.all_of_it(), balanced=shortest_length(task))
        )
    return questions


def _ask_press(episode: Episode[LampsState, Press]) -> list[WorldQuestion]:
    return [
        WorldQuestion(
            f"Which switch, counted from the left, is pressed in press number {number + 1}?",
            press.lamp + 1,
            [episode.span(number)],
            [box_at(episode.span(number)[1] - 0.1, LAMP_XS[press.lamp], SWITCH_Y, 18, 18)],
        )
        for number, press in enumerate(episode.operations)
    ]


def _ask_start(episode: Episode[LampsState, Press]) -> list[WorldQuestion]:
    return [
        WorldQuestion(
            f"Is lamp {lamp + 1} from the left on at the start?",
            "yes" if is_on else "no",
            [(0.0, SHOWN_S)],
            [_lamp_box(lamp)],
        )
        for lamp, is_on in enumerate(episode.states[0].lamps)
    ]


def _ask_lamp(episode: Episode[LampsState, Press]) -> list[WorldQuestion]:
    pressed = {press.lamp for press in episode.operations}
    return [
        WorldQuestion(
            "Each press of a switch turns its lamp on or off. "
            f"Is lamp {lamp + 1} from the left on at the end?",
            "yes" if is_on else "no",
            episode.all_of_it(),
            [_lamp_box(lamp)],
        )
        for lamp, is_on in enumerate(episode.states[-1].lamps)
        if lamp in pressed
    ]


def _ask_end(episode: Episode[LampsState, Press]) -> list[WorldQuestion]:
    text = "Each press of a switch turns its lamp on or off. How many lamps are on at the end?"
    return [WorldQuestion(text, episode.states[-1].n_on, episode.all_of_it())]


def _lamp_box(lamp: int) -> TimedBox:
    return box_at(SHOWN_S / 2, LAMP_XS[lamp], LAMP_Y, 22, 22)


WORLD = LampsWorld()
