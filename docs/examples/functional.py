"""The functional API: tasks in an entrypoint. A finished task keeps its result while the entrypoint waits.

signoff start functional --input '{"topic": "cats"}'
"""

from langgraph.func import entrypoint, task
from langgraph.types import interrupt


@task
def write_essay(topic: str) -> str:
    return f"An essay about {topic}."


@task
def grade(essay: str) -> str:
    return interrupt({"question": "What do you think of the essay?", "essay": essay})


@entrypoint()
def graph(given: dict) -> dict:
    essay = write_essay(given["topic"]).result()
    return {"essay": essay, "review": grade(essay).result()}
