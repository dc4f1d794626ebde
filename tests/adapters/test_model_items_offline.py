"""Items without a language model: sorted by words, by what reviewers said, by corrected examples."""

from __future__ import annotations

from itertools import islice
from typing import Any

import pytest

from agents.adapters.model import ItemInstruction, ItemRequest
from agents.adapters.model.offline import OfflineWriter
from agents.adapters.model.offline.advice import read_advice
from agents.graphs.batch_tickets import COLUMNS, DEFAULT_CATEGORIES, Ticket, tickets

FIELDS = ["category", "priority", "reason"]
LEVELS = ["low", "normal", "high"]
TICKETS = list(islice(tickets(), 600))
REFUND = TICKETS[39]
OWN_WORDS = [
    "refund requests belong to billing",
    "Refunds are billing, not technical.",
    "refund requests belong to billing, even if they mention an error message",
    "Anything about money back should be billing",
    "put refunds under billing",
    "use billing for refund requests",
    "if the customer wants a refund, it is billing",
    "Technical tickets that ask for a refund should be billing",
    "refund requests aren't technical",
    "It is about a refund. Refunds go to billing.",
    "money back = billing",
    "Billing includes refunds",
]


def sort(data: dict[str, str], *told: ItemInstruction, **more: Any) -> dict[str, str]:
    given: dict[str, Any] = {"choices": {"category": DEFAULT_CATEGORIES, "priority": LEVELS}, "fields": FIELDS, **more}
    return OfflineWriter().item(ItemRequest(data=data, instructions=list(told), **given)).output


def row(ticket: Ticket) -> dict[str, str]:
    return dict(zip(COLUMNS, ticket.row(), strict=True))


def wrong(*told: ItemInstruction) -> list[Ticket]:
    return [ticket for ticket in TICKETS if sort(row(ticket), *told)["category"] != ticket.category]


def said(text: str) -> ItemInstruction:
    return ItemInstruction(text=text)


def test_most_tickets_are_right_and_one_group_is_wrong_in_the_same_way() -> None:
    missed = wrong()
    assert 0.05 < len(missed) / len(TICKETS) < 0.15
    assert all("efund" in ticket.body or "money back" in ticket.body for ticket in missed)
    assert {sort(row(ticket))["category"] for ticket in missed} == {"technical"}


@pytest.mark.parametrize("text", OWN_WORDS)
def test_a_reviewer_says_it_in_own_words_and_the_redo_is_right(text: str) -> None:
    assert sort(row(REFUND))["category"] == "technical"
    assert [sort(row(ticket), said(text))["category"] for ticket in (REFUND, TICKETS[12])] == ["billing", "billing"]


def test_an_instruction_repairs_the_group_and_harms_nothing_else() -> None:
    assert wrong(said(OWN_WORDS[0])) == []


@pytest.mark.parametrize("text", ["This is wrong.", "this should be billing"])
def test_a_corrected_example_pulls_what_is_wrong_in_the_same_way(text: str) -> None:
    right = {"category": "billing", "priority": "normal", "reason": "Wants money back."}
    assert wrong(ItemInstruction(text=text, input=row(REFUND), output=right)) == []


def test_the_reason_names_the_words_and_the_instruction() -> None:
    data = {"subject": "Charged twice", "body": "My credit card was charged twice, this is urgent."}
    assert sort(data) == {
        "category": "billing",
        "priority": "high",
        "reason": "Found “charged twice” and “credit card”. High priority for “urgent”.",
    }
    refund = sort(row(REFUND), said(OWN_WORDS[0]))
    assert refund["reason"] == f"By the instruction “{OWN_WORDS[0]}”: found “refund”."


@pytest.mark.parametrize(
    "text", ["make it rhyme", "this is billing", "be more careful", "wrong category", "refunds are x"]
)
def test_what_no_rule_can_follow_changes_nothing_and_is_said(text: str) -> None:
    before, after = sort(row(REFUND)), sort(row(REFUND), said(text))
    assert after["category"] == before["category"]
    assert after["reason"] == (
        f"{before['reason']} The offline rules cannot follow “{text}”; a corrected item as an example helps."
    )


def test_the_newest_instruction_has_the_last_word() -> None:
    earlier, later = said("refunds are billing"), said("refunds that mention an error message are technical")
    assert sort(row(REFUND), earlier, later)["category"] == "technical"
    assert sort(row(REFUND), later, earlier)["category"] == "billing"


