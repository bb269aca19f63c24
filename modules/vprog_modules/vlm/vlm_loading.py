"""Reads a vision-language model from its folder: network, tokenizer, template, family."""

from __future__ import annotations

import gc
import json
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from vprog.errors import ConfigError
from vprog.registry.module import VlmSpec
from vprog_modules.vlm.vlm_families import Family, family_of

_SPELLINGS = ("{}", " {}", "({}")


class Loaded:
    """A model that is ready to look. Used by one thread at a time: hold `lock`."""

    def __init__(
        self, name: str, network: Any, tokenizer: Any, template: str, family: Family
    ) -> None:
        self.name = name
        self.network = network
        self.tokenizer = tokenizer
        self.template = template
        self.family = family
        self.lock = threading.Lock()
        self.device = network.device
        self.dtype = network.dtype
        self.end_ids = _end_ids(network, tokenizer)
        self.pad_id = tokenizer.pad_token_id if tokenizer.pad_token_id is not None else (
            self.end_ids[0]
        )  # fmt: skip
        self.max_tokens = _max_tokens(network.config)
        self._options: dict[tuple[str, ...], list[list[int]]] = {}

    def option_ids(self, options: Sequence[str]) -> list[list[int]]:
        """For each option the tokens that a reply naming it begins with, in all spellings.

        A token that more than one option begins with tells nothing, and is left out.
        """
        key = tuple(options)
        if key not in self._options:
            firsts = [self._firsts(option) for option in options]
            counts: dict[int, int] = {}
            for first in firsts:
                for token in first:
                    counts[token] = counts.get(token, 0) + 1
            self._options[key] = [sorted(t for t in first if counts[t] == 1) for first in firsts]
        return self._options[key]

    def free(self) -> None:
        """Give the memory back."""
        with self.lock:
            del self.network
            gc.collect()
            if self.device.type == "cuda":
                import torch

                torch.cuda.empty_cache()

    def _firsts(self, option: str) -> set[int]:
        cases = {option} if len(option) == 1 else {option, option.capitalize(), option.upper()}
        found: set[int] = set()
        for spelling in _SPELLINGS:
            for case in cases:
                ids = self.tokenizer.encode(spelling.format(case), add_special_tokens=False)
                # " A" may be a space and an A: the space then stands before every option.
                found.update(ids[:1])
        return found


def load_model(vlm: VlmSpec, device: str) -> Loaded:
    """Load a model from its folder.

    Raises:
        ConfigError: it is of no family that is known here, or has no chat template.
    """
    import torch
    from transformers import (
        AutoConfig,
        AutoImageProcessor,
        AutoModelForImageTextToText,
        AutoTokenizer,
    )
    from transformers.utils import logging

    folder = vlm.folder
    logging.disable_progress_bar()  # stderr is for vprog's own
    local = {"local_files_only": True, "trust_remote_code": False}
    config = AutoConfig.from_pretrained(folder, **local)
    tokenizer = AutoTokenizer.from_pretrained(folder, **local)
    image_processor = AutoImageProcessor.from_pretrained(folder, backend="pil", **local)
    family = family_of(config, image_processor, tokenizer, name=vlm.model)
    template = _template(Path(folder), tokenizer, vlm.model)
    network = AutoModelForImageTextToText.from_pretrained(
        folder,
        # Half precision is slow on most processors, and rounds scores.
        dtype="auto" if device.startswith("cuda") else torch.float32,
        **local,
    )
    return Loaded(vlm.model, network.to(device).eval(), tokenizer, template, family)


def _template(folder: Path, tokenizer: Any, name: str) -> str:
    """The chat template: beside the processor's files, or the tokenizer's."""
    plain = folder / "chat_template.jinja"
    if plain.is_file():
        return plain.read_text(encoding="utf-8")
    wrapped = folder / "chat_template.json"
    if wrapped.is_file():
        text = json.loads(wrapped.read_text(encoding="utf-8")).get("chat_template")
        if isinstance(text, str):
            return text
    if isinstance(tokenizer.chat_template, str):
        return tokenizer.chat_template
    raise ConfigError(
        f"hf:{name} has no chat template: it is no model that answers.",
        hint='Name an instruction-tuned model, mostly with "Instruct" in its name.',
    )


def _end_ids(network: Any, tokenizer: Any) -> list[int]:
    """The tokens that end a reply."""
    given = network.generation_config.eos_token_id
    ids = list(given) if isinstance(given, list | tuple) else [given]
    found = [each for each in [*ids, tokenizer.eos_token_id] if each is not None]
    return list(dict.fromkeys(found))


def _max_tokens(config: Any) -> int:
    """How many tokens the model reads and writes together."""
    text = getattr(config, "text_config", config)
    return int(getattr(text, "max_position_embeddings", 0) or 1_000_000)
