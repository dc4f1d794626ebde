"""What a list says of a review below its title, and the mark of one that is no plain question."""

from __future__ import annotations

from agents.domain import PauseStatus
from agents.payloads.email import EmailProposal
from agents.reviews import Row
from pages.components.filters import STATUSES
from pages.components.words import words_of

GIST = 180
"""Characters of a mail's first words."""


def gist_of(row: Row) -> str:
    """What the title does not say: a mail's first words, else the gist, else where it comes from."""
    proposal = row.review.proposal
    if isinstance(proposal, EmailProposal):
        return " ".join(proposal.body.split())[:GIST]
    if row.gist.casefold().rstrip("…") in row.title.casefold() or row.title.casefold() in row.gist.casefold():
        return f"{words_of(row.graph_id)}, thread {row.thread_id}" if row.graph_id else f"Thread {row.thread_id}"
    return row.gist


def state_of(row: Row) -> tuple[str, str]:
    """The mark of a row and its colour; "" for a question that waits for its answer."""
    if row.state == "decided":
        return "Decided", "green"
    match row.status:
        case PauseStatus.STUCK:
            return STATUSES[row.status], "red"
        case PauseStatus.BREAKPOINT:
            return STATUSES[row.status], "blue"
    return ("Needs repair", "orange") if row.review.pause.repairs else ("", "")
