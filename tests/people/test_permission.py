"""Which graphs and kinds a role may decide, and whose decisions it may take back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from agents import decisions, repairs, starts
from agents.audit import of_thread
from agents.database import reading
from agents.desk import Desk
from agents.domain import Actor, DecisionStatus, DecisionType, Pause, Proof, Repair, Role, Said
from agents.errors import NotAllowed, NotSignedIn
from agents.jobs import JobStatus
from agents.people import NEEDED, Act, may, permitted
from tests.accounts import SETUP, accounts_desk, asked, at, saved
from tests.desks import desk_in, last_job, work

YES = Said(DecisionType.RESPOND, message="yes")
CLOSE = Said(DecisionType.IGNORE)


@pytest.fixture
def desk(home: Path) -> Iterator[Desk]:
    made = accounts_desk(home, undo_seconds=600)
    yield made
    made.close()


def test_each_role_may_what_those_before_it_may(desk: Desk) -> None:
    for act in Act:
        allowed = [may(desk, at(desk, name), act) for name in ("vic", "rita", "lea", "ada")]
        assert (act, allowed) == (act, [role.reaches(NEEDED[act]) for role in Role])


def test_what_is_offered_is_what_is_permitted(desk: Desk) -> None:
    for name in ("vic", "rita", "lea", "ada"):
        for act in Act:
            if may(desk, at(desk, name), act):
                assert permitted(desk, at(desk, name), act) == f"{name}@example.org"
            else:
                with pytest.raises(NotAllowed, match=f"may not {act.value}"):
                    permitted(desk, at(desk, name), act)
    assert not may(desk, "ada@example.org", Act.LOOK)


def test_a_plain_name_is_a_person_in_local_mode_only(home: Path) -> None:
    desk = desk_in(home)
    try:
        assert permitted(desk, "ann", Act.ADMINISTER) == "ann"
        with pytest.raises(NotSignedIn, match="Sign in anew"):
            permitted(desk, Actor("ann", Role.ADMIN, Proof.OIDC, login="forged"), Act.LOOK)
    finally:
        desk.close()


def limited(home: Path, limits: str) -> Desk:
    return accounts_desk(home, f"\n[roles.reviewer]\n{limits}\n", undo_seconds=600)


@pytest.mark.parametrize(
    "limits", ['graphs = ["two"]', 'kinds = ["email", "plan"]', 'graphs = ["one"]\nkinds = ["email"]']
)
def test_a_role_decides_only_the_graphs_and_kinds_that_the_rules_give_it(home: Path, limits: str) -> None:
    desk = limited(home, limits)
    try:
        thread_id, pause = asked(desk, "one", home)
        rita, lea = at(desk, "rita"), at(desk, "lea")
        before = saved(desk)
        for said in (YES, CLOSE):
            with pytest.raises(NotAllowed, match="may not decide for"):
                decisions.decide(desk, thread_id, pause.pause_key, said, actor=rita)
        with pytest.raises(NotAllowed, match="may not decide for"):
            decisions.decide_thread(desk, thread_id, [(pause.pause_key, YES, None)], actor=rita)
        assert saved(desk) == before
        made = decisions.decide(desk, thread_id, pause.pause_key, YES, actor=lea)
        before = saved(desk)
        with pytest.raises(NotAllowed, match=r"for (graph one|reviews of the kind generic) here"):
            decisions.send_now(desk, made.decision_id, actor=rita)
        assert saved(desk) == before
    finally:
        desk.close()


def test_the_limits_hold_for_starting_and_for_failed_runs(home: Path) -> None:
    desk = limited(home, 'graphs = ["two"]')
    try:
        rita, given = at(desk, "rita"), {"log": str(home / "log.txt")}
        with pytest.raises(NotAllowed, match="A reviewer may not start workflows for graph one here"):
            starts.start(desk, "one", given, actor=rita)
        assert starts.start(desk, "two", given, actor=rita)
        failed, pause = asked(desk, "failing", home)
        decisions.decide(desk, failed, pause.pause_key, YES, actor=SETUP, wait_for_undo=False)
        work(desk)
        before = saved(desk)
        with pytest.raises(NotAllowed, match="may not repair threads for graph failing here"):
            starts.retry(desk, failed, actor=rita)
        for each in (each for each in desk.pauses(failed) if Repair.RETRY in each.repairs):
            with pytest.raises(NotAllowed, match="may not repair threads for graph failing here"):
                repairs.repair(desk, failed, each.pause_key, Repair.RETRY, actor=rita)
        assert saved(desk) == before
        starts.retry(desk, failed, actor=at(desk, "lea"))
        assert last_job(desk, failed).status is JobStatus.WAITING
    finally:
        desk.close()


def test_a_thread_whose_graph_nobody_knows_is_not_for_a_limited_role(desk: Desk, home: Path) -> None:
    limited_desk = accounts_desk(home, '\n[roles.reviewer]\ngraphs = ["one"]\n')
    try:
        rita = at(limited_desk, "rita")
        assert not may(limited_desk, rita, Act.DECIDE, graph_id=None, kind="generic")
        assert may(limited_desk, rita, Act.DECIDE, graph_id="one", kind="generic")
        assert may(limited_desk, rita, Act.DECIDE)
    finally:
        limited_desk.close()


def decided(desk: Desk, home: Path, name: str) -> tuple[decisions.Decision, Pause]:
    thread_id, pause = asked(desk, "one", home)
    return decisions.decide(desk, thread_id, pause.pause_key, YES, actor=at(desk, name)), pause


def test_a_decision_is_taken_back_by_whoever_made_it_or_by_a_lead(desk: Desk, home: Path) -> None:
    made, pause = decided(desk, home, "rita")
    before = saved(desk)
    with pytest.raises(NotAllowed, match="is a reviewer here and may not take back what somebody else decided"):
        decisions.undo(desk, made.decision_id, actor=at(desk, "rob"))
    assert saved(desk) == before
    assert decisions.undo(desk, made.decision_id, actor=at(desk, "rita")).status is DecisionStatus.SUPERSEDED
    again = decisions.decide(desk, pause.thread_id, pause.pause_key, YES, actor=at(desk, "rita"))
    assert decisions.undo(desk, again.decision_id, actor=at(desk, "lea")).reason == "undone by lea@example.org"
    with reading(desk.engine) as connection:
        told = of_thread(connection, pause.source_id, pause.thread_id)
    assert [each.actor for each in told if each.action == "undone"] == ["rita@example.org", "lea@example.org"]


def test_closing_a_thread_takes_back_nobody_elses_answer_without_a_lead(desk: Desk, home: Path) -> None:
    thread_id, _ = asked(desk, "two", home)
    first, second = desk.pauses(thread_id)
    decisions.decide(desk, thread_id, first.pause_key, Said(DecisionType.RESPOND, value="yes"), actor=at(desk, "rita"))
    before = saved(desk)
    with pytest.raises(NotAllowed, match="may not take back"):
        decisions.decide(desk, thread_id, second.pause_key, CLOSE, actor=at(desk, "rob"))
    assert saved(desk) == before
    assert decisions.decide(desk, thread_id, second.pause_key, CLOSE, actor=at(desk, "lea")).type is DecisionType.IGNORE


def test_several_together_are_refused_before_the_first_is_decided(home: Path) -> None:
    desk = limited(home, 'graphs = ["two"]')
    try:
        pauses = [asked(desk, "one", home)[1] for _ in range(2)]
        choices = [decisions.Choice(each.source_id, each.thread_id, each.pause_key, each.seen) for each in pauses]
        before = saved(desk)
        with pytest.raises(NotAllowed, match="may not decide for graph one here"):
            decisions.decide_together(desk, choices, DecisionType.REJECT, actor=at(desk, "rita"))
        assert saved(desk) == before
    finally:
        desk.close()


def test_what_is_called_inside_a_decision_can_take_it_back(desk: Desk, home: Path) -> None:
    thread_id, pause = asked(desk, "one", home)
    before, told = saved(desk), []

    def too_late(connection: object, made: decisions.Decision | None) -> None:
        told.append(made)
        raise NotAllowed("Not any more.")

    with pytest.raises(NotAllowed, match="Not any more"):
        decisions.decide(desk, thread_id, pause.pause_key, YES, actor=SETUP, inside=too_late)
    assert [each.pause_key for each in told if each] == [pause.pause_key]
    assert saved(desk) == before


def test_nobody_has_a_deadline_decide_what_they_may_not(home: Path) -> None:
    default = {"steps": [{"after": "1h", "do": "default", "decision": "approve"}]}
    with closing(accounts_desk(home, '[roles.reviewer]\nkinds = ["question"]')) as desk:
        before, given = saved(desk), {"log": str(home / "log.txt")}
        with pytest.raises(NotAllowed, match="may not decide for reviews of the kind that is not known before it asks"):
            starts.start(desk, "one", given, actor=at(desk, "rita"), deadline=default)
        assert saved(desk) == before
        assert starts.start(desk, "one", given, actor=at(desk, "lea"), deadline=default)
        assert starts.start(desk, "one", given, actor=at(desk, "rita"), deadline="4h")
