"""A tool that asks before it acts: the question comes with the tool, whichever agent calls it.

signoff start tool_that_asks --input '{"messages": [{"role": "user", "content": "Tell Ada that the report is done"}]}'
"""

from langchain_core.messages import AIMessage
from langchain_core.tools import tool
from langgraph.graph import END, START, MessagesState, StateGraph
from langgraph.prebuilt import ToolNode
from langgraph.types import interrupt


@tool
def send_note(to: str, subject: str, body: str) -> str:
    """Send a note to a colleague."""
    answer = interrupt(
        {"action": "send_note", "to": to, "subject": subject, "body": body, "message": "Send this note?"}
    )
    if answer.get("action") != "approve":
        return "The note was not sent."
    return f"Sent to {answer.get('to', to)}: {answer.get('subject', subject)}"


def choose_tool(state: MessagesState) -> dict:
    """A model would choose; this one always sends the same note."""
    asked = str(state["messages"][-1].content)
    args = {"to": "ada@example.com", "subject": "News", "body": asked}
    return {"messages": [AIMessage("", tool_calls=[{"name": "send_note", "args": args, "id": "call-1"}])]}


graph = (
    StateGraph(MessagesState)
    .add_node("choose_tool", choose_tool)
    .add_node("tools", ToolNode([send_note]))
    .add_edge(START, "choose_tool")
    .add_edge("choose_tool", "tools")
    .add_edge("tools", END)
    .compile()
)
