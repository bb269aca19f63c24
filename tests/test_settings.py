"""Settings: flag over variable over file over default, and errors that name the place."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, get_origin, get_type_hints

import pytest

from vprog.errors import ConfigError
from vprog.settings import BUILT_IN_PRESETS, SCALAR_KEYS, Settings, describe, load_settings


def _load(folder: Path, flags: dict[str, object] | None = None, **variables: str) -> Settings:
    environment = {"XDG_CONFIG_HOME": str(folder / "home"), **variables}
    return load_settings(flags, environment=environment, folder=folder)


def _write(folder: Path, text: str) -> None:
    (folder / "vprog.toml").write_text(text, encoding="utf-8")


def test_settings_order_is_flag_variable_project_file_user_file_default(tmp_path: Path) -> None:
    home = tmp_path / "home" / "vprog"
    home.mkdir(parents=True)
    _write(home, "max_calls = 1\nmax_seconds = 1.0\nrepairs = 1\nmax_llm_calls = 1\n")
    _write(tmp_path, "max_calls = 2\nmax_seconds = 2\nrepairs = 2\n")
    settings = _load(tmp_path, {"max_calls": 4}, VPROG_MAX_SECONDS="3", VPROG_MAX_CALLS="3")
    assert settings.max_calls == 4
    assert settings.max_seconds == 3.0
    assert settings.repairs == 2
    assert settings.max_llm_calls == 1
    assert settings.llm == "rules"
    sources = {name: source for name, _, source in describe(settings)}
    assert sources["max_calls"] == "option"
    assert sources["max_seconds"] == "VPROG_MAX_SECONDS"
    assert sources["repairs"] == str(tmp_path / "vprog.toml")
    assert sources["llm"] == "default"


def test_settings_file_of_a_folder_above_counts(tmp_path: Path) -> None:
    _write(tmp_path, 'llm = "openai:m"\n')
    (tmp_path / "a" / "b").mkdir(parents=True)
    settings = load_settings(
        environment={"XDG_CONFIG_HOME": str(tmp_path)}, folder=tmp_path / "a" / "b"
    )
    assert settings.llm == "openai:m"


def test_settings_an_api_key_alone_selects_nothing(tmp_path: Path) -> None:
    assert _load(tmp_path, OPENAI_API_KEY="sk-x", OPENAI_BASE_URL="http://x").llm == "rules"


def test_settings_presets_of_the_user_choose_modules(tmp_path: Path) -> None:
    _write(
        tmp_path,
        'preset = "mine"\n[modules]\ntrack = "TrackA"\n'
        '[presets.mine]\ndetect = "DetectHog"\ntrack = "TrackB"\n',
    )
    assert _load(tmp_path).wanted_modules() == {"detect": "DetectHog", "track": "TrackA"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("max_cals = 3", 'unknown setting "max_cals". Did you mean "max_calls"'),
        ('max_calls = "many"', "must be a whole number"),
        ("max_calls = true", "must be a whole number"),
        ("= 3", "not a TOML file"),
        ('preset = "atuo"', 'Did you mean "auto"'),
        ("[modules]\ndetect = 3", "name of an implementation in quotes"),
        ("preset = 3", "must be text, got 3"),
        ("samples = 0", "vprog.toml: samples must be a whole number from 1 to 100, got 0"),
        ("max_tokens = -1", "vprog.toml: max_tokens must be a whole number, 0 or more, got -1"),
        ("accept = 1.5", "accept must be a number from 0 to 1, got 1.5"),
        ("accept = nan", "accept must be a number from 0 to 1, got nan"),
        ("max_seconds = -1.0", "max_seconds must be a number, 0 or more, got -1.0"),
        ("width = 100", "width must be a whole number from 1 to 64, got 100"),
        ("sample = 3", 'Did you mean "samples"'),
        ('mode = "fats"', "mode must be auto, fast or slow, got 'fats'. Did you mean \"fast\"?"),
        ("trace_dir = 3", "trace_dir must be a path, got 3"),
        ("modules = 3", "[modules] must be a table, got int"),
    ],
)
def test_settings_mistakes_in_the_file_are_named(tmp_path: Path, text: str, said: str) -> None:
    _write(tmp_path, text)
    with pytest.raises(ConfigError) as caught:
        _load(tmp_path)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("VPROG_MAX_CALLS", "many", "a whole number, 0 or more, got 'many'"),
        ("VPROG_MAX_SECONDS", "x", "must be a number"),
        ("VPROG_REQUIRE_JAIL", "perhaps", "true or false"),
    ],
)
def test_settings_mistakes_in_variables_are_named(
    tmp_path: Path, name: str, value: str, said: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        _load(tmp_path, **{name: value})
    assert name in str(caught.value)
    assert said in str(caught.value)


def test_settings_variables_are_read_by_type(tmp_path: Path) -> None:
    settings = _load(tmp_path, VPROG_REQUIRE_JAIL="yes", VPROG_TRACE_DIR="~/t", VPROG_MAX_CALLS="7")
    assert settings.require_jail is True
    assert settings.trace_dir == Path.home() / "t"
    assert settings.max_calls == 7


def test_settings_sets_how_far_strategies_go(tmp_path: Path) -> None:
    _write(tmp_path, "samples = 7\nrounds = 2\naccept = 1\nmax_tokens = 900\n")
    settings = _load(tmp_path, {"nodes": 9}, VPROG_TURNS="4", VPROG_SEED="11")
    assert (settings.samples, settings.rounds, settings.nodes) == (7, 2, 9)
    assert (settings.turns, settings.seed, settings.accept) == (4, 11, 1.0)
    assert (settings.max_tokens, settings.width, settings.text_tokens) == (900, 1, 8000)
    told = {name: (value, source) for name, value, source in describe(settings)}
    assert told["samples"] == ("7", str(tmp_path / "vprog.toml"))
    assert told["turns"] == ("4", "VPROG_TURNS")
    assert told["answers"] == ("4", "default")


def test_settings_defaults_keep_to_their_own_types_and_bounds() -> None:
    defaults = {key: getattr(Settings(), key) for key in SCALAR_KEYS}
    settings = load_settings(defaults, environment={"HOME": "/"}, folder=Path("/"))
    assert {key: getattr(settings, key) for key in SCALAR_KEYS} == defaults


def test_settings_every_number_has_bounds() -> None:
    hints = get_type_hints(Settings, include_extras=True)
    numbers = {key for key in SCALAR_KEYS if type(getattr(Settings(), key)) in (int, float)}
    assert {key for key in SCALAR_KEYS if get_origin(hints[key]) is Annotated} == numbers


def test_settings_every_built_in_preset_loads(tmp_path: Path) -> None:
    for preset in BUILT_IN_PRESETS:
        assert _load(tmp_path, {"preset": preset}).preset == preset
