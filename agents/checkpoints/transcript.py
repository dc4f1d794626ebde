"""Conversations in a thread's state: LangChain messages in any channel, as people said them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from agents.checkpoints.glimpse import Glimpse, Packed, glimpse, type_of, unpacked
from agents.domain import JSON

MESSAGES = 30
"""The newest of a conversation; earlier ones are counted."""
ARGUMENTS = 12
_ARGUMENT = 160
_TEXT = 1500
_ROLES = {
    "human": "person",
    "user": "person",
    "humanmessagechunk": "person",
    "ai": "agent",
    "assistant": "agent",
    "aimessagechunk": "agent",
    "system": "system",
    "developer": "system",
    "tool": "tool",
    "function": "tool",
}
_MODULES = ("langchain_core.messages", "langchain.schema.messages", "langchain_core.load")


@dataclass(frozen=True, slots=True)
class Call:
    """A tool call: "called NAME with ARGUMENT=VALUE". more: arguments that are left out."""

    name: str
    arguments: tuple[tuple[str, Glimpse], ...]
    more: int = 0


@dataclass(frozen=True, slots=True)
class Message:
    """role: person | agent | system | tool, else the stored word. index: its place in the channel.

    status: of a tool's result, "error" where it failed. answers: the name of the tool whose result it is.
    """

    role: str
    name: str | None
    text: Glimpse
    calls: tuple[Call, ...]
    status: str | None
    index: int


@dataclass(frozen=True, slots=True)
class Transcript:
    """The end of one conversation, oldest first. place: the subgraph it is kept in, "" for the graph itself."""

    namespace: str
    checkpoint_id: str
    channel: str
    place: str
    messages: tuple[Message, ...]
    earlier: int


def is_conversation(value: Any) -> bool:
    """Is it a list of messages, or one message? Judged by its last entry: a list may be long."""
    if isinstance(value, list):
        return bool(value) and _is_message(value[-1]) and _is_message(value[0])
    return isinstance(value, Packed) and _is_message(value)


def messages_of(value: Any, most: int = MESSAGES) -> tuple[Message, ...]:
    """The newest messages of a conversation, oldest first."""
    entries = value if isinstance(value, list) else [value]
    first = max(0, len(entries) - most)
    opened = [(first + place, _fields(each)) for place, each in enumerate(entries[first:])]
    names = dict(pair for _, fields in opened for pair in _named(fields))
    return tuple(_message(fields, place, names) for place, fields in opened)


def whole_text(message: JSON) -> str:
    """All that one plain message says: its text, then its calls as data."""
    fields = message if isinstance(message, dict) else {"content": message}
    calls = [{"name": call.get("name"), "args": call.get("args")} for call in _raw_calls(fields)]
    parts = [_words(fields.get("content")), *(json.dumps(call, indent=2, ensure_ascii=False) for call in calls)]
    return "\n\n".join(part for part in parts if part)


def _is_message(value: Any) -> bool:
    module, name = type_of(value)
    if module:
        return module.startswith(_MODULES) and name != "RemoveMessage"
    if not isinstance(value, dict) or "content" not in value:
        return False
    role = value.get("role", value.get("type"))
    return isinstance(role, str) and role.lower() in _ROLES


def _fields(value: Any) -> Mapping[str, Any]:
    opened = unpacked(value)
    return opened if isinstance(opened, dict) else {"content": opened}


def _message(fields: Mapping[str, Any], index: int, names: Mapping[str, str]) -> Message:
    stored = glimpse(fields.get("role") or fields.get("type") or "message", 40).text
    role = _ROLES.get(stored.lower(), stored)
    name = fields.get("name") or (names.get(str(fields.get("tool_call_id"))) if role == "tool" else None)
    status = fields.get("status")
    return Message(
        role=role,
        name=glimpse(name, 80).text if name else None,
        text=glimpse(_words(unpacked(fields.get("content"))), _TEXT),
        calls=tuple(_call(each) for each in _raw_calls(fields)),
        status=glimpse(status, 40).text if isinstance(status, str) else None,
        index=index,
    )


def _words(content: Any) -> str:
    """The text of a message; a block that is no text is named."""
    if content is None or isinstance(content, str):
        return content or ""
    if not isinstance(content, list):
        return glimpse(content).text
    return "\n".join(part for part in (_block(unpacked(each)) for each in content) if part)


def _block(block: Any) -> str:
    if isinstance(block, str):
        return block
    if not isinstance(block, dict):
        return glimpse(block, 80).text
    kind = str(block.get("type", "block"))[:40]
    if kind in ("tool_use", "tool_call", "function_call"):
        return ""  # told as a call
    for name in ("text", "reasoning", "thinking"):
        if isinstance(block.get(name), str):
            return str(block[name])
    return f"({kind.replace('_', ' ')})"


def _raw_calls(fields: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Tool calls in LangChain's form; OpenAI's own form, where a plain message has it, is turned into that."""
    extra = unpacked(fields.get("additional_kwargs"))
    known = fields.get("tool_calls") or (extra.get("tool_calls") if isinstance(extra, dict) else None)
    broken = fields.get("invalid_tool_calls")
    found = [*_dicts(known), *_dicts(broken)]
    return [_of_openai(each) if isinstance(each.get("function"), dict) else each for each in found]


def _dicts(value: Any) -> Iterable[dict[str, Any]]:
    entries = value if isinstance(value, list) else []
    return (each for each in map(unpacked, entries) if isinstance(each, dict))


def _of_openai(call: Mapping[str, Any]) -> Mapping[str, Any]:
    function = call["function"]
    return {"name": function.get("name"), "args": function.get("arguments"), "id": call.get("id")}


def _call(call: Mapping[str, Any]) -> Call:
    arguments = unpacked(call.get("args"))
    if isinstance(arguments, str) and len(arguments) < 100_000:
        try:
            arguments = json.loads(arguments)
        except (ValueError, RecursionError):
            arguments = {"arguments": arguments}
    pairs = list(arguments.items()) if isinstance(arguments, dict) else [("arguments", arguments)] if arguments else []
    shown = tuple((glimpse(name, 60).text, glimpse(value, _ARGUMENT)) for name, value in pairs[:ARGUMENTS])
    return Call(glimpse(call.get("name") or "a tool", 80).text, shown, max(0, len(pairs) - ARGUMENTS))


def _named(fields: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    return ((str(call.get("id")), str(call.get("name"))) for call in _raw_calls(fields) if call.get("id"))
