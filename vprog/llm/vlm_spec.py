"""From the SPEC of `--vlm` to the vision-language model: which one, in which state, where it lies.

Nothing is loaded, downloaded or sent here. Where files lie is for models/weights.py.
"""

from __future__ import annotations

import difflib
import os
from urllib.parse import urlsplit

from vprog.errors import ConfigError
from vprog.models.weights import find_model
from vprog.registry.module import VlmSpec

FORMS = {"openai": "openai:MODEL", "hf": "hf:MODEL"}
"""By the word before the colon: how it is written."""

HOSTED = "https://api.openai.com/v1"


def find_vlm(spec: str) -> VlmSpec | None:
    """The model that a SPEC names; None for "".

    `hf:MODEL` is an id such as "org/name", with "@revision" if it is not "main", or a folder.

    Raises:
        ConfigError: the SPEC names no kind of model, or no model.
        WeightsMissingError: the files of the model are not on this machine.
    """
    spec = spec.strip()
    if not spec:
        return None
    kind, colon, model = spec.partition(":")
    if kind not in FORMS:
        near = difflib.get_close_matches(kind.lower(), FORMS, n=1, cutoff=0.6)
        guess = f' Did you mean "{near[0]}{colon or ":"}{model}"?' if near else ""
        raise ConfigError(
            f'unknown vision-language model "{spec}".{guess}',
            hint=f"There are: {', '.join(FORMS.values())}.",
        )
    if not model:
        raise ConfigError(f'"{spec}": nothing after "{kind}:".', hint=f"Write {FORMS[kind]}.")
    if kind == "openai":
        return VlmSpec(kind, model, _address())
    folder = find_model(model)
    return VlmSpec(kind, model, folder.revision, str(folder.path))


def _address() -> str:
    """Which server a name is of: host and path, no secrets."""
    parts = urlsplit(os.environ.get("OPENAI_BASE_URL") or HOSTED)
    return f"{parts.netloc.rpartition('@')[2]}{parts.path}"
