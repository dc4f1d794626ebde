"""The page of the batches: none, one that waits, one that failed, and what its buttons do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Expander

from agents import batches, history
from agents.batches import State
from pages.components.session import close_desk, the_desk
from tests.batch_desks import APPROVE, REFUNDS, BatchDesk, ItemModel, correct, problem
from tests.desks import work
from tests.openai_server import OpenAIServer
from tests.pages.conftest import at_page, html


@pytest.fixture
def on(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[BatchDesk]:
    """The process's one desk, with a model that fails where a test says so."""
    model = ItemModel()
    with OpenAIServer(model, keep_alive=True) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
        monkeypatch.setenv("SIGNOFF_UNDO_SECONDS", "0")
        the_desk.clear()
        yield BatchDesk(the_desk(), model)
        close_desk()


def opened(on: BatchDesk) -> AppTest:
    return at_page("batches.py", thread=on.thread_id)


def press(app: AppTest, words: str) -> None:
    next(button for button in app.button if button.label == words).click().run()
    assert not app.exception


def words(app: AppTest) -> list[str]:
    return [button.label for button in app.button]


def test_without_batches_the_page_says_what_one_is_and_starts_one(on: BatchDesk) -> None:
    app = at_page("batches.py")
    assert "A batch is a table of items" in html(app)
    assert app.file_uploader, "the form for one's own is there"
    press(app, "Try it on sample tickets")
    work(on.desk)
    (line,) = batches.batches(on.desk).lines
    assert (line.state, line.name) == (State.WAITING, "sample-tickets.csv")


def test_a_batch_shows_where_it_stands_what_is_known_and_who_judged(on: BatchDesk) -> None:
    on.start(columns=["id", "text"], name="<b>tickets</b>.csv")
    on.decide(APPROVE, "Ada")
    on.decide(problem(f"<i>{REFUNDS}</i>"), "Bob")
    on.decide(correct(8), "Cy")
    app = opened(on)
    text = html(app)
    assert "1 of 2 inspected were defects: between 1.3 % and 98.7 % of all items" in text
    assert 'aria-valuetext="12 of 12 items done; decided up to item 8"' in text
    for who in ("by Ada,", "by Bob,", "by Cy,"):
        assert who in text
    assert "&lt;i&gt;Refunds are billing&lt;/i&gt;" in text
    assert "&lt;b&gt;tickets&lt;/b&gt;.csv" in text
    assert "<b>tickets" not in text
    assert "Done again after a problem was described (4)" in text
    assert "All batches" in words(app)
    assert "Review it now" in words(app)


def test_failed_items_are_tried_again_with_a_click(on: BatchDesk) -> None:
    on.model.failing |= {2, 3}
    on.start()
    assert not [label for label in words(opened(on)) if "failed item" in label], "a review shows them"
    on.decide(APPROVE)
    on.model.failing.clear()
    app = opened(on)
    assert "item 3 is refused" in html(app)
    press(app, "Try the 2 failed items again")
    assert "2 failed items are tried again." in html(app)
    work(on.desk)
    app.run()
    assert "Failed items" not in html(app)


def test_a_run_that_did_not_finish_says_why_and_can_be_tried_again(on: BatchDesk) -> None:
    on.model.failing |= set(range(1, 100))
    on.start(20, every=20)
    app = opened(on)
    assert "10 items in a row failed" in html(app)
    assert "Try the" not in " ".join(words(app))
    on.model.failing.clear()
    press(app, "Try again")
    assert "The model is at work." in html(app)
    work(on.desk)
    app.run()
    assert "A sample waits for a person." in html(app)


def test_a_link_to_nothing_gets_a_sentence_and_a_way_out(on: BatchDesk) -> None:
    app = at_page("batches.py", thread="nothing")
    assert "No batch with thread nothing" in html(app)
    assert "All batches" in words(app)


def test_a_long_story_is_drawn_in_pages_and_opens_at_the_decision_that_was_asked_for(on: BatchDesk) -> None:
    on.start(36, every=1)
    for _ in range(36):
        on.decide(APPROVE, "Ada")
    story = history.story(on.desk, on.thread_id)
    assert (len(story.decisions), len(story.entries)) == (36, 1 + 36 * 3 + 1)
    app = at_page("history.py", thread=on.thread_id)
    assert "10 earlier lines left out here" in html(app)
    assert [each.proto.expanded for each in decided(app)] == [False] * 11, "the newest page"
    app = at_page("history.py", thread=on.thread_id, decision=story.decisions[3].decision_id)
    assert [each.proto.expanded for each in decided(app)] == [place == 3 for place in range(25)]


def decided(app: AppTest) -> list[Expander]:
    return [each for each in app.expander if each.label.startswith("Decision of")]
