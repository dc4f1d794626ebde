"""What nobody can know about a mail goes to a person, and an approval goes only where its reviewer saw."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from agents.adapters.mail import Delivery, Mailer
from agents.effects import EffectStatus
from tests.email_threads import EDITED, SENDER, THREAD, EmailThread, email_thread, mailer_for
from tests.mail_server import DROP, MailServer


@dataclass
class CutOff:
    """A way out like `real`, but the process ends when it is to send."""

    real: Mailer

    @property
    def route(self) -> str:
        return self.real.route

    def describe(self) -> str:
        return self.real.describe()

    def delivered(self, message_id: str) -> bool | None:
        return self.real.delivered(message_id)

    def send(self, message: object, recipients: object) -> Delivery:
        raise KeyboardInterrupt  # as a kill: nothing after it runs


def test_a_send_that_was_cut_off_is_never_repeated_by_itself(tmp_path: Path, server: MailServer) -> None:
    with email_thread(tmp_path, CutOff(mailer_for(tmp_path, f"{server.url}?tls=none"))) as thread:
        thread.start()
        with pytest.raises(KeyboardInterrupt):
            thread.answer("send")
        assert thread.effects[0].status is EffectStatus.STARTED
    with email_thread(tmp_path, mailer_for(tmp_path, f"{server.url}?tls=none")) as thread:
        question = thread.run(None)
        assert question["type"] == "in_doubt"
        assert question["why"].startswith("Signoff was stopped while this mail was being sent")
        assert server.mails == []
        assert thread.answer("do it again")["status"] == "done"
        assert len(server.mails) == 1


def test_a_lost_answer_goes_to_a_person_who_marks_it_done(thread: EmailThread, server: MailServer) -> None:
    server.data_replies.append(DROP)
    thread.start()
    question = thread.answer("send")
    assert question == {
        "type": "in_doubt",
        "question": "Was this mail sent?",
        "what": "Mail to ann@x.org: Hello",
        "why": f"The mail server localhost:{server.port} had the whole mail when the connection broke, "
        "and its answer never came. The mail may or may not have gone out.",
        "effect_key": f"{THREAD}:mail:1",
        "options": ["mark as done", "do it again"],
        "problem": None,
    }
    assert thread.effects[0].status is EffectStatus.IN_DOUBT
    assert thread.answer("perhaps")["problem"] == "Answer “mark as done” or “do it again”."
    outcome = thread.answer("mark as done")
    assert outcome["status"] == "done"
    assert outcome["text"] == "Sent to ann@x.org. For ann@x.org a person marked it as done after a doubt."
    assert thread.effects[0].status is EffectStatus.DONE
    assert len(server.mails) == 1


def test_a_lost_answer_may_be_done_again_under_a_new_key(thread: EmailThread, server: MailServer) -> None:
    server.data_replies.append(DROP)
    thread.start()
    thread.answer("send")
    outcome = thread.answer("do it again")
    assert outcome["status"] == "done"
    assert [(effect.key, effect.status) for effect in thread.effects] == [
        (f"{THREAD}:mail:1", EffectStatus.FAILED),
        (f"{THREAD}:mail:2", EffectStatus.DONE),
    ]
    first, second = server.mails
    assert str(first.message["Message-ID"]) == str(second.message["Message-ID"])  # mail programs may drop the repeat


def test_a_doubt_about_the_rest_does_not_resend_to_the_first(thread: EmailThread, server: MailServer) -> None:
    server.rcpt_replies["bob@x.org"] = deque(["450 Greylisted"])
    server.data_replies.extend(["250 OK", DROP])
    thread.start(cc=["bob@x.org"])
    assert thread.answer("send")["what"] == "Mail to bob@x.org: Hello"
    outcome = thread.answer("do it again")
    assert outcome["text"].startswith("Sent to ann@x.org, bob@x.org. The mail server first said: bob@x.org: 450 Grey")
    assert [mail.recipients for mail in server.mails] == [("ann@x.org",), ("bob@x.org",), ("bob@x.org",)]


def partly_taken(thread: EmailThread, server: MailServer) -> Any:
    """ann is taken, bob refused, cee put off; then the connection breaks before the answer."""
    server.rcpt_replies["bob@x.org"] = deque(["550 No such user"])
    server.rcpt_replies["cee@x.org"] = deque(["451 Greylisted"])
    server.data_replies.append(DROP)
    thread.start(cc=["bob@x.org", "cee@x.org"])
    return thread.answer("send")


def test_a_doubt_is_only_about_those_that_the_server_had_taken(thread: EmailThread, server: MailServer) -> None:
    question = partly_taken(thread, server)
    assert question["what"] == "Mail to ann@x.org: Hello"
    assert "bob@x.org was refused and gets no copy: 550 No such user." in question["why"]
    assert "cee@x.org was put off (451 Greylisted) and is tried again after your answer." in question["why"]
    assert thread.effects[0].result["unknown"] == ["ann@x.org"]
    outcome = thread.answer("mark as done")
    first, second = thread.effects
    assert (first.result["accepted"], first.result["refused"]) == (["ann@x.org"], {"bob@x.org": "550 No such user"})
    assert second.result["accepted"] == ["cee@x.org"]
    assert [mail.recipients for mail in server.mails] == [("ann@x.org",), ("cee@x.org",)]
    assert outcome["status"] == "partly"
    assert outcome["details"]["accepted"] == ["ann@x.org", "cee@x.org"]
    assert outcome["details"]["refused"] == {"bob@x.org": "550 No such user"}
    assert outcome["text"].endswith("For ann@x.org a person marked it as done after a doubt.")


def test_a_doubt_done_again_leaves_the_refused_out(thread: EmailThread, server: MailServer) -> None:
    partly_taken(thread, server)
    outcome = thread.answer("do it again")
    assert [mail.recipients for mail in server.mails] == [("ann@x.org",), ("ann@x.org", "cee@x.org")]
    assert outcome["details"]["accepted"] == ["ann@x.org", "cee@x.org"]
    assert outcome["details"]["refused"] == {"bob@x.org": "550 No such user"}


def test_a_doubt_keeps_its_refusals_when_the_run_is_cut_off_before_the_question(
    tmp_path: Path, server: MailServer
) -> None:
    mailer = mailer_for(tmp_path, f"{server.url}?tls=none")
    with email_thread(tmp_path, mailer) as thread:
        asked = partly_taken(thread, server)
        with_send_due = next(
            state for state in thread.graph.get_state_history(thread.config) if state.next == ("send",)
        )
        again = thread.graph.stream(None, with_send_due.config, stream_mode="custom", durability="sync")
        assert list(again) == []  # nothing goes out a second time
        assert thread.now() == asked
    assert len(server.mails) == 1


def test_an_approval_goes_only_where_the_reviewer_saw(tmp_path: Path, server: MailServer) -> None:
    with email_thread(tmp_path, mailer_for(tmp_path, "outbox"), sender="signoff@localhost") as thread:
        thread.start()
    with email_thread(tmp_path, mailer_for(tmp_path, f"{server.url}?tls=none")) as thread:
        again = thread.answer({"type": "edit", "args": EDITED})
        assert again["problem"].startswith(
            f"Since this mail was shown, the sender changed from signoff@localhost to {SENDER} and the way out changed"
        )
        assert (again["type"], again["sender"], again["subject"]) == ("email_approval", SENDER, "New")
        assert again["delivery"].startswith(f"Sent through the mail server localhost:{server.port}")
        assert (server.mails, thread.effects) == ([], [])
        assert not (tmp_path / "outbox").exists()
        assert thread.answer("send")["status"] == "done"
        assert [mail.sender for mail in server.mails] == ["desk@x.org"]


def test_a_mail_begun_by_smtp_is_in_doubt_for_an_outbox(tmp_path: Path, server: MailServer) -> None:
    with email_thread(tmp_path, CutOff(mailer_for(tmp_path, f"{server.url}?tls=none"))) as thread:
        thread.start()
        with pytest.raises(KeyboardInterrupt):
            thread.answer("send")
    with email_thread(tmp_path, mailer_for(tmp_path, "outbox")) as thread:
        question = thread.run(None)
        assert question["type"] == "in_doubt"
        assert not (tmp_path / "outbox").exists()
        # Done again by another way than the approved one: a person looks first.
        again = thread.answer("do it again")
        assert again["type"] == "email_approval"
        assert "the way out changed" in again["problem"]
        assert thread.answer("send")["status"] == "done"
    assert len(list((tmp_path / "outbox").iterdir())) == 1


def test_who_is_left_when_the_way_out_changes_is_named_and_not_written_to(tmp_path: Path, server: MailServer) -> None:
    def killed(_seconds: float) -> None:
        raise KeyboardInterrupt

    server.rcpt_replies["bob@x.org"] = deque(["450 Greylisted"])
    with email_thread(tmp_path, mailer_for(tmp_path, f"{server.url}?tls=none"), sleep=killed) as thread:
        thread.start(cc=["bob@x.org"])
        with pytest.raises(KeyboardInterrupt):
            thread.answer("send")
    with email_thread(tmp_path, mailer_for(tmp_path, "outbox")) as thread:
        outcome = thread.run(None)
        assert outcome["status"] == "partly"
        assert outcome["details"]["accepted"] == ["ann@x.org"]
        assert "the way out changed" in outcome["details"]["refused"]["bob@x.org"]
    assert not (tmp_path / "outbox").exists()
