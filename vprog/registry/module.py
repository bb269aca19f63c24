"""What a module is: one final class with `@module`, and what it declares of itself."""

from __future__ import annotations

import keyword
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from vprog.errors import RegistrationError
from vprog.media.source import MediaSource
from vprog.models.weights import Weights
from vprog.registry.signature import Signature, read_signature

RESERVED = frozenset({"video", "videos", "question", "choices", "answer", "abstain"})
"""Names that every program has and no module may take."""


@dataclass(frozen=True)
class VlmSpec:
    """A vision-language model by name.

    Attributes:
        kind: the word before the colon of the SPEC: "openai" or "hf".
        model: what stands after it: a name on a server, an id, or a folder.
        revision: which state of it; part of every cache key. Of a server its address.
        folder: where its files lie; "" for a model behind a server.
    """

    kind: str
    model: str
    revision: str
    folder: str = ""

    @property
    def spec(self) -> str:
        """What `--vlm` was given."""
        return f"{self.kind}:{self.model}"


@dataclass(frozen=True)
class Call:
    """One call of a batch: every parameter by name, and where its pixels and sound come from."""

    arguments: dict[str, object]
    media: MediaSource


class ModuleInstance(Protocol):
    """What the host holds of a module. `load`, `batch` and `unload` are optional in the class."""

    def __call__(self, *args: object, **kwargs: object) -> object: ...


@dataclass(frozen=True)
class ModuleSpec:
    """A registered module: its class, its signature and what it declares."""

    task: str
    implementation: str
    cls: type
    signature: Signature
    version: str
    batch_size: int
    needs: tuple[str, ...]
    install: str
    weights: tuple[Weights, ...]
    memory_mb: int
    rank: int
    backend: str
    has_batch: bool
    distribution: str = "vprog"
    vlm_kind: str = ""
    """The kind of VLM that it works with; "" if it needs none."""
    vlm: VlmSpec | None = None
    """The model that was named for it; see registry/vlm.py."""

    @property
    def name(self) -> str:
        """`task/implementation`, e.g. `detect/DetectHog`."""
        return f"{self.task}/{self.implementation}"

    @property
    def is_own(self) -> bool:
        """Whether vprog itself brings the module."""
        return self.distribution.split(" ")[0] == "vprog"

    def identity(self) -> tuple[str, str, str, str]:
        """What of the module enters a cache key."""
        weights = ",".join(f"{weight.id}@{weight.revision}" for weight in self.weights)
        return (self.task, self.implementation, self.version, weights)


_Class = TypeVar("_Class", bound=type)


def module(
    task: str,
    *,
    batch: int = 1,
    needs: tuple[str, ...] = (),
    extra: str = "",
    install: str = "",
    weights: tuple[Weights, ...] = (),
    version: str = "1",
    memory_mb: int = 0,
    rank: int = 0,
    backend: str = "",
    vlm: str = "",
) -> Callable[[_Class], _Class]:
    """Declare a class as an implementation of a task.

    Args:
        task: the word in programs, a verb, e.g. "detect".
        batch: the most calls that `batch` takes at once; 1 if there is no `batch`.
        needs: import names of the packages that `load` imports, e.g. ("cv2",).
        extra: the extra of vprog that installs them, e.g. "offline".
        install: the whole command that installs them; stands in for `extra`.
        weights: the files of weights it loads.
        version: raise it whenever the same call may give another result:
            it is part of the cache key.
        memory_mb: device memory it holds while loaded.
        rank: among implementations that can run here, `auto` takes the highest.
        backend: what does the work, as results name it, e.g. "OpenCV HOG".
        vlm: "openai" or "hf" for a module that shows frames to the model of that kind which
            `--vlm` names. It is available only then; its `load(device, vlm)` gets it, and
            its name and revision stand in the cache key.

    Raises:
        RegistrationError: the task is no identifier or is reserved, or `__call__`
            lacks annotations or a docstring.
    """

    def declare(cls: _Class) -> _Class:
        if not task.isidentifier() or keyword.iskeyword(task) or task.startswith("_"):
            raise RegistrationError(
                f'module "{task}": a task must be a plain identifier.', hint='Use a verb: "detect".'
            )
        if task in RESERVED:
            raise RegistrationError(
                f'module "{task}": the name belongs to every program.', hint="Choose another verb."
            )
        call = cls.__dict__.get("__call__")
        if call is None:
            raise RegistrationError(
                f'module "{task}": {cls.__name__} has no __call__.',
                hint="Write `def __call__(self, frame: Frame, ...) -> ...` with a docstring.",
            )
        has_batch = "batch" in cls.__dict__
        spec = ModuleSpec(
            task=task,
            implementation=cls.__name__,
            cls=cls,
            signature=read_signature(task, call),
            version=version,
            batch_size=batch if has_batch else 1,
            needs=tuple(needs),
            install=install or (f'pip install "vprog[{extra}]"' if extra else ""),
            weights=tuple(weights),
            memory_mb=memory_mb,
            rank=rank,
            backend=backend or cls.__name__,
            has_batch=has_batch,
            vlm_kind=vlm,
        )
        cls.__vprog_module__ = spec  # type: ignore[attr-defined]
        return cls

    return declare


def spec_of(cls: object) -> ModuleSpec:
    """The declaration of a module class.

    Raises:
        RegistrationError: the object was not decorated with `@module`.
    """
    spec = getattr(cls, "__vprog_module__", None)
    if not isinstance(spec, ModuleSpec):
        raise RegistrationError(
            f"{cls!r} is not a module class.", hint="Decorate the class with @module(task)."
        )
    return spec
