"""What goes when: on a clock that the test sets, and with programs that are replayed on it."""

from __future__ import annotations

import math

import pytest

from tests.execute.batch_clock import Module, replay
from vprog.execute.batch_queues import GRACE_S, LONGEST_GRACE_S, BatchCosts, BatchQueues


class Lane:
    """One module with batches of 4; what went, as it went."""

    def __init__(self, n_live: int) -> None:
        self.queues: BatchQueues[str] = BatchQueues()
        self.queues.n_live = n_live

    def add(
        self, item: str, now: float, *, owner: str = "", module: str = "m", is_guess: bool = False
    ) -> None:
        self.queues.n_waiting += not is_guess
        self.queues.add(
            item,
            module=module,
            lane="gpu",
            size=4,
            owner=owner or item,
            now=now,
            is_guess=is_guess,
        )

    def due(self, now: float) -> list[str]:
        return [" ".join(batch.items) for batch in self.queues.due(now)]


def test_queue_lets_a_lone_program_wait_for_nothing() -> None:
    lane = Lane(1)
    lane.add("a", 0.0)
    assert lane.due(0.0) == ["a"]


def test_queue_sends_a_batch_when_every_live_program_waits() -> None:
    lane = Lane(3)
    lane.add("a", 0.0)
    lane.add("b", 0.0005)
    assert lane.due(0.0005) == []
    lane.add("c", 0.001)
    assert lane.due(0.001) == ["a b c"]


def test_queue_sends_a_full_batch_at_once() -> None:
    lane = Lane(100)
    for item in "abcde":
        lane.add(item, 0.0)
    assert lane.due(0.0) == ["a b c d"]


def test_queue_waits_for_a_grace_after_the_last_call_and_never_longer_than_the_longest() -> None:
    lane = Lane(100)
    lane.add("a", 0.0)
    lane.add("b", 0.001)
    assert lane.queues.due_at() == 0.001 + GRACE_S
    assert lane.due(0.0029) == []
    assert lane.due(0.0031) == ["a b"]
    lane.queues.freed("gpu", 1.0)
    lane.add("c", 1.0)
    lane.add("d", 1.0095)
    assert lane.queues.due_at() == 1.0 + LONGEST_GRACE_S


def test_queue_gives_programs_that_were_just_answered_the_time_to_call_again() -> None:
    lane = Lane(3)
    lane.add("a", 0.0)
    assert lane.due(GRACE_S) == ["a"]
    lane.add("b", 0.01)
    lane.queues.n_waiting -= 1  # the program of a has its answer
    lane.queues.freed("gpu", 0.1)
    assert lane.due(0.1) == []  # though b has waited for long
    lane.add("c", 0.1001)
    assert lane.due(0.1001 + GRACE_S) == ["b c"]


def test_queue_lets_programs_take_turns() -> None:
    lane = Lane(2)
    for number in range(10_000):
        lane.add(f"a{number}", 0.0, owner="a")
    for number in range(10):
        lane.add(f"b{number}", 0.0, owner="b")
    went: list[str] = []
    while sum(item.startswith("b") for item in went) < 10:
        (batch,) = lane.queues.due(0.0)
        went += batch.items
        lane.queues.freed("gpu", 0.0)
    assert len(went) <= 24


def test_queue_lets_modules_of_one_device_take_turns() -> None:
    lane = Lane(1)
    for number in range(100):
        lane.add(f"a{number}", 0.0, module="m")
    lane.add("b", 0.001, module="other")
    assert lane.due(0.001) == ["a0 a1 a2 a3"]
    lane.queues.freed("gpu", 0.002)
    assert lane.due(0.002) == ["b"]


def test_queue_fills_a_batch_with_guesses_after_what_is_waited_for() -> None:
    lane = Lane(1)
    for item in ("g1", "g2", "g3"):
        lane.add(item, 0.0, is_guess=True)
    assert lane.due(1.0) == []  # no batch of their own: nobody waits for it
    lane.add("a", 1.0)
    assert lane.due(1.0) == ["a g1 g2 g3"]


