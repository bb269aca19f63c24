"""`transcribe` by OpenAI's own package, from a checkpoint that lies on this machine."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vprog.errors import ModuleFailedError, PackageMissingError
from vprog.models.weights import Weights, digest_of
from vprog.registry.module import implements
from vprog_modules.speech.whisper_windows import Heard, WhisperModule
from vprog_modules.speech.whisper_words import RawWord

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

CHECKPOINT = Weights(
    id="whisper base (OpenAI checkpoint)",
    revision="2022-09",
    licence="MIT",
    size_mb=145,
    file="base.pt",
    sha256="ed3a0b6b1c0edf879ad9b11b1af5a0e6ab5db9205f891f668f8b0e6c6326e34e",
    cache="whisper",
    command="python -c \"import whisper; whisper.load_model('base')\"",
)


@implements(
    "transcribe",
    summary="Give what is said, with times: from subtitles if there are any, else by listening.",
    needs=("whisper", "torch"),
    extra="whisper",
    weights=(CHECKPOINT,),
    takes_weights=True,
    memory_mb=300,
    rank=22,
    backend="Whisper on OpenAI's package, voice gate",
    version="2",
)
class TranscribeOpenAIWhisper(WhisperModule):
    """The checkpoint is named by its path: nothing is fetched, and ffmpeg is not needed."""

    def load(self, device: str, weights: Weights = CHECKPOINT) -> None:
        """Read the checkpoint."""
        path = weights.verified()
        whisper = _package()
        try:
            self._model = whisper.load_model(str(path), device=device).eval()
        except Exception as error:  # what a damaged file raises differs
            raise ModuleFailedError(
                f"the checkpoint {path} cannot be loaded: {' '.join(str(error).split())[:200]}.",
                hint="Name a .pt file of OpenAI's Whisper, or fetch it again.",
            ) from error
        if heads := _alignment_heads(whisper, path):
            self._model.set_alignment_heads(heads)
        self._whisper = whisper

    def unload(self) -> None:
        """Let the model go."""
        del self._model

    def recognise(self, sounds: Sequence[Floats]) -> list[Heard]:
        import torch
        from whisper import timing
        from whisper.tokenizer import get_tokenizer

        model, whisper = self._model, self._whisper
        mels = [
            whisper.log_mel_spectrogram(
                whisper.pad_or_trim(sound), model.dims.n_mels, device=model.device
            )
            for sound in sounds
        ]
        options = whisper.DecodingOptions(  # greedy: its beams take one sound at a time
            language=None if model.is_multilingual else "en",
            without_timestamps=True,
            fp16=model.device.type != "cpu",
        )
        heard = []
        with torch.inference_mode():
            results = whisper.decode(model, torch.stack(mels), options)
        for sound, mel, result in zip(sounds, mels, results, strict=True):
            tokenizer = get_tokenizer(
                model.is_multilingual,
                num_languages=model.num_languages,
                language=result.language,
                task="transcribe",
            )
            tokens = [token for token in result.tokens if token < tokenizer.eot]
            n_frames = max(2, len(sound) // whisper.audio.HOP_LENGTH)
            words = timing.find_alignment(model, tokenizer, tokens, mel, n_frames)
            heard.append(
                Heard(
                    [
                        RawWord(
                            word.word, float(word.start), float(word.end), float(word.probability)
                        )
                        for word in words
                    ],
                    float(result.avg_logprob),
                    float(result.no_speech_prob),
                    result.language if model.is_multilingual else "",
                )
            )
        return heard


def _package() -> Any:
    try:
        import whisper

        whisper.load_model, whisper.decode  # noqa: B018  # another package has the same name
    except Exception as error:
        raise PackageMissingError(
            f"whisper is not available, because its import gives: "
            f"{' '.join(str(error).split())[:200]}.",
            hint='Run: pip install "vprog[whisper]" (a package named whisper is another one)',
        ) from error
    return whisper


def _alignment_heads(whisper: Any, path: Path) -> Any:
    """The heads that tell times best, which the package knows of its own checkpoints by name."""
    address = getattr(whisper, "_MODELS", {}).get(path.stem, "")
    heads = getattr(whisper, "_ALIGNMENT_HEADS", {}).get(path.stem)
    return heads if address and digest_of(path) in address else None
