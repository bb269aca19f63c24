"""Sounds drawn for the sound and speech modules, as WAV files of 16 kHz."""

from __future__ import annotations

import wave
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

RATE = 16_000

Samples = NDArray[np.float64]


def save(path: Path, samples: Samples) -> Path:
    """Write mono samples in [-1, 1]."""
    with wave.open(str(path), "wb") as out:
        out.setparams((1, 2, RATE, 0, "NONE", ""))
        out.writeframes((np.clip(samples, -1, 1) * 32767).round().astype("<i2").tobytes())
    return path


def times(seconds: float) -> Samples:
    """The time of each sample."""
    return np.arange(round(seconds * RATE)) / RATE


def tone(seconds: float, hertz: float = 440.0, amplitude: float = 0.5) -> Samples:
    """A sine."""
    return amplitude * np.sin(2 * np.pi * hertz * times(seconds))


def nothing(seconds: float) -> Samples:
    """Digital silence."""
    return np.zeros(round(seconds * RATE))


def noise(seconds: float, amplitude: float = 0.1) -> Samples:
    """White noise, the same each time."""
    return np.random.default_rng(0).normal(0, amplitude, round(seconds * RATE))


def melody(seconds: float) -> Samples:
    """Plucked notes one after the other."""
    notes = (262, 294, 330, 349, 392, 440, 494, 523)
    return _in_turn(seconds, 0.4, lambda k, t: _plucked(notes[k % len(notes)], t))


def beeps(seconds: float) -> Samples:
    """Half a second of tone, half a second of nothing."""
    return tone(seconds, 880) * (times(seconds) % 1 < 0.5)


def bursts(seconds: float) -> Samples:
    """Noise three times a second, like clapping."""
    return noise(seconds, 0.2) * (np.sin(2 * np.pi * 3 * times(seconds)) > 0)


def siren(seconds: float) -> Samples:
    """A tone whose pitch goes up and down."""
    t = times(seconds)
    return 0.3 * np.sin(2 * np.pi * 700 * t + 190 * np.sin(2 * np.pi * 0.8 * t))


def hum(seconds: float) -> Samples:
    """Mains hum with its harmonics."""
    t = times(seconds)
    return np.asarray(sum(0.1 * np.sin(2 * np.pi * 50 * k * t) / k for k in range(1, 20)))


def rumble(seconds: float) -> Samples:
    """Low noise, like wind."""
    walk = np.cumsum(noise(seconds, 1.0))
    walk -= np.convolve(walk, np.ones(400) / 400, "same")
    return 0.05 * walk / walk.std()


def _plucked(hertz: float, t: Samples) -> Samples:
    tones = (np.sin(2 * np.pi * hertz * k * t) / k for k in range(1, 8))
    return np.asarray(0.2 * sum(tones) * np.exp(-6 * t))


def _in_turn(seconds: float, each: float, play: Callable[[int, Samples], Samples]) -> Samples:
    return np.concatenate([play(k, times(each)) for k in range(round(seconds / each))])
