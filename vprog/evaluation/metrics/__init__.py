"""The metrics that benchmarks of the field report, each with its formula and its traps."""

from vprog.evaluation.metrics.answers import accuracy, accuracy_of_sets, mean_accuracy_of_groups
from vprog.evaluation.metrics.chain import arithmetic_mean, is_joint_hit, log_geometric_mean
from vprog.evaluation.metrics.spatial import box_iou, video_iou
from vprog.evaluation.metrics.temporal import (
    evidence_purity,
    merged,
    recall_at,
    temporal_iop,
    temporal_iou,
    total_length,
)

__all__ = [
    "accuracy",
    "accuracy_of_sets",
    "arithmetic_mean",
    "box_iou",
    "evidence_purity",
    "is_joint_hit",
    "log_geometric_mean",
    "mean_accuracy_of_groups",
    "merged",
    "recall_at",
    "temporal_iop",
    "temporal_iou",
    "total_length",
    "video_iou",
]
