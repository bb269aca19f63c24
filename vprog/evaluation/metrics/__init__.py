"""The metrics that benchmarks of the field report, each with its formula and its traps."""

from vprog.evaluation.metrics.accuracy import accuracy, accuracy_of_sets, mean_accuracy_of_groups
from vprog.evaluation.metrics.chain import (
    ChainQuestion,
    arithmetic_mean,
    chain_metrics,
    is_joint_hit,
    log_geometric_mean,
)
from vprog.evaluation.metrics.masks import contour_accuracy, j_and_f, region_similarity
from vprog.evaluation.metrics.reasoning_steps import (
    StepScore,
    edit_distance,
    label_steps,
    manipulation_score,
    mean_step_score,
    order_score,
    step_score,
    success_by_step,
    success_of_first,
)
from vprog.evaluation.metrics.spatial import box_iou, gold_frame_iou, video_iou
from vprog.evaluation.metrics.temporal import (
    evidence_purity,
    merged,
    recall_at,
    temporal_iop,
    temporal_iou,
    total_length,
)

__all__ = [
    "ChainQuestion",
    "StepScore",
    "accuracy",
    "accuracy_of_sets",
    "arithmetic_mean",
    "box_iou",
    "chain_metrics",
    "contour_accuracy",
    "edit_distance",
    "evidence_purity",
    "gold_frame_iou",
    "is_joint_hit",
    "j_and_f",
    "label_steps",
    "log_geometric_mean",
    "manipulation_score",
    "mean_accuracy_of_groups",
    "mean_step_score",
    "merged",
    "order_score",
    "recall_at",
    "region_similarity",
    "step_score",
    "success_by_step",
    "success_of_first",
    "temporal_iop",
    "temporal_iou",
    "total_length",
    "video_iou",
]
