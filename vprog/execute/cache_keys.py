"""Calls as the cache holds them: under which key, in which form, and of which files."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterable, Mapping

import msgspec
from msgspec.structs import replace

from vprog.errors import TraceError, VideoError
from vprog.execute.module_faults import text_of
from vprog.execute.module_work import Done
from vprog.execute.result_cache import ResultCache
from vprog.media.run_videos import MediaSource
from vprog.registry.mask_store import MaskStore, masks_in
from vprog.registry.module import ModuleSpec
from vprog.types import wire
from vprog.types.coverage import Seen

_ENTRY = b"call 2\0"
"""The form of CachedCall: entries of another one are not found, and go as they are not used."""


def call_key(spec: ModuleSpec, arguments: bytes, hashes: Mapping[int, str]) -> str:
    """The key of a call; equal for equal work, whatever the files are called.

    Args:
        spec: the module, with version and weights.
        arguments: as vprog.types.wire writes them.
        hashes: the content hash of each video that the call touches, by its index.
    """
    hashed = _begun(spec.identity()).copy()
    hashed.update(arguments)
    for index in sorted(hashes):
        hashed.update(f"\0{index}:{hashes[index]}".encode())
    return hashed.hexdigest()


@functools.lru_cache(maxsize=256)
def _begun(identity: tuple[str, ...]) -> hashlib._Hash:
    return hashlib.sha256(_ENTRY + b"".join(part.encode() + b"\0" for part in identity))


class CachedCall(msgspec.Struct, frozen=True, array_like=True):
    """What is kept of a call."""

    result: msgspec.Raw
    """As vprog.types.wire writes it."""
    seen: list[Seen]
    """What of the videos was read for it."""
    notes: list[str] = []
    """What the module warned of."""
    masks: dict[str, str] = {}
    """The bitmaps of the masks in it, by key."""

    def encode(self) -> bytes:
        """As bytes."""
        return msgspec.json.encode(self)

    @classmethod
    def decode(cls, entry: bytes) -> CachedCall:
        """What `encode` wrote.

        Raises:
            TraceError: the bytes are not of its making.
        """
        try:
            return msgspec.json.decode(entry, type=cls)
        except (msgspec.DecodeError, RecursionError) as error:
            raise TraceError(
                f"a stored call cannot be read: {error}.",
                hint="The cache was changed, or is of another version of vprog.",
            ) from error


class CachedCalls:
    """The calls of one run, looked for and kept in the cache that all runs share."""

    def __init__(self, cache: ResultCache, media: MediaSource, masks: MaskStore) -> None:
        self._cache = cache
        self._media = media
        self._masks = masks

    def find(self, key: str, *, is_near: bool = False) -> Done | None:
        """What the cache has of a call; a damaged entry is a warning, and no result."""
        entry = self._cache.get(key, is_near=is_near)
        if entry is None:
            return None
        try:
            cached = CachedCall.decode(entry)
            encoded = bytes(cached.result)
            value = wire.decode(encoded)
            self.take_masks(value, cached.masks)
        except TraceError as error:
            self._cache.warn(f"a cached result was computed again: {error.message}")
            return None
        return Done(
            value, 0.0, is_joined=True, frames_decoded=0, notes=tuple(cached.notes),
            seen=cached.seen, masks=cached.masks, encoded=encoded,
        )  # fmt: skip

    def keep(self, spec: ModuleSpec, key: str, touched: set[int], done: Done) -> Done:
        """Keep a result if it is what its key says: of these files, and of all of them.

        Args:
            spec: the module that gave it.
            key: of the call.
            touched: the videos among its arguments.
            done: what it came to; given back with its value encoded.
        """
        done = replace(done, encoded=wire.encode(done.value))
        read = videos_read(done)
        if done.is_degraded or not read <= touched or not all(map(self._media.is_known, touched)):
            return done
        try:
            self.check_unchanged(touched)
        except VideoError:  # who waits for the result looks too, and is told
            return done
        notes = [text_of(note) for note in done.notes]
        masks = self.masks_of(done)
        entry = CachedCall(msgspec.Raw(done.encoded), list(done.seen), notes, masks)
        self._cache.keep(key, entry.encode(), task=spec.task)
        return replace(done, masks=masks, is_kept=True)

    def masks_of(self, done: Done) -> dict[str, str]:
        """The bitmaps of the masks in a result: of others whose call was joined, or one's own."""
        self._masks.add(done.masks)
        keys = dict.fromkeys(mask.key for mask in masks_in(done.value))
        texts = {key: self._masks.text(key) for key in keys}
        return {key: text for key, text in texts.items() if text is not None}

    def take_masks(self, value: object, texts: Mapping[str, str]) -> None:
        """Keep the bitmaps that come with a result of a cache or a trace.

        Raises:
            TraceError: one is missing, or is not what its key says.
        """
        self._masks.add(texts)
        for mask in masks_in(value):
            if mask.key not in texts:
                raise TraceError(
                    f"a result has no bitmap for its mask {mask.key[:12]}.",
                    hint="The file was changed, or is of another version of vprog.",
                )

    def check_unchanged(self, videos: Iterable[int]) -> None:
        """Be sure that files are what they were when they were hashed.

        Raises:
            VideoError: one is another now.
        """
        for index in videos:
            self._media.check_unchanged(index)


def videos_read(done: Done) -> set[int]:
    """Of which videos a call read."""
    return {part.video for part in done.seen}
