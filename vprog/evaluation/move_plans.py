"""Plans: answers that are lists of moves, scored by simulation.

    {"plan": {"start": "r1c1", "goal": "r1c3", "moves": {"r1c1": {"right": "r1c2"}, ...}}}

Right is every list of moves that may be made one after the other from `start` and that ends at
`goal`, or at one of a list of goals; there may be many, and none needs to be the shortest. Moves
that are numbers are written without a plus: "3", "-2".

Source: success of a planned path as in VR-Bench (Reasoning via Video, 2025).
"""

from __future__ import annotations

import re

import msgspec


class PlanTask(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """States and moves by name; what a state does not list may not be done in it."""

    start: str
    goal: str | list[str]
    """A state, or several of which each is one."""
    moves: dict[str, dict[str, str]]
    """By state, then by move: the state that it leads to."""

    @property
    def goals(self) -> set[str]:
        """The states that are goals."""
        return {self.goal} if isinstance(self.goal, str) else set(self.goal)


class Plan(msgspec.Struct, frozen=True):
    """A known answer: any plan that reaches the goal."""

    plan: PlanTask


def reaches_goal(task: PlanTask, answer: object) -> bool:
    """Whether an answer is a plan that may be carried out and ends at the goal.

    Args:
        task: what is planned for.
        answer: a list of moves, or a text of moves between commas: "left, up".

    Example:
        >>> task = PlanTask("a", "c", {"a": {"right": "b"}, "b": {"right": "c"}})
        >>> reaches_goal(task, ["right", "right"]), reaches_goal(task, "right, up")
        (True, False)
    """
    moves = _moves(answer)
    if moves is None:
        return False
    n_made, state = _carried_out(task, moves)
    return n_made == len(moves) and state in task.goals


def possible_share(task: PlanTask, answer: object) -> float:
    """The share of a plan's moves that can be made one after the other before one cannot."""
    moves = _moves(answer)
    return _carried_out(task, moves)[0] / len(moves) if moves else 0.0


def _moves(answer: object) -> list[str] | None:
    """The moves of an answer; None where it is no plan."""
    if isinstance(answer, str):
        return [move for move in re.split(r"[,;\s]+", answer) if move]
    if isinstance(answer, list | tuple) and all(isinstance(move, str | int) for move in answer):
        return [str(move) for move in answer]  # switches and cards are numbers
    return None


def _carried_out(task: PlanTask, moves: list[str]) -> tuple[int, str]:
    """How many of the moves can be made, and the state that they lead to."""
    state = task.start
    for n_made, move in enumerate(moves):
        after = task.moves.get(state, {}).get(move.strip().casefold().removeprefix("+"))
        if after is None:
            return n_made, state
        state = after
    return len(moves), state


def shortest_length(task: PlanTask) -> int | None:
    """How many moves the shortest plan has; None where the goal cannot be reached."""
    seen, edge, length = {task.start}, {task.start}, 0
    while edge:
        if edge & task.goals:
            return length
        edge = {after for state in edge for after in task.moves.get(state, {}).values()} - seen
        seen |= edge
        length += 1
    return None
