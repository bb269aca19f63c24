"""`vprog config`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.command import vprog

pytestmark = pytest.mark.usefixtures("home")


def test_config_explains_where_each_setting_comes_from(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "vprog.toml").write_text('max_calls = 7\n[presets.mine]\ndetect = "DetectHog"\n')
    monkeypatch.setenv("VPROG_REPAIRS", "1")
    shown = vprog("config", "--json").json
    assert shown["max_calls"] == {"value": "7", "source": str(home / "vprog.toml")}
    assert shown["repairs"] == {"value": "1", "source": "VPROG_REPAIRS"}
    assert shown["reader"] == {"value": "pyav", "source": "default"}
    explained = vprog("config", "--explain").out
    assert "(VPROG_REPAIRS)" in explained
    assert "mine: detect=DetectHog" in explained
    assert "tree: " in explained
    assert "(default)" not in vprog("config").out


@pytest.mark.parametrize(
    ("text", "words"),
    [("max_calls = ", "not a TOML file"), ("max_cals = 3", 'Did you mean "max_calls"'),
     ("max_calls = 'three'", "a whole number")],
)  # fmt: skip
def test_config_that_is_wrong_exits_with_2(home: Path, text: str, words: str) -> None:
    (home / "vprog.toml").write_text(text)
    ran = vprog("config")
    assert ran.code == 2
    assert words in ran.err
