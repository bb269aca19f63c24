"""From the SPEC of `--vlm` to the vision-language model: which one, in which state, where it lies.

Nothing is loaded, downloaded or sent here. Where files lie is for models/weights.py.
"""

from __future__ import annotations

import difflib
import os
from typing import cast

from vprog.errors import ConfigError
from vprog.models.vision_language_model import VlmBackend
from vprog.models.weights import find_model
from vprog.registry.module import OWN_VLM, VlmSpec
from vprog.settings import Settings

FORMS = {"openai": "openai:MODEL", "hf": "hf:MODEL"}
"""By the word before the colon: how it is written."""

_METHODS = ("answer", "cancel", "close")


def find_vlm(spec: str, timeout_s: float = Settings.llm_timeout) -> VlmSpec | None:
    """The model that a SPEC names; None for "".

    `hf:MODEL` is an id such as "org/name", with "@revision" if it is not "main", or a folder.
    `timeout_s` is for one request to a server.

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
        return VlmSpec(kind, model, _address(), timeout_s=timeout_s)
    folder = find_model(model)
    return VlmSpec(kind, model, folder.revision, str(folder.path))


def _address() -> str:
    """Which server a name is of: host and path, no secrets."""
    # Clients take time to import, and a question that names no VLM needs none.
    from vprog.llm.openai import HOSTED, without_secrets

    url = without_secrets(os.environ.get("OPENAI_BASE_URL") or HOSTED)
    return url.partition("://")[2]


def own_vlm(vlm: object) -> VlmSpec:
    """The SPEC of an object that was given as `vlm`.

    Raises:
        ConfigError: it is no VLM; says what it lacks.
    """
    name = getattr(vlm, "name", None)
    lacks = [] if isinstance(name, str) and name else ["name (text)"]
    lacks += [method for method in _METHODS if not callable(getattr(vlm, method, None))]
    if lacks:
        raise ConfigError(
            f'vlm must be a SPEC such as "openai:MODEL" or a vision-language model; '
            f"{type(vlm).__name__} lacks {', '.join(lacks)}.",
            hint="A VLM has what vprog.models.vision_language_model.VlmBackend says.",
        )
    return VlmSpec(OWN_VLM, str(name), "", backend=cast(VlmBackend, vlm))
