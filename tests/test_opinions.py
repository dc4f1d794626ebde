"""Two must agree, on real graphs: the second same answer decides, a different one starts over, and one person is one."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from agents import audit, decisions, history, payloads, starts
from agents.audit import Event
from agents.database import reading
from agents.decisions import Choice, Council, Decision, Given, Mode, council, decide, decide_thread, withdraw
from agents.decisions.opinions import Status, of_decision, open_on
from agents.desk import Desk
from agents.domain import Actor, DecisionStatus, DecisionType, Pause, Proof, Role, Said
from agents.errors import AlreadyDecided, InvalidDecision, NotAllowed, NotPending, QuestionChanged, SecondNeeded
from agents.payloads.shown import edit_of
from agents.people import tokens
from tests.desks import by_question, desk_in, log_of, paused, work
from tests.test_decisions import Hand
from tests.test_processes import signoff

YES = Said(DecisionType.RESPOND, message="yes")
NO = Said(DecisionType.RESPOND, message="no")
CLOSE = Said(DecisionType.IGNORE, message="not needed")
RULES = """
[graphs.one]
four_eyes = true
[graphs.two]
four_eyes = true
[graphs.fenced]
four_eyes = true
[graphs.typed]
four_eyes = "blind"
[graphs.plan_approval]
four_eyes = true
[graphs.email_approval]
four_eyes = true
"""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """One desk for all tests; each uses threads, and a log, of its own."""
    folder = tmp_path_factory.mktemp("desk")
    (folder / "rules.toml").write_text(RULES)
    made = desk_in(folder, Hand(), undo_seconds=0, rules=folder / "rules.toml")
    yield made
    made.close()


def opined(desk: Desk, pause: Pause, said: Said, actor: str | Actor) -> SecondNeeded:
    with pytest.raises(SecondNeeded) as caught:
        decide(desk, pause.thread_id, pause.pause_key, said, actor=actor, seen=pause.seen)
    return caught.value


def agrees(desk: Desk, pause: Pause, said: Said, actor: str | Actor) -> Decision:
    return decide(desk, pause.thread_id, pause.pause_key, said, actor=actor, seen=pause.seen)


def seen_by(desk: Desk, pause: Pause, name: str | None) -> Council:
    with reading(desk.engine) as connection:
        return council(connection, decisions.mode_of(desk, pause), pause, name)


def events(desk: Desk, thread_id: str, action: str) -> list[Event]:
    with reading(desk.engine) as connection:
        told = audit.of_thread(connection, desk.sources[0].source_id, thread_id)
    return [event for event in told if event.action == action]


def amount(number: int) -> Said:
    return Said(DecisionType.RESPOND, value={"amount": number})


def test_the_second_same_answer_decides(desk: Desk, home: Path) -> None:
    thread_id, pause = paused(desk, "one", home)
    first = opined(desk, pause, YES, "ann")
    assert str(first) == "Recorded. You would answer this. A second person must agree before anything is sent."
    work(desk)
    assert log_of(home) == []
    made = agrees(desk, pause, YES, "bo")
    work(desk)
    assert log_of(home) == ["answered yes", "acted yes"]
    assert made.actor == "bo"
    with reading(desk.engine) as connection:
        joined = of_decision(connection, made.decision_id)
        assert audit.verify(connection) is None
        assert decisions.altered(connection) is None
    assert [(each.actor, each.status) for each in joined] == [("ann", Status.JOINED), ("bo", Status.JOINED)]
    assert joined[0].opinion_id == first.opinion_id
    (told,) = events(desk, thread_id, "decided")
    assert [each["actor"] for each in told.fields["with_opinions"]] == ["ann", "bo"]
    sentences = [entry.what for entry in history.story(desk, thread_id).entries]
    assert "would answer this: “yes”. A second person must agree." in sentences
    assert "answered, as ann said before: “yes”" in sentences


@pytest.mark.parametrize("again", ["ann", "Ann", "ＡＮＮ"])
def test_one_person_is_one_person(desk: Desk, home: Path, again: str) -> None:
    _, pause = paused(desk, "one", home)
    first = opined(desk, pause, YES, "ann")
    second = opined(desk, pause, YES, again)
    assert second.opinion_id == first.opinion_id
    assert "You have said so already" in str(second)
    assert len(events(desk, pause.thread_id, "opined")) == 1


def test_a_token_with_the_name_is_the_same_person(desk: Desk, home: Path) -> None:
    _, pause = paused(desk, "one", home)
    _, mine = tokens.create(desk, "ann", ["decide"], actor="ann", role=Role.LEAD)
    _, other = tokens.create(desk, "bo", ["decide"], actor="bo", role=Role.REVIEWER)
    with reading(desk.engine) as connection:
        ann, bo = (tokens.actor_of(connection, desk, secret) for secret in (mine, other))
    opined(desk, pause, YES, ann)
    opined(desk, pause, YES, "ann")
    assert agrees(desk, pause, YES, bo).status is DecisionStatus.ACCEPTED


def test_a_different_answer_starts_over_and_says_so(desk: Desk, home: Path) -> None:
    thread_id, pause = paused(desk, "one", home)
    opined(desk, pause, YES, "ann")
    told = opined(desk, pause, NO, "bo")
    assert "not what ann said, which no longer counts: a second person must agree with you" in str(told)
    assert [each.actor for each in seen_by(desk, pause, "ann").opinions] == ["bo"]
    assert events(desk, thread_id, "opined")[-1].fields["replaces"] == ["ann"]
    assert agrees(desk, pause, NO, "ann").resume_value == "no"
    work(desk)
    assert log_of(home) == ["answered no", "acted no"]


def test_a_person_changes_or_takes_back_their_own(desk: Desk, home: Path) -> None:
    thread_id, pause = paused(desk, "one", home)
    opined(desk, pause, YES, "ann")
    opined(desk, pause, NO, "ann")
    with pytest.raises(NotPending, match="no opinion"):
        withdraw(desk, thread_id, pause.pause_key, actor="bo")
    (taken,) = withdraw(desk, thread_id, pause.pause_key, actor="ann")
    assert taken.resume_value == "no"
    opined(desk, pause, NO, "bo")
    assert seen_by(desk, pause, "bo").others == ()
    assert len(events(desk, thread_id, "withdrew")) == 1


def test_a_changed_question_makes_opinions_stale(desk: Desk, home: Path) -> None:
    _, pause = paused(desk, "one", home)
    opined(desk, pause, YES, "ann")
    with desk.engine.begin() as connection:  # as if the body had run again and asked in other words
        connection.exec_driver_sql("UPDATE opinion SET seen = 'of an earlier text'")
    assert seen_by(desk, pause, "bo").outdated == ("ann",)
    opined(desk, pause, YES, "bo")
    assert seen_by(desk, pause, "bo").outdated == ()
    assert [event.fields["of"] for event in events(desk, pause.thread_id, "opinion_stale")] == ["ann"]
    with pytest.raises(QuestionChanged):
        decide(desk, pause.thread_id, pause.pause_key, YES, actor="ann", seen="0" * 64)


def test_an_opinion_is_checked_like_a_decision(desk: Desk, home: Path) -> None:
    thread_id, pause = paused(desk, "one", home)
    with pytest.raises(InvalidDecision):
        agrees(desk, pause, Said(DecisionType.RESPOND, message="perhaps"), "ann")
    assert events(desk, thread_id, "opined") == []


@pytest.mark.parametrize("graph_id", ["one", "two", "fenced"])
def test_closing_needs_two_as_well(desk: Desk, home: Path, graph_id: str) -> None:
    thread_id, pause = paused(desk, graph_id, home)
    opined(desk, pause, CLOSE, "ann")
    assert len(desk.pauses(thread_id)) > 0
    last = desk.pauses(thread_id)[-1]  # whichever question it is closed from
    made = agrees(desk, last, Said(DecisionType.IGNORE, message="nor by me"), "bo")
    work(desk)
    assert made.message == "nor by me"
    assert decisions_on(desk, thread_id) == {DecisionStatus.DELIVERED}


def test_a_breakpoint_needs_two_as_well(desk: Desk, home: Path) -> None:
    thread_id, pause = paused(desk, "fenced", home)
    opined(desk, pause, Said(DecisionType.APPROVE), "ann")
    agrees(desk, pause, Said(DecisionType.APPROVE), "bo")
    work(desk)
    assert desk.outcome(thread_id)["text"] == "Did yes."


def test_an_undone_decision_needs_two_again(desk: Desk, home: Path) -> None:
    _, pause = paused(desk, "one", home)
    opined(desk, pause, YES, "ann")
    made = agrees(desk, pause, YES, "bo")
    decisions.undo(desk, made.decision_id, actor="ann")
    assert seen_by(desk, pause, "ann").opinions == ()
    opined(desk, pause, YES, "bo")
    again = agrees(desk, pause, YES, "ann")
    assert again.actor == "ann"


def test_the_third_person_is_told_who_decided(desk: Desk, home: Path) -> None:
    _, pause = paused(desk, "one", home)
    opined(desk, pause, YES, "ann")
    agrees(desk, pause, YES, "bo")
    with pytest.raises(AlreadyDecided, match="bo answered this"):
        agrees(desk, pause, YES, "cy")


def test_many_at_once_give_one_decision(desk: Desk, home: Path) -> None:
    _, pause = paused(desk, "one", home)

    def click(number: int) -> str:
        try:
            return agrees(desk, pause, YES, f"person {number}").actor
        except (SecondNeeded, AlreadyDecided) as error:
            return type(error).__name__

    with ThreadPoolExecutor(12) as pool:
        results = sorted(pool.map(click, range(12)))
    work(desk)
    assert results.count("SecondNeeded") == 1
    assert results.count("AlreadyDecided") == 10
    assert log_of(home) == ["answered yes", "acted yes"]


def test_several_questions_are_decided_when_all_answers_agree(desk: Desk, home: Path) -> None:
    thread_id, _ = paused(desk, "two", home)
    find = by_question(desk.pauses(thread_id))
    left, right = find("left?"), find("right?")

    def say(actor: str, *said: Said) -> list[Decision]:
        pairs = zip((left, right), said, strict=True)
        return decide_thread(desk, thread_id, [Given(each.pause_key, it, each.seen) for each, it in pairs], actor=actor)

    with pytest.raises(SecondNeeded, match="Recorded for 2 questions"):
        say("ann", YES, YES)
    with pytest.raises(SecondNeeded):
        say("bo", YES, NO)
    assert decisions_on(desk, thread_id) == set()
    assert {each.actor for each in seen_by(desk, left, "cy").opinions} == {"ann", "bo"}
    assert {each.actor for each in seen_by(desk, right, "cy").opinions} == {"bo"}
    made = say("ann", YES, NO)
    assert [each.resume_value for each in made] == ["yes", "no"]
    work(desk)
    assert log_of(home)[-1] == "joined yes no"


def test_nothing_is_decided_in_bulk(desk: Desk, home: Path) -> None:
    thread_id = starts.start(desk, "plan_approval", None, actor="starter", sample=True)
    work(desk)
    pause = desk.pauses(thread_id)[0]
    choice = Choice(pause.source_id, thread_id, pause.pause_key, pause.seen)
    with pytest.raises(InvalidDecision, match="two people must agree"):
        decisions.decide_together(desk, [choice], DecisionType.REJECT, actor="ann")
    assert decisions_on(desk, thread_id) == set()


def test_nothing_decides_by_itself(desk: Desk, home: Path) -> None:
    _, pause = paused(desk, "one", home)
    opined(desk, pause, YES, "ann")
    with pytest.raises(NotAllowed, match="Two people must agree"):
        agrees(desk, pause, YES, "system:deadline")


def test_a_deadline_may_still_close_it(desk: Desk, home: Path) -> None:
    thread_id, pause = paused(desk, "one", home)
    opined(desk, pause, YES, "ann")
    made = agrees(desk, pause, CLOSE, "system:deadline")
    assert made.actor == "system:deadline"
    with reading(desk.engine) as connection:
        assert open_on(connection, pause.source_id, thread_id, pause.pause_key) == []


def test_inside_is_called_with_an_opinion_too(desk: Desk, home: Path) -> None:
    _, pause = paused(desk, "one", home)
    got: list[Decision | None] = []
    for actor in ("ann", "bo"):
        try:
            told = {"actor": actor, "inside": lambda _, made: got.append(made)}
            decide(desk, pause.thread_id, pause.pause_key, YES, **told)
        except SecondNeeded:
            continue
    assert [each.actor if each else None for each in got] == [None, "bo"]


def test_blind_answers_are_hidden_until_both_exist(desk: Desk, home: Path) -> None:
    thread_id, pause = paused(desk, "typed", home)
    told = opined(desk, pause, amount(3), "ann")
    assert "Nobody sees it before" in str(told)
    for name in ("bo", None):
        assert seen_by(desk, pause, name).opinions == ()
        assert seen_by(desk, pause, name).hidden == ("ann",)
    assert "amount" not in str([dict(event.fields) for event in events(desk, thread_id, "opined")])
    assert [each.resume_value for each in seen_by(desk, pause, "ann").opinions] == [{"amount": 3}]
    made = agrees(desk, pause, amount(3), "bo")
    work(desk)
    assert log_of(home) == ["amount 3", "acted 3"]
    (decided,) = events(desk, thread_id, "decided")
    assert [each["resume_value"] for each in decided.fields["with_opinions"]] == [{"amount": 3}] * 2
    assert made.actor == "bo"


def test_a_blind_disagreement_is_shown_and_settled_by_a_lead(desk: Desk, home: Path) -> None:
    thread_id, pause = paused(desk, "typed", home)
    opined(desk, pause, amount(3), "ann")
    assert "A lead settles it" in str(opined(desk, pause, amount(4), "bo"))
    shown = seen_by(desk, pause, "cy")
    assert (shown.mode, shown.differ, [each.actor for each in shown.opinions]) == (Mode.BLIND, True, ["ann", "bo"])
    assert len(events(desk, thread_id, "opinions_shown")) == 1
    _, secret = tokens.create(desk, "bo", ["decide"], actor="x", role=Role.REVIEWER)
    _, leading = tokens.create(desk, "dee", ["decide"], actor="x", role=Role.LEAD)
    with reading(desk.engine) as connection:
        reviewer, lead = (tokens.actor_of(connection, desk, each) for each in (secret, leading))
    assert reviewer.proof is Proof.TOKEN
    with pytest.raises(NotAllowed, match="settle a disagreement"):
        agrees(desk, pause, amount(3), reviewer)
    with pytest.raises(NotAllowed, match="settle a disagreement"):
        withdraw(desk, thread_id, pause.pause_key, actor=reviewer)
    made = agrees(desk, pause, amount(4), lead)
    work(desk)
    assert log_of(home) == ["amount 4", "acted 4"]
    with reading(desk.engine) as connection:
        assert [each.actor for each in of_decision(connection, made.decision_id)] == ["bo", "dee"]
        assert open_on(connection, pause.source_id, thread_id, pause.pause_key) == []


def test_a_lead_with_a_third_answer_starts_over(desk: Desk, home: Path) -> None:
    _, pause = paused(desk, "typed", home)
    opined(desk, pause, amount(3), "ann")
    opined(desk, pause, amount(4), "bo")
    assert "no longer count" in str(opined(desk, pause, amount(5), "dee"))
    assert seen_by(desk, pause, "ann").hidden == ("dee",)
    assert agrees(desk, pause, amount(5), "ann").resume_value == {"amount": 5}


def test_a_thread_of_an_unknown_graph_falls_under_the_strictest_rule(desk: Desk, home: Path) -> None:
    _, pause = paused(desk, "one", home)
    assert decisions.mode_of(desk, pause) is Mode.TWO
    assert decisions.mode_of(desk, replace(pause, graph_id="typed")) is Mode.BLIND
    assert decisions.mode_of(desk, replace(pause, graph_id=None, thread_id="unheard of")) is Mode.BLIND


def decisions_on(desk: Desk, thread_id: str) -> set[DecisionStatus]:
    with reading(desk.engine) as connection:
        return {each.status for each in decisions.of_thread(connection, desk.sources[0].source_id, thread_id)}


@pytest.mark.slow
def test_processes_that_agree_at_once_give_one_decision(home: Path) -> None:
    (home / "rules.toml").write_text(RULES)
    desk = desk_in(home, rules=home / "rules.toml")
    thread_id, pause = paused(desk, "one", home)
    opined(desk, pause, YES, "ann")
    desk.close()
    env = {"SIGNOFF_GRAPHS": str(home / "langgraph.json"), "SIGNOFF_RULES": str(home / "rules.toml")}
    yes = ("--decision", "respond", "--message", "yes", "--no-wait")
    names = ["ann", "ann", "bo", "cy", "dee", "eve"]
    running = [signoff(home, "decide", thread_id, pause.pause_key, *yes, "--actor", name, **env) for name in names]
    said = [process.communicate(timeout=100) for process in running]
    codes = sorted(process.returncode for process in running)
    assert codes.count(0) == 1, said
    assert set(codes) <= {0, 3, 6}
    desk = desk_in(home, rules=home / "rules.toml")
    work(desk)
    assert log_of(home) == ["answered yes", "acted yes"]
    (told,) = events(desk, thread_id, "decided")
    desk.close()
    assert told.fields["with_opinions"][0]["actor"] == "ann"
    assert told.actor != "ann"


def test_an_opinion_says_what_it_would_change(desk: Desk) -> None:
    given = {"recipient": "ada@example.org", "subject": "Invoice 1005"}
    thread_id = starts.start(desk, "email_approval", given, actor="starter")
    work(desk)
    pause = desk.pauses(thread_id)[0]
    shown, _ = edit_of(payloads.parse(pause), Said(DecisionType.EDIT, args={})) or ({}, {})
    opined(desk, pause, Said(DecisionType.EDIT, args={**shown, "subject": "Invoice 1006"}), "ann")
    told = events(desk, thread_id, "opined")[0].fields
    assert told["patch"] == [{"op": "replace", "path": "/subject", "value": "Invoice 1006"}]
