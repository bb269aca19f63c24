"""What questions share: places in the sandbox, the choice of modules, the device, the cache."""

from __future__ import annotations

from pathlib import Path

import pytest

from vprog.errors import BudgetError, ModuleUnknownError, PackageMissingError, VprogError
from vprog.execute import runtime as runtime_file
from vprog.execute.runtime import Runtime, choose_modules, programs_in_memory
from vprog.registry.module import module
from vprog.registry.registry import Registry
from vprog.settings import Settings, load_settings


@module("look", rank=5, needs=("no_such_package_anywhere",), install="pip install look")
class LookBest:
    def __call__(self) -> int:
        """Look."""
        return 1


@module("look")
class LookPlain:
    def __call__(self) -> int:
        """Look."""
        return 0


def test_runtime_program_waits_for_a_place_no_longer_than_its_budget(tmp_path: Path) -> None:
    with Runtime(load_settings({"cache_dir": tmp_path}), Registry([])) as runtime:
        for _ in range(runtime._live_programs):
            runtime.take_place(timeout_s=1.0)
        with pytest.raises(BudgetError, match="sandboxes came free"):
            runtime.take_place(timeout_s=0.0)
        runtime.leave_place()
        runtime.take_place(timeout_s=0.0)


@pytest.mark.parametrize(("free_mb", "expected"), [(0, 4), (2 * 192 * 10, 10), (2 * 192 * 500, 64)])
def test_runtime_runs_as_many_programs_as_memory_holds(
    free_mb: int, expected: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runtime_file, "_free_memory_mb", lambda: free_mb)
    assert programs_in_memory(Settings(sandbox_memory_mb=128)) == expected


def test_runtime_runs_as_many_programs_as_the_setting_says(tmp_path: Path) -> None:
    settings = load_settings({"cache_dir": tmp_path, "live_programs": 2})
    with Runtime(settings, Registry([])) as runtime:
        assert runtime._live_programs == 2


def test_runtime_chooses_the_best_module_that_can_run_here(tmp_path: Path) -> None:
    registry = Registry()
    registry.add(LookBest)
    registry.add(LookPlain)
    chosen = choose_modules(registry, load_settings({}, environment={}, folder=tmp_path))
    assert chosen["look"].implementation == "LookPlain"


@pytest.mark.parametrize(
    ("wanted", "error", "words"),
    [
        ({"look": "LookBest"}, PackageMissingError, r"no_such_package.*pip install look"),
        ({"look": "LookWell"}, ModuleUnknownError, "LookWell"),
        ({"lok": "LookWell"}, ModuleUnknownError, 'Did you mean "look"'),
    ],
)
def test_runtime_does_not_replace_what_was_asked_for(
    tmp_path: Path, wanted: dict[str, str], error: type[VprogError], words: str
) -> None:
    (tmp_path / "vprog.toml").write_text(
        "[modules]\n" + "".join(f'{task} = "{name}"\n' for task, name in wanted.items())
    )
    registry = Registry()
    registry.add(LookBest)
    registry.add(LookPlain)
    with pytest.raises(error, match=words):
        Runtime(load_settings({"cache_dir": tmp_path}, folder=tmp_path), registry)


def test_runtime_core_preset_takes_no_module_that_needs_packages(
    tmp_path: Path, registry: Registry
) -> None:
    core = choose_modules(registry, load_settings({"preset": "core"}, folder=tmp_path))
    assert "probe" in core
    assert "detect" not in core


def test_runtime_says_why_further_tasks_cannot_be_called(
    tmp_path: Path, registry: Registry
) -> None:
    settings = load_settings({"preset": "core", "cache_dir": tmp_path}, folder=tmp_path)
    with Runtime(settings, registry) as runtime:
        assert runtime.absent["detect"] == "the preset leaves it out."
        assert "probe" not in runtime.absent
        assert "--vlm" in runtime.absent["caption"]


def test_runtime_closes_twice_and_lets_go_of_workers(tmp_path: Path) -> None:
    runtime = Runtime(load_settings({"cache_dir": tmp_path}), Registry([]))
    session = runtime.pool.session()
    session.start({}, functions=[])
    runtime.close()
    runtime.close()
    assert not session.is_alive or session.run("x = 1").kind == "killed"  # type: ignore[union-attr]
