"""The benchmarks of models of full size, with small ones on a CPU: what they are made of works."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from benchmarks import batching, every_module, gpu


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
    batching.replay([2], 1)
    n_held = batching.N_FRAMES * batching.HOLDS_OF_5 // 5
    # The first program alone, then two each under ideal, vprog and window, and one call in turn.
    assert done[batching.EXISTS] == batching.N_FRAMES * (1 + 2 * 3) + 1
    assert done[batching.QUERY] == n_held * (1 + 2 * 3) + 1
    assert "of ideal" in capsys.readouterr().out


# What openai-whisper itself does: a file left open, NumPy called in an old way.
@pytest.mark.filterwarnings("ignore:unclosed file.*tiktoken:ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.filterwarnings("ignore:__array_wrap__:DeprecationWarning")
def test_every_learned_module_that_is_here_has_its_row_with_a_tiny_model(tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="needs torch")
    page = tmp_path / "table.md"
    status = every_module.main(["--tiny", "--into", str(page)])
    text = page.read_text()
    assert [line for line in text.splitlines() if "failed:" in line] == []
    assert status == 0
    assert "no GPU, tiny models" in text
    for spec in every_module.learned():
        assert f"| `{spec.name}` |" in text
    measured = [line.split(" | ") for line in text.splitlines() if line.endswith(" |")]
    rows = {cells[0][2:]: cells for cells in measured if cells[0].startswith("| `")}
    assert float(rows["`detect/DetectOwlv2`"][1]) > 0.01
    assert int(rows["`detect/DetectOwlv2`"][4]) == 8


@pytest.mark.parametrize("name", every_module.SHAPES)
def test_models_of_full_size_are_as_large_as_the_published_files(name: str) -> None:
    torch = pytest.importorskip("torch", reason="needs torch")
    transformers: Any = pytest.importorskip("transformers", reason="needs transformers")
    network = getattr(transformers, every_module.SHAPES[name].network)
    with torch.device("meta"):
        model = network(every_module.full_config(every_module.SHAPES[name]))
    (spec,) = (spec for spec in every_module.learned() if spec.implementation == name)
    n_bytes = 4 * sum(parameter.numel() for parameter in model.parameters())
    assert n_bytes / 1e6 == pytest.approx(spec.weights[0].size_mb, rel=0.01)
