"""Reviews: the inbox (`listing`) and one review with all that belongs to it (`opened`)."""

from agents.reviews.listing import Inbox, Row, RunLine, all_rows, inbox
from agents.reviews.opened import Key, Opened, open_review, record_look, save_draft

__all__ = [
    "Inbox",
    "Key",
    "Opened",
    "Row",
    "RunLine",
    "all_rows",
    "inbox",
    "open_review",
    "record_look",
    "save_draft",
]
