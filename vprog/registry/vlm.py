"""Binds the modules that need a VLM to the one that `--vlm` names; without one they cannot run.

Such a module declares which kind of VLM it works with (`@module("ask", vlm="hf")`). It is
available only while a model of that kind is named, and its `load` is given the model. Who
reads the SPEC and finds the revision is llm/vlm_spec.py.
"""

from __future__ import annotations

from dataclasses import replace

from vprog.models.weights import Weights
from vprog.registry.module import ModuleSpec, VlmSpec
from vprog.registry.registry import Registry


def bind_vlm(registry: Registry, vlm: VlmSpec | None) -> Registry:
    """The registry with every module that works with this kind of model bound to it.

    Modules of other kinds stay unbound, hence unavailable; without a VLM all of them.
    """
    return Registry(
        (_bound(spec, vlm) for task in registry for spec in registry.implementations(task)),
        registry.contracts.values(),
    )


def _bound(spec: ModuleSpec, vlm: VlmSpec | None) -> ModuleSpec:
    if not spec.vlm_kind:
        return spec
    if vlm is None or vlm.kind != spec.vlm_kind:
        return replace(spec, vlm=None, weights=())
    weights = Weights(vlm.model, vlm.revision, licence="see the model's page")
    return replace(spec, vlm=vlm, weights=(weights,))
