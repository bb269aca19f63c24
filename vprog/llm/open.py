"""From the SPEC that people write (`--llm openai:gpt-4.1`) to a language model."""

from __future__ import annotations

import difflib
from collections.abc import Callable

from vprog.errors import ConfigError
from vprog.llm.client import LanguageModel
from vprog.llm.hf import open_hf
from vprog.llm.llama import open_llama
from vprog.llm.openai import OpenAIModel
from vprog.llm.replay_model import open_replay
from vprog.llm.scripted import open_scripted

RULES = "rules"
"""The SPEC of the built-in rule writer, which is no language model."""

SCHEMES: dict[str, tuple[str, Callable[[str], LanguageModel]]] = {
    "openai": ("openai:MODEL", OpenAIModel),
    "llama": ("llama:FILE.gguf", open_llama),
    "hf": ("hf:MODEL", open_hf),
    "scripted": ("scripted:FILE", open_scripted),
    "replay": ("replay:TRACE", open_replay),
}
"""By the word before the colon: how it is written, and what opens it."""


def open_llm(spec: str) -> LanguageModel | None:
    """The language model that a SPEC names; None for `rules`, which needs none.

    Nothing is sent to a server yet.

    Raises:
        ConfigError: the SPEC names no kind of model, or no model.
        PackageMissingError, WeightsMissingError: what the kind needs is not here.
        TraceNotFoundError: there is no such run to replay.
        LlmRefusedError: a key is needed and none is set.
    """
    spec = spec.strip()
    if spec == RULES:
        return None
    scheme, colon, rest = spec.partition(":")
    if scheme in SCHEMES:
        form, opens = SCHEMES[scheme]
        if not rest:
            raise ConfigError(
                f'language model "{spec}": nothing after "{scheme}:".', hint=f"Write {form}."
            )
        return opens(rest)
    near = difflib.get_close_matches(scheme.lower(), [RULES, *SCHEMES], n=1, cutoff=0.6)
    if near:
        meant = f"{near[0]}{colon}{rest}" if near[0] in SCHEMES else near[0]
        guess = f' Did you mean "{meant}"?'
    elif not colon and spec:
        guess = f' Did you mean "openai:{spec}"?'
    else:
        guess = ""
    forms = ", ".join([RULES, *(form for form, _ in SCHEMES.values())])
    raise ConfigError(f'unknown language model "{spec}".{guess}', hint=f"There are: {forms}.")
