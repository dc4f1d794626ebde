"""LangChain's HumanInTheLoopMiddleware: the agent's tool calls are held, all of a turn in one question.

signoff start agent_batched --input '{"messages": [{"role": "user", "content": "Tidy up after order 1005"}]}'

This example needs the package `langchain`.
"""

from langchain.agents import create_agent
from langchain.agents.middleware import HumanInTheLoopMiddleware
from langchain_core.tools import tool
from offline_model import OfflineModel


@tool
def refund_order(order: int, amount: float) -> str:
    """Pay an order back."""
    return f"Refunded {amount} for order {order}"


@tool
def write_customer(to: str, text: str) -> str:
    """Write to a customer."""
    return f"Wrote to {to}: {text}"


model = OfflineModel(
    calls=[
        {"name": "refund_order", "args": {"order": 1005, "amount": 40.0}, "id": "call-1"},
        {"name": "write_customer", "args": {"to": "ada@example.com", "text": "Your money is back."}, "id": "call-2"},
    ]
)

graph = create_agent(
    model,
    [refund_order, write_customer],
    middleware=[
        HumanInTheLoopMiddleware(
            interrupt_on={"refund_order": {"allowed_decisions": ["approve", "edit", "reject"]}, "write_customer": True}
        )
    ],
)
