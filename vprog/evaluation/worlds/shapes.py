"""Coloured shapes that enter, leave, and run into each other on three lanes."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import msgspec

from vprog.evaluation.worlds.drawn_world import (
    WIDTH,
    DrawnWorld,
    Episode,
    QuestionTemplate,
    WorldQuestion,
    box_at,
)

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

SHAPES = ("red circle", "blue square", "green triangle", "yellow square", "purple circle")
COLOURS = ((220, 40, 40), (40, 70, 220), (30, 160, 60), (235, 200, 30), (150, 50, 170))
N_LANES, N_COLUMNS = 3, 5
CELL, HALF = 60, 20
_COUNTS = (0, 1, 2)
_SIDES = {-1: "left", 1: "right"}


def centre(lane: int, column: float) -> tuple[float, float]:
    """Of a cell, in pixels."""
    return 40.0 + CELL * column, 45.0 + CELL * lane


class StageState(msgspec.Struct, frozen=True):
    """Where each shape is, (lane, column); None where it is out of the picture."""

    cells: tuple[tuple[int, int] | None, ...]

    def ahead(self, lane: int, column: int, direction: int) -> int | None:
        """The first shape from a cell on; None where the way out is free."""
        while 0 <= (column := column + direction) < N_COLUMNS:
            if (lane, column) in self.cells:
                return self.cells.index((lane, column))
        return None


class Enter(msgspec.Struct, frozen=True):
    """A shape comes in, moving left (-1) or right (1), and stops in a column."""

    shape: int
    lane: int
    column: int
    direction: int


class Leave(msgspec.Struct, frozen=True):
    """A shape goes out."""

    shape: int
    direction: int


class Collide(msgspec.Struct, frozen=True):
    """A shape runs into the next one of its lane, which moves on by a column."""

    shape: int
    direction: int


StageOperation = Enter | Leave | Collide
_Played = Episode[StageState, StageOperation]


class ShapesWorld(DrawnWorld[StageState, StageOperation]):
    """See the file."""

    name = "shapes"
    about = "Shapes that enter, leave and run into each other."

    def begin(self, rng: Random) -> StageState:
        cells: list[tuple[int, int] | None] = [None] * len(SHAPES)
        for lane, shape in enumerate(rng.sample(range(len(SHAPES)), N_LANES)):
            cells[shape] = (lane, rng.randrange(N_COLUMNS))
        return StageState(tuple(cells))

    def legal(self, state: StageState) -> list[StageOperation]:
        operations: list[StageOperation] = []
        for shape, cell in enumerate(state.cells):
            for direction in _SIDES:
                if cell is None:
                    for lane in range(N_LANES):
                        for number in range(N_COLUMNS):
                            column = number if direction > 0 else N_COLUMNS - 1 - number
                            if (lane, column) in state.cells:
                                break
                            operations.append(Enter(shape, lane, column, direction))
                    continue
                other = state.ahead(*cell, direction)
                if other is None:
                    operations.append(Leave(shape, direction))
                    continue
                lane, column = state.cells[other] or cell
                beyond = column + direction
                is_free = 0 <= beyond < N_COLUMNS and (lane, beyond) not in state.cells
                if is_free and abs(column - cell[1]) > 1:
                    operations.append(Collide(shape, direction))
        return operations

    def result(self, state: StageState, operation: StageOperation) -> StageState:
        cells = list(state.cells)
        match operation:
            case Enter(shape, lane, column, _):
                cells[shape] = (lane, column)
            case Leave(shape, _):
                cells[shape] = None
            case Collide(shape, direction):
                other, (lane, column) = _hit(state, operation)
                cells[shape] = (lane, column - direction)
                cells[other] = (lane, column + direction)
        return StageState(tuple(cells))

    def paint(self, draw: ImageDraw, episode: _Played, time: float) -> None:
        done, share = episode.at(time)
        centres = {
            shape: centre(*cell)
            for shape, cell in enumerate(episode.states[done].cells)
            if cell is not None
        }
        if share > 0:
            centres |= _moving(episode.states[done], episode.operations[done], share)
        for shape, (x, y) in centres.items():
            kind, colour = SHAPES[shape].split()[1], COLOURS[shape]
            box = (x - HALF, y - HALF, x + HALF, y + HALF)
            if kind == "circle":
                draw.ellipse(box, fill=colour)
            elif kind == "square":
                draw.rectangle(box, fill=colour)
            else:
                draw.polygon([(x, box[1]), (box[2], box[3]), (box[0], box[3])], fill=colour)

    def tell(self, episode: _Played) -> list[str]:
        seen = [
            f"the {SHAPES[shape]} in lane {cell[0] + 1} from the top, column {cell[1] + 1}"
            for shape, cell in enumerate(episode.states[0].cells)
            if cell is not None
        ]
        told = [f"there are {', '.join(seen)}"]
        for number, operation in enumerate(episode.operations):
            name, way = SHAPES[operation.shape], _SIDES[operation.direction]
            if isinstance(operation, Enter):
                told.append(f"the {name} comes in moving {way} in lane {operation.lane + 1} and "
                            f"stops in column {operation.column + 1}")  # fmt: skip
            elif isinstance(operation, Leave):
                told.append(f"the {name} goes out to the {way}")
            else:
                other, _ = _hit(episode.states[number], operation)
                told.append(f"the {name} moves {way} and runs into the {SHAPES[other]}")
        return told

    def templates(self) -> list[QuestionTemplate]:
        return [
            QuestionTemplate("recall", "entered", SHAPES, _ask_entered),
            QuestionTemplate("recall", "hit", SHAPES, _ask_hit),
            QuestionTemplate("infer", "collisions", _COUNTS, _ask_collisions),
            QuestionTemplate("infer", "entries", _COUNTS, _ask_entries),
            QuestionTemplate("predict", "hit", SHAPES, _ask_predict),
        ]


def _hit(state: StageState, operation: Collide) -> tuple[int, tuple[int, int]]:
    """The shape that is run into, and its cell."""
    cell = state.cells[operation.shape]
    other = state.ahead(*cell, operation.direction) if cell is not None else None
    other_cell = state.cells[other] if other is not None else None
    if other is None or other_cell is None:
        raise ValueError(f"nothing to run into: {operation} in {state}")
    return other, other_cell


def _moving(
    state: StageState, operation: StageOperation, share: float
) -> dict[int, tuple[float, float]]:
    """The centres of the shapes that an operation moves, at a share of its time."""
    match operation:
        case Enter(shape, lane, column, direction):
            x, y = centre(lane, column)
            outside = -HALF if direction > 0 else WIDTH + HALF
            return {shape: (outside + (x - outside) * share, y)}
        case Leave(shape, direction):
            x, y = centre(*(state.cells[shape] or (0, 0)))
            outside = -HALF if direction < 0 else WIDTH + HALF
            return {shape: (x + (outside - x) * share, y)}
    direction = operation.direction
    other, cell = _hit(state, operation)
    hit_x, y = centre(*cell)
    x, _ = centre(*(state.cells[operation.shape] or (0, 0)))
    touching = hit_x - direction * 2 * HALF
    if share < 0.5:
        return {operation.shape: (x + (touching - x) * share * 2, y)}
    # It bounces back to the middle of its cell, and the other moves on.
    back = (share - 0.5) * 2
    mover = touching - direction * (CELL - 2 * HALF) * back
    return {operation.shape: (mover, y), other: (hit_x + direction * CELL * back, y)}


def _numbers(episode: _Played, kind: type) -> list[int]:
    operations = enumerate(episode.operations)
    return [number for number, operation in operations if isinstance(operation, kind)]


def _ask_entered(episode: _Played) -> list[WorldQuestion]:
    questions = []
    for nth, number in enumerate(_numbers(episode, Enter), start=1):
        enter = episode.operations[number]
        if isinstance(enter, Enter):
            start, end = episode.span(number)
            box = box_at(end, *centre(enter.lane, enter.column), HALF, HALF)
            text = f"Which shape comes into the picture in entry number {nth}?"
            questions.append(WorldQuestion(text, SHAPES[enter.shape], [(start, end)], [box]))
    return questions


def _ask_hit(episode: _Played) -> list[WorldQuestion]:
    questions = []
    for nth, number in enumerate(_numbers(episode, Collide), start=1):
        collide = episode.operations[number]
        if isinstance(collide, Collide):
            start, end = episode.span(number)
            other, cell = _hit(episode.states[number], collide)
            box = box_at(start, *centre(*cell), HALF, HALF)
            text = f"Which shape is run into in collision number {nth}?"
            questions.append(WorldQuestion(text, SHAPES[other], [(start, end)], [box]))
    return questions


def _ask_collisions(episode: _Played) -> list[WorldQuestion]:
    questions = []
    for shape, name in enumerate(SHAPES):
        spans = []
        for number in _numbers(episode, Collide):
            collide = episode.operations[number]
            if isinstance(collide, Collide):
                other, _ = _hit(episode.states[number], collide)
                if shape in (collide.shape, other):
                    spans.append(episode.span(number))
        text = f"In how many collisions is the {name}, running into another or run into?"
        questions.append(WorldQuestion(text, len(spans), spans or episode.all_of_it()))
    return questions


def _ask_entries(episode: _Played) -> list[WorldQuestion]:
    questions = []
    for shape, name in enumerate(SHAPES):
        numbers = _numbers(episode, Enter)
        spans = [
            episode.span(number) for number in numbers if episode.operations[number].shape == shape
        ]
        text = f"How often does the {name} come into the picture?"
        questions.append(WorldQuestion(text, len(spans), spans or episode.all_of_it()))
    return questions


def _ask_predict(episode: _Played) -> list[WorldQuestion]:
    last = episode.states[-1]
    end = episode.duration - 0.5
    return [
        WorldQuestion(
            f"Suppose the {SHAPES[shape]} moves straight to the {side} after the end. "
            "Which shape does it run into?",
            SHAPES[other],
            [(round(end - 0.4, 3), end)],
            [box_at(end, *centre(*cell), HALF, HALF)],
        )
        for shape, cell in enumerate(last.cells)
        if cell is not None
        for direction, side in _SIDES.items()
        if (other := last.ahead(*cell, direction)) is not None
    ]


WORLD = ShapesWorld()
