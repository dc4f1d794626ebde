"""Mails composed and revised by the offline rules."""

from __future__ import annotations

import random
import re

import pytest

from agents.adapters.model import EmailDraft, EmailRequest
from agents.adapters.model.offline import OfflineWriter
from agents.adapters.model.offline.letters import first_name, parse, sender_name
from agents.adapters.model.offline.sentences import as_sentence
from agents.errors import ModelError

ADA = "Ada Lovelace <ada@example.org>"


def write(
    instructions: str | None,
    *feedback: str,
    recipient: str = "anna.smith@example.org",
    subject: str = "Invoice 1005",
    sender: str = ADA,
) -> EmailDraft:
    """The mail after each piece of feedback in turn, as the graph asks for it."""
    request = EmailRequest(recipient=recipient, subject=subject, instructions=instructions, sender=sender)
    draft = OfflineWriter().email(request)
    for at in range(len(feedback)):
        more = {"previous": draft, "feedback": list(feedback[: at + 1])}
        draft = OfflineWriter().email(request.model_copy(update=more))
    return draft


SENTENCES = [
    ("tell her that the parcel has arrived", "The parcel has arrived."),
    ("tell her that her meeting has moved to Thursday", "Your meeting has moved to Thursday."),
    ("tell him he needs to bring his laptop", "You need to bring your laptop."),
    ("tell them their order 4711 has shipped", "Your order 4711 has shipped."),
    ("tell Anna that she is invited", "You are invited."),
    ("tell her about the delay", "I would like to tell you about the delay."),
    ("let him know that i will be late", "I will be late."),
    ("inform the team that the office is closed", "The office is closed."),
    ("ask whether she can come at 3 pm", "Could you tell me whether you can come at 3 pm?"),
    ("ask her if Tuesday suits her", "Could you tell me whether Tuesday suits you?"),
    ("ask her if Tuesday suits her too", "Could you tell me whether Tuesday suits you too?"),
    ("ask when the parcel arrives", "Could you tell me when the parcel arrives?"),
    ("ask him to send the report", "Could you please send the report?"),
    ("ask for a refund", "I would like to ask for a refund."),
    ("ask about the price", "I would like to ask about the price."),
    ("request a copy of the contract", "I would like to request a copy of the contract."),
    ("apologise for the delay", "I apologise for the delay."),
    ("apologize to her for the mistake", "I apologise for the mistake."),
    ("thank her for her patience", "Thank you for your patience."),
    ("offer a call on Tuesday", "I would like to offer you a call on Tuesday."),
    ("offer to help with the move", "I would be happy to help with the move."),
    ("invite him to the party", "I would like to invite you to the party."),
    ("remind her to bring the keys", "Please remember to bring the keys."),
    ("remind them of the deadline", "This is a reminder about the deadline."),
    ("mention the invoice 1005", "I would like to mention the invoice 1005."),
    ("mention that payment is due on 30 June", "Payment is due on 30 June."),
    ("congratulate her on the promotion", "Congratulations on the promotion."),
    ("confirm the date", "I would like to confirm the date."),
    ("confirm that we will come", "I confirm that we will come."),
    ("suggest meeting on Monday", "I would like to suggest meeting on Monday."),
    ("decline the offer", "I have to decline the offer."),
    ("follow up on the proposal", "I am following up on the proposal."),
    ("say the shop is closed", "The shop is closed."),
    ("add that lunch is included", "Lunch is included."),
    ("attach the report", "Please find attached the report."),
    ("we finished the migration", "We finished the migration."),
    ("the meeting is at 3 pm.", "The meeting is at 3 pm."),
    ("does 3 pm work?", "Does 3 pm work?"),
]


@pytest.mark.parametrize(("order", "sentence"), SENTENCES)
def test_an_order_becomes_a_sentence_to_the_recipient(order: str, sentence: str) -> None:
    assert as_sentence(order) == sentence


