"""The data marks under the name that prompts of this folder use; made in llm/data_marks.py."""

from __future__ import annotations

from vprog.llm.data_marks import DATA_RULE, mark_data

__all__ = ["DATA_RULE", "mark_data"]
