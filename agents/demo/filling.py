"""Making the demo beside the pages: a closed tab does not stop it, and every tab sees how far it is."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field

from agents.demo.making import make_demo
from agents.desk import Desk
from agents.domain import Who
from agents.errors import SignoffError
from agents.people import Act, permitted

log = logging.getLogger(__name__)
_MEMO = "demo"
_turn = threading.Lock()


@dataclass(slots=True)
class Filling:
    """How far it is: done of total steps, and what comes now. error: a sentence, once it has ended without a demo."""

    done: int = 0
    total: int = 1
    text: str = ""
    error: str | None = None
    ended: threading.Event = field(default_factory=threading.Event)

    def report(self, done: int, total: int, text: str) -> None:
        self.done, self.total, self.text = done, total, text


def fill(desk: Desk, *, actor: Who) -> Filling:
    """Begin to make the demo on a thread of its own; the one that is under way, where there is one. Raises NotAllowed."""
    permitted(desk, actor, Act.ADMINISTER)
    with _turn:
        known = filling(desk)
        if known is not None:
            return known
        begun = desk.memo[_MEMO] = Filling()
    threading.Thread(target=_fill, args=(desk, actor, begun), name="signoff-demo", daemon=True).start()
    return begun


def filling(desk: Desk) -> Filling | None:
    """What is under way in this process; None when nothing is."""
    known = desk.memo.get(_MEMO)
    return known if isinstance(known, Filling) and not known.ended.is_set() else None


def _fill(desk: Desk, actor: Who, begun: Filling) -> None:
    try:
        make_demo(desk, actor=actor, progress=begun.report)
    except SignoffError as error:
        begun.error = str(error)
    except Exception as error:
        log.exception("The demo could not be made")
        begun.error = f"The demo could not be made: {type(error).__name__}: {error}"
    finally:
        begun.ended.set()
