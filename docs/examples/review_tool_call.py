"""Review a tool call by hand: run it, run it with other arguments, or tell the model what is wrong with it.

signoff start review_tool_call --input '{"city": "Oslo"}'
"""

from typing import Literal, TypedDict

from langgraph.graph import END, START, StateGraph
from langgraph.types import Command, interrupt


class State(TypedDict, total=False):
    city: str
    tool_call: dict
    feedback: str | None
    result: str


def call_model(state: State) -> State:
    """A model would choose the call; this one asks for the weather, and in fewer days once it was told to."""
    days = 3 if state.get("feedback") else 7
    return {"tool_call": {"name": "weather", "args": {"city": state["city"], "days": days}}}


def review_call(state: State) -> Command[Literal["call_model", "run_tool"]]:
    call = state["tool_call"]
    answer = interrupt({"question": "Is this call right?", "tool_call": call})
    if answer["action"] == "continue":
        return Command(goto="run_tool")
    if answer["action"] == "update":
        return Command(goto="run_tool", update={"tool_call": {**call, "args": answer["data"]}})
    return Command(goto="call_model", update={"feedback": answer["data"]})


def run_tool(state: State) -> State:
    args = state["tool_call"]["args"]
    return {"result": f"Rain in {args['city']} for {args['days']} days."}


graph = (
    StateGraph(State)
    .add_node("call_model", call_model)
    .add_node("review_call", review_call)
    .add_node("run_tool", run_tool)
    .add_edge(START, "call_model")
    .add_edge("call_model", "review_call")
    .add_edge("run_tool", END)
    .compile()
)
