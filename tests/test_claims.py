"""Taking a question on: it refuses others until it ends, is let go of or taken over; assignments refuse nobody."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from agents import audit, claims, decisions, history
from agents.__main__ import main
from agents.audit import Question
from agents.claims import assign, claim, release
from agents.database import reading, writing
from agents.decisions import Given, decide, decide_thread
from agents.desk import Desk
from agents.domain import Actor, DecisionType, Pause, Proof, Repair, Role, Said
from agents.errors import Claimed, InvalidInput, NotAllowed, NotPending, SecondNeeded
from agents.people import tokens
from agents.repairs import repair
from agents.reviews import save_draft
from tests.desks import by_question, desk_in, log_of, paused, work
from tests.test_decisions import Hand

YES = Said(DecisionType.RESPOND, message="yes")
CLOSE = Said(DecisionType.IGNORE)
RULES = """
claim_for = "10m"
[graphs.two]
four_eyes = true
[people."ann@example.org"]
role = "lead"
[people."vic@example.org"]
role = "viewer"
"""


@pytest.fixture(scope="module")
def clock() -> Hand:
    return Hand()


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, clock: Hand) -> Iterator[Desk]:
    """One desk for all tests; each uses threads, and a log, of its own."""
    folder = tmp_path_factory.mktemp("desk")
    (folder / "rules.toml").write_text(RULES)
    made = desk_in(folder, clock, undo_seconds=0, rules=folder / "rules.toml")
    yield made
    made.close()


def about(pause: Pause) -> Question:
    return Question(pause.source_id, pause.thread_id, pause.pause_key)


def holder(desk: Desk, pause: Pause) -> str | None:
    with reading(desk.engine) as connection:
        found = claims.claim_of(connection, about(pause), desk.clock())
    return found.holder if found else None


def told(desk: Desk, thread_id: str) -> list[str]:
    return [f"{entry.who} {entry.what}" for entry in history.story(desk, thread_id).entries]


def token_of(desk: Desk, name: str, role: Role) -> Actor:
    _, secret = tokens.create(desk, name, ["decide"] if role is not Role.VIEWER else ["read"], actor="x", role=role)
    with reading(desk.engine) as connection:
        found = tokens.actor_of(connection, desk, secret)
    assert found.proof is Proof.TOKEN
    return found


def test_a_claim_refuses_the_decisions_of_others(desk: Desk, home: Path) -> None:
    thread_id, pause = paused(desk, "one", home)
    made = claim(desk, thread_id, str(pause.interrupt_id), actor="bo")
    assert (made.holder, made.pause_key) == ("bo", pause.pause_key)
    for said in (YES, CLOSE):
        with pytest.raises(Claimed, match=r"bo has taken this on until \d\d:\d\d UTC") as caught:
            decide(desk, thread_id, pause.pause_key, said, actor="ann")
        assert (caught.value.holder, caught.value.until) == ("bo", made.until)
    decide(desk, thread_id, pause.pause_key, YES, actor="Bo")
    work(desk)
    assert log_of(home) == ["answered yes", "acted yes"]
    assert holder(desk, pause) is None


def test_a_claim_ends_by_itself(desk: Desk, home: Path, clock: Hand) -> None:
    thread_id, pause = paused(desk, "one", home)
    claim(desk, thread_id, pause.pause_key, actor="bo")
    clock.forward(599)
    with pytest.raises(Claimed):
        claim(desk, thread_id, pause.pause_key, actor="ann")
    clock.forward(2)
    assert claim(desk, thread_id, pause.pause_key, actor="ann").holder == "ann"
    assert told(desk, thread_id)[-2:] == ["bo took this on", "ann took this on"]


def test_work_on_the_card_keeps_it(desk: Desk, home: Path, clock: Hand) -> None:
    thread_id, pause = paused(desk, "one", home)
    claim(desk, thread_id, pause.pause_key, actor="bo")
    clock.forward(500)
    save_draft(desk, about(pause), "ann", {"answer": "hers"})
    clock.forward(90)
    save_draft(desk, about(pause), "bo", {"answer": "his"})
    clock.forward(500)
    assert holder(desk, pause) == "bo"
    clock.forward(200)
    save_draft(desk, about(pause), "bo", {"answer": "too late"})
    assert holder(desk, pause) is None


def test_taking_over_is_recorded(desk: Desk, home: Path) -> None:
    thread_id, pause = paused(desk, "one", home)
    claim(desk, thread_id, pause.pause_key, actor="bo")
    claim(desk, thread_id, pause.pause_key, actor="bo")
    claim(desk, thread_id, pause.pause_key, actor="ann", take_over=True)
    assert told(desk, thread_id)[-2:] == ["bo took this on", "ann took this over from bo"]
    with pytest.raises(Claimed):
        decide(desk, thread_id, pause.pause_key, YES, actor="bo")
    with pytest.raises(Claimed, match="ann has taken this on"):
        release(desk, thread_id, pause.pause_key, actor="bo")
    release(desk, thread_id, pause.pause_key, actor="ann")
    with pytest.raises(NotPending, match="Nobody has taken this on"):
        release(desk, thread_id, pause.pause_key, actor="ann")
    decide(desk, thread_id, pause.pause_key, YES, actor="bo")
    with reading(desk.engine) as connection:
        assert audit.verify(connection) is None


def test_a_claim_on_one_question_holds_up_closing_the_thread(desk: Desk, home: Path) -> None:
    thread_id, _ = paused(desk, "two", home)
    find = by_question(desk.pauses(thread_id))
    claim(desk, thread_id, find("left?").pause_key, actor="bo")
    with pytest.raises(Claimed):
        decide(desk, thread_id, find("right?").pause_key, CLOSE, actor="ann")
    with pytest.raises(Claimed, match="Answer 1 of 2"):
        decide_thread(desk, thread_id, [Given(each.pause_key, YES) for each in desk.pauses(thread_id)], actor="ann")
    with pytest.raises(SecondNeeded):
        decide(desk, thread_id, find("right?").pause_key, YES, actor="ann")


def test_an_opinion_lets_go_of_the_claim(desk: Desk, home: Path) -> None:
    thread_id, pause = paused(desk, "two", home)
    claim(desk, thread_id, pause.pause_key, actor="bo")
    with pytest.raises(SecondNeeded):
        decide(desk, thread_id, pause.pause_key, YES, actor="bo")
    assert decide(desk, thread_id, pause.pause_key, YES, actor="ann").actor == "ann"


def test_a_claim_holds_up_repairs(desk: Desk, home: Path) -> None:
    thread_id, _ = paused(desk, "failing", home)
    decide(desk, thread_id, desk.pauses(thread_id)[0].pause_key, YES, actor="ann")
    work(desk)
    stuck = desk.pauses(thread_id)[0]
    claim(desk, thread_id, stuck.pause_key, actor="bo")
    with pytest.raises(Claimed):
        repair(desk, thread_id, stuck.pause_key, Repair.RETRY, actor="ann")
    repair(desk, thread_id, stuck.pause_key, Repair.RETRY, actor="bo")


def test_a_deadline_is_not_held_up(desk: Desk, home: Path) -> None:
    thread_id, pause = paused(desk, "one", home)
    claim(desk, thread_id, pause.pause_key, actor="bo")
    assert decide(desk, thread_id, pause.pause_key, CLOSE, actor="system:deadline").actor == "system:deadline"


def test_only_what_waits_can_be_taken_on(desk: Desk, home: Path) -> None:
    thread_id, pause = paused(desk, "one", home)
    made = decide(desk, thread_id, pause.pause_key, YES, actor="ann")
    for key in (pause.pause_key, "nothing.0"):
        with pytest.raises(NotPending):
            claim(desk, thread_id, key, actor="bo")
        with pytest.raises(NotPending):
            assign(desk, thread_id, key, "bo", actor="ann")
    decisions.undo(desk, made.decision_id, actor="ann")
    assert claim(desk, thread_id, pause.pause_key, actor="bo").holder == "bo"


def test_an_assignment_is_recorded_and_refuses_nobody(desk: Desk, home: Path) -> None:
    thread_id, pause = paused(desk, "one", home)
    assign(desk, thread_id, pause.pause_key, "role:lead", actor="ann", reason="a large sum")
    assign(desk, thread_id, pause.pause_key, "role:lead", actor="ann")
    with reading(desk.engine) as connection:
        assert claims.assignments(connection)[pause.source_id, thread_id, pause.pause_key] == "role:lead"
    assign(desk, thread_id, pause.pause_key, None, actor="ann")
    assert told(desk, thread_id)[-2:] == [
        "ann gave this to a lead: “a large sum”",
        "ann gave this to nobody in particular",
    ]
    assign(desk, thread_id, pause.pause_key, "cy", actor="ann")
    decide(desk, thread_id, pause.pause_key, YES, actor="bo")
    work(desk)
    with reading(desk.engine) as connection:
        assert claims.assignment_of(connection, about(pause)) is None


@pytest.mark.parametrize(("who", "why"), [("role:viewer", "no role"), ("role:boss", "no role"), ("", "printable")])
def test_nobody_is_given_what_they_could_not_decide(desk: Desk, home: Path, who: str, why: str) -> None:
    thread_id, pause = paused(desk, "one", home)
    with pytest.raises(InvalidInput, match=why):
        assign(desk, thread_id, pause.pause_key, who, actor="ann")
    with pytest.raises(InvalidInput, match="may not decide at this desk"):
        assign(desk, thread_id, pause.pause_key, "vic@example.org", actor="ann")


def test_roles(desk: Desk, home: Path) -> None:
    thread_id, pause = paused(desk, "one", home)
    viewer, reviewer = token_of(desk, "vic", Role.VIEWER), token_of(desk, "rex", Role.REVIEWER)
    with pytest.raises(NotAllowed, match="may not take this on"):
        claim(desk, thread_id, pause.pause_key, actor=viewer)
    claim(desk, thread_id, pause.pause_key, actor=reviewer)
    with pytest.raises(NotAllowed, match="a lead or higher may"):
        assign(desk, thread_id, pause.pause_key, "bo", actor=reviewer)
    assign(desk, thread_id, pause.pause_key, "rex", actor=token_of(desk, "dee", Role.LEAD))


@pytest.mark.parametrize(
    ("assignee", "name", "role", "expected"),
    [
        ("ann", "Ann", Role.REVIEWER, True),
        ("ann", "bo", Role.ADMIN, False),
        ("role:lead", "bo", Role.ADMIN, True),
        ("role:lead", "bo", Role.REVIEWER, False),
    ],
)
def test_whom_an_assignment_means(assignee: str, name: str, role: Role, expected: bool) -> None:
    assert claims.is_for(assignee, Actor(name, role, Proof.OIDC)) is expected
    assert claims.is_for("role:lead", "anybody at a desk without accounts")


def test_candidates_are_those_who_may_decide(desk: Desk) -> None:
    assert claims.candidates(desk) == ("ann@example.org", "role:reviewer", "role:lead", "role:admin")


def test_a_claim_is_renewed_inside_the_callers_transaction(desk: Desk, home: Path, clock: Hand) -> None:
    thread_id, pause = paused(desk, "one", home)
    before = claim(desk, thread_id, pause.pause_key, actor="bo").until
    clock.forward(60)
    with writing(desk.engine) as connection:
        claims.renew(connection, desk, about(pause), "bo")
    with reading(desk.engine) as connection:
        found = claims.claim_of(connection, about(pause), desk.clock())
    assert found is not None
    assert found.until > before


def told_by(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(list(words)) == 0
    return capsys.readouterr().out


def test_commands(home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "rules.toml").write_text(RULES)
    desk = desk_in(home, undo_seconds=0, rules=home / "rules.toml")
    thread_id, pause = paused(desk, "two", home)
    desk.close()
    monkeypatch.setenv("SIGNOFF_GRAPHS", str(home / "langgraph.json"))
    monkeypatch.setenv("SIGNOFF_RULES", str(home / "rules.toml"))
    on = (thread_id, pause.pause_key)
    assert "bo has this until" in told_by(capsys, "claim", *on, "--actor", "bo")
    yes = ("--decision", "respond", "--message", "yes", "--no-wait")
    assert main(["decide", *on, *yes, "--actor", "ann"]) == Claimed.exit_code
    assert "bo has taken this on until" in capsys.readouterr().err
    told_by(capsys, "claim", *on, "--take-over", "--actor", "ann")
    told_by(capsys, "release", *on, "--actor", "ann")
    assert told_by(capsys, "assign", *on, "role:lead", "--actor", "ann") == "Given to a lead.\n"
    told_by(capsys, "claim", *on, "--actor", "cy")
    assert main(["decide", *on, *yes, "--actor", "cy"]) == SecondNeeded.exit_code == 6
    assert "A second person must agree" in capsys.readouterr().err
    (row,) = [each for each in json.loads(told_by(capsys, "list", "--json")) if each["pause_key"] == pause.pause_key]
    assert (row["claimed_by"], row["assigned_to"], row["opinions"]) == (None, "role:lead", 1)
    (asked,) = json.loads(told_by(capsys, "show", *on, "--json"))["waiting"]
    assert [each["actor"] for each in asked["four_eyes"]["opinions"]] == ["cy"]
    shown = told_by(capsys, "show", *on)
    assert "Given to a lead." in shown
    assert "cy would answer this. A second person must agree." in shown
    told_by(capsys, "withdraw", *on, "--actor", "cy")
    assert main(["decide", *on, *yes, "--actor", "bo"]) == 6
    capsys.readouterr()
    assert main(["assign", *on]) == 2
    assert "--nobody" in capsys.readouterr().err
    assert told_by(capsys, "assign", *on, "--nobody") == "Given to nobody in particular.\n"
    assert "Accepted: respond by cy." in told_by(capsys, "decide", *on, *yes, "--actor", "cy")
