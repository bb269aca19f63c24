"""Fixtures shared by all tests, and which of them are quick."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests.asking import (  # noqa: F401
    ask,
    cache_folder,
    clip,
    home,
    other_clip,
    registry,
    runtime,
)
from tests.real_media import MediaFolder

HERE = Path(__file__).resolve().parent


@pytest.fixture(scope="session")
def media_dir() -> MediaFolder:
    """Real videos, sound and text with known truth: see real_media.py."""
    return MediaFolder()


NOT_QUICK = (
    "cli/test_audit.py",
    "cli/test_batch.py",
    "cli/test_calibrate.py",
    "cli/test_eval.py",
    "cli/test_export.py",
    "cli/test_index_folder.py",
    "cli/test_main.py",
    "cli/test_models.py",
    "cli/test_modules.py",
    "cli/test_replay.py",
    "cli/test_run.py",
    "cli/test_serve.py",
    "cli/test_run_models.py",
    "cli/test_solve.py",
    "cli/test_trace.py",
    "evaluation/audit/test_audit_run.py",
    "evaluation/worlds/test_worlds_folder.py",
    "examples/test_notebook.py",
    "examples/test_scripts.py",
    "examples/test_skill.py",
    "execute/test_broker_masks.py",
    "execute/test_changed_files.py",
    "execute/test_executor.py",
    "execute/test_read_ahead.py",
    "execute/test_read_ahead_corpus.py",
    "llm/test_openai.py",
    "media/test_audio.py",
    "media/test_index.py",
    "media/test_memory.py",
    "media/test_pyav_reader.py",
    "media/test_reader.py",
    "media/test_window.py",
    "modules/colour/test_measure_brightness_luma.py",
    "modules/frames/test_sample_frames_even.py",
    "modules/motion/test_track_moving_opencv.py",
    "modules/objects/test_detect_nanodet.py",
    "modules/objects/test_detect_transformers.py",
    "modules/objects/test_detect_yolo.py",
    "modules/objects/test_estimate_depth_anything.py",
    "modules/objects/test_match_identity_dinov2.py",
    "modules/objects/test_track_nanodet.py",
    "modules/people/test_detect_hog.py",
    "modules/people/test_faces.py",
    "modules/people/test_track_hog.py",
    "modules/retrieval/test_frame_index.py",
    "modules/retrieval/test_picture_text_encoder.py",
    "modules/retrieval/test_retrieval_open_clip.py",
    "modules/retrieval/test_retrieval_transformers.py",
    "modules/segmentation/test_segment_at_sam.py",
    "modules/segmentation/test_segment_at_sam2.py",
    "modules/segmentation/test_segment_detections.py",
    "modules/shots/test_find_shots_opencv.py",
    "modules/sound/test_find_sounds_ast.py",
    "modules/speech/test_find_speech_voice.py",
    "modules/speech/test_transcribe_pocketsphinx.py",
    "modules/speech/test_transcribe_whisper.py",
    "modules/speech/test_whisper_module.py",
    "modules/text/test_find_text_rapid.py",
    "modules/text/test_read_text_rapid.py",
    "modules/vlm/test_form_reply.py",
    "modules/vlm/test_look_transformers.py",
    "modules/vlm/test_vlm_server.py",
    "program/test_honest.py",
    "program/test_machine.py",
    "prompt/test_extract.py",
    "prompt/test_program_prompt.py",
    "prompt/test_solved_examples.py",
    "real/test_cases.py",
    "registry/test_skeleton.py",
    "reliability/test_caches.py",
    "reliability/test_fuzzed_media.py",
    "reliability/test_hostile_modules.py",
    "reliability/test_kills.py",
    "reliability/test_laundering.py",
    "reliability/test_programs.py",
    "reliability/test_server_replies.py",
    "reliability/test_subtitles.py",
    "reliability/test_traces.py",
    "replays/test_recorded_run.py",
    "replays/test_recorded_run_result.py",
    "replays/test_repeat_difference.py",
    "replays/test_repeat_unchanged.py",
    "replays/test_replay_run.py",
    "reliability/test_rules.py",
    "rules/test_every_kind.py",
    "rules/test_rule_writer.py",
    "jail/test_jail.py",
    "jail/test_launcher.py",
    "sandbox/test_hostile.py",
    "sandbox/test_session.py",
    "service/test_mcp_server.py",
    "service/test_service.py",
    "solver/test_engine.py",
    "solver/test_injection.py",
    "solver/test_language_model.py",
    "solver/test_many.py",
    "solver/test_modes.py",
    "solver/test_paths.py",
    "solver/test_plan.py",
    "solver/test_run_handle.py",
    "solver/test_solver.py",
    "strategies/test_adjust.py",
    "strategies/test_browse.py",
    "strategies/test_catalog.py",
    "strategies/test_example_refinement.py",
    "strategies/test_examples.py",
    "strategies/test_fast.py",
    "strategies/test_magnify.py",
    "strategies/test_observe.py",
    "strategies/test_option_by_option.py",
    "strategies/test_option_grounding.py",
    "strategies/test_params.py",
    "strategies/test_program.py",
    "strategies/test_react.py",
    "strategies/test_read_cells.py",
    "strategies/test_reason.py",
    "strategies/test_recognise.py",
    "strategies/test_refine.py",
    "strategies/test_refine_examples.py",
    "strategies/test_route.py",
    "strategies/test_sparse_to_dense.py",
    "strategies/test_symbolic_memory.py",
    "strategies/test_tree.py",
    "strategies/test_tree_on_real_video.py",
    "strategies/test_tree_search.py",
    "strategies/test_unsure.py",
    "strategies/test_video_text.py",
    "strategies/test_vlm_cells.py",
    "strategies/test_vote.py",
    "strategies/test_anchors.py",
    "strategies/test_global_detail.py",
    "strategies/test_ground_first.py",
    "strategies/test_resample.py",
    "strategies/test_score_frames.py",
    "strategies/test_vlm_rounds.py",
    "strategies/test_crop_vote.py",
    "strategies/test_find_and_zoom.py",
    "strategies/test_frame_actions.py",
    "strategies/test_time_search.py",
    "strategies/test_any_horizon.py",
    "strategies/test_only_past.py",
    "strategies/test_two_candidates.py",
    "strategies/test_verify.py",
    "strategies/test_zoom.py",
    "test_floors.py",
    "testing/test_kit.py",
    "testing/test_shipped.py",
    "service/viewer/test_viewer.py",
    "cli/test_view.py",
    "view/html/test_player.py",
    "view/exports/test_export_mp4.py",
    "view/exports/test_export_rrd.py",
)
"""Files of tests that take seconds: processes of their own, real models, long clips."""


def pytest_configure() -> None:
    """Take Ctrl-C also where a shell started the tests in the background, which ignores it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark as `quick` what is not listed above and not marked `slow` by itself."""
    for item in items:
        listed = item.path.relative_to(HERE).as_posix() in NOT_QUICK
        if not listed and item.get_closest_marker("slow") is None:
            item.add_marker("quick")
