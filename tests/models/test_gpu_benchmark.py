"""The benchmark of models of full size, with small ones on a CPU: what it is made of works."""

from __future__ import annotations

import pytest

from benchmarks import batching, gpu


@pytest.mark.parametrize("name", gpu.MODELS)
def test_models_of_the_benchmark_do_batches(name: str) -> None:
    pytest.importorskip("torch", reason="needs torch")
    pytest.importorskip("transformers", reason="needs transformers")
    gpu.load(name, "cpu", True)(2)


def test_fit_finds_what_a_batch_costs_and_each_item(monkeypatch: pytest.MonkeyPatch) -> None:
    took: list[int] = []
    monkeypatch.setattr(batching, "direct_s", lambda work: (work(), 0.1 + 0.01 * took[-1])[1])
    fixed, each, points = gpu.fitted(took.append, 1)
    assert (round(fixed, 6), round(each, 6)) == (0.1, 0.01)
    assert [size for size, _ in points] == list(gpu.SIZES)


def test_replay_sends_the_calls_of_programs_to_the_work_that_stands_for_them(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    done: dict[tuple[float, float], int] = {batching.EXISTS: 0, batching.QUERY: 0}

    def work(costs: tuple[float, float], n: int) -> None:
        done[costs] += n

    monkeypatch.setattr(batching, "sleep", work)
    batching.replay([2], 1, alone=False)
    n_held = batching.N_FRAMES * batching.HOLDS_OF_5 // 5
    # The first program alone, then two each under ideal, vprog and window, and one call in turn.
    assert done[batching.EXISTS] == batching.N_FRAMES * (1 + 2 * 3) + 1
    assert done[batching.QUERY] == n_held * (1 + 2 * 3) + 1
    assert "of ideal" in capsys.readouterr().out
