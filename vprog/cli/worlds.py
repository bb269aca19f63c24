"""`vprog worlds`: make videos with exact truth, and questions about them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from vprog.cli.command_errors import reports_errors
from vprog.cli.output import note, say, say_json
from vprog.errors import UsageError

if TYPE_CHECKING:
    from vprog.evaluation.worlds import Sweep


@click.group("worlds")
def command() -> None:
    """Make videos with exact truth from a seed, and questions about them."""


@command.command("list")
@reports_errors
def show_list() -> int:
    """List the worlds. Those that are held out whole are marked."""
    from vprog.evaluation.worlds import is_held_out, worlds

    for name, world in worlds().items():
        lack = f" Not here: {world.lack()}." if world.lack() else ""
        say(f"{name:8} {world.about}{' Held out.' if is_held_out(name, 0) else ''}{lack}")
    return 0


@command.command("make")
@click.argument("kinds", metavar="KIND...", nargs=-1, required=True)
@click.option("-o", "--out", required=True, type=click.Path(path_type=Path, file_okay=False),
              help="Folder for cases.jsonl, videos, states and worlds.json.")  # fmt: skip
@click.option("--seed", type=click.IntRange(0, 99_999), default=0, show_default=True,
              help="Of the first video; the next has the next.")  # fmt: skip
@click.option("--count", type=click.IntRange(1, 10_000), default=20, show_default=True,
              help="Videos of each kind, with three questions each.")  # fmt: skip
@click.option("--operations", type=click.IntRange(5, 14), default=8, show_default=True,
              help="How many things happen in a video.")  # fmt: skip
@click.option("--distractors", type=click.IntRange(0, 20), default=0, show_default=True,
              help="Grey discs that mean nothing.")  # fmt: skip
@click.option("--noise", type=click.FloatRange(0, 100), default=0.0, show_default=True,
              help="Standard deviation of noise, of 255.")  # fmt: skip
@click.option("--dropped", type=click.FloatRange(0, 0.7), default=0.0, show_default=True,
              help="Share of frames that are left out, never over 3 in a row.")  # fmt: skip
@click.option("--crf", type=click.IntRange(0, 51), default=18, show_default=True,
              help="Compression: 0 is without loss, 51 the worst.")  # fmt: skip
@click.option("--sweep", metavar="AXIS=V,V,...", help="Make each video once for each value of "
              "operations, distractors, noise, dropped or crf: --sweep noise=0,20,40.")  # fmt: skip
@click.option("--plans", "has_plans", is_flag=True, help="Ask for plans too, a fourth question; "
              "they are right if simulation says so.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@reports_errors
def make(
    kinds: tuple[str, ...],
    out: Path,
    seed: int,
    count: int,
    operations: int,
    distractors: int,
    noise: float,
    dropped: float,
    crf: int,
    sweep: str | None,
    has_plans: bool,
    as_json: bool,
) -> int:
    """Make videos of worlds of each KIND ("all": of every one), and questions about them.

    Answers are computed from the hidden state, which states/ holds. Three levels: recall, infer,
    predict. The same seed gives the same cases. worlds.json says what can be had without
    looking.

    \b
    vprog worlds make shells counter -o worlds --count 20 --operations 10
    vprog worlds make tiles -o hard --plans --sweep noise=0,20,40,80
    vprog eval worlds/cases.jsonl -o run1
    """
    from vprog.evaluation.worlds import Difficulty, make_worlds, worlds

    difficulty = Difficulty(operations, distractors, noise, dropped, crf)
    names = kinds
    if kinds == ("all",):
        for name, world in worlds().items():
            if world.lack():
                note(f"{name} is left out: {world.lack()}")
        names = tuple(name for name, world in worlds().items() if not world.lack())
    summary = make_worlds(
        names,
        out,
        seed=seed,
        count=count,
        difficulty=difficulty,
        sweep=_sweep(sweep) if sweep is not None else None,
        has_plans=has_plans,
    )
    if as_json:
        say_json(msgspec.to_builtins(summary))
        return 0
    say("world    level    cases  held out  chance  majority  text only")
    for row in summary.baselines:
        say(f"{row.world:8} {row.level:8} {row.n_cases:5}  {row.n_held_out:8}  {row.chance:6.2f}  "
            f"{row.majority:8.2f}  {row.text_only:9.2f}")  # fmt: skip
    say(f"cases: {out / 'cases.jsonl'}")
    return 0


def _sweep(text: str) -> Sweep:
    """The axis and its values, each within the bounds of its own option."""
    from vprog.evaluation.worlds import Sweep

    axis, _, listed = text.partition("=")
    option = next((it for it in make.params if it.name == axis and axis in _AXES), None)
    if option is None:
        raise UsageError(
            f"--sweep {text}: there is no axis {axis!r}.",
            hint=f"There are: {', '.join(_AXES)}; e.g. --sweep noise=0,20,40.",
        )
    try:
        values = [option.type.convert(value.strip(), option, None) for value in listed.split(",")]
    except click.BadParameter as error:
        raise UsageError(f"--sweep {text}: {error.message}.", hint="E.g. noise=0,20,40.") from error
    if len(set(values)) < max(2, len(values)):
        raise UsageError(
            f"--sweep {text}: takes two or more values, each once.", hint="E.g. noise=0,20,40."
        )
    return Sweep(axis, tuple(values))


_AXES = ("operations", "distractors", "noise", "dropped", "crf")
