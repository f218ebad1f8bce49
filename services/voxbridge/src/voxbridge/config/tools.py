"""A bot's tools in the function format of language models."""

from __future__ import annotations

from typing import Any

Document = dict[str, Any]
_BUILTIN_ORDER = ("end_call", "transfer_call", "detected_voicemail", "send_dtmf", "collect_digits")
_RUNTIME = (
    "has_api", "timing", "hold_message_intent", "method", "url", "headers", "query_params", "body_template",
    "timeout_seconds", "guidance",
)  # fmt: skip


def has_target(bot: Document) -> bool:
    return any(target.get("enabled", True) for target in bot.get("transfer_targets") or []) or bool(
        bot.get("transfer_numbers")
    )


def _is_on(name: str, setting: Document, bot: Document) -> bool:
    enabled = setting.get("enabled")
    return has_target(bot) if enabled is None and name == "transfer_call" else bool(enabled)


def tool_list(bot: Document) -> list[Document]:
    """Enabled built-ins by their reserved names, then custom tools; their templates stay as they are written."""
    tools: list[Document] = []
    settings = bot.get("builtin_tools") or {}
    for name in _BUILTIN_ORDER:
        setting = settings.get(name) or ({"enabled": None} if name == "transfer_call" else {})
        if _is_on(name, setting, bot):
            tools.append(_function(name, setting.get("description") or ""))
    if bot.get("knowledge_enabled"):
        tools.append(_function("search_knowledge", bot.get("knowledge_trigger_instructions") or ""))
    for tool in bot.get("custom_tools") or []:
        runtime = {key: tool[key] for key in _RUNTIME if key in tool}
        tools.append(
            _function(tool["name"], tool.get("description") or "", _schema(tool.get("parameters") or []))
            | {"runtime": runtime}
        )
    return tools


def _function(name: str, description: str, parameters: Document | None = None) -> Document:
    empty = {"type": "object", "properties": {}, "required": []}
    return {
        "type": "function",
        "function": {"name": name, "description": description, "parameters": parameters or empty},
    }


def _schema(parameters: list[Document]) -> Document:
    """Declared parameters as JSON schema."""
    properties: Document = {}
    for parameter in parameters:
        entry: Document = {"type": parameter.get("type") or "string", "description": parameter.get("description") or ""}
        if parameter.get("enum"):
            entry["enum"] = parameter["enum"]
        properties[parameter["name"]] = entry
    return {
        "type": "object",
        "properties": properties,
        "required": [parameter["name"] for parameter in parameters if parameter.get("required")],
    }
