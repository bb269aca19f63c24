"""What stands between a program and this machine, as people and records are told it.

Owns the words and the object that `vprog doctor`, the first line of `solve`, every trace and
the JSON output show, and the rule of `--require-jail`. The proof behind them is `jail.py`'s.

    gate      the allow-list over the program's text: own code, always
    vm        the worker's interpreter, which has no file, network or process in it
    process   the worker is a process of its own, with limits on time, memory and calls
    jail      the operating system refuses what the interpreter should never ask for, and what
              a decoder of video should not
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

from vprog.errors import JailMissingError, PackageMissingError
from vprog.jail.jail import JailReport, probe_jail
from vprog.media.decoder.decoder_probe import DecoderWalls, probe_decoder


@dataclass(frozen=True)
class Isolation:
    """Which isolation layers hold here; the field names are those of the JSON output."""

    gate: bool
    vm: bool
    process: bool
    jail: bool
    missing: tuple[str, ...] = ()

    def text(self) -> str:
        """One line, e.g. `isolation: gate, vm, process, limits; MISSING os-jail (darwin)`."""
        walls = {
            "gate": self.gate,
            "vm": self.vm,
            "process": self.process,
            "limits": self.process,
            "os-jail": self.jail,
        }
        holding = ", ".join(name for name, holds in walls.items() if holds)
        lacking = f"; MISSING {', '.join(self.missing)}" if self.missing else ""
        return f"isolation: {holding}{lacking}"


def isolation(*, platform: str = sys.platform) -> Isolation:
    """What holds on this machine: attempts are made once per process, then remembered.

    Args:
        platform: as `sys.platform` names it.
    """
    try:
        return isolation_of(probe_jail(platform), probe_decoder(platform))
    except PackageMissingError as error:
        missing = (f"vm ({error.message})", "os-jail (no worker to start)")
        return Isolation(gate=True, vm=False, process=False, jail=False, missing=missing)


def isolation_of(report: JailReport, decoder: DecoderWalls) -> Isolation:
    """What the reports on both jails come to, where the worker program is installed."""
    return Isolation(
        gate=True,
        vm=True,
        process=True,
        jail=report.holds and decoder.holds,
        missing=(*report.missing, *decoder.missing),
    )


def require_jail(found: Isolation | None = None) -> None:
    """Refuse to go on where the jail does not hold.

    Raises:
        JailMissingError: naming what is missing.
    """
    found = found or isolation()
    if not found.jail:
        raise JailMissingError(
            f"--require-jail: the operating-system jail must hold here,"
            f" missing: {', '.join(found.missing)}.",
            hint="It needs Linux 5.13 or newer with Landlock and seccomp, on x86_64 or aarch64;"
            " containers may forbid both. Without the option vprog runs without the jail.",
        )
