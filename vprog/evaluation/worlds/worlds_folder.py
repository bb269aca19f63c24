"""A folder of drawn worlds: cases.jsonl, videos/, states/ and worlds.json, all from a seed.

An episode depends on its world, its seed and its difficulty alone: seeds 0 to 9 made at once or in
two parts are the same. In every block of seeds each answer of a template comes equally often:
which one is due at a seed is fixed, and episodes are tried by chance until one has it.

Held out, for nobody to tune on: every seed that leaves 4 when divided by 5, and the worlds
`lamps` and `tiles` whole; no rule and no solved example may be written for these two.
"""

from __future__ import annotations

import difflib
import importlib
import pkgutil
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import msgspec

from vprog.errors import UsageError
from vprog.evaluation.case import CaseForm, read_cases
from vprog.evaluation.worlds.drawn_world import (
    FPS,
    HEIGHT,
    LEVELS,
    WIDTH,
    DrawnWorld,
    Episode,
    QuestionTemplate,
    WorldQuestion,
)
from vprog.evaluation.worlds.world_baselines import WorldBaselines, baselines
from vprog.evaluation.worlds.world_video import Difficulty, disturb, n_frames_of, write_video

HELD_OUT_WORLDS = ("lamps", "tiles")
HELD_OUT_SEEDS = (5, 4)
"""Divisor and remainder."""
_ATTEMPTS = 20_000
"""Most need under a hundred."""


class WorldsSummary(msgspec.Struct, frozen=True):
    """What worlds.json holds."""

    worlds: tuple[str, ...]
    first_seed: int
    count: int
    difficulty: Difficulty
    held_out: str
    baselines: list[WorldBaselines]


@dataclass(frozen=True)
class SeededEpisode:
    """An episode with what is asked about it: a template and a question of each level."""

    episode: Episode[Any, Any]
    questions: list[tuple[QuestionTemplate, WorldQuestion]]


@cache
def worlds() -> dict[str, DrawnWorld[Any, Any]]:
    """Every world by name: the files of this folder that hold a `WORLD`."""
    package = __name__.rpartition(".")[0]
    found: dict[str, DrawnWorld[Any, Any]] = {}
    for info in pkgutil.iter_modules([str(Path(__file__).parent)]):
        world = getattr(importlib.import_module(f"{package}.{info.name}"), "WORLD", None)
        if isinstance(world, DrawnWorld):
            found[world.name] = world
    return found


def find_world(name: str) -> DrawnWorld[Any, Any]:
    """The world of a name.

    Raises:
        UsageError: there is none.
    """
    if name not in worlds():
        near = difflib.get_close_matches(name, worlds(), n=1)
        guess = f' Did you mean "{near[0]}"?' if near else ""
        raise UsageError(f'no world "{name}".{guess}', hint=f"There are: {', '.join(worlds())}.")
    return worlds()[name]


def is_held_out(world: str, seed: int) -> bool:
    """Whether nobody may tune on a case: see the file."""
    divisor, remainder = HELD_OUT_SEEDS
    return world in HELD_OUT_WORLDS or seed % divisor == remainder


def make_worlds(
    names: Sequence[str], out: Path, *, seed: int, count: int, difficulty: Difficulty
) -> WorldsSummary:
    """Make `count` videos of each world, from `seed` on, with three questions each.

    Raises:
        UsageError: a world is unknown, or the folder holds worlds already.
    """
    chosen = [find_world(name) for name in dict.fromkeys(names)]
    cases_file = out / "cases.jsonl"
    if cases_file.exists():
        raise UsageError(f"{out} holds cases already.", hint="Name another folder.")
    for folder in ("videos", "states"):
        (out / folder).mkdir(parents=True, exist_ok=True)
    forms: list[CaseForm] = []
    n_answers: list[int] = []
    for world in chosen:
        for number in range(seed, seed + count):
            seeded = seeded_episode(world, number, difficulty)
            _write_episode(out, world, number, seeded.episode, difficulty)
            for template, question in seeded.questions:
                forms.append(_case(world, number, template, question, difficulty))
                n_answers.append(template.n_guesses or len(template.answers))
    # Last, so that a folder with cases is whole.
    cases_file.write_bytes(b"".join(msgspec.json.encode(form) + b"\n" for form in forms))
    summary = WorldsSummary(
        tuple(world.name for world in chosen),
        seed,
        count,
        difficulty,
        "seeds that leave {1} when divided by {0}, and all of ".format(*HELD_OUT_SEEDS)
        + ", ".join(HELD_OUT_WORLDS),
        baselines(read_cases(cases_file), n_answers),
    )
    text = msgspec.json.format(msgspec.json.encode(summary), indent=2)
    (out / "worlds.json").write_bytes(text + b"\n")
    return summary


