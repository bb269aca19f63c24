"""A maze whose barriers are soon covered, a ball that moves in it, and plans to a diamond."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import msgspec

from vprog.evaluation.case import TimedBox
from vprog.evaluation.move_plans import Plan, PlanTask, shortest_length
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

SIDE = 5
CELL, LEFT, TOP = 40, 60, 12  # pixels
DIRECTIONS = {"left": (0, -1), "right": (0, 1), "up": (-1, 0), "down": (1, 0)}
_LENGTHS = (2, 3, 4, 5)
_WALL = (40, 40, 50)


class MazeState(msgspec.Struct, frozen=True):
    """Cells are numbered row by row from 0.

    Attributes:
        openings: pairs of neighbours without a barrier between them, the lower number first.
        ball, diamond: the cells where they are.
    """

    openings: tuple[tuple[int, int], ...]
    ball: int
    diamond: int

    def exits(self, cell: int) -> dict[str, int]:
        """Where one gets from a cell, by direction."""
        row, column = divmod(cell, SIDE)
        around = {
            direction: (row + down) * SIDE + column + right
            for direction, (down, right) in DIRECTIONS.items()
            if 0 <= row + down < SIDE and 0 <= column + right < SIDE
        }
        opened = set(self.openings)
        return {
            direction: other
            for direction, other in around.items()
            if (min(cell, other), max(cell, other)) in opened
        }


class Go(msgspec.Struct, frozen=True):
    """The ball moves by a cell."""

    direction: str


class MazesWorld(DrawnWorld[MazeState, Go]):
    """See the file."""

    name = "mazes"
    about = "A ball in a maze whose barriers are covered, and plans to a diamond."

    def begin(self, rng: Random) -> MazeState:
        ball, diamond = rng.sample(range(SIDE * SIDE), 2)
        return MazeState(_carved(rng), ball, diamond)

    def legal(self, state: MazeState) -> list[Go]:
        return [Go(direction) for direction in state.exits(state.ball)]

    def result(self, state: MazeState, operation: Go) -> MazeState:
        ball = state.exits(state.ball)[operation.direction]
        return MazeState(state.openings, ball, state.diamond)

    def paint(self, draw: ImageDraw, episode: Episode[MazeState, Go], time: float) -> None:
        done, share = episode.at(time)
        state = episode.states[done]
        edge = (LEFT, TOP, LEFT + SIDE * CELL, TOP + SIDE * CELL)
        if time < SHOWN_S:
            draw.rectangle(edge, fill=(250, 250, 245), outline=_WALL, width=3)
            _paint_walls(draw, state)
            x, y = cell_centre(state.diamond)
            draw.polygon([(x, y - 12), (x + 12, y), (x, y + 12), (x - 12, y)], fill=(240, 180, 20))
        else:
            draw.rectangle(edge, fill=(150, 160, 175), outline=_WALL, width=3)
        x, y = cell_centre(state.ball)
        if share > 0:
            to_x, to_y = cell_centre(episode.states[done + 1].ball)
            x, y = x + (to_x - x) * share, y + (to_y - y) * share
        draw.ellipse((x - 9, y - 9, x + 9, y + 9), fill=(210, 40, 40))

    def templates(self) -> list[QuestionTemplate]:
        return [
            QuestionTemplate("recall", "move", tuple(DIRECTIONS), _ask_move),
            QuestionTemplate("infer", "row", tuple(range(1, SIDE + 1)), _ask_row),
            QuestionTemplate("infer", "cells", (4, 5, 6), _ask_cells),
            QuestionTemplate("predict", "plan", _LENGTHS, _ask_plan, n_guesses=4 ** _LENGTHS[0]),
        ]

    def tell(self, episode: Episode[MazeState, Go]) -> list[str]:
        first = episode.states[0]
        ways = "; ".join(f"{_name(cell)}-{_name(other)}" for cell, other in first.openings)
        return [
            f"a maze of {SIDE} rows and columns is open between {ways}; a ball is at "
            f"{_name(first.ball)}, a yellow diamond at {_name(first.diamond)}; it is then covered",
            *(f"the ball goes {move.direction} by a cell" for move in episode.operations),
        ]


def cell_centre(cell: int) -> tuple[float, float]:
    """In pixels."""
    row, column = divmod(cell, SIDE)
    return LEFT + CELL * (column + 0.5), TOP + CELL * (row + 0.5)


def plan_of(state: MazeState) -> Plan:
    """What leads the ball to the diamond."""
    cells = range(SIDE * SIDE)
    moves = {
        _name(cell): {way: _name(after) for way, after in state.exits(cell).items()}
        for cell in cells
    }
    return Plan(PlanTask(_name(state.ball), _name(state.diamond), moves))


def _name(cell: int) -> str:
    row, column = divmod(cell, SIDE)
    return f"r{row + 1}c{column + 1}"


def _carved(rng: Random) -> tuple[tuple[int, int], ...]:
    """A maze without a dead end: a tree by depth first, then a second way out of each end."""
    everywhere = MazeState(
        tuple(
            (cell, other)
            for cell in range(SIDE * SIDE)
            for other in (cell + 1, cell + SIDE)
            if other < SIDE * SIDE and (other == cell + SIDE or other % SIDE)
        ),
        0,
        0,
    )
    opened: set[tuple[int, int]] = set()
    path, seen = [0], {0}
    while path:
        left = [cell for cell in everywhere.exits(path[-1]).values() if cell not in seen]
        if not left:
            path.pop()
            continue
        cell = rng.choice(left)
        opened.add((min(path[-1], cell), max(path[-1], cell)))
        seen.add(cell)
        path.append(cell)
    for cell in range(SIDE * SIDE):
        ways = [pair for pair in everywhere.openings if cell in pair]
        closed = [pair for pair in ways if pair not in opened]
        if len(ways) - len(closed) == 1:
            opened.add(rng.choice(closed))
    return tuple(sorted(opened))


def _paint_walls(draw: ImageDraw, state: MazeState) -> None:
    for cell in range(SIDE * SIDE):
        row, column = divmod(cell, SIDE)
        exits = state.exits(cell)
        x, y = LEFT + CELL * column, TOP + CELL * row
        if "right" not in exits:
            draw.line((x + CELL, y, x + CELL, y + CELL), fill=_WALL, width=3)
        if "down" not in exits:
            draw.line((x, y + CELL, x + CELL, y + CELL), fill=_WALL, width=3)


def _ball_box(episode: Episode[MazeState, Go], number: int, time: float) -> TimedBox:
    return box_at(time, *cell_centre(episode.states[number].ball), 9, 9)


def _ask_move(episode: Episode[MazeState, Go]) -> list[WorldQuestion]:
    return [
        WorldQuestion(
            f"In which direction does the ball go in move number {number + 1}?",
            move.direction,
            [episode.span(number)],
            [_ball_box(episode, number, episode.span(number)[0])],
        )
        for number, move in enumerate(episode.operations)
    ]


def _ask_row(episode: Episode[MazeState, Go]) -> list[WorldQuestion]:
    row = episode.states[-1].ball // SIDE + 1
    text = "In which of the five rows of the maze, counted from the top, is the ball at the end?"
    end = episode.duration - 0.5
    spans = [(episode.span(len(episode.operations) - 1)[0], episode.duration)]
    return [WorldQuestion(text, row, spans, [_ball_box(episode, -1, end)])]


def _ask_cells(episode: Episode[MazeState, Go]) -> list[WorldQuestion]:
    return [
        WorldQuestion(
            f"In how many different cells of the maze is the ball up to the end of move number "
            f"{number}, its first cell included?",
            len({state.ball for state in episode.states[: number + 1]}),
            [(0.0, episode.span(number - 1)[1])],
        )
        for number in range(3, len(episode.operations) + 1)
    ]


def _ask_plan(episode: Episode[MazeState, Go]) -> list[WorldQuestion]:
    plan = plan_of(episode.states[-1])
    length = shortest_length(plan.plan)
    if length is None:
        return []
    diamond = box_at(SHOWN_S / 2, *cell_centre(episode.states[0].diamond), 12, 12)
    text = (
        "The barriers stay as they are at the start. Which moves (left, right, up, down) lead the "
        "ball from where it is at the end to the yellow diamond? "
        "Answer with the list of them, in order."
    )
    return [WorldQuestion(text, plan, episode.all_of_it(), [diamond], balanced=length)]


WORLD = MazesWorld()
