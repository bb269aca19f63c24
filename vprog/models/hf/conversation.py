"""Conversations as a model's own chat template writes them, and as the network takes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vprog.errors import LlmRefusedError
from vprog.models.hf.loading import TransformersModel

if TYPE_CHECKING:
    from PIL.Image import Image as Picture


@dataclass(frozen=True)
class Turn:
    """One turn of a conversation: texts and pictures, in their order."""

    role: str
    parts: tuple[str | Picture, ...]

    @property
    def text(self) -> str:
        """The texts alone."""
        return "".join(part for part in self.parts if isinstance(part, str))

    @property
    def pictures(self) -> list[Picture]:
        """The pictures alone."""
        return [part for part in self.parts if not isinstance(part, str)]


Conversation = Sequence[Turn]


def encode(model: TransformersModel, conversations: Sequence[Conversation]) -> dict[str, Any]:
    """The tensors of a batch, padded on the left, on the model's device.

    Raises:
        LlmRefusedError: the template refuses a conversation, or the model takes no pictures.
    """
    texts = [render(model, conversation) for conversation in conversations]
    pictures = [
        [picture for turn in conversation for picture in turn.pictures]
        for conversation in conversations
    ]
    if any(pictures):
        if model.family is None:
            raise LlmRefusedError(
                f"pictures cannot be prepared for it here: {model.no_pictures or 'it takes none'}",
                hint="Install what is named, ask without pictures, or take another model.",
            )
        tensors = model.family.inputs(model.tokenizer, texts, pictures)
    else:
        # The template has written the tokens that begin a text, if there are any.
        tokens = model.tokenizer(
            texts,
            return_tensors="pt",
            padding=True,
            padding_side="left",
            add_special_tokens=not _has_template(model),
        )
        tensors = {name: tokens[name] for name in ("input_ids", "attention_mask")}
    return {
        name: tensor.to(model.device, model.dtype if tensor.is_floating_point() else None)
        for name, tensor in tensors.items()
    }


def render(model: TransformersModel, conversation: Conversation) -> str:
    """The text of a conversation, up to where the model's reply begins.

    Raises:
        LlmRefusedError: the template refuses it.
    """
    if not _has_template(model):
        return "\n\n".join([*(f"{turn.role}: {turn.text}" for turn in conversation), "assistant:"])
    try:
        return _apply_template(model, conversation)
    except Exception as error:  # templates raise what they like for a role they lack
        first = conversation[0] if conversation else None
        if first is not None and first.role == "system" and len(conversation) > 1:
            second = conversation[1]
            merged = Turn(second.role, (f"{first.text}\n\n", *second.parts))
            return _apply_template(model, [merged, *conversation[2:]])
        raise LlmRefusedError(
            f"its chat template refuses the conversation: {' '.join(str(error).split())[:200]}",
            hint="Take another model.",
        ) from error


def _has_template(model: TransformersModel) -> bool:
    return model.template is not None or model.tokenizer.chat_template is not None


def _apply_template(model: TransformersModel, conversation: Conversation) -> str:
    turns: list[dict[str, Any]] = []
    for turn in conversation:
        content: Any = turn.text
        if model.takes_parts:
            content = [
                {"type": "text", "text": part} if isinstance(part, str) else {"type": "image"}
                for part in turn.parts
            ]
        turns.append({"role": turn.role, "content": content})
    return str(
        model.tokenizer.apply_chat_template(
            turns, chat_template=model.template, tokenize=False, add_generation_prompt=True
        )
    )