def seeded_episode(world: DrawnWorld[Any, Any], seed: int, difficulty: Difficulty) -> SeededEpisode:
    """The episode of a seed: the first by chance that has an answer which is due at each level."""
    due = [_due(world, level, seed) for level in LEVELS]
    for attempt in range(_ATTEMPTS):
        rng = Random(f"{world.name}/{seed}/{difficulty.operations}/{attempt}")
        episode = world.play(rng, difficulty.operations)
        questions = []
        for template, answer in due:
            fitting = [asked for asked in template.ask(episode) if asked.due == answer]
            if not fitting:
                break
            questions.append((template, rng.choice(fitting)))
        else:
            return SeededEpisode(episode, questions)
    raise UsageError(
        f"{world.name}: none of {_ATTEMPTS} episodes of {difficulty.operations} operations has "
        f"the answers that are due at seed {seed}.",
        hint="Take another seed or number of operations.",
    )


def _due(world: DrawnWorld[Any, Any], level: str, seed: int) -> tuple[QuestionTemplate, str | int]:
    templates = [template for template in world.templates() if template.level == level]
    position, which = divmod(seed, len(templates))
    template = templates[which]
    block, place = divmod(position, len(template.answers))
    answers = list(template.answers)
    # The number of a file must not tell its answer.
    Random(f"{world.name}/{level}/{template.name}/{block}").shuffle(answers)
    return template, answers[place]


def _name(world: DrawnWorld[Any, Any], seed: int) -> str:
    return f"{world.name}-{seed:05}"


def _write_episode(
    out: Path,
    world: DrawnWorld[Any, Any],
    seed: int,
    episode: Episode[Any, Any],
    difficulty: Difficulty,
) -> None:
    rng = Random(f"{world.name}/{seed}/disturbance")
    disturbance = disturb(rng, difficulty, n_frames_of(episode))
    name = _name(world, seed)
    write_video(out / "videos" / f"{name}.mp4", world, episode, difficulty, disturbance)
    hidden = {
        "world": world.name,
        "seed": seed,
        "difficulty": difficulty,
        "size": (WIDTH, HEIGHT),
        "fps": FPS,
        "duration": episode.duration,
        "operations": [
            {"kind": type(operation).__name__.lower(), "span": episode.span(number),
             "values": operation}
            for number, operation in enumerate(episode.operations)
        ],
        "states": episode.states,
        "disturbance": disturbance,
    }  # fmt: skip
    text = msgspec.json.format(msgspec.json.encode(hidden), indent=1)
    (out / "states" / f"{name}.json").write_bytes(text + b"\n")


def _case(
    world: DrawnWorld[Any, Any],
    seed: int,
    template: QuestionTemplate,
    question: WorldQuestion,
    difficulty: Difficulty,
) -> CaseForm:
    name = _name(world, seed)
    choices = [answer for answer in template.answers if isinstance(answer, str)]
    Random(f"{name}/{template.level}/choices").shuffle(choices)
    return CaseForm(
        id=f"{name}-{template.level}",
        video=f"videos/{name}.mp4",
        question=question.text,
        answer=msgspec.to_builtins(question.answer),
        choices=choices,
        group={
            "world": world.name,
            "level": template.level,
            "template": f"{template.level} {template.name}",
            "operations": str(difficulty.operations),
        },
        span=[list(span) for span in question.spans],
        box=list(question.boxes),
        held_out=is_held_out(world.name, seed),
        source=f"computed from states/{name}.json",
    )
