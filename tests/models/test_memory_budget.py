"""What is loaded: once for all its owners, on demand, within a budget, not from under a user."""

from __future__ import annotations

import threading

import pytest

from vprog.models.memory_budget import Loadable, ModelMemory

log: list[str] = []


def make(name: str, memory_mb: int = 0, measured_mb: int | None = None) -> Loadable:
    def load() -> str:
        log.append(f"{name} loaded")
        return name

    return Loadable(
        name,
        name,
        load,
        lambda value: log.append(f"{value} gone"),
        memory_mb,
        None if measured_mb is None else lambda value: measured_mb,
    )


def use(memory: ModelMemory, loadable: Loadable, owner: object) -> None:
    with memory.hold(loadable, owner):
        pass


@pytest.fixture(autouse=True)
def _clear() -> None:
    log.clear()


def test_memory_loads_once_for_two_owners_and_unloads_with_the_last() -> None:
    memory = ModelMemory()
    writer, vlm = object(), object()
    use(memory, make("a"), writer)
    use(memory, make("a"), vlm)
    assert memory.held_by(writer) == memory.held_by(vlm) == ["a"]
    memory.release(writer)
    assert log == ["a loaded"]
    memory.release(vlm)
    assert log == ["a loaded", "a gone"]


def test_memory_makes_room_by_what_was_used_longest_ago_and_says_so() -> None:
    memory = ModelMemory(100)
    for loadable in (make("a", 40), make("b", 40), make("a", 40), make("c", 40)):
        use(memory, loadable, memory)
    assert log == ["a loaded", "b loaded", "b gone", "c loaded"]
    assert memory.notes == ["b (40 MB) was unloaded to make room for c (40 MB)"]


def test_memory_counts_what_a_model_holds_once_it_is_loaded() -> None:
    memory = ModelMemory(100)
    use(memory, make("a", 40, measured_mb=80), memory)
    use(memory, make("b", 40), memory)
    assert log == ["a loaded", "a gone", "b loaded"]
    assert memory.notes == ["a (80 MB) was unloaded to make room for b (40 MB)"]


def test_memory_never_unloads_what_is_in_use() -> None:
    memory = ModelMemory(100)
    with memory.hold(make("a", 80), memory) as value:
        use(memory, make("b", 80), memory)
        assert value == "a"
        assert log == ["a loaded", "b loaded"]
        memory.release(memory)
        assert log == ["a loaded", "b loaded", "b gone"]
    assert log[-1] == "a gone"


def test_memory_loads_again_what_was_unloaded() -> None:
    memory = ModelMemory(50)
    for loadable in (make("a", 40), make("b", 40), make("a", 40)):
        use(memory, loadable, memory)
    assert log == ["a loaded", "a gone", "b loaded", "b gone", "a loaded"]


def test_memory_threads_that_want_one_model_load_it_once() -> None:
    began, go_on = threading.Event(), threading.Event()

    def load() -> str:
        log.append("slow loaded")
        began.set()
        assert go_on.wait(30)
        return "slow"

    memory = ModelMemory()
    slow = Loadable("slow", "slow", load, lambda value: None)
    threads = [threading.Thread(target=use, args=(memory, slow, memory)) for _ in range(2)]
    threads[0].start()
    assert began.wait(30)
    threads[1].start()
    use(memory, make("quick"), memory)  # does not wait for the slow one
    go_on.set()
    for thread in threads:
        thread.join()
    assert log == ["slow loaded", "quick loaded"]


def test_memory_a_load_that_breaks_leaves_nothing_behind() -> None:
    def load() -> str:
        raise RuntimeError("no")

    memory = ModelMemory(100)
    with (
        pytest.raises(RuntimeError),
        memory.hold(Loadable("a", "a", load, lambda value: None, 90), memory),
    ):
        pass
    use(memory, make("b", 90), memory)
    assert memory.notes == []
    assert memory.held_by(memory) == ["b"]


def test_memory_an_unload_that_breaks_is_noted() -> None:
    def unload(value: object) -> None:
        raise RuntimeError("no such handle")

    memory = ModelMemory()
    use(memory, Loadable("a", "a", lambda: "a", unload), memory)
    memory.release(memory)
    assert memory.notes == ["a did not unload: RuntimeError: no such handle"]
