"""The conformance kit: what every module must hold, tried on the class itself.

    declaration  a docstring with Returns, every parameter described, defaults of their type
    import       the file imports quickly: heavy packages only in `load`, no network, no output
    load         it loads and unloads
    result       calls return what they declare, within the video; errors are ours
    determinism  the same call gives the same result, also from a fresh instance
    arguments    a call leaves its arguments as they were
    batch        `batch` gives what single calls give
    edges        one frame, no sound, sound only, a span without length: a result or a typed error
    network      nothing is sent anywhere, but by a module that asks a server

What a module finds is not judged: that is for its own tests.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

from vprog.boundary import convert
from vprog.errors import MissingError, ModuleError, ModuleFailedError, ModuleInputError, VprogError
from vprog.execute.loaded_modules import LoadedModules
from vprog.media.run_videos import MediaSource
from vprog.registry.call_context import using
from vprog.registry.discover import discover
from vprog.registry.module import Call, ModuleInstance, ModuleSpec, spec_of
from vprog.registry.registry import bound_to
from vprog.registry.signature import Signature, annotation_text
from vprog.testing.sample_context import sample_context
from vprog.testing.samples import ORDINARY, drawn_clips, made_calls
from vprog.testing.side_effects import import_faults, refused_network
from vprog.types import Box, Frame, Video

TOLERANCE_S = 0.2
"""Containers state lengths a frame or an audio block longer than what is in them."""

TOLERANCE_PIXELS = 2.0


@dataclass(frozen=True)
class Finding:
    """One thing that a module does not hold."""

    check: str
    message: str
    hint: str

    def __str__(self) -> str:
        return f"{self.check}: {self.message} {self.hint}"


def check_module(
    module: type | ModuleSpec,
    *,
    arguments: Mapping[str, object] | None = None,
    device: str = "cpu",
) -> list[Finding]:
    """Everything that is wrong with a module; empty if it conforms.

    Args:
        module: the class, decorated with `@module`, or its declaration.
        arguments: values for parameters that the kit cannot guess, e.g. {"label": "dog"}.
        device: what `load` is given.

    Raises:
        RegistrationError: the class is no module.

    Example:
        >>> check_module(FindFlashes)
        []
    """
    spec = module if isinstance(module, ModuleSpec) else spec_of(module)
    if spec.asks and not spec.asked:
        spec = bound_to(spec, discover().choose())
    check = _Check(spec, dict(arguments or {}), device)
    for fault, hint in declaration_faults(spec.signature):
        check.say("declaration", fault, hint)
    check.given_names()
    for fault in import_faults(spec.cls, spec.needs):
        check.say("import", fault, "Import heavy packages in load(), and do nothing else before.")
    network: AbstractContextManager[list[str]] = refused_network()
    if spec.vlm_kind == "openai":
        network = nullcontext([])
    with drawn_clips() as clips, network as tried:
        check.runs(clips)
        if tried:
            check.say(
                "network",
                f"it tried: {tried[0]} ({len(tried)} attempts).",
                "Load weights from disk; declare them with weights=.",
            )
    return list(dict.fromkeys(check.found))


class _Check:
    """One run of the kit over one module."""

    def __init__(self, spec: ModuleSpec, given: dict[str, object], device: str) -> None:
        self.spec = spec
        self.found: list[Finding] = []
        self._given = given
        self._device = device
        self._where = spec.task
        self._others = LoadedModules(device)

    def say(self, check: str, message: str, hint: str) -> None:
        self.found.append(Finding(check, f"{self.spec.name}: {message}", hint))

    def given_names(self) -> None:
        """The author's own arguments name parameters."""
        names = {parameter.name for parameter in self.spec.signature.parameters}
        for name in sorted(self._given.keys() - names):
            self.say("arguments", f'it has no parameter "{name}".', "Correct `arguments`.")
            del self._given[name]

    def runs(self, clips: Mapping[str, MediaSource]) -> None:
        """Load it, call it on every clip, unload it."""
        instance = self._loaded()
        if instance is None:
            return
        for what, media in clips.items():
            good = self._calls(instance, media, what)
            if what == ORDINARY and good:
                self._same_from_fresh(media, good)
                self._batches(instance, media, good, what)
            elif self.spec.has_batch and good:
                self._batches(instance, media, good[:1], what)
        self._others.close()
        unload = getattr(instance, "unload", None)
        if unload is not None:
            try:
                unload()
            except Exception as error:
                self.say("load", f"unload() raised {_named(error)}.", "Let go of what load() made.")

    def _loaded(self) -> ModuleInstance | None:
        try:
            return LoadedModules(self._device).instance(self.spec)
        except MissingError as error:
            self.say("load", error.message, error.hint)
        except VprogError as error:
            self.say("load", error.message, "load(device) must leave the module ready for calls.")
        return None

    def _calls(
        self, instance: ModuleInstance, media: MediaSource, what: str
    ) -> list[tuple[dict[str, object], object]]:
        """The calls on one clip that gave a proper result, with these."""
        good: list[tuple[dict[str, object], object]] = []
        refusal: VprogError | None = None
        for raw in made_calls(self.spec.signature, media, self._given):
            try:
                arguments = convert.bind(self.spec.signature, (), raw, media.videos)
            except ModuleInputError as error:
                refusal = error  # a made-up value that the border would stop as well
                continue
            try:
                value = self._once(instance, arguments, media, what)
            except VprogError as error:
                refusal = error
                continue
            if value is not None:
                good.append((arguments, value[0]))
        if what == ORDINARY and not good and refusal is not None and not self.found:
            self.say(
                "result",
                f"none of the kit's calls gave a result; the last was refused: {refusal}",
                'Give values that it takes: check_module(cls, arguments={"label": "dog"}).',
            )
        return good

    def _once(
        self,
        instance: ModuleInstance,
        arguments: dict[str, object],
        media: MediaSource,
        what: str,
    ) -> tuple[object] | None:
        """The checked result of one call, made twice; None if a finding was made of it."""
        before = copy.deepcopy(arguments)
        raw = self._raw(instance, arguments, media, what)
        if raw is None:
            return None
        if arguments != before:
            self.say(
                "arguments",
                f"a call on {what} changed its arguments.",
                "Make new lists; never sort or append to those given.",
            )
            return None
        value = self._read(raw[0], media, what)
        again = self._raw(instance, before, media, what)
        if value is None or again is None:
            return None
        if self._read(again[0], media, what) != value:
            self.say(
                "determinism",
                f"the same call on {what} gave two results.",
                "Seed what is random; keep no state between calls.",
            )
            return None
        return value

    def _call(self, arguments: dict[str, object], media: MediaSource) -> Call:
        return Call.of(self.spec, arguments, sample_context(self.spec, media, self._others))

    def _raw(
        self,
        instance: ModuleInstance,
        arguments: dict[str, object],
        media: MediaSource,
        what: str,
    ) -> tuple[object] | None:
        """What a call returns.

        Raises:
            ModuleError, VideoError, ...: a refusal, which is a proper ending.
        """
        try:
            call = self._call(arguments, media)
            with using(call.context):
                return (instance(**arguments),)
        except ModuleFailedError as error:
            self.say("result", f"a call on {what} failed: {error.message}", error.hint)
        except VprogError as error:
            if not error.message.strip() or (isinstance(error, ModuleError) and not error.hint):
                self.say(
                    "result",
                    f"a call on {what} was refused without saying what to do: {error}.",
                    "Give errors a message and a hint=.",
                )
                return None
            raise
        except Exception as error:
            self.say(
                "result",
                f"a call on {what} raised {_named(error)}.",
                "Raise ModuleInputError or another class of vprog.errors.",
            )
        return None

    def _read(self, raw: object, media: MediaSource, what: str) -> tuple[object] | None:
        """A result as the boundary lets it pass; within the video."""
        returns = self.spec.signature.returns
        try:
            value = convert.from_module(raw, returns, where=self.spec.name)
        except ModuleFailedError as error:
            self.say(
                "result",
                f"a call on {what} returned what it may not: {error.message}",
                f"Return {annotation_text(returns)}.",
            )
            return None
        wrong = outside(value, media.videos)
        if wrong:
            self.say(
                "result",
                f"a call on {what} returned what it may not: {wrong}.",
                "Give seconds from the first frame, and pixels of the whole frame.",
            )
            return None
        return (value,)

    def _same_from_fresh(
        self, media: MediaSource, good: Iterable[tuple[dict[str, object], object]]
    ) -> None:
        fresh = self._loaded()
        if fresh is None:
            return
        for arguments, value in list(good)[:2]:
            raw = self._raw(fresh, arguments, media, ORDINARY)
            if raw is not None and self._read(raw[0], media, ORDINARY) != (value,):
                self.say(
                    "determinism",
                    "a fresh instance gave another result for the same call.",
                    "Seed what is random; keep no state between calls.",
                )
                return

    def _batches(
        self,
        instance: ModuleInstance,
        media: MediaSource,
        good: list[tuple[dict[str, object], object]],
        what: str,
    ) -> None:
        """`batch` against single calls, whole, and one by one."""
        if not self.spec.has_batch:
            return
        batch = instance.batch  # type: ignore[attr-defined]
        size = max(1, self.spec.batch_size)
        for part in (good[:size], good[:1]):
            try:
                # No source is current in a batch: each call brings its own.
                raws = batch(
                    [
                        Call.of(
                            self.spec, arguments, sample_context(self.spec, media, self._others)
                        )
                        for arguments, _ in part
                    ]
                )
            except Exception as error:
                self.say(
                    "batch",
                    f"batch() of {len(part)} calls on {what} raised {_named(error)}.",
                    "Use call.context and call.arguments of each call.",
                )
                return
            if not isinstance(raws, list) or len(raws) != len(part):
                self.say("batch", "batch() must return one result a call.", "Keep their order.")
                return
            for raw, (_, value) in zip(raws, part, strict=True):
                read = self._read(raw, media, what)
                if read is not None and read[0] != value:
                    self.say(
                        "batch",
                        f"batch() of {len(part)} calls on {what} gave another result than "
                        "single calls.",
                        "Give the same, in the order of the calls.",
                    )
                    return


