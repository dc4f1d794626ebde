"""Email approval from start to effect: real checkpointer, real journal, a real SMTP server on loopback."""

from __future__ import annotations

from collections import deque
from pathlib import Path
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.types import Command
from pydantic import ValidationError

from agents.effects import EffectStatus
from agents.errors import InvalidInput
from agents.graphs import email_approval
from tests.email_threads import EDITED, SENDER, THREAD, EmailThread, FakeWriter, email_thread, mailer_for
from tests.mail_server import MailServer


def test_it_asks_before_anything_goes_out(thread: EmailThread, server: MailServer) -> None:
    question = thread.start(cc=["bob@x.org"], reply_to="desk@x.org")
    assert question == {
        "type": "email_approval",
        "message": "Send this email?",
        "to": "Ann Lee <ann@x.org>",
        "recipients": {"to": ["Ann Lee <ann@x.org>"], "cc": ["bob@x.org"], "bcc": [], "reply_to": "desk@x.org"},
        "subject": "Hello",
        "body": "Dear Ann Lee <ann@x.org>,\nBe kind\n",
        "instructions": "Be kind",
        "sender": SENDER,
        "revision": 1,
        "instruction": None,
        "previous": None,
        "requested_recipient": "Ann Lee <ann@x.org>",
        "model": {"label": "a fake", "offline": True},
        "delivery": f"Sent through the mail server localhost:{server.port}, not encrypted, as tls=none asks for.",
        "attachments": [],
        "notes": [],
        "problem": None,
    }
    assert server.mails == []
    assert thread.effects == []


@pytest.mark.parametrize("answer", [{"type": "approve"}, "send"])
def test_approve_sends_what_was_shown(thread: EmailThread, server: MailServer, answer: object) -> None:
    question = thread.start(bcc=["secret@z.org"])
    outcome = thread.answer(answer)
    (mail,) = server.mails
    assert mail.recipients == ("ann@x.org", "secret@z.org")
    assert mail.message.get_content().replace("\r\n", "\n") == question["body"]
    assert outcome["status"] == "done"
    assert outcome["text"] == "Sent to ann@x.org, secret@z.org."
    (effect,) = thread.effects
    assert (effect.key, effect.status) == (f"{THREAD}:mail:1", EffectStatus.DONE)
    assert effect.request["message_id"] == str(mail.message["Message-ID"]) == outcome["details"]["message_id"]


def test_edit_sends_exactly_the_edited_mail(thread: EmailThread, server: MailServer) -> None:
    thread.start(cc=["carl@x.org"])
    outcome = thread.answer({"type": "edit", "args": {**EDITED, "cc": ["BOB@x.org"]}})
    (mail,) = server.mails
    assert mail.recipients == ("bob@x.org", "eve@x.org")
    assert (mail.message["Subject"], mail.message["Cc"]) == ("New", None)
    assert mail.message.get_content().replace("\r\n", "\n") == "Hi Bob\n"
    assert outcome["text"] == "Sent to bob@x.org, eve@x.org. BOB@x.org stood there more than once and gets one copy."


def test_new_instructions_as_often_as_wanted(thread: EmailThread, server: MailServer) -> None:
    first = thread.start()
    second = thread.answer({"type": "respond", "message": "shorter"})
    third = thread.answer("in German, please")
    assert (second["revision"], second["instruction"]) == (2, "shorter")
    assert second["previous"] == {"subject": first["subject"], "body": first["body"]}
    assert (third["revision"], third["instruction"]) == (3, "in German, please")
    assert third["previous"]["body"] == second["body"]
    assert thread.writer.requests[-1].feedback == ["shorter", "in German, please"]
    assert thread.writer.requests[-1].previous.body == second["body"]  # type: ignore[union-attr]
    assert server.mails == []
    assert thread.answer("send")["status"] == "done"
    assert len(server.mails) == 1


