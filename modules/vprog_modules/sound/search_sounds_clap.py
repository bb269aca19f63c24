"""`search_sounds` by CLAP, which puts sounds and words into one space, through transformers."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple, cast

from vprog.errors import ModuleFailedError, ModuleInputError
from vprog.models.hf.vision import VisionModel, vision_model
from vprog.models.memory_budget import MODEL_MEMORY
from vprog.models.weights import Weights
from vprog.registry.call_context import CallContext, current
from vprog.registry.module import Call, implements
from vprog.types import Match, Span, Video
from vprog_modules.frames.network_output_cache import KeptOutputs
from vprog_modules.retrieval.clip_search import best_apart
from vprog_modules.retrieval.frame_index import match_of
from vprog_modules.retrieval.picture_text_encoder import unit_vectors
from vprog_modules.sound.sound_windows import (
    AUDIBLE_DB,
    RATE,
    audible_track,
    decibels,
    listening_span,
    overlapping_windows,
    sound_key,
)
from vprog_modules.sound.spectrograms import load_spectrograms

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

WEIGHTS = Weights("laion/clap-htsat-unfused", "main", licence="Apache-2.0", size_mb=615)
CLAP_RATE = 48_000
"""Samples a second that CLAP was trained on; what is decoded has a third, up to 8 kHz."""

LONGEST_TEXT = 77
"""Tokens: of the texts that CLAP was trained on."""

BATCH = 16
KEPT = 4096
"""Windows whose vectors are kept, 2 KB each: more than two hours of windows of 5 s."""


class Asked(NamedTuple):
    """One call, checked."""

    media: CallContext
    video: Video
    query: str
    seconds: float
    n_matches: int
    listening: Span
    track: int


class Heard(NamedTuple):
    """The windows of one call in which anything is heard: (start, end), and their vectors."""

    spans: list[tuple[float, float]]
    vectors: list[Floats]


@implements(
    "search_sounds",
    batch=4,
    needs=("torch", "transformers", "scipy"),
    extra="hf",
    weights=(WEIGHTS,),
    takes_weights=True,
    memory_mb=700,
    rank=20,
    backend="CLAP through transformers",
)
class SearchSoundsClap:
    """Each part goes through the network once: other words for it cost nothing."""

    def load(self, device: str, weights: Weights) -> None:
        """Load the network, what makes its spectrograms, and its tokenizer."""
        folder = weights.folder()
        self._loadable = vision_model(
            folder, device, "ClapModel", reads_text=True, has_processor=False
        )
        self._features = load_spectrograms("ClapFeatureExtractor", folder, weights.id, CLAP_RATE)
        with MODEL_MEMORY.hold(self._loadable, self) as model:
            if model.kind != "clap":
                raise ModuleFailedError(
                    f'{weights.id} is of the kind "{model.kind}", which does not put sounds and '
                    "words into one space.",
                    hint="Name a CLAP model.",
                )
        self._kept: KeptOutputs[Floats] = KeptOutputs(KEPT)

    def unload(self) -> None:
        """Let go; the last to do so frees the memory."""
        MODEL_MEMORY.release(self)

    def __call__(
        self,
        video: Video,
        query: str,
        *,
        seconds: float = 5.0,
        count: int = 5,
        span: Span | None = None,
        audio_track: int = 0,
    ) -> list[Match]:
        """
        Hears up to 8 kHz.

        Source: Y. Wu et al., "Large-scale contrastive language-audio pretraining with feature
        fusion and keyword-to-caption augmentation", ICASSP 2023; code of transformers
        (Apache-2.0), weights laion/clap-htsat-* (Apache-2.0).
        """
        asked = self._asked(current(), video, query, seconds, count, span, audio_track)
        return self._found([asked])[0]

    def batch(self, calls: Sequence[Call]) -> list[list[Match]]:
        """The matches of each call; the windows of all go through the network together."""
        return self._found(
            [
                self._asked(
                    call.context,
                    cast(Video, call.arguments["video"]),
                    cast(str, call.arguments["query"]),
                    cast(float, call.arguments["seconds"]),
                    cast(int, call.arguments["count"]),
                    cast("Span | None", call.arguments["span"]),
                    cast(int, call.arguments["audio_track"]),
                )
                for call in calls
            ]
        )

    def _asked(
        self,
        media: CallContext,
        video: Video,
        query: str,
        seconds: float,
        count: int,
        span: Span | None,
        audio_track: int,
    ) -> Asked:
        longest = self._features.max_length_s
        if seconds > longest:
            raise ModuleInputError(
                f"search_sounds(video, query): expected parts of at most {longest:g} s, "
                f"which is what the model takes, got {seconds:g}.",
                hint="Use shorter ones.",
            )
        listening = listening_span("search_sounds", media, video, span)
        track = audible_track("search_sounds", media, video, listening, audio_track)
        return Asked(media, video, query, seconds, count, listening, track)

    def _found(self, calls: Sequence[Asked]) -> list[list[Match]]:
        import numpy as np

        heard = [Heard([], []) for _ in calls]
        windows = (
            (number, span, samples)
            for number, call in enumerate(calls)
            for span, samples in overlapping_windows(
                call.media, call.video, call.listening, call.seconds, call.track
            )
            if float(decibels(np.mean(samples**2, keepdims=True))[0]) > AUDIBLE_DB
        )
        with MODEL_MEMORY.hold(self._loadable, self) as model:
            while some := list(islice(windows, BATCH)):
                sounds = [samples for *_, samples in some]
                keys = [sound_key(samples) for samples in sounds]
                vectors = self._kept.through(keys, sounds, lambda news: self._listen(model, news))
                for (number, span, _), vector in zip(some, vectors, strict=True):
                    heard[number].spans.append((span.start, span.end))
                    heard[number].vectors.append(vector)
            words = [_words(model, call.query) for call in calls]
        return [
            _matches(call, part, vector)
            for call, part, vector in zip(calls, heard, words, strict=True)
        ]

    def _listen(self, model: VisionModel, sounds: Sequence[Floats]) -> list[Floats]:
        """A vector of length 1 for each sound."""
        import torch
        from scipy.signal import resample_poly

        fuller = [resample_poly(samples, CLAP_RATE // RATE, 1) for samples in sounds]
        tensors = dict(self._features(fuller, sampling_rate=CLAP_RATE, return_tensors="pt"))
        # Of some models it marks one of several short sounds as long, at random.
        tensors["is_longer"] = torch.zeros_like(torch.as_tensor(tensors["is_longer"]))
        tensors["input_features"] = tensors["input_features"].float()
        with model.lock, torch.inference_mode():
            return list(unit_vectors(model.network.get_audio_features(**model.inputs(tensors))))


def _words(model: VisionModel, query: str) -> Floats:
    """The vector of length 1 of a text."""
    import torch

    tokens = model.tokenizer(query, truncation=True, max_length=LONGEST_TEXT, return_tensors="pt")
    tensors = {name: tokens[name] for name in ("input_ids", "attention_mask")}
    with model.lock, torch.inference_mode():
        unit: Floats = unit_vectors(model.network.get_text_features(**model.inputs(tensors)))[0]
        return unit


def _matches(call: Asked, heard: Heard, words: Floats) -> list[Match]:
    import numpy as np

    if not heard.spans:
        return []
    scores = np.stack(heard.vectors) @ words
    return [
        match_of(call.query, *heard.spans[at], float(scores[at]), "sounds")
        for at in best_apart(heard.spans, scores, call.n_matches)
    ]
