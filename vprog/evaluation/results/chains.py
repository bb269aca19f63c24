"""V-STaR's two chains: what, when and where asked one after the other, in two orders.

Cases have the groups `chain` and `asks` (what, when or where), and those of one question are
`together`; `what` is asked once for both. A chain's AM and LGM are of the accuracy of what, the
mean temporal IoU of when and the mean IoU of boxes of where; mAM and mLGM are means over chains.

Source: Cheng et al., V-STaR, 2025; eval.py of its repository.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence

from vprog.evaluation.metrics import arithmetic_mean, is_joint_hit, log_geometric_mean
from vprog.evaluation.results.scored_case import ScoredCase

_BOTH = "both"
_MEASURED_AS = {"when": "tiou", "where": "box_iou"}


def chain_metrics(cases: Sequence[ScoredCase]) -> dict[str, float]:
    """The figures of each chain that has all of its three questions; none without chains."""
    what: dict[str, bool] = {}
    parts: defaultdict[str, defaultdict[str, dict[str, float]]] = defaultdict(
        lambda: defaultdict(dict)
    )
    for case in cases:
        chain, asks = case.groups.get("chain", ""), case.groups.get("asks", "")
        row = case.together
        if chain == _BOTH and asks == "what":
            what[row] = case.is_right
        elif asks in _MEASURED_AS and _MEASURED_AS[asks] in case.metrics:
            parts[chain][row][asks] = case.metrics[_MEASURED_AS[asks]]
    metrics: dict[str, float] = {}
    means: list[tuple[float, float]] = []
    for chain, rows in sorted(parts.items()):
        whole = {row: part for row, part in rows.items() if len(part) == 2 and row in what}
        if not chain or not whole:
            continue
        n = len(whole)
        shares = (
            sum(what[row] for row in whole) / n,
            math.fsum(part["when"] for part in whole.values()) / n,
            math.fsum(part["where"] for part in whole.values()) / n,
        )
        am, lgm = arithmetic_mean(*shares), log_geometric_mean(*shares)
        means.append((am, lgm))
        joint = sum(
            what[row] and is_joint_hit(part["when"], part["where"]) for row, part in whole.items()
        )
        metrics |= {
            f"AM, {chain}": am,
            f"LGM, {chain}": lgm,
            f"what, when and where, {chain}": joint / n,
        }
    if len(means) > 1:
        metrics["mAM"] = math.fsum(am for am, _ in means) / len(means)
        metrics["mLGM"] = math.fsum(lgm for _, lgm in means) / len(means)
    return metrics
