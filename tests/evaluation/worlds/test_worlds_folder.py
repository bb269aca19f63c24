"""Drawn worlds: answers agree with a replay written here, pictures with the state, all by seed."""

from __future__ import annotations

import json
import re
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.cli.command import vprog
from vprog.errors import UsageError
from vprog.evaluation.case import Case, read_cases
from vprog.evaluation.judge import is_right
from vprog.evaluation.move_plans import Plan
from vprog.evaluation.worlds import (
    Difficulty,
    Sweep,
    is_held_out,
    make_worlds,
    seeded_episode,
    worlds,
)
from vprog.evaluation.worlds.drawn_world import told_text

WORLDS = ("counter", "lamps", "mazes", "shapes", "shells", "tiles")
"""Those that need nothing; `spoken` needs a program that speaks: see test_spoken.py."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two videos of every world, with everything that disturbs."""
    out = tmp_path_factory.mktemp("worlds") / "made"
    make_worlds(WORLDS, out, seed=3, count=2, difficulty=Difficulty(6, 2, 4.0, 0.3, 23))
    return out


def hidden(folder: Path, case: Case) -> dict[str, Any]:
    state: dict[str, Any] = json.loads((folder / case.source.split()[-1]).read_text())
    return state


def test_worlds_are_found_by_folder() -> None:
    assert tuple(worlds()) == tuple(sorted((*WORLDS, "spoken")))


# Truth


