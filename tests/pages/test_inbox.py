"""The inbox's filters that are drawn only where they are of use, and how a question's data is shown."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from agents.desk import Desk
from tests.pages.conftest import ask, at_page, html


def spoil(desk: Desk, thread_id: str) -> None:
    """Store its question in a way that nobody opens: no answer can reach it."""
    with closing(sqlite3.connect(desk.settings.checkpoints_path)) as connection, connection:
        connection.execute("UPDATE writes SET type = 'pickle' WHERE idx = -3 AND thread_id = ?", (thread_id,))
        # a new rowid, as the agent's own REPLACE would give it
        connection.execute("UPDATE writes SET rowid = rowid + 1000 WHERE thread_id = ?", (thread_id,))


def test_what_is_stuck_is_found_where_something_is(desk: Desk) -> None:
    ask(desk, "first", "Go?")
    ask(desk, "second", "Stop?")
    app = at_page("inbox.py")
    assert "2 waiting" in html(app)
    assert [each.key for each in app.selectbox if each.key == "inbox-status"] == []
    spoil(desk, "second")
    app.run()
    state = app.selectbox(key="inbox-status")
    assert state.options == ["To answer", "Stuck"]
    state.select("stuck").run()
    assert "1 match" in html(app)
    assert "2 waiting" in html(app)
    app.selectbox(key="inbox-status").select(None).run()
    assert "match" not in html(app)


def test_lists_in_a_question_are_shown_as_lines(desk: Desk) -> None:
    asked = ask(desk, "readings", {"question": "Which one?", "readings": [0.18, 0.19]})
    assert "– 0.18\n– 0.19" in html(at_page("review.py", **asked))


def test_the_heading_counts_each_kind(desk: Desk) -> None:
    call = {
        "action_requests": [{"name": "buy", "args": {"pieces": 3}}],
        "review_configs": [{"action_name": "buy", "allowed_decisions": ["approve"]}],
    }
    for thread, question in (("first", "Go?"), ("second", "Stop?"), ("third", call)):
        ask(desk, thread, question)
    shown = html(at_page("inbox.py"))
    assert "2 other" in shown
    assert "2 others" not in shown
    assert "1 tool call" in shown
