"""What the built-in presets leave to choose from, and what the models of one need.

Their names and summaries stand in settings.py, since settings know them; which implementation of
those that are left serves a task is for `Registry.choose`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from vprog.errors import ConfigError
from vprog.models.weights import Weights
from vprog.registry.availability import is_agpl
from vprog.registry.module import ModuleSpec
from vprog.registry.registry import Registry
from vprog.settings import API, CORE, CPU, GPU, MOST_CPU_MODEL_MB, OFFLINE

SERVER = "openai"
"""The kind of a VLM that runs elsewhere."""


@dataclass(frozen=True)
class PresetNeeds:
    """What it takes to have all models of a preset.

    Attributes:
        models: each with the modules that load it, by preference the only one of its task.
        memory_mb: what they hold together if all are loaded; the setting memory_mb bounds it.
    """

    models: Mapping[Weights, tuple[str, ...]]
    memory_mb: int

    @property
    def to_fetch(self) -> list[Weights]:
        """Those that no package brings."""
        return [weights for weights in self.models if not weights.package]

    @property
    def fetch_mb(self) -> int:
        """What those take on disk."""
        return sum(weights.size_mb for weights in self.to_fetch)


def accepts(preset: str, spec: ModuleSpec) -> bool:
    """Whether a preset lets a module serve; the presets of a user let all."""
    if spec.vlm is not None:  # naming a VLM is asking for it, but a preset of servers has no other
        return preset != API or spec.vlm.kind == SERVER
    rule = _RULES.get(preset)
    return rule is None or (spec.is_own and rule(spec))


def check_device(preset: str, device: str) -> None:
    """Refuse the preset for a GPU where there is none.

    Raises:
        ConfigError: the device is the processor.
    """
    if preset == GPU and device == "cpu":
        raise ConfigError(
            'preset "gpu": models would run on the processor, since no CUDA device is to be used.',
            hint="Take --preset cpu or auto, or name a device: --device cuda.",
        )


def needs_of(registry: Registry, preset: str) -> PresetNeeds:
    """The models of a built-in preset, as if all packages and weights were here.

    For each task the module of the highest rank; none whose weights are under the AGPL, which
    is for a user to choose.
    """
    users: dict[Weights, list[ModuleSpec]] = {}
    for task in registry:
        allowed = [
            spec
            for spec in registry.implementations(task)
            if not spec.vlm_kind and not spec.asks and accepts(preset, spec) and not is_agpl(spec)
        ]
        for spec in allowed[:1]:
            for weights in spec.weights:
                users.setdefault(weights, []).append(spec)
    memory_mb = sum(
        max(weights.size_mb, *(spec.memory_mb for spec in specs))
        for weights, specs in users.items()
    )
    return PresetNeeds(
        {weights: tuple(spec.name for spec in specs) for weights, specs in users.items()}, memory_mb
    )


def _is_packaged(spec: ModuleSpec) -> bool:
    return all(weights.package for weights in spec.weights)


def _is_small(spec: ModuleSpec) -> bool:
    size_mb = sum(weights.size_mb for weights in spec.weights)
    return max(spec.memory_mb, size_mb) <= MOST_CPU_MODEL_MB


_RULES: Mapping[str, Callable[[ModuleSpec], bool]] = {
    OFFLINE: _is_packaged,
    API: _is_packaged,
    CORE: lambda spec: not spec.needs,
    CPU: _is_small,
    GPU: lambda spec: True,
}
"""Of vprog's own modules; the preset `auto` has no rule."""