def test_a_mail_is_composed_of_the_real_input() -> None:
    draft = write("apologise for the delay, mention the invoice 1005 and offer a call on Tuesday")
    assert draft.subject == "Invoice 1005"
    assert draft.body == (
        "Hello Anna,\n\nI apologise for the delay. I would like to mention the invoice 1005. "
        "I would like to offer you a call on Tuesday.\n\nBest regards,\nAda Lovelace\n"
    )
    assert (draft.cc, draft.bcc, draft.reply_to) == ([], [], None)


def test_a_mail_without_instructions_says_what_it_is_about() -> None:
    assert write(None, subject="Quarterly report").body == (
        "Hello Anna,\n\nI am writing to you about “Quarterly report”. "
        "Please let me know if you have any questions.\n\nBest regards,\nAda Lovelace\n"
    )


def test_lines_are_paragraphs_and_how_to_write_is_not_what_to_write() -> None:
    draft = write(
        "ask him to bring his laptop; tell him I will be late\nkeep it short\nInvite him to the party\ncc carol@x.org"
    )
    assert draft.body == (
        "Hi Anna,\n\nPlease bring your laptop. I will be late.\n\nI would like to invite you to the party.\n\nBest,\nAda Lovelace\n"
    )
    assert draft.cc == ["carol@x.org"]


def test_quoted_text_is_taken_word_for_word() -> None:
    body = write("say 'Happy birthday, Anna! And then: cake; shorter' and wish her a great day").body
    assert "Happy birthday, Anna! And then: cake; shorter I wish" not in body
    assert "Happy birthday, Anna! And then: cake; shorter. I wish you a great day." in body


FEEDBACK: list[tuple[str, list[str], list[str]]] = [
    # feedback, what the body then holds, what it no longer holds
    ("shorter", ["Hi Anna,", "I can offer you a call", "Best,\nAda"], ["I would like"]),
    ("too long", ["Best,\nAda"], ["Best regards"]),
    ("make it a bit shorter please", ["Best,\nAda"], ["Best regards"]),
    ("more formal", ["Dear Anna,", "Yours sincerely,\nAda Lovelace"], ["Hello"]),
    ("please be more polite", ["Dear Anna,"], []),
    ("friendlier", ["Hi Anna,", "I hope you are well.", "I'm sorry for the delay.", "Warm wishes,"], []),
    ("less formal", ["Hi Anna,"], []),
    ("too casual", ["Dear Anna,"], []),
    ("more detail", ["Please let me know if you have any questions."], []),
    ("add that payment is due on 30 June", ["Payment is due on 30 June."], []),
    ("also ask whether she got the parcel", ["Could you tell me whether you got the parcel?"], []),
    ("remove the sentence about the call", ["I apologise"], ["call"]),
    ("drop the last sentence", ["I apologise"], ["call"]),
    ("don't mention the delay", ["call"], ["delay", "apologise"]),
    ("do not mention bananas", ["delay", "call"], ["bananas"]),
    ("replace Tuesday with Wednesday", ["on Wednesday"], ["Tuesday"]),
    ("make it Friday instead of Tuesday", ["on Friday"], ["Tuesday"]),
    ("offer a call on Monday instead", ["offer you a call on Monday"], ["Tuesday"]),
    ("sign as Bob", ["Best regards,\nBob"], ["Ada"]),
    ("in the greeting use Dr. Smith", ["Hello Dr. Smith,"], ["Anna"]),
    ("use 'Dear Ms Smith' in the greeting", ["Dear Ms Smith,"], ["Anna"]),
    ("close with Cheers", ["Cheers,\nAda Lovelace"], ["Best regards"]),
    ("we also sell cakes", ["We also sell cakes."], []),
    ("shorter, more formal and sign as Bob", ["Dear Anna,", "Yours sincerely,\nBob"], ["would like"]),
    ("start over: thank her for the flowers", ["Thank you for the flowers."], ["delay", "call"]),
]


