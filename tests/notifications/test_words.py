"""What a message says, and to whom."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest

from agents.desk import Desk
from agents.notifications import Item, Topic, concerns
from agents.notifications.words import clean, details, headline, sentence
from agents.rules import NotificationRule
from tests.accounts import RULES
from tests.notifications.telling import Ahead, telling_desk

ITEM = Item(
    Topic.NEW,
    "files",
    "t 1&x",
    "a.0",
    "Invoice",
    "2026-01-31T08:00:00.000000Z",
    kind="email",
    graph_id="email_approval",
)
LIMITS = '[roles.reviewer]\ngraphs = ["email_approval"]\nkinds = ["email"]\n'


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Pay\r\nBcc: eve@x.org", "Pay Bcc: eve@x.org"),
        ("a\u202eb\u200bc\x1b[2Jd", "abc [2Jd"),
        ("one\u2028two\x00three", "one two three"),
        ("half \ud800 a letter", "half a letter"),
        ("word " * 60, None),
        ("x" * 500, "x" * 119 + "…"),
        ("", ""),
    ],
)
def test_a_title_is_one_line_of_visible_letters(text: str, shown: str | None) -> None:
    found = clean(text)
    assert len(found) <= 120
    assert found.isprintable()
    if shown is not None:
        assert found == shown
    else:
        assert found.endswith("word…")


def test_each_topic_has_its_sentence() -> None:
    assert sentence(ITEM) == "New email to review: Invoice"
    assert details(ITEM) == "Graph email_approval. Since 2026-01-31 08:00 UTC."
    replace = dataclasses.replace
    assert sentence(replace(ITEM, topic=Topic.NEAR)) == "Due soon: Invoice"
    assert sentence(replace(ITEM, topic=Topic.ESCALATED, to="role:lead")) == "Escalated to a lead: Invoice"
    assert sentence(replace(ITEM, topic=Topic.FAILED)) == "A run stopped: Invoice"
    assert sentence(replace(ITEM, topic=Topic.IN_DOUBT, act="mail")).endswith("happened (mail): Invoice")
    assert sentence(replace(ITEM, by="ann", to="bob")) == "ann gave this to bob: Invoice"
    assert sentence(replace(ITEM, title="\u200b", kind=None)) == "New question to review: a question without a title"
    due = replace(ITEM, topic=Topic.NEAR, due_at="2026-02-01T08:00:00.000000Z", then="rejected in 1 h unless decided")
    assert details(due).endswith("Due 2026-02-01 08:00 UTC (rejected in 1 h unless decided).")


def test_a_link_holds_any_thread() -> None:
    assert ITEM.link == "/review?thread=t+1%26x&pause=a.0&source=files"
    assert dataclasses.replace(ITEM, pause_key=None).link == "/review?thread=t+1%26x&source=files"


@pytest.mark.parametrize(
    ("topics", "words"),
    [
        ({Topic.NEW: 37}, "37 new questions wait"),
        ({Topic.NEW: 1}, "1 new question waits"),
        ({Topic.NEAR: 2}, "2 questions that are due soon wait"),
        ({Topic.FAILED: 2}, "2 failed runs"),
        ({Topic.IN_DOUBT: 1, Topic.NEW: 1200}, "1,200 new questions and 1 act in doubt"),
        ({Topic.NEW: 1, Topic.ESCALATED: 2, Topic.FAILED: 1}, "1 new question, 2 escalated questions and 1 failed run"),
    ],
)
def test_several_in_one_line(topics: dict[Topic, int], words: str) -> None:
    assert headline(topics) == words


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    home: Path = tmp_path_factory.mktemp("home")
    made = telling_desk(home, Ahead(), {}, RULES + LIMITS)
    yield made
    made.close()


@pytest.mark.parametrize(
    ("to", "changes", "told"),
    [
        ("role:lead", {}, True),
        ("role:lead", {"graph_id": "other"}, True),
        ("role:reviewer", {}, True),
        ("role:reviewer", {"graph_id": "other"}, False),
        ("role:reviewer", {"graph_id": None}, False),
        ("role:reviewer", {"kind": "plan"}, False),
        ("rita@example.org", {"graph_id": "other"}, False),
        ("somebody@else.org", {"graph_id": "other"}, True),
        ("role:lead", {"topic": Topic.ESCALATED, "to": "role:lead"}, True),
        ("role:admin", {"topic": Topic.ESCALATED, "to": "role:lead"}, True),
        ("lea@example.org", {"topic": Topic.ESCALATED, "to": "role:lead"}, True),
        ("role:reviewer", {"topic": Topic.ESCALATED, "to": "role:lead"}, False),
        ("rita@example.org", {"topic": Topic.ESCALATED, "to": "role:lead"}, False),
        ("Lea@Example.org", {"topic": Topic.ESCALATED, "to": "lea@example.org"}, True),
        ("role:lead", {"topic": Topic.ESCALATED, "to": "lea@example.org"}, True),
        ("role:admin", {"topic": Topic.ESCALATED, "to": "lea@example.org"}, False),
        ("role:reviewer", {"by": "ann", "to": "rita@example.org"}, False),
        ("rita@example.org", {"by": "ann", "to": "rita@example.org"}, True),
        ("role:lead", {"topic": Topic.FAILED}, False),
    ],
)
def test_who_is_told(desk: Desk, to: str, changes: dict[str, object], told: bool) -> None:
    rule = NotificationRule(to=to, channel="desk", on=("new", "escalated"))
    item = dataclasses.replace(ITEM, **changes)  # type: ignore[arg-type]
    assert concerns(desk, rule, item) is told


def test_a_rule_may_be_about_some_graphs_and_kinds(desk: Desk) -> None:
    assert concerns(desk, NotificationRule(to="x", channel="c", on=("new",), graphs=("email_approval",)), ITEM)
    assert not concerns(desk, NotificationRule(to="x", channel="c", on=("new",), graphs=("other",)), ITEM)
    assert not concerns(desk, NotificationRule(to="x", channel="c", on=("new",), kinds=("plan",)), ITEM)  # type: ignore[arg-type]
