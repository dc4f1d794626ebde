"""A chat model without a key: it calls the tools that it was given on the first turn, and sums up on the second."""

from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, ToolMessage
from langchain_core.outputs import ChatGeneration, ChatResult


class OfflineModel(BaseChatModel):
    """calls: the tool calls of the first turn, as {"name", "args", "id"}."""

    calls: list[dict[str, Any]]

    @property
    def _llm_type(self) -> str:
        return "offline"

    def bind_tools(self, tools: Any, **kwargs: Any) -> "OfflineModel":
        return self

    def _generate(self, messages: list[BaseMessage], *args: Any, **kwargs: Any) -> ChatResult:
        results = [str(each.content) for each in messages if isinstance(each, ToolMessage)]
        reply = AIMessage("; ".join(results)) if results else AIMessage("", tool_calls=self.calls)
        return ChatResult(generations=[ChatGeneration(message=reply)])
