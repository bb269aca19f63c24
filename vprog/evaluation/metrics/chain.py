"""What, when and where together: AM and LGM of V-STaR, and the joint hit."""

from __future__ import annotations

import math

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
