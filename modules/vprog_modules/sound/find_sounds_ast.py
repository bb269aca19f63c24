"""`find_sounds` by the Audio Spectrogram Transformer, through transformers."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple, cast

from vprog.errors import ModuleFailedError, ModuleInputError
from vprog.media.track_words import track_words
from vprog.models.hf.loading import LOCAL, import_transformers
from vprog.models.hf.vision import VisionModel, vision_model
from vprog.models.memory_budget import MODEL_MEMORY
from vprog.models.weights import Weights
from vprog.registry.call_context import CallContext, current
from vprog.registry.module import Call, implements
from vprog.types import MAX_ITEMS, Event, Span, Video
from vprog_modules.frames.network_output_cache import KeptOutputs
from vprog_modules.sound.sound_labels import SoundLabels
from vprog_modules.sound.sound_windows import (
    AUDIBLE_DB,
    RATE,
    decibels,
    listening_span,
    name_track,
    tracks_to_hear,
    window_powers,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

AST = Weights(
    "MIT/ast-finetuned-audioset-10-10-0.4593", "main", licence="BSD-3-Clause", size_mb=346
)
BATCH = 16
KEPT = 4096
"""Windows whose scores are kept, some 2 KB each: more than an hour of windows of 2 s."""

FRAME_S = 0.01
"""From one column of the spectrogram to the next."""

LEAST_SAMPLES = 400
"""What one column is computed from: 25 ms; a shorter sound is filled up with silence."""


class Asked(NamedTuple):
    """One call, checked: what is listened to for which label of the model."""

    media: CallContext
    video: Video
    sound: str
    label: int
    listening: Span
    window: float
    min_score: float
    track: int


@implements(
    "find_sounds",
    batch=4,
    needs=("torch", "transformers"),
    extra="hf",
    weights=(AST,),
    takes_weights=True,
    memory_mb=700,
    rank=20,
    backend="Audio Spectrogram Transformer through transformers",
)
class FindSoundsAst:
    """All sounds of a window at once: asking for another sound of it costs nothing."""

    def load(self, device: str, weights: Weights = AST) -> None:
        """Load the network, what makes its spectrograms, and its labels."""
        folder = weights.folder()
        self._loadable = vision_model(
            folder, device, "ASTForAudioClassification", has_processor=False
        )
        _, transformers = import_transformers("find_sounds")
        try:
            self._features = transformers.ASTFeatureExtractor.from_pretrained(folder.path, **LOCAL)
        except Exception as error:  # what a damaged folder raises differs, as do broken packages
            raise ModuleFailedError(
                f"what makes spectrograms for the model in {folder.path} cannot be loaded: "
                f"{' '.join(str(error).split())[:200]}.",
                hint="Fetch its files again, or name other weights; a torchaudio that does not "
                "fit torch can be removed: it is not needed.",
            ) from error
        if self._features.sampling_rate != RATE:
            raise ModuleFailedError(
                f"{weights.id} listens at {self._features.sampling_rate} samples a second, "
                f"vprog at {RATE}.",
                hint="Name a model for 16 kHz.",
            )
        with MODEL_MEMORY.hold(self._loadable, self) as model:
            config = model.network.config
            self._labels = SoundLabels(config.id2label.items())
            self._is_one_of = config.problem_type == "single_label_classification"
            self._longest = min(config.max_length, self._features.max_length) * FRAME_S
        self._kept: KeptOutputs[Floats] = KeptOutputs(KEPT)

    def unload(self) -> None:
        """Let go; the last to do so frees the memory."""
        MODEL_MEMORY.release(self)

    def __call__(
        self,
        video: Video,
        sound: str,
        *,
        span: Span | None = None,
        window: float = 2.0,
        min_score: float = 0.3,
        audio_track: int = 0,
    ) -> list[Event]:
        """
        Knows the sounds of its weights: with those it comes with, the 527 of AudioSet, such as
        speech, laughter, applause, music, singing, bark, meow, siren, doorbell, knock, car horn,
        engine, gunshot, explosion, glass, rain, thunder, footsteps. "dog barking" is "bark".

        Source: Y. Gong et al., "AST: audio spectrogram transformer", 2021; code of transformers
        (Apache-2.0), weights MIT/ast-finetuned-audioset-* (BSD-3-Clause).
        """
        asked = self._asked(current(), video, sound, span, window, min_score, audio_track)
        return self._heard([asked])[0]

    def batch(self, calls: Sequence[Call]) -> list[list[Event]]:
        """The events of each call; the windows of all go through the network together."""
        return self._heard(
            [self._asked(call.context, *_arguments(call.arguments)) for call in calls]
        )

    def _asked(
        self,
        media: CallContext,
        video: Video,
        sound: str,
        span: Span | None,
        window: float,
        min_score: float,
        audio_track: int,
    ) -> Asked:
        label = self._labels.number(sound)
        if window > self._longest:
            raise ModuleInputError(
                f"find_sounds(video, sound): expected a window of at most {self._longest:g} s, "
                f"which is what the model takes, got {window:g}.",
                hint="Use a shorter window.",
            )
        listening = listening_span("find_sounds", media, video, span)
        track = _track(media, video, listening, audio_track)
        return Asked(media, video, sound, label, listening, window, min_score, track)

    def _heard(self, calls: Sequence[Asked]) -> list[list[Event]]:
        hits: list[list[tuple[int, Span, float]]] = [[] for _ in calls]
        windows = (
            (number, at, span, samples)
            for number, call in enumerate(calls)
            for at, (span, samples) in enumerate(sound_windows(call))
        )
        with MODEL_MEMORY.hold(self._loadable, self) as model:
            while some := list(islice(windows, BATCH)):
                scores = self._scores(model, [samples for *_, samples in some])
                for (number, at, span, _), row in zip(some, scores, strict=True):
                    score = float(row[calls[number].label])
                    if score >= calls[number].min_score:
                        hits[number].append((at, span, score))
        return [joined(call, found) for call, found in zip(calls, hits, strict=True)]

    def _scores(self, model: VisionModel, sounds: Sequence[Floats]) -> list[Floats]:
        """The score of every label in each window; what was heard before is not heard again."""
        keys = [hashlib.blake2b(samples.tobytes(), digest_size=16).digest() for samples in sounds]
        rows = {key: self._kept.get(key) for key in keys}
        news = {key: x for key, x in zip(keys, sounds, strict=True) if rows[key] is None}
        if news:
            for key, row in zip(news, self._listen(model, list(news.values())), strict=True):
                rows[key] = self._kept.keep(key, row)
        return [cast("Floats", rows[key]) for key in keys]

    def _listen(self, model: VisionModel, sounds: Sequence[Floats]) -> Floats:
        import numpy as np
        import torch

        filled = [np.pad(x, (0, max(0, LEAST_SAMPLES - len(x)))) for x in sounds]
        tensors = self._features(filled, sampling_rate=RATE, return_tensors="pt")
        with model.lock, torch.inference_mode():
            logits = model.network(**model.inputs(tensors)).logits.float()  # (N, labels)
            # AudioSet names several sounds at once: each has its own yes or no.
            chances = logits.softmax(-1) if self._is_one_of else logits.sigmoid()
            scores: Floats = chances.cpu().numpy()
        return scores


def sound_windows(call: Asked) -> Iterator[tuple[Span, Floats]]:
    """Windows of the sound that overlap by half, with their times; the last ends with it.

    A sound shorter than a window is one window. Holds some 30 s of samples, however long.
    """
    import numpy as np

    size, hop = round(call.window * RATE), max(1, round(call.window * RATE / 2))
    held, start = np.zeros(0, dtype=np.float32), 0
    blocks = call.media.sound_blocks(call.video.index, call.listening, track=call.track)

    def timed(first: int, n: int) -> Span:
        at = call.listening.start + first / RATE
        return Span(round(at, 3), round(min(at + n / RATE, call.listening.end), 3))

    for _, block in blocks:
        held = np.concatenate((held, block))
        while len(held) >= size + hop:  # what follows fills another one
            yield timed(start, size), held[:size]
            held, start = held[hop:], start + hop
    if len(held):
        yield timed(start, min(size, len(held))), held[:size]
        if (left := len(held) - size) > 0:
            yield timed(start + left, size), held[left:]


def joined(call: Asked, hits: Iterable[tuple[int, Span, float]]) -> list[Event]:
    """Windows in a row as one event, with the score of the best.

    Raises:
        ModuleInputError: there are more events than a list may have.
    """
    events: list[Event] = []
    last = -2
    for at, span, score in hits:
        score = round(score, 4)
        if at == last + 1:
            before = events.pop()
            events.append(Event(call.sound, before.start, span.end, max(before.score, score)))
        else:
            events.append(Event(call.sound, span.start, span.end, score))
        last = at
    if len(events) > MAX_ITEMS:
        raise ModuleInputError(
            f"find_sounds(video, sound): expected at most {MAX_ITEMS} events, got {len(events)}.",
            hint=f"Raise min_score, or use a span; the last that fits ends at "
            f"{events[MAX_ITEMS - 1].end:.0f} s.",
        )
    return events


def _track(media: CallContext, video: Video, listening: Span, audio_track: int) -> int:
    """The track that is named, else the first in which anything is heard."""
    tracks = tracks_to_hear("find_sounds", media, video, audio_track)
    if len(tracks) == 1:
        return tracks[0].number
    for track in tracks:
        powers = window_powers(media, video, listening, 1.0, track.number)
        if len(powers) and float(decibels(powers).max()) > AUDIBLE_DB:
            name_track(media, video, tracks, f"{track_words(track)} was listened to")
            return track.number
    name_track(media, video, tracks, "none is heard")
    return tracks[0].number


def _arguments(
    named: dict[str, object],
) -> tuple[Video, str, Span | None, float, float, int]:
    return (
        cast(Video, named["video"]),
        cast(str, named["sound"]),
        cast("Span | None", named["span"]),
        cast(float, named["window"]),
        cast(float, named["min_score"]),
        cast(int, named["audio_track"]),
    )
