"""The writer from question to program: phrasings, strictness, gate and types, odd input."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from tests.rules.phrasings import ASKED, REFUSED
from tests.vocabulary import shipped_signatures
from vprog.models.sentence_embedder import sentence_embedder
from vprog.program.gate import check_program
from vprog.program.stubs import stub_text
from vprog.rules import RuleProgram, Unanswerable, write
from vprog.sandbox.pool import Pool
from vprog.types import Video

SIGNATURES = shipped_signatures()
TASKS = frozenset(signature.name for signature in SIGNATURES)
VIDEO = Video(0, 30.0, 1280, 720, 25.0, 750, True, False)
VIDEOS = {
    "ordinary": VIDEO,
    "with subtitles": VIDEO._replace(has_subtitles=True),
    "silent": VIDEO._replace(has_audio=False),
    "sound alone": VIDEO._replace(width=0, height=0, fps=0.0, n_frames=0),
    "one picture": VIDEO._replace(duration=0.1, n_frames=1),
}
PHRASINGS = [
    (family, line.strip())
    for family, lines in ASKED.items()
    for line in lines.splitlines()
    if line.strip()
]
CHOICES: list[list[str]] = [
    [],
    ["yes", "no"],
    ["1", "2", "three"],
    ["5 s", "0:12", "from 20 to 25 s"],
    ["red", "blue"],
    ["a'\"\n{x}\\", "b"],
]


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    with Pool(stubs=stub_text(SIGNATURES)) as opened:
        yield opened


@pytest.mark.parametrize(("family", "question"), PHRASINGS)
def test_phrasing_is_understood(family: str, question: str):
    written = write(question, [], [VIDEO], TASKS)
    assert isinstance(written, RuleProgram), written
    assert written.family == family
    assert written.reading


@pytest.mark.parametrize(
    "question", [line.strip() for line in REFUSED.splitlines() if line.strip()]
)
def test_question_with_an_unknown_word_is_refused(question: str):
    written = write(question, [], [VIDEO], TASKS)
    assert isinstance(written, Unanswerable), written
    assert written.reason


@pytest.mark.parametrize("video", VIDEOS)
@pytest.mark.parametrize("choices", CHOICES, ids=repr)
def test_programs_pass_gate_and_types(pool: Pool, choices: list[str], video: str):
    seen: set[str] = set()
    for _, question in PHRASINGS:
        written = write(question, choices, [VIDEOS[video]], TASKS)
        if isinstance(written, RuleProgram) and written.program not in seen:
            seen.add(written.program)
            check_program(written.program, modules=TASKS, must_end=True)
            assert pool.check(written.program) == [], written.program
    assert len(seen) > 20


@pytest.mark.parametrize(
    "quoted",
    [
        "it's",
        '"',
        "'''",
        "\\",
        "\\'); abstain('x",
        "{question}",
        "{",
        "}}",
        "%s %(x)s",
        "line\nbreak",
        "\u202eabc",
        "ünï 文字 😀",
        "'); import os",
        '""" + open("/etc/passwd") + """',
    ],
)
@pytest.mark.parametrize(
    "question",
    [
        "When does “{}” appear?",
        "Is “{}” said?",
        "Which is shown first, “{}” or “b”?",
        "What number is shown after “{}” at 5 s?",
    ],
)
def test_quoted_text_cannot_become_program(pool: Pool, question: str, quoted: str):
    written = write(question.replace("{}", quoted), [quoted, "b"], [VIDEO], TASKS)
    if isinstance(written, RuleProgram):
        check_program(written.program, modules=TASKS, must_end=True)
        assert pool.check(written.program) == []
        calls = [
            node for node in ast.walk(ast.parse(written.program)) if isinstance(node, ast.Call)
        ]
        assert "abstain('x" not in [ast.unparse(call)[:10] for call in calls]
        assert "open" not in [ast.unparse(call.func) for call in calls]


@pytest.mark.parametrize(
    ("question", "part"),
    [
        ("", "empty"),
        ("   \n ", "empty"),
        ("?!…", "empty"),
        ("How many shots are there? " * 200, "longer"),
        ("How many people are there at 0:45?", "ends at 0:30"),
        ("How many people are there between 50 and 60 s?", "ends at 0:30"),
    ],
)
def test_question_that_cannot_be_read_says_why(question: str, part: str):
    written = write(question, [], [VIDEO], TASKS)
    assert isinstance(written, Unanswerable)
    assert part in written.reason


def test_unknown_words_are_named():
    written = write("How many rusty cars are there?", [], [VIDEO], TASKS)
    assert isinstance(written, Unanswerable)
    assert '"rusty"' in written.reason
    assert written.missing
    assert written.command


def test_absent_module_is_named_with_what_adds_it():
    written = write("How many shots are there?", [], [VIDEO], TASKS - {"find_shots"})
    assert isinstance(written, Unanswerable)
    assert written.missing == ("find_shots",)
    assert "vprog[offline,speech]" in written.command


@pytest.mark.parametrize(
    ("question", "video", "part"),
    [
        ("When is it loudest?", VIDEO._replace(has_audio=False), "sound"),
        ("When does somebody say 'hello'?", VIDEO._replace(has_audio=False), "neither sound"),
        ("How many shots are there?", VIDEO._replace(width=0, height=0), "picture"),
        ("What does the text say?", VIDEO._replace(width=0, height=0), "picture"),
    ],
)
def test_file_without_the_stream_is_told_apart(question: str, video: Video, part: str):
    written = write(question, [], [video], TASKS)
    assert isinstance(written, Unanswerable)
    assert part in written.reason


@pytest.mark.parametrize(
    ("question", "picked"),
    [
        ("How many shots are in the second video?", "video = videos[1]"),
        ("How many shots does the first clip have?", "video = videos[0]"),
        ("In the last video, how many people are there at 5 s?", "video = videos[2]"),
        ("How many cuts are there in video 3?", "video = videos[2]"),
    ],
)
def test_one_of_several_videos_is_picked(pool: Pool, question: str, picked: str):
    videos = [VIDEO, VIDEO._replace(index=1), VIDEO._replace(index=2)]
    written = write(question, [], videos, TASKS)
    assert isinstance(written, RuleProgram)
    assert picked in written.program.splitlines()
    check_program(written.program, modules=TASKS, must_end=True)
    assert pool.check(written.program) == []


@pytest.mark.parametrize(
    "question",
    [
        "How many shots are there?",
        "Which of the videos is longer?",
        "Is the first video longer than the second video?",
        "How many shots are in the fifth video?",
    ],
)
def test_several_videos_without_one_named_are_refused(question: str):
    written = write(question, [], [VIDEO, VIDEO._replace(index=1)], TASKS)
    assert isinstance(written, Unanswerable)


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        ("How many people are there at 0:12?", ["Span(11.9, 12.1)", "thing = 'person'"]),
        ("Is there silence between 2 and 4 s?", ["Span(2.0, 4.0)"]),
        ("Is the word 'x' said in the last 5 seconds?", ["Span(25.0, 30.0)"]),
        ("What is said after 10 s?", ["Span(10.0, 30.0)"]),
        (
            "When does the third shot start?",
            ["nth = 3", "find_shots(", "span_of(found[place]).start"],
        ),
        ("When does the last shot end?", ["nth = -1", "find_shots(", "span_of(found[place]).end"]),
        ("Is nobody visible at 7 s?", ["value = not value"]),
        ("Which shot is the longest?", ["find_shots(", "places[-1] + 1"]),
        ("Is the video shorter than 1 min 30 s?", ["length = 90", "duration < length"]),
    ],
)
def test_program_means_what_was_asked(question: str, parts: list[str]):
    written = write(question, [], [VIDEO], TASKS)
    assert isinstance(written, RuleProgram)
    for part in parts:
        assert part in written.program


@pytest.mark.skipif(sentence_embedder() is None, reason="the sentence embedder is not installed")
def test_reading_by_likeness_of_meaning_is_marked():
    near = write("When do we begin to see a picture that is chiefly green?", [], [VIDEO], TASKS)
    exact = write("When does the picture turn mostly green?", [], [VIDEO], TASKS)
    assert isinstance(near, RuleProgram)
    assert isinstance(exact, RuleProgram)
    assert near.reading == f"{exact.reading} (Taken by its meaning.)"
    assert (near.by_meaning, exact.by_meaning) == (True, False)
