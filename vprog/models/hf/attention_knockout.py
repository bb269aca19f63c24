"""What a model's answer owes to each way through it: attention blocked along one, layer by layer.

Of a model of transformers in this process that takes pictures. The answer is its next token: the
loss of its probability says what went along the way that was blocked.

Source: Map the Flow (2025): the attention of some queries to some keys is masked in a window of
layers; the ways are between frames, from video to question, and from either to the last token.
"""

from __future__ import annotations

import contextlib
import importlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vprog.errors import ModuleInputError
from vprog.models.hf.generate import next_token_probabilities
from vprog.models.hf.loading import TransformersModel

_ATTENTION = re.compile(r"layers\.(\d+)\.self_attn$")
_OF_PICTURES = re.compile(r"(?:^|\.)(?:visual|vision\w*)\.")


@dataclass(frozen=True)
class AttentionPath:
    """A way through a model: from some tokens (keys) to others that attend to them (queries).

    Attributes:
        name: as the report has it.
        edges: pairs of queries and keys, each the positions of tokens.
    """

    name: str
    edges: tuple[tuple[range, tuple[range, ...]], ...]


@dataclass(frozen=True)
class PathLoss:
    """What an answer is worth with a way blocked in some layers.

    Attributes:
        path: the name of the way.
        layers: from the first to the last, both counted.
        probability: of the answer, with the way blocked.
        change: from the probability without a block, as a share of it; -1 where nothing is left.
    """

    path: str
    layers: tuple[int, int]
    probability: float
    change: float


def measure_paths(
    model: TransformersModel, inputs: Mapping[str, Any], token_ids: Sequence[int], *, window: int
) -> list[PathLoss]:
    """Block every way in every window of layers, one at a time.

    Args:
        model: its lock is the caller's to hold.
        inputs: of `encode`, one conversation.
        token_ids: of the answer, in all its spellings; see `TransformersModel.option_ids`.
        window: layers that are blocked together, at least 1.

    Raises:
        ModuleInputError: it is more than one conversation, or shows no picture; or the model has
            no attention layers of the usual form.
    """
    if int(inputs["input_ids"].shape[0]) != 1:
        raise ModuleInputError("measure_paths: expected one conversation, got several.")
    layers = attention_layers(model)
    paths = paths_of(model, inputs["input_ids"][0].tolist())

    def probability() -> float:
        return float(next_token_probabilities(model, inputs)[0][list(token_ids)].sum())

    whole = probability()
    losses = []
    for path in paths:
        for first in range(0, len(layers), max(1, window)):
            blocked_layers = layers[first : first + max(1, window)]
            with blocked(path, blocked_layers):
                left = probability()
            change = (left - whole) / whole if whole > 0 else 0.0
            last = first + len(blocked_layers) - 1
            losses.append(PathLoss(path.name, (first, last), left, change))
    return losses


def attention_layers(model: TransformersModel) -> list[Any]:
    """The attention of each layer that reads text, the first one first.

    Raises:
        ModuleInputError: there is none of the usual form.
    """
    found = {
        int(named[1]): module
        for name, module in model.network.named_modules()
        if (named := _ATTENTION.search(name)) and not _OF_PICTURES.search(name)
    }
    if not found:
        raise ModuleInputError(
            f"{model.kind}: no attention layers of the usual form were found.",
            hint="Take a model of the Qwen-VL or SmolVLM families.",
        )
    return [found[number] for number in sorted(found)]


def paths_of(model: TransformersModel, token_ids: Sequence[int]) -> tuple[AttentionPath, ...]:
    """The ways through a conversation that ends with a question about pictures.

    Raises:
        ModuleInputError: no picture is in it.
    """
    config = model.network.config
    mark = getattr(config, "image_token_id", None)
    pictures = list(_runs(token_ids, mark))
    if not pictures:
        raise ModuleInputError(
            "measure_paths: no picture is in the conversation.", hint="Show at least one."
        )
    end = len(token_ids) - 1
    question, last = range(pictures[-1].stop, end), range(end, end + 1)
    others = tuple(
        (picture, tuple(other for other in pictures if other is not picture))
        for picture in pictures
    )
    return (
        AttentionPath("between pictures", others),
        AttentionPath("pictures to question", ((question, tuple(pictures)),)),
        AttentionPath("question to last", ((last, (question,)),)),
        AttentionPath("pictures to last", ((last, tuple(pictures)),)),
    )


@contextlib.contextmanager
def blocked(path: AttentionPath, layers: Sequence[Any]) -> Iterator[None]:
    """While it holds, these layers do not attend along a way.

    Args:
        path: the way.
        layers: of `attention_layers`.
    """
    torch = importlib.import_module("torch")

    def mask(module: Any, args: Any, kwargs: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        hidden = kwargs["hidden_states"] if "hidden_states" in kwargs else args[0]
        size, lowest = int(hidden.shape[1]), torch.finfo(hidden.dtype).min
        shape = (1, 1, size, size)
        added = torch.full(shape, lowest, dtype=hidden.dtype, device=hidden.device).triu(1)
        for queries, keys in path.edges:
            for key in keys:
                added[..., queries.start : queries.stop, key.start : key.stop] = lowest
        return args, {**kwargs, "attention_mask": added}

    handles = [layer.register_forward_pre_hook(mask, with_kwargs=True) for layer in layers]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def _runs(token_ids: Sequence[int], mark: int | None) -> Iterator[range]:
    """The positions of equal tokens in a row."""
    start = None
    for place, token in enumerate([*token_ids, None]):
        if token == mark and mark is not None:
            start = place if start is None else start
        elif start is not None:
            yield range(start, place)
            start = None
