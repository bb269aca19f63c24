"""One transformers model: loading it, chat to tokens, and writing a batch of completions."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from vprog.errors import LlmRefusedError, LlmUnreachableError, PackageMissingError
from vprog.llm.client import Message, Request, Token, excerpt
from vprog.llm.hf_steps import Ending, Masking
from vprog.llm.token_masks import TokenMasks, grammar_of

PROCESSORS = ("preprocessor_config.json", "processor_config.json")
"""A model that sees has one of these files."""


@dataclass(frozen=True)
class Written:
    """One completion; `is_stopped` where it was ended from outside."""

    text: str
    finish_reason: str
    tokens: int
    logprobs: tuple[Token, ...] | None
    is_stopped: bool


class Engine:
    """A loaded model.

    Args:
        folder: of its files.
        device: "auto", "cpu", "cuda" or "cuda:N".
        where: the SPEC, for messages.

    Raises:
        PackageMissingError: torch or transformers do not import, whatever the reason.
        LlmUnreachableError: the files cannot be loaded.
    """

    def __init__(self, folder: str, device: str, where: str) -> None:
        self._where = where
        self._torch, transformers = _import()
        auto = "cuda" if self._torch.cuda.is_available() else "cpu"
        self._device = auto if device == "auto" else device
        loading: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
        try:
            self._tokenizer: Any = transformers.AutoTokenizer.from_pretrained(folder, **loading)
            self._processor: Any = None
            self.blind = ""
            kind: Any = transformers.AutoModelForCausalLM
            if self.can_see(folder):
                kind = transformers.AutoModelForImageTextToText
                self._processor = self._eyes(transformers, folder, loading)
            number = "auto" if self._device.startswith("cuda") else self._torch.float32
            model = kind.from_pretrained(folder, dtype=number, **loading)
            self._model: Any = model.to(self._device).eval()
        except Exception as error:  # what a damaged folder raises differs by model
            raise LlmUnreachableError(
                f"{where}: the model in {folder} cannot be loaded: {excerpt(str(error))}",
                hint="Fetch its files again, or take another model.",
            ) from error
        self._tokenizer.padding_side = "left"
        if self._tokenizer.pad_token_id is None:
            self._tokenizer.pad_token = self._tokenizer.eos_token
        self._ends = self._end_tokens()
        self._guide: Any = None

    @staticmethod
    def can_see(folder: str) -> bool:
        """Whether the files are those of a model that takes pictures."""
        try:
            config = json.loads((Path(folder) / "config.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return False
        has_eyes = isinstance(config, dict) and "vision_config" in config
        return has_eyes and any((Path(folder) / processor).is_file() for processor in PROCESSORS)

    def write(
        self, requests: Sequence[Request], is_over: Callable[[int], bool]
    ) -> list[tuple[int, list[Written]]]:
        """Completions of requests of one kind: for each its tokens read, and what was written.

        Args:
            requests: with the same sampling.
            is_over: whether the request of a number is to end now.

        Raises:
            LlmRefusedError: a prompt is longer than the model's context.
        """
        torch, asked = self._torch, requests[0]
        inputs = self._encode(requests)
        length = int(inputs["input_ids"].shape[1])
        lengths = [int(each) for each in inputs["attention_mask"].sum(dim=1)]
        room = self._room(length, asked.max_tokens)
        samples = asked.n if asked.temperature > 0 else 1  # at 0 all are the same
        ending = Ending(self._tokenizer, length, asked.stop, lambda row: is_over(row // samples))
        sampling: dict[str, Any] = {"do_sample": False, "temperature": None}
        if asked.temperature > 0:
            sampling = {"do_sample": True, "temperature": asked.temperature}
        processors = self._masks(requests, samples, length)
        with torch.inference_mode():
            output = self._model.generate(
                **inputs,
                **sampling,
                top_p=None if asked.temperature <= 0 else 1.0,
                top_k=None if asked.temperature <= 0 else 0,
                max_new_tokens=room,
                num_return_sequences=samples,
                pad_token_id=self._tokenizer.pad_token_id,
                stopping_criteria=[ending],
                logits_processor=processors,
                return_dict_in_generate=True,
                output_logits=asked.want_logprobs,
            )
        rows = [
            self._written(each, output, length, ending, asked)
            for each in range(output.sequences.shape[0])
        ]
        found: list[tuple[int, list[Written]]] = []
        for at in range(len(requests)):
            own = rows[at * samples : (at + 1) * samples]
            found.append((lengths[at], own * (asked.n // samples)))
        return found

    def _eyes(self, transformers: Any, folder: str, loading: dict[str, Any]) -> Any:
        """The processor of pictures; without one (some need torchvision) text goes on alone."""
        try:
            return transformers.AutoProcessor.from_pretrained(folder, **loading)
        except Exception as error:  # whatever the import of what it needs raises
            self.blind = excerpt(str(error), 120)
            return None

    def _encode(self, requests: Sequence[Request]) -> Any:
        texts = [self._prompt(request.messages) for request in requests]
        pictures = [
            image for request in requests for one in request.messages for image in one.images
        ]
        if pictures and self._processor is None:
            raise LlmRefusedError(
                f"{self._where}: pictures cannot be prepared for it here: {self.blind}",
                hint="Install what is named, ask without pictures, or take another model.",
            )
        if pictures:
            from PIL import Image as Pictures

            opened = [
                Pictures.open(io.BytesIO(picture.data)).convert("RGB") for picture in pictures
            ]
            inputs = self._processor(text=texts, images=opened, return_tensors="pt", padding=True)
        else:
            # The template has written the tokens that begin a text, if there are any.
            plain = self._tokenizer.chat_template is None
            inputs = self._tokenizer(
                texts, return_tensors="pt", padding=True, add_special_tokens=plain
            )
        inputs.pop("token_type_ids", None)
        return inputs.to(self._device)

    def _prompt(self, messages: Sequence[Message]) -> str:
        renderer = self._tokenizer
        if getattr(self._processor, "chat_template", None) is not None:
            renderer = self._processor
        if getattr(renderer, "chat_template", None) is None:
            turns = [f"{message.role}: {message.text}" for message in messages]
            return "\n\n".join([*turns, "assistant:"])
        try:
            return self._rendered(renderer, messages)
        except Exception as error:  # templates raise what they like for a role they lack
            if messages and messages[0].role == "system" and len(messages) > 1:
                merged = replace(messages[1], text=f"{messages[0].text}\n\n{messages[1].text}")
                return self._rendered(renderer, [merged, *messages[2:]])
            raise LlmRefusedError(
                f"{self._where}: its chat template refuses the conversation: {excerpt(str(error))}",
                hint="Take another model.",
            ) from error

    def _rendered(self, renderer: Any, messages: Sequence[Message]) -> str:
        turns: list[dict[str, Any]] = []
        for message in messages:
            content: Any = message.text
            if renderer is self._processor or self.blind:
                pictures = [{"type": "image"} for _ in message.images]
                content = [*pictures, {"type": "text", "text": message.text}]
            turns.append({"role": message.role, "content": content})
        return str(renderer.apply_chat_template(turns, tokenize=False, add_generation_prompt=True))

    def _room(self, length: int, wanted: int) -> int:
        config = self._model.config
        config = getattr(config, "text_config", None) or config
        context = getattr(config, "max_position_embeddings", None) or length + wanted
        if length >= context:
            raise LlmRefusedError(
                f"{self._where}: the prompt has {length} tokens; the model's context is {context}.",
                hint="Ask with a shorter prompt, or take a model with a longer context.",
            )
        return int(min(wanted, context - length))

    def _masks(self, requests: Sequence[Request], samples: int, length: int) -> list[Any]:
        grammars = [sample for one in requests for sample in [grammar_of(one)] * samples if sample]
        if not grammars:
            return []
        if self._guide is None:
            from llguidance.hf import from_tokenizer

            size = self._model.get_output_embeddings().weight.shape[0]
            self._guide = from_tokenizer(self._tokenizer, n_vocab=size, eos_token=self._ends)
        masks = TokenMasks(self._guide, grammars, self._where)
        return [Masking(self._torch, masks, length)]

    def _end_tokens(self) -> list[int]:
        ends = self._model.generation_config.eos_token_id
        ends = self._tokenizer.eos_token_id if ends is None else ends
        return [int(end) for end in (ends if isinstance(ends, list) else [ends])]

    def _written(
        self, row: int, output: Any, length: int, ending: Ending, asked: Request
    ) -> Written:
        ids = output.sequences[row, length:].tolist()
        at = next((at for at, each in enumerate(ids) if each in self._ends), None)
        stopped = ending.ended.get(row)
        tokens = min(each for each in (at, stopped, len(ids)) if each is not None)
        text = self._tokenizer.decode(ids[:tokens], skip_special_tokens=True)
        for each in asked.stop:
            text = text.partition(each)[0]
        is_whole = (at is not None and at <= tokens) or row in ending.matched
        scored: tuple[Token, ...] | None = None
        if asked.want_logprobs:
            scored = tuple(self._scored(row, output.logits, ids[:tokens], asked))
        return Written(
            text,
            "stop" if is_whole else "length",
            tokens,
            scored,
            row in ending.ended and row not in ending.matched,
        )

    def _scored(self, row: int, logits: Any, ids: Sequence[int], asked: Request) -> list[Token]:
        found: list[Token] = []
        for at, each in enumerate(ids):
            scores = self._torch.log_softmax(logits[at][row].float(), dim=-1)
            top: tuple[tuple[str, float], ...] = ()
            if asked.top_logprobs:
                best = scores.topk(min(asked.top_logprobs, scores.shape[0]))
                top = tuple(
                    (self._tokenizer.decode([int(token)]), float(score))
                    for score, token in zip(best.values, best.indices, strict=True)
                )
            found.append(Token(self._tokenizer.decode([each]), float(scores[each]), top))
        return found


def _import() -> tuple[Any, Any]:
    try:
        import torch
        import transformers
    except Exception as error:  # a broken installation may raise anything at all
        raise PackageMissingError(
            f"hf:MODEL is not available, because torch or transformers do not import: {error}.",
            hint='Run: pip install "vprog[hf]" (and remove a torchvision that does not fit)',
        ) from error
    transformers.utils.logging.disable_progress_bar()
    return torch, transformers
