"""A sample of a batch: one result is judged before the rest is done: "continue", "stop", or what is wrong with it.

signoff start sample_check --input '{"rows": ["I was charged twice", "The app crashes", "Please delete my account"]}'
"""

from typing import Literal, TypedDict

from langgraph.graph import END, START, StateGraph
from langgraph.types import Command, interrupt


class State(TypedDict, total=False):
    rows: list[str]
    problem: str
    results: list[str]


def label(row: str, problem: str) -> str:
    return f"{row.split()[-1].lower()}{f' ({problem})' if problem else ''}"


def try_first(state: State) -> State:
    return {"results": [label(state["rows"][0], state.get("problem", ""))]}


def judge(state: State) -> Command[Literal["try_first", "do_the_rest", "__end__"]]:
    answer = interrupt(
        {
            "type": "quality_check",
            "message": f"The first of {len(state['rows'])} rows is done",
            "sample_input": state["rows"][0],
            "sample_output": state["results"][0],
            "question": "Is this result good?",
        }
    )
    if answer == "continue":
        return Command(goto="do_the_rest")
    if answer == "stop" or answer.startswith("stop: "):
        return Command(goto=END)
    return Command(goto="try_first", update={"problem": answer})


def do_the_rest(state: State) -> State:
    return {"results": [label(row, state.get("problem", "")) for row in state["rows"]]}


graph = (
    StateGraph(State)
    .add_node("try_first", try_first)
    .add_node("judge", judge)
    .add_node("do_the_rest", do_the_rest)
    .add_edge(START, "try_first")
    .add_edge("try_first", "judge")
    .add_edge("do_the_rest", END)
    .compile()
)
