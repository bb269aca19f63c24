from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from vprog.errors import ConfigError
from vprog.llm.llm_spec import RULES, llm_forms, open_llm, own_backends


def test_open_rules_needs_no_model() -> None:
    assert open_llm("rules") is None


def test_open_scripted_names_a_file(tmp_path: Path) -> None:
    (tmp_path / "a b:c.txt").write_text("hi")
    model = open_llm(f"scripted:{tmp_path}/a b:c.txt")
    assert model is not None
    assert model.name == f"scripted:{tmp_path}/a b:c.txt"


def test_open_openai_keeps_colons_in_the_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    model = open_llm("openai:qwen3:8b")
    assert model is not None
    assert model.name == "openai:qwen3:8b"
    model.close()


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("openia:gpt-4.1", r'Did you mean "openai:gpt-4\.1"\?'),
        ("OpenAI:gpt", r'Did you mean "openai:gpt"\?'),
        ("rule", r'Did you mean "rules"\?'),
        ("gpt-4.1", r'Did you mean "openai:gpt-4\.1"\?'),
        ("http://127.0.0.1/v1", r"There are: rules, hf:MODEL, llama:FILE\.gguf"),
        ("", r"There are: rules"),
        ("openai:", r"Write openai:MODEL"),
        ("openai", r"Write openai:MODEL"),
        ("scripted:", r"Write scripted:FILE"),
    ],
)
def test_open_says_what_a_spec_must_be(spec: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        open_llm(spec)


def test_open_lists_its_own_backends_and_each_can_be_imported() -> None:
    own = own_backends()
    assert {"hf", "llama", "openai", "replay", "scripted"} <= own.keys()
    assert llm_forms()[: len(own) + 1] == [RULES, *(form for form, _ in own.values())]
    for name, (form, file) in own.items():
        assert form.startswith(f"{name}:")
        assert callable(importlib.import_module(file).open_model)


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package of others with backends: one that works, one that breaks, one that is not there."""
    (tmp_path / "parrot_llm.py").write_text(
        "from vprog.llm.scripted import ScriptedModel\n\n"
        "def parrot(model, device):\n"
        "    return ScriptedModel([model], name=f'parrot:{model} on {device}')\n\n"
        "def broken(model):\n"
        "    raise OSError('no licence')\n"
    )
    metadata = tmp_path / "parrot_llm-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Name: parrot-llm\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(
        "[vprog.llms]\nparrot = parrot_llm:parrot\nbroken = parrot_llm:broken\n"
        "gone = parrot_llm:gone\nopenai = parrot_llm:broken\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))


def test_open_finds_backends_of_installed_packages(installed: None) -> None:
    assert "parrot:..." in llm_forms()
    model = open_llm("parrot:hi:there", device="cpu")
    assert model is not None
    assert model.name == "parrot:hi:there on cpu"
    with pytest.raises(ConfigError, match=r'Did you mean "parrot:x"\?.*parrot:\.\.\.'):
        open_llm("parot:x")
    with pytest.raises(ConfigError, match=r"nothing after \"parrot:\".*Write parrot:\.\.\."):
        open_llm("parrot:")


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("broken:x", r'"broken" of parrot-llm 1\.0 cannot be used: OSError: no licence'),
        ("gone:x", r'"gone" of parrot-llm 1\.0 cannot be used: AttributeError'),
    ],
)
def test_open_says_whose_backend_is_broken(installed: None, spec: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        open_llm(spec)


def test_open_vprogs_own_backends_cannot_be_replaced(
    installed: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    model = open_llm("openai:x")
    assert model is not None
    model.close()
    assert model.name == "openai:x"
