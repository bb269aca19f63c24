"""Which model `--vlm` names, and in which state."""

from __future__ import annotations

from pathlib import Path

import pytest

from vprog.errors import ConfigError, WeightsMissingError
from vprog.llm.vlm_spec import find_vlm


def write_model(folder: Path, config: str = "{}") -> Path:
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(config, encoding="utf-8")
    (folder / "model.safetensors").write_bytes(b"\0" * 8)
    return folder


def test_nothing_named_is_no_vlm() -> None:
    assert find_vlm("") is None
    assert find_vlm("  ") is None


def test_server_model_is_named_with_its_address_and_no_secret(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://user:secret@127.0.0.1:8000/v1?key=hidden")
    found = find_vlm("openai:org/model:tag")
    assert found is not None
    assert (found.kind, found.model, found.spec) == (
        "openai", "org/model:tag", "openai:org/model:tag",
    )  # fmt: skip
    assert found.revision == "127.0.0.1:8000/v1"


def test_folder_is_named_by_what_lies_in_it(tmp_path: Path) -> None:
    one = find_vlm(f"hf:{write_model(tmp_path / 'one')}")
    write_model(tmp_path / "other", '{"changed": 1}')
    other = find_vlm(f"hf:{tmp_path / 'other'}")
    assert one is not None
    assert other is not None
    assert one.folder == str(tmp_path / "one")
    assert one.revision != other.revision
    assert one == find_vlm(f"hf:{tmp_path / 'one'}")


def test_id_is_found_where_the_hub_keeps_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HF_HUB_CACHE", raising=False)
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    kept = tmp_path / "hub" / "models--org--name"
    snapshot = write_model(kept / "snapshots" / "abc123")
    (kept / "refs").mkdir()
    (kept / "refs" / "main").write_text("abc123\n", encoding="ascii")
    for spec in ("hf:org/name", "hf:org/name@main", "hf:org/name@abc123"):
        found = find_vlm(spec)
        assert found is not None
        assert (found.revision, found.folder) == ("abc123", str(snapshot))
    with pytest.raises(WeightsMissingError, match="not on this machine") as caught:
        find_vlm("hf:org/other")
    assert caught.value.hint == "Run: hf download org/other"
    assert caught.value.exit_code == 4
    with pytest.raises(WeightsMissingError):
        find_vlm("hf:org/name@other")


def test_folder_without_weights_is_told(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}", encoding="utf-8")
    with pytest.raises(WeightsMissingError, match="no weights"):
        find_vlm(f"hf:{tmp_path}")


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("openai:", 'nothing after "openai:"'),
        ("hf:", 'nothing after "hf:"'),
        ("openia:x", 'Did you mean "openai:x"'),
        ("rules", "unknown vision-language model"),
    ],
)
def test_what_names_no_model_is_a_config_error(spec: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        find_vlm(spec)
