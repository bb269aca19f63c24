"""Which parts of a sound are a human voice speaking: signal processing, no model.

Speech is told from other sounds by four things that it shows at once within a second:
it is voiced (periodic) much of the time, its pitch glides, its level rises and falls with
the syllables, and its spectrum changes from sound to sound. Noise is not voiced; a tone, a hum
or an instrument keeps its pitch; a siren keeps its level. Singing and voices under loud music
are beyond this.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from vprog_modules.sound.sound_windows import RATE, runs_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

HOP = 160
"""Samples from one frame to the next: 10 ms."""

WINDOW = 640
FFT = 2048
CONTEXT = 50
"""Frames to either side over which the signs of speech are taken: half a second."""

FLOOR_CONTEXT = 250
"""Frames to either side among which the floor is searched for: rooms change with the scene."""

MARGIN = 3 * RATE
"""Samples that a block should have of its neighbours."""

PITCH_HZ = (70, 400)
VOICED = 0.6
"""Periodic from this share of the energy that a frame has in common with its shift."""

QUIETEST_DB = -75.0
ACTIVE_OVER_FLOOR_DB = 6.0
ACTIVE_DB = -60.0
BANDS_HZ = (100, 200, 300, 400, 510, 630, 770, 920, 1080, 1270, 1480, 1720,
            2000, 2320, 2700, 3150, 3700, 4400, 5300, 6400)  # fmt: skip

# Where each sign starts to count, and where it is fully there.
VOICED_SHARE = (0.2, 0.4)
PITCH_STEP = (0.002, 0.005)  # mean change from frame to frame, relative
LEVEL_SPREAD_DB = (2.0, 4.0)
SPECTRUM_SPREAD = (0.5, 0.85)  # of log band energies, natural logarithm

MAX_GAP = 0.35
MIN_LENGTH = 0.15
EDGE_DB = 25.0
"""What begins or ends an utterance and is quieter by more than its loudest part is none of it."""


class Voice(NamedTuple):
    """Per frame of 10 ms: whether something sounds, how much it is like speech, in [0, 1], its
    level in dB.
    """

    active: NDArray[np.bool_]
    likeness: Floats
    levels: Floats


class Utterance(NamedTuple):
    """A span of speech, in seconds of the sound that was given; score in [0, 1]."""

    start: float
    end: float
    score: float


def voice_of(blocks: Iterable[tuple[Floats, int, int]]) -> Voice:
    """How much each frame of a sound is like speech; blocks as `sound.overlapped` gives them.

    Blocks must be a whole number of frames long, but for the last.
    """
    import numpy as np

    none = np.zeros(0, dtype=np.float32)
    parts = [Voice(none > 0, none, none)]
    for samples, first, last in blocks:
        kept = slice(first // HOP, -(-last // HOP))
        signs = _block_voice(samples)
        parts.append(Voice(signs.active[kept], signs.likeness[kept], signs.levels[kept]))
    return Voice(
        np.concatenate([part.active for part in parts]),
        np.concatenate([part.likeness for part in parts]),
        np.concatenate([part.levels for part in parts]),
    )


def utterances(
    voice: Voice, *, limit: float = 0.5, max_gap: float = MAX_GAP, edge_db: float = EDGE_DB
) -> list[Utterance]:
    """Spans of speech: sounding runs that are like speech, small gaps closed.

    Args:
        voice: the frames.
        limit: how much like speech a run must be somewhere.
        max_gap: pauses up to this many seconds stay inside an utterance.
        edge_db: runs at its ends that are quieter than its loudest by more are left off: a breath,
            a click before the first word.
    """
    import numpy as np

    frame = HOP / RATE
    joined: list[list[tuple[int, int]]] = []
    for first, last in runs_of(voice.active):
        if float(voice.likeness[first:last].max()) < limit:
            continue
        if joined and (first - joined[-1][-1][1]) * frame <= max_gap:
            joined[-1].append((first, last))
        else:
            joined.append([(first, last)])
    found: list[Utterance] = []
    for runs in joined:
        tops = [float(voice.levels[first:last].max()) for first, last in runs]
        loud = [at for at, top in enumerate(tops) if top >= max(tops) - edge_db]
        runs = runs[loud[0] : loud[-1] + 1]
        near = np.concatenate([voice.likeness[first:last] for first, last in runs])
        score, start, end = float(near.mean()), runs[0][0] * frame, runs[-1][1] * frame
        if end - start >= MIN_LENGTH and score >= limit:
            found.append(Utterance(start, end, round(score, 4)))
    return found


def _block_voice(samples: Floats) -> Voice:
    import numpy as np

    levels, bands, periodic, pitch = _frames(samples)
    floor, ceiling = _floor_and_ceiling(levels)
    stands_out = levels > floor + ACTIVE_OVER_FLOOR_DB
    is_even = ceiling - floor <= ACTIVE_OVER_FLOOR_DB  # nothing to stand out from
    active = (stands_out | is_even) & (levels > ACTIVE_DB)
    logs = np.log(bands + (10 ** (floor / 10) / bands.shape[1])[:, None] + 1e-9)
    logs -= logs.mean(axis=1, keepdims=True)
    variance = _around(logs**2) - _around(logs) ** 2
    spectrum = np.sqrt(np.maximum(variance, 0).mean(axis=1))
    lifted = np.maximum(levels, floor)[:, None]
    spread = np.sqrt(np.maximum(_around(lifted**2) - _around(lifted) ** 2, 0))[:, 0]
    voiced = active & (periodic > VOICED)
    step = np.abs(np.diff(np.log(pitch), prepend=np.log(pitch[:1])))
    steady = voiced & np.roll(voiced, 1) & (step < 0.12)  # larger ones are octave errors
    steady[:1] = False
    near = _around(np.stack((active, voiced, steady, np.where(steady, step, 0)), axis=1))
    share = near[:, 1] / np.maximum(near[:, 0], 0.01)
    glide = np.where(near[:, 2] > 0.03, near[:, 3] / np.maximum(near[:, 2], 1e-3), 0)
    likeness = (
        _ramp(share, VOICED_SHARE)
        * _ramp(glide, PITCH_STEP)
        * _ramp(spread, LEVEL_SPREAD_DB)
        * _ramp(spectrum, SPECTRUM_SPREAD)
    )
    return Voice(active, likeness.astype(np.float32), levels)


def _frames(samples: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Level in dB (T,), band energies (T, B), periodicity (T,) and pitch in Hz (T,)."""
    import numpy as np

    padded = np.pad(samples, (WINDOW // 2, WINDOW // 2 + HOP))
    n = max(1, -(-len(samples) // HOP))
    windows = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::HOP][:n]
    taper = np.hanning(WINDOW).astype(np.float32)
    hertz = np.fft.rfftfreq(FFT, 1 / RATE)
    edges = np.searchsorted(hertz, BANDS_HZ)
    low = (hertz >= 60) & (hertz <= 1500)
    own = np.fft.irfft(np.abs(np.fft.rfft(taper, FFT)) ** 2)
    own = (own / own[0]).astype(np.float32)
    shortest, longest = RATE // PITCH_HZ[1], RATE // PITCH_HZ[0]
    parts: list[tuple[Floats, ...]] = []
    for at in range(0, n, 500):
        power = np.abs(np.fft.rfft(windows[at : at + 500] * taper, FFT, axis=1)) ** 2
        power /= WINDOW * 0.375 * FFT / 2
        bands = np.add.reduceat(power, edges, axis=1)[:, :-1]
        likeness = np.fft.irfft(power * low, axis=1)[:, : longest + 1]
        likeness /= (likeness[:, :1] + 1e-11) * own[: longest + 1]
        lags = likeness[:, shortest:]
        parts.append(
            (
                10 * np.log10(bands.sum(axis=1) + 1e-11),
                bands,
                lags.max(axis=1),
                RATE / (lags.argmax(axis=1) + shortest),
            )
        )
    levels, bands, periodic, pitch = (
        np.concatenate(column).astype(np.float32) for column in zip(*parts, strict=True)
    )
    return levels, bands, periodic, pitch


def _floor_and_ceiling(levels: Floats) -> tuple[Floats, Floats]:
    """The level of what is there all the time, and of what is loud, around each frame."""
    import numpy as np

    stride = 10
    found = np.array(
        [
            np.percentile(levels[max(0, at - FLOOR_CONTEXT) : at + FLOOR_CONTEXT], (10, 95))
            for at in range(0, len(levels), stride)
        ],
        dtype=np.float32,
    )
    floor, ceiling = np.repeat(found, stride, axis=0)[: len(levels)].T
    return np.maximum(floor, QUIETEST_DB), ceiling


def _around(values: NDArray[np.generic]) -> NDArray[np.float64]:
    """Means over CONTEXT frames to either side: (T, K)."""
    import numpy as np

    sums = np.concatenate((np.zeros((1, values.shape[1])), np.cumsum(values, 0, dtype=float)))
    at = np.arange(len(values))
    low, high = np.maximum(0, at - CONTEXT), np.minimum(len(values), at + CONTEXT + 1)
    means: NDArray[np.float64] = (sums[high] - sums[low]) / (high - low)[:, None]
    return means


def _ramp(values: NDArray[np.floating], ends: tuple[float, float]) -> NDArray[np.floating]:
    import numpy as np

    ramp: NDArray[np.floating] = np.clip((values - ends[0]) / (ends[1] - ends[0]), 0, 1)
    return ramp
