"""Pauses as the layer above understands them: made when one enters the index or is shown."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from agents.checkpoints.follower_index import Entry
from agents.clock import to_text
from agents.domain import Pause

KEPT = 1_000
"""Bodies of pauses that were shown lately: a payload may be large, so not all."""


@dataclass(frozen=True, slots=True)
class Digest:
    """words: what a search looks in, casefolded. body: handed back when the pause is shown."""

    kind: str
    words: str
    body: Any


class Bodies:
    """Makes digests and keeps the bodies that were shown lately. Its owner takes turns."""

    def __init__(self, digest: Callable[[Pause], Digest]) -> None:
        self._digest = digest
        self._kept: OrderedDict[tuple[str, str], tuple[str, Any]] = OrderedDict()

    def get(self, key: tuple[str, str], print_: str) -> Any:
        """The body of (thread_id, pause_key), if it is kept and the pause has not changed; else None."""
        kept = self._kept.get(key)
        if kept is None or kept[0] != print_:
            return None
        self._kept.move_to_end(key)
        return kept[1]

    def show(self, pause: Pause) -> Any:
        """The body of a pause, kept from now on."""
        body = self._digest(pause).body
        self._keep(pause, _print(pause), body)
        return body

    def entry(self, pause: Pause, *, soon: bool) -> Entry:
        """What the index keeps of a pause. soon: it is about to be shown, so its body is kept here."""
        digest, print_ = self._digest(pause), _print(pause)
        if soon:
            self._keep(pause, print_, digest.body)
        return Entry(
            pause_key=pause.pause_key,
            kind=digest.kind,
            graph=pause.graph_id or "unknown",
            status=pause.status.value,
            paused_at=to_text(pause.paused_at),
            shown_from=to_text(pause.shown_from) if pause.shown_from else None,
            print=print_,
            words=digest.words,
        )

    def _keep(self, pause: Pause, print_: str, body: Any) -> None:
        key = (pause.thread_id, pause.pause_key)
        self._kept[key] = (print_, body)
        self._kept.move_to_end(key)
        if len(self._kept) > KEPT:
            self._kept.popitem(last=False)


def _print(pause: Pause) -> str:
    """Differs when anything about the pause does; `seen` stands for its value."""
    return hashlib.sha256(repr(replace(pause, value=None)).encode("utf-8", "surrogatepass")).hexdigest()[:16]
