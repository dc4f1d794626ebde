"""The graphs of docs/examples/ in a real browser: started, found in the inbox, answered by hand, their end as promised."""

from __future__ import annotations

import re
import shlex
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Locator

from agents.__main__ import main
from agents.desk import Desk, open_desk
from agents.settings import load_settings
from tests.browser.conftest import KEYS_READY, Reviewer, running
from tests.desk_process import DeskProcess
from tests.examples import BY_ID, CONFIG

Act = Callable[[Reviewer], None]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskProcess]:
    """One desk for all examples, on the langgraph.json of the documents."""
    with running(tmp_path_factory.mktemp("desk"), SIGNOFF_GRAPHS=str(CONFIG), SIGNOFF_UNDO_SECONDS="0") as started:
        yield started


@pytest.fixture(scope="module")
def looked_at(desk: DeskProcess) -> Iterator[Desk]:
    """The same files, read by the test."""
    opened = open_desk(load_settings(home=desk.home, graphs=CONFIG))
    yield opened
    opened.close()


def started(graph_id: str, desk: DeskProcess, monkeypatch: pytest.MonkeyPatch) -> str:
    """Run the command of the documents; the thread's id."""
    monkeypatch.setenv("SIGNOFF_HOME", str(desk.home))
    monkeypatch.setenv("SIGNOFF_GRAPHS", str(CONFIG))
    thread_id = f"{graph_id}-in-the-browser"
    assert main([*shlex.split(BY_ID[graph_id].command)[1:], "--thread-id", thread_id]) == 0
    return thread_id


def open_from_inbox(reviewer: Reviewer, graph_id: str) -> None:
    """By a click on its row; its title is the graph's name in words."""
    reviewer.go()
    name = graph_id.replace("_", " ").capitalize()
    reviewer.page.get_by_role("link", name=re.compile(name)).first.click()
    ready(reviewer)


def ready(reviewer: Reviewer) -> None:
    reviewer.page.wait_for_url(re.compile("pause="))
    reviewer.page.locator(".st-key-bar").wait_for()
    reviewer.page.wait_for_timeout(KEYS_READY)


