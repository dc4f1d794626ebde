"""From the state to a post, and from what became of it back to the state."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from langgraph.graph import END

from agents.adapters.mail import build_message, message_id
from agents.clock import from_text
from agents.domain import JSON
from agents.graphs.email_delivery import EffectJournal, Post, Report
from agents.graphs.email_reviewing import DO_AGAIN
from agents.letters import read_letter


def post_of(state: Mapping[str, Any], *, thread_id: str, sender: str) -> Post:
    """The approved mail: the same bytes whenever the node runs again."""
    letter, _ = read_letter(state["letter"])
    own_id = message_id(_key(thread_id, state["letter_no"]), letter, sender)
    date = from_text(state["approved_at"])
    return Post(
        key=_key(thread_id, state["approval_no"]),
        thread_id=thread_id,
        subject=letter.subject,
        message=build_message(letter, sender=sender, date=date, message_id=own_id),
        recipients=tuple(state["recipients_left"]),
    )


def update_of(state: Mapping[str, Any], report: Report, *, message_id: str) -> dict[str, JSON]:
    """What the state learns from a delivery: the end, a question about a doubt, or back to the reviewer."""
    accepted = [*state["accepted"], *report.accepted]
    refused = {**state["refused"], **report.refused}
    update: dict[str, JSON] = {"accepted": accepted, "refused": refused}
    if report.doubt:
        doubt = report.doubt
        update["doubt"] = {
            "key": doubt.key,
            "recipients": list(doubt.recipients),
            "why": doubt.why,
            "message_id": message_id,
        }
        return {**update, "next": "doubt"}
    if not accepted:
        return {**update, "problem": report.problem, "next": "review"}
    missed = {name: report.problem or "" for name in state["recipients_left"] if name not in {*accepted, *refused}}
    details = _details(state, accepted, {**refused, **missed}, message_id, report.place)
    return {**update, "outcome": details, "next": END}


def settle(state: Mapping[str, Any], journal: EffectJournal) -> dict[str, JSON]:
    """Carry out what a person said about a doubt. Running it twice changes nothing."""
    doubt = state["doubt"]
    if state["doubt_answer"] == DO_AGAIN:
        journal.fail(doubt["key"], "A person had it sent again under a new key.")
        return {
            "approval_no": state["approval_no"] + 1,
            "recipients_left": doubt["recipients"],
            "doubt": None,
            "doubt_answer": None,
            "next": "send",
        }
    journal.finish(doubt["key"], {"accepted": doubt["recipients"], "marked_as_done": True})
    accepted = [*state["accepted"], *doubt["recipients"]]
    outcome = _details(state, accepted, state["refused"], doubt["message_id"], None)
    outcome["text"] += f" For {', '.join(doubt['recipients'])} a person marked it as done after a doubt."
    return {"accepted": accepted, "doubt": None, "doubt_answer": None, "outcome": outcome, "next": END}


def _key(thread_id: str, number: int) -> str:
    return f"{thread_id}:mail:{number}"


def _details(
    state: Mapping[str, Any], accepted: list[str], refused: Mapping[str, str], message_id: str, place: str | None
) -> dict[str, JSON]:
    names = ", ".join(accepted)
    text = f"Written to {place}, for {names}." if place else f"Sent to {names}."
    if refused:
        text += f" Not to {'; '.join(f'{name} ({words})' for name, words in refused.items())}."
    text = " ".join([text, *state.get("notes", [])])
    return {
        "status": "partly" if refused else "done",
        "text": text,
        "details": {
            "subject": state["letter"]["subject"],
            "accepted": accepted,
            "refused": dict(refused),
            "message_id": message_id,
            "file": place,
        },
    }
