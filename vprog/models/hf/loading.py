"""Reads a model of transformers from its folder: network, tokenizer, chat template, family.

Everything comes from the folder: no network, no code of the model's own, no torchvision.
"""

from __future__ import annotations

import importlib
import json
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from vprog.errors import (
    LlmUnreachableError,
    ModuleFailedError,
    PackageMissingError,
    VprogError,
)
from vprog.models.device import give_back_memory, precision_on
from vprog.models.hf.families import Family, load_family
from vprog.models.memory_budget import Loadable
from vprog.models.weights import ModelFolder

LOCAL: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
"""For every `from_pretrained`."""

_PROCESSORS = ("preprocessor_config.json", "processor_config.json")
"""A model that takes pictures has one of these files."""

_SPELLINGS = ("{}", " {}", "({}")


class TransformersModel:
    """A loaded model. Used by one thread at a time: hold `lock`.

    Attributes:
        kind: the architecture, as its config names it, e.g. "qwen3_vl".
        template: its chat template; None for a model that was not made for conversation.
        takes_parts: whether the template takes a turn as a list of texts and pictures.
        family: how it takes pictures; None if it takes none.
        no_pictures: why a model that should take pictures cannot here.
        end_ids: the tokens that end a reply.
        context: how many tokens it reads and writes together; 0 if it does not say.
    """

    def __init__(
        self,
        network: Any,
        tokenizer: Any,
        *,
        template: str | None,
        takes_parts: bool,
        family: Family | None,
        no_pictures: str = "",
    ) -> None:
        self.network = network
        self.tokenizer = tokenizer
        self.template = template
        self.takes_parts = takes_parts
        self.family = family
        self.no_pictures = no_pictures
        self.lock = threading.Lock()
        self.kind = str(network.config.model_type)
        self.device = network.device
        self.dtype = network.dtype
        self.end_ids = _end_ids(network, tokenizer)
        text_config = getattr(network.config, "text_config", None) or network.config
        self.context = int(getattr(text_config, "max_position_embeddings", 0) or 0)
        self._options: dict[tuple[str, ...], list[list[int]]] = {}
        self._grammar_tokenizer: Any = None

    @property
    def memory_mb(self) -> int:
        """What the network holds."""
        return -(-int(self.network.get_memory_footprint()) // 1_000_000)

    @property
    def grammar_tokenizer(self) -> Any:
        """The tokenizer as llguidance takes it."""
        if self._grammar_tokenizer is None:
            from llguidance.hf import from_tokenizer

            size = self.network.get_output_embeddings().weight.shape[0]
            self._grammar_tokenizer = from_tokenizer(
                self.tokenizer, n_vocab=size, eos_token=self.end_ids
            )
        return self._grammar_tokenizer

    def option_ids(self, options: Sequence[str]) -> list[list[int]]:
        """For each option the tokens that a reply naming it begins with, in all spellings.

        A token that more than one option begins with tells nothing, and is left out.
        """
        key = tuple(options)
        if key not in self._options:
            firsts = [self._first_ids(option) for option in options]
            counts: dict[int, int] = {}
            for first in firsts:
                for token in first:
                    counts[token] = counts.get(token, 0) + 1
            self._options[key] = [
                sorted(token for token in first if counts[token] == 1) for first in firsts
            ]
        return self._options[key]

    def free(self) -> None:
        """Give the memory back."""
        with self.lock:
            del self.network
            give_back_memory(self.device.type)

    def _first_ids(self, option: str) -> set[int]:
        cases = {option} if len(option) == 1 else {option, option.capitalize(), option.upper()}
        firsts: set[int] = set()
        for spelling in _SPELLINGS:
            for case in cases:
                ids = self.tokenizer.encode(spelling.format(case), add_special_tokens=False)
                # " A" may be a space and an A: the space then stands before every option.
                firsts.update(ids[:1])
        return firsts


def transformers_model(name: str, folder: ModelFolder, device: str) -> Loadable:
    """The model in a folder, loaded once for all who hold it on that device.

    Args:
        name: for messages, e.g. "hf:org/name".
        folder: of its files.
        device: "cpu", "cuda" or "cuda:N".
    """
    files = [*folder.path.glob("*.safetensors"), *folder.path.glob("*.bin")]

    def load() -> TransformersModel:
        try:
            return load_model(str(folder.path), device)
        except VprogError:
            raise
        except Exception as error:  # what a damaged folder raises differs by model
            raise LlmUnreachableError(
                f"{name}: the model in {folder.path} cannot be loaded: "
                f"{' '.join(str(error).split())[:200]}",
                hint="Fetch its files again, or take another model.",
            ) from error

    return Loadable(
        key=("transformers", str(folder.path), folder.revision, device),
        name=name,
        load=load,
        unload=TransformersModel.free,
        memory_mb=sum(file.stat().st_size for file in files) // 1_000_000,
        measure=lambda model: int(model.memory_mb),
    )


def load_model(folder: str, device: str) -> TransformersModel:
    """Load a model; transformers raises what it likes where the folder is damaged.

    Raises:
        PackageMissingError: torch or transformers do not import, whatever the reason.
    """
    transformers = import_transformers("hf:MODEL")
    config = transformers.AutoConfig.from_pretrained(folder, **LOCAL)
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder, **LOCAL)
    tokenizer.padding_side = "left"
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    family, no_pictures = None, ""
    architecture: Any = transformers.AutoModelForCausalLM
    if takes_parts := takes_pictures(folder):
        architecture = transformers.AutoModelForImageTextToText
        try:
            family = load_family(transformers, config, folder, LOCAL)
        except Exception as error:  # whatever the import of what a processor needs raises
            no_pictures = " ".join(str(error).split())[:120]
    network = architecture.from_pretrained(
        folder,
        dtype=precision_on(device),
        **LOCAL,
    )
    return TransformersModel(
        network.to(device).eval(),
        tokenizer,
        template=_template(Path(folder), tokenizer),
        takes_parts=takes_parts,
        family=family,
        no_pictures=no_pictures,
    )


