"""The context of a call that no run makes: for the kit and for `vprog doctor`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from vprog.boundary import convert
from vprog.errors import VprogError
from vprog.execute.loaded_modules import LoadedModules
from vprog.media.run_videos import MediaSource
from vprog.registry.call_context import CallContext, using
from vprog.registry.mask_store import MaskStore
from vprog.registry.module import Call, ModuleSpec
from vprog.testing.samples import sample_bitmap
from vprog.types.mask_rle import key_of


def sample_context(spec: ModuleSpec, media: MediaSource, others: LoadedModules) -> CallContext:
    """Of one call: with the bitmap of the masks it may be given, and with those it asks.

    Args:
        spec: of the module that is called, bound to those that it asks.
        media: the videos.
        others: loads the modules that are asked.
    """
    masks = MaskStore()
    for text in map(sample_bitmap, media.videos):
        masks.add({key_of(text): text})
    return CallContext(media, masks=masks, ask=partial(_ask, spec, media, others))


def _ask(
    spec: ModuleSpec,
    media: MediaSource,
    others: LoadedModules,
    asking: CallContext,
    task: str,
    calls: Sequence[Mapping[str, object]],
) -> list[object]:
    """What the module that it is bound to gives for calls of another module."""
    if task not in spec.asks:
        raise VprogError(f'it asks "{task}", and declares asks={spec.asks}.')
    other = next(other for other in spec.asked if other.task == task)
    instance = others.instance(other)
    results = []
    for raw in calls:
        arguments = convert.bind(other.signature, (), raw, media.videos)
        call = Call.of(other, arguments, CallContext(media, masks=asking.store))
        with using(call.context):
            results.append(instance(**arguments))
        asking.absorb(seen=call.context.seen, masks=call.context.masks)
    return results
