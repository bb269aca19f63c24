"""Several processes on one cache: what one computes no other does, and no dead one holds it up."""

from __future__ import annotations

import signal
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

import pytest

from tests.drawing import draw_video
from tests.execute.cache_process import begin_process, run_program
from vprog.execute.calls_elsewhere import CallsElsewhere
from vprog.execute.claims import Claims


@dataclass(frozen=True)
class Call:
    key: str


PROGRAM = """frames = [Frame(0, k / 10) for k in {order}]
total = 0.0
for frame in frames:
    total += look_long(frame, {word!r})
answer(round(total, 3))"""


def program(order: list[int], word: str = "dog") -> str:
    return PROGRAM.format(order=order, word=word)


def computed(folder: Path) -> list[str]:
    file = folder / "computed"
    return file.read_text(encoding="utf-8").splitlines() if file.exists() else []


def wait_for_a_call(folder: Path) -> None:
    for _ in range(3000):
        if computed(folder):
            return
        time.sleep(0.02)
    pytest.fail("no call was begun")


def test_four_processes_compute_each_distinct_call_once(tmp_path: Path) -> None:
    draw_video(tmp_path / "clip.mp4", 20)
    orders = [[(k * step) % 11 for k in range(11)] for step in (1, 2, 3, 10)]
    children = [begin_process(tmp_path, 0.05, program(order)) for order in orders]
    said = [child.communicate(timeout=120)[0].split() for child in children]
    assert [words[:2] for words in said] == [["answered", "5.5"]] * 4
    assert max(Counter(computed(tmp_path)).values()) == 1
    assert sum(int(words[2]) for words in said) == 11  # as the processes themselves count


def test_a_process_that_is_killed_amid_a_call_leaves_it_to_others(tmp_path: Path) -> None:
    draw_video(tmp_path / "clip.mp4", 20)
    child = begin_process(tmp_path, 600.0, program([3]))
    wait_for_a_call(tmp_path)
    child.send_signal(signal.SIGKILL)  # and not waited for: a zombie has its number still
    outcome, counts = run_program(tmp_path, 0.0, program([3]), max_seconds=20.0)
    child.communicate()
    assert (outcome.status, outcome.value, counts.executed) == ("answered", 0.3, 1)


def test_a_call_waits_for_another_process_no_longer_than_its_own_time(tmp_path: Path) -> None:
    draw_video(tmp_path / "clip.mp4", 20)
    child = begin_process(tmp_path, 600.0, program([3]))
    wait_for_a_call(tmp_path)
    outcome, _ = run_program(tmp_path, 0.0, program([3]), max_seconds=1.0)
    child.kill()
    child.communicate()
    assert outcome.status == "limit"
    assert "which another process is at work on" in str(outcome.error)
    assert len(computed(tmp_path)) == 1


def test_a_call_that_fails_elsewhere_is_made_here_and_fails_by_itself(tmp_path: Path) -> None:
    draw_video(tmp_path / "clip.mp4", 20)
    child = begin_process(tmp_path, 0.5, program([3], "broken"))
    wait_for_a_call(tmp_path)
    outcome, _ = run_program(tmp_path, 0.0, program([3], "broken"))
    assert child.communicate(timeout=60)[0].split()[0] == "failed"
    assert outcome.status == "failed"
    assert "it broke" in str(outcome.error)
    assert len(computed(tmp_path)) == 2


def test_a_result_in_the_cache_is_taken_though_its_claim_was_never_given_up(tmp_path: Path) -> None:
    claims, theirs = (Claims(tmp_path / "claims.sqlite", before_release=lambda: None) for _ in "12")
    assert theirs.take(["key"]) == set()  # and its owner lives, and renews it
    came_back: SimpleQueue[Call] = SimpleQueue()
    known: set[str] = set()
    elsewhere = CallsElsewhere(claims, came_back.put, lambda call: call.key in known)
    elsewhere.took("look_long", 1.0)
    call = Call("key")
    assert elsewhere.claim("look_long", [call]) == {call}
    elsewhere.wait_for([call])
    assert came_back.empty()
    known.add("key")
    assert came_back.get(timeout=30.0) is call
    assert claims.states(["key"]) == {"key": "held"}
    for owner in (claims, theirs):
        owner.close()
