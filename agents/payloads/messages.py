"""A list of chat messages as who said what; LangChain's messages and plain role/content pairs alike."""

from __future__ import annotations

import json
from collections.abc import Mapping

from agents.domain import JSON
from agents.payloads.wording import label

_WHO = {
    "human": "Person",
    "user": "Person",
    "ai": "Agent",
    "assistant": "Agent",
    "system": "Instructions",
    "developer": "Instructions",
    "tool": "Tool",
    "function": "Tool",
}


def spoken(value: JSON) -> tuple[tuple[str, str], ...]:
    """(who, what) of each message; () when this is not a list of messages."""
    if not isinstance(value, list) or not value or not all(_is_message(each) for each in value):
        return ()
    return tuple((_who(each), _what(each)) for each in value)


def _is_message(value: JSON) -> bool:
    return isinstance(value, Mapping) and "content" in value and isinstance(value.get("type") or value.get("role"), str)


def _who(message: Mapping[str, JSON]) -> str:
    kind = str(message.get("type") or message.get("role"))
    who = _WHO.get(kind.lower().removesuffix("messagechunk").removesuffix("message"), label(kind))
    name = message.get("name")
    return f"{who} ({name})" if isinstance(name, str) and name else who


def _what(message: Mapping[str, JSON]) -> str:
    """The text, then each tool call as its name and arguments."""
    calls = message.get("tool_calls")
    made = [_call(each) for each in calls if isinstance(each, Mapping)] if isinstance(calls, list) else []
    return "\n".join(part for part in (_text(message["content"]), *made) if part) or "(nothing)"


def _text(content: JSON) -> str:
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return "\n".join(_text(part.get("text", part) if isinstance(part, Mapping) else part) for part in content)
    return "" if content is None else json.dumps(content, ensure_ascii=False)


def _call(call: Mapping[str, JSON]) -> str:
    return f"calls {call.get('name')} with {json.dumps(call.get('args'), ensure_ascii=False)}"
