"""Plans as a start names them, and what a deadline may decide."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from agents.deadlines import line, plan_given, plan_of, refused_to_deadline, short
from agents.deadlines.policy import usual
from agents.deadlines.rows import Deadline, State
from agents.deadlines.words import length
from agents.domain import DecisionType, Kind, OnDeadline, Pause, PauseStatus, Review
from agents.errors import InvalidInput
from agents.rules import DeadlinePlan, Rules

NOW = datetime(2026, 3, 4, 11, 0, tzinfo=UTC)
PAUSE = Pause(
    "s", "t", "k.0", PauseStatus.QUESTION, "k", 0, "c", "task", {}, "seen", NOW, graph_id="pay", nodes=("ask",)
)
REVIEW = Review(
    PAUSE, Kind.EMAIL, "Pay 5 euros", "", "", (DecisionType.APPROVE, DecisionType.REJECT, DecisionType.IGNORE), {}, None
)


SHARED = Rules.model_validate({"people": {"ann": {"role": "lead"}}})


def row(plan: DeadlinePlan, **changes: Any) -> Deadline:
    due = NOW + plan.steps[0].after
    made = Deadline(
        "s", "t", "k.0", "pay", "email", "Pay", plan.policy_id, plan.steps, 0, State.WAITING, NOW, due, None,
        plan.near, plan.grace, None,
    )  # fmt: skip
    return replace(made, **changes)


def test_a_length_is_the_first_step_of_the_usual_plan() -> None:
    plan = plan_given("1d 12h")
    assert [(step.do, step.after) for step in plan.steps] == [
        (OnDeadline.ESCALATE, timedelta(hours=36)),
        (OnDeadline.CANCEL, timedelta(hours=24)),
    ]


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ("soon", "deadline: expected a length of time"),
        (4, "deadline: expected a length of time"),
        ("99999999999999999d", "deadline: expected a length of time"),
        ({"steps": [{"after": f"{'9' * 400}d", "do": "cancel"}]}, r"deadline: steps\[1\]\.after: expected a length"),
        ({"steps": [{"after": "1h", "do": "escalate"}]}, r"deadline: steps\[1\]: escalate needs to"),
        ({"steps": [{"after": "1h", "do": "escalate", "to": "\ud800"}]}, "deadline: expected .role:lead., or a person"),
        ({"steps": [{"after": "1h", "do": "escalate", "to": "a\nb"}]}, "deadline: expected .role:lead., or a person"),
        ({"steps": [{"after": "1h", "do": "escalate", "to": "system:deadline"}]}, "Signoff's own"),
        ({"steps": [{"after": "1h", "do": "cancel", "message": "\ud800"}]}, "half of a character"),
        ({"steps": [{"after": "1h", "do": "escalate", "to": "role:boss"}]}, "deadline: role:boss names no role"),
        ({"steps": [{"after": "1h", "do": "default", "decision": "respond"}]}, "needs message"),
        ({"steps": [{"after": "1h", "do": "cancel"}, {"after": "1h", "do": "cancel"}]}, "only the last step"),
        ({"step": []}, "deadline: step"),
    ],
)
def test_what_is_wrong_with_a_plan_is_named(given: Any, sentence: str) -> None:
    with pytest.raises(InvalidInput, match=sentence):
        plan_given(given)


def test_a_strangers_thread_has_a_plan_by_its_graph_only() -> None:
    rules = Rules.model_validate({"deadlines": [{"kind": "email", "steps": [{"after": "1h", "do": "cancel"}]}]})
    assert plan_of(rules, REVIEW, started=False) is None
    assert plan_of(rules, REVIEW, started=True) == rules.deadlines[0]
    named = Rules.model_validate({"deadlines": [{"graph": "p*", "steps": [{"after": "1h", "do": "cancel"}]}]})
    assert plan_of(named, REVIEW, started=False) == named.deadlines[0]
    nameless = replace(REVIEW, pause=replace(PAUSE, graph_id=None))
    assert plan_of(Rules.model_validate({"deadlines": [{"graph": "*", "steps": []}]}), nameless, started=False) is None


def test_its_own_plan_goes_before_the_rules_and_the_usual_one_after_them() -> None:
    rules = Rules.model_validate({"deadlines": [{"title": "*dollars", "steps": [{"after": "1h", "do": "cancel"}]}]})
    assert plan_of(rules, REVIEW, started=True) == usual()
    assert plan_of(rules, REVIEW, started=True, own="2h") == usual(timedelta(hours=2))
    assert plan_of(rules, REVIEW, started=True, own={"steps": []}) is None


def test_what_is_stuck_is_never_due() -> None:
    stuck = replace(REVIEW, pause=replace(PAUSE, status=PauseStatus.STUCK))
    assert plan_of(Rules(), stuck, started=True) is None


@pytest.mark.parametrize(
    ("kind", "type_", "reversible", "may"),
    [
        (Kind.EMAIL, DecisionType.APPROVE, False, False),
        (Kind.PLAN, DecisionType.APPROVE, True, True),
        (Kind.EMAIL, DecisionType.RESPOND, False, True),
        (Kind.GENERIC, DecisionType.RESPOND, False, False),
        (Kind.QUESTION, DecisionType.RESPOND, False, False),
        (Kind.GENERIC, DecisionType.REJECT, False, True),
        (Kind.GENERIC, DecisionType.IGNORE, False, True),
    ],
)
def test_what_a_deadline_may_decide(kind: Kind, type_: DecisionType, reversible: bool, may: bool) -> None:
    review = replace(REVIEW, kind=kind, reversible=reversible)
    assert (refused_to_deadline(Rules(), review, type_) is None) == may
    named = Rules.model_validate({"graphs": {"pay": {"by_deadline": [type_.value]}}})
    assert refused_to_deadline(named, review, type_) is None


def test_a_card_says_all_that_will_happen() -> None:
    rules = SHARED
    told = line(row(plan_given("3h")), REVIEW, rules, NOW, lambda moment: f"{moment:%H:%M}")
    assert told == "If nobody decides by 14:00 (in 3 h): it goes to a lead; 24 h later it is cancelled."
    assert short(row(plan_given("3h")), REVIEW, rules, NOW) == "goes to a lead in 3 h"
    cancel = plan_given({"steps": [{"after": "20m", "do": "cancel"}]})
    assert short(row(cancel), replace(REVIEW, kind=Kind.TOOL), rules, NOW) == "rejected in 20 min unless decided"
    closing = replace(REVIEW, allowed=(DecisionType.RESPOND, DecisionType.IGNORE))
    assert short(row(cancel), closing, rules, NOW) == "closed in 20 min unless decided"
    paused = row(cancel, state=State.PAUSED, left=timedelta(minutes=5))
    assert line(paused, REVIEW, rules, NOW, str).startswith("Its deadline is paused, with 5 min left.")


def test_where_nobody_is_named_only_the_end_of_a_chain_is_told() -> None:
    by = lambda moment: f"{moment:%d %H:%M}"  # noqa: E731
    told = line(row(plan_given("3h")), REVIEW, Rules(), NOW, by)
    assert told == "If nobody decides by 05 14:00 (in 27 h): it is cancelled."
    assert short(row(plan_given("3h")), REVIEW, Rules(), NOW) == "cancelled in 27 h unless decided"
    paused = row(plan_given("3h"), state=State.PAUSED, left=timedelta(hours=1))
    assert "with 25 h left" in line(paused, REVIEW, Rules(), NOW, by)
    halfway = row(plan_given("3h"), steps_done=1, due_at=NOW + timedelta(hours=5))
    assert short(halfway, REVIEW, Rules(), NOW) == "cancelled in 5 h unless decided"
    person = plan_given({"steps": [{"after": "1h", "do": "escalate", "to": "bo"}]})
    assert short(row(person), REVIEW, Rules(), NOW) == "goes to bo in 1 h"
    role = plan_given({"steps": [{"after": "1h", "do": "escalate", "to": "role:lead"}]})
    assert line(row(role), REVIEW, Rules(), NOW, by) == short(row(role), REVIEW, Rules(), NOW) == ""


def test_a_stated_answer_is_told_with_its_words() -> None:
    step = {"after": "2h", "do": "default", "decision": "respond", "message": "Use your judgement."}
    told = line(row(plan_given({"steps": [step]})), REVIEW, SHARED, NOW, lambda moment: f"{moment:%H:%M}")
    assert told == "If nobody decides by 13:00 (in 2 h): it is answered, with the words “Use your judgement.”."
    assert short(row(plan_given({"steps": [step]})), REVIEW, SHARED, NOW) == "stated answer in 2 h unless decided"


def test_a_card_says_before_what_no_deadline_may_decide() -> None:
    approve = plan_given({"steps": [{"after": "1h", "do": "default", "decision": "approve"}]})
    told = line(row(approve), REVIEW, SHARED, NOW, lambda moment: f"{moment:%H:%M}")
    assert told == "If nobody decides by 12:00 (in 1 h): it goes to a lead, since no deadline may decide it."
    assert short(row(approve), REVIEW, SHARED, NOW) == "goes to a lead in 1 h"
    alone = line(row(approve), REVIEW, Rules(), NOW, lambda moment: f"{moment:%H:%M}")
    assert alone == "If nobody decides by 12:00 (in 1 h): it stays open, since no deadline may decide it."
    assert short(row(approve), REVIEW, Rules(), NOW) == ""
    assert "is approved" in line(row(approve), replace(REVIEW, reversible=True), Rules(), NOW, str)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (45, "45 s"), (60, "1 min"), (1200, "20 min"), (3600, "1 h"), (86400, "24 h"), (3 * 86400, "3 days")],
)
def test_lengths_in_words(seconds: int, words: str) -> None:
    assert length(timedelta(seconds=seconds)) == words