def test_an_instruction_that_gives_no_draft_keeps_the_one_under_review(thread: EmailThread, server: MailServer) -> None:
    first = thread.start()
    thread.writer.failing = True
    again = thread.answer({"type": "respond", "message": "in verse"})
    assert again["problem"] == "No new draft for “in verse”. The model said nothing."
    assert {**again, "problem": None} == first
    thread.writer.failing = False
    assert thread.answer("shorter")["instruction"] == "shorter"
    assert thread.writer.requests[-1].feedback == ["shorter"]
    assert thread.answer("send")["status"] == "done"
    assert len(server.mails) == 1


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ({"type": "reject", "message": "Too early"}, "Cancelled, nothing was sent. Reason: Too early"),
        ("cancel", "Cancelled, nothing was sent."),
    ],
)
def test_cancel_sends_nothing_and_says_so(thread: EmailThread, server: MailServer, answer: object, text: str) -> None:
    thread.start()
    outcome = thread.answer(answer)
    assert (outcome["status"], outcome["text"]) == ("cancelled", text)
    assert server.mails == []
    assert thread.effects == []


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        ({"type": "edit", "args": {**EDITED, "to": ["bob"]}}, "To: “bob” is not an e-mail address"),
        (
            {"type": "edit", "args": {**EDITED, "subject": "a\nBcc: e@x.org"}},
            "Subject: the subject cannot hold a line break",
        ),
        ({"type": "edit", "args": {**EDITED, "to": "a@x.org, b@x.org"}}, "holds a comma"),
        ({"type": "dance"}, "no type that is known"),
        ([1, 2], "neither text nor an object"),
    ],
)
def test_an_answer_that_will_not_do_is_asked_again(
    thread: EmailThread, server: MailServer, answer: object, problem: str
) -> None:
    first = thread.start()
    again = thread.answer(answer)
    assert problem in again["problem"]
    assert {**again, "problem": None} == first
    assert thread.answer("send")["status"] == "done"  # not bricked
    assert len(server.mails) == 1


def test_a_subject_that_is_no_longer_allowed_does_not_brick_the_thread(thread: EmailThread, server: MailServer) -> None:
    thread.start()
    (waiting,) = thread.graph.get_state(thread.config).interrupts
    old = {**thread.graph.get_state(thread.config).values["letter"], "subject": "a\u202eb"}
    again = thread.run(Command(resume={waiting.id: "send"}, update={"letter": old}))
    assert "U+202E" in again["problem"]
    assert server.mails == []
    assert thread.answer({"type": "edit", "args": EDITED})["status"] == "done"


def test_a_busy_server_is_tried_again_and_the_thread_says_so(thread: EmailThread, server: MailServer) -> None:
    server.data_replies.extend(["451 4.7.1 Greylisted", "451 4.7.1 Greylisted"])
    thread.start()
    assert thread.answer("send")["status"] == "done"
    assert thread.progress == [
        "Sending the mail to ann@x.org.",
        "The mail server said: 451 4.7.1 Greylisted. Trying again in 5 s (2 of 3).",
        "Sending the mail to ann@x.org.",
        "The mail server said: 451 4.7.1 Greylisted. Trying again in 15 s (3 of 3).",
        "Sending the mail to ann@x.org.",
    ]
    assert thread.slept == [5, 15]
    assert len(server.mails) == 1
    outcome = thread.now()
    assert outcome["text"] == (
        "Sent to ann@x.org. The mail server first said: 451 4.7.1 Greylisted. Sent at the 3rd try."
    )
    assert outcome["details"]["earlier_answers"] == ["The mail server said: 451 4.7.1 Greylisted"] * 2
    assert thread.effects[0].result["earlier"] == ["The mail server said: 451 4.7.1 Greylisted"] * 2


def test_a_busy_server_leaves_its_trace_over_a_crash(tmp_path: Path, server: MailServer) -> None:
    def killed(_seconds: float) -> None:
        raise KeyboardInterrupt

    server.data_replies.append("451 4.7.1 Greylisted")
    mailer = mailer_for(tmp_path, f"{server.url}?tls=none")
    with email_thread(tmp_path, mailer, sleep=killed) as thread:
        thread.start()
        with pytest.raises(KeyboardInterrupt):
            thread.answer("send")
    with email_thread(tmp_path, mailer) as thread:
        assert thread.run(None)["text"].endswith("first said: 451 4.7.1 Greylisted. Sent at the 2nd try.")
        assert thread.effects[0].result["earlier"] == ["The mail server said: 451 4.7.1 Greylisted"]


