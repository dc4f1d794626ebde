"""Every call of agents that changes something asks who acts, in its transaction: no page or route has to remember to."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

import agents
from agents import (
    batches,
    choosing,
    claims,
    deadlines,
    decisions,
    demo,
    exporting,
    notifications,
    payloads,
    redacting,
    repairs,
    restoring,
    reviews,
    starts,
    system,
    trust,
)
from agents.audit import Question
from agents.backups import copying
from agents.desk import Desk
from agents.domain import Actor as Person
from agents.domain import DecisionType, Pause, Proof, Repair, Role, Said, Who
from agents.errors import Claimed, NotAllowed, NotSignedIn, SignoffError
from agents.people import tokens
from agents.runs import due
from tests.accounts import SETUP, accounts_desk, asked, at, saved
from tests.desks import work

HOUR = timedelta(hours=1)
YES = Said(DecisionType.RESPOND, message="yes")
BELOW = (
    "agents.commands",
    "agents.database",
    "agents.api",
    "agents.people.permission",
    "agents.graphs",
    "agents.__main__",
    "agents.threads.child",
)
"""Not searched: what stands above the calls, and the check itself."""


@dataclass
class Scene:
    """open: a question that waits. decided: one whose answer was not sent yet. failed: a thread whose run failed."""

    desk: Desk
    open: Pause
    decided: decisions.Decision
    failed: str

    @property
    def key(self) -> deadlines.Key:
        return (self.open.source_id, self.open.thread_id, self.open.pause_key)


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    home = tmp_path_factory.mktemp("home")
    desk = accounts_desk(home, undo_seconds=600)
    thread_id, pause = asked(desk, "one", home)
    _, open_ = asked(desk, "one", home)
    failed, failing = asked(desk, "failing", home)
    decisions.decide(desk, failed, failing.pause_key, YES, actor=SETUP, wait_for_undo=False)
    work(desk)
    first_seen(desk, open_)
    decided = decisions.decide(desk, thread_id, pause.pause_key, YES, actor=SETUP)
    yield Scene(desk, open_, decided, failed)
    desk.close()


def first_seen(desk: Desk, pause: Pause) -> None:
    """Give it a deadline, and a claim that has to be let go of."""
    due.sweep(desk)
    claims.claim(desk, pause.thread_id, pause.pause_key, actor=SETUP)


def _decide(on: Scene, who: Who) -> Any:
    return decisions.decide(on.desk, on.open.thread_id, on.open.pause_key, YES, actor=who)


def _decide_thread(on: Scene, who: Who) -> Any:
    return decisions.decide_thread(on.desk, on.open.thread_id, [(on.open.pause_key, YES, None)], actor=who)


def _decide_together(on: Scene, who: Who) -> Any:
    choice = decisions.Choice(on.open.source_id, on.open.thread_id, on.open.pause_key, on.open.seen)
    return decisions.decide_together(on.desk, [choice], DecisionType.APPROVE, actor=who)


def _repair(on: Scene, who: Who) -> Any:
    return repairs.repair(on.desk, on.open.thread_id, on.open.pause_key, Repair.RETRY, actor=who)


def _about(on: Scene) -> Question:
    return Question(on.open.source_id, on.open.thread_id, on.open.pause_key)


VIEWERS_MAY: dict[Callable[..., Any], Callable[[Scene, Who], Any]] = {
    reviews.record_look: lambda on, who: reviews.record_look(on.desk, payloads.parse(on.open), who),
    reviews.save_draft: lambda on, who: reviews.save_draft(on.desk, _about(on), who, {"message": "so far"}),
}
CALLS: dict[Callable[..., Any], Callable[[Scene, Who], Any]] = {
    decisions.decide: _decide,
    decisions.decide_thread: _decide_thread,
    decisions.decide_together: _decide_together,
    decisions.undo: lambda on, who: decisions.undo(on.desk, on.decided.decision_id, actor=who),
    decisions.send_now: lambda on, who: decisions.send_now(on.desk, on.decided.decision_id, actor=who),
    starts.start: lambda on, who: starts.start(on.desk, "one", {"log": "log.txt"}, actor=who),
    starts.retry: lambda on, who: starts.retry(on.desk, on.failed, actor=who),
    repairs.repair: _repair,
    choosing.choose: lambda on, who: choosing.choose(on.desk, on.open.thread_id, "two", actor=who),
    trust.trust: lambda on, who: trust.trust(on.desk, "one", ["project.models.Order"], actor=who),
    trust.trust_and_go_on: lambda on, who: trust.trust_and_go_on(on.desk, on.failed, actor=who),
    restoring.restore_files: lambda on, who: restoring.restore_files(on.desk, on.open.thread_id, actor=who),
    batches.retry_failed: lambda on, who: batches.retry_failed(on.desk, on.open.thread_id, actor=who),
    demo.make_demo: lambda on, who: demo.make_demo(on.desk, actor=who),
    demo.fill: lambda on, who: demo.fill(on.desk, actor=who).ended.wait(60),
    demo.reset_demo: lambda on, who: demo.reset_demo(on.desk, actor=who),
    decisions.withdraw: lambda on, who: decisions.withdraw(on.desk, on.open.thread_id, on.open.pause_key, actor=who),
    claims.claim: lambda on, who: claims.claim(
        on.desk, on.open.thread_id, on.open.pause_key, actor=who, take_over=True
    ),
    claims.release: lambda on, who: claims.release(on.desk, on.open.thread_id, on.open.pause_key, actor=who),
    claims.assign: lambda on, who: claims.assign(
        on.desk, on.open.thread_id, on.open.pause_key, "rita@example.org", actor=who
    ),
    deadlines.extend: lambda on, who: deadlines.extend(on.desk, on.key, HOUR, actor=who, reason="more time"),
    deadlines.pause: lambda on, who: deadlines.pause(on.desk, on.key, actor=who, reason="a holiday"),
    deadlines.go_on: lambda on, who: deadlines.go_on(on.desk, on.key, actor=who),
    deadlines.snooze: lambda on, who: deadlines.snooze(on.desk, on.key, HOUR, actor=who),
    deadlines.wake: lambda on, who: deadlines.wake(on.desk, on.key, actor=who),
    notifications.again: lambda on, who: notifications.again(on.desk, "n1", actor=who),
    notifications.let_rest: lambda on, who: notifications.let_rest(on.desk, "n1", actor=who),
    redacting.redact: lambda on, who: redacting.redact(on.desk, 1, ["input"], reason="a name", actor=who),
    copying.back_up: lambda on, who: copying.back_up(on.desk, on.desk.settings.home / "copies", actor=who),
    tokens.create: lambda on, who: tokens.create(on.desk, "bot", ["read"], actor=who),
    tokens.revoke: lambda on, who: tokens.revoke(on.desk, "bot", actor=who),
}
READ_FOR_LEADS: dict[Callable[..., Any], Callable[[Scene, Who], Any]] = {
    exporting.record_export: lambda on, who: exporting.record_export(on.desk, "record", actor=who),
    system.check_record: lambda on, who: system.check_record(on.desk, who),
}
BEYOND_VIEWERS = {**CALLS, **READ_FOR_LEADS}
ALL = {**BEYOND_VIEWERS, **VIEWERS_MAY}
READING = {reviews.inbox, system.overview}
"""They only show what is whose."""


def name_of(call: object) -> str:
    return f"{getattr(call, '__module__', '')}.{getattr(call, '__name__', call)}".removeprefix("agents.")


def public_calls() -> set[Callable[..., Any]]:
    """Every public function of agents that takes a desk and somebody who acts."""
    found: set[Callable[..., Any]] = set()
    for info in pkgutil.walk_packages(agents.__path__, "agents."):
        if info.name.startswith(BELOW):
            continue
        module = importlib.import_module(info.name)
        for name, each in vars(module).items():
            if inspect.isfunction(each) and each.__module__ == info.name and not name.startswith("_"):
                given = [parameter.annotation for parameter in inspect.signature(each).parameters.values()]
                if given[:1] == ["Desk"] and "Who" in given:
                    found.add(each)
    return found


def test_no_call_is_missing_here() -> None:
    assert sorted(map(name_of, public_calls() - READING)) == sorted(map(name_of, ALL))


def refused(on: Scene, call: Callable[[Scene, Who], Any], *those: Who) -> list[NotAllowed]:
    """What the call says to each of those who may not; nothing may have been written by then."""
    before, files, told = saved(on.desk), sorted(on.desk.settings.home.rglob("*")), []
    for who in those:
        with pytest.raises(NotAllowed) as error:
            call(on, who)
        told.append(error.value)
    assert saved(on.desk) == before
    assert sorted(on.desk.settings.home.rglob("*")) == files
    return told


@pytest.mark.parametrize("call", BEYOND_VIEWERS.values(), ids=map(name_of, BEYOND_VIEWERS))
def test_a_viewer_may_change_nothing(scene: Scene, call: Callable[[Scene, Who], Any]) -> None:
    (told,) = refused(scene, call, at(scene.desk, "vic"))
    assert "vic@example.org is a viewer here" in str(told)


@pytest.mark.parametrize("call", ALL.values(), ids=map(name_of, ALL))
def test_a_name_alone_a_forged_proof_and_an_old_sign_in_may_do_nothing(
    scene: Scene, call: Callable[[Scene, Who], Any]
) -> None:
    admin = at(scene.desk, "ada")
    those = (
        "ada@example.org",
        Person(admin.name, Role.ADMIN, Proof.LOCAL),
        Person(admin.name, Role.ADMIN, Proof.OIDC, login="forged"),
        Person(admin.name, Role.ADMIN, Proof.TOKEN, frozenset(tokens.SCOPES), None, "forged"),
        Person("system:deadline", Role.ADMIN, Proof.PROXY),
        Person(admin.name, Role.ADMIN, Proof.PROXY, until=scene.desk.clock() - HOUR),
    )
    assert {type(each) for each in refused(scene, call, *those)} == {NotSignedIn}


@pytest.mark.parametrize("call", CALLS.values(), ids=map(name_of, CALLS))
def test_a_token_that_may_only_read_changes_nothing(scene: Scene, call: Callable[[Scene, Who], Any]) -> None:
    made, _ = tokens.create(scene.desk, "ada@example.org", ["read"], actor=SETUP)
    who = Person(made.name, Role.ADMIN, Proof.TOKEN, frozenset(made.scopes), None, made.token_id)
    (told,) = refused(scene, call, who)
    assert "it was not made with --scope" in str(told)


@pytest.mark.parametrize("call", ALL.values(), ids=map(name_of, ALL))
def test_an_admin_is_refused_for_no_reason_of_this_kind(scene: Scene, call: Callable[[Scene, Who], Any]) -> None:
    told: SignoffError | None = None
    try:
        call(scene, at(scene.desk, "ada"))
    except SignoffError as error:  # done by an earlier one of these, or not offered for what the scene holds
        told = error
    assert not isinstance(told, NotAllowed) or isinstance(told, Claimed)


@pytest.mark.parametrize("call", VIEWERS_MAY.values(), ids=map(name_of, VIEWERS_MAY))
def test_a_viewer_may_look_and_note(scene: Scene, call: Callable[[Scene, Who], Any]) -> None:
    call(scene, at(scene.desk, "vic"))
