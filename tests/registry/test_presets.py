"""Which modules the built-in presets leave, and what their models need."""

from __future__ import annotations

from dataclasses import replace

import pytest

from vprog.errors import ConfigError
from vprog.execute.runtime import choose_modules
from vprog.models.weights import Weights
from vprog.registry.discover import discover
from vprog.registry.module import ModuleSpec, VlmSpec, module, spec_of
from vprog.registry.presets import accepts, needs_of
from vprog.registry.registry import Registry
from vprog.settings import BUILT_IN_PRESETS, MOST_CPU_MODEL_MB, Settings

PACKED = Weights("packed", "1", licence="MIT", size_mb=8, package="vprog", file="py.typed")
SMALL = Weights("org/small", "main", licence="MIT", size_mb=500)
LARGE = Weights("org/large", "main", licence="MIT", size_mb=1500)
COPYLEFT = Weights("org/copyleft", "main", licence="AGPL-3.0", size_mb=5)


def look(name: str, rank: int, *weights: Weights, memory_mb: int = 0, **more: object) -> ModuleSpec:
    @module("look", rank=rank, memory_mb=memory_mb, weights=weights)
    class Look:
        def __call__(self, number: int) -> int:
            """Give a number back.

            Args:
                number: any.
            """
            return number

    return replace(spec_of(Look), implementation=name, **more)


PLAIN = look("Plain", 1)
WITH_PACKED = look("WithPacked", 2, PACKED, needs=("numpy",))
WITH_SMALL = look("WithSmall", 3, SMALL, memory_mb=600)
WITH_LARGE = look("WithLarge", 4, LARGE)
WITH_COPYLEFT = look("WithCopyleft", 5, COPYLEFT)
OF_OTHERS = look("OfOthers", 6, distribution="other 1.0")
ALL = (PLAIN, WITH_PACKED, WITH_SMALL, WITH_LARGE, WITH_COPYLEFT, OF_OTHERS)


@pytest.mark.parametrize(
    ("preset", "left"),
    [
        ("auto", ALL),
        ("core", (PLAIN, WITH_SMALL, WITH_LARGE, WITH_COPYLEFT)),  # they name no package
        ("offline", (PLAIN, WITH_PACKED)),
        ("api", (PLAIN, WITH_PACKED)),
        ("cpu", (PLAIN, WITH_PACKED, WITH_SMALL, WITH_COPYLEFT)),
        ("gpu", ALL[:-1]),
        ("mine", ALL),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_preset_leaves_modules(preset: str, left: tuple[ModuleSpec, ...]) -> None:
    assert tuple(spec for spec in ALL if accepts(preset, spec)) == left


def test_a_named_vlm_is_asked_for_under_any_preset_but_that_of_servers() -> None:
    here = replace(PLAIN, vlm=VlmSpec("hf", "org/vlm", "main"))
    there = replace(PLAIN, vlm=VlmSpec("openai", "vlm", ""))
    assert [preset for preset in BUILT_IN_PRESETS if not accepts(preset, here)] == ["api"]
    assert all(accepts(preset, there) for preset in BUILT_IN_PRESETS)


def test_needs_of_a_preset_count_each_model_once_and_no_copyleft() -> None:
    other = replace(WITH_LARGE, task="look_again")
    registry = Registry([*ALL, other])
    cpu, gpu, offline = (needs_of(registry, preset) for preset in ("cpu", "gpu", "offline"))
    assert (cpu.to_fetch, cpu.fetch_mb, cpu.memory_mb) == ([SMALL], 500, 600)
    assert gpu.models == {LARGE: ("look/WithLarge", "look_again/WithLarge")}
    assert (gpu.fetch_mb, gpu.memory_mb) == (1500, 1500)
    assert (offline.to_fetch, offline.memory_mb) == ([], 8)


def test_the_models_of_the_preset_cpu_are_no_larger_than_it_says() -> None:
    needs = needs_of(discover(), "cpu")
    assert len(needs.to_fetch) >= 5
    assert max(weights.size_mb for weights in needs.models) <= MOST_CPU_MODEL_MB
    assert needs_of(discover(), "gpu").memory_mb > needs.memory_mb


def test_preset_gpu_is_refused_where_models_would_run_on_the_processor() -> None:
    with pytest.raises(ConfigError, match="no CUDA device"):
        choose_modules(discover(), Settings(preset="gpu", device="cpu"))
    assert "frame_at" in choose_modules(discover(), Settings(preset="gpu", device="cuda"))
