"""How often each text is parsed, by whomever in this process."""

from __future__ import annotations

import builtins
from collections import Counter

import pytest


def count_parses(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Counts from now on; `ast.parse` is a call of `compile` too."""
    counted: Counter[str] = Counter()
    real = builtins.compile

    def counting(source: object, *args: object, **kwargs: object) -> object:
        if isinstance(source, str):
            counted[source] += 1
        return real(source, *args, **kwargs)  # type: ignore[arg-type, call-overload]

    monkeypatch.setattr(builtins, "compile", counting)
    return counted