def load_network(folder: str, device: str, architecture: str, **more: Any) -> tuple[Any, Any]:
    """transformers and a network of it, in inference mode on its device.

    Args:
        folder: of its files.
        device: "cpu", "cuda" or "cuda:N".
        architecture: the class of transformers that reads it, e.g. "AutoModel".
        more: for its `from_pretrained`.

    Raises:
        PackageMissingError: torch or transformers do not import, whatever the reason.
        ModuleFailedError: the file lacks weights that the architecture has: it is of another
            model, and what was left random would answer at random.
    """
    transformers = import_transformers(architecture)
    logging = transformers.utils.logging
    verbosity = logging.get_verbosity()
    logging.set_verbosity_error()  # what is wrong with the file is said below
    try:
        network, report = getattr(transformers, architecture).from_pretrained(
            folder,
            dtype=precision_on(device),
            output_loading_info=True,
            **LOCAL,
            **more,
        )
    finally:
        logging.set_verbosity(verbosity)
    lacking = sorted(map(str, {*report["missing_keys"], *report["mismatched_keys"]}))
    if lacking:
        raise ModuleFailedError(
            f"the weights in {folder} are not those of a {type(network).__name__}: "
            f"{len(lacking)} of its tensors are missing there, {lacking[0]} for one.",
            hint="Name weights of the right kind.",
        )
    return transformers, network.to(device).eval()


def takes_pictures(folder: str) -> bool:
    """Whether the files in a folder are those of a model that takes pictures."""
    try:
        config = json.loads((Path(folder) / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    has_vision = isinstance(config, dict) and "vision_config" in config
    return has_vision and any((Path(folder) / name).is_file() for name in _PROCESSORS)


def import_transformers(what: str) -> Any:
    """The package transformers, where torch imports too.

    Args:
        what: needs them; for the message.

    Raises:
        PackageMissingError: they do not import, whatever the reason.
    """
    try:
        importlib.import_module("torch")
        transformers = importlib.import_module("transformers")
    except Exception as error:  # a broken installation may raise anything at all
        raise PackageMissingError(
            f"{what} is not available, because torch or transformers do not import: {error}.",
            hint='Run: pip install "vprog[hf]" (and remove a torchvision that does not fit)',
        ) from error
    transformers.utils.logging.disable_progress_bar()  # stderr is for vprog's own
    return transformers


def _template(folder: Path, tokenizer: Any) -> str | None:
    """The chat template: beside the processor's files, or the tokenizer's."""
    plain = folder / "chat_template.jinja"
    if plain.is_file():
        return plain.read_text(encoding="utf-8")
    wrapped = folder / "chat_template.json"
    if wrapped.is_file():
        text = json.loads(wrapped.read_text(encoding="utf-8")).get("chat_template")
        if isinstance(text, str):
            return text
    return tokenizer.chat_template if isinstance(tokenizer.chat_template, str) else None


def _end_ids(network: Any, tokenizer: Any) -> list[int]:
    ends = network.generation_config.eos_token_id
    ids = [*(ends if isinstance(ends, list | tuple) else [ends]), tokenizer.eos_token_id]
    return list(dict.fromkeys(int(token) for token in ids if token is not None))
