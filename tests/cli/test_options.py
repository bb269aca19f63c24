"""`--set KEY=VALUE`, which reaches every setting, and how options become settings."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.command import vprog
from vprog.cli.options import settings_of
from vprog.errors import ConfigError
from vprog.trace.event import ProgramWritten, Voted
from vprog.trace.store import read_trace

pytestmark = pytest.mark.usefixtures("home")


def test_set_gives_any_setting_by_its_type() -> None:
    given = {
        "llm": "rules",
        "device": None,
        "assigned": ("samples=7", "accept = 0.5", "require-jail=yes", "embedder=openai:a=b"),
    }
    assert settings_of(given) == {
        "llm": "rules", "samples": 7, "accept": 0.5, "require_jail": True,
        "embedder": "openai:a=b",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"assigned": ("samples",)}, "--set samples: a setting and its value must be joined by ="),
        ({"assigned": ("sample=3",)}, 'unknown setting "sample". Did you mean "samples"?'),
        (
            {"assigned": ("samples=many",)},
            "--set samples: samples must be a whole number from 1 to 100, got",
        ),
        ({"assigned": ("samples=",)}, "samples must be a whole number from 1 to 100, got ''"),
        ({"assigned": ("=3",)}, 'unknown setting ""'),
        ({"assigned": ("seed=1", "seed=2")}, "seed is given twice"),
        ({"assigned": ("llm=rules",), "llm": "openai:a"}, "llm is given twice"),
        ({"modules": ("detect=",)}, "--module detect=: a task and its module"),
        ({"modules": ("detect=:org/name",)}, "--module detect=:org/name: a task and its module"),
    ],
)
def test_set_that_is_wrong_names_the_key(given: dict[str, object], said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        settings_of(given)
    assert said in str(caught.value)


def test_set_out_of_bounds_exits_2_and_json_stays_json(clip: Path) -> None:
    ran = vprog("solve", clip, "How long is it?", "--set", "samples=0", "--json")
    assert ran.code == 2
    assert "samples must be a whole number from 1 to 100, got '0'" in ran.json["error"]["message"]
    ran = vprog("solve", clip, "How long is it?", "--set", "sampels=3")
    assert ran.code == 2
    assert 'Did you mean "samples"' in ran.err


def test_set_reaches_the_strategy(clip: Path, tmp_path: Path) -> None:
    script = tmp_path / "replies.txt"
    replies = [f"```python\nanswer({at}, evidence=[frame_at(video, 0.5)])\n```" for at in (1, 2)]
    script.write_text("\n---\n".join(replies), encoding="utf-8")
    ran = vprog(
        "solve", clip, "How many?", "--llm", f"scripted:{script}", "--strategy", "vote",
        "--set", "samples=2", "--json",
    )  # fmt: skip
    assert ran.code == 0
    events = read_trace(Path(ran.json["trace"])).events
    assert len([event for event in events if isinstance(event, ProgramWritten)]) == 2
    assert [len(event.ballots) for event in events if isinstance(event, Voted)] == [2]


def test_help_shows_set_once_and_no_flag_for_each_setting() -> None:
    shown = vprog("solve", "--help").out
    assert shown.count("--set") == 1
    assert "--samples" not in shown
