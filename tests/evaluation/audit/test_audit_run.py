"""Answers whose grounds are known by construction, and what an audit says of them."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import vprog
from tests.drawing import Picture, draw_frame, draw_video
from tests.llm.server import ChatServer, refuses
from tests.looking import REGISTRY, VLM, answered_by
from tests.modules.vlm.chat_replies import sure
from tests.replays.conftest import Run, draw_sound, events_of
from vprog.errors import MissingError, TraceError, UsageError, VideoError
from vprog.evaluation.audit.audit_run import Audit, audit
from vprog.registry.registry import Registry
from vprog.trace.event import ModuleCalled, RunStarted
from vprog.trace.store import list_traces, read_trace, run_folders

SEEN = """\
frames = [frame_at(video, k / 10) for k in range(40)]
seen = [frame for frame in frames if find_square(frame)]
"""


def flash(number: int, width: int, height: int) -> Picture:
    """Grey; from 0.5 to 0.8 s a red square."""
    if 5 <= number < 8:
        return draw_frame(number, width, height)
    return np.full((height, width, 3), 90, dtype=np.uint8)


def left_then_right(number: int, width: int, height: int) -> Picture:
    """For a second a red square at the left, then one at the right."""
    picture = np.full((height, width, 3), 90, dtype=np.uint8)
    x0 = 10 if number < 10 else width - 40
    picture[40:70, x0 : x0 + 30] = (220, 20, 20)
    return picture


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four seconds with a red square from 0.5 to 0.8 s."""
    return draw_video(tmp_path_factory.mktemp("clips") / "flash.mp4", 40, paint=flash)


@pytest.fixture
def film(drawn: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(drawn, tmp_path / "flash.mp4"))


@pytest.fixture
def run(film: Path, registry: Registry) -> Run:
    def run_program(program: str, *, videos: Any = None, **given: Any) -> vprog.Result:
        return vprog.run(videos or film, program, **{"registry": registry, **given})

    return run_program


def audited(recorded: vprog.Result, registry: Registry, **given: Any) -> Audit:
    assert recorded.status == "answered", recorded.error
    assert recorded.trace_path is not None
    vprog.close()
    return audit(recorded.trace_path, registry=registry, **given)


def same(audit: Audit) -> dict[str, bool | None]:
    return {ablation.name: ablation.is_same for ablation in audit.ablations}


def test_answer_that_rests_on_what_it_cites(run: Run, registry: Registry) -> None:
    program = SEEN + "answer(len(seen), evidence=[Span(seen[0].time, seen[-1].time)])"
    audit = audited(run(program), registry)
    assert audit.answer == 3
    assert audit.cited == pytest.approx(0.25)  # 0.5 to 0.7 s, widened to 0.1 to 1.1 s, of 4 s
    assert same(audit) == {
        "again": True, "only": True, "without": False, "shuffled": True, "blind": False,
    }  # fmt: skip
    assert audit.verdict == "The answer rests on what it cites: that is enough, and needed."
    assert audit.rests is True
    without, blind = audit.ablation("without"), audit.ablation("blind")
    assert without is not None
    assert blind is not None
    assert (without.answer, blind.answer) == (None, None)
    assert without.why.startswith("failed: IndexError")
    assert audit.ablation("text_only") is None


def test_answer_that_cites_something_irrelevant(run: Run, registry: Registry) -> None:
    audit = audited(run(SEEN + "answer(len(seen), evidence=[Span(3.0, 3.2)])"), registry)
    assert [(ablation.name, ablation.answer) for ablation in audit.ablations] == [
        ("again", 3), ("only", 0), ("without", 3), ("shuffled", 3), ("blind", 0),
    ]  # fmt: skip
    assert audit.rests is False
    assert "stands without it" in audit.verdict


def test_answer_that_cites_nothing(run: Run, registry: Registry) -> None:
    audit = audited(run(SEEN + "answer(len(seen))"), registry)
    assert (list(same(audit)), audit.cited) == (["again", "shuffled", "blind"], 0.0)
    assert (audit.rests, audit.verdict) == (
        None,
        "The answer cites nothing; it does need the video.",
    )


def test_answer_that_needs_more_than_it_cites(run: Run, registry: Registry) -> None:
    program = SEEN + "dark = len(frames) - len(seen)\nanswer(len(seen) * 100 + dark, evidence=[%s])"
    audit = audited(run(program % "seen[0]"), registry)
    assert audit.answer == 337
    assert same(audit)["only"] is True  # grey is no square either
    all_of_it = audited(run(program % "Span(0.0, 4.0)"), registry)
    assert all_of_it.rests is None
    assert "It cites 100% of its time" in all_of_it.verdict