@pytest.mark.parametrize(("feedback", "there", "gone"), FEEDBACK)
def test_feedback_changes_the_mail(feedback: str, there: list[str], gone: list[str]) -> None:
    body = write("apologise for the delay and offer a call on Tuesday", feedback).body
    assert [text for text in there if text not in body] == []
    assert [text for text in gone if text in body] == []


def test_feedback_on_subject_and_addresses() -> None:
    draft = write(
        "hello",
        "subject: your invoice",
        "cc bob@x.org and carol@x.org",
        "bcc eve@x.org",
        "replies should go to me@x.org",
    )
    assert (draft.subject, draft.cc, draft.bcc) == ("Your invoice", ["bob@x.org", "carol@x.org"], ["eve@x.org"])
    assert draft.reply_to == "me@x.org"
    assert write("hello", "cc bob@x.org", "no cc").cc == []
    assert write("hello", "cc bob@x.org, carol@x.org", "remove bob@x.org from cc").cc == ["carol@x.org"]
    assert write("hello", "change the subject to Re: lunch").subject == "Re: lunch"


def test_feedback_adds_up() -> None:
    draft = write(
        "apologise for the delay and offer a call on Tuesday",
        "shorter",
        "add that payment is due on 30 June",
        "sign as Bob",
        "more formal",
    )
    assert draft.body == (
        "Dear Anna,\n\nI apologise for the delay. I can offer you a call on Tuesday.\n\n"
        "Payment is due on 30 June.\n\nYours sincerely,\nBob\n"
    )


def test_feedback_without_a_previous_mail_is_followed_in_order() -> None:
    request = EmailRequest(
        recipient="a@x.org", subject="s", sender=ADA, instructions="thank her", feedback=["shorter", "sign as Bob"]
    )
    assert OfflineWriter().email(request).body.endswith("Best,\nBob\n")


def test_what_a_person_edited_by_hand_is_kept() -> None:
    mine = EmailDraft(
        subject="s",
        body="Moin Anna,\n\nfirst line\n- a list\n- of things\n\nSecond part. It ends.\n\nTschüss\nAda",
        cc=["b@x.org"],
    )
    request = EmailRequest(
        recipient="a@x.org", subject="s", sender=ADA, previous=mine, feedback=["add that we are open"]
    )
    draft = OfflineWriter().email(request)
    assert "Moin Anna,\n\nfirst line\n- a list\n- of things\n\nSecond part. It ends." in draft.body
    assert "We are open." in draft.body
    assert draft.cc == ["b@x.org"]


@pytest.mark.parametrize(
    ("feedback", "sentence"),
    [
        ("translate it to German", "English only, not German"),
        ("remove the sentence about bananas", "no sentence about “bananas”"),
        ("remove the sentence about the delay", "remove the whole text"),
        ("cc Bob", "has no address"),
    ],
)
def test_feedback_that_no_rule_can_follow_is_refused_with_a_sentence(feedback: str, sentence: str) -> None:
    with pytest.raises(ModelError) as caught:
        write("apologise for the delay", feedback)
    assert sentence in str(caught.value)


TO_THE_WRITER = [
    ("change the recipient to bob@x.org", "do not change who gets the mail"),
    ("Don't send to ann, send it to bob@x.org.", "do not change who gets the mail"),
    ("to: bob@x.org", "do not change who gets the mail"),
    ("add bob@x.org", "edit To in the review"),
    ("Max 3 sentences, in German, with a joke.", "cannot follow “Max 3 sentences, in German, with a joke”"),
    ("thank her for the help, max 3 sentences", "cannot follow"),
    ("Use bullet points.", "cannot follow “Use bullet points”"),
    ("Make it rhyme.", "cannot follow “Make it rhyme”"),
    ("Send it tomorrow at 9.", "cannot follow “Send it tomorrow at 9”"),
    ("add a joke", "cannot follow"),
    ("no emojis", "cannot follow"),
    ("keep it under 100 words", "cannot follow"),
    ("write a mail to Bob about the delay", "cannot follow"),
    ("thank her warmly", "cannot follow"),
    ("replace Monday with Friday", "does not say “Monday”"),
    ("Do not pay the invoice yet", "put them in quotes after “say”"),
]


