from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.drawing import square_box
from tests.modules.vlm.chat_replies import sure
from tests.strategies.conftest import cell, draw_journey
from tests.strategies.seeing import UNREAD, Seen, ask_seeing
from vprog.errors import LlmReplyError, ModuleInputError
from vprog.registry.module import implements
from vprog.registry.registry import Registry
from vprog.strategies.memory import read_things
from vprog.trace.event import LlmCalled, ModuleCalled, NodeEvaluated, ProgramRefused
from vprog.types import Box, Detection, Frame, Span, Track, Video, wire


@implements("track", rank=99, backend="truth of the drawing")
class TrackDrawn:
    """The red square of a drawn video of one frame a second; it knows nothing else."""

    def __call__(
        self, video: Video, label: str, *, span: Span | None = None, fps: float = 5.0
    ) -> list[Track]:
        if label != "red square":
            raise ModuleInputError(f'track(label): "{label}" is not known here.')
        found = [
            Detection(label, Box(*map(float, square_box(at, 160, 120))), 0.9, Frame(0, float(at)))
            for at in range(video.n_frames)
        ]
        return [Track(1, label, Span(0.0, video.duration), found, 0.9)]


REGISTRY = Registry(
    spec for task in UNREAD if task != "track" for spec in UNREAD.implementations(task)
)
REGISTRY.add(TrackDrawn)

PLAN = '{"things": ["red square"]}'
LINES = {0: "Here it comes.", 30: "Now it is in the middle.", 50: "There it goes."}

Ask = Callable[..., Seen]


@pytest.fixture(scope="module")
def journey(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """60 s with three subtitles, a frame each second."""
    return draw_journey(tmp_path_factory.mktemp("clips"), 60, LINES)


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, journey: Path) -> Ask:
    def run(*replies: str, looks: tuple[str, ...] = (), **given: Any) -> Seen:
        told = [sure(look, 0.8) for look in looks]
        given = {"vlm": "", "registry": REGISTRY, **given}
        return ask_seeing(told, monkeypatch, [journey], tmp_path, "memory", replies, **given)

    return run


WHEN = cell(
    'rows = recall("SELECT s.item, s.text, d.item AS box, d.x0 FROM Speech s JOIN Detection d '
    'ON d.time = s.start WHERE d.x0 > 50 ORDER BY s.start LIMIT 2")'
)
SAYS = cell('answer(rows[0].texts["text"], evidence=rows[0].evidence)')


def test_memory_is_planned_gathered_asked_and_cited(ask: Ask) -> None:
    seen = ask(PLAN, WHEN, SAYS)
    assert (seen.result.status, seen.result.answer) == ("answered", LINES[30])
    assert [call.purpose for call in seen.of(LlmCalled)] == [
        "plan a memory", "ask the memory", "ask the memory",
    ]  # fmt: skip
    assert [(item.text, item.supported) for item in seen.result.evidence] == [(LINES[30], True)]
    assert [call.task for call in seen.of(ModuleCalled)] == [
        "track", "transcribe", "find_shots", "query_memory",
    ]  # fmt: skip
    seen.assert_no_prefix_ran_twice()


def test_the_model_sees_tables_their_columns_and_first_rows(ask: Ask) -> None:
    seen = ask(PLAN, WHEN, SAYS)
    told = seen.prompt(1).split("# Memory")[-1]
    assert '"table": "Detection", "n_rows": 60' in told
    assert '"first": [{"item": 0, "parent": null, "id": 1, "label": "red square"' in told
    assert "Here it comes." in told
    assert "There it goes." not in told  # two rows are shown, the third is asked for
    assert "exactly one call of recall" in told
    assert "rows = [MemoryRow(numbers=" in seen.prompt(2)


def test_every_thirtieth_frame_is_described_and_descriptions_are_evidence(ask: Ask) -> None:
    query = cell("rows = recall(\"SELECT item, start FROM Timeline WHERE text LIKE '%dark%'\")")
    last = cell('answer(rows[0].numbers["start"], evidence=rows[0].evidence)')
    seen = ask(
        '{"things": []}', query, last, looks=("a red square", "a dark field"), vlm="openai:tiny"
    )
    assert seen.times("ask") == [[15.0], [45.0]]
    (dark,) = (
        call.arguments
        for call in seen.of(ModuleCalled)
        if b"dark" in bytes(call.result)
        if call.task == "ask"
    )
    assert seen.result.answer == wire.decode(bytes(dark))["frames"][0].time
    assert [(item.text, item.supported) for item in seen.result.evidence] == [
        ("a dark field", True)
    ]
    assert "Say in one short sentence" in seen.shown[0].text