def test_an_example_changes_only_what_was_wrong_about_it() -> None:
    outage = {"body": "Your website is down, this is urgent. The page is blank."}
    example = ItemInstruction(text="?", input=row(REFUND), output={"category": "billing", "priority": "high"})
    assert sort(row(TICKETS[12]), example)["priority"] == "high"
    assert sort(outage, example) == sort(outage)


def test_the_corrected_item_itself_becomes_what_the_person_said() -> None:
    example = ItemInstruction(text="odd one", input=row(REFUND), output={"category": "delivery", "priority": "low"})
    output = sort(row(REFUND), example)
    assert (output["category"], output["priority"]) == ("delivery", "low")


ADVICE: list[tuple[str, list[tuple[str | None, str | None, str | None]]]] = [
    ("outages are high priority", [(None, "high", None)]),
    ("Priority should be high for all outages", [(None, "high", None)]),
    ("refunds are billing and urgent", [("billing", "high", None)]),
    ("refunds are billing and outages are high priority", [("billing", None, None), (None, "high", None)]),
    ("anything about passwords is account, not technical", [("account", None, None)]),
    ("never classify refunds as technical", [(None, None, "technical")]),
    ("wrong, it's not technical but billing", [("billing", None, None)]),
    ("billing: refunds, invoices", [("billing", None, None)]),
    ("job questions are other", [("other", None, None)]),
    ("technical problems take too long", []),
    ("The customer is angry about billing", []),
    ("The reason should be in German", []),
    ("refunds are billing " * 200, []),
    ("", []),
]


@pytest.mark.parametrize(("text", "targets"), ADVICE)
def test_what_people_say_is_read_as_rules(text: str, targets: list[tuple[str | None, str | None, str | None]]) -> None:
    rules = read_advice(text, tuple(DEFAULT_CATEGORIES), tuple(LEVELS))
    assert [(rule.target.category, rule.target.priority, rule.target.avoid) for rule in rules] == targets


def test_conditions_and_exceptions_hold() -> None:
    told = said("Refunds with an error message belong to billing unless they mention a parcel")
    assert sort({"t": "Refund please, the page shows an error message"}, told)["category"] == "billing"
    with_parcel = {"t": "Refund for the parcel: error message, error code and crash"}
    assert sort(with_parcel, told) == sort(with_parcel)
    phrase = said("tickets with “dark theme” are feedback")
    assert sort({"t": "The app crashes in the dark theme"}, phrase)["category"] == "feedback"
    assert sort({"t": "The app crashes, the theme is dark"}, phrase)["category"] == "technical"
    assert sort({"t": "The invoice is wrong"}, said("billing is high priority"))["priority"] == "high"


@pytest.mark.parametrize(
    ("categories", "text", "category"),
    [
        (["Refunds", "Invoices", "Misc"], "My invoice shows the wrong VAT", "Invoices"),
        (["Refunds", "Invoices", "Misc"], "I want my money back, a full refund", "Refunds"),
        (["bug_report", "LoginTrouble", "something else"], "I cannot log in with my password", "LoginTrouble"),
        (["bug_report", "LoginTrouble", "something else"], "The weather is fine", "something else"),
        (["positive", "negative", "neutral"], "Great coffee, we love it", "positive"),
        (["positive", "negative", "neutral"], "A terrible taste, I am disappointed", "negative"),
        (["Kündigung", "Rechnung"], "Die Rechnung stimmt nicht", "Rechnung"),
        (["zebra", "giraffe"], "Three giraffes stood there", "giraffe"),
        (["a", "b"], "nothing of it", "b"),
    ],
)
def test_categories_may_be_the_callers_own(categories: list[str], text: str, category: str) -> None:
    output = sort({"text": text}, fields=["category", "reason"], choices={"category": categories})
    assert output["category"] == category
    assert list(output) == ["category", "reason"]


def test_a_category_without_any_word_says_so() -> None:
    assert sort({"text": ""}) == {
        "category": "other",
        "priority": "normal",
        "reason": "Found no word that points to a category.",
    }


def test_priorities_may_have_other_names() -> None:
    more = {"fields": ["category", "urgency"], "choices": {"category": ["billing"], "urgency": ["P1", "P2", "P3"]}}
    assert sort({"text": "This is urgent"}, **more)["urgency"] == "P1"
    assert sort({"text": "A suggestion, no hurry"}, **more)["urgency"] == "P3"


def test_the_same_item_gives_the_same_answer_and_takes_no_call_to_a_model() -> None:
    request = ItemRequest(data=row(REFUND), fields=FIELDS, choices={"category": DEFAULT_CATEGORIES})
    first, second = (OfflineWriter().item(request) for _ in range(2))
    assert first == second
    assert first.calls == 1
