"""Which files of a repository are fetched; fetching itself is tested with `vprog models pull`."""

from __future__ import annotations

from vprog.models.pull_weights import wanted_files


def test_wanted_files_are_one_form_of_the_weights_and_what_they_are_read_with() -> None:
    weights = ["config.json", "tokenizer.json", "model.safetensors", "pytorch_model.bin"]
    others = ["tf_model.h5", "onnx/model.onnx", "training_args.bin", "README.md"]
    assert wanted_files(weights + others) == weights[:3]
    assert wanted_files(["config.json", "pytorch_model.bin", "optimizer.bin"]) == [
        "config.json", "pytorch_model.bin",
    ]  # fmt: skip