def _named(error: BaseException) -> str:
    return f"{type(error).__name__}: {str(error)[:200]}"


def declaration_faults(signature: Signature) -> list[tuple[str, str]]:
    """What is wrong with the docstring and the defaults, each with what to do."""
    faults: list[tuple[str, str]] = []
    if "Returns:" not in signature.doc:
        faults.append(
            (
                "the docstring of __call__ has no Returns section.",
                "Say what comes back, in which order and unit, and when it is empty.",
            )
        )
    for parameter in signature.parameters:
        if not parameter.doc:
            faults.append(
                (
                    f'the docstring does not describe the parameter "{parameter.name}".',
                    "Add it to the Args section: meaning, unit, range.",
                )
            )
        if parameter.is_required:
            continue
        try:
            convert.to_host(parameter.default, parameter.annotation, (), where="it")
        except ModuleInputError as error:
            faults.append(
                (
                    f'the default of "{parameter.name}" is not of its type '
                    f"{annotation_text(parameter.annotation)}: {error.message}",
                    "Correct the default or the annotation.",
                )
            )
    return faults


def outside(value: object, videos: Sequence[Video]) -> str:
    """The first time or box of a value that lies outside; "" if all lie inside."""
    longest = max((video.duration for video in videos), default=0.0)
    for field, part, video in _parts(value, 0):
        if field in ("start", "end", "time") and isinstance(part, int | float):
            if not -TOLERANCE_S <= part <= longest + TOLERANCE_S:
                return f"{field}={part:g} lies outside the video, 0 to {longest:g} s"
        elif isinstance(part, Box) and video < len(videos):
            width, height = videos[video].width, videos[video].height
            low, high = min(part.x0, part.y0), max(part.x1 - width, part.y1 - height)
            if low < -TOLERANCE_PIXELS or high > TOLERANCE_PIXELS:
                return f"{part} lies outside the picture of {width} x {height} pixels"
            if part.x0 > part.x1 or part.y0 > part.y1:
                return f"{part} has its corners in the wrong order"
    return ""


def _parts(value: object, video: int) -> Iterator[tuple[str, object, int]]:
    """Every value inside with the name of its field and the video it belongs to."""
    waiting: list[tuple[str, object, int]] = [("", value, video)]
    while waiting:
        field, part, owner = waiting.pop()
        yield field, part, owner
        frame = part if isinstance(part, Frame) else getattr(part, "frame", None)
        if isinstance(frame, Frame):
            owner = frame.video
        if isinstance(part, tuple) and hasattr(part, "_fields"):
            waiting += [
                (name, inner, owner) for name, inner in zip(part._fields, part, strict=True)
            ]
        elif isinstance(part, list | tuple):
            waiting += [("", inner, owner) for inner in part]
        elif isinstance(part, dict):
            waiting += [("", inner, owner) for inner in part.values()]
