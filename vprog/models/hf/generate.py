"""Writes replies with a loaded model: a batch at once, with the log-probability of each token."""

from __future__ import annotations

import contextlib
import importlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from vprog.models.hf.loading import TransformersModel
from vprog.models.hf.token_masks import TokenMasks

_TAIL = 64
"""Tokens in which a stop text is looked for after each one."""


@dataclass(frozen=True)
class Sampling:
    """How a token is chosen; at temperature 0 the likeliest.

    `seed` makes the same call give the same reply; None leaves it to chance.
    """

    temperature: float = 0.0
    top_p: float = 1.0
    top_k: int = 0
    seed: int | None = None


GREEDY = Sampling()


class ScoredToken(NamedTuple):
    """One token that was written; `top` holds the likeliest tokens there, best first."""

    text: str
    logprob: float
    top: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class GeneratedText:
    """One reply.

    Attributes:
        text: without special tokens and without the stop text.
        n_tokens: how many were written.
        is_whole: whether the model ended it, or a stop text did.
        is_stopped: whether `is_over` ended it.
        tokens: with scores; empty if none were asked for.
    """

    text: str
    n_tokens: int
    is_whole: bool
    is_stopped: bool
    tokens: tuple[ScoredToken, ...] = ()


def generate(
    model: TransformersModel,
    inputs: Mapping[str, Any],
    *,
    max_tokens: int,
    sampling: Sampling = GREEDY,
    n: int = 1,
    stop: Sequence[str] = (),
    is_over: Callable[[int], bool] | None = None,
    grammars: Sequence[str] = (),
    with_logprobs: bool = False,
    top_logprobs: int = 0,
) -> list[GeneratedText]:
    """Replies to a batch, `n` for each row of it, row after row.

    Args:
        model: its lock is the caller's to hold.
        inputs: of `encode`.
        max_tokens: the most of one reply.
        sampling: of all of them.
        n: replies for each row; more than one only make sense with a temperature.
        stop: texts at which a reply ends.
        is_over: whether the replies to the row of a number are to end now.
        grammars: one for each row, as llguidance writes them; () for none.
        with_logprobs: whether to score tokens: as the model gives them, before sampling.
        top_logprobs: with it, that many likely tokens at each position.

    Raises:
        LlmRefusedError: a grammar cannot be followed.
    """
    n_read = int(inputs["input_ids"].shape[1])
    endings = _RowEndings(
        model.tokenizer, n_read, stop, lambda row: is_over is not None and is_over(row // n)
    )
    logprobs = LogprobKeeper(top_logprobs)
    processors: list[Any] = [logprobs] if with_logprobs else []
    if grammars:
        rows = [grammar for grammar in grammars for _ in range(n)]
        processors.append(TokenMasks(model.grammar_tokenizer, rows, n_read))
    written = _run(
        model, inputs, max_tokens, sampling, n, processors=processors, endings=[endings]
    )  # (N, T)
    scored = logprobs.of(written) if with_logprobs else [[] for _ in written]
    return [
        _read(model, row, token_ids, endings, stop, scored[row])
        for row, token_ids in enumerate(written.tolist())
    ]


def next_token_probabilities(model: TransformersModel, inputs: Mapping[str, Any]) -> Any:
    """The probability of every token to come next, for each row of a batch: (N, V), on the CPU."""
    keeper = LogprobKeeper()
    _run(model, inputs, 1, GREEDY, 1, processors=[keeper])
    return keeper.last.exp().cpu()


_Scored = tuple[float, list[tuple[int, float]]]
"""Of one token: its log-probability, and those of the likeliest at its position, by number."""


class LogprobKeeper:
    """Sees the logits before each token, and the token at the next; keeps one number a token.

    `generate` of transformers calls it as a logits processor, before what sampling does to the
    logits: the numbers are the model's own. All logits together would take gigabytes.

    Args:
        n_top: how many of the likeliest tokens are kept at each position.
    """

    def __init__(self, n_top: int = 0) -> None:
        self._n_top = n_top
        self._kept: list[Any] = []
        self._top: list[list[list[tuple[int, float]]]] = []  # by step and row
        self.last: Any = None
        """Log-probabilities of every token at the last position: (N, V)."""

    def __call__(self, input_ids: Any, scores: Any) -> Any:
        if self.last is not None:
            self._kept.append(self.last.gather(1, input_ids[:, -1:]))
        self.last = scores.float().log_softmax(dim=-1)
        if self._n_top:
            best = self.last.topk(min(self._n_top, self.last.shape[1]))
            self._top.append(
                [
                    list(zip(ids, logprobs, strict=True))
                    for ids, logprobs in zip(
                        best.indices.tolist(), best.values.tolist(), strict=True
                    )
                ]
            )
        return scores

    def of(self, written: Any) -> list[list[_Scored]]:
        """For each token written, (N, T): its log-probability, and the likeliest there."""
        torch = importlib.import_module("torch")
        logprobs = torch.cat([*self._kept, self.last.gather(1, written[:, -1:])], dim=1)
        return [
            [
                (logprob, self._top[step][row] if self._top else [])
                for step, logprob in enumerate(row_logprobs)
            ]
            for row, row_logprobs in enumerate(logprobs.tolist())
        ]


class _RowEndings:
    """Ends rows at their stop texts, and where the caller wants an end."""

    def __init__(
        self,
        tokenizer: Any,
        n_read: int,
        stop: Sequence[str],
        is_over: Callable[[int], bool],
    ) -> None:
        self._tokenizer = tokenizer
        self._n_read = n_read
        self._stop = stop
        self._is_over = is_over
        self.ended: dict[int, int] = {}
        """Tokens written, by row."""
        self.matched: set[int] = set()
        """Rows that a stop text ended."""

    def __call__(self, input_ids: Any, scores: Any, **others: Any) -> Any:
        n_written = int(input_ids.shape[1]) - self._n_read
        for row in range(input_ids.shape[0]):
            if row in self.ended:
                continue
            if self._is_over(row):
                self.ended[row] = n_written
            elif self._stop:
                tail = input_ids[row, self._n_read :][-_TAIL:]
                text = self._tokenizer.decode(tail)
                if any(stop in text for stop in self._stop):
                    self.ended[row] = n_written
                    self.matched.add(row)
        done = input_ids.new_zeros(input_ids.shape[0], dtype=bool)
        for row in self.ended:
            done[row] = True
        return done


def _run(
    model: TransformersModel,
    inputs: Mapping[str, Any],
    max_tokens: int,
    sampling: Sampling,
    n: int,
    *,
    processors: Sequence[Any] = (),
    endings: Sequence[Any] = (),
) -> Any:
    """The tokens written: (N * n, T)."""
    torch = importlib.import_module("torch")
    transformers = importlib.import_module("transformers")
    chance: dict[str, Any] = {"do_sample": False}
    if sampling.temperature > 0:
        chance = {
            "do_sample": True,
            "temperature": sampling.temperature,
            "top_p": sampling.top_p,
            "top_k": sampling.top_k,
        }
    with contextlib.ExitStack() as stack:
        stack.enter_context(torch.inference_mode())
        if sampling.seed is not None:
            devices = [model.device] if model.device.type == "cuda" else []
            stack.enter_context(torch.random.fork_rng(devices))
            torch.manual_seed(sampling.seed)
        written = model.network.generate(
            **inputs,
            generation_config=transformers.GenerationConfig(
                **chance,
                max_new_tokens=max_tokens,
                num_return_sequences=n,
                eos_token_id=model.end_ids,
                pad_token_id=model.tokenizer.pad_token_id,
            ),
            logits_processor=transformers.LogitsProcessorList(processors),
            stopping_criteria=transformers.StoppingCriteriaList(endings),
        )
    return written[:, inputs["input_ids"].shape[1] :]


def _read(
    model: TransformersModel,
    row: int,
    token_ids: Sequence[int],
    endings: _RowEndings,
    stop: Sequence[str],
    scored: Sequence[_Scored],
) -> GeneratedText:
    end = next((at for at, token in enumerate(token_ids) if token in model.end_ids), None)
    lengths = (end, endings.ended.get(row), len(token_ids))
    n_tokens = min(length for length in lengths if length is not None)
    text = model.tokenizer.decode(token_ids[:n_tokens], skip_special_tokens=True)
    for stop_text in stop:
        text = text.partition(stop_text)[0]
    decode = model.tokenizer.decode
    return GeneratedText(
        text,
        n_tokens,
        is_whole=(end is not None and end <= n_tokens) or row in endings.matched,
        is_stopped=row in endings.ended and row not in endings.matched,
        tokens=tuple(
            ScoredToken(
                decode([token]), logprob, tuple((decode([other]), score) for other, score in top)
            )
            for token, (logprob, top) in zip(token_ids[:n_tokens], scored, strict=False)
        ),
    )
