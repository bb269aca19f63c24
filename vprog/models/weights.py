"""Weights of models: what is declared of a file or folder of them, and where it lies.

They are looked for where the tools that fetch them put them: the Hugging Face cache
(HF_HUB_CACHE, HF_HOME, XDG_CACHE_HOME), a path that is named, the data of an installed
package. Nothing is downloaded; what is missing or wrong is an error with the command that
mends it.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.util
import os
from dataclasses import dataclass
from pathlib import Path

from vprog.errors import WeightsMissingError


@dataclass(frozen=True)
class Weights:
    """A file or a folder of weights.

    Attributes:
        id: "org/name" on the Hugging Face hub, a path, or the name of what `package` brings.
        revision: which state of it; part of every cache key. On the hub a commit, tag or branch.
        licence: of the weights, as their page names it.
        is_gated: whether the licence must be accepted before they can be fetched.
        size_mb: what they take on disk.
        file: which file inside; "" for the whole folder.
        sha256: of the file; of a folder that of the lines "DIGEST  PATH" of its files, sorted
            by path; "" if none is declared.
        package: import name of the package in whose data `file` lies.
        command: what fetches them; "" for that of the hub or the package.
        cache: the folder in the user's cache (XDG_CACHE_HOME) in which another tool keeps `file`.
    """

    id: str
    revision: str
    licence: str
    is_gated: bool = False
    size_mb: int = 0
    file: str = ""
    sha256: str = ""
    package: str = ""
    command: str = ""
    cache: str = ""

    @property
    def state(self) -> str:
        """Which state lies here: the commit that a branch or tag stands for, else `revision`."""
        snapshot = None if self.package or self.cache else _snapshot(self.id, self.revision)
        return snapshot.name if snapshot else self.revision

    def folder(self) -> ModelFolder:
        """The folder of a transformers model, and which state of it lies there.

        Raises:
            WeightsMissingError: they are not on this machine, or their digest is another.
        """
        return ModelFolder(_checked(self.verified(), self.id), self.state)

    def location(self) -> Path:
        """Where they lie; the digest is not looked at.

        Raises:
            WeightsMissingError: they are not on this machine.
        """
        root = self._root()
        path = root / self.file if self.file else root
        if not os.path.exists(path):
            raise WeightsMissingError(
                f"{self.id}: its weights are not on this machine (looked for {path}).",
                hint=self._hint(),
            )
        return path

    def verified(self) -> Path:
        """Where they lie; they are those that were declared.

        Raises:
            WeightsMissingError: they are not on this machine, or their digest is another.
        """
        path = self.location()
        if self.sha256 and (digest := digest_of(path)) != self.sha256.lower():
            raise WeightsMissingError(
                f"{self.id}: {path} is not what was declared: its sha256 is {digest}, "
                f"not {self.sha256}.",
                hint=self._hint(again=True),
            )
        return path

    def _root(self) -> Path:
        if self.package:
            spec = importlib.util.find_spec(self.package)
            folders = list(spec.submodule_search_locations or ()) if spec else []
            return Path(folders[0]) if folders else Path(self.package)
        if self.cache:
            return _expanded(os.environ.get("XDG_CACHE_HOME") or "~/.cache") / self.cache
        named = _expanded(self.id)
        if os.path.exists(named) or named.is_absolute():
            return named
        return _snapshot(self.id, self.revision) or _hub_folder(self.id)

    def _hint(self, *, again: bool = False) -> str:
        """The command that mends what is missing; `again` where something wrong lies there."""
        if self.command:
            return f"Run: {self.command}"
        if self.package:
            return f"Run: pip install {'--force-reinstall ' if again else ''}{self.package}"
        if _expanded(self.id).is_absolute():
            return "Put it there, or name another path."
        words = [self.id, self.file, f"--revision {self.revision}" if self.revision else ""]
        words.append("--force-download" if again else "")
        command = f"hf download {' '.join(word for word in words if word)}"
        if self.is_gated:
            return (
                f"Accept its licence at https://huggingface.co/{self.id}, then run: "
                f"hf auth login && {command}"
            )
        return f"Run: {command}"


@dataclass(frozen=True)
class ModelFolder:
    """The folder of a transformers model, and which state of the model lies in it."""

    path: Path
    revision: str


def find_model(model: str) -> ModelFolder:
    """Where the files of `hf:MODEL` lie.

    Args:
        model: an id such as "org/name", with "@revision" if it is not "main", or a folder.

    Raises:
        WeightsMissingError: they are not on this machine.
    """
    folder = _expanded(model)
    if os.path.isdir(folder):
        return ModelFolder(folder, _state_of(_checked(folder, f"hf:{model}")))
    name, _, revision = model.partition("@")
    snapshot = _snapshot(name, revision or "main")
    if snapshot is None:
        raise WeightsMissingError(
            f"hf:{model}: its files are not on this machine (looked in {_hub_folder(name)}).",
            hint=f"Run: hf download {name}" + (f" --revision {revision}" if revision else ""),
        )
    return ModelFolder(_checked(snapshot, f"hf:{model}"), snapshot.name)


def named_weights(model: str) -> Weights:
    """Weights that a user names in place of the declared ones.

    Args:
        model: an id such as "org/name", with "@revision" if it is not "main"; a folder or a file.
    """
    licence = "see the model's page"
    path = _expanded(model)
    if os.path.isdir(path):
        return Weights(str(path), _state_of(path), licence)
    if (is_file := os.path.isfile(path)) or path.is_absolute():
        state = path.stat() if is_file else None
        return Weights(str(path), f"{state.st_size}-{state.st_mtime_ns}" if state else "", licence)
    name, _, revision = model.partition("@")
    return Weights(name, revision or "main", licence)


def digest_of(path: Path) -> str:
    """The sha256 of a file; of a folder that of the digests and paths of its files."""
    if path.is_file():
        metadata = path.stat()
        return _digest_of_file(path, metadata.st_size, metadata.st_mtime_ns)
    files = sorted(file for file in path.rglob("*") if file.is_file())
    lines = [f"{digest_of(file)}  {file.relative_to(path).as_posix()}\n" for file in files]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


@functools.lru_cache(maxsize=256)
def _digest_of_file(path: Path, size: int, mtime_ns: int) -> str:
    """Of a file in the state that its size and time tell: gigabytes are read once."""
    with path.open("rb") as data:
        return hashlib.file_digest(data, "sha256").hexdigest()


def _expanded(name: str) -> Path:
    """A path as users write it. By os.path, here and where one is looked for: what is no path at
    all (a user's home that is not there, a name too long) is then not there either."""
    return Path(os.path.expanduser(name))


def _hub_folder(model: str) -> Path:
    """Where the Hugging Face tools keep a model."""
    cache = os.environ.get("HF_HUB_CACHE")
    if not cache:
        base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
        cache = f"{os.environ.get('HF_HOME') or f'{base}/huggingface'}/hub"
    return _expanded(cache) / f"models--{model.replace('/', '--')}"


def _snapshot(model: str, revision: str) -> Path | None:
    """The folder of a branch, tag or commit; None if it was not fetched."""
    folder = _hub_folder(model)
    try:
        commit = (folder / "refs" / revision).read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        commit = revision
    snapshot = folder / "snapshots" / commit
    return snapshot if commit and os.path.isdir(snapshot) else None


def _checked(folder: Path, model: str) -> Path:
    """A folder that holds a model.

    Raises:
        WeightsMissingError: it does not.
    """
    weights = [*folder.glob("*.safetensors"), *folder.glob("*.bin")]
    if not (folder / "config.json").is_file() or not weights:
        raise WeightsMissingError(
            f"{model}: {folder} holds no config.json, or no weights.",
            hint="Name a folder that `save_pretrained` wrote, or an id: hf:org/name.",
        )
    return folder


def _state_of(folder: Path) -> str:
    """A digest of a folder's files: small ones by content, weights by size and time of writing."""
    hashed = hashlib.sha256()
    for path in sorted(path for path in folder.iterdir() if path.is_file()):
        metadata = path.stat()
        hashed.update(f"{path.name}\0{metadata.st_size}\0".encode())
        if path.suffix in (".json", ".jinja", ".txt"):
            hashed.update(path.read_bytes())
        else:
            hashed.update(str(metadata.st_mtime_ns).encode())
    return hashed.hexdigest()[:16]