def test_a_server_that_stays_busy_comes_back_to_the_reviewer(thread: EmailThread, server: MailServer) -> None:
    server.data_replies.extend(["451 Busy"] * 3)
    thread.start()
    question = thread.answer({"type": "edit", "args": EDITED})
    assert question["type"] == "email_approval"
    assert question["problem"] == "The mail server said: 451 Busy"
    assert question["subject"] == "New"  # the edited mail is kept
    assert [effect.status for effect in thread.effects] == [EffectStatus.FAILED]
    assert thread.answer("send")["status"] == "done"
    assert [effect.key for effect in thread.effects] == [f"{THREAD}:mail:1", f"{THREAD}:mail:2"]
    assert len(server.mails) == 1


def test_a_5xx_comes_back_with_the_servers_words(thread: EmailThread, server: MailServer) -> None:
    server.rcpt_replies["ann@x.org"] = deque(["550 5.1.1 No such user"])
    thread.start()
    question = thread.answer("send")
    assert "ann@x.org: 550 5.1.1 No such user" in question["problem"]
    assert thread.slept == []
    assert thread.answer({"type": "edit", "args": EDITED})["status"] == "done"
    assert server.mails[0].recipients == ("bob@x.org", "eve@x.org")


def test_a_server_that_is_down_comes_back_too(tmp_path: Path, free_port: int) -> None:
    with email_thread(tmp_path, mailer_for(tmp_path, f"smtp://localhost:{free_port}?tls=none")) as thread:
        thread.start()
        question = thread.answer("send")
        assert "cannot be reached" in question["problem"]
        assert thread.progress[1].endswith("SIGNOFF_SMTP_URL right? Trying again in 5 s (2 of 3).")
        assert thread.answer("cancel")["status"] == "cancelled"


def test_some_refused_says_who_got_it_and_who_did_not(thread: EmailThread, server: MailServer) -> None:
    server.rcpt_replies["bob@x.org"] = deque(["550 No such user"])
    thread.start(cc=["bob@x.org"])
    outcome = thread.answer("send")
    assert outcome["status"] == "partly"
    assert outcome["text"] == "Sent to ann@x.org. Not to bob@x.org (550 No such user)."
    assert outcome["details"]["refused"] == {"bob@x.org": "550 No such user"}


def test_who_was_put_off_gets_it_later_and_nobody_twice(thread: EmailThread, server: MailServer) -> None:
    server.rcpt_replies["bob@x.org"] = deque(["450 Greylisted"])
    server.rcpt_replies["carl@x.org"] = deque(["450 Greylisted", "450 Greylisted"])
    thread.start(cc=["bob@x.org", "carl@x.org"])
    outcome = thread.answer("send")
    assert outcome["status"] == "done"
    assert [mail.recipients for mail in server.mails] == [("ann@x.org",), ("bob@x.org",), ("carl@x.org",)]
    assert len({str(mail.message["Message-ID"]) for mail in server.mails}) == 1
    assert thread.slept == [5, 15]


def test_who_stays_put_off_is_named(thread: EmailThread, server: MailServer) -> None:
    server.rcpt_replies["bob@x.org"] = deque(["450 Greylisted"] * 9)
    thread.start(cc=["bob@x.org"])
    outcome = thread.answer("send")
    assert outcome["status"] == "partly"
    assert outcome["details"]["accepted"] == ["ann@x.org"]
    assert "Greylisted" in outcome["details"]["refused"]["bob@x.org"]
    assert [mail.recipients for mail in server.mails] == [("ann@x.org",)]


def test_the_outbox_gets_one_file_per_approval(tmp_path: Path) -> None:
    with email_thread(tmp_path, mailer_for(tmp_path, "outbox")) as thread:
        thread.start()
        outcome = thread.answer("send")
        (path,) = (tmp_path / "outbox").iterdir()
        assert outcome["text"] == f"Written to {path}, for ann@x.org."
        assert outcome["details"]["file"] == str(path)


def test_an_outbox_that_cannot_be_written_comes_back(tmp_path: Path) -> None:
    (tmp_path / "outbox").write_text("in the way")
    with email_thread(tmp_path, mailer_for(tmp_path, "outbox")) as thread:
        thread.start()
        assert "SIGNOFF_OUTBOX" in thread.answer("send")["problem"]
        (tmp_path / "outbox").unlink()
        assert thread.answer("send")["status"] == "done"


