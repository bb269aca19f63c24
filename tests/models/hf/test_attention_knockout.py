"""Attention blocked along ways through a model with random weights."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch", reason="transformers models need torch")
pytest.importorskip("transformers", reason="the extra hf is not installed")

from PIL import Image

from tests.modules.vlm.tiny_vlm import KINDS, save_tiny_vlm
from vprog.errors import ModuleInputError
from vprog.models.hf.attention_knockout import (
    AttentionPath,
    attention_layers,
    blocked,
    measure_paths,
    paths_of,
)
from vprog.models.hf.conversation import Turn, encode
from vprog.models.hf.generate import next_token_probabilities
from vprog.models.hf.loading import TransformersModel, load_model

N_LAYERS = 2


@pytest.fixture(scope="module", params=KINDS)
def model(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> TransformersModel:
    folder = save_tiny_vlm(tmp_path_factory.mktemp("models") / request.param, request.param)
    return load_model(str(folder), "cpu")


@pytest.fixture(scope="module")
def inputs(model: TransformersModel) -> dict[str, Any]:
    """Two pictures, one red and one blue, and a question."""
    pictures = [Image.fromarray(np.full((56, 56, 3), colour, np.uint8)) for colour in COLOURS]
    return encode(model, [[Turn("user", (*pictures, "What is it?"))]])


COLOURS = ((200, 20, 20), (20, 20, 200))


def likeliest(model: TransformersModel, inputs: dict[str, Any]) -> tuple[int, float]:
    row = next_token_probabilities(model, inputs)[0]
    return int(row.argmax()), float(row.max())


def test_ways_are_those_of_the_tokens(model: TransformersModel, inputs: dict[str, Any]) -> None:
    ids = inputs["input_ids"][0].tolist()
    between, to_question, to_last, straight = paths_of(model, ids)
    ((question, pictures),) = to_question.edges
    assert len(pictures) >= 2
    assert {ids[place] for picture in pictures for place in picture} == {
        model.network.config.image_token_id
    }
    assert "What is it?" in model.tokenizer.decode([ids[place] for place in question])
    assert all(picture not in others for picture, others in between.edges)
    assert to_last.edges == ((range(len(ids) - 1, len(ids)), (question,)),)
    assert straight.edges[0][1] == pictures


def test_nothing_blocked_changes_nothing(model: TransformersModel, inputs: dict[str, Any]) -> None:
    token, whole = likeliest(model, inputs)
    with blocked(AttentionPath("none", ()), attention_layers(model)):
        assert likeliest(model, inputs) == (token, pytest.approx(whole, abs=1e-5))


def test_what_is_blocked_changes_the_answer_and_is_let_go_again(
    model: TransformersModel, inputs: dict[str, Any]
) -> None:
    token, whole = likeliest(model, inputs)
    losses = measure_paths(model, inputs, [token], window=N_LAYERS)
    assert [loss.layers for loss in losses] == [(0, N_LAYERS - 1)] * 4
    assert any(abs(loss.change) > 1e-3 for loss in losses)
    for loss in losses:
        assert loss.change == pytest.approx((loss.probability - whole) / whole)
    assert likeliest(model, inputs) == (token, pytest.approx(whole, abs=1e-6))


def test_an_answer_that_sees_nothing_of_the_pictures_does_not_depend_on_them(
    model: TransformersModel, inputs: dict[str, Any]
) -> None:
    ids = inputs["input_ids"][0].tolist()
    (question, pictures), end = paths_of(model, ids)[1].edges[0], len(ids)
    after = AttentionPath("all after", ((range(question.start, end), pictures),))
    other = {**inputs, "pixel_values": -inputs["pixel_values"]}
    assert likeliest(model, inputs)[1] != pytest.approx(likeliest(model, other)[1], abs=1e-5)
    marks = [place for place in range(pictures[0].start, question.start) if place not in
             {seen for picture in pictures for seen in picture}]  # fmt: skip
    between = tuple((range(place, place + 1), pictures) for place in marks)
    everything = AttentionPath("all", (*after.edges, *between))
    with blocked(everything, attention_layers(model)):
        assert likeliest(model, inputs)[1] == pytest.approx(likeliest(model, other)[1], abs=1e-5)


def test_layers_are_blocked_window_by_window(
    model: TransformersModel, inputs: dict[str, Any]
) -> None:
    losses = measure_paths(model, inputs, [1, 2], window=1)
    assert [loss.layers for loss in losses[:N_LAYERS]] == [(0, 0), (1, 1)]
    assert len(losses) == 4 * N_LAYERS


def test_without_pictures_or_with_two_conversations_it_says_so(
    model: TransformersModel, inputs: dict[str, Any]
) -> None:
    with pytest.raises(ModuleInputError, match="no picture"):
        paths_of(model, [1, 2, 3])
    two = encode(model, [[Turn("user", ("a",))], [Turn("user", ("b",))]])
    with pytest.raises(ModuleInputError, match="one conversation"):
        measure_paths(model, two, [1], window=1)