def test_constant_rests_on_nothing(run: Run, registry: Registry) -> None:
    audit = audited(run("answer(3, evidence=[Span(0.5, 0.8)])"), registry)
    assert all(same(audit).values())
    assert audit.rests is False
    assert "the same without any picture or sound" in audit.verdict


def test_answer_in_which_order_matters_differs_when_shuffled(
    run: Run, registry: Registry, tmp_path: Path
) -> None:
    film = draw_video(tmp_path / "sides.mp4", 20, paint=left_then_right)
    program = """\
first = find_square(frame_at(video, 0.3))[0]
second = find_square(frame_at(video, 1.3))[0]
answer("left" if first.box.x0 < second.box.x0 else "right", evidence=[first, second])
"""
    audit = audited(run(program, videos=film, question="Which first?"), registry)
    shuffled = audit.ablation("shuffled")
    assert shuffled is not None
    assert (shuffled.answer, shuffled.is_same) == ("right", False)
    assert same(audit)["only"] is True


def test_answer_about_order_that_order_does_not_change_does_not_rest_on_what_it_cites(
    run: Run, registry: Registry, tmp_path: Path
) -> None:
    film = draw_video(tmp_path / "sides.mp4", 20, paint=left_then_right)
    program = """\
first = find_square(frame_at(video, 0.3))
answer("left" if first else "right", evidence=first)
"""  # whether there is one at all, not where
    audit = audited(run(program, videos=film, question="Which side comes first?"), registry)
    assert same(audit)["shuffled"] is True
    assert audit.rests is False
    assert "the question is about order" in audit.verdict
    plain = audited(run(program, videos=film, question="Is there a square?"), registry)
    assert plain.rests is True


def test_video_of_one_block_is_not_shuffled(run: Run, registry: Registry, tmp_path: Path) -> None:
    film = draw_video(tmp_path / "short.mp4", 10)
    audit = audited(run("answer(len(find_square(frame_at(video, 0.5))))", videos=film), registry)
    assert list(same(audit)) == ["again", "blind"]


def test_sound_file_is_silenced_and_never_shuffled(
    run: Run, registry: Registry, tmp_path: Path
) -> None:
    sound = draw_sound(tmp_path / "burst.wav", [(2.0, 0.0), (1.0, 0.5), (3.0, 0.0)])
    program = """\
loud = [level for level in measure_loudness(video, step=0.5) if level.value > -30]
answer(len(loud), evidence=[Span(loud[0].time, loud[-1].time)])
"""
    audit = audited(run(program, videos=sound), registry)
    assert audit.answer in (2, 3)
    assert same(audit) == {"again": True, "only": True, "without": False, "blind": False}
    assert audit.rests is True


def test_subtitles_go_with_their_time(run: Run, registry: Registry, film: Path) -> None:
    film.with_suffix(".srt").write_text(
        "1\n00:00:00,500 --> 00:00:01,000\nthe key is here\n\n"
        "2\n00:00:03,000 --> 00:00:03,500\nnothing more\n"
    )
    program = """\
said = [speech for speech in transcribe(video) if "key" in speech.text]
answer(said[0].text, evidence=[said[0]])
"""
    audit = audited(run(program), registry)
    assert audit.answer == "the key is here"
    assert same(audit) == {
        "again": True, "only": True, "without": False, "shuffled": True, "blind": False,
    }  # fmt: skip
    assert audit.rests is True


def test_two_videos_are_cited_each_by_itself(
    run: Run, registry: Registry, film: Path, other_clip: Path, tmp_path: Path
) -> None:
    other = Path(shutil.copy(other_clip, tmp_path / "other.mp4"))  # a second, always a square
    program = """\
seen = [len(find_square(frame_at(film, 0.6))) for film in videos]
answer(seen, evidence=[frame_at(videos[0], 0.6), frame_at(videos[1], 0.6)])
"""
    audit = audited(run(program, videos=[film, other]), registry)
    assert [(ablation.name, ablation.answer) for ablation in audit.ablations] == [
        ("again", [1, 1]), ("only", [1, 1]), ("without", [0, 0]), ("shuffled", [0, 1]),
        ("blind", [0, 0]),
    ]  # fmt: skip
    assert audit.cited == pytest.approx((1.0 + 0.9) / 5.0)  # 0.1 to 1.1 s, and 0.1 to 1.0 s


