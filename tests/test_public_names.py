"""The public API: what `import vprog` offers, and that it stays quick."""

from __future__ import annotations

import subprocess
import sys

import pytest

import vprog

PUBLIC = [
    "Call",
    "Engine",
    "Registry",
    "Result",
    "RunHandle",
    "SettingsDict",
    "Trace",
    "VprogError",
    "Weights",
    "__version__",
    "asolve",
    "audit",
    "close",
    "module",
    "replay",
    "run",
    "solve",
    "solve_many",
    "start",
]


def test_public_names_are_these_and_all_exist() -> None:
    assert sorted(vprog.__all__) == PUBLIC
    for name in PUBLIC:
        assert getattr(vprog, name) is not None
        assert name in dir(vprog)


def test_public_names_unknown_attribute_is_an_attribute_error() -> None:
    assert not hasattr(vprog, "slove")


def test_public_names_import_loads_nothing_heavy() -> None:
    code = (
        "import sys, vprog\n"
        "heavy = {'av','numpy','cv2','torch','openai','rich','PIL','networkx','pydantic_monty'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


MODULES = [
    "vprog.runs.run",
    "vprog.runs.result",
    "vprog.solver.solver",
    "vprog.solver.engine",
    "vprog.replays.replay_run",
    "vprog.registry.module",
    "vprog.evaluation.audit.audit_run",
    "vprog.trace.event",
    "vprog.view.explored_trace",
]


@pytest.mark.parametrize("first", ["", "vprog.runs.run", "vprog.replays.replay_run"])
def test_public_names_shadow_no_module_whatever_was_imported_first(first: str) -> None:
    code = (
        "import importlib, types, vprog\n"
        f"first, names, modules = {first!r}, {PUBLIC!r}, {MODULES!r}\n"
        "if first: importlib.import_module(first)\n"
        "before = {name: getattr(vprog, name) for name in names}\n"
        "for module in modules:\n"
        "    exec(f'import {module} as found')\n"
        "    assert isinstance(found, types.ModuleType), module\n"
        "    assert found.__name__ == module, module\n"
        "for name in names:\n"
        "    assert getattr(vprog, name) is before[name], name\n"
        "    assert not isinstance(getattr(vprog, name), types.ModuleType), name\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_public_names_python_m_vprog_is_the_command() -> None:
    command = [sys.executable, "-m", "vprog", "--version"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert vprog.__version__ in done.stdout


def test_public_names_rules_alone_load_no_strategy_and_no_client() -> None:
    code = (
        "import sys, vprog\n"
        "from vprog.errors import VideoError\n"
        "try: vprog.solve('nowhere.mp4', 'How long is the video?')\n"
        "except VideoError: pass\n"
        "slow = ('vprog.strategies', 'vprog.prompt', 'vprog.llm.openai', 'vprog.llm.llm_spec')\n"
        "print(sorted(name for name in sys.modules if name.startswith(slow)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_public_names_help_loads_no_sub_command() -> None:
    code = (
        "import sys\n"
        "from vprog.cli.main import cli\n"
        "cli.main(['--help'], standalone_mode=False)\n"
        "print(sorted(n for n in sys.modules if n.startswith('vprog.') and n.count('.') > 1))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip().splitlines()[-1] == str(
        ["vprog.cli.command_errors", "vprog.cli.main", "vprog.cli.output", "vprog.cli.stdout_guard"]
    )
