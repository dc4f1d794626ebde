"""A plan with options: approve, reject, or say what should be different.

signoff start plan_review --input '{"task": "Move the website to the new server"}'
"""

from typing import Literal, TypedDict

from langgraph.graph import END, START, StateGraph
from langgraph.types import Command, interrupt


class State(TypedDict, total=False):
    task: str
    wish: str
    plan: list[str]
    done: list[str]


def make_plan(state: State) -> State:
    steps = ["Copy the files", "Switch the name over", "Turn the old server off"]
    return {"plan": [*steps, f"Mind this: {state['wish']}"] if state.get("wish") else steps}


def review_plan(state: State) -> Command[Literal["make_plan", "carry_out", "__end__"]]:
    answer = interrupt(
        {"question": "Approve this plan?", "plan": state["plan"], "options": ["approve", "reject", "modify"]}
    )
    if answer == "approve":
        return Command(goto="carry_out")
    if answer == "reject":
        return Command(goto=END)
    return Command(goto="make_plan", update={"wish": answer.removeprefix("modify:").strip()})


def carry_out(state: State) -> State:
    return {"done": state["plan"]}


graph = (
    StateGraph(State)
    .add_node("make_plan", make_plan)
    .add_node("review_plan", review_plan)
    .add_node("carry_out", carry_out)
    .add_edge(START, "make_plan")
    .add_edge("make_plan", "review_plan")
    .add_edge("carry_out", END)
    .compile()
)
