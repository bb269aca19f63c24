"""A package of modules that read the drawn worlds with errors, and their twins without.

Each knows a video by its content and reads its hidden state, `states/` below the folder that
WORLDS names; it decodes the frames that it would look at. A noisy reading is wrong in
WORLD_NOISE of the calls, and the same call is always wrong in the same way: to ask again is no
help, to ask at another frame rate is. Wrong ones have lower scores, more often than not.
"""

from __future__ import annotations

import functools
import json
import os
from pathlib import Path
from random import Random
from typing import Annotated, Any

from vprog.errors import ModuleInputError
from vprog.media.fingerprint import file_hash
from vprog.registry.call_context import current
from vprog.registry.module import implements
from vprog.registry.task import task
from vprog.types import RATE, Frame, Grid, Match, Video

ROOT = Path(__file__).resolve().parent.parent
PLACES = ("left", "middle", "right")
SHOWN_S = 1.0
NAME = "world_readers"
NOISY_RANK = 1000
"""They serve, unless another is named."""
MODULES = ("ReadStart", "ReadStep", "CountSteps", "ReadStartTruth", "ReadStepTruth")


def install(folder: Path, worlds: Path, noise: float) -> dict[str, str]:
    """Install this package below a folder; the variables under which processes find it."""
    metadata = folder / "package" / f"{NAME}-1.0.dist-info"
    metadata.mkdir(parents=True)
    (metadata.parent / f"{NAME}.py").write_text(Path(__file__).read_text())
    (metadata / "METADATA").write_text(f"Name: {NAME}\nVersion: 1.0\n")
    points = "".join(f"{name.lower()} = {NAME}:{name}\n" for name in MODULES)
    (metadata / "entry_points.txt").write_text(f"[vprog.modules]\n{points}")
    paths = (str(ROOT), str(ROOT / "modules"), str(metadata.parent))
    return {
        "PYTHONPATH": os.pathsep.join(paths),
        "WORLDS": str(worlds),
        "WORLD_NOISE": str(noise),
    }


@functools.cache
def _states() -> dict[str, dict[str, Any]]:
    folder = Path(os.environ["WORLDS"])
    return {
        file_hash(folder / "videos" / f"{path.stem}.mp4"): json.loads(path.read_text())
        for path in sorted((folder / "states").glob("*.json"))
    }


def _state(video: Video) -> dict[str, Any]:
    known = _states().get(current().content_hash(video.index))
    if known is None:
        raise ModuleInputError("not the video of a drawn world, or not all of it is shown.")
    return known


def _start_text(state: dict[str, Any]) -> str:
    first = state["states"][0]
    if state["world"] == "counter":
        return str(first["value"])
    return PLACES[first["cups"].index(first["ball"])]


def _step_text(state: dict[str, Any], number: int) -> str:
    values = state["operations"][number]["values"]
    if state["world"] == "counter":
        return f"{values['amount']:+d}"
    return f"{PLACES[values['first']]} and {PLACES[values['second']]}"


def _others(state: dict[str, Any], of_start: bool) -> list[str]:
    """What a reading may be taken for."""
    if state["world"] == "counter":
        amounts = [f"{sign}{amount}" for sign in "+-" for amount in range(1, 6)]
        return [str(digit) for digit in range(10)] if of_start else amounts
    pairs = ["left and middle", "left and right", "middle and right"]
    return list(PLACES) if of_start else pairs


def _reading(
    video: Video, number: int, fps: float, *, noise: float
) -> Match:  # number -1 is the start
    state = _state(video)
    start, end = (0.0, SHOWN_S) if number < 0 else state["operations"][number]["span"]
    for tick in range(max(1, int((end - start) * fps))):
        current().pixels(Frame(video.index, start + tick / fps), max_side=64)
    text = _start_text(state) if number < 0 else _step_text(state, number)
    rng = Random(f"{state['world']}/{state['seed']}/{number}/{fps}")
    is_wrong = rng.random() < noise
    if is_wrong:
        text = rng.choice([other for other in _others(state, number < 0) if other != text])
    score = rng.uniform(0.3, 0.8) if is_wrong else rng.uniform(0.5, 1.0)
    return Match(text, start, end, round(score, 3) if noise else 1.0, "world")


def _noise() -> float:
    return float(os.environ["WORLD_NOISE"])


def _checked(video: Video, number: int) -> int:
    n_steps = len(_state(video)["operations"])
    if not 0 <= number < n_steps:
        raise ModuleInputError(f"number must be from 0 to {n_steps - 1}, got {number}.")
    return number


@task
def read_start(video: Video, *, fps: Annotated[float, RATE, Grid((2.0, 4.0, 8.0))] = 4.0) -> Match:
    """Read what is shown at the start, before it is covered.

    Args:
        video: the file.
        fps: frames looked at per second.

    Returns:
        Its text: the number on the board ("7"), or the place of the ball ("left").

    Raises:
        ModuleInputError: not the video of a drawn world.

    Example:
        >>> read_start(video).text
        '7'
    """


@task
def read_step(
    video: Video, number: int, *, fps: Annotated[float, RATE, Grid((2.0, 4.0, 8.0))] = 4.0
) -> Match:
    """Read what happens in one step.

    Args:
        video: the file.
        number: which step, from 0.
        fps: frames looked at per second.

    Returns:
        Its text: what a card adds ("+3", "-1"), or which cups change ("left and right").

    Raises:
        ModuleInputError: not the video of a drawn world, or there is no such step.

    Example:
        >>> read_step(video, 0).text
        '+3'
    """


@task
def count_steps(video: Video) -> int:
    """Count the steps.

    Args:
        video: the file.

    Returns:
        How many things happen after the start.

    Raises:
        ModuleInputError: not the video of a drawn world.

    Example:
        >>> count_steps(video)
        8
    """


@implements("read_start", backend="noisy", rank=NOISY_RANK)
class ReadStart:
    """Wrong now and then."""

    def load(self, device: str) -> None:
        """Nothing to load."""

    def __call__(self, video: Video, *, fps: float = 4.0) -> Match:
        return _reading(video, -1, fps, noise=_noise())


@implements("read_step", backend="noisy", rank=NOISY_RANK)
class ReadStep:
    """Wrong now and then."""

    def load(self, device: str) -> None:
        """Nothing to load."""

    def __call__(self, video: Video, number: int, *, fps: float = 4.0) -> Match:
        return _reading(video, _checked(video, number), fps, noise=_noise())


@implements("count_steps", backend="truth")
class CountSteps:
    """Always right."""

    def load(self, device: str) -> None:
        """Nothing to load."""

    def __call__(self, video: Video) -> int:
        return len(_state(video)["operations"])


@implements("read_start", backend="truth")
class ReadStartTruth:
    """Never wrong: what blame puts in the place of the noisy one."""

    def load(self, device: str) -> None:
        """Nothing to load."""

    def __call__(self, video: Video, *, fps: float = 4.0) -> Match:
        return _reading(video, -1, fps, noise=0.0)


@implements("read_step", backend="truth")
class ReadStepTruth:
    """Never wrong: what blame puts in the place of the noisy one."""

    def load(self, device: str) -> None:
        """Nothing to load."""

    def __call__(self, video: Video, number: int, *, fps: float = 4.0) -> Match:
        return _reading(video, _checked(video, number), fps, noise=0.0)
