"""A package of modules, installed in a folder, whose `find_shots` waits as a slow device would."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

_MODULE = '''
import os
import signal
import time
from pathlib import Path

from vprog.registry.module import implements
from vprog.types import Shot, Span, Video


@implements("find_shots", backend="Waiting")
class FindShotsWaiting:
    """Waits; a video longer than 2.5 s kills the process that asks, every time."""

    def load(self, device: str) -> None:
        """Nothing to load."""

    def __call__(self, video: Video, *, span: Span | None = None) -> list[Shot]:
        log = Path(os.environ["WAITING_LOG"])
        (log / f"{os.getpid()}-{time.time_ns()}").touch()
        if video.duration > 2.5:
            os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(float(os.environ["WAITING_S"]))
        return [Shot(0.0, video.duration, "start", 1.0)]
'''


def waiting_environment(folder: Path, *, wait_s: float) -> dict[str, str]:
    """Install the package below a folder; the variables under which processes find it.

    Each call leaves a file in `WAITING_LOG`, named by its process.
    """
    package = folder / "package"
    metadata = package / "waiting_modules-1.0.dist-info"
    metadata.mkdir(parents=True)
    (package / "waiting_modules.py").write_text(_MODULE)
    (metadata / "METADATA").write_text("Name: waiting-modules\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(
        "[vprog.modules]\nwaiting = waiting_modules:FindShotsWaiting\n"
    )
    log = folder / "calls"
    log.mkdir()
    paths = os.pathsep.join((str(ROOT), str(ROOT / "modules"), str(package)))
    return {
        "PYTHONPATH": paths,
        "VPROG_CACHE_DIR": str(folder / "cache"),
        "VPROG_TRACE_DIR": str(folder / "traces"),
        "WAITING_LOG": str(log),
        "WAITING_S": str(wait_s),
    }
