"""Weights that a user names for a module, and modules that ask others."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from vprog.errors import (
    ConfigError,
    ModuleUnknownError,
    PackageMissingError,
    RegistrationError,
)
from vprog.execute.loaded_modules import LoadedModules
from vprog.models.weights import Weights
from vprog.registry.module import module, spec_of
from vprog.registry.registry import Registry, as_recorded
from vprog.types import Frame


@module(
    "weigh",
    rank=5,
    takes_weights=True,
    weights=(Weights("org/scale", "main", "MIT", file="net.bin"),),
)
class WeighNet:
    def load(self, device: str, weights: Weights) -> None:
        self.path = weights.location()

    def __call__(self, frame: Frame) -> float:
        """Weigh what is in a picture, in kg."""
        return float(self.path.stat().st_size)


@module("weigh", rank=1)
class WeighEye:
    def __call__(self, frame: Frame) -> float:
        """Weigh what is in a picture, in kg."""
        return 1.0


@module("compare", asks=("weigh",))
class CompareWeights:
    def __call__(self, frame: Frame) -> float:
        """How much heavier the things in a picture are than a kilogram."""
        return 0.0


@module("compare", rank=3)
class CompareEye:
    def __call__(self, frame: Frame) -> float:
        """How much heavier the things in a picture are than a kilogram."""
        return 0.0


@pytest.fixture
def registry() -> Registry:
    return Registry(map(spec_of, (WeighNet, WeighEye, CompareWeights, CompareEye)))


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    folder = tmp_path / "models--org--scale"
    (folder / "snapshots" / "abc").mkdir(parents=True)
    (folder / "snapshots" / "abc" / "net.bin").write_bytes(b"12")
    (folder / "refs").mkdir()
    (folder / "refs" / "main").write_text("abc")
    return folder


def test_a_module_whose_weights_were_fetched_is_chosen_in_their_state(
    registry: Registry, hub: Path
) -> None:
    spec = registry.choose()["weigh"]
    assert spec.identity() == ("weigh", "WeighNet", "1", "org/scale@abc")
    assert LoadedModules().instance(spec)(Frame(0, 0.0)) == 2.0


def test_weights_of_a_users_own_stand_in_place_of_those_declared(
    registry: Registry, tmp_path: Path
) -> None:
    mine = tmp_path / "mine.bin"
    mine.write_bytes(b"123")
    spec = registry.choose({"weigh": f"WeighNet:{mine}"})["weigh"]
    assert LoadedModules().instance(spec)(Frame(0, 0.0)) == 3.0
    before = spec.identity()
    mine.write_bytes(b"1234")
    assert registry.choose({"weigh": f"WeighNet:{mine}"})["weigh"].identity() != before


@pytest.mark.parametrize(
    ("wanted", "error", "message"),
    [
        ("WeighNet:org/other@v2", PackageMissingError, "hf download org/other --revision v2"),
        ("WeighEye:org/other", ConfigError, "takes no other weights"),
        ("WeighNose", ModuleUnknownError, "There are: WeighNet, WeighEye"),
        ("WeighNet", PackageMissingError, "hf download org/scale net.bin"),
    ],
)
def test_what_cannot_be_had_is_refused_with_what_to_do(
    registry: Registry,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    wanted: str,
    error: type[Exception],
    message: str,
) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(error, match=message):
        registry.choose({"weigh": wanted})


def test_a_module_that_asks_ranks_below_what_it_asks(registry: Registry, hub: Path) -> None:
    chosen = registry.choose()
    assert chosen["compare"].implementation == "CompareWeights"  # 4 of 5, above 3
    assert chosen["compare"].asked == (chosen["weigh"],)
    assert "weigh/WeighNet/1/org/scale@abc" in chosen["compare"].identity()[3]
    by_eye = registry.choose({"weigh": "WeighEye"})
    assert by_eye["compare"].implementation == "CompareEye"  # 0 of 1, below 3


def test_a_module_that_asks_what_nobody_does_cannot_run() -> None:
    registry = Registry([spec_of(CompareWeights)])
    registry.add(replace(spec_of(WeighEye), needs=("no_such_package_anywhere",)))
    assert "compare" not in registry.choose()
    with pytest.raises(PackageMissingError, match='no module does "weigh"'):
        registry.choose({"compare": "CompareWeights"})


def test_a_module_that_asks_holds_no_memory() -> None:
    with pytest.raises(RegistrationError, match="holds memory"):
        module("compare", asks=("weigh",), memory_mb=5)(CompareWeights)


def test_a_recorded_module_has_the_weights_it_had_where_they_are(
    registry: Registry, hub: Path, tmp_path: Path
) -> None:
    mine = tmp_path / "mine.bin"
    mine.write_bytes(b"123")
    used = registry.choose({"weigh": f"WeighNet:{mine}"})
    for task in ("weigh", "compare"):
        recorded = used[task]
        spec = next(
            spec
            for spec in registry.implementations(task)
            if spec.implementation == recorded.implementation
        )
        assert as_recorded(spec, recorded.identity()[3], used) == recorded
    mine.unlink()
    now = as_recorded(spec_of(WeighNet), used["weigh"].identity()[3], {})
    assert now.identity()[3] == "org/scale@abc"
