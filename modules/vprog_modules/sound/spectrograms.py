"""What makes the spectrograms that a sound model of transformers takes."""

from __future__ import annotations

from typing import Any

from vprog.errors import ModuleFailedError
from vprog.models.hf.loading import LOCAL, import_transformers
from vprog.models.weights import ModelFolder


def load_spectrograms(extractor: str, folder: ModelFolder, name: str, rate: int) -> Any:
    """The feature extractor of a model.

    Args:
        extractor: its class in transformers, e.g. "ASTFeatureExtractor".
        folder: of the model.
        name: of the model, for messages.
        rate: samples a second of what it will be given.

    Raises:
        PackageMissingError: torch or transformers do not import.
        ModuleFailedError: it cannot be loaded, or takes another rate.
    """
    transformers = import_transformers(extractor)
    try:
        features = getattr(transformers, extractor).from_pretrained(folder.path, **LOCAL)
    except Exception as error:  # what a damaged folder raises differs, as do broken packages
        raise ModuleFailedError(
            f"what makes spectrograms for the model in {folder.path} cannot be loaded: "
            f"{' '.join(str(error).split())[:200]}.",
            hint="Fetch its files again, or name other weights; a torchaudio that does not "
            "fit torch can be removed: it is not needed.",
        ) from error
    if features.sampling_rate != rate:
        raise ModuleFailedError(
            f"{name} listens at {features.sampling_rate} samples a second, vprog at {rate}.",
            hint=f"Name a model for {rate // 1000} kHz.",
        )
    return features
