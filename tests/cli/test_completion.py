"""What the shell is offered."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.shell_completion import BashComplete

import vprog as library
from tests.cli.command import finish, start, vprog
from vprog.cli.main import cli

pytestmark = pytest.mark.usefixtures("home")


@pytest.mark.parametrize(("shell", "mark"), [("bash", "complete -o"), ("zsh", "compdef"),
                                             ("fish", "complete --no-files")])  # fmt: skip
def test_completion_prints_the_script_of_a_shell(shell: str, mark: str) -> None:
    ran = vprog("completion", shell)
    assert ran.code == 0
    assert mark in ran.out
    assert "_VPROG_COMPLETE" in ran.out


def test_completion_of_another_shell_exits_with_2() -> None:
    ran = finish(start("completion", "tcsh"))
    assert ran.code == 2
    assert "'tcsh' is not one of" in ran.err


def test_completion_offers_strategies_traces_tasks_and_modules(clip: Path) -> None:
    def names(*words: str) -> list[str]:
        *before, begun = words
        made = BashComplete(cli, {}, "vprog", "_VPROG_COMPLETE")
        return [item.value for item in made.get_completions(before, begun)]

    trace = library.run(clip, "answer(1)").trace_path
    assert trace is not None
    assert {"tree", "tree_search"} & set(names("solve", "--strategy", "tr"))
    assert names("trace", "show", "") == ["last", trace.name]
    assert names("trace", "export", trace.name[:8]) == [trace.name]
    assert "detect" in names("modules", "show", "det")
    assert "detect=DetectHog" in names("solve", "--module", "detect=")
    assert "completion" in names("comp")
