"""Loaded modules: once, on demand, within a budget, and not from under a running call."""

from __future__ import annotations

import threading

import pytest

from vprog.errors import ModuleFailedError, PackageMissingError
from vprog.execute.loaded_modules import LoadedModules
from vprog.models.memory_budget import ModelMemory
from vprog.registry.module import ModuleSpec, module, spec_of

log: list[str] = []


def make(name: str, memory_mb: int = 0, unload_breaks: bool = False) -> ModuleSpec:
    @module(name, memory_mb=memory_mb)
    class Loaded:
        def load(self, device: str) -> None:
            log.append(f"{name} on {device}")

        def __call__(self) -> str:
            """Its own name."""
            return name

        def unload(self) -> None:
            log.append(f"{name} gone")
            if unload_breaks:
                raise RuntimeError("no such handle")

    return spec_of(Loaded)


@pytest.fixture(autouse=True)
def _clear() -> None:
    log.clear()


def test_residency_loads_on_demand_and_once() -> None:
    loaded_modules = LoadedModules("cpu")
    spec = make("a")
    assert log == []
    assert loaded_modules.instance(spec) is loaded_modules.instance(spec)
    loaded_modules.close()
    assert log == ["a on cpu", "a gone"]


def test_residency_makes_room_in_the_memory_that_all_share_and_warns_once() -> None:
    memory = ModelMemory(100)
    loaded_modules, other = LoadedModules("cpu", memory), LoadedModules("cpu", memory)
    warnings: list[str] = []
    for holder, name in (
        (loaded_modules, "a"),
        (other, "a"),
        (loaded_modules, "b"),
        (loaded_modules, "a"),
    ):
        with holder.hold(make(name, 40), warn=warnings.append) as instance:
            assert instance() == name
    assert log == [
        "a on cpu", "a on cpu", "a gone", "b on cpu", "a gone", "a on cpu",
    ]  # fmt: skip
    assert warnings == [
        "a/Loaded (40 MB) was unloaded to make room for b/Loaded (40 MB)",
        "a/Loaded (40 MB) was unloaded to make room for a/Loaded (40 MB)",
    ]


def test_residency_an_unload_that_breaks_is_noted() -> None:
    memory = ModelMemory()
    loaded_modules = LoadedModules("cpu", memory)
    loaded_modules.instance(make("a", unload_breaks=True))
    loaded_modules.close()
    assert memory.notes == ["a/Loaded did not unload: RuntimeError: no such handle"]


def test_residency_loading_one_module_does_not_keep_others_waiting() -> None:
    began, go_on = threading.Event(), threading.Event()

    @module("slow")
    class Slow:
        def load(self, device: str) -> None:
            began.set()
            assert go_on.wait(30)

        def __call__(self) -> int:
            """Nothing."""
            return 1

    loaded_modules = LoadedModules()
    loading = threading.Thread(target=loaded_modules.instance, args=(spec_of(Slow),))
    loading.start()
    assert began.wait(30)
    assert loaded_modules.instance(make("quick")) is not None
    go_on.set()
    loading.join()


@pytest.mark.parametrize(
    ("raised", "error", "words"),
    [
        (ImportError("libGL.so.1"), PackageMissingError, "an import failed: libGL"),
        (RuntimeError("nms does not exist"), ModuleFailedError, "did not load: RuntimeError"),
        (PackageMissingError("own words."), PackageMissingError, "own words"),
    ],
)
def test_residency_says_why_a_module_does_not_load(
    raised: Exception, error: type[Exception], words: str
) -> None:
    @module("broken", install="pip install it")
    class Broken:
        def load(self, device: str) -> None:
            raise raised

        def __call__(self) -> int:
            """Nothing."""
            return 1

    with pytest.raises(error, match=words):
        LoadedModules().instance(spec_of(Broken))


def test_residency_names_the_package_that_is_not_installed() -> None:
    @module("lacking", needs=("no_such_package_anywhere",), install="pip install it")
    class Lacking:
        def __call__(self) -> int:
            """Nothing."""
            return 1

    with pytest.raises(PackageMissingError, match=r"no_such_package_anywhere.*pip install it"):
        LoadedModules().instance(spec_of(Lacking))


def test_residency_loads_a_forgotten_module_anew_and_unloads_the_old_one_when_it_is_free() -> None:
    loaded_modules = LoadedModules("cpu")
    spec = make("a")
    with loaded_modules.hold(spec) as stuck:
        loaded_modules.forget(spec)
        with loaded_modules.hold(spec) as fresh:
            assert fresh is not stuck
        assert log == ["a on cpu", "a on cpu"]
    assert log[2:] == ["a gone"]
    assert loaded_modules.instance(spec) is fresh
    loaded_modules.close()
    assert log[3:] == ["a gone"]