def test_what_the_writer_makes_up_is_checked(tmp_path: Path) -> None:
    writer = FakeWriter(
        extra={
            "subject": "a \u0007 \u202eb \U0001f468\u200d\U0001f469\u00ad",
            "cc": ["not an address", "bob@x.org"],
            "bcc": ["ann@x.org"],
        }
    )
    with email_thread(tmp_path, mailer_for(tmp_path, "outbox"), writer) as thread:
        question = thread.start(cc=["bob@x.org"])
        assert question["recipients"]["to"] == ["Ann Lee <ann@x.org>"]
        assert question["recipients"]["cc"] == ["bob@x.org"]
        assert question["recipients"]["bcc"] == []
        assert question["subject"] == "a b \U0001f468\u200d\U0001f469"
        assert question["notes"] == [
            "Cc: “not an address” in the draft is not an e-mail address and was left out.",
            "ann@x.org stood there more than once and gets one copy.",
        ]


def test_an_emptied_mail_can_still_be_revised(thread: EmailThread, server: MailServer) -> None:
    server.rcpt_replies["bob@x.org"] = server.rcpt_replies["eve@x.org"] = deque(["550 No", "550 No"])
    thread.start()
    thread.answer({"type": "edit", "args": {**EDITED, "subject": "", "body": ""}})
    assert thread.answer("write it again")["revision"] == 2


def test_input_that_start_would_refuse_is_refused_by_the_graph(thread: EmailThread) -> None:
    with pytest.raises(InvalidInput, match="Recipient: “nobody” is not an e-mail address"):
        thread.start(recipient="nobody")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"recipient": "a@x.org, b@x.org"}, "“a@x.org, b@x.org” holds a comma"),
        ({"recipient": "a@x.org\nb@x.org"}, "an address cannot hold a line break"),
        ({"recipient": ""}, "an address is missing"),
        ({"subject": " "}, "Say in a few words"),
        ({"subject": "a\nb"}, "the subject cannot hold a line break"),
        ({"subject": "a\u202eb"}, "the subject cannot hold the invisible letter U+202E"),
        ({"cc": ["bob"]}, "“bob” is not an e-mail address"),
        ({"reply_to": "bob"}, "“bob” is not"),
        ({"attachment": "x"}, "Extra inputs are not permitted"),
    ],
)
def test_input_is_checked_with_a_sentence_that_leaves_the_field_to_others(
    change: dict[str, object], sentence: str
) -> None:
    with pytest.raises(ValidationError) as caught:
        email_approval.INPUT.model_validate({**email_approval.SAMPLE, **change})
    assert caught.value.errors()[0]["msg"].removeprefix("Value error, ").startswith(sentence)


def test_input_from_a_form() -> None:
    values = {
        **email_approval.SAMPLE,
        "cc": "bob@x.org\n\ncarl@x.org\n",
        "bcc": None,
        "reply_to": "",
        "instructions": " ",
    }
    read = email_approval.INPUT.model_validate(values)
    assert (read.cc, read.bcc, read.reply_to, read.instructions) == (["bob@x.org", "carl@x.org"], [], None, None)


def test_the_sample_and_its_title() -> None:
    read = email_approval.INPUT.model_validate(email_approval.SAMPLE)
    assert email_approval.title_of(read.model_dump()) == (
        "Email to Ann Lee <ann.lee@example.org>: Moving our meeting to Thursday"
    )


def test_the_sample_as_the_environment_wants_it(home: Path) -> None:
    """The built-in writer, the outbox, and nothing set but a home."""
    compiled = email_approval.graph().compile(checkpointer=InMemorySaver())
    config: Any = {"configurable": {"thread_id": THREAD}}
    compiled.invoke(email_approval.SAMPLE, config)
    (waiting,) = compiled.get_state(config).interrupts
    assert waiting.value["sender"] == "signoff@localhost"
    assert "Thursday" in waiting.value["body"]
    outcome = compiled.invoke(Command(resume={waiting.id: {"type": "approve"}}), config)["outcome"]
    assert outcome["status"] == "done"
    assert [str(path) for path in (home / "outbox").iterdir()] == [outcome["details"]["file"]]
