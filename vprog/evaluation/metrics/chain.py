"""What, when and where together: AM and LGM of V-STaR, the joint hit, and its two chains."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from typing import Literal, NamedTuple

_MOST = 1.0 - 1e-9
"""At 1.0 the logarithm has no value; the published code fails there."""


def arithmetic_mean(what: float, when: float, where: float) -> float:
    """AM: the mean of accuracy, temporal IoU and the IoU of boxes (`gold_frame_iou`).

        AM = (Acc + m_tIoU + m_vIoU) / 3

    Example:
        >>> round(arithmetic_mean(0.6, 0.3, 0.0), 6)
        0.3

    Source: Cheng et al., V-STaR, 2025.
    """
    return math.fsum((what, when, where)) / 3


def log_geometric_mean(what: float, when: float, where: float) -> float:
    """LGM: the mean of minus the logarithms of what is missing; large where all three are good.

        LGM = -(ln(1 - Acc) + ln(1 - m_tIoU) + ln(1 - m_vIoU)) / 3

    The trap: ln(0) at a perfect 1.0; the shares are held below it, so that the most is 20.7.

    Raises:
        ValueError: a share is not in [0, 1].

    Example:
        >>> round(log_geometric_mean(0.5, 0.5, 0.5), 4)
        0.6931

    Source: Cheng et al., V-STaR, 2025; `eval.py` of its repository.
    """
    shares = (what, when, where)
    if not all(0.0 <= share <= 1.0 for share in shares):
        raise ValueError(f"log_geometric_mean: shares must be in [0, 1], got {shares}.")
    return abs(math.fsum(-math.log(1.0 - min(share, _MOST)) for share in shares)) / 3


def is_joint_hit(when: float, where: float, *, tiou: float = 0.3, viou: float = 0.1) -> bool:
    """Whether one answer is grounded in time and in the picture.

    Source: V-STaR's thresholds, tIoU >= 0.3 and vIoU >= 0.1.
    """
    return when >= tiou and where >= viou


class ChainQuestion(NamedTuple):
    """One question of a chain.

    Attributes:
        row: what it belongs to: of each row there is one `what`, and one `when` and one `where`
            in every chain.
        chain: its name; of `what` any, for it is asked once for all chains.
        value: 1.0 for a right `what`; the temporal IoU of `when`; the IoU of boxes of `where`.
    """

    row: str
    chain: str
    asks: Literal["what", "when", "where"]
    value: float


def chain_metrics(questions: Iterable[ChainQuestion]) -> dict[str, float]:
    """AM, LGM and joint hits of each chain, and mAM and mLGM, the means over chains.

    Rows that lack one of their three questions in a chain do not count there.

    Source: Cheng et al., V-STaR, 2025; `eval.py` of its repository.
    """
    what: dict[str, float] = {}
    parts: defaultdict[str, defaultdict[str, dict[str, float]]] = defaultdict(
        lambda: defaultdict(dict)
    )
    for question in questions:
        if question.asks == "what":
            what[question.row] = question.value
        else:
            parts[question.chain][question.row][question.asks] = question.value
    metrics: dict[str, float] = {}
    means: list[tuple[float, float]] = []
    for chain, rows in sorted(parts.items()):
        whole = [
            (what[row], part["when"], part["where"])
            for row, part in rows.items()
            if len(part) == 2 and row in what
        ]
        if not whole:
            continue
        n = len(whole)
        shares = [math.fsum(values) / n for values in zip(*whole, strict=True)]
        means.append((arithmetic_mean(*shares), log_geometric_mean(*shares)))
        metrics[f"AM, {chain}"], metrics[f"LGM, {chain}"] = means[-1]
        joint = sum(right == 1.0 and is_joint_hit(when, where) for right, when, where in whole)
        metrics[f"what, when and where, {chain}"] = joint / n
    if len(means) > 1:
        metrics["mAM"] = math.fsum(am for am, _ in means) / len(means)
        metrics["mLGM"] = math.fsum(lgm for _, lgm in means) / len(means)
    return metrics