@pytest.mark.parametrize(("order", "sentence"), TO_THE_WRITER)
def test_an_order_to_the_writer_is_refused_and_never_becomes_text(order: str, sentence: str) -> None:
    for instructions, feedback in ((order, ()), ("apologise for the delay", (order,))):
        with pytest.raises(ModelError) as caught:
            write(instructions, *feedback)
        assert sentence in str(caught.value)


TEXT = [
    ("Send me the report by Friday.", "Send me the report by Friday."),
    ("say 'Use bullet points.'", "Use bullet points."),
    ("Max is ill.", "Max is ill."),
    ("my address is bob@x.org", "My address is bob@x.org."),
    ("ask her to change the address", "Could you please change the address?"),
    ("tell her to use the side door", "Please use the side door."),
    ("don't forget the keys", "Don't forget the keys."),
    ("With the new version you can save time.", "With the new version you can save time."),
]


@pytest.mark.parametrize(("text", "sentence"), TEXT)
def test_what_reads_like_text_stays_text(text: str, sentence: str) -> None:
    assert sentence in write(text).body


GREETINGS = [
    ("anna.smith@example.org", "Hello Anna,"),
    ("Jane Doe <jd@x.org>", "Hello Jane,"),
    ('"Doe, Jane" <jd@x.org>', "Hello Jane,"),
    ("Dr. Jane Doe <jd@x.org>", "Hello Dr. Doe,"),
    ("info@x.org", "Hello,"),
    ("j.doe@x.org", "Hello,"),
    ("x1234@x.org", "Hello,"),
    ("anna@x.org, bob@y.org", "Hello Anna and Bob,"),
    ("anna@x.org, bob@y.org, eve@z.org", "Hello all,"),
    ("jürgen@x.org", "Hello Jürgen,"),
]


@pytest.mark.parametrize(("recipient", "greeting"), GREETINGS)
def test_the_greeting_takes_the_name_that_is_there(recipient: str, greeting: str) -> None:
    assert write("thank her", recipient=recipient).body.split("\n")[0] == greeting


@pytest.mark.parametrize(
    ("sender", "name"),
    [(ADA, "Ada Lovelace"), ("grace.hopper@x.org", "Grace Hopper"), ("signoff@localhost", ""), ("info@x.org", "")],
)
def test_the_signature_invents_no_name(sender: str, name: str) -> None:
    assert sender_name(sender) == name
    assert write("thank her", sender=sender).body.endswith(f"Best regards,\n{name}\n" if name else "Best regards,\n")


def test_a_name_is_not_read_from_a_shared_box() -> None:
    assert first_name("", "sales.team@x.org") == ""


def test_a_letter_is_read_and_written_back_unchanged() -> None:
    draft = write("thank her for the call and ask whether Tuesday suits her", "cc bob@x.org")
    assert parse(draft).draft() == draft


WORDS = """
shorter formal friendlier add that we remove the sentence about call sign as Bob subject: Hi cc bob@x.org and , ; . 'quoted text' replace
Tuesday with Friday instead don't mention in greeting use tell her she is ask whether he can too long more less please start over: ü
"""


def test_any_feedback_ends_in_a_mail_without_placeholders_or_in_a_sentence() -> None:
    choose = random.Random(5)
    words, written = WORDS.split(), 0
    for _ in range(1500):
        feedback = " ".join(choose.choices(words, k=choose.randint(1, 9)))
        try:
            first = write("apologise for the delay and offer a call on Tuesday", feedback)
        except ModelError:
            continue
        assert first == write("apologise for the delay and offer a call on Tuesday", feedback)
        assert not re.search("[\\[\\]{}<>\ue000\ue001]", first.body)
        written += 1
    assert written > 500
