"""How rule families are found: each declares itself in its file, and a rank orders them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import vprog.rules
from vprog.rules import RuleProgram, write
from vprog.rules.family import rule_families
from vprog.types import Video

ORDER = [
    "write_order",
    "write_shots",
    "write_one_shot",
    "write_colours",
    "write_extremes",
    "write_states",
    "write_presence",
]  # fmt: skip
PLANTED = """
from vprog.rules.draft import Draft
from vprog.rules.family import RuleFamily


def write_planted(question):
    if question.text != "gribble":
        return None
    return Draft("A planted value.", "value = 7", "number")


FAMILY = RuleFamily("planted", 15, write_planted)
"""


@pytest.fixture
def _fresh() -> Iterator[None]:
    rule_families.cache_clear()
    yield
    rule_families.cache_clear()
    sys.modules.pop("vprog.rules.planted", None)


def test_families_are_asked_in_their_stated_order():
    assert [family.write.__name__ for family in rule_families()] == ORDER


def test_no_two_families_have_one_rank():
    ranks = [family.rank for family in rule_families()]
    assert len(set(ranks)) == len(ranks)


def test_every_file_that_declares_a_family_is_found():
    folder = Path(vprog.rules.__file__).parent
    declaring = [
        path for path in folder.glob("*.py") if "\nFAMILY = RuleFamily(" in path.read_text("utf-8")
    ]
    assert len(declaring) == len(rule_families())


@pytest.mark.usefixtures("_fresh")
def test_one_new_file_is_a_new_family(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "planted.py").write_text(PLANTED, encoding="utf-8")
    monkeypatch.setattr(vprog.rules, "__path__", [*vprog.rules.__path__, str(tmp_path)])
    video = Video(0, 30.0, 1280, 720, 25.0, 750, True, False)
    written = write("gribble", [], [video], ())
    assert isinstance(written, RuleProgram), written
    assert written.family == "planted"
    assert [family.name for family in rule_families()][:3] == ["order", "planted", "shots"]
