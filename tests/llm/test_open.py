from __future__ import annotations

from pathlib import Path

import pytest

from vprog.errors import ConfigError
from vprog.llm.open import open_llm


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
        (
            "http://127.0.0.1/v1",
            r"There are: rules, openai:MODEL, llama:FILE\.gguf, hf:MODEL, "
            r"scripted:FILE, replay:TRACE\.",
        ),
        ("", r"There are: rules"),
        ("openai:", r"Write openai:MODEL"),
        ("openai", r"Write openai:MODEL"),
        ("scripted:", r"Write scripted:FILE"),
    ],
)
def test_open_says_what_a_spec_must_be(spec: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        open_llm(spec)
