"""What is missing for a module to run here, and which of several is nearest to running."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest

from vprog.models.weights import Weights
from vprog.registry.availability import availability, nearest
from vprog.registry.module import ModuleSpec, module, spec_of
from vprog.registry.registry import Registry
from vprog.types import Frame


@module("weigh", rank=1, backend="a scale")
class WeighScale:
    def __call__(self, frame: Frame) -> float:
        """Weigh what is in a picture, in kg."""
        return 1.0


def test_availability_of_a_package_that_another_thread_imports_just_now(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    spec = replace(spec_of(WeighScale), needs=("package_on_its_way",))
    assert availability(spec).reason == "the package package_on_its_way is not installed"
    monkeypatch.setitem(sys.modules, "package_on_its_way", ModuleType("package_on_its_way"))
    assert availability(spec).ok
    monkeypatch.setitem(sys.modules, "package_on_its_way", None)  # as tests block a package
    assert not availability(spec).ok


def test_availability_wants_the_weights_too_and_names_the_command(tmp_path: Path) -> None:
    (tmp_path / "net.onnx").write_bytes(b"")
    here = Weights(str(tmp_path), "r1", "MIT", file="net.onnx")
    missing = Weights("org/name", "r1", "MIT", command="fetch-name")
    spec = spec_of(WeighScale)
    assert availability(replace(spec, weights=(here,))).ok
    found = availability(replace(spec, weights=(here, missing)))
    assert not found.ok
    assert "org/name: its weights are not on this machine" in found.reason
    assert found.command == "Run: fetch-name"


HUB = Weights("org/large", "main", "MIT", size_mb=900, command="fetch large")
SMALL = Weights("org/small", "main", "MIT", size_mb=90, command="fetch small")


def needing(extra: str, *needs: str, weights: tuple[Weights, ...] = ()) -> ModuleSpec:
    """A module that wants packages which are not here."""
    packages = tuple(f"no_{name}" for name in needs)
    install = f'pip install "vprog[{extra}]"'
    return replace(
        spec_of(WeighScale), implementation=extra, needs=packages, install=install, weights=weights
    )


@pytest.mark.parametrize(
    ("specs", "command"),
    [
        (
            [needing("hf", "torch", weights=(HUB,)), needing("offline", "cv2", "onnx")],
            'Run: pip install "vprog[offline]"',
        ),
        (
            [needing("offline", "cv2", "onnx"), needing("speech", "whisper")],
            'Run: pip install "vprog[speech]"',
        ),
        (
            [needing("hf", "torch", weights=(HUB,)), needing("hf", "torch", weights=(SMALL,))],
            'Run: pip install "vprog[hf]" && fetch small',
        ),
        (
            [
                needing("yolo", "yolo", weights=(replace(SMALL, licence="AGPL-3.0"),)),
                needing("hf", "torch", "transformers", weights=(HUB,)),
            ],
            'Run: pip install "vprog[hf]" && fetch large',
        ),
        (
            [needing("hf", "torch", weights=(replace(SMALL, id="/no/where", command=""),))],
            'Run: pip install "vprog[hf]". Then put it there, or name another path.',
        ),
    ],
    ids=["no weights to fetch", "fewer packages", "smaller weights", "AGPL last", "no command"],
)
def test_what_is_nearest_to_running_is_named_with_all_that_it_lacks(
    specs: list[ModuleSpec], command: str
) -> None:
    assert nearest(specs).command == command


def test_weights_that_come_with_a_package_that_is_missing_are_no_step_of_their_own() -> None:
    brought = Weights("tiny", "1", "MIT", file="model", package="no_tiny")
    spec = needing("speech", "whisper", "tiny", weights=(brought,))
    assert nearest([spec]).command == 'Run: pip install "vprog[speech]"'


def test_a_server_is_named_before_a_model_of_ones_own() -> None:
    own = replace(spec_of(WeighScale), implementation="Own", vlm_kind="own")
    server = replace(spec_of(WeighScale), implementation="Far", vlm_kind="openai")
    assert "--vlm openai:MODEL" in nearest([own, server]).command
    assert "vlm=object" in nearest([own]).command


def test_registry_speaks_of_the_nearest_of_all_modules_of_a_task() -> None:
    far = replace(needing("hf", "torch", weights=(HUB,)), rank=9)
    near = replace(needing("offline", "cv2", "onnx"), rank=1)
    lack = Registry([near, far]).lack("weigh")
    assert (lack.ok, lack.reason) == (False, "the package no_cv2 is not installed")
    assert lack.command == 'Run: pip install "vprog[offline]"'
