"""From the SPEC of `--vlm` to the vision-language model: which one, in which state, where it lies.

Nothing is loaded, downloaded or sent here. The files of `hf:MODEL` are looked for where the
Hugging Face tools keep them (HF_HUB_CACHE, HF_HOME) or in the folder that is named.
"""

from __future__ import annotations

import difflib
import hashlib
import os
from pathlib import Path
from urllib.parse import urlsplit

from vprog.errors import ConfigError, WeightsMissingError
from vprog.registry.module import VlmSpec

FORMS = {"openai": "openai:MODEL", "hf": "hf:MODEL"}
"""By the word before the colon: how it is written."""

HOSTED = "https://api.openai.com/v1"


def find_vlm(spec: str) -> VlmSpec | None:
    """The model that a SPEC names; None for "".

    `hf:MODEL` is an id such as "org/name", with "@revision" if it is not "main", or a folder.

    Raises:
        ConfigError: the SPEC names no kind of model, or no model.
        WeightsMissingError: the files of the model are not on this machine.
    """
    spec = spec.strip()
    if not spec:
        return None
    kind, colon, model = spec.partition(":")
    if kind not in FORMS:
        near = difflib.get_close_matches(kind.lower(), FORMS, n=1, cutoff=0.6)
        guess = f' Did you mean "{near[0]}{colon or ":"}{model}"?' if near else ""
        raise ConfigError(
            f'unknown vision-language model "{spec}".{guess}',
            hint=f"There are: {', '.join(FORMS.values())}.",
        )
    if not model:
        raise ConfigError(f'"{spec}": nothing after "{kind}:".', hint=f"Write {FORMS[kind]}.")
    if kind == "openai":
        return VlmSpec(kind, model, _address())
    return _local(model)


def _address() -> str:
    """Which server a name is of: host and path, no secrets."""
    parts = urlsplit(os.environ.get("OPENAI_BASE_URL") or HOSTED)
    return f"{parts.netloc.rpartition('@')[2]}{parts.path}"


def _local(model: str) -> VlmSpec:
    folder = Path(model).expanduser()
    if folder.is_dir():
        return VlmSpec("hf", model, _digest(_checked(folder, model)), str(folder))
    name, _, revision = model.partition("@")
    kept = _cache() / f"models--{name.replace('/', '--')}"
    reference = kept / "refs" / (revision or "main")
    try:
        commit = reference.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        commit = revision
    snapshot = kept / "snapshots" / commit
    if not commit or not snapshot.is_dir():
        raise WeightsMissingError(
            f"hf:{model}: its files are not on this machine (looked in {kept}).",
            hint=f"Run: hf download {name}" + (f" --revision {revision}" if revision else ""),
        )
    return VlmSpec("hf", model, commit, str(_checked(snapshot, model)))


def _checked(folder: Path, model: str) -> Path:
    """A folder that holds a model.

    Raises:
        WeightsMissingError: it does not.
    """
    weights = [*folder.glob("*.safetensors"), *folder.glob("*.bin")]
    if not (folder / "config.json").is_file() or not weights:
        raise WeightsMissingError(
            f"hf:{model}: {folder} holds no config.json, or no weights.",
            hint="Name a folder that `save_pretrained` wrote, or an id: hf:org/name.",
        )
    return folder


def _digest(folder: Path) -> str:
    """Of a folder's files: small ones by content, weights by size and time of writing."""
    hashed = hashlib.sha256()
    for path in sorted(path for path in folder.iterdir() if path.is_file()):
        facts = path.stat()
        hashed.update(f"{path.name}\0{facts.st_size}\0".encode())
        if path.suffix in (".json", ".jinja", ".txt"):
            hashed.update(path.read_bytes())
        else:
            hashed.update(str(facts.st_mtime_ns).encode())
    return hashed.hexdigest()[:16]


def _cache() -> Path:
    """Where the Hugging Face tools keep models."""
    if kept := os.environ.get("HF_HUB_CACHE"):
        return Path(kept).expanduser()
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    home = os.environ.get("HF_HOME") or f"{base}/huggingface"
    return Path(home).expanduser() / "hub"
