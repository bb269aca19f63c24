"""Eight tiles in a square of nine; their numbers are soon covered, and they slide."""

from __future__ import annotations

from collections.abc import Iterator
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

ROWS = ("top", "middle", "bottom")
COLUMNS = ("left", "middle", "right")
_HALF = 28
_MOVES = {"right": (0, -1), "left": (0, 1), "down": (-1, 0), "up": (1, 0)}
"""Where a tile that moves so stands, seen from the gap: (rows, columns)."""
_SIDES = {"right": "to the left of", "left": "to the right of", "down": "above", "up": "below"}


class TilesState(msgspec.Struct, frozen=True):
    """The numbers row by row; 0 is the gap."""

    tiles: tuple[int, ...]

    def movable(self) -> dict[str, int]:
        """The tiles beside the gap, by the direction in which they can move."""
        places = _beside(self.tiles.index(0))
        return {direction: self.tiles[place] for direction, place in places.items()}


def _beside(gap: int) -> dict[str, int]:
    """The places beside a gap, by the direction in which a tile moves from there into it."""
    row, column = divmod(gap, 3)
    return {
        direction: (row + down) * 3 + column + right
        for direction, (down, right) in _MOVES.items()
        if 0 <= row + down < 3 and 0 <= column + right < 3
    }


class Slide(msgspec.Struct, frozen=True):
    """A tile moves into the gap."""

    tile: int


class TilesWorld(DrawnWorld[TilesState, Slide]):
    """See the file."""

    name = "tiles"
    about = "Eight tiles whose numbers are covered, and slides into the gap."

    def begin(self, rng: Random) -> TilesState:
        return TilesState(tuple(rng.sample(range(9), 9)))

    def legal(self, state: TilesState) -> list[Slide]:
        return [Slide(tile) for tile in state.movable().values()]

    def result(self, state: TilesState, operation: Slide) -> TilesState:
        swapped = {0: operation.tile, operation.tile: 0}
        return TilesState(tuple(swapped.get(tile, tile) for tile in state.tiles))

    def paint(self, draw: ImageDraw, episode: Episode[TilesState, Slide], time: float) -> None:
        font = font_of(34)
        done, share = episode.at(time)
        state = episode.states[done]
        draw.rectangle((68, 8, 252, 192), fill=(40, 40, 50))
        for place, tile in enumerate(state.tiles):
            if tile == 0:
                continue
            x, y = tile_centre(place)
            if share > 0 and episode.operations[done].tile == tile:
                to_x, to_y = tile_centre(state.tiles.index(0))
                x, y = x + (to_x - x) * share, y + (to_y - y) * share
            box = (x - _HALF, y - _HALF, x + _HALF, y + _HALF)
            draw.rectangle(box, fill=(240, 215, 150), outline=(120, 90, 40))
            if time < SHOWN_S:
                draw.text((x, y), str(tile), fill=(0, 0, 0), font=font, anchor="mm")

    def templates(self) -> list[QuestionTemplate]:
        return [
            QuestionTemplate("recall", "row", ROWS, _ask_start),
            QuestionTemplate("recall", "direction", tuple(_MOVES), _ask_direction),
            QuestionTemplate("infer", "row", ROWS, _ask_row),
            QuestionTemplate("infer", "column", COLUMNS, _ask_column),
            QuestionTemplate("predict", "tile", tuple(range(1, 9)), _ask_predict),
            QuestionTemplate(
                PLAN, "slides", PLAN_LENGTHS, _ask_plan, n_guesses=4 ** PLAN_LENGTHS[0]
            ),
        ]

    def tell(self, episode: Episode[TilesState, Slide]) -> list[str]:
        rows = [episode.states[0].tiles[first : first + 3] for first in (0, 3, 6)]
        words = "; ".join(" ".join(str(tile or "gap") for tile in row) for row in rows)
        return [
            f"the rows of tiles are, from the top: {words}; their numbers are then covered",
            *(
                f"the tile {_SIDES[direction]} the gap moves {direction} into it"
                for number, slide in enumerate(episode.operations)
                for direction, tile in episode.states[number].movable().items()
                if tile == slide.tile
            ),
        ]


def tile_centre(place: int) -> tuple[float, float]:
    """In pixels."""
    row, column = divmod(place, 3)
    return 100.0 + 60 * column, 40.0 + 60 * row


def _ask_start(episode: Episode[TilesState, Slide]) -> list[WorldQuestion]:
    return [
        WorldQuestion(
            f"In which row is tile {tile} at the start?",
            ROWS[place // 3],
            [(0.0, SHOWN_S)],
            [box_at(SHOWN_S / 2, *tile_centre(place), _HALF, _HALF)],
        )
        for place, tile in enumerate(episode.states[0].tiles)
        if tile
    ]


def _ask_direction(episode: Episode[TilesState, Slide]) -> list[WorldQuestion]:
    return [
        WorldQuestion(
            f"In which direction does the tile of slide number {number + 1} move?",
            direction,
            [episode.span(number)],
        )
        for number, slide in enumerate(episode.operations)
        for direction, tile in episode.states[number].movable().items()
        if tile == slide.tile
    ]


def _ask_row(episode: Episode[TilesState, Slide]) -> list[WorldQuestion]:
    return [
        WorldQuestion(
            f"In which row is tile {tile} at the end?", ROWS[place // 3], episode.all_of_it(), boxes
        )
        for tile, place, boxes in _moved(episode)
    ]


def _ask_column(episode: Episode[TilesState, Slide]) -> list[WorldQuestion]:
    return [
        WorldQuestion(
            f"In which column is tile {tile} at the end?",
            COLUMNS[place % 3],
            episode.all_of_it(),
            boxes,
        )
        for tile, place, boxes in _moved(episode)
    ]


def _moved(episode: Episode[TilesState, Slide]) -> Iterator[tuple[int, int, list[TimedBox]]]:
    """Tiles that are not where they began: the start alone does not answer."""
    last = episode.states[-1].tiles
    for place, tile in enumerate(last):
        if tile and episode.states[0].tiles[place] != tile:
            box = box_at(episode.duration - 0.5, *tile_centre(place), _HALF, _HALF)
            yield tile, place, [box]


def _ask_plan(episode: Episode[TilesState, Slide]) -> list[WorldQuestion]:
    """Where one tile and the gap are is all that matters to bring the tile somewhere."""
    moves = {
        f"gap {gap}, tile {place}": {
            direction: f"gap {beside}, tile {gap if place == beside else place}"
            for direction, beside in _beside(gap).items()
        }
        for gap in range(9)
        for place in range(9)
        if place != gap
    }
    last = episode.states[-1].tiles
    questions = []
    for tile in range(1, 9):
        for row, word in enumerate(ROWS):
            goals = [name for name in moves if int(name[-1]) // 3 == row]
            task = PlanTask(f"gap {last.index(0)}, tile {last.index(tile)}", goals, moves)
            text = (
                "Tiles move left, right, up or down into the gap. Which moves, in order, bring "
                f"tile {tile} from where it is at the end to the {word} row? Answer with the list "
                "of directions in which tiles move."
            )
            questions.append(
                WorldQuestion(text, Plan(task), episode.all_of_it(), balanced=shortest_length(task))
            )
    return questions


def _ask_predict(episode: Episode[TilesState, Slide]) -> list[WorldQuestion]:
    return [
        WorldQuestion(
            f"Suppose the tile {_SIDES[direction]} the gap moves {direction} next. "
            "Which number does it have?",
            tile,
            episode.all_of_it(),
        )
        for direction, tile in episode.states[-1].movable().items()
    ]


WORLD = TilesWorld()
