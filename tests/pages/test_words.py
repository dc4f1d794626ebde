"""Words on screen: pure functions, and that nothing of anybody's text becomes markup."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from agents.domain import DecisionType
from pages.components.words import age, did, escaped, label, passing, thread_words, unlinked, words_of

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("ago", "words"),
    [
        (timedelta(seconds=10), "just now"),
        (timedelta(seconds=-90), "just now"),
        (timedelta(seconds=60), "1 minute ago"),
        (timedelta(minutes=50), "1 hour ago"),
        (timedelta(hours=23), "1 day ago"),
        (timedelta(days=52), "52 days ago"),
        (timedelta(days=800), "on 24 February 2024"),
    ],
)
def test_age_is_said_as_people_say_it(ago: timedelta, words: str) -> None:
    assert age(NOW - ago, NOW) == words


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Send to ann_b@example.org", "Send to ann\\_b@example.org"),
        ("**bold** [link](http://x) ![i](y) `code` <b>", "bold link (http //x) i (y) code b"),
        (":red[hello] :material/home: $x$", "red hello material/home: x"),
        ("Approve: move 3 files (2.1 MB) to the trash", "Approve: move 3 files (2.1 MB) to the trash"),
        ("line\nbreak", "line break"),
    ],
)
def test_a_label_holds_no_markup(text: str, shown: str) -> None:
    assert label(text) == shown


def test_a_name_in_a_label_is_no_link() -> None:
    assert unlinked("ann@example.org") == "ann@\u2060example.org"
    assert unlinked("WWW.example.org") == "WWW.\u2060example.org"


def test_a_long_label_is_cut_with_a_sign() -> None:
    assert len(label("word " * 100)) <= 110
    assert label("word " * 100).endswith("…")


def test_field_names_become_words() -> None:
    assert words_of("older_than_days") == "Older than days"
    assert words_of("replyTo") == "Reply to"


def test_what_people_did_depends_on_the_kind() -> None:
    assert did("email", DecisionType.REJECT) == "cancelled this mail"
    assert did("generic", DecisionType.REJECT) == "rejected this"


@pytest.mark.parametrize(
    ("kind", "type_", "words"),
    [
        ("email", DecisionType.APPROVE, "The mail goes out in 3 s."),
        ("email", DecisionType.EDIT, "The mail goes out in 3 s."),
        ("email", DecisionType.REJECT, "Passed on to the workflow in 3 s. Nothing is sent."),
        ("email", DecisionType.RESPOND, "Passed on to the workflow in 3 s."),
        ("plan", DecisionType.APPROVE, "Passed on to the workflow in 3 s."),
        ("email", DecisionType.IGNORE, "The thread is closed in 3 s. The workflow gets no answer."),
    ],
)
def test_the_countdown_says_what_it_counts_down_to(kind: str, type_: DecisionType, words: str) -> None:
    assert passing(kind, type_, 3) == words


def test_html_is_escaped() -> None:
    assert escaped("<a href='x'>&\"") == "&lt;a href=&#x27;x&#x27;&gt;&amp;&quot;"


def test_a_thread_is_named_so_that_it_can_be_told_from_its_neighbours() -> None:
    assert thread_words("38478081-ba75-4fed-a9fd-7db733427cc0") == "thread 38478081"
    assert thread_words("38478081ba754feda9fd7db733427cc0") == "thread 38478081"
    assert [thread_words(name) for name in ("demo-3bff-logs", "demo-3bff-space")] == [
        "thread demo-3bff-logs",
        "thread demo-3bff-space",
    ]
    assert thread_words("x" * 900) == f"thread {'x' * 31}…"
