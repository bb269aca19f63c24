"""What a module is: one final class that does a task, and what it declares of itself."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypedDict, TypeVar, Unpack, cast

from vprog.errors import RegistrationError
from vprog.models.vision_language_model import VlmBackend
from vprog.models.weights import Weights
from vprog.registry.call_context import CallContext, Pixels
from vprog.registry.docstring import doc_of, merge_docs
from vprog.registry.origin import NOWHERE, Origin, origin_of
from vprog.registry.signature import Signature, read_signature
from vprog.registry.task import check_word, find_task
from vprog.settings import Settings
from vprog.types.frame import Frame

OWN_VLM = "own"
"""The kind of a VLM that was handed in as an object."""


@dataclass(frozen=True)
class VlmSpec:
    """A vision-language model by name.

    Attributes:
        kind: the word before the colon of the SPEC, "openai" or "hf"; or "own".
        model: what stands after it: a name on a server, an id, or a folder.
        revision: which state of it; part of every cache key. Of a server its address.
        folder: where its files lie; "" for a model behind a server.
        backend: the model itself, of the kind "own"; it was handed in as an object.
        timeout_s: for one request to a server, its retries included.
    """

    kind: str
    model: str
    revision: str
    folder: str = ""
    backend: VlmBackend | None = None
    timeout_s: float = Settings.llm_timeout

    @property
    def spec(self) -> str:
        """What `--vlm` was given."""
        return f"{self.kind}:{self.model}"


@dataclass(frozen=True)
class Call:
    """One call of a batch: every parameter by name, and what it works with."""

    arguments: dict[str, object]
    context: CallContext

    @classmethod
    def of(cls, spec: ModuleSpec, arguments: dict[str, object], context: CallContext) -> Call:
        """A call of a module, whose context knows which pictures the module declared."""
        context.want(spec.pixels, arguments)
        return cls(arguments, context)


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
    takes_weights: bool = False
    """Whether other weights may stand in for those declared; see `bind_weights`."""
    extra: str = ""
    """The extra of vprog that installs what it needs."""
    asks: tuple[str, ...] = ()
    """The tasks whose modules do a part of its work."""
    asked: tuple[ModuleSpec, ...] = ()
    """Those modules, once they are chosen."""
    parallel: bool = False
    distribution: str = "vprog"
    vlm_kind: str = ""
    """The kind of VLM that it works with; "" if it needs none."""
    vlm: VlmSpec | None = None
    """The model that was named for it; see `bind_vlm`."""
    pixels: Pixels | None = None
    """The pictures that it wants of an argument."""
    origin: Origin = NOWHERE
    """Where its values come from; its task's."""

    @functools.cached_property
    def name(self) -> str:
        """`task/implementation`, e.g. `detect/DetectHog`."""
        return f"{self.task}/{self.implementation}"

    @property
    def is_own(self) -> bool:
        """Whether vprog itself brings the module."""
        return self.distribution.split(" ")[0] == "vprog"

    @property
    def may_run_ahead(self) -> bool:
        """Whether a call may be made before the program makes it, as part of a batch.

        What a module asks of others is done in its turn.
        """
        return self.batch_size > 1 and not self.parallel and not self.asks

    @property
    def is_guessed(self) -> bool:
        """Whether that holds too where the program may yet make no such call.

        Not for a model behind a server, or of the caller's own: each request may cost.
        """
        return self.may_run_ahead and self.vlm_kind in ("", "hf")

    def identity(self) -> tuple[str, str, str, str]:
        """What of the module, and of those that it asks, enters a cache key."""
        weights = ",".join(
            [
                *(f"{weight.id}@{weight.state}" for weight in self.weights),
                *("/".join(spec.identity()) for spec in self.asked),
            ]
        )
        return (self.task, self.implementation, self.version, weights)


class Declared(TypedDict, total=False):
    """What an implementation declares of itself.

    Attributes:
        batch: the most calls that `batch` takes at once; 1 if there is no `batch`.
        needs: import names of the packages that `load` imports, e.g. ("cv2",).
        extra: the extra of vprog that installs them, e.g. "offline".
        install: the whole command that installs them; stands in for `extra`.
        weights: the files of weights it loads.
        takes_weights: whether its `load(device, weights)` takes other weights of that kind,
            which the table `[weights]` of the settings or `--module TASK=CLASS:MODEL` may name.
        asks: tasks whose modules do a part of its work: `context.ask("detect", ...)`. It can run
            where they can, and ranks below the least of them. Such a module holds no memory
            of the device itself.
        version: raise it whenever the same call may give another result:
            it is part of the cache key.
        memory_mb: device memory it holds while loaded.
        rank: among implementations that can run here, `auto` takes the highest.
        backend: what does the work, as results name it, e.g. "OpenCV HOG".
        vlm: "openai", "hf" or "own" for a module that shows frames to the model of that kind which
            `--vlm` names. It is available only then; its `load(device, vlm)` gets it, and
            its name and revision stand in the cache key.
        parallel: whether one instance may serve several calls at once. If not, they wait for each
            other, on an accelerator also for the calls of other modules that hold memory there.
        pixels: the pictures that it wants of an argument; they stand in the `pictures` of its
            context, and may have been decoded with those of other calls.
    """

    batch: int
    needs: tuple[str, ...]
    extra: str
    install: str
    weights: tuple[Weights, ...]
    takes_weights: bool
    asks: tuple[str, ...]
    version: str
    memory_mb: int
    rank: int
    backend: str
    vlm: str
    parallel: bool
    pixels: Pixels


