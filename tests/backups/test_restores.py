"""One of the two files is put back, really: what waits again, what is not sent twice, what a person is asked, what is listed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from agents import audit, decisions, jobs, repairs, starts
from agents.backups import lengths
from agents.backups.gaps import Gap, What, gaps
from agents.database import reading
from agents.decisions import of_thread
from agents.desk import Desk
from agents.domain import DecisionStatus, DecisionType, Pause, PauseStatus, Repair, Said
from agents.effects import in_doubt
from agents.graphs.email_approval import SAMPLE
from agents.runs import Worker
from tests.backups.restores import as_killed_before_the_checkpoint, keep, restarted
from tests.desks import desk_in, log_of, paused, work
from tests.mail_server import MailServer

YES = Said(DecisionType.RESPOND, message="yes")
APPROVE = Said(DecisionType.APPROVE)


@pytest.fixture
def server() -> Iterator[MailServer]:
    with MailServer() as running:
        yield running


def files(desk: Desk) -> tuple[Path, Path]:
    """The checkpointer file and the database."""
    return desk.settings.checkpoints_path, desk.settings.database_path


def a_mail(home: Path, server: MailServer, monkeypatch: pytest.MonkeyPatch) -> tuple[Desk, str, Pause]:
    url = f"{server.url}?tls=none"
    monkeypatch.setenv("SIGNOFF_SMTP_URL", url)  # the graph reads its settings by itself
    desk = desk_in(home, smtp_url=url)
    thread_id = starts.start(desk, "email_approval", dict(SAMPLE), actor="ann")
    work(desk)
    return desk, thread_id, desk.pauses(thread_id)[0]


def approve(desk: Desk, thread_id: str, said: Said = APPROVE) -> None:
    pause = desk.pauses(thread_id)[0]
    decisions.decide(desk, thread_id, pause.pause_key, said, actor="ann", wait_for_undo=False)


def listed(desk: Desk) -> dict[What, Gap]:
    return {each.what: each for each in gaps(desk)}


def statuses(desk: Desk, thread_id: str) -> list[DecisionStatus]:
    with reading(desk.engine) as connection:
        return [each.status for each in of_thread(connection, desk.sources[0].source_id, thread_id)]


# The checkpointer file is older than the database.


def test_a_question_that_waits_again_is_listed_and_decided_again_and_its_mail_goes_out_once(
    home: Path, server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, thread_id, _ = a_mail(home, server, monkeypatch)
    file, _ = files(desk)
    kept = keep(file)
    approve(desk, thread_id)
    work(desk)
    assert len(server.mails) == 1
    assert gaps(desk) == ()

    desk = restarted(desk, kept, file)
    found = listed(desk)
    assert set(found) == {What.THREAD_WENT_BACK}
    assert "1 decision that arrived, and 1 act done outside; it is not done again" in found[What.THREAD_WENT_BACK].text
    approve(desk, thread_id)
    work(desk)
    assert len(server.mails) == 1
    assert "Sent to" in desk.outcome(thread_id)["text"]
    assert statuses(desk, thread_id) == [DecisionStatus.SUPERSEDED, DecisionStatus.DELIVERED]
    assert gaps(desk) == ()
    desk.close()


def test_another_mail_under_an_approval_that_was_used_is_not_told_as_sent(
    home: Path, server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, thread_id, pause = a_mail(home, server, monkeypatch)
    file, _ = files(desk)
    kept = keep(file)
    approve(desk, thread_id)
    work(desk)
    desk = restarted(desk, kept, file)
    recipients = pause.value["recipients"]
    edited = {**recipients, "subject": "Another day", "body": "Not Thursday after all.\n"}
    approve(desk, thread_id, Said(DecisionType.EDIT, args=edited))
    work(desk)
    assert len(server.mails) == 1
    again = desk.pauses(thread_id)[0]
    assert "was sent to ann.lee@example.org. Nothing new was sent." in again.value["problem"]
    approve(desk, thread_id)
    work(desk)
    assert [mail.message["Subject"] for mail in server.mails] == [SAMPLE["subject"], "Another day"]
    desk.close()


def test_a_thread_that_is_gone_from_its_file_is_listed_and_nothing_is_made_up_about_it(home: Path) -> None:
    desk = desk_in(home)
    paused(desk, "one", home)
    file, _ = files(desk)
    kept = keep(file)
    thread_id, pause = paused(desk, "one", home)
    decisions.decide(desk, thread_id, pause.pause_key, YES, actor="ann", wait_for_undo=False)
    work(desk)
    later, question = paused(desk, "one", home)
    decisions.decide(desk, later, question.pause_key, YES, actor="ann", wait_for_undo=False)

    desk = restarted(desk, kept, file)
    work(desk)
    assert {each.thread_id for each in gaps(desk)} == {thread_id, later}
    assert {each.what for each in gaps(desk)} == {What.THREAD_GONE}
    assert statuses(desk, later) == [DecisionStatus.SUPERSEDED]
    with reading(desk.engine) as connection:
        told = [each.action for each in audit.of_thread(connection, desk.sources[0].source_id, later)]
    assert told[-2:] == ["superseded", "left_alone"]
    assert log_of(home) == ["answered yes", "acted yes"]
    desk.close()


# The database is older than the checkpointer file.


def test_an_answer_that_the_file_has_is_not_sent_again(home: Path) -> None:
    desk = desk_in(home)
    thread_id, pause = paused(desk, "one", home)
    decisions.decide(desk, thread_id, pause.pause_key, YES, actor="ann", wait_for_undo=False)
    _, database = files(desk)
    kept = keep(database)  # accepted, and not sent yet
    work(desk)
    assert log_of(home) == ["answered yes", "acted yes"]

    desk = restarted(desk, kept, database)
    assert set(listed(desk)) == set()  # the order still waits; whoever takes it up looks
    work(desk)
    assert log_of(home) == ["answered yes", "acted yes"]
    assert statuses(desk, thread_id) == [DecisionStatus.DELIVERED]
    desk.close()


def test_another_answer_that_the_file_has_supersedes_ours(home: Path) -> None:
    desk = desk_in(home)
    thread_id, pause = paused(desk, "one", home)
    _, database = files(desk)
    before = keep(database)
    no = Said(DecisionType.RESPOND, message="no")
    decisions.decide(desk, thread_id, pause.pause_key, YES, actor="ann", wait_for_undo=False)
    accepted = keep(database, "accepted")
    desk = restarted(desk, before, database)
    decisions.decide(desk, thread_id, pause.pause_key, no, actor="bob", wait_for_undo=False)
    work(desk)
    desk = restarted(desk, accepted, database)
    work(desk)
    assert log_of(home) == ["answered no", "acted no"]
    assert statuses(desk, thread_id) == [DecisionStatus.SUPERSEDED]
    desk.close()


def test_what_was_answered_without_a_decision_here_is_listed(home: Path) -> None:
    desk = desk_in(home)
    thread_id, pause = paused(desk, "one", home)
    _, database = files(desk)
    kept = keep(database)
    decisions.decide(desk, thread_id, pause.pause_key, YES, actor="ann", wait_for_undo=False)
    work(desk)
    desk = restarted(desk, kept, database)
    found = listed(desk)
    assert set(found) == {What.THREAD_AHEAD}
    assert found[What.THREAD_AHEAD].thread_id == thread_id
    work(desk)
    assert log_of(home) == ["answered yes", "acted yes"]
    desk.close()


def test_a_thread_that_the_database_never_knew_is_listed_and_can_be_decided(
    home: Path, server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = desk_in(home)
    _, database = files(first)
    kept = keep(database)
    first.close()
    desk, thread_id, _ = a_mail(home, server, monkeypatch)
    desk = restarted(desk, kept, database)
    found = listed(desk)
    assert set(found) == {What.THREAD_UNKNOWN}
    assert thread_id in found[What.THREAD_UNKNOWN].text
    approve(desk, thread_id)
    work(desk)
    assert len(server.mails) == 1  # the step that asked came first, so sending was nobody's before
    assert in_doubts(desk) == []
    desk.close()


def in_doubts(desk: Desk) -> list[str]:
    with reading(desk.engine) as connection:
        return [each.key for each in in_doubt(connection)]


@pytest.mark.parametrize(
    ("accepted", "answer"),
    [
        pytest.param(True, "do it again", id="accepted here"),
        pytest.param(False, "mark as done", id="unknown here"),
        pytest.param(True, "mark as done", marks=pytest.mark.slow),
        pytest.param(False, "do it again", marks=pytest.mark.slow),
    ],
)
def test_a_mail_whose_journal_is_lost_is_asked_about_and_never_sent_again_by_itself(
    home: Path, server: MailServer, monkeypatch: pytest.MonkeyPatch, accepted: bool, answer: str
) -> None:
    desk, thread_id, _ = a_mail(home, server, monkeypatch)
    file, database = files(desk)
    kept = keep(database)
    approve(desk, thread_id)
    kept = keep(database) if accepted else kept
    work(desk)
    assert len(server.mails) == 1
    as_killed_before_the_checkpoint(file, thread_id)

    desk = restarted(desk, kept, database, minutes=20)
    work(desk)
    assert len(server.mails) == 1
    assert statuses(desk, thread_id) == ([DecisionStatus.DELIVERED] if accepted else [])
    stuck = desk.pauses(thread_id)[0]
    assert stuck.status is PauseStatus.STUCK
    repairs.repair(desk, thread_id, stuck.pause_key, Repair.CONTINUE, actor="ann")
    work(desk)
    assert len(server.mails) == 1
    asked = desk.pauses(thread_id)[0]
    assert asked.value["question"] == "Was this mail sent?"
    assert "nobody here knows whether this was done already" in asked.value["why"]
    decisions.decide(
        desk, thread_id, asked.pause_key, Said(DecisionType.RESPOND, answer), actor="ann", wait_for_undo=False
    )
    work(desk)
    assert len(server.mails) == (1 if answer == "mark as done" else 2)
    assert desk.outcome(thread_id)["status"] == "done"
    assert in_doubts(desk) == []
    desk.close()


@pytest.mark.slow
def test_a_plan_whose_journal_is_lost_takes_each_file_once(home: Path) -> None:
    desk = desk_in(home, undo_seconds=0)
    thread_id = starts.start(desk, "plan_approval", None, actor="ann", sample=True)
    work(desk)
    file, database = files(desk)
    kept = keep(database)
    approve(desk, thread_id)
    work(desk)
    workspace = desk.settings.workspace_path
    before = sorted(str(path) for path in workspace.rglob("*"))
    outcome = desk.outcome(thread_id)
    assert outcome["details"]["files"] > 0
    as_killed_before_the_checkpoint(file, thread_id)

    desk = restarted(desk, kept, database, minutes=20)
    work(desk)
    stuck = desk.pauses(thread_id)[0]
    repairs.repair(desk, thread_id, stuck.pause_key, Repair.CONTINUE, actor="ann")
    work(desk)
    assert sorted(str(path) for path in workspace.rglob("*")) == before
    assert desk.pauses(thread_id) == ()
    assert desk.outcome(thread_id)["details"]["files"] == outcome["details"]["files"]
    desk.close()


def test_a_run_that_was_under_way_when_the_copy_was_made_is_not_taken_over(
    home: Path, server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, thread_id, _ = a_mail(home, server, monkeypatch)
    file, database = files(desk)
    seen = worker_passes_by(desk)
    approve(desk, thread_id)
    held = jobs.claim(desk.engine, owner="other", now=desk.clock(), lease=timedelta(0))
    assert held is not None
    kept = keep(database)
    work(desk)
    assert len(server.mails) == 1
    as_killed_before_the_checkpoint(file, thread_id)
    worker_passes_by(desk)
    assert seen

    desk = restarted(desk, kept, database)
    worker_passes_by(desk)
    assert What.RECORD_WENT_BACK in listed(desk)
    work(desk)
    assert len(server.mails) == 1
    assert desk.pauses(thread_id)[0].status is PauseStatus.STUCK
    desk.close()


def worker_passes_by(desk: Desk) -> bool:
    """A worker's first and last signs, without a job of its own."""
    lengths.watch(desk)
    return lengths.note_file(desk).exists()


def test_a_worker_notices_an_older_database_once(home: Path) -> None:
    desk = desk_in(home)
    _, database = files(desk)
    kept = keep(database)
    paused(desk, "one", home)
    for each in (1, 2):
        worker = Worker(desk, threads=1)
        worker.start()
        worker.stop()
        if each == 1:
            desk = restarted(desk, kept, database)
    worker = Worker(desk, threads=1)
    worker.start()
    worker.stop()
    told = listed(desk)[What.RECORD_WENT_BACK]
    assert "it had " in told.text
    with reading(desk.engine) as connection:
        actions = [each.action for each in audit.everything(connection)]
    assert actions.count("record_went_back") == 1
    desk.close()
