"""What a module does beside its work: what its import drags in, and whom it connects to.

The import is watched in a process of its own, the network in a `with` block of this one.
"""

from __future__ import annotations

import inspect
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HEAVY = frozenset(
    [
        "av",
        "cv2",
        "decord",
        "faster_whisper",
        "jax",
        "llama_cpp",
        "xllamacpp",
        "onnxruntime",
        "open_clip",
        "openai",
        "pandas",
        "pocketsphinx",
        "rapidocr",
        "scipy",
        "segment_anything",
        "sklearn",
        "tensorflow",
        "torch",
        "torchcodec",
        "torchvision",
        "transformers",
        "ultralytics",
        "whisper",
    ]
)
TIMEOUT_S = 60.0

_CHILD = """\
import importlib, importlib.util, json, sys
asked = json.loads(sys.argv[1])
sys.path[:] = asked["path"]
tried = []
def hook(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "urllib.Request"):
        tried.append(event)
        raise PermissionError("no network while a module is imported")
import vprog.registry.module, vprog.media.run_videos, vprog.types
before = set(sys.modules)
sys.addaudithook(hook)
error = ""
try:
    if asked["name"]:
        importlib.import_module(asked["name"])
    else:
        spec = importlib.util.spec_from_file_location("checked_module", asked["file"])
        loaded = importlib.util.module_from_spec(spec)
        sys.modules["checked_module"] = loaded
        spec.loader.exec_module(loaded)
except BaseException as caught:
    error = f"{type(caught).__name__}: {caught}"
tops = sorted({each.partition(".")[0] for each in set(sys.modules) - before})
print(json.dumps({"tops": tops, "error": error, "tried": tried}))
"""


def import_faults(cls: type, needs: tuple[str, ...]) -> list[str]:
    """What is wrong with importing the file of a class, one sentence each.

    Args:
        cls: the module class; its file is imported anew, in a child process.
        needs: the packages that only its `load` may import.
    """
    name = "" if cls.__module__ == "__main__" else cls.__module__
    try:
        file = inspect.getfile(cls)
    except (OSError, TypeError):
        file = ""
    if not name and not Path(file).is_file():
        return ["the class lies in no file, so that no entry point can name it."]
    asked = json.dumps({"path": sys.path, "name": name, "file": file})
    try:
        ended = subprocess.run(
            [sys.executable, "-c", _CHILD, asked],
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
            stdin=subprocess.DEVNULL,
        )
    except subprocess.TimeoutExpired:
        return [f"importing it takes more than {TIMEOUT_S:g} s."]
    lines = ended.stdout.strip().splitlines()
    try:
        seen = json.loads(lines[-1])
    except (ValueError, IndexError):
        said = ended.stderr.strip().splitlines()[-1:] or ["nothing was said"]
        return [f"importing it ends the process (exit {ended.returncode}): {said[0][:200]}."]
    faults: list[str] = []
    if seen["error"]:
        faults.append(f"importing it fails: {seen['error'][:300]}.")
    heavy = sorted((HEAVY | set(needs)) & set(seen["tops"]))
    if heavy:
        faults.append(f"importing it imports {', '.join(heavy)}.")
    if seen["tried"]:
        faults.append("importing it uses the network.")
    if len(lines) > 1:
        faults.append(f'importing it prints "{lines[0][:80]}".')
    return faults


EVENTS = frozenset(
    {
        "socket.connect",
        "socket.getaddrinfo",
        "socket.gethostbyname",
        "socket.sendto",
        "socket.sendmsg",
        "urllib.Request",
    }
)

_lock = threading.Lock()
_noted: list[list[str]] = []
_is_hooked = False


@contextmanager
def refused_network() -> Iterator[list[str]]:
    """Refuse connections of the whole process; gives the list of what was tried.

    Sockets that a C library opens by itself are not seen.
    """
    global _is_hooked
    tried: list[str] = []
    with _lock:
        if not _is_hooked:
            sys.addaudithook(_refuse)  # for good: Python has no way to take one out
            _is_hooked = True
        _noted.append(tried)
    try:
        yield tried
    finally:
        with _lock:
            _noted[:] = [item for item in _noted if item is not tried]


def _refuse(event: str, arguments: tuple[object, ...]) -> None:
    if not _noted or event not in EVENTS:
        return
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        # The path of a local socket is text; addresses on a network are tuples.
        target = arguments[1] if len(arguments) > 1 else None
        if not isinstance(target, tuple):
            return
    else:
        target = arguments[0]
    for item in list(_noted):
        item.append(f"{event.removeprefix('socket.')} {target!r}"[:200])
    raise PermissionError(f"a module may not use the network: {event}")