class DeclaredOrigin(Declared, total=False):
    """What a module declares that has no contract elsewhere: see registry/origin.py.

    Attributes:
        looks: whether it reads the media itself.
        passes_on: the parameters whose values come back in its result.
    """

    looks: bool
    passes_on: Sequence[str]


_Class = TypeVar("_Class", bound=type)


def implements(
    task: str, *, summary: str = "", **declared: Unpack[Declared]
) -> Callable[[_Class], _Class]:
    """Declare a class as an implementation of a task that has a contract.

    `__call__` has the contract's parameters; bounds and grids are the contract's where it names
    none of its own. Its docstring, if there is one, says only what is its own: what stands
    before the sections follows the contract's opening, and a section (Args parameter by
    parameter) stands in place of the contract's.

    Args:
        task: the word in programs, e.g. "detect".
        summary: in place of the contract's first line, where the class does less.
        declared: see `Declared`.

    Raises:
        RegistrationError: there is no such task, or `__call__` is not as its contract says.
    """

    def declare(cls: _Class) -> _Class:
        call = _call_of(cls, task)
        contract = find_task(task, cls.__module__)
        doc = merge_docs(contract.signature.doc, doc_of(call), summary)
        signature = contract.signature_of(
            read_signature(task, call, doc=doc), f'module "{task}/{cls.__name__}"'
        )
        _register(cls, signature, contract.origin, **declared)
        return cls

    return declare


def module(task: str, **declared: Unpack[DeclaredOrigin]) -> Callable[[_Class], _Class]:
    """Declare a new task and the class that does it in one.

    The annotations and the docstring of `__call__` are the task's contract; see `DeclaredOrigin`
    and `Declared` for what else can be said of the class.

    Args:
        task: the word in programs, a verb, e.g. "detect".
        declared: see `Declared`.

    Raises:
        RegistrationError: the task is no identifier or is reserved, or `__call__`
            lacks annotations or a docstring, or `passes_on` names no parameter.
    """
    looks, passes_on = declared.pop("looks", None), declared.pop("passes_on", None)

    def declare(cls: _Class) -> _Class:
        check_word(task)
        signature = read_signature(task, _call_of(cls, task))
        origin = origin_of(signature, looks, passes_on)
        _register(cls, signature, origin, **cast(Declared, declared))
        return cls

    return declare


def spec_of(cls: object) -> ModuleSpec:
    """The declaration of a module class.

    Raises:
        RegistrationError: the object was not decorated with `@implements` or `@module`.
    """
    spec = getattr(cls, "__vprog_module__", None)
    if not isinstance(spec, ModuleSpec):
        raise RegistrationError(
            f"{cls!r} is not a module class.",
            hint="Decorate the class with @implements(task) or @module(task).",
        )
    return spec


def _call_of(cls: type, task: str) -> Callable[..., object]:
    call = inspect.getattr_static(cls, "__call__")
    if not inspect.isfunction(call):
        raise RegistrationError(
            f'module "{task}": {cls.__name__} has no __call__.',
            hint="Write `def __call__(self, frame: Frame, ...) -> ...`.",
        )
    return call


def _register(
    cls: type,
    signature: Signature,
    origin: Origin,
    *,
    batch: int = 1,
    needs: tuple[str, ...] = (),
    extra: str = "",
    install: str = "",
    weights: tuple[Weights, ...] = (),
    takes_weights: bool = False,
    version: str = "1",
    memory_mb: int = 0,
    parallel: bool = False,
    rank: int = 0,
    backend: str = "",
    vlm: str = "",
    asks: tuple[str, ...] = (),
    pixels: Pixels | None = None,
) -> None:
    if asks and memory_mb:
        raise RegistrationError(
            f'module "{signature.name}/{cls.__name__}": asks other modules and holds memory.',
            hint="It would hold the device while they wait for it: move what holds memory to a "
            "task of its own.",
        )
    if pixels is not None:
        _check_pixels(pixels, signature, cls)
    has_batch = hasattr(cls, "batch")
    cls.__vprog_module__ = ModuleSpec(  # type: ignore[attr-defined]
        task=signature.name,
        implementation=cls.__name__,
        cls=cls,
        signature=signature,
        version=version,
        batch_size=batch if has_batch else 1,
        needs=tuple(needs),
        install=install or (f'pip install "vprog[{extra}]"' if extra else ""),
        weights=tuple(weights),
        takes_weights=takes_weights,
        memory_mb=memory_mb,
        parallel=parallel,
        rank=rank,
        backend=backend or cls.__name__,
        has_batch=has_batch,
        vlm_kind=vlm,
        extra=extra,
        asks=tuple(asks),
        pixels=pixels,
        origin=origin,
    )


def _check_pixels(pixels: Pixels, signature: Signature, cls: type) -> None:
    """Refuse pixels of what names no frames."""
    by_name = {parameter.name: parameter.annotation for parameter in signature.parameters}
    if by_name.get(pixels.of) not in (Frame, list[Frame]):
        raise RegistrationError(
            f'module "{signature.name}/{cls.__name__}": pixels of "{pixels.of}", which is no '
            "parameter of frames.",
            hint="Name a parameter that is a Frame or a list[Frame].",
        )
