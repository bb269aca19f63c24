"""`transcribe` by Whisper models of transformers, from their folder."""

from __future__ import annotations

import math
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from vprog.errors import ModuleFailedError, VprogError
from vprog.models.hf.loading import LOCAL, load_network
from vprog.models.weights import Weights
from vprog.registry.module import implements
from vprog_modules.sound.sound_windows import RATE
from vprog_modules.speech.whisper_windows import Heard, WhisperModule
from vprog_modules.speech.whisper_words import RawWord

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

WHISPER = Weights("openai/whisper-base", "main", "Apache-2.0", size_mb=290)

_UNSPACED = frozenset({"zh", "ja", "th", "lo", "my", "yue"})
"""Languages that put no spaces between words: each letter stands for itself."""


@implements(
    "transcribe",
    summary="Give what is said, with times: from subtitles if there are any, else by listening.",
    needs=("torch", "transformers"),
    extra="hf",
    weights=(WHISPER,),
    takes_weights=True,
    memory_mb=290,
    rank=24,
    backend="Whisper through transformers, voice gate",
    version="2",
)
class TranscribeTransformers(WhisperModule):
    """Any Whisper model that `save_pretrained` wrote."""

    def load(self, device: str, weights: Weights = WHISPER) -> None:
        """Read network, tokenizer and what makes spectrograms."""
        folder = str(weights.folder().path)
        try:
            transformers, network = load_network(
                folder, device, "AutoModelForSpeechSeq2Seq", attn_implementation="eager"
            )
            self._features = transformers.AutoFeatureExtractor.from_pretrained(folder, **LOCAL)
            self._tokenizer = transformers.AutoTokenizer.from_pretrained(folder, **LOCAL)
        except VprogError:
            raise
        except Exception as error:  # what a damaged folder raises differs by model
            raise ModuleFailedError(
                f"the model in {folder} cannot be loaded: {' '.join(str(error).split())[:200]}.",
                hint="Fetch its files again, or name other weights.",
            ) from error
        if network.config.model_type != "whisper":
            raise ModuleFailedError(
                f'{weights.id} is of the kind "{network.config.model_type}", not Whisper.',
                hint="Name a Whisper model.",
            )
        settings = network.generation_config
        if getattr(settings, "alignment_heads", None) is None:
            # As OpenAI's package does where a checkpoint names none: the upper half of the layers.
            layers = network.config.decoder_layers
            settings.alignment_heads = [
                [layer, head]
                for layer in range(layers // 2, layers)
                for head in range(network.config.decoder_attention_heads)
            ]
        self._network = network
        self._lock = threading.Lock()

    def unload(self) -> None:
        """Let the model go."""
        with self._lock:
            del self._network

    def recognise(self, sounds: Sequence[Floats]) -> list[Heard]:
        import torch

        with self._lock, torch.inference_mode():
            network = self._network
            tensors = self._features(
                list(sounds), sampling_rate=RATE, return_tensors="pt", return_attention_mask=True
            ).to(network.device)
            features = tensors["input_features"].to(network.dtype)
            told: dict[str, Any] = {}
            codes = [""] * len(sounds)
            if getattr(network.generation_config, "is_multilingual", False):
                languages = network.detect_language(input_features=features)
                codes = [self._code(int(token)) for token in languages]
                told = {"language": codes, "task": "transcribe"}
            written = network.generate(
                input_features=features,
                attention_mask=tensors["attention_mask"],
                return_token_timestamps=True,
                do_sample=False,
                num_beams=1,
                **told,
            )
            return [
                self._heard(feature, ids.tolist(), ends.tolist(), code)
                for feature, ids, ends, code in zip(
                    features, written["sequences"], written["token_timestamps"], codes, strict=True
                )
            ]

    def _code(self, token: int) -> str:
        by_token = {
            number: name for name, number in self._network.generation_config.lang_to_id.items()
        }
        return str(by_token[token]).strip("<|>")

    def _heard(self, feature: Any, ids: list[int], ends: list[float], code: str) -> Heard:
        """The words of one window: tokens with the times at which each ends."""
        stop = int(self._network.config.eos_token_id)
        text = [(token, end) for token, end in zip(ids, ends, strict=False) if token < stop]
        if not text:
            return Heard([], 0.0, 0.0, code)
        tokens = [token for token, _ in text]
        logprobs = self._logprobs(feature, tokens, code)
        starts = [0.0, *(end for _, end in text[:-1])]
        words: list[RawWord] = []
        for first, last in _words(tokens, self._tokenizer.decode, is_spaced=code not in _UNSPACED):
            chances = [math.exp(logprob) for logprob in logprobs[first:last]]
            words.append(
                RawWord(
                    self._tokenizer.decode(tokens[first:last]),
                    starts[first],
                    text[last - 1][1],
                    sum(chances) / len(chances),
                )
            )
        return Heard(words, sum(logprobs) / len(logprobs), 0.0, code)

    def _logprobs(self, feature: Any, tokens: list[int], code: str) -> list[float]:
        """What the model gives each token of its text, after all that stand before it."""
        import torch

        settings = self._network.generation_config
        prompt = [settings.decoder_start_token_id]
        if code:
            prompt += [settings.lang_to_id[f"<|{code}|>"], settings.task_to_id["transcribe"]]
        prompt.append(settings.no_timestamps_token_id)
        ids = torch.tensor([[*prompt, *tokens]], device=feature.device)
        logits = self._network(input_features=feature[None], decoder_input_ids=ids).logits[0]
        scores = logits[len(prompt) - 1 : -1].float().log_softmax(-1)  # (T, V)
        return [float(scores[at, token]) for at, token in enumerate(tokens)]


def _words(tokens: list[int], decode: Any, *, is_spaced: bool) -> list[tuple[int, int]]:
    """From which token to which (exclusive) each word is: it begins with a space.

    Without spaces each letter is a word. Tokens that hold parts of a letter stay together.
    """
    words: list[tuple[int, int]] = []
    first = 0
    for at in range(1, len(tokens) + 1):
        piece = decode(tokens[first:at])
        if "\ufffd" in piece and at < len(tokens):
            continue
        if is_spaced and words and not piece.startswith(" "):
            words[-1] = (words[-1][0], at)
        else:
            words.append((first, at))
        first = at
    return words
