"""The typed keyword arguments agree with the settings, and a type checker finds mistakes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import get_args, get_origin, get_type_hints

import pytest

import vprog
from vprog.settings import SCALAR_KEYS, TABLES, Settings
from vprog.solver.settings_dict import SettingsDict

ROOT = Path(__file__).resolve().parents[2]


def kinds_of(hint: object) -> set[object]:
    """The types of values that a hint takes; of literals, the type that they have."""
    if get_origin(hint) is None:
        return {hint}
    return {value if isinstance(value, type) else type(value) for value in get_args(hint)}


def test_settings_dict_has_every_setting_with_its_type() -> None:
    typed, settings = get_type_hints(SettingsDict), get_type_hints(Settings)
    assert sorted(typed) == sorted([*SCALAR_KEYS, *TABLES])
    for key in SCALAR_KEYS:
        assert kinds_of(settings[key]) <= kinds_of(typed[key]), key
    assert not SettingsDict.__required_keys__


def test_settings_dict_mypy_finds_a_misspelt_setting(tmp_path: Path) -> None:
    pytest.importorskip("mypy")
    calls = [
        ("vprog.solve('a.mp4', 'What?', max_seconds=3.0, llm='rules', trace_dir='here')", ""),
        ("vprog.solve('a.mp4', 'What?', max_second=3.0)", '"max_second"'),
        ("vprog.solve('a.mp4', 'What?', max_seconds='3')", '"max_seconds"'),
        ("vprog.run('a.mp4', 'answer(1)', preste='auto')", '"preste"'),
        ("vprog.Engine(preste='auto')", '"preste"'),
        ("vprog.start('a.mp4', 'What?', llm=7)", '"llm"'),
    ]
    path = tmp_path / "calls.py"
    path.write_text("\n".join(["import vprog", *(call for call, _ in calls)]))
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file", "pyproject.toml"]
    done = subprocess.run([*command, str(path)], capture_output=True, text=True, cwd=ROOT)
    for line, (call, wrong) in enumerate(calls, start=2):
        errors = [text for text in done.stdout.splitlines() if f"calls.py:{line}: error" in text]
        assert len(errors) == bool(wrong), (call, done.stdout)
        assert all(wrong in error for error in errors), done.stdout


def test_settings_dict_is_public() -> None:
    assert vprog.SettingsDict is SettingsDict