def test_queue_sends_guesses_alone_only_where_they_fill_a_batch_of_an_idle_lane() -> None:
    lane = Lane(2)
    for item in ("g1", "g2", "g3", "g4", "g5"):
        lane.add(item, 0.0, is_guess=True)
    assert lane.due(0.0) == ["g1 g2 g3 g4"]
    lane.queues.freed("gpu", 1.0)
    assert lane.due(1.0) == []
    lane.queues.demand("g5", 1.0)
    lane.queues.n_waiting += 2
    assert lane.due(1.0) == ["g5"]


def test_queue_forgets_what_is_taken_out() -> None:
    lane = Lane(1)
    lane.add("a", 0.0)
    assert lane.queues.remove("a")
    assert not lane.queues.remove("a")
    assert lane.due(1.0) == []
    assert lane.queues.due_at() is None


def test_queue_keeps_the_size_that_fits() -> None:
    lane = Lane(1)
    assert lane.queues.halve("m", 4) == 2
    for item in "abc":
        lane.add(item, 0.0)
    assert lane.due(0.0) == ["a b"]
    lane.queues.freed("gpu", 0.0)
    assert lane.queues.halve("m", 2) == 1
    assert lane.queues.halve("m", 1) == 1


def test_costs_tell_what_a_call_saves_in_a_batch() -> None:
    costs = BatchCosts()
    assert costs.saves("m") == math.inf
    costs.took("m", 1, 0.5)  # the first of a process warms up
    costs.took("m", 1, 0.25)
    costs.took("m", 1, 0.5)
    assert costs.saves("m") == 0.25
    costs.took("m", 4, 0.5)
    assert costs.saves("m") == 0.125


# Programs replayed on a virtual clock: milliseconds of a batch as in benchmarks/batching.py

DETECT = Module(fixed_s=0.012, each_s=0.001, size=32)
HOST_S = 0.00025
"""Of one call, on the one interpreter that serves all programs."""
SCOUTED_HOST_S = 0.00035
"""The same, with the fork's call."""


@pytest.mark.parametrize(
    ("n_programs", "ahead", "least"),
    [(32, 0, 0.75), (32, 3, 0.97), (10, 6, 0.95), (1, 64, 0.95)],
)
def test_queue_reaches_its_share_of_ideal_batches(
    n_programs: int, ahead: int, least: float
) -> None:
    n_calls = 512 if n_programs == 1 else 128
    went = replay(DETECT, n_programs=n_programs, n_calls=n_calls, host_s=HOST_S, ahead=ahead)
    assert went.n_calls == n_programs * n_calls
    assert max(went.batches) <= DETECT.size
    assert DETECT.ideal_s(went.n_calls) / went.seconds >= least


@pytest.mark.parametrize(
    ("module", "least"),
    [
        (DETECT, 0.95),
        (Module(fixed_s=0.006, each_s=0.0006, size=32), 0.95),
        (Module(fixed_s=0.012, each_s=0.0005, size=32), 0.90),
    ],
)
def test_queue_gives_a_scouted_program_the_speed_of_batches_by_hand(
    module: Module, least: float
) -> None:
    went = replay(
        module, n_programs=1, n_calls=512, host_s=SCOUTED_HOST_S, ahead=lambda n: 64 if n else 31
    )
    assert went.batches == [32] * 16
    assert module.ideal_s(512) / went.seconds >= least


def test_queue_makes_a_chain_of_dependent_calls_no_slower_than_plain_sequence() -> None:
    went = replay(DETECT, n_programs=1, n_calls=100, host_s=HOST_S, ahead=0)
    assert went.batches == [1] * 100
    assert went.seconds == pytest.approx(100 * DETECT.seconds(1) + 101 * HOST_S)


def test_queue_forms_one_batch_a_round_of_programs_in_step() -> None:
    went = replay(DETECT, n_programs=32, n_calls=10, host_s=HOST_S, ahead=0)
    assert went.batches == [32] * 10
