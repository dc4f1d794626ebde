"""Who is told what: the journal of messages, their words, and what became of each.

`agents/runs/telling.py` finds what there is to tell, `agents/runs/sending.py` sends it.
"""

from agents.notifications.journal import Held, expire, let_go, settle, take, write_down
from agents.notifications.place import address_of, listens_on
from agents.notifications.readers import Begun, begun, concerns, kind_of, problems
from agents.notifications.told import Item, Status, Topic
from agents.notifications.trouble import Trouble, again, let_rest, troubled
from agents.notifications.words import message_of

__all__ = [
    "Begun",
    "Held",
    "Item",
    "Status",
    "Topic",
    "Trouble",
    "address_of",
    "again",
    "begun",
    "concerns",
    "expire",
    "kind_of",
    "let_go",
    "let_rest",
    "listens_on",
    "message_of",
    "problems",
    "settle",
    "take",
    "troubled",
    "write_down",
]
