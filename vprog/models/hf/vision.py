"""A vision model of transformers with its image processor: what detects, embeds, segments, reads.

Everything comes from the folder of the weights, through the classes of transformers that
prepare pictures with Pillow: no network, no code of the model's own, no torchvision.
"""

from __future__ import annotations

import threading
from typing import Any

from vprog.errors import ModuleFailedError, VprogError
from vprog.models.device import give_back_memory
from vprog.models.hf.loading import LOCAL, load_network
from vprog.models.memory_budget import Loadable
from vprog.models.weights import ModelFolder


class VisionModel:
    """A loaded network. Used by one thread at a time: hold `lock`.

    Attributes:
        network: of torch, on its device, in inference mode.
        processor: makes `pixel_values` of pictures, with Pillow; None where it was not asked for.
        tokenizer: of a model that reads text too; None where it was not asked for.
    """

    def __init__(self, network: Any, processor: Any, tokenizer: Any) -> None:
        self.network = network
        self.processor = processor
        self.tokenizer = tokenizer
        self.lock = threading.Lock()
        self.kind = str(network.config.model_type)
        self.device = network.device
        self.dtype = network.dtype

    @property
    def memory_mb(self) -> int:
        """What the network holds."""
        return -(-int(self.network.get_memory_footprint()) // 1_000_000)

    def inputs(self, tensors: Any) -> dict[str, Any]:
        """What a processor or tokenizer made, on the network's device and in its precision."""
        return {
            name: tensor.to(self.device, self.dtype)
            if tensor.is_floating_point()
            else tensor.to(self.device)
            for name, tensor in dict(tensors).items()
        }

    def free(self) -> None:
        """Give the memory back."""
        with self.lock:
            del self.network
            give_back_memory(self.device.type)


def vision_model(
    folder: ModelFolder,
    device: str,
    architecture: str,
    *,
    reads_text: bool = False,
    has_processor: bool = True,
) -> Loadable:
    """The model in a folder, loaded once for all who hold it on that device.

    Args:
        folder: of its files, as vprog.models.weights finds it.
        device: "cpu", "cuda" or "cuda:N".
        architecture: the class of transformers that reads it, e.g. "AutoModel".
        reads_text: whether its tokenizer is needed as well.
        has_processor: whether its image processor is; some work with torchvision alone.
    """
    name = f"the model in {folder.path}"

    def load() -> VisionModel:
        try:
            return load_vision_model(
                str(folder.path),
                device,
                architecture,
                reads_text=reads_text,
                has_processor=has_processor,
            )
        except VprogError:
            raise
        except Exception as error:  # what a damaged folder raises differs by model
            raise ModuleFailedError(
                f"{name} cannot be loaded: {' '.join(str(error).split())[:200]}.",
                hint="Fetch its files again, or name other weights.",
            ) from error

    files = [*folder.path.glob("*.safetensors"), *folder.path.glob("*.bin")]
    return Loadable(
        key=("vision", str(folder.path), folder.revision, device, architecture, reads_text),
        name=name,
        load=load,
        unload=VisionModel.free,
        memory_mb=sum(file.stat().st_size for file in files) // 1_000_000,
        measure=lambda model: int(model.memory_mb),
    )


def load_vision_model(
    folder: str,
    device: str,
    architecture: str,
    *,
    reads_text: bool = False,
    has_processor: bool = True,
) -> VisionModel:
    """Load a model; transformers raises what it likes where the folder is damaged.

    Raises:
        PackageMissingError, ModuleFailedError: as `load_network`.
    """
    transformers, network = load_network(folder, device, architecture)
    processor = tokenizer = None
    if has_processor:
        processor = transformers.AutoImageProcessor.from_pretrained(folder, backend="pil", **LOCAL)
    if reads_text:
        tokenizer = transformers.AutoTokenizer.from_pretrained(folder, **LOCAL)
    return VisionModel(network, processor, tokenizer)
