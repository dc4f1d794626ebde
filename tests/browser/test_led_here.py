"""What led to a question, in a real browser; and types that a person trusts so that the answer goes out."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from langchain_core.messages import HumanMessage
from langgraph.checkpoint.sqlite import SqliteSaver

from tests.browser.conftest import Reviewer, running
from tests.checkpoints.test_context import rich
from tests.checkpoints.threads import Threads
from tests.desk_process import DeskProcess
from tests.projects import project_in, run_project

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskProcess]:
    home = tmp_path_factory.mktemp("desk")
    project = home / "project"
    project.mkdir()
    config = project_in(project)
    with closing(sqlite3.connect(home / "checkpoints.sqlite", check_same_thread=False)) as connection:
        threads = Threads(rich, SqliteSaver(connection))
        threads.run({"messages": [HumanMessage("Where is my order? <b>Ann</b>")]}, "ann", graph_id="rich")
    run_project(project, home / "checkpoints.sqlite", "orders", "order")
    with running(home, SIGNOFF_GRAPHS=str(config), SIGNOFF_UNDO_SECONDS="0") as started:
        yield started


def test_the_conversation_and_the_steps_are_there_when_they_are_opened(reviewer: Reviewer) -> None:
    reviewer.open("ann")
    assert reviewer.page.locator(".so-talk").count() == 0
    reviewer.page.get_by_text("What led here").click()
    reviewer.page.locator(".so-talk").wait_for()
    said = reviewer.page.locator(".so-said").all_inner_texts()
    assert said[0] == "Person\nWhere is my order? <b>Ann</b>"
    assert "called send_email with to=ann@example.org, subject=“Hello there”, n=3" in said[1]
    assert said[2].startswith("Tool send_email failed")
    steps = reviewer.page.locator(".so-step").all_inner_texts()
    assert [step.splitlines()[0].split(" ran")[0] for step in steps[1:]] == ["plan", "tools", "each"]
    assert re.search(r"draft\s+one\s+two", steps[2])


def test_types_are_trusted_and_the_answer_goes_out(page: Page, reviewer: Reviewer) -> None:
    reviewer.open("order")
    reviewer.sees("After your answer “send” goes next.")
    page.get_by_role("radio", name="yes").click()
    page.locator("[class*=st-key-main-] button").click()
    reviewer.sees("This thread holds types that the desk does not know")
    reviewer.sees(re.compile("code of that module runs"))
    reviewer.button(re.compile("^Trust these 4 types for graph orders and send the answer again"))
    reviewer.sees("Sent order 7, 3.5 to High Street.")
    reviewer.sees("You answered this")
    assert page.get_by_text("You were still writing").count() == 0
