"""Reviews: the inbox (`listing`), the board (`columns`) and one review with all that belongs to it (`opened`)."""

from agents.reviews.columns import Board, Column, board, rows_of
from agents.reviews.listing import Inbox, Row, RunLine, all_rows, inbox
from agents.reviews.opened import Key, Opened, open_review, record_look, save_draft

__all__ = [
    "Board",
    "Column",
    "Inbox",
    "Key",
    "Opened",
    "Row",
    "RunLine",
    "all_rows",
    "board",
    "inbox",
    "open_review",
    "record_look",
    "rows_of",
    "save_draft",
]
