"""The form of a new batch through AppTest: a try on the first row, a start, and nothing lost on the way."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from agents import history, lots, reviews
from agents.database import reading
from agents.desk import Desk
from tests.pages.conftest import at_page, html

CSV = b"subject,body\nRefund,I want my money back.\nLogin,My password does not work.\nThanks,Great service\n"


@pytest.fixture
def form(desk: Desk) -> AppTest:
    """The form with a file of three rows."""
    app = at_page("start.py", graph="batch_sampling")
    app.file_uploader[0].set_value(("tickets.csv", CSV, "text/csv")).run()
    assert not app.exception
    return app


def press(app: AppTest, words: str) -> None:
    next(button for button in app.button if button.label == words).click().run()
    assert not app.exception


def test_a_try_shows_the_first_row_and_its_output_until_the_form_changes(form: AppTest) -> None:
    press(form, "Try it on the first row")
    assert "<dd>I want my money back.</dd>" in html(form)
    assert "<dt>Category</dt><dd>billing</dd>" in html(form)
    form.text_input(key="new-batch-categories").set_value("praise, complaint").run()
    assert "<dt>Category</dt>" not in html(form)


def test_a_start_reads_the_rows_in_and_orders_a_thread(form: AppTest, desk: Desk) -> None:
    form.number_input(key="new-batch-every").set_value(2).run()
    assert "3 items: 3 model calls, and 2 reviews with 1 sample each." in html(form)
    press(form, "Start the batch")
    (running,) = reviews.inbox(desk).running
    given = history.story(desk, running.thread_id).input
    assert (given["every"], given["task"], given["items"]) == (2, "classify", None)
    with reading(desk.engine) as connection:
        lot = lots.find(connection, given["lot_id"])
    assert (lot.name, lot.size, lot.columns) == ("tickets.csv", 3, ("subject", "body"))


def test_a_prompt_that_names_a_missing_column_starts_nothing_and_stays(form: AppTest, desk: Desk) -> None:
    form.segmented_control(key="new-batch-task").set_value("prompt").run()
    form.text_area(key="new-batch-prompt").set_value("Summarise {text}").run()
    assert "The prompt names {text}, but no such column is in the file." in html(form)
    press(form, "Start the batch")
    assert not reviews.inbox(desk).running
    assert form.text_area(key="new-batch-prompt").value == "Summarise {text}"
    form.text_area(key="new-batch-prompt").set_value("Summarise {body}").run()
    press(form, "Start the batch")
    (running,) = reviews.inbox(desk).running
    given = history.story(desk, running.thread_id).input
    assert (given["prompt"], given["fields"], given["columns"]) == ("Summarise {body}", ["answer"], ["body"])


def test_what_the_graph_refuses_is_said_and_the_form_stays(form: AppTest, desk: Desk) -> None:
    form.text_input(key="new-batch-categories").set_value("billing").run()
    press(form, "Start the batch")
    assert "Name at least two categories." in html(form)
    form.text_input(key="new-batch-categories").set_value(f"billing, {'x' * 300}").run()
    press(form, "Start the batch")
    assert "is longer than 200 characters" in html(form)
    assert not reviews.inbox(desk).running
    assert "3 rows, 2 columns." in html(form)


def test_the_sample_tickets_need_no_file(desk: Desk) -> None:
    app = at_page("start.py", graph="batch_sampling")
    app.segmented_control(key="new-batch-source").set_value("sample").run()
    assert "200 items: 200 model calls, and 10 reviews with 1 sample each." in html(app)
