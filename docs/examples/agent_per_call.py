"""The same middleware, one question per tool call: each held call is a question of its own.

signoff start agent_per_call --input '{"messages": [{"role": "user", "content": "Take the old servers down"}]}'

This example needs the package `langchain`.
"""

from langchain.agents import create_agent
from langchain.agents.middleware import HumanInTheLoopMiddleware
from langchain_core.tools import tool
from offline_model import OfflineModel


@tool
def stop_server(name: str, grace_seconds: int) -> str:
    """Stop a server."""
    return f"Stopped {name} after {grace_seconds} s"


model = OfflineModel(
    calls=[
        {"name": "stop_server", "args": {"name": "db-1", "grace_seconds": 60}, "id": "call-1"},
        {"name": "stop_server", "args": {"name": "web-7", "grace_seconds": 5}, "id": "call-2"},
    ]
)

graph = create_agent(
    model,
    [stop_server],
    middleware=[HumanInTheLoopMiddleware(interrupt_on={"stop_server": True}, interrupt_mode="per_call")],
)
