"""Several questions of one thread answered in one act, on real graphs: all or none, sent together, taken back together."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier

import pytest

from agents import audit, decisions, history, jobs, starts
from agents.database import reading
from agents.decisions import Decision, Given, decide_thread
from agents.desk import Desk, open_desk
from agents.domain import DecisionStatus, DecisionType, Pause, Said
from agents.errors import AlreadyDecided, InvalidDecision, NotPending, QuestionChanged, SignoffError
from agents.runs.steps import execute
from agents.settings import load_settings
from tests import several_graphs
from tests.desks import by_question, last_job, log_of, work
from tests.test_decisions import Hand

YES = Said(DecisionType.RESPOND, message="yes")
NO = Said(DecisionType.RESPOND, message="no")


def desk_of(home: Path, clock: Hand | None = None, undo_seconds: float = 0) -> Desk:
    config = several_graphs.registered(home)
    return open_desk(load_settings(home=home, graphs=config, undo_seconds=undo_seconds), clock or Hand())


@pytest.fixture
def desk(home: Path) -> Iterator[Desk]:
    made = desk_of(home)
    yield made
    made.close()


def asks(desk: Desk, graph_id: str, home: Path, number: int = 5) -> str:
    """A thread that waits for its answers; its log is empty."""
    thread = starts.start(desk, graph_id, {"log": str(home / "log.txt"), "number": number}, actor="starter")
    work(desk)
    (home / "log.txt").write_text("")
    return thread


def given(pause: Pause, said: Said = YES) -> Given:
    return Given(pause.pause_key, said, pause.seen)


def made_on(desk: Desk, thread: str) -> list[Decision]:
    with reading(desk.engine) as connection:
        return decisions.of_thread(connection, desk.sources[0].source_id, thread)


def result(desk: Desk, thread: str) -> str:
    assert desk.pauses(thread) == ()
    return str(desk.outcome(thread)["text"])


@pytest.mark.parametrize("graph_id", ["three", "nested", "functional", "fan"])
def test_all_answers_go_in_one_resume(desk: Desk, home: Path, graph_id: str) -> None:
    thread = asks(desk, graph_id, home)
    pauses = desk.pauses(thread)
    assert len(pauses) == (5 if graph_id == "fan" else 3)
    made = decide_thread(desk, thread, [given(each) for each in pauses], actor="ann")
    assert [each.pause_key for each in made] == [each.pause_key for each in pauses]
    assert len({each.job_id for each in made}) == 1
    work(desk)
    bodies = [line for line in log_of(home) if line.startswith("runs")]
    assert len(bodies) == len(set(bodies)) == len(pauses), "each step ran once more, with its answer"
    assert {each.status for each in made_on(desk, thread)} == {DecisionStatus.DELIVERED}
    assert len({each.sent_at for each in made_on(desk, thread)}) == 1
    assert [each.kind.value for each in history.story(desk, thread).jobs] == ["start", "resume"]
    if graph_id != "functional":
        assert result(desk, thread).count("yes") == len(pauses)
    told = [entry.what for entry in history.story(desk, thread).entries]
    assert f"answered together with {len(pauses) - 1} others: “yes”" in told


@pytest.mark.parametrize("graph_id", ["three", "nested", "functional"])
def test_some_sent_now_run_the_others_again_and_leave_them_open(desk: Desk, home: Path, graph_id: str) -> None:
    thread = asks(desk, graph_id, home)
    find = by_question(desk.pauses(thread))
    gamma = next(each for each in desk.pauses(thread) if each.value["question"] == "gamma?")
    decide_thread(
        desk,
        thread,
        [given(find("alpha?")), given(find("beta?"), NO)],
        actor="ann",
        now_even_if_some_are_open=True,
    )
    work(desk)
    assert sorted(log_of(home)) == ["alpha yes", "beta no", "runs alpha", "runs beta", "runs gamma"]
    (left,) = desk.pauses(thread)
    assert (left.pause_key, left.seen) == (gamma.pause_key, gamma.seen), "asked anew under the same key"
    overrode = [event for event in events(desk, thread) if event.action == "overrode"]
    assert [event.fields["left_open"] for event in overrode] == ["1 question"] * 2
    decide_thread(desk, thread, [given(left)], actor="bob")
    work(desk)
    assert "gamma yes" in log_of(home)
    assert desk.pauses(thread) == ()


def test_a_fan_of_five_in_two_parts(desk: Desk, home: Path) -> None:
    thread = asks(desk, "fan", home)
    pauses = desk.pauses(thread)
    decide_thread(desk, thread, [given(each) for each in pauses[1:4]], actor="ann", now_even_if_some_are_open=True)
    work(desk)
    left = desk.pauses(thread)
    assert {each.pause_key for each in left} == {pauses[0].pause_key, pauses[4].pause_key}
    decide_thread(desk, thread, [given(each, NO) for each in left], actor="ann")
    work(desk)
    assert result(desk, thread).count("yes") == 3
    assert result(desk, thread).count("no") == 2
    assert sum(line.startswith("item") for line in log_of(home)) == 5


def test_without_the_override_some_wait_for_the_rest(desk: Desk, home: Path) -> None:
    thread = asks(desk, "three", home)
    find = by_question(desk.pauses(thread))
    decide_thread(desk, thread, [given(find("alpha?")), given(find("beta?"))], actor="ann")
    work(desk)
    assert log_of(home) == []
    assert last_job(desk, thread).note == "accepted, waiting for 1 more"
    decisions.decide(desk, thread, find("gamma?").pause_key, NO, actor="bob")
    work(desk)
    assert result(desk, thread) == "All is answered: alpha yes, beta yes, gamma no."


def test_the_override_counts_for_nothing_when_all_is_answered(desk: Desk, home: Path) -> None:
    thread = asks(desk, "three", home)
    everything = [given(each) for each in desk.pauses(thread)]
    decide_thread(desk, thread, everything, actor="ann", now_even_if_some_are_open=True)
    assert not last_job(desk, thread).override, "a step that still runs elsewhere is waited for"


@pytest.mark.parametrize(
    ("bad", "error", "said"),
    [
        (lambda each: Given(each.pause_key, Said(DecisionType.RESPOND, message="perhaps")), InvalidDecision, "one of"),
        (lambda each: Given(each.pause_key, Said(DecisionType.APPROVE)), InvalidDecision, "not allowed"),
        (lambda each: Given(each.pause_key, Said(DecisionType.IGNORE)), InvalidDecision, "closes all"),
        (lambda each: Given(each.pause_key, YES, "0" * 64), QuestionChanged, "changed since"),
        (lambda each: Given("f" * 32 + ".0", YES), NotPending, "does not wait"),
    ],
)
def test_one_that_will_not_do_stops_them_all_and_is_named(
    desk: Desk, home: Path, bad, error: type[SignoffError], said: str
) -> None:
    thread = asks(desk, "three", home)
    find = by_question(desk.pauses(thread))
    answers = [given(find("alpha?")), bad(find("beta?")), given(find("gamma?"))]
    with pytest.raises(error, match=f"Answer 2 of 3.*{said}") as caught:
        decide_thread(desk, thread, answers, actor="ann")
    assert caught.value.pause_key == answers[1].pause_key
    assert made_on(desk, thread) == []
    assert last_job(desk, thread).kind is jobs.JobKind.START


def test_no_answer_and_two_to_one_question_are_refused(desk: Desk, home: Path) -> None:
    thread = asks(desk, "three", home)
    pause = desk.pauses(thread)[0]
    with pytest.raises(InvalidDecision, match="None of the questions"):
        decide_thread(desk, thread, [], actor="ann")
    twice = [given(pause), Given(str(pause.interrupt_id), NO)]
    with pytest.raises(InvalidDecision, match="answered twice"):
        decide_thread(desk, thread, twice, actor="ann")
    assert made_on(desk, thread) == []


def test_one_person_answers_a_question_while_another_answers_all(desk: Desk, home: Path) -> None:
    thread = asks(desk, "three", home)
    pauses = desk.pauses(thread)
    ready = Barrier(2)

    def all_of_them() -> list[Decision] | AlreadyDecided:
        ready.wait()
        try:
            return decide_thread(desk, thread, [given(each) for each in pauses], actor="ann")
        except AlreadyDecided as error:
            return error

    def one_of_them() -> str:
        ready.wait()
        try:
            return decisions.decide(desk, thread, pauses[1].pause_key, NO, actor="bob").actor
        except AlreadyDecided as error:
            return str(error)

    with ThreadPoolExecutor(2) as pool:
        anns, bobs = pool.submit(all_of_them), pool.submit(one_of_them)
    if isinstance(anns.result(), list):
        assert "Already decided: ann answered this" in bobs.result()
        assert len(made_on(desk, thread)) == 3
        return
    lost = anns.result()
    assert isinstance(lost, AlreadyDecided)
    assert lost.pause_key == pauses[1].pause_key
    assert "Already decided: bob answered this (“no”)" in str(lost)
    assert [each.actor for each in made_on(desk, thread)] == ["bob"], "none of the other two was taken"
    decide_thread(desk, thread, [given(pauses[0]), given(pauses[2])], actor="ann")
    work(desk)
    assert len(log_of(home)) == 6


def test_an_undo_takes_all_of_one_act_back_and_nothing_else(home: Path) -> None:
    clock = Hand()
    desk = desk_of(home, clock, undo_seconds=5)
    thread = asks(desk, "three", home)
    find = by_question(desk.pauses(thread))
    decisions.decide(desk, thread, find("gamma?").pause_key, NO, actor="bob")
    made = decide_thread(desk, thread, [given(find("alpha?")), given(find("beta?"))], actor="ann")
    decisions.undo(desk, made[1].decision_id, actor="ann")
    clock.forward(10)
    work(desk)
    assert log_of(home) == []
    assert {each.actor: each.status for each in made_on(desk, thread)} == {
        "ann": DecisionStatus.SUPERSEDED,
        "bob": DecisionStatus.ACCEPTED,
    }
    decide_thread(desk, thread, [given(find("alpha?")), given(find("beta?"))], actor="ann")
    clock.forward(10)
    work(desk)
    assert result(desk, thread) == "All is answered: alpha yes, beta yes, gamma no."
    desk.close()


def test_an_answer_of_another_person_is_not_swept_along_by_what_was_taken_back(home: Path) -> None:
    clock = Hand()
    desk = desk_of(home, clock, undo_seconds=5)
    thread = asks(desk, "three", home)
    find = by_question(desk.pauses(thread))
    decisions.decide(desk, thread, find("gamma?").pause_key, NO, actor="bob")
    (made,) = decide_thread(desk, thread, [given(find("alpha?"))], actor="ann", now_even_if_some_are_open=True)
    clock.forward(10)
    held = jobs.claim(desk.engine, owner="test", now=clock(), lease=timedelta(seconds=30))
    assert held is not None
    decisions.undo(desk, made.decision_id, actor="ann")  # the worker holds the order already
    execute(desk, held, lambda: None)
    work(desk)
    assert log_of(home) == [], "bob did not say that his answer should go alone"
    assert last_job(desk, thread).note == "accepted, waiting for 2 more"
    desk.close()


def test_who_said_so_keeps_sending_now(home: Path) -> None:
    clock = Hand()
    desk = desk_of(home, clock, undo_seconds=5)
    thread = asks(desk, "three", home)
    find = by_question(desk.pauses(thread))
    decide_thread(desk, thread, [given(find("gamma?"), NO)], actor="bob", now_even_if_some_are_open=True)
    (made,) = decide_thread(desk, thread, [given(find("alpha?"))], actor="ann", now_even_if_some_are_open=True)
    decisions.undo(desk, made.decision_id, actor="ann")
    clock.forward(10)
    work(desk)
    assert [line for line in log_of(home) if line.startswith("gamma")] == ["gamma no"]
    assert len(desk.pauses(thread)) == 2
    desk.close()


def events(desk: Desk, thread: str) -> list[audit.Event]:
    with reading(desk.engine) as connection:
        return audit.of_thread(connection, desk.sources[0].source_id, thread)