def replayed(world: str, state: dict[str, Any], operation: dict[str, Any]) -> dict[str, Any]:
    """What an operation leaves, by the rules of the worlds as a reader of states/ knows them."""
    kind, values = operation["kind"], operation["values"]
    if world == "counter":
        assert 0 <= state["value"] + values["amount"] <= 9
        return {"value": state["value"] + values["amount"]}
    if world == "lamps":
        lamps = list(state["lamps"])
        lamps[values["lamp"]] = not lamps[values["lamp"]]
        return {"lamps": lamps}
    if world == "mazes":
        steps = {"left": -1, "right": 1, "up": -5, "down": 5}
        ball = state["ball"] + steps[values["direction"]]
        assert sorted((state["ball"], ball)) in state["openings"]
        return {**state, "ball": ball}
    if world == "shells":
        cups = list(state["cups"])
        first, second = values["first"], values["second"]
        assert first != second
        cups[first], cups[second] = cups[second], cups[first]
        return {"cups": cups, "ball": state["ball"]}
    if world == "tiles":
        tiles = list(state["tiles"])
        gap, place = tiles.index(0), tiles.index(values["tile"])
        assert abs(gap // 3 - place // 3) + abs(gap % 3 - place % 3) == 1
        tiles[gap], tiles[place] = tiles[place], 0
        return {"tiles": tiles}
    cells, shape, way = list(state["cells"]), values["shape"], values["direction"]
    if kind == "enter":
        assert cells[shape] is None
        path = range(values["column"], -1 if way > 0 else 5, -way)
        assert all([values["lane"], column] not in cells for column in path)
        cells[shape] = [values["lane"], values["column"]]
        return {"cells": cells}
    lane, column = cells[shape]
    ahead = [cell for cell in cells if cell and cell[0] == lane and (cell[1] - column) * way > 0]
    if kind == "leave":
        assert ahead == []
        cells[shape] = None
        return {"cells": cells}
    nearest = min(ahead, key=lambda cell: abs(cell[1] - column))
    other = cells.index(nearest)
    assert abs(nearest[1] - column) > 1
    assert 0 <= nearest[1] + way <= 4
    assert [lane, nearest[1] + way] not in cells
    cells[shape], cells[other] = [lane, nearest[1] - way], [lane, nearest[1] + way]
    return {"cells": cells}


def expected(case: Case, state: dict[str, Any]) -> str | int | None:
    """The answer to some of the questions, read from the replayed states; None for the others."""
    first, last, operations = state["states"][0], state["states"][-1], state["operations"]
    numbers = [int(number) for number in re.findall(r"\d+", case.question)]
    match case.groups["world"], case.groups["template"]:
        case "counter", "infer end":
            return int(last["value"])
        case "counter", "infer subtractions":
            first_cards = operations[: numbers[0]]
            return sum(operation["values"]["amount"] < 0 for operation in first_cards)
        case "counter", "predict cards":
            changes = re.findall(r"[+-]\d", case.question)
            return int(last["value"]) + sum(map(int, changes))
        case "lamps", "recall start" | "infer lamp" as template:
            lamps = (first if template == "recall start" else last)["lamps"]
            return "yes" if lamps[numbers[0] - 1] else "no"
        case "lamps", "infer end":
            return sum(last["lamps"])
        case "lamps", "predict presses":
            return sum(is_on != (lamp + 1 in numbers) for lamp, is_on in enumerate(last["lamps"]))
        case "mazes", "infer row":
            return int(last["ball"]) // 5 + 1
        case "mazes", "infer cells":
            return len({after["ball"] for after in state["states"][: numbers[0] + 1]})
        case "shells", "infer end":
            return ("left", "middle", "right")[last["cups"].index(last["ball"])]
        case "shells", "infer after":
            after = state["states"][numbers[0]]
            return ("left", "middle", "right")[after["cups"].index(after["ball"])]
        case "shapes", "infer collisions" | "infer entries" as template:
            names = ("red circle", "blue square", "green triangle", "yellow square",
                     "purple circle")  # fmt: skip
            shape = next(index for index, name in enumerate(names) if name in case.question)
            pairs = list(pairwise(state["states"]))
            kind = {"infer collisions": "collide", "infer entries": "enter"}[template]
            # Whoever is in a collision or an entry is elsewhere after it.
            return sum(
                operation["kind"] == kind and before["cells"][shape] != after["cells"][shape]
                for operation, (before, after) in zip(operations, pairs, strict=True)
            )
        case "tiles", "infer row":
            return ("top", "middle", "bottom")[last["tiles"].index(numbers[0]) // 3]
        case "tiles", "infer column":
            return ("left", "middle", "right")[last["tiles"].index(numbers[0]) % 3]
    return None


def test_states_follow_from_the_operations_and_answers_from_the_states(folder: Path) -> None:
    cases = read_cases(folder / "cases.jsonl")
    assert len(cases) == 2 * 3 * len(WORLDS)
    compared = set()
    for case in cases:
        state = hidden(folder, case)
        states = state["states"][:1]
        for operation in state["operations"]:
            states.append(replayed(state["world"], states[-1], operation))
        assert states == state["states"]
        answer = expected(case, state)
        if answer is not None:
            assert case.answer == answer, case
            compared.add((state["world"], case.groups["template"]))
    assert {world for world, template in compared if template.startswith("infer")} == set(WORLDS)


@pytest.mark.parametrize("name", WORLDS)
def test_an_illegal_operation_is_refused(name: str) -> None:
    world = worlds()[name]
    state = seeded_episode(world, 0, Difficulty(5)).episode.states[-1]
    wrong = {"counter": {"amount": 10}, "lamps": {"lamp": 5}, "shells": {"first": 1, "second": 1},
             "tiles": {"tile": 0}, "mazes": {"direction": "north"},
             "shapes": {"shape": 9, "direction": 1}}[name]  # fmt: skip
    operation = type(world.legal(state)[-1])
    with pytest.raises(UsageError, match="is not legal in"):
        world.step(state, operation(**wrong) if name != "shapes" else wrong)


# Pictures


def pictures(path: Path) -> dict[int, Any]:
    """Every frame by its number at 10 a second."""
    import av

    with av.open(str(path)) as video:
        return {
            round(float(frame.time or 0) * 10): frame.to_ndarray(format="rgb24").astype(int)
            for frame in video.decode(video=0)
        }


def test_pictures_show_the_state(folder: Path) -> None:
    """At given places of decoded frames, whatever noise and compression do."""
    by_world = {case.groups["world"]: case for case in read_cases(folder / "cases.jsonl")}
    shown = {name: pictures(case.videos[0])[0] for name, case in by_world.items()}
    first = {name: hidden(folder, case)["states"][0] for name, case in by_world.items()}
    for lamp, is_on in enumerate(first["lamps"]["lamps"]):
        assert (shown["lamps"][70, 40 + 60 * lamp].sum() > 400) == is_on
    place = first["shells"]["cups"].index(first["shells"]["ball"])
    for number, x in enumerate((70, 160, 250)):
        red, green, _ = shown["shells"][158, x]
        assert (red - green > 100) == (number == place)
    for place, tile in enumerate(first["tiles"]["tiles"]):
        corner = shown["tiles"][40 + 60 * (place // 3) - 22, 100 + 60 * (place % 3) - 22]
        assert (corner.sum() < 250) == (tile == 0)
    for shape, cell in enumerate(first["shapes"]["cells"]):
        if cell is not None:
            pixel = shown["shapes"][45 + 60 * cell[0], 40 + 60 * cell[1]]
            colours = ((220, 40, 40), (40, 70, 220), (30, 160, 60), (235, 200, 30), (150, 50, 170))
            far = [abs(pixel - colour).sum() for colour in colours]
            assert far.index(min(far)) == shape


def test_a_card_is_red_where_it_subtracts(folder: Path) -> None:
    case = next(case for case in read_cases(folder / "cases.jsonl") if "counter" in case.id)
    frames = pictures(case.videos[0])
    for operation in hidden(folder, case)["operations"]:
        start, end = operation["span"]
        seen = [frames[number] for number in range(round(start * 10) + 1, round(end * 10))
                if number in frames]  # fmt: skip
        assert seen, "every operation is seen in some frame, dropped ones or not"
        red, green, _ = seen[0][20, 115]
        assert (red > green + 15) == (operation["values"]["amount"] < 0)


def test_dropped_frames_are_gone_and_the_others_keep_their_times(folder: Path) -> None:
    case = read_cases(folder / "cases.jsonl")[0]
    state = hidden(folder, case)
    dropped = state["disturbance"]["dropped"]
    n_frames = round(state["duration"] * 10)
    assert 0 < len(dropped) < n_frames / 2
    assert sorted(pictures(case.videos[0])) == sorted(set(range(n_frames)) - set(dropped))


def test_a_plan_through_a_maze_is_simulated(folder: Path) -> None:
    cases = [case for case in read_cases(folder / "cases.jsonl") if "mazes" in case.id]
    plans = [case for case in cases if case.groups["level"] == "predict"]
    assert len(plans) == 2
    for case in plans:
        last = hidden(folder, case)["states"][-1]
        ways = {last["ball"]: list[str]()}
        edge = [last["ball"]]
        while edge:
            cell = edge.pop(0)
            for name, step in {"left": -1, "right": 1, "up": -5, "down": 5}.items():
                if sorted((cell, cell + step)) in last["openings"] and cell + step not in ways:
                    ways[cell + step] = [*ways[cell], name]
                    edge.append(cell + step)
        way = ways[last["diamond"]]
        back = {"left": "right", "right": "left", "up": "down", "down": "up"}[way[-1]]
        assert is_right(case, way)
        assert is_right(case, ", ".join(way).upper())
        assert is_right(case, [*way, back, way[-1]])  # longer, and there all the same
        assert not is_right(case, way[:-1])
        assert not is_right(case, [*way, back])
        assert not is_right(case, [])
        assert not is_right(case, 3)


def true_plan(case: Case) -> list[str]:
    """The shortest plan of a case, by its table of moves."""
    assert isinstance(case.answer, Plan)
    task = case.answer.plan
    ways = {task.start: list[str]()}
    edge = [task.start]
    while edge:
        state = edge.pop(0)
        if state in task.goals:
            return ways[state]
        for move, after in task.moves[state].items():
            if after not in ways:
                ways[after] = [*ways[state], move]
                edge.append(after)
    raise AssertionError("there is no plan")


def test_plans_of_other_worlds_hold_in_the_hidden_state(tmp_path: Path) -> None:
    """Carried out here on the whole state, which the tables of moves leave out parts of."""
    make_worlds(
        ["counter", "lamps", "tiles"], tmp_path, seed=0, count=3, difficulty=Difficulty(6),
        has_plans=True,
    )  # fmt: skip
    cases = read_cases(tmp_path / "cases.jsonl")
    plans = [case for case in cases if case.groups["level"] == "plan"]
    assert (len(cases), len(plans)) == (36, 9)
    for case in plans:
        plan, world = true_plan(case), case.groups["world"]
        assert 2 <= len(plan) <= 4
        state = hidden(tmp_path, case)["states"][-1]
        for move in plan:
            if world == "counter":
                state = replayed(world, state, {"kind": "card", "values": {"amount": int(move)}})
            elif world == "lamps":
                state = replayed(world, state, {"kind": "press", "values": {"lamp": int(move) - 1}})
            else:
                gap = state["tiles"].index(0)
                beside = gap - {"left": -1, "right": 1, "up": -3, "down": 3}[move]
                values = {"tile": state["tiles"][beside]}
                state = replayed(world, state, {"kind": "slide", "values": values})
        if world == "counter":
            assert f"bring it to {state['value']}?" in case.question
        elif world == "lamps":
            on = [str(lamp + 1) for lamp, is_on in enumerate(state["lamps"]) if is_on]
            assert f"no others: {', '.join(on) or 'none'}?" in case.question
        else:
            tile = int(re.findall(r"tile (\d)", case.question)[0])
            row = ("top", "middle", "bottom")[state["tiles"].index(tile) // 3]
            assert f"to the {row} row" in case.question
        assert is_right(case, plan)
        assert is_right(case, [int(move) if move.lstrip("-").isdigit() else move for move in plan])
        assert not is_right(case, plan[:-1])
        assert not is_right(case, [*plan, "elsewhere"])


@pytest.mark.parametrize("name", [*WORLDS, "spoken"])
def test_an_episode_is_told_in_as_many_sentences_as_it_has_operations(name: str) -> None:
    world = worlds()[name]
    episode = seeded_episode(world, 1, Difficulty(9)).episode
    told = told_text(world, episode).splitlines()
    assert len(told) == 10
    assert told[0].startswith("from 0 to 1 s: ")
    assert told[1].startswith("from 1.4 to 2.2 s: ")
    if name == "shells":
        swap = episode.operations[0]
        places = ("left", "middle", "right")
        assert told[1].endswith(
            f"the {places[swap.first]} and the {places[swap.second]} cup change places"
        )


# Seeds


def test_a_sweep_makes_the_same_episode_harder_and_harder(tmp_path: Path) -> None:
    sweep = Sweep("noise", (0.0, 40.0))
    make_worlds(["shells"], tmp_path, seed=2, count=1, difficulty=Difficulty(5), sweep=sweep)
    cases = read_cases(tmp_path / "cases.jsonl")
    assert [case.groups["noise"] for case in cases] == ["0", "0", "0", "40", "40", "40"]
    assert [case.answer for case in cases[:3]] == [case.answer for case in cases[3:]]
    assert [case.choices for case in cases[:3]] == [case.choices for case in cases[3:]]
    easy, hard = (hidden(tmp_path, case) for case in (cases[0], cases[3]))
    assert easy["states"] == hard["states"]
    easy_pictures, hard_pictures = (pictures(case.videos[0])[20] for case in (cases[0], cases[3]))
    assert abs(hard_pictures - easy_pictures).mean() > 5


def test_the_same_seed_gives_the_same_files_alone_and_among_others(tmp_path: Path) -> None:
    difficulty = Difficulty(5, distractors=1, noise=3.0, dropped=0.2)
    make_worlds(["shells"], tmp_path / "two", seed=5, count=2, difficulty=difficulty)
    make_worlds(["shells"], tmp_path / "one", seed=6, count=1, difficulty=difficulty)
    for name in ("videos/shells-00006.mp4", "states/shells-00006.json"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    two = (tmp_path / "two" / "cases.jsonl").read_text().splitlines()
    assert (tmp_path / "one" / "cases.jsonl").read_text().splitlines() == two[3:]


@pytest.mark.parametrize("name", WORLDS)
def test_each_answer_of_a_template_comes_equally_often(name: str) -> None:
    counts: dict[str, Counter[object]] = {}
    for seed in range(20):
        for template, question in seeded_episode(worlds()[name], seed, Difficulty(8)).questions:
            label = f"{template.level} {template.name}"
            counts.setdefault(label, Counter(dict.fromkeys(template.answers, 0)))
            counts[label][question.due] += 1
    for label, counter in counts.items():
        assert max(counter.values()) - min(counter.values()) <= 1, (label, counter)


@pytest.mark.parametrize("name", WORLDS)
@pytest.mark.parametrize("n_operations", [5, 14])
def test_the_shortest_and_the_longest_episodes_have_the_answers_due(
    name: str, n_operations: int
) -> None:
    for seed in range(6):
        seeded = seeded_episode(worlds()[name], seed, Difficulty(n_operations))
        assert len(seeded.episode.operations) == n_operations
        assert [template.level for template, _ in seeded.questions] == [
            "recall",
            "infer",
            "predict",
        ]


def test_held_out_are_two_worlds_and_every_fifth_seed(folder: Path) -> None:
    assert [seed for seed in range(10) if is_held_out("shells", seed)] == [4, 9]
    assert all(is_held_out(world, 0) for world in ("lamps", "tiles"))
    held = [case.id for case in read_cases(folder / "cases.jsonl") if case.held_out]
    assert [name for name in held if "shells" in name] == [
        f"shells-00004-{level}" for level in ("recall", "infer", "predict")
    ]


# The command


def test_worlds_make_writes_cases_that_eval_reads(tmp_path: Path, home: Path) -> None:
    out = tmp_path / "made"
    made = vprog("worlds", "make", "shapes", "-o", out, "--count", 1, "--operations", 5)
    assert made.code == 0, made.err
    assert "text only" in made.out
    evaluated = vprog("eval", out / "cases.jsonl", "-o", tmp_path / "run")
    assert evaluated.code == 0, evaluated.err
    rows = [json.loads(line) for line in (tmp_path / "run/results.jsonl").read_text().splitlines()]
    # The rules read no questions of worlds: they must say so and not guess.
    assert {row["verdict"] for row in rows} <= {"abstained", "right"}
    again = vprog("worlds", "make", "shapes", "-o", out)
    assert again.code == 2
    assert "holds cases already" in again.err


def test_worlds_make_names_the_nearest_world(tmp_path: Path) -> None:
    made = vprog("worlds", "make", "shels", "-o", tmp_path / "x")
    assert made.code == 2
    assert 'no world "shels". Did you mean "shells"?' in made.err
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize(
    ("sweep", "words"),
    [
        ("nois=0,20", "there is no axis 'nois'"),
        ("noise=0", "takes two or more values"),
        ("crf=18,99", "99 is not in the range"),
        ("seed=1,2", "there is no axis 'seed'"),
    ],
)
def test_worlds_make_refuses_a_sweep_that_cannot_be(tmp_path: Path, sweep: str, words: str) -> None:
    made = vprog("worlds", "make", "shells", "-o", tmp_path / "x", "--sweep", sweep)
    assert (made.code, words in made.err) == (2, True), made.err
