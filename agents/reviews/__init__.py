"""Reviews: the inbox (`listing`), the board (`columns`) and one review with all that belongs to it (`opened`)."""

from agents.reviews.asked import Asked
from agents.reviews.columns import Board, Column, board, rows_of
from agents.reviews.context import Context, led_here, whole_field, whole_message
from agents.reviews.listing import Inbox, Row, RunLine, all_rows, inbox
from agents.reviews.opened import Key, Opened, open_review, record_look, save_draft

__all__ = [
    "Asked",
    "Board",
    "Column",
    "Context",
    "Inbox",
    "Key",
    "Opened",
    "Row",
    "RunLine",
    "all_rows",
    "board",
    "inbox",
    "led_here",
    "open_review",
    "record_look",
    "rows_of",
    "save_draft",
    "whole_field",
    "whole_message",
]
