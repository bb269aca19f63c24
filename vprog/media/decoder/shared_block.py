"""Memory that host and decoder process both see: pixels and sound cross in it.

The host makes it, without a name: nothing can be left behind. It cannot be made smaller, so
that a decoder process cannot take it away from under the host.
"""

from __future__ import annotations

import mmap
import os
import tempfile
from typing import TYPE_CHECKING, Any

from vprog.media.decoder.decoder_link import LinkClosedError

if TYPE_CHECKING:
    from numpy.typing import NDArray

_F_ADD_SEALS, _SEALS = 1033, 0x1 | 0x2 | 0x4  # further seals, shrinking and growing


class SharedBlock:
    """So many bytes in slots of one size.

    Args:
        slot_bytes: the size of a slot.
        n_slots: how many.
        descriptor: the memory that the other process made; None makes it.
    """

    def __init__(self, slot_bytes: int, n_slots: int, descriptor: int | None = None) -> None:
        self.slot_bytes, self.n_slots = slot_bytes, n_slots
        self._size = size = max(1, slot_bytes * n_slots)
        self.descriptor = _make(size) if descriptor is None else descriptor
        self._map = mmap.mmap(self.descriptor, size)

    def lay_out(self, slot_bytes: int, n_slots: int) -> None:
        """Have slots of another size in the same memory."""
        if not self.fits(slot_bytes, n_slots):
            raise LinkClosedError(f"{n_slots} slots of {slot_bytes} bytes do not fit.")
        self.slot_bytes, self.n_slots = slot_bytes, n_slots

    def fits(self, slot_bytes: int, n_slots: int) -> bool:
        """Whether pieces of that size fit."""
        return slot_bytes * n_slots <= self._size

    def slot(self, number: int, size: int, dtype: Any) -> NDArray[Any]:
        """The first `size` bytes of a slot, as numbers."""
        import numpy as np

        if not (0 <= number < self.n_slots and 0 <= size <= self.slot_bytes):
            raise LinkClosedError(f"slot {number} with {size} bytes is not in the memory.")
        kind = np.dtype(dtype)
        return np.frombuffer(
            self._map, dtype=kind, count=size // kind.itemsize, offset=number * self.slot_bytes
        )

    def close(self) -> None:
        """Let it go."""
        os.close(self.descriptor)
        try:
            self._map.close()
        except BufferError:  # somebody still looks at a slot: it goes with that
            pass


def _make(size: int) -> int:
    if not hasattr(os, "memfd_create"):
        with tempfile.TemporaryFile() as file:
            os.ftruncate(file.fileno(), size)
            return os.dup(file.fileno())
    import fcntl

    descriptor = os.memfd_create("vprog-frames", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    os.ftruncate(descriptor, size)
    fcntl.fcntl(descriptor, _F_ADD_SEALS, _SEALS)
    return descriptor
