"""Modules: declared in one class, chosen by task, found in packages."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.vocabulary import shipped_modules
from vprog.errors import ModuleUnknownError, PackageMissingError, RegistrationError
from vprog.models.weights import Weights
from vprog.registry.availability import availability
from vprog.registry.discover import discover
from vprog.registry.module import module, spec_of
from vprog.registry.registry import Registry
from vprog.registry.task import installed_tasks
from vprog.types import Frame, Video


@module("weigh", rank=1, backend="a scale")
class WeighScale:
    def __call__(self, frame: Frame) -> float:
        """Weigh what is in a picture, in kg."""
        return 1.0


@module("weigh", rank=2, needs=("no_such_package_anywhere",), extra="scales")
class WeighBetter:
    def __call__(self, frame: Frame) -> float:
        """Weigh what is in a picture, in kg."""
        return 1.5


@module("weigh")
class WeighOther:
    def __call__(self, frame: Frame, unit: str) -> float:
        """Weigh what is in a picture."""
        return 1.0


def test_module_declares_its_spec() -> None:
    spec = spec_of(WeighScale)
    assert (spec.task, spec.implementation, spec.backend) == ("weigh", "WeighScale", "a scale")
    assert spec.batch_size == 1
    assert spec.install == ""
    assert spec_of(WeighBetter).install == 'pip install "vprog[scales]"'


def test_module_identity_holds_version_and_weights() -> None:
    spec = replace(spec_of(WeighScale), weights=(Weights("a/b", "r1", "MIT"),), version="3")
    assert spec.identity() == ("weigh", "WeighScale", "3", "a/b@r1")


@pytest.mark.parametrize("task", ["answer", "video", "not a name", "class", "_hidden", ""])
def test_module_refuses_tasks_that_cannot_be(task: str) -> None:
    with pytest.raises(RegistrationError):
        module(task)(WeighScale)


def test_module_refuses_a_class_without_call() -> None:
    with pytest.raises(RegistrationError, match="no __call__"):
        module("weigh")(type("Empty", (), {}))


def test_registry_chooses_the_best_that_can_run_here() -> None:
    registry = Registry([spec_of(WeighScale), spec_of(WeighBetter)])
    assert [
        implementation.implementation for implementation in registry.implementations("weigh")
    ] == [
        "WeighBetter",
        "WeighScale",
    ]
    assert registry.choose()["weigh"].implementation == "WeighScale"
    able = availability(spec_of(WeighBetter))
    assert not able.ok
    assert able.command == 'Run: pip install "vprog[scales]"'


def test_registry_a_wanted_module_that_cannot_run_is_an_error_with_the_command() -> None:
    registry = Registry([spec_of(WeighScale), spec_of(WeighBetter)])
    with pytest.raises(PackageMissingError, match=r"pip install \"vprog\[scales\]\""):
        registry.choose({"weigh": "WeighBetter"})


def test_registry_unknown_names_come_with_the_nearest() -> None:
    registry = Registry([spec_of(WeighScale)])
    with pytest.raises(ModuleUnknownError, match='Did you mean "weigh"'):
        registry.implementations("wiegh")
    with pytest.raises(ModuleUnknownError, match="There are: WeighScale"):
        registry.choose({"weigh": "WeighNone"})
    with pytest.raises(ModuleUnknownError, match='Did you mean "WeighScale"'):
        registry.choose({"weigh": "weighscale"})
    with pytest.raises(ModuleUnknownError):
        registry.choose({"nothing": "X"})


def test_registry_refuses_a_clash_and_a_different_signature() -> None:
    registry = Registry([spec_of(WeighScale)])
    with pytest.raises(RegistrationError, match="registered already"):
        registry.add(WeighScale)
    with pytest.raises(RegistrationError, match="differs from"):
        registry.add(WeighOther)
    with pytest.raises(RegistrationError, match="not a module class"):
        registry.add(int)


def test_registry_knows_tasks_that_no_module_does() -> None:
    contracts = [contract for contract in installed_tasks() if contract.name == "detect"]
    registry = Registry([spec_of(WeighScale), spec_of(WeighBetter)], contracts)
    assert (list(registry), registry.tasks) == (["weigh"], ["detect", "weigh"])
    assert registry.implementations("detect") == ()
    assert registry.signature("detect").text().startswith("detect(frame: Frame, label: str")
    assert registry.signature("weigh").text() == "weigh(frame: Frame) -> float"
    assert registry.choose().keys() == {"weigh"}
    with pytest.raises(ModuleUnknownError, match="None is installed"):
        registry.choose({"detect": "DetectHog"})
    with pytest.raises(ModuleUnknownError, match='Did you mean "detect"'):
        registry.signature("detekt")


def test_registry_says_what_is_missing_for_a_task() -> None:
    contracts = [contract for contract in installed_tasks() if contract.name == "detect"]
    assert "no module that does it" in Registry(tasks=contracts).lack("detect").reason
    lack = Registry([spec_of(WeighBetter)]).lack("weigh")
    assert (lack.ok, lack.command) == (False, 'Run: pip install "vprog[scales]"')
    assert Registry([spec_of(WeighScale), spec_of(WeighBetter)]).lack("weigh").ok


def test_discover_finds_our_modules_with_their_distribution() -> None:
    registry = discover()
    assert {"sample_frames", "frame_at", "probe", "detect", "transcribe"} <= set(registry)
    spec = registry.implementations("sample_frames")[0]
    assert spec.is_own
    assert spec.signature.parameters[0].annotation is Video
    assert {spec.cls for task in registry for spec in registry.implementations(task)} == {
        spec.cls for spec in shipped_modules()
    }


def test_discover_can_be_limited_by_a_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VPROG_MODULES", "probe_container, frame_at_index")
    assert sorted(discover()) == ["frame_at", "probe"]
