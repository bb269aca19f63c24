"""`find_speakers` by Streaming Sortformer (Nemotron 3 Diarization), through transformers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vprog.errors import ModuleInputError, PackageMissingError
from vprog.models.hf.loading import import_transformers
from vprog.models.hf.vision import vision_model
from vprog.models.memory_budget import MODEL_MEMORY
from vprog.models.weights import Weights
from vprog.registry.call_context import current
from vprog.registry.module import implements
from vprog.types import MAX_ITEMS, Event, Span, Video
from vprog_modules.sound.sound_windows import RATE, audible_track, listening_span, runs_of
from vprog_modules.sound.spectrograms import load_spectrograms

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

WEIGHTS = Weights("nvidia/Nemotron-3-Diarization", "main", licence="OpenMDW-1.1", size_mb=400)
NETWORK = "Nemotron3DiarizationForAudioFrameClassification"

LONGEST_S = 7200.0
"""What is listened to at once: its samples and spectrogram take 0.12 MB a second."""

SPEAKS = 0.5
"""From this probability on a speaker is taken to speak: where the vendor's own processor cuts."""


@implements(
    "find_speakers",
    needs=("torch", "transformers"),
    extra="hf",
    weights=(WEIGHTS,),
    takes_weights=True,
    memory_mb=600,
    rank=20,
    backend="Streaming Sortformer through transformers",
)
class FindSpeakersSortformer:
    """Listens to all of a span at once, since it knows voices again by what it heard before."""

    def load(self, device: str, weights: Weights) -> None:
        """Load the network, and what makes its spectrograms."""
        transformers = import_transformers("find_speakers")
        if not hasattr(transformers, NETWORK):
            raise PackageMissingError(
                f"transformers {transformers.__version__} has no Nemotron 3 Diarization.",
                hint='Run: pip install --upgrade "transformers>=5.24"',
            )
        folder = weights.folder()
        self._loadable = vision_model(folder, device, NETWORK, has_processor=False)
        with MODEL_MEMORY.hold(self._loadable, self):
            pass
        self._features = load_spectrograms("AutoFeatureExtractor", folder, weights.id, RATE)

    def unload(self) -> None:
        """Let go; the last to do so frees the memory."""
        MODEL_MEMORY.release(self)

    def __call__(
        self,
        video: Video,
        *,
        span: Span | None = None,
        max_pause: float = 0.5,
        audio_track: int = 0,
    ) -> list[Event]:
        """
        Tells apart as many voices as its weights were made for, eight with those it comes with;
        takes up to two hours at once.

        Source: T. Park et al., "Sortformer: seamless integration of speaker diarization and ASR
        by bridging timestamps and tokens", 2024; I. Medennikov et al., "Streaming Sortformer:
        speaker cache-based online speaker diarization with arrival-time ordering", Interspeech
        2025; code of transformers (Apache-2.0), weights nvidia/Nemotron-3-Diarization
        (OpenMDW-1.1).
        """
        media = current()
        listening = listening_span("find_speakers", media, video, span)
        if listening.end - listening.start > LONGEST_S:
            raise ModuleInputError(
                f"find_speakers(video): expected at most {LONGEST_S:.0f} s at once, got "
                f"{listening.end - listening.start:.0f} s.",
                hint="Give a span; speakers are counted anew in each.",
            )
        track = audible_track("find_speakers", media, video, listening, audio_track)
        samples = media.sound(video.index, listening, track=track)
        chances = self._chances(samples)
        if len(chances) and float(chances.max(axis=0).min()) > SPEAKS:
            media.warn(
                f"{chances.shape[1]} speakers were told apart, which is the most: there may be more"
            )
        column_s = self._features.hop_length / RATE
        events = turns(chances, column_s, max_pause, listening)
        if len(events) > MAX_ITEMS:
            raise ModuleInputError(
                f"find_speakers(video): expected at most {MAX_ITEMS} turns, got {len(events)}.",
                hint="Raise max_pause, or use a shorter span; the last that fits ends at "
                f"{events[MAX_ITEMS - 1].end:.0f} s.",
            )
        return events

    def _chances(self, samples: Floats) -> Floats:
        """The probability that each speaker speaks in each column of the spectrogram: (T, N)."""
        import numpy as np
        import torch

        # A column at least: what is shorter is filled up with silence.
        filled = np.pad(samples, (0, max(0, self._features.n_fft - len(samples))))
        tensors = self._features(filled, sampling_rate=RATE, return_tensors="pt")
        with MODEL_MEMORY.hold(self._loadable, self) as model, model.lock, torch.inference_mode():
            logits = model.network(**model.inputs(tensors)).logits[0].float()
            chances: Floats = logits.sigmoid().cpu().numpy()
        heard = -(-len(samples) // self._features.hop_length)
        return chances[:heard]


def turns(chances: Floats, column_s: float, max_pause: float, listening: Span) -> list[Event]:
    """The turns of all speakers, in order of time.

    Args:
        chances: the probability that each speaker speaks in each column, (T, N).
        column_s: from one column to the next.
        max_pause: what stays inside of a turn, in seconds.
        listening: where the columns lie in the file.
    """
    events: list[Event] = []
    speaking = [(chance, runs_of(chance > SPEAKS)) for chance in chances.T]
    # By who speaks first; who never does has no number.
    heard = sorted((part for part in speaking if part[1]), key=lambda part: part[1][0][0])
    for number, (chance, runs) in enumerate(heard, start=1):
        joined = [runs[0]]
        for first, end in runs[1:]:
            if (first - joined[-1][1]) * column_s <= max_pause + 1e-9:
                joined[-1] = (joined[-1][0], end)
            else:
                joined.append((first, end))
        for first, end in joined:
            spoken = chance[first:end]
            events.append(
                Event(
                    f"speaker {number}",
                    round(listening.start + first * column_s, 3),
                    round(min(listening.start + end * column_s, listening.end), 3),
                    round(float(spoken[spoken > SPEAKS].mean()), 4),
                )
            )
    return sorted(events, key=lambda event: (event.start, event.kind))
