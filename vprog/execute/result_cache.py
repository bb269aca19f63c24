"""Results of modules, kept in memory and in one file that processes share.

A result is exact, so it never goes stale: its key says what it depends on. `ResultCache` holds
bytes by key; `CachedCalls` says under which key a call is held, in which form, and of which files.
Writing is behind: results gather and go to disk in one transaction, at the latest after a second
and when the cache is closed. A file that cannot be used stops no question: results are kept in
memory, and `trouble` says so to every run. The file itself is the business of result_cache_file.py.
"""

from __future__ import annotations

import functools
import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec
from msgspec.structs import replace

from vprog.errors import TraceError, VideoError, VprogError
from vprog.execute.claims import FILE_NAME as CLAIMS_NAME
from vprog.execute.claims import Claims
from vprog.execute.module_faults import text_of
from vprog.execute.module_work import Done
from vprog.execute.result_cache_file import CacheFile
from vprog.media.run_videos import MediaSource
from vprog.registry.mask_store import MaskStore, masks_in
from vprog.registry.module import ModuleSpec
from vprog.types import wire
from vprog.types.coverage import Seen

MODULES_FOLDER = "modules"
_FLUSH_AFTER_S = 1.0
_FLUSH_AT = 200
_REST_S = 30.0
"""A file that another process holds costs its waiting time once in a while, not at every result."""
_MOST_WARNINGS = 100
_ENTRY = b"call 2\0"
"""The form of CachedCall: entries of another one are not found, and go as they are not used."""


class ResultCache:
    """Bytes by key. May be used from several threads and processes."""

    def __init__(self, folder: Path | None, *, max_mb: int = 2000, memory_mb: int = 64) -> None:
        """Open the cache; where its file cannot be used, in memory only.

        Args:
            folder: where the file lies; None keeps results in memory only.
            max_mb: the file is pruned to this size, oldest use first.
            memory_mb: results held in memory.
        """
        self.folder_of_modules = None if folder is None else folder / MODULES_FOLDER
        """Where modules keep what is costly to make, such as an index of a file."""
        self.max_mb = max_mb
        self._memory: OrderedDict[str, bytes] = OrderedDict()
        self._memory_size = 0
        self._memory_limit = memory_mb * 1_000_000
        self._pending: dict[str, tuple[str, bytes]] = {}
        self._used: set[str] = set()
        self._lock = threading.RLock()
        self._next_flush = time.monotonic() + _FLUSH_AFTER_S
        self._rests_until = 0.0
        self.trouble: VprogError | None = None
        """Why results are kept for this process only; None where they are not."""
        self.warnings: list[str] = []
        """What happened to single results, and to the file when it was opened."""
        self.n_told = 0
        """How many of the warnings stand in the result of a run."""
        self.claims: Claims | None = None
        """Which calls are being computed, for all processes on the file; None where it is none."""
        self._file: CacheFile | None = None
        if folder is not None:
            try:
                self._file = CacheFile.below(folder, max_mb=max_mb, note=self.warn)
                self.claims = Claims(folder / CLAIMS_NAME, before_release=self.settle)
            except VprogError as error:
                self.trouble = error

    def get(self, key: str, *, is_near: bool = False) -> bytes | None:
        """The result kept under a key, or None; `is_near`: without asking the file."""
        with self._lock:
            if key in self._memory:
                self._memory.move_to_end(key)
                return self._memory[key]
            if key in self._pending:
                return self._pending[key][1]
            if is_near or self._file is None or self._is_resting():
                return None
            try:
                value = self._file.read(key)
            except VprogError as error:
                self._rest(error)
                return None
            if value is not None:
                self._used.add(key)
                self._remember(key, value)
            return value

    def keep(self, key: str, value: bytes, *, task: str) -> None:
        """Keep a result; that it cannot be written is a warning."""
        with self._lock:
            self._remember(key, value)
            if self._file is None or self._is_resting():
                return
            self._pending[key] = (task, value)
            if time.monotonic() > self._next_flush or len(self._pending) >= _FLUSH_AT:
                self.settle()

    def settle(self) -> None:
        """Write what is pending; that it cannot be written is a warning."""
        with self._lock:
            self._next_flush = time.monotonic() + _FLUSH_AFTER_S
            if self._file is None or self._is_resting() or not (self._pending or self._used):
                return
            try:
                self._file.write(self._pending, self._used)
            except VprogError as error:
                self._rest(error)
            else:
                self._pending.clear()
                self._used.clear()

    def close(self) -> None:
        """Write what is pending, prune, and close the file; a second call does nothing."""
        if self.claims is not None:
            self.claims.close()
        with self._lock:
            self._rests_until = 0.0
            self.settle()
            if self._file is not None:
                self._file.close()
                self._file = None

    def warn(self, text: str) -> None:
        """One warning more, for the runs that are under way."""
        if len(self.warnings) < _MOST_WARNINGS:
            self.warnings.append(text)

    def untold(self, start: int) -> list[str]:
        """The warnings from a number on, and the trouble that there is."""
        texts = self.warnings[start:]
        if self.trouble is not None:
            texts.append(f"{self.trouble} Results are kept for this process only.")
        return texts

    def _remember(self, key: str, value: bytes) -> None:
        old = self._memory.pop(key, None)
        self._memory_size += len(value) - (len(old) if old is not None else 0)
        self._memory[key] = value
        while self._memory_size > self._memory_limit and len(self._memory) > 1:
            _, gone = self._memory.popitem(last=False)
            self._memory_size -= len(gone)

    def _is_resting(self) -> bool:
        return time.monotonic() < self._rests_until

    def _rest(self, error: VprogError) -> None:
        """Do without the file for a while; what is pending is tried again."""
        self.warn(str(error))
        self._rests_until = time.monotonic() + _REST_S


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
        try:
            return self._found(key, is_near=is_near)
        except TraceError as error:
            self._cache.warn(f"a cached result was computed again: {error.message}")
            return None

    def look(self, key: str) -> Done | None:
        """The same, without a word about a damaged entry."""
        try:
            return self._found(key, is_near=False)
        except TraceError:
            return None

    def _found(self, key: str, *, is_near: bool) -> Done | None:
        entry = self._cache.get(key, is_near=is_near)
        if entry is None:
            return None
        cached = CachedCall.decode(entry)
        encoded = bytes(cached.result)
        value = wire.decode(encoded)
        self.take_masks(value, cached.masks)
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
        encoded = wire.encode(done.value)
        read = videos_read(done)
        if done.is_degraded or not read <= touched or not all(map(self._media.is_known, touched)):
            return replace(done, encoded=encoded)
        try:
            self.check_unchanged(touched)
        except VideoError:  # who waits for the result looks too, and is told
            return replace(done, encoded=encoded)
        notes = [text_of(note) for note in done.notes]
        masks = self.masks_of(done)
        entry = CachedCall(msgspec.Raw(encoded), list(done.seen), notes, masks)
        self._cache.keep(key, entry.encode(), task=spec.task)
        return replace(done, encoded=encoded, masks=masks, is_kept=True)

    def masks_of(self, done: Done) -> dict[str, str]:
        """The bitmaps of the masks in a result: of others whose call was joined, or one's own."""
        self._masks.add(done.masks)
        texts = {mask.key: self._masks.text(mask.key) for mask in masks_in(done.value)}
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
