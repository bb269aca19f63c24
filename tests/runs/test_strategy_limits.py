"""How far strategies may go, from the settings."""

from __future__ import annotations

from dataclasses import fields

from vprog.config import SCALAR_KEYS, load_settings
from vprog.runs.strategy_limits import Options


def test_every_option_is_a_setting_of_the_same_name_and_default() -> None:
    assert {field.name for field in fields(Options)} <= set(SCALAR_KEYS)
    assert Options.of(load_settings(environment={"HOME": "/"})) == Options()


def test_options_follow_the_settings_and_no_limit_of_tokens_is_none() -> None:
    given = {"samples": 2, "width": 3, "accept": 0.25, "seed": 5, "max_tokens": 70}
    made = Options.of(load_settings(given, environment={"HOME": "/"}))
    assert (made.samples, made.width, made.accept, made.seed) == (2, 3, 0.25, 5)
    assert made.max_tokens == 70
    assert Options.of(load_settings(given | {"max_tokens": 0})).max_tokens is None
