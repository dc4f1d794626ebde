"""Graphs of somebody's own in a real browser: chosen for a thread, mended, started by a form, in their own process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.conftest import Reviewer, running
from tests.desk_process import DeskProcess
from tests.test_belonging import ask, text_of
from tests.threads.projects import GRAPH, desk_on, project

pytestmark = [pytest.mark.browser, pytest.mark.slow]

REPORT = """
from typing import Literal

import agents.words

class Wanted(TypedDict, total=False):
    topic: str
    depth: int
    tone: Literal["plain", "formal"]
    outcome: dict


def publish(state):
    said = interrupt({"question": f"{agents.words.VERB} {state['topic']}, {state['depth'] + 1} deep?"})
    return {"outcome": {"status": "done", "text": f"Published: {said}"}}


graph = StateGraph(Wanted)
graph.add_node("publish", publish)
graph.add_edge(START, "publish")
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("theirs")
    names = ("first", "second", "third", "broken")
    files = {f"{name}.py": text_of("other" if name == "third" else "ask", name) for name in names[:3]}
    files |= {"broken.py": "import no_such_library", "agents/__init__.py": "", "agents/words.py": "VERB = 'Publish'"}
    files["agents/report.py"] = GRAPH + REPORT
    graphs = {name: f"./{name}.py:graph" for name in names} | {"report": "./agents/report.py:graph"}
    project(folder, graphs, files)
    return folder


@pytest.fixture(scope="module")
def desk(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskProcess]:
    home = tmp_path_factory.mktemp("home")
    made = desk_on(home, folder / "langgraph.json")
    ask(made, "unlabelled")
    ask(made, "of-broken", graph_id="broken")
    made.close()
    with running(home, SIGNOFF_GRAPHS=str(folder / "langgraph.json")) as started:
        yield started


def test_a_person_chooses_the_graph_and_the_thread_goes_on(reviewer: Reviewer) -> None:
    reviewer.open("unlabelled")
    reviewer.sees("nobody has said yet which graph it belongs to")
    reviewer.sees("first, second: All steps of this thread are there.")
    assert reviewer.page.get_by_role("radio", name="broken").count() == 0
    reviewer.sees("third, report: No step “ask”, which this thread has.")
    reviewer.page.get_by_text("second", exact=True).click()
    reviewer.button("It belongs to second")
    reviewer.sees("Which graph this thread belongs to")
    reviewer.page.get_by_role("textbox", name="Your answer").fill("yes")
    reviewer.button("Send the answer")
    reviewer.sees("What was decided on")
    reviewer.go("history", thread="unlabelled")
    reviewer.sees("said that this thread belongs to graph second")


def test_a_graph_that_does_not_load_says_why_and_keeps_what_was_typed(reviewer: Reviewer, folder: Path) -> None:
    reviewer.open("of-broken")
    reviewer.sees("it imports no_such_library, which is not installed where Signoff runs")
    answer = reviewer.page.get_by_role("textbox", name="Your answer")
    answer.fill("my long answer")
    reviewer.button("Send the answer")
    reviewer.sees("Not accepted. This thread can be read, but not resumed.")
    (folder / "broken.py").write_text(text_of("ask", "mended"))
    reviewer.button("Try loading broken again")
    reviewer.page.get_by_text("can be read, but not resumed").first.wait_for(state="detached")
    assert answer.input_value() == "my long answer"
    reviewer.button("Send the answer")
    reviewer.sees("What was decided on")


def test_a_graph_in_its_own_process_is_started_by_a_form(reviewer: Reviewer) -> None:
    reviewer.go("start", graph="report")
    reviewer.page.get_by_role("textbox", name="Topic (optional)").fill("cats")
    reviewer.page.get_by_role("spinbutton", name="Depth (optional)").fill("4")
    reviewer.page.get_by_role("spinbutton", name="Depth (optional)").press("Tab")
    reviewer.page.get_by_text("formal", exact=True).click()
    reviewer.button("Start")
    reviewer.sees("Publish cats, 5 deep?")
    reviewer.page.get_by_role("textbox", name="Your answer").fill("go")
    reviewer.button("Send the answer")
    reviewer.sees("Published: go")
