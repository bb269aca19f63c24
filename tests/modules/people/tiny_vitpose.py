"""A tiny ViTPose with random weights, saved as `save_pretrained` saves it."""

from __future__ import annotations

from pathlib import Path

SIZE_HW = (64, 48)


def save_tiny_vitpose(folder: Path, *, n_points: int = 17, n_experts: int = 1) -> Path:
    """ViTPose over 64 x 48 pixels; with several experts ViTPose+."""
    import torch
    from transformers import VitPoseBackboneConfig, VitPoseConfig, VitPoseForPoseEstimation
    from transformers.models.vitpose.image_processing_pil_vitpose import VitPoseImageProcessorPil

    torch.manual_seed(0)
    backbone = VitPoseBackboneConfig(
        image_size=SIZE_HW,
        patch_size=(16, 16),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_experts=n_experts,
        part_features=8,
        out_indices=[2],
    )
    config = VitPoseConfig(backbone_config=backbone, num_labels=n_points)
    model = VitPoseForPoseEstimation(config)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(3.0)  # weights of the usual size say the same to everything
    model.save_pretrained(folder)
    height, width = SIZE_HW
    VitPoseImageProcessorPil(size={"height": height, "width": width}).save_pretrained(folder)
    return folder
