"""Whether the decoder process is walled in here: attempts to get out, made from inside."""

from __future__ import annotations

import errno
import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from platform import machine

from vprog.errors import VprogError
from vprog.jail.launcher import attempts_code
from vprog.jail.syscalls import NUMBERS
from vprog.media.decoder.decoder_link import LinkClosedError, LinkSilentError
from vprog.media.decoder.decoder_start import HAS_PROCESSES, START_S, start_decoder
from vprog.media.decoder.decoder_wire import AttemptsRequest, DecoderAttempts
from vprog.media.opening import identify
from vprog.once import once

_WALLS = ("limits", "no-new-privs", "landlock", "capabilities", "seccomp", "lifeline", "os-jail")
_REFUSALS = (errno.EPERM, errno.EACCES, errno.ENOSYS)
_PROBE_MB = 1024


@dataclass(frozen=True)
class DecoderWalls:
    """What came of starting a decoder process here."""

    holds: bool
    missing: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    allowed: tuple[str, ...] = ()


@once
def probe_decoder(platform: str = sys.platform) -> DecoderWalls:
    """Start a decoder process and try to break out of it; once per process.

    Args:
        platform: as `sys.platform` names it; of another than this one only the process is known.
    """
    if platform == "win32" or not HAS_PROCESSES:
        return DecoderWalls(holds=False, missing=(f"decoder-process ({platform})",))
    if platform != "linux":
        return DecoderWalls(holds=False)  # that there is no jail at all is said of the workers
    path, identity = identify(__file__)
    try:
        decoder = start_decoder(path, identity, None, memory_mb=_PROBE_MB)
    except VprogError as error:
        return DecoderWalls(holds=False, missing=(f"decoder-process ({error.message})",))
    try:
        decoder.control.send(
            AttemptsRequest(
                code=attempts_code(),
                numbers=NUMBERS.get(machine(), {}),
                host=os.getpid(),
                some_file=os.fsencode(os.path.abspath(os.__file__)),
                some_folder=os.fsencode(tempfile.gettempdir()),
                program=os.fsencode(Path(sys.executable).resolve()),
            )
        )
        reply = decoder.control.receive(START_S)
        errors = reply.errors if isinstance(reply, DecoderAttempts) else {}
    except (LinkClosedError, LinkSilentError):
        return DecoderWalls(holds=False, missing=(f"decoder-jail (it {decoder.end()})",))
    finally:
        decoder.kill()
    allowed = tuple(name for name, code in errors.items() if code not in _REFUSALS)
    broken = [f"{wall}: {why}" for wall, why in decoder.missing.items() if wall in _WALLS]
    broken += [f"not refused: {', '.join(allowed)}"] if allowed else []
    broken += [] if errors or broken else ["no attempt was made"]
    return DecoderWalls(
        holds=not broken,
        missing=(f"decoder-jail ({'; '.join(broken)})",) if broken else (),
        refused=tuple(name for name in errors if name not in allowed),
        allowed=allowed,
    )
