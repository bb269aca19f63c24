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

from vprog.errors import MissingError, UsageError
from vprog.evaluation.case import CaseForm, read_cases
from vprog.evaluation.worlds.drawn_world import (
    FPS,
    HEIGHT,
    LEVELS,
    PLAN,
    WIDTH,
    DrawnWorld,
    Episode,
    QuestionTemplate,
    WorldQuestion,
    told_text,
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
    sweep: dict[str, tuple[float, ...]]
    """The values of the axis along which it was swept; empty without one."""
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


@dataclass(frozen=True)
class Sweep:
    """One axis of difficulty, and the values that it takes, one after the other."""

    axis: str
    values: tuple[float, ...]

    def each(self, difficulty: Difficulty) -> list[tuple[str, Difficulty]]:
        """Each value as text, and the difficulty with it."""
        whole = isinstance(getattr(difficulty, self.axis), int)
        return [
            (
                f"{value:g}",
                msgspec.structs.replace(
                    difficulty, **{self.axis: int(value) if whole else float(value)}
                ),
            )
            for value in self.values
        ]


def make_worlds(
    names: Sequence[str],
    out: Path,
    *,
    seed: int,
    count: int,
    difficulty: Difficulty,
    sweep: Sweep | None = None,
    has_plans: bool = False,
) -> WorldsSummary:
    """Make `count` videos of each world, from `seed` on, with a question of each level.

    Args:
        names: of the worlds.
        out: the folder.
        seed: of the first video of each.
        count: how many of each.
        difficulty: of all of them, but for the axis of `sweep`.
        sweep: makes each video once for each value; but for the number of operations, the same
            happens in them.
        has_plans: whether worlds that know plans ask for one, too.

    Raises:
        UsageError: a world is unknown, or the folder holds worlds already.
        MissingError: a world needs what this machine has not.
    """
    chosen = [find_world(name) for name in dict.fromkeys(names)]
    for world in chosen:
        if world.lack():
            raise MissingError(f"{world.name}: {world.lack()}.", hint="Or leave this world out.")
    cases_file = out / "cases.jsonl"
    if cases_file.exists():
        raise UsageError(f"{out} holds cases already.", hint="Name another folder.")
    for folder in ("videos", "states"):
        (out / folder).mkdir(parents=True, exist_ok=True)
    forms: list[CaseForm] = []
    n_answers: list[int] = []
    values = sweep.each(difficulty) if sweep is not None else [("", difficulty)]
    for world in chosen:
        for number in range(seed, seed + count):
            for value, hardness in values:
                made = MadeVideo(world, number, hardness, sweep.axis if sweep else "", value)
                seeded = seeded_episode(world, number, hardness, levels_of(world, has_plans))
                _write_episode(out, made, seeded.episode)
                for template, question in seeded.questions:
                    forms.append(_case(made, seeded.episode, template, question))
                    n_answers.append(template.n_guesses or len(template.answers))
    # Last, so that a folder with cases is whole.
    cases_file.write_bytes(b"".join(msgspec.json.encode(form) + b"\n" for form in forms))
    summary = WorldsSummary(
        tuple(world.name for world in chosen),
        seed,
        count,
        difficulty,
        {sweep.axis: sweep.values} if sweep is not None else {},
        "seeds that leave {1} when divided by {0}, and all of ".format(*HELD_OUT_SEEDS)
        + ", ".join(HELD_OUT_WORLDS),
        baselines(read_cases(cases_file), n_answers),
    )
    text = msgspec.json.format(msgspec.json.encode(summary), indent=2)
    (out / "worlds.json").write_bytes(text + b"\n")
    return summary


@dataclass(frozen=True)
class MadeVideo:
    """What one video of a folder is made of; `value` is where it stands on the axis of a sweep."""

    world: DrawnWorld[Any, Any]
    seed: int
    difficulty: Difficulty
    axis: str = ""
    value: str = ""

    @property
    def name(self) -> str:
        """Of its files, without ending."""
        swept = f"-{self.axis}-{self.value}" if self.axis else ""
        return f"{self.world.name}-{self.seed:05}{swept}"


def levels_of(world: DrawnWorld[Any, Any], has_plans: bool) -> tuple[str, ...]:
    """The levels that a world is asked at."""
    knows_plans = any(template.level == PLAN for template in world.templates())
    return (*LEVELS, PLAN) if has_plans and knows_plans else LEVELS


def seeded_episode(
    world: DrawnWorld[Any, Any],
    seed: int,
    difficulty: Difficulty,
    levels: Sequence[str] = LEVELS,
) -> SeededEpisode:
    """The episode of a seed: the first by chance that has an answer which is due at each level."""
    due = [_due(world, level, seed) for level in levels]
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


def _write_episode(out: Path, made: MadeVideo, episode: Episode[Any, Any]) -> None:
    world, seed, difficulty, name = made.world, made.seed, made.difficulty, made.name
    rng = Random(f"{world.name}/{seed}/disturbance")
    disturbance = disturb(rng, difficulty, n_frames_of(episode))
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
    made: MadeVideo,
    episode: Episode[Any, Any],
    template: QuestionTemplate,
    question: WorldQuestion,
) -> CaseForm:
    world, name = made.world, made.name
    choices = [answer for answer in template.answers if isinstance(answer, str)]
    Random(f"{world.name}-{made.seed:05}/{template.level}/choices").shuffle(choices)
    groups = {
        "world": world.name,
        "level": template.level,
        "template": f"{template.level} {template.name}",
        "operations": str(made.difficulty.operations),
    }
    return CaseForm(
        id=f"{name}-{template.level}",
        video=f"videos/{name}.mp4",
        question=question.text,
        answer=msgspec.to_builtins(question.answer),
        choices=choices,
        group=groups | ({made.axis: made.value} if made.axis else {}),
        span=[list(span) for span in question.spans],
        box=list(question.boxes),
        told=told_text(world, episode),
        held_out=is_held_out(world.name, made.seed),
        source=f"computed from states/{name}.json",
    )
