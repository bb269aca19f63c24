"""`vprog audit`: the verdict on stdout, the ablations on stderr, its exit codes, its end."""

from __future__ import annotations

import select
import shutil
import signal
from pathlib import Path

import pytest

import vprog as library
from tests.cli.command import finish, start, vprog
from vprog.trace.store import read_trace, run_folders

PROGRAM = """\
names = name_colours(frame_at(video, 0.5))
answer(names[0].name, evidence=[frame_at(video, 0.5)])
"""


@pytest.fixture(autouse=True)
def apart(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Traces, settings and a cache of the test's own: other tests count what is computed."""
    monkeypatch.setenv("VPROG_CACHE_DIR", str(home / "cache"))


@pytest.fixture
def film(clip: Path, home: Path) -> Path:
    return Path(shutil.copy(clip, home / "film.mp4"))


def recorded(film: Path, program: str = "answer(3)", question: str = "How many?") -> Path:
    folder = library.run(film, program, question=question).trace_path
    assert folder is not None
    library.close()
    return folder


def test_audit_says_its_verdict_and_shows_each_ablation(film: Path) -> None:
    folder = recorded(film)
    ran = vprog("audit")
    assert (ran.code, ran.out) == (
        0,
        "The answer does not rest on what is seen or heard: it is the same without any picture or "
        "sound.\n",
    )
    assert ran.err.splitlines() == [
        "How many?",
        "answer: 3; it cites 0% of the video's time",
        "  same     the video as it is: 3",
        "  same     its pictures shuffled: 3",
        "  same     no picture and no sound: 3",
    ]
    assert vprog("audit", folder.name).out == ran.out


def test_audit_as_json(film: Path, home: Path) -> None:
    (home / "text_only.txt").write_text("four")
    folder = recorded(film, "answer(3, evidence=[Span(0.5, 1.5)])")
    ran = vprog("audit", folder, "--llm", f"scripted:{home / 'text_only.txt'}", "--json")
    assert (ran.code, ran.err) == (0, "")
    audit = ran.json
    assert (audit["question"], audit["answer"], audit["cited"], audit["rests"]) == (
        "How many?", 3, 0.5, False,
    )  # fmt: skip
    ablations = audit["ablations"]
    assert [(run["name"], run["answer"], run["same"]) for run in ablations] == [
        ("again", 3, True), ("only", 3, True), ("without", 3, True), ("shuffled", 3, True),
        ("blind", 3, True), ("text_only", "four", False),
    ]  # fmt: skip
    assert [ablation["trace"] is None for ablation in ablations] == [False] * 5 + [True]
    assert all(
        Path(ablation["trace"]).parent == folder / "audit" for ablation in audit["ablations"][:5]
    )


def test_audit_leaves_the_list_of_traces_as_it_was(film: Path) -> None:
    recorded(film)
    before = vprog("trace", "list").out
    vprog("audit")
    assert vprog("trace", "list").out == before


def test_audit_errors(film: Path, home: Path) -> None:
    assert vprog("audit", "nowhere").code == 2
    recorded(film, "abstain('dark')")
    ran = vprog("audit")
    assert (ran.code, ran.out) == (2, "")
    assert "it has no answer to audit, it ended as abstained" in ran.err
    recorded(film)
    moved = film.rename(home / "moved.mp4")
    gone = vprog("audit")
    assert (gone.code, gone.out) == (2, "")
    assert "film.mp4" in gone.err
    assert vprog("audit", "--video", moved).code == 0


def test_audit_of_an_answer_that_looked_needs_the_model(film: Path) -> None:
    """The trace says that a model looked: nothing is shown to any until it is named again."""
    folder = recorded(film, PROGRAM)
    file = folder / "trace.jsonl"
    text = file.read_text().replace('"answerer":null', '"answerer":"openai:tiny"')
    for old, new in (("name_colours", "caption"), ("NameColoursTable", "CaptionOpenAI")):
        text = text.replace(f'"{old}","implementation"', f'"{new}","implementation"')
        text = text.replace(f'"implementation":"{old}"', f'"implementation":"{new}"')
    file.write_text(text)
    ran = vprog("audit", folder)
    assert (ran.code, ran.out) == (4, "")
    assert "openai:tiny saw its frames, and it is not named now" in ran.err
    assert "--vlm openai:tiny" in ran.err


def test_interrupt_of_an_audit_ends_the_run_it_is_in(film: Path) -> None:
    text = "n = 0\nfor k in range(4000):\n    n = n + frame_at(video, k / 4000).time\nanswer(n)"
    folder = recorded(film, text)
    process = start("audit", folder)
    while not any(b'"how":"replayed"' in path.read_bytes()
                  for path in folder.glob("audit/*/trace.jsonl")):  # fmt: skip
        assert process.poll() is None
        select.select([], [], [], 0.02)
    process.send_signal(signal.SIGINT)
    ran = finish(process)
    assert (ran.code, ran.out) == (130, "")
    assert "Traceback" not in ran.err
    (ablation,) = run_folders(folder / "audit")
    ended = read_trace(ablation).ended
    assert ended is not None
    assert ended.status == "interrupted"
