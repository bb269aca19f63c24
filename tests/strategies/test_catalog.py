from __future__ import annotations

import pytest

from vprog.errors import ConfigError
from vprog.strategies.catalog import DEFAULT, STRATEGIES, find_strategy


def test_every_strategy_has_a_name_and_a_line() -> None:
    assert DEFAULT in STRATEGIES
    for name, each in STRATEGIES.items():
        assert find_strategy(name) is each
        assert each.name == name
        assert 0 < len(each.summary) <= 60
        assert "Source:" in (each.solve.__doc__ or "")


def test_an_unknown_name_is_told_what_there_is() -> None:
    with pytest.raises(ConfigError, match='Did you mean "tree"'):
        find_strategy("Tre")
