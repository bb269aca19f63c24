"""The names of OpenTelemetry's conventions for generative AI that traces are exported under.

They stand in this one table: the conventions are still in development, and names change.
"""

from __future__ import annotations

from enum import StrEnum

SEMCONV = "1.44.0"
"""The version of the semantic conventions that the names below are of."""
SCHEMA_URL = f"https://opentelemetry.io/schemas/{SEMCONV}"

INVOKE_AGENT, EXECUTE_TOOL, CHAT = "invoke_agent", "execute_tool", "chat"
"""What a span does: its `gen_ai.operation.name`."""


class GenAi(StrEnum):
    """Keys of attributes."""

    OPERATION = "gen_ai.operation.name"
    AGENT = "gen_ai.agent.name"
    AGENT_VERSION = "gen_ai.agent.version"
    CONVERSATION = "gen_ai.conversation.id"
    TOOL = "gen_ai.tool.name"
    TOOL_TYPE = "gen_ai.tool.type"
    TOOL_CALL = "gen_ai.tool.call.id"
    ARGUMENTS = "gen_ai.tool.call.arguments"
    RESULT = "gen_ai.tool.call.result"
    MODEL = "gen_ai.request.model"
    MESSAGES_IN = "gen_ai.input.messages"
    MESSAGES_OUT = "gen_ai.output.messages"
    TOKENS_IN = "gen_ai.usage.input_tokens"
    TOKENS_OUT = "gen_ai.usage.output_tokens"
    SCORE = "gen_ai.evaluation.score.value"
    ERROR = "error.type"
