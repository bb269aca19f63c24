"""`search_frames`, `search_clips` and `ground_event` by open_clip.

G. Ilharco et al., OpenCLIP, 2021; M. Cherti et al., "Reproducible scaling laws for contrastive
language-image learning", 2023. open_clip prepares pictures with torchvision, which breaks where it
does not fit its torch: whatever its import raises is said as it is.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vprog.errors import ModuleFailedError, PackageMissingError, WeightsMissingError
from vprog.models.memory_budget import MODEL_MEMORY, Loadable, ModelMemory
from vprog.models.weights import Weights
from vprog.registry.module import implements
from vprog_modules.retrieval.clip_search import ClipSearch
from vprog_modules.retrieval.event_search import EventSearch
from vprog_modules.retrieval.frame_index import RetrievalModule
from vprog_modules.retrieval.frame_search import FrameSearch

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Picture = NDArray[np.uint8]

OPEN_CLIP = Weights("laion/CLIP-ViT-B-32-laion2B-s34B-b79K", "main", "MIT", size_mb=605)
_CONFIG = "open_clip_config.json"


class OpenClipEncoder:
    """A model of open_clip in a folder, as the hub keeps it, on one device.

    Raises:
        PackageMissingError: open_clip or torchvision do not import, whatever the reason.
        WeightsMissingError: the folder is not on this machine, or holds no model of open_clip.
        ModuleFailedError: the model cannot be loaded.
    """

    batch_size = 16

    def __init__(self, weights: Weights, device: str, memory: ModelMemory = MODEL_MEMORY) -> None:
        folder = _checked(weights)
        self.name = f"open_clip {weights.id}@{weights.state}"
        self._memory = memory
        self._loadable = Loadable(
            key=("open_clip", str(folder), weights.state, device),
            name=f"the model in {folder}",
            load=lambda: _load(folder, device),
            unload=_Loaded.free,
            measure=lambda model: int(model.memory_mb),
        )
        try:
            self.n_columns = len(self.words("a"))
        except BaseException:
            memory.release(self)
            raise

    def pictures(self, pictures: Sequence[Picture]) -> Floats:
        import torch
        from PIL import Image

        with self._memory.hold(self._loadable, self) as model, model.lock, torch.inference_mode():
            batch = torch.stack([model.prepare(Image.fromarray(picture)) for picture in pictures])
            return _numbers(model.network.encode_image(batch.to(model.device), normalize=True))

    def words(self, text: str) -> Floats:
        import torch

        with self._memory.hold(self._loadable, self) as model, model.lock, torch.inference_mode():
            tokens = model.tokenize([text]).to(model.device)
            vector: Floats = _numbers(model.network.encode_text(tokens, normalize=True))[0]
            return vector

    def close(self) -> None:
        """Let go; the last to do so frees the memory."""
        self._memory.release(self)


class _Loaded:
    def __init__(self, network: Any, prepare: Any, tokenize: Any, device: str) -> None:
        self.network, self.prepare, self.tokenize = network, prepare, tokenize
        self.device = device
        self.lock = threading.Lock()

    @property
    def memory_mb(self) -> int:
        sizes = (tensor.numel() * tensor.element_size() for tensor in self.network.parameters())
        return -(-int(sum(sizes)) // 1_000_000)

    def free(self) -> None:
        with self.lock:
            del self.network


def _checked(weights: Weights) -> Path:
    """The folder; open_clip itself would go on with random weights, or fetch a half."""
    folder = weights.verified()
    files = [
        file for ending in ("safetensors", "bin", "pth") for file in folder.glob(f"*.{ending}")
    ]
    try:
        config = json.loads((folder / _CONFIG).read_text(encoding="utf-8"))["model_cfg"]
        text = config["text_cfg"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise WeightsMissingError(
            f"{weights.id}: {folder} holds no {_CONFIG} that says what model it is.",
            hint="Name a folder or an id of open_clip's own format.",
        ) from error
    if not files:
        raise WeightsMissingError(
            f"{weights.id}: {folder} holds no weights.", hint="Fetch its files again."
        )
    if "hf_model_name" in text:
        raise ModuleFailedError(
            f"{weights.id}: open_clip would fetch {text['hf_model_name']} for its words.",
            hint="Name a model whose two halves are in one folder.",
        )
    return folder


def _load(folder: Path, device: str) -> _Loaded:
    try:
        import open_clip
        import torchvision  # noqa: F401  # open_clip says less of what is wrong with it
    except Exception as error:  # RuntimeError beside a torch that it does not fit
        raise PackageMissingError(
            f"open_clip is not available, because importing it failed: "
            f"{' '.join(str(error).split())[:200]}.",
            hint='Run: pip install "vprog[clip]", with a torchvision that fits the torch here.',
        ) from error
    try:
        network, prepare = open_clip.create_model_from_pretrained(f"local-dir:{folder}")
        tokenize = open_clip.get_tokenizer(f"local-dir:{folder}")
        return _Loaded(network.to(device).eval(), prepare, tokenize, device)
    except Exception as error:  # what a damaged folder raises differs by model
        raise ModuleFailedError(
            f"the model in {folder} cannot be loaded: {' '.join(str(error).split())[:200]}.",
            hint="Fetch its files again, or name other weights.",
        ) from error


def _numbers(features: Any) -> Floats:
    numbers: Floats = features.float().cpu().numpy()
    return numbers


class OpenClipModule(RetrievalModule):
    """Its weights are open_clip's."""

    def load(self, device: str, weights: Weights = OPEN_CLIP) -> None:
        """Load the model, or share the one that another module loaded."""
        self._encoder = OpenClipEncoder(weights, device)


@implements(
    "search_frames", version="2", needs=("open_clip", "torch", "torchvision"), extra="clip",
    weights=(OPEN_CLIP,), takes_weights=True, rank=10, backend="open_clip",
)  # fmt: skip
class SearchFramesOpenClip(OpenClipModule, FrameSearch):
    """Code: MIT; weights: MIT, LAION."""


@implements(
    "search_clips", version="2", needs=("open_clip", "torch", "torchvision"), extra="clip",
    weights=(OPEN_CLIP,), takes_weights=True, rank=10, backend="open_clip",
)  # fmt: skip
class SearchClipsOpenClip(OpenClipModule, ClipSearch):
    """Code: MIT; weights: MIT, LAION."""


@implements(
    "ground_event", version="2", needs=("open_clip", "torch", "torchvision"), extra="clip",
    weights=(OPEN_CLIP,), takes_weights=True, rank=10, backend="open_clip",
)  # fmt: skip
class GroundEventOpenClip(OpenClipModule, EventSearch):
    """Code: MIT; weights: MIT, LAION."""
