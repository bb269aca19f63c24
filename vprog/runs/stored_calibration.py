"""What `vprog calibrate` fitted, stored for each preset and strategy, and read for each question.

For answers of the rules, which no model writes, a calibration ships with vprog
(`rules_calibration.json`): it holds until there is one of one's own.

A calibration holds for the strategy, the writer and the VLM with which it was
fitted, and for nothing else: the best of several attempts scores higher than one, so that a map
of single programs would promise too much for a search. It is fitted to scores as results
carry them, after every choice and vote of the strategy. It lies in the state folder of vprog
(XDG_STATE_HOME), in a file of its preset and strategy.
"""

from __future__ import annotations

import functools
import os
import re
from importlib import resources
from pathlib import Path

import msgspec

from vprog.errors import ConfigError, DiskFullError
from vprog.runs.isotonic import Rising
from vprog.settings import Settings


class Map(msgspec.Struct, frozen=True, kw_only=True):
    """The map of one path."""

    scores: list[float]
    values: list[float]
    n_answers: int
    unscored: float | None = None
    """What an answer is worth that no module gave a score: facts of a file, levels measured."""


class Calibration(msgspec.Struct, frozen=True, kw_only=True):
    """What was fitted under one preset and strategy."""

    preset: str
    strategy: str
    llm: str
    vlm: str
    made: str
    """Date, ISO 8601."""
    n_cases: int
    threshold: float | None
    """None where there was no fast path to fit it on."""
    maps: dict[str, Map]
    """By path: fast, slow, rules."""


class Grader:
    """What answers of one question's settings are worth.

    Args:
        calibration: what was fitted; None if nothing was.
        name: where it is from, as people read it.
    """

    def __init__(self, calibration: Calibration | None, name: str = "") -> None:
        self.calibration = calibration
        self.name = name

    def threshold(self, settings: Settings) -> float:
        """From which score on a fast answer stands: as set, else as fitted, else the default."""
        fitted = None if self.calibration is None else self.calibration.threshold
        if fitted is None or "threshold" in settings.sources:
            return settings.threshold
        return fitted

    def confidence(self, path: str | None, score: float | None) -> float | None:
        """The fitted probability that an answer is right; None where nothing was fitted."""
        if self.calibration is None or path is None:
            return None
        fitted = self.calibration.maps.get(path)
        if fitted is None:
            return None
        if score is None:
            return fitted.unscored
        return round(Rising(tuple(fitted.scores), tuple(fitted.values))(score), 4)


def load_grader(settings: Settings) -> Grader:
    """The calibration of the preset and strategy, if there is one for these models.

    Raises:
        ConfigError: its file is damaged.
    """
    path = file_for(settings.preset, settings.strategy)
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return shipped_grader()
    try:
        calibration = msgspec.json.decode(data, type=Calibration)
        for rising in calibration.maps.values():
            if not rising.scores or len(rising.scores) != len(rising.values):
                raise msgspec.ValidationError("a map without knots")
    except msgspec.DecodeError as error:
        raise ConfigError(
            f"{path}: no calibration: {error}.", hint="Run `vprog calibrate` again, or remove it."
        ) from error
    fits = all(
        getattr(calibration, key) == getattr(settings, key)
        for key in ("preset", "strategy", "llm", "vlm")
    )
    return Grader(calibration, f"calibrated on {calibration.made}") if fits else shipped_grader()


SHIPPED = "rules_calibration.json"


@functools.cache
def shipped_grader() -> Grader:
    """The calibration of the rules that ships with vprog."""
    data = resources.files(__package__).joinpath(SHIPPED).read_bytes()
    calibration = msgspec.json.decode(data, type=Calibration)
    return Grader(calibration, f"as shipped, from {calibration.n_cases} questions")


def save(calibration: Calibration) -> Path:
    """Keep a calibration in place of the one before; returns its file.

    Raises:
        DiskFullError: it cannot be written.
    """
    path = file_for(calibration.preset, calibration.strategy)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        part.write_bytes(msgspec.json.format(msgspec.json.encode(calibration), indent=1))
        part.replace(path)
    except OSError as error:
        raise DiskFullError(
            f"{path}: the calibration cannot be written: {error.strerror}.",
            hint="Free space, or set XDG_STATE_HOME.",
        ) from error
    return path


def file_for(preset: str, strategy: str) -> Path:
    """Where the calibration of a preset and strategy lies."""
    home = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local/state"
    safe = re.sub(r"[^\w.-]", "_", f"{preset}.{strategy}")
    return Path(home) / "vprog" / "calibration" / f"{safe}.json"