def test_question_alone_goes_to_the_model_that_is_named(
    run: Run, registry: Registry, tmp_path: Path
) -> None:
    script = tmp_path / "text_only.txt"
    script.write_text("I should say 3.")
    recorded = run(SEEN + "answer(len(seen), evidence=[seen[0]])", question="How many?")
    audit = audited(recorded, registry, llm=f"scripted:{script}")
    assert same(audit)["text_only"] is True
    assert audit.verdict.endswith(" A language model gives the same answer to the question alone.")
    assert audit.rests is True


def test_traces_lie_in_the_audited_run_and_are_not_listed(
    run: Run, registry: Registry, tmp_path: Path
) -> None:
    recorded = run(SEEN + "answer(len(seen), evidence=[seen[0]])")
    assert recorded.trace_path is not None
    before = (recorded.trace_path / "trace.jsonl").read_bytes()
    audit = audited(recorded, registry)
    folders = run_folders(recorded.trace_path / "audit")
    assert [ablation.trace for ablation in audit.ablations] == folders
    (listed,) = list_traces(tmp_path / "traces")
    assert listed.folder == recorded.trace_path
    assert listed.size_bytes > sum((folder / "trace.jsonl").stat().st_size for folder in folders)
    for folder in folders:
        (started,) = [e for e in read_trace(folder).events if isinstance(e, RunStarted)]
        assert started.replay_of == recorded.trace_path.name
    assert (recorded.trace_path / "trace.jsonl").read_bytes() == before


def test_results_of_perturbed_videos_are_no_results_of_the_video(
    run: Run, registry: Registry
) -> None:
    program = SEEN + "answer(len(seen), evidence=[seen[0]])"
    recorded = run(program)
    audit = audited(recorded, registry)
    assert audit.ablations[-1].answer is None
    again = run(program)
    assert (again.answer, again.cost.module_calls["executed"]) == (3, 0)
    hashes = {
        read_trace(ablation.trace).started.videos[0].content_hash
        for ablation in audit.ablations
        if ablation.trace
    }
    assert len(hashes) == len(audit.ablations)
    twice = audited(recorded, registry)
    assert [(ablation.name, ablation.answer) for ablation in twice.ablations] == [
        (ablation.name, ablation.answer) for ablation in audit.ablations
    ]
    hows = [event.how for event in events_of(again, ModuleCalled)]
    assert set(hows) == {"cached"}


def test_run_without_an_answer_cannot_be_audited(run: Run, registry: Registry) -> None:
    recorded = run("abstain('dark')")
    with pytest.raises(UsageError, match="no answer to audit, it ended as abstained"):
        audit(recorded.trace_path, registry=registry)  # type: ignore[arg-type]


def test_video_that_is_gone_or_another_is_an_error(
    run: Run, registry: Registry, film: Path, tmp_path: Path
) -> None:
    recorded = run("answer(3)")
    moved = film.rename(tmp_path / "moved.mp4")
    with pytest.raises(VideoError, match=r"flash\.mp4"):
        audited(recorded, registry)
    assert audited(recorded, registry, videos=[moved]).rests is False
    draw_video(film, 10)
    with pytest.raises(VideoError, match="not the file of the recorded run"):
        audited(recorded, registry)


def test_folder_that_takes_no_traces_is_an_error(run: Run, registry: Registry) -> None:
    recorded = run("answer(3)")
    (recorded.trace_path / "audit").write_text("in the way")  # type: ignore[operator]
    with pytest.raises(TraceError, match="the traces of an audit cannot be written there"):
        audited(recorded, registry)


def test_vlm_of_the_run_must_be_named_again(
    film: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    recorded, _ = answered_by([sure("a cat", 0.8)], monkeypatch, film, "What is it?", mode="fast")
    with pytest.raises(MissingError, match="openai:tiny saw its frames") as caught:
        audited(recorded, REGISTRY)
    assert (caught.value.exit_code, caught.value.hint) == (4, "Name it: --vlm openai:tiny.")
    with ChatServer([sure("a cat", 0.8), sure("a cat", 0.8), sure("nothing", 0.8)]) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        audit = audited(recorded, REGISTRY, vlm=VLM)
        assert len(server.asked) == len(audit.ablations) - 1  # all but `again`
    with ChatServer([refuses(401, "no")] * 9) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        unknown = audited(recorded, REGISTRY, vlm=VLM)
    assert set(same(unknown).values()) == {True, None}
    assert (unknown.rests, unknown.verdict[:21]) == (None, "Nothing can be said: ")
