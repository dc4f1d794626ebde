"""The System page: what is drawn of real troubles, what its buttons do, and what it keeps from whom."""

from __future__ import annotations

import pytest
from sqlalchemy import insert, select, update

from agents import claims, effects, workers
from agents.clock import to_text, utc_now
from agents.database import event, notification, reading, writing
from agents.desk import Desk
from agents.people import tokens
from tests.pages.conftest import ask, at_page, html


@pytest.fixture
def troubled(desk: Desk) -> Desk:
    """A desk with a bit of everything."""
    workers.begin(desk.engine, threads=2, now=utc_now())
    query = ask(desk, "t1", "Go <b>on</b>?")
    claims.claim(desk, query["thread"], query["pause"], actor="Ann")
    tokens.create(desk, "robot", ["read", "decide"], actor="ada")
    source_id = desk.sources[0].source_id
    journal = effects.Journal(desk.engine, source_id=source_id)
    journal.begin("key", "mail", thread_id="t1", request={"recipients": ["ann@example.org"]})
    journal.doubt("key", "the connection broke")
    now = to_text(utc_now())
    row = dict.fromkeys(("unique_key", "topic", "link", "message_id"), "x")
    row |= {"notification_id": "n1", "source_id": source_id, "thread_id": "t1", "status": "failed", "facts": {}}
    row |= {
        "recipient": "role:lead",
        "channel": "desk",
        "title": "New",
        "text": "“Tidy up” waits.",
        "error": "No answer.",
    }
    with writing(desk.engine) as connection:
        connection.execute(insert(notification).values(**row, created_at=now, due_at=now, settled_at=now, attempts=5))
    return desk


def test_an_empty_desk_says_so_plainly(desk: Desk) -> None:
    drawn = html(at_page("system.py"))
    assert "Nothing works here now: answers are kept, but not sent." in drawn
    for sentence in (
        "No thread is stuck, has failed or is in doubt.",
        "Every message that had to be sent has arrived.",
        "The checkpointer files and the database agree.",
        "No token is valid.",
    ):
        assert sentence in drawn


def test_what_is_wrong_is_drawn_as_text(troubled: Desk) -> None:
    app = at_page("system.py")
    drawn = html(app)
    assert "A worker is alive, started just now." in drawn
    assert "2 things to look at" in drawn
    assert "To a lead by desk, just now: “Tidy up” waits. It did not arrive. No answer." in drawn
    assert "robot: read, decide; made just now by ada" in drawn
    assert "<b>on</b>" not in drawn


def test_a_message_is_sent_again(troubled: Desk) -> None:
    app = at_page("system.py")
    app.button(key="system-again-x").click().run()
    assert "It is sent again." in html(app)
    with reading(troubled.engine) as connection:
        assert connection.execute(select(notification.c.status)).scalar_one() == "waiting"
        assert "notified_again" in set(connection.execute(select(event.c.action)).scalars())


def test_the_record_is_checked_when_it_is_asked_for(troubled: Desk) -> None:
    app = at_page("system.py")
    assert "none of them changed" not in html(app)
    app.button(key="system-check").click().run()
    assert "events, none of them changed." in html(app)
    with writing(troubled.engine) as connection:
        connection.execute(update(event).where(event.c.seq == 2).values(actor="mallory"))
    app.button(key="system-check").click().run()
    assert "Event 2 was changed: its column actor differs" in html(app)
