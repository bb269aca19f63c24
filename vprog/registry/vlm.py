"""Gives modules that look the model that `--vlm` names; without one they are not available.

Such a module declares which kind of model it works with (`@module("ask", vlm="hf")`). It is
available only while a model of that kind is named, and its `load` is given the model. Who
reads the SPEC and finds the revision is llm/vlm_spec.py.
"""

from __future__ import annotations

from dataclasses import replace

from vprog.registry.module import Looker, ModuleSpec, Weights
from vprog.registry.registry import Registry


def look_with(registry: Registry, looker: Looker | None) -> Registry:
    """The registry with every module that works with this kind of model bound to it.

    Modules of other kinds stay unbound, hence unavailable; without a looker all of them.
    """
    return Registry(
        _bound(spec, looker) for task in registry for spec in registry.implementations(task)
    )


def _bound(spec: ModuleSpec, looker: Looker | None) -> ModuleSpec:
    if not spec.vlm:
        return spec
    if looker is None or looker.kind != spec.vlm:
        return replace(spec, looker=None, weights=())
    weights = Weights(looker.model, looker.revision, licence="see the model's page")
    return replace(spec, looker=looker, weights=(weights,))
