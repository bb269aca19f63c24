"""How long looks take: what former calls took, and what who listens to a run is told of it.

Measured where the call ran, kept in the cache folder, and used for the same module, version and
device and for pictures of about the same size. Where nothing was measured, nothing is said; a
file that cannot be used costs an estimate and no answer.
"""

from __future__ import annotations

import contextlib
import sqlite3
import statistics
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from vprog.media.run_videos import MediaSource
from vprog.registry.module import ModuleSpec
from vprog.trace.event import LookEstimated, Progressed
from vprog.trace.recorder import Recorder
from vprog.types import Frame, Span, Video

FILE_NAME = "speeds.sqlite"
LONG_S = 10.0
"""A look of less is begun without a word."""

_LEAST_S = 0.2
"""Calls that took less measure their overhead."""
_KEPT = 20
"""The latest of a module, device and unit."""
_SIZES_APART = 2.0
"""Pictures of up to so many times the pixels, or so many times fewer, count as of one size."""
_BUSY_S = 0.5
_PROGRESS_S = 0.1
"""No more often is told how far a call is."""
_TABLE = (
    "CREATE TABLE IF NOT EXISTS speeds"
    " (module TEXT, device TEXT, unit TEXT, pixels INTEGER, rate REAL, at REAL)"
)


@dataclass(frozen=True)
class LookSize:
    """How much a call looks at.

    Attributes:
        amount: seconds of video, or frames.
        unit: which of them.
        pixels: of one picture; 0 of sound alone.
    """

    amount: float
    unit: str
    pixels: int


@dataclass(frozen=True)
class Estimate:
    """How long a look will take: the middle half of former calls, and how many these were."""

    low_s: float
    high_s: float
    n_calls: int


class CallSpeeds:
    """The measurements of one cache folder, for one device. May be used from several threads."""

    def __init__(self, folder: Path, device: str) -> None:
        """Nothing is opened yet."""
        self._path = folder / FILE_NAME
        self._device = device

    def keep(self, spec: ModuleSpec, size: LookSize | None, seconds: float) -> None:
        """Note what an executed call took, where that is a measure of anything.

        What a module has others do may come from the cache: then it is none.
        """
        if size is None or not size.amount or seconds < _LEAST_S or spec.asks:
            return
        where = (_identity(spec), self._device, size.unit)
        with contextlib.suppress(sqlite3.Error, OSError), self._database() as database:
            database.execute(_TABLE)
            database.execute(
                "INSERT INTO speeds VALUES (?, ?, ?, ?, ?, ?)",
                (*where, size.pixels, seconds / size.amount, time.time()),
            )
            database.execute(
                "DELETE FROM speeds WHERE module = ? AND device = ? AND unit = ? AND rowid NOT IN"
                " (SELECT rowid FROM speeds WHERE module = ? AND device = ? AND unit = ?"
                " ORDER BY at DESC LIMIT ?)",
                (*where, *where, _KEPT),
            )

    def estimate(self, spec: ModuleSpec, size: LookSize | None) -> Estimate | None:
        """How long a call will take; None where it is short, or nothing is known."""
        return None if size is None else estimate_of(self.rates(spec, size), size)

    def rates(self, spec: ModuleSpec, size: LookSize) -> list[float]:
        """Seconds for one of the unit, of former calls on pictures of that size."""
        rates: list[float] = []
        if not self._path.is_file():
            return rates
        with contextlib.suppress(sqlite3.Error, OSError), self._database() as database:
            rows = database.execute(
                "SELECT pixels, rate FROM speeds WHERE module = ? AND device = ? AND unit = ?",
                (_identity(spec), self._device, size.unit),
            )
            rates = [rate for pixels, rate in rows if _is_near(pixels, size.pixels)]
        return rates

    @contextlib.contextmanager
    def _database(self) -> Iterator[sqlite3.Connection]:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.closing(sqlite3.connect(self._path, timeout=_BUSY_S)) as database, database:
            database.execute("PRAGMA synchronous = OFF")  # what a crash loses is measured again
            yield database


def estimate_of(rates: Sequence[float], size: LookSize) -> Estimate | None:
    """How long a call will take by the rates of former ones; None where it is short."""
    if not rates:
        return None
    low, _, high = statistics.quantiles(rates, n=4, method="inclusive") if rates[1:] else (
        *rates, *rates, *rates
    )  # fmt: skip
    if low * size.amount < LONG_S:
        return None
    return Estimate(low * size.amount, high * size.amount, len(rates))


class CallProgress:
    """Tells the listeners of one run; may be used from several threads.

    Args:
        recorder: of the run, which has the listeners.
        media: the videos, whose size says how much a call looks at.
        speeds: what former calls took; without them nothing is estimated.
    """

    def __init__(self, recorder: Recorder, media: MediaSource, speeds: CallSpeeds | None) -> None:
        self._recorder = recorder
        self._media = media
        self._speeds = speeds
        self._estimated: set[str] = set()
        """The modules whose time was told: once a run."""
        self._rates: dict[tuple[str, str, int], list[float]] = {}
        """By module, unit and pixels, until a call of this run adds to them."""
        self._told_at = 0.0

    def begins(self, spec: ModuleSpec, arguments: Mapping[str, object]) -> None:
        """Tell how long a call will take, where that is long."""
        if self._speeds is None or spec.name in self._estimated:
            return
        size = look_size(arguments, self._media.videos)
        if size is None:
            return
        key = spec.name, size.unit, size.pixels
        if key not in self._rates:
            self._rates[key] = self._speeds.rates(spec, size)
        estimate = estimate_of(self._rates[key], size)
        if estimate is None:
            return
        self._estimated.add(spec.name)
        self._recorder.tell(
            LookEstimated(
                task=spec.task,
                implementation=spec.implementation,
                low_s=estimate.low_s,
                high_s=estimate.high_s,
                n_calls=estimate.n_calls,
            )
        )

    def goes_on(self, spec: ModuleSpec, done: float, total: float, unit: str) -> None:
        """Tell how far a call is, a few times a second."""
        now = time.monotonic()
        if now - self._told_at < _PROGRESS_S:
            return
        self._told_at = now
        self._recorder.tell(
            Progressed(
                task=spec.task,
                implementation=spec.implementation,
                done=float(done),
                total=float(total),
                unit=unit,
            )
        )

    def took(self, spec: ModuleSpec, arguments: Mapping[str, object], seconds: float) -> None:
        """Remember what an executed call took, for later estimates."""
        if self._speeds is not None and seconds >= _LEAST_S:
            self._speeds.keep(spec, look_size(arguments, self._media.videos), seconds)
            self._rates.clear()


def look_size(arguments: Mapping[str, object], videos: Sequence[Video]) -> LookSize | None:
    """How much a call looks at; None where its arguments do not tell.

    Args:
        arguments: of the call, by name.
        videos: of the run.
    """
    values = list(arguments.values())
    for video in values:
        if isinstance(video, Video):
            span = next((value for value in values if isinstance(value, Span)), None)
            length = video.duration if span is None else span.end - span.start
            return LookSize(length, "s of video", video.width * video.height)
    for frames in values:
        if isinstance(frames, list) and frames and isinstance(frames[0], Frame):
            video = videos[frames[0].video]
            return LookSize(float(len(frames)), "frames", video.width * video.height)
    return None


def _identity(spec: ModuleSpec) -> str:
    return "\n".join(spec.identity())


def _is_near(one: int, other: int) -> bool:
    low, high = sorted((one, other))
    return high <= low * _SIZES_APART
