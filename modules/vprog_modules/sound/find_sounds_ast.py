"""`find_sounds` by the Audio Spectrogram Transformer, through transformers."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple, cast

import snowballstemmer

from vprog.errors import ModuleInputError
from vprog.models.hf.vision import VisionModel, vision_model
from vprog.models.memory_budget import MODEL_MEMORY
from vprog.models.weights import Weights
from vprog.registry.call_context import CallContext, current
from vprog.registry.module import Call, implements
from vprog.types import MAX_ITEMS, Event, Span, Video
from vprog_modules.frames.network_output_cache import KeptOutputs
from vprog_modules.sound.sound_windows import (
    RATE,
    audible_track,
    listening_span,
    overlapping_windows,
    sound_key,
)
from vprog_modules.sound.spectrograms import load_spectrograms

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

_MOST_NAMED = 5
_STEMMER = snowballstemmer.stemmer("english")
_ARTICLES = frozenset({"a", "an", "the"})


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
        self._features = load_spectrograms("ASTFeatureExtractor", folder, weights.id, RATE)
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
        track = audible_track("find_sounds", media, video, listening, audio_track)
        return Asked(media, video, sound, label, listening, window, min_score, track)

    def _heard(self, calls: Sequence[Asked]) -> list[list[Event]]:
        hits: list[list[tuple[int, Span, float]]] = [[] for _ in calls]
        windows = (
            (number, at, span, samples)
            for number, call in enumerate(calls)
            for at, (span, samples) in enumerate(
                overlapping_windows(call.media, call.video, call.listening, call.window, call.track)
            )
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
        keys = [sound_key(samples) for samples in sounds]
        return self._kept.through(keys, sounds, lambda news: list(self._listen(model, news)))

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


class SoundLabels:
    """The labels of one model.

    Args:
        names: each label with its number, as the model's config has them. Those of AudioSet name
            one sound in several ways, with commas: "Vehicle horn, car horn, honking".
    """

    def __init__(self, names: Iterable[tuple[int, str]]) -> None:
        self.names: list[str] = []
        self._ids: dict[str, int] = {}
        self._stems: dict[str, frozenset[str]] = {}
        parts: list[tuple[int, list[str]]] = []
        for number, name in names:
            self.names.append(name)
            self._stems[name] = frozenset(_stems(name))
            # A label as a whole goes before a part of another: "Music" before "Music, sad".
            self._ids.setdefault(_key(_stems(name)), number)
            parts += [(number, _stems(part)) for part in name.split(",")]
        for number, stems in parts:
            if stems:
                self._ids.setdefault(_key(stems), number)

    def number(self, sound: str) -> int:
        """The number of the label that a phrase means, whatever the endings of its words.

        Raises:
            ModuleInputError: the model knows no such sound; it says which are near.
        """
        stems = _stems(sound)
        if not stems:
            raise ModuleInputError(
                f'find_sounds(video, sound): "{sound}" names nothing.',
                hint='Name a sound: "applause".',
            )
        number = self._ids.get(_key(stems))
        if number is not None:
            return number
        near = self._near(sound, frozenset(stems))
        known = "; ".join(near or self.names[:_MOST_NAMED])
        raise ModuleInputError(
            f'find_sounds(video, sound): the model does not know "{sound}". Of its '
            f"{len(self.names)} sounds {'the nearest are' if near else 'some are'}: {known}.",
            hint="Ask for one of these.",
        )

    def _near(self, sound: str, stems: frozenset[str]) -> list[str]:
        """Labels that share words with a phrase, most of all first; else those spelled alike."""
        sharing = [name for name in self.names if self._stems[name] & stems]
        sharing.sort(
            key=lambda name: len(self._stems[name] & stems) / len(self._stems[name] | stems)
        )
        alike = difflib.get_close_matches(sound.capitalize(), self.names, n=_MOST_NAMED, cutoff=0.6)
        return list(dict.fromkeys([*reversed(sharing), *alike]))[:_MOST_NAMED]


def _stems(text: str) -> list[str]:
    words = [word for word in re.findall(r"[^\W_]+", text.lower()) if word not in _ARTICLES]
    return list(_STEMMER.stemWords(words))


def _key(stems: list[str]) -> str:
    """Equal for "door bell" and "doorbell", and for "door bells"."""
    return str(_STEMMER.stemWord("".join(stems)))
