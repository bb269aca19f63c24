"""Every template of the rules, run over files at the edges: a program of the rules never fails."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.rules.edge_files import EDGE_FILES
from tests.rules.edge_questions import ALL_PHRASINGS, edge_questions
from tests.rules.template_sites import Site, sites_of, template_sites
from tests.vocabulary import shipped_signatures
from vprog.rules import RuleProgram, write
from vprog.solver.engine import Engine
from vprog.types import Video

TASKS = frozenset(signature.name for signature in shipped_signatures())
VIDEO = Video(0, 30.0, 1280, 720, 25.0, 750, True, False)
KINDS = (VIDEO, VIDEO._replace(has_subtitles=True), VIDEO._replace(has_audio=False))


@pytest.fixture(scope="module")
def reached() -> dict[Site, str]:
    """For each template the first phrasing that reaches it."""
    first: dict[Site, str] = {}
    for phrasing in ALL_PHRASINGS:
        for site in sites_of(phrasing, KINDS, TASKS):
            first.setdefault(site, phrasing)
    return first


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with Engine() as opened:
        yield opened


def test_a_phrasing_reaches_every_template(reached: dict[Site, str]):
    assert set(template_sites()) - set(reached) == set(), "add a phrasing to phrasings.py"


@pytest.mark.parametrize("name", EDGE_FILES)
def test_no_program_of_the_rules_fails(
    name: str, reached: dict[Site, str], engine: Engine, tmp_path: Path
):
    path = EDGE_FILES[name](tmp_path / name)
    facts = engine.run(path, "answer([video.duration, float(video.width), video.fps])")
    assert facts.status == "answered"
    assert isinstance(facts.answer, list)
    video = VIDEO._replace(
        duration=facts.answer[0],
        width=int(facts.answer[1]),
        height=int(facts.answer[1]),
        has_audio=name.startswith(("beep", "one_sample")),
        has_subtitles=name.startswith("subtitled"),
    )
    programs: dict[str, str] = {}
    for turn, phrasing in enumerate(dict.fromkeys(reached.values())):
        plain, *others = edge_questions(phrasing, video.duration)
        # Two of the other times in turn; `python -m tests.reliability rules` takes them all.
        for question in (plain, others[turn % len(others)], others[(turn + 2) % len(others)]):
            written = write(question, [], [video], TASKS)
            if isinstance(written, RuleProgram):
                programs.setdefault(written.program, question)
    assert len(programs) > 20
    for program, question in programs.items():
        result = engine.run(path, program)
        assert result.status in ("answered", "abstained"), (question, result.error)
