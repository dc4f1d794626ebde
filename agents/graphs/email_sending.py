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
from agents.graphs.email_route import Route, approved_sender, route_changed
from agents.letters import read_letter

_ORDINALS = {2: "2nd", 3: "3rd"}


def post_of(state: Mapping[str, Any], *, thread_id: str, here: Route) -> Post:
    """The approved mail: the same bytes whenever the node runs again, with the sender that was approved."""
    letter, _ = read_letter(state["letter"])
    sender = approved_sender(state, here)
    own_id = message_id(_key(thread_id, state["letter_no"]), letter, sender)
    date = from_text(state["approved_at"])
    return Post(
        key=_key(thread_id, state["approval_no"]),
        thread_id=thread_id,
        subject=letter.subject,
        message=build_message(letter, sender=sender, date=date, message_id=own_id),
        recipients=tuple(state["recipients_left"]),
        changed=route_changed(state.get("route"), here),
    )


def update_of(state: Mapping[str, Any], report: Report, *, message_id: str, here: Route) -> dict[str, JSON]:
    """What the state learns from a delivery: the end, a question about a doubt, or back to the reviewer."""
    accepted = [*state["accepted"], *report.accepted]
    refused = {**state["refused"], **report.refused}
    said = [*(state.get("said") or []), *report.said]
    update: dict[str, JSON] = {"accepted": accepted, "refused": refused, "said": said}
    if report.doubt:
        doubt = report.doubt
        update["doubt"] = {
            "key": doubt.key,
            "recipients": list(doubt.recipients),
            "why": doubt.why,
            "refused": dict(doubt.refused),
            "deferred": dict(doubt.deferred),
            "message_id": message_id,
        }
        return {**update, "next": "doubt"}
    if not accepted:
        # Refused by an earlier try of this approval; the problem speaks of the last one only.
        before = [f"{name} was refused before: {words}." for name, words in state["refused"].items()]
        problem = " ".join([report.problem or "Nobody took the mail.", *before])
        return {**update, "problem": problem, "route": here.as_json(), "next": "review"}
    missed = {name: report.problem or "" for name in state["recipients_left"] if name not in {*accepted, *refused}}
    update["refused"] = {**refused, **missed}
    return {**update, "outcome": _outcome({**state, **update}, message_id, report.place), "next": END}


def settle(state: Mapping[str, Any], journal: EffectJournal) -> dict[str, JSON]:
    """Carry out what a person said about a doubt. Running it twice changes nothing."""
    doubt = state["doubt"]
    certain = {name: doubt.get(name) or {} for name in ("refused", "deferred")}
    settled: dict[str, JSON] = {"doubt": None, "doubt_answer": None}
    if state["doubt_answer"] == DO_AGAIN:
        journal.fail(doubt["key"], "A person had it sent again under a new key.")
        return {**settled, **_again(state, [*doubt["recipients"], *certain["deferred"]])}
    journal.finish(doubt["key"], {"accepted": doubt["recipients"], **certain, "marked_as_done": True})
    settled["accepted"] = [*state["accepted"], *doubt["recipients"]]
    settled["marked"] = [*(state.get("marked") or []), *doubt["recipients"]]
    if certain["deferred"]:
        return {**settled, **_again(state, list(certain["deferred"]))}
    return {**settled, "outcome": _outcome({**state, **settled}, doubt["message_id"], None), "next": END}


def _again(state: Mapping[str, Any], recipients: list[str]) -> dict[str, JSON]:
    """The same mail to these, under a journal key of its own."""
    return {"approval_no": state["approval_no"] + 1, "recipients_left": recipients, "next": "send"}


def _key(thread_id: str, number: int) -> str:
    return f"{thread_id}:mail:{number}"


def _outcome(state: Mapping[str, Any], message_id: str, place: str | None) -> dict[str, JSON]:
    accepted, refused, marked = state["accepted"], state["refused"], state.get("marked") or []
    names, said = ", ".join(accepted), state.get("said") or []
    text = [f"Written to {place}, for {names}." if place else f"Sent to {names}."]
    if refused:
        text.append(f"Not to {'; '.join(f'{name} ({words})' for name, words in refused.items())}.")
    if said:
        text.append(_retried(said, sure=not marked))
    text += state.get("notes") or []
    if marked:
        text.append(f"For {', '.join(marked)} a person marked it as done after a doubt.")
    return {
        "status": "partly" if refused else "done",
        "text": " ".join(text),
        "details": {
            "subject": state["letter"]["subject"],
            "accepted": accepted,
            "refused": dict(refused),
            "message_id": message_id,
            "file": place,
            "earlier_answers": said,
        },
    }


def _retried(said: list[str], *, sure: bool) -> str:
    """A server that was busy at first leaves a trace."""
    words = said[0].replace("The mail server said:", "The mail server first said:", 1)
    first = words if words != said[0] else f"At first: {words}"
    first += "" if first.endswith((".", "?", "!")) else "."
    number = len(said) + 1
    return f"{first} Sent at the {_ORDINALS.get(number, f'{number}th')} try." if sure else first