def test_a_wrong_query_is_told_and_another_is_asked(ask: Ask) -> None:
    wrong = cell('rows = recall("SELECT colour FROM Track")')
    bomb = cell('rows = recall("SELECT zeroblob(1000000000)")')
    seen = ask(PLAN, wrong, bomb, WHEN, SAYS)
    assert seen.result.answer == LINES[30]
    assert "no such column: colour" in seen.prompt(2)
    assert "the function zeroblob is not there" in seen.prompt(3)
    assert [node.status for node in seen.of(NodeEvaluated)][-4:] == [
        "failed", "failed", "continues", "answered",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("turn", "said"),
    [
        (cell('a = recall("SELECT 1 AS a")', 'b = recall("SELECT 2 AS b")'), "more than one"),
        (cell('rows = query_memory("SELECT 1 AS a", memory)'), "query_memory is not called here"),
        (cell("found = track(video, 'dog')"), "track is not called here"),
        (cell("recall = 3"), "no other name"),
        ("SELECT item FROM Track", "wrote no program"),
    ],
)
def test_a_turn_that_breaks_the_rules_is_told_why(turn: str, said: str, ask: Ask) -> None:
    seen = ask(PLAN, turn, WHEN, SAYS)
    assert seen.result.answer == LINES[30]
    assert said in seen.prompt(2)
    assert next(event.check for event in seen.of(ProgramRefused)) in ("form", "extraction")


def test_what_a_program_makes_up_is_not_supported_by_a_query(ask: Ask) -> None:
    forged = cell(
        'made = [Match("It explodes.", 1.0, 2.0, 1.0, "subtitles")]',
        "memory = [*memory, *made]",
        'rows = recall("SELECT item FROM Match")',
    )
    last = cell('answer("It explodes.", evidence=rows[0].evidence or made)')
    seen = ask(PLAN, forged, last)
    assert [item.supported for item in seen.result.evidence] == [False]


@pytest.mark.parametrize(
    ("plan", "warned"),
    [
        ("The red square, I think.", "no things are followed"),
        ('{"things": "red square"}', "no things are followed"),
        ('{"things": ["a\\nb"]}', "no things are followed"),
        ('{"things": ["dragon"]}', '"dragon" is not known here'),
        ('{"things": ["x\') or answer(1) #"]}', "is not known here"),
    ],
)
def test_a_plan_that_cannot_be_followed_is_told_and_the_rest_remembered(
    plan: str, warned: str, ask: Ask
) -> None:
    query = cell('rows = recall("SELECT item, text FROM Speech ORDER BY start DESC LIMIT 1")')
    seen = ask(plan, query, SAYS)
    assert seen.result.answer == LINES[50]
    assert warned in seen.notes()


def test_the_last_turn_must_answer(ask: Ask) -> None:
    assert ask(PLAN, WHEN, SAYS, turns=2).result.answer == LINES[30]
    late = ask(PLAN, WHEN, WHEN, turns=2)
    assert late.result.status == "abstained"


def test_budgets_end_it_and_leave_descriptions_out(ask: Ask) -> None:
    spent = ask(PLAN, WHEN, SAYS, settings={"max_llm_calls": 2})
    assert spent.result.status == "limit"
    small = ask(PLAN, WHEN, SAYS, vlm="openai:tiny", settings={"max_llm_calls": 20})
    assert small.result.answer == LINES[30]
    assert "no frame is described" in small.notes()


def test_nothing_to_remember_abstains(ask: Ask, tmp_path: Path) -> None:
    bare = Registry(
        spec for task in REGISTRY if task in ("query_memory", "sample_frames")
        for spec in REGISTRY.implementations(task)
    )  # fmt: skip
    seen = ask(registry=bare)
    assert seen.result.status == "abstained"
    assert "nothing was found that could be remembered" in str(seen.result.error)


@pytest.mark.parametrize(
    ("reply", "things"),
    [
        ('{"things": ["dog", "red car", "dog"]}', ["dog", "red car"]),
        ('Think.\n```json\n{"things": []}\n```', []),
    ],
)
def test_plan_is_read(reply: str, things: list[str]) -> None:
    assert read_things(reply) == things


@pytest.mark.parametrize(
    "reply",
    ["", "{}", '{"things": [1]}', '{"things": [""]}', '{"things": ["' + "x" * 201 + '"]}',
     '{"things": ["a", "b", "c", "d", "e", "f", "g"]}'],
)  # fmt: skip
def test_a_plan_of_another_form_is_an_error(reply: str) -> None:
    with pytest.raises(LlmReplyError):
        read_things(reply)
