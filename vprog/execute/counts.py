"""What a run cost, in exact counts."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Counts:
    """Counters of one run; every trace and result carries them."""

    issued: int = 0
    """Module calls that the program made."""
    executed: int = 0
    """Calls that a module really worked on."""
    cached: int = 0
    """Calls answered from the cache."""
    joined: int = 0
    """Calls answered by an identical call in flight."""
    replayed: int = 0
    """Calls answered from the trace of another run."""
    guessed: int = 0
    """Calls made ahead of the program."""
    wasted: int = 0
    """Guessed calls that the program never made."""
    batches: int = 0
    llm_calls: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    module_seconds: float = 0.0

    def module_calls(self) -> dict[str, int]:
        """The counts of module calls as `--json` shows them."""
        replayed = {"replayed": self.replayed} if self.replayed else {}
        return {
            "issued": self.issued,
            "executed": self.executed,
            "cached": self.cached,
            "joined": self.joined,
            "guessed": self.guessed,
            "wasted": self.wasted,
            **replayed,
        }