def state_with(looked_at: Desk, thread_id: str, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """The thread's state as soon as it is as wanted and nothing waits any more."""
    late = time.monotonic() + 20
    while True:
        found = looked_at.reader().values(thread_id)
        if wanted(found) and not looked_at.pauses(thread_id):
            return found
        assert time.monotonic() < late, found
        time.sleep(0.1)


def option(reviewer: Reviewer, words: str, within: Locator | None = None) -> None:
    (within or reviewer.page).get_by_role("radio", name=words, exact=True).first.click()


def write(reviewer: Reviewer, text: str, field: str = "Your answer") -> None:
    box = reviewer.page.get_by_label(field, exact=True).first
    box.fill(text)
    box.blur()


def send(reviewer: Reviewer, words: str = "Send the answer") -> None:
    reviewer.page.get_by_role("button", name=words).first.click()


def text(words: str) -> Act:
    def act(reviewer: Reviewer) -> None:
        write(reviewer, words)
        send(reviewer)

    return act


def as_json(value: str) -> Act:
    def act(reviewer: Reviewer) -> None:
        option(reviewer, "As JSON")
        write(reviewer, value)
        send(reviewer)

    return act


def choose(words: str) -> Act:
    def act(reviewer: Reviewer) -> None:
        option(reviewer, words)
        send(reviewer)

    return act


def press(button: str) -> Act:
    return lambda reviewer: send(reviewer, button)


def again(*acts: Act) -> Act:
    """The first, then each next one on the question that is asked after it."""

    def act(reviewer: Reviewer) -> None:
        acts[0](reviewer)
        for each in acts[1:]:
            reviewer.page.get_by_role("button", name="Review it now").click()
            ready(reviewer)
            each(reviewer)

    return act


def of_the_agent(reviewer: Reviewer) -> None:
    """Two calls in one question: one runs with another amount, the other does not run."""
    first, second = (reviewer.page.locator(f"[class*='st-key-calls-{number}-']") for number in (0, 1))
    option(reviewer, "Change and run", first)
    amount = first.get_by_label("Amount")
    amount.fill("25")
    amount.blur()
    option(reviewer, "Do not run", second)
    write(reviewer, "Not yet", "Why? (optional; the agent reads it)")
    send(reviewer, "Send 2 decisions")


def of_two_questions(reviewer: Reviewer) -> None:
    for question, answer in (("Legal: may 2.4 go out?", "yes"), ("Security: is 2.4 safe?", "no")):
        option(reviewer, answer, questions(reviewer).filter(has_text=question))
    send(reviewer, "Send 2 answers")


def of_two_calls(reviewer: Reviewer) -> None:
    for server, answer in (("db-1", "Approve and run stop_server"), ("web-7", "Do not run stop_server")):
        option(reviewer, answer, questions(reviewer).filter(has_text=server))
    send(reviewer, "Send 2 answers")


def questions(reviewer: Reviewer) -> Locator:
    """The cards of several questions on one page."""
    return reviewer.page.locator("[class*='st-key-asked-'], [class*='st-key-marked-']")


def of_the_form(reviewer: Reviewer) -> None:
    reviewer.page.get_by_label("Amount").fill("12000")
    option(reviewer, "NOK")
    reviewer.page.get_by_role("spinbutton", name="year, Until").click()
    reviewer.page.keyboard.type("20270331")
    reviewer.page.locator("h1").click()  # closes the calendar
    send(reviewer)


def of_the_inbox_request(reviewer: Reviewer) -> None:
    reviewer.page.get_by_text("Change the arguments").click()
    copies = reviewer.page.get_by_label("Copies")
    copies.fill("2")
    copies.blur()
    send(reviewer, "with my changes")


def of_yes_or_no(reviewer: Reviewer) -> None:
    write(reviewer, "no")
    reviewer.sees(re.compile("“no” goes out as a text"))
    as_json("false")(reviewer)


CLICKS: dict[str, tuple[Act, dict[str, Any]]] = {
    "approve_or_reject": (of_yes_or_no, {"refunded": False}),
    "review_and_edit": (text("We open at eight."), {"published": "We open at eight."}),
    "review_tool_call": (
        again(as_json('{"action": "feedback", "data": "Three days"}'), as_json('{"action": "continue"}')),
        {"result": "Rain in Oslo for 3 days."},
    ),
    "ask_until_valid": (again(text("old"), text("37")), {"age": 37}),
    "two_at_once": (of_two_questions, {"signed": ["yes", "no"]}),
    "functional": (text("Too short"), {"essay": "An essay about cats.", "review": "Too short"}),
    "tool_that_asks": (as_json('{"action": "approve", "subject": "Done"}'), {}),
    "with_subgraph": (choose("10 %"), {"offer": "Ada: discount 10 %"}),
    "breakpoints": (again(press("Continue"), press("Continue")), {"checked": True}),
    "agent_batched": (of_the_agent, {}),
    "agent_per_call": (of_two_calls, {}),
    "typed_answer": (
        of_the_form,
        {"budget": {"amount": 12000.0, "currency": "NOK", "until": "2027-03-31", "note": None}},
    ),
    "agent_inbox": (
        of_the_inbox_request,
        {
            "sent": {
                "to": "ada@example.com",
                "subject": "A note",
                "content": "Thank Ada for the flowers",
                "copies": 2,
            }
        },
    ),
    "pick_option": (choose("Reset it"), {"answer": {"act": "reset", "wait": 30}}),
}
SAYS = {
    "tool_that_asks": ["Sent to ada@example.com: Done"],
    "agent_per_call": ["Stopped db-1 after 60 s", "rejected the tool call for `stop_server`"],
    "agent_batched": ["Refunded 25.0 for order 1005", "with reason: Not yet"],
}


@pytest.mark.slow
@pytest.mark.parametrize("graph_id", CLICKS)
def test_an_example_is_answered_by_hand(
    graph_id: str, reviewer: Reviewer, desk: DeskProcess, looked_at: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    thread_id = started(graph_id, desk, monkeypatch)
    open_from_inbox(reviewer, graph_id)
    act, promised = CLICKS[graph_id]
    act(reviewer)

    def kept(found: dict[str, Any]) -> bool:
        messages = found.get("messages") or [{}]
        said = str(messages[-1].get("content"))
        return {name: found.get(name) for name in promised} == promised and all(
            part in said for part in SAYS.get(graph_id, ())
        )

    state_with(looked_at, thread_id, kept)


@pytest.mark.slow
def test_an_example_is_started_on_the_start_page(reviewer: Reviewer, looked_at: Desk) -> None:
    example = BY_ID["approve_or_reject"]
    reviewer.go("start", graph=example.graph_id)
    for name, value in example.input.items():
        reviewer.page.get_by_label(name.capitalize()).fill(str(value))
    reviewer.page.keyboard.press("Tab")
    reviewer.button("Start")
    ready(reviewer)
    reviewer.sees(re.compile(r"40(\.0)? euros for order 1005"))
    as_json("true")(reviewer)
    (thread_id,) = re.findall(r"thread=([^&]+)", reviewer.page.evaluate("location.href"))
    state_with(looked_at, thread_id, lambda found: found.get("refunded") is True)
