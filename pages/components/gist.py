"""What a list says of a review below its title."""

from __future__ import annotations

from agents.payloads.email import EmailProposal
from agents.reviews import Row
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
