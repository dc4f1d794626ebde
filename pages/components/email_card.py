"""A mail to judge: every field can be edited, what to look at twice stands beside it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

import streamlit as st

from agents.addresses import FIELD_NAMES
from agents.domain import JSON, DecisionType, Review, Said
from agents.errors import InvalidDecision
from agents.letters import read_letter
from agents.payloads.email import EmailProposal, links, warnings
from pages.components.answer import Answer
from pages.components.diff import show_changes
from pages.components.draft import first
from pages.components.heading import banner, bullets, facts, prose, section

ADDRESSES = ("to", "cc", "bcc")


def email_card(
    review: Review, proposal: EmailProposal, kept: Mapping[str, JSON], key: str, *, known: Collection[str]
) -> Answer:
    """Draw the mail. The main button sends what is on screen, edited or not."""
    shown = _texts(proposal)
    main, aside = st.columns([7, 4], gap="medium")
    with main, st.container(border=True):
        typed = _fields(shown, {**shown, **_strings(kept)}, key) if proposal.editable else _read_only(shown)
    args = _args(typed)
    found = warnings(
        {**args, "attachments": list(proposal.attachments)},
        known_addresses=known,
        requested_recipient=proposal.requested_recipient,
        sender=proposal.sender,
    )
    with aside, st.container(border=True):
        _aside(review, proposal, shown, typed, found)
    return replace(_answer(review, shown, typed, args), warnings=len(found))


def _answer(review: Review, shown: Mapping[str, str], typed: Mapping[str, str], args: Mapping[str, JSON]) -> Answer:
    changed = {name: text for name, text in typed.items() if text != shown[name]}
    if not changed:
        words = review.labels.get(DecisionType.APPROVE, "Send")
        return Answer(DecisionType.APPROVE, Said(DecisionType.APPROVE), words)
    words = review.labels.get(DecisionType.EDIT, "Send the edited mail")
    try:
        read_letter(args)
    except InvalidDecision as error:
        return Answer(DecisionType.EDIT, None, words, changed, str(error))
    return Answer(DecisionType.EDIT, Said(DecisionType.EDIT, args=args), words, changed)


def _texts(proposal: EmailProposal) -> dict[str, str]:
    """The mail as its form shows it: addresses joined by commas."""
    return {
        "to": ", ".join(proposal.to),
        "cc": ", ".join(proposal.cc),
        "bcc": ", ".join(proposal.bcc),
        "reply_to": proposal.reply_to or "",
        "subject": proposal.subject,
        "body": proposal.body.replace("\r\n", "\n").replace("\r", "\n"),
    }


def _strings(kept: Mapping[str, JSON]) -> dict[str, str]:
    names = (*ADDRESSES, "reply_to", "subject", "body")
    return {name: str(kept[name]) for name in names if isinstance(kept.get(name), str)}


def _fields(shown: Mapping[str, str], start: Mapping[str, str], key: str) -> dict[str, str]:
    def line(name: str, words: str, placeholder: str | None = None) -> str:
        return (
            st.text_input(
                words,
                value=first(f"{name}-{key}", start[name]),
                key=f"{name}-{key}",
                live=True,
                placeholder=placeholder,
            )
            or ""
        )

    typed = {"to": line("to", "To")}
    more = any(start[name] for name in ("cc", "bcc", "reply_to"))
    with st.expander("Cc, Bcc, Reply-To", expanded=more, type="compact"):
        typed["cc"] = line("cc", "Cc")
        typed["bcc"] = line("bcc", "Bcc")
        typed["reply_to"] = line("reply_to", "Reply-To", "The sender's address")
    typed["subject"] = line("subject", "Subject")
    typed["body"] = st.text_area("Body", value=first(f"body-{key}", start["body"]), key=f"body-{key}", height=350) or ""
    return {name: typed[name] for name in shown}


def email_as_decided(proposal: EmailProposal, edited: Mapping[str, JSON] | None) -> None:
    """The mail as it was decided on; edited: the `args` of an edit."""
    whole = edited or proposal.fields()
    texts = {name: ", ".join(value) if isinstance(value, list) else str(value or "") for name, value in whole.items()}
    _read_only({**_texts(proposal), **texts})


def _read_only(shown: Mapping[str, str]) -> dict[str, str]:
    """A mail of a graph that takes no edited one."""
    facts([("To", shown["to"]), ("Cc", shown["cc"]), ("Bcc", shown["bcc"]), ("Subject", shown["subject"])])
    prose(shown["body"])
    return dict(shown)


def _args(typed: Mapping[str, str]) -> dict[str, JSON]:
    """The form's texts as the `args` of an edit."""
    lists: dict[str, JSON] = {name: _split(typed[name]) for name in ADDRESSES}
    return {**lists, "reply_to": typed["reply_to"].strip() or None, "subject": typed["subject"], "body": typed["body"]}


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.replace(";", ",").split(",") if part.strip()]


def _aside(
    review: Review,
    proposal: EmailProposal,
    shown: Mapping[str, str],
    typed: Mapping[str, str],
    found: Sequence[str],
) -> None:
    if proposal.problem:
        banner(proposal.problem, "red", title="It was not sent.")
    section("Look at these twice" if found else "Checks")
    if found:
        bullets(found, "so-warn")
    else:
        prose("Nothing found: no placeholders left, known addresses, no missing attachment.", "so-muted")
    if proposal.notes:
        bullets(proposal.notes)
    if review.instruction:
        section("Answers your instruction")
        prose(f"“{review.instruction}”")
    if proposal.previous:
        show_changes(
            "Changed since the last revision", _joined(*proposal.previous), _joined(proposal.subject, proposal.body)
        )
    if typed != shown:
        section("Your changes")
        for name in (name for name in shown if typed[name] != shown[name]):
            prose(FIELD_NAMES[name], "so-muted")
            show_changes("", shown[name], typed[name])
    urls = links(f"{typed['subject']}\n{typed['body']}")
    if urls:
        section("Links in it")
        bullets(urls)
    section("About this mail")
    facts(
        [
            ("Asked for", proposal.instructions or ""),
            ("Recipient asked for", proposal.requested_recipient),
            ("Sender", proposal.sender),
            ("Goes to", proposal.delivery),
            ("Attachments", ", ".join(proposal.attachments)),
            ("Written by", proposal.model_label),
        ]
    )


def _joined(subject: str, body: str) -> str:
    return f"{subject}\n\n{body}"
