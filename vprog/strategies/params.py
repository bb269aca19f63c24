"""`params`: one program, run again with other values for its modules; the surest is kept."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import islice

from vprog.runs.attempt import Attempt
from vprog.runs.combinators import best, gather
from vprog.runs.model_requests import write_whole
from vprog.runs.workspace import Workspace
from vprog.strategies.params_variants import variants_of
from vprog.trace.event import Warned

MOST = 6
"""Variants that are run beside the program as written."""


def solve(workspace: Workspace) -> Attempt:
    """The variant whose answer is worth most; the program as written among equals.

    Values come from the grids that modules declare, else from their bounds
    (params_variants.py).
    Variants share the cache, so that calls which do not change are not made again.

    The highest of several scores is higher than any one; the trace says so. The score that
    the result carries is that of the kept answer, times the share of the variants' weight
    which agrees with it. Confidence is read off a map of such scores, taken after the
    maximum: `vprog calibrate --strategy params` asks its questions by this strategy, and its
    map holds for no other.

    Source: FS-VisPR (2025): parameter search; its grids are not published.
    """
    written = write_whole(workspace)
    if not written.is_answered:
        return written
    signatures = {name: each.signature for name, each in workspace.run.runtime.modules.items()}
    variants = list(islice(variants_of(written.cells[-1].text, signatures), MOST))
    ways: list[Callable[[], Attempt]] = [lambda: written]
    ways += [
        partial(workspace.run_whole, variant.source, note=variant.change) for variant in variants
    ]
    tried = gather(ways, enough=lambda _: False)
    answered = [each for each in tried if each.is_answered]
    found = best(answered, score=lambda each: each.reward.value)
    # How many of the variants agree with it; most may have given another answer.
    workspace.vote(answered)
    if len(answered) > 1:
        workspace.run.recorder.write(
            Warned(text=f"the answer is the surest of {len(answered)}, by variants of one program")
        )
    return found
