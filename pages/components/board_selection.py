"""What is chosen on the board: kept by review, and what may be done with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import quote, unquote

import streamlit as st

from agents.claims import same_person
from agents.decisions import TOGETHER_MOST, Mode, mode_of
from agents.desk import Desk
from agents.domain import DecisionType, Kind
from agents.reviews import Key, Row, rows_of
from agents.wording import count
from pages.components.board_cards import chosen_in_browser
from pages.components.session import actor, the_desk

COMPARED_MOST = 3
CHOSEN, TITLES, VERSION, TOLD, NOTE = "board-chosen", "board-titles", "board-version", "board-told", "board-note"
NOUNS = {
    Kind.PLAN: "plan",
    Kind.EMAIL: "draft",
    Kind.SAMPLE: "sample",
    Kind.QUESTION: "question",
    Kind.TOOL: "tool call",
    Kind.GENERIC: "request",
}
ALONE = {
    Kind.PLAN: "nothing says that what these plans do can be undone",
    Kind.EMAIL: "a mail that was sent cannot be taken back",
    Kind.SAMPLE: "each sample needs a look of its own, and the batch goes on from it",
    Kind.QUESTION: "each question needs an answer of its own",
    Kind.TOOL: "nothing says that these calls can be undone",
    Kind.GENERIC: "nothing says that what follows can be undone",
}
"""Why reviews of a kind are decided one by one, where they are not reversible."""


def name_of(key: Key) -> str:
    """A review's name in a link and in the browser."""
    return "/".join(quote(part, safe="") for part in key)


def key_named(name: str) -> Key | None:
    """The inverse of `name_of`; None for what is no such name."""
    parts = [unquote(part) for part in name.split("/")]
    return (parts[0], parts[1], parts[2]) if len(parts) == 3 and all(parts) else None


def link(view: str, keys: Iterable[Key]) -> dict[str, str | list[str]]:
    """The query parameters of a view of the board."""
    return {"view": view, "review": [name_of(key) for key in keys]}


def linked_keys() -> list[Key]:
    """The reviews that this page's link names, each once."""
    found = [key_named(name) for name in st.query_params.get_all("review")]
    return list(dict.fromkeys(key for key in found if key is not None))


@dataclass(frozen=True, slots=True)
class Selection:
    """rows: what is chosen and waits, in the order in which it was chosen. gone: names that cannot be chosen any more."""

    rows: tuple[Row, ...]
    gone: tuple[str, ...]
    version: int

    @property
    def names(self) -> list[str]:
        return [name_of(row.key) for row in self.rows]


def selection(desk: Desk) -> Selection:
    """What is chosen now. What was decided or vanished meanwhile drops out, with a sentence for `dropped`."""
    state = st.session_state
    version = int(state.get(VERSION, 0))
    said = chosen_in_browser(version)
    names: list[str] = list(state.get(CHOSEN, ())) if said is None else said
    found = rows_of(desk, [key for key in map(key_named, names) if key])
    by_name = {name_of(key): row for key, row in found.items()}
    rows = [by_name[name] for name in names if name in by_name and by_name[name].state == "waiting"]
    chosen = Selection(tuple(rows), tuple(set(names) - {name_of(row.key) for row in rows}), version)
    state[CHOSEN] = chosen.names
    titles = state.setdefault(TITLES, {})
    titles.update({name: row.title for name, row in by_name.items()})
    _tell(chosen, by_name)
    return chosen


def dropped() -> list[str]:
    """Why something is no longer chosen; until something else is."""
    sentences, _ = st.session_state.get(NOTE, ((), ()))
    return list(sentences)


def choose(names: Sequence[str]) -> None:
    """Choose these and nothing else, whatever the browser holds."""
    st.session_state[CHOSEN] = list(names)
    st.session_state[VERSION] = int(st.session_state.get(VERSION, 0)) + 1
    st.session_state.pop(NOTE, None)


def _tell(chosen: Selection, by_name: dict[str, Row]) -> None:
    state = st.session_state
    told: set[str] = state.setdefault(TOLD, set())
    told -= set(chosen.names)
    new = [name for name in chosen.gone if name not in told]
    if new:
        state[NOTE] = ([_why(name, by_name.get(name)) for name in new], tuple(chosen.names))
        told.update(new)
    elif NOTE in state and set(chosen.names) != set(state[NOTE][1]):
        del state[NOTE]


def _why(name: str, row: Row | None) -> str:
    title = st.session_state[TITLES].get(name, "A review")
    if row is not None and row.decided_by:
        return f"“{title}” was decided by {row.decided_by}, so it is no longer chosen."
    return f"“{title}” no longer waits, so it is no longer chosen."


@dataclass(frozen=True, slots=True)
class Offer:
    """What can be done with a selection. compare, together: the buttons' words, "" where it cannot be; reasons: why not."""

    compare: str
    together: str
    reasons: tuple[str, ...]


def offer(rows: Sequence[Row]) -> Offer:
    """What may be done with what is chosen, and in a sentence why the rest may not."""
    kinds = {row.kind for row in rows}
    if len(rows) < 2:
        one = f"Choose another {NOUNS[rows[0].kind]} to compare it with." if rows else ""
        return Offer("", "", (one,) if one else ())
    if len(kinds) > 1:
        return Offer("", "", (f"{inventory(rows)} are of several kinds: only cards of one kind can be compared.",))
    kind = kinds.pop()
    reasons = []
    what = count(len(rows), NOUNS[kind])
    compare = f"Compare {what}" if len(rows) <= COMPARED_MOST else ""
    if not compare:
        reasons.append(f"Up to {COMPARED_MOST} can be compared side by side.")
    together = "" if alone(rows) or len(rows) > TOGETHER_MOST else f"Decide {what} together"
    if len(rows) > TOGETHER_MOST:
        reasons.append(f"Up to {TOGETHER_MOST} can be decided together.")
    elif not together:
        reasons.append(f"They are decided one by one: {why_alone(alone(rows)[0])}.")
    return Offer(compare, together, tuple(reasons))


def alone(rows: Iterable[Row]) -> list[Row]:
    """Those that cannot be decided together with others."""
    return [row for row in rows if why_alone(row)]


def why_alone(row: Row) -> str:
    """Why it is decided by itself; "" where it can be decided together with others."""
    if not row.review.reversible or DecisionType.APPROVE not in row.review.allowed:
        return ALONE[row.kind]
    if mode_of(the_desk(), row.review.pause) is not Mode.ONE:
        return "two people must agree on it"
    if row.claimed_by is not None and not same_person(row.claimed_by, actor()):
        return f"{row.claimed_by} has taken it on"
    return ""


def inventory(rows: Iterable[Row]) -> str:
    """ "2 plans and 1 draft"; "nothing"."""
    parts = [count(number, NOUNS[kind]) for kind, number in Counter(row.kind for row in rows).items()]
    if len(parts) < 2:
        return parts[0] if parts else "nothing"
    return f"{', '.join(parts[:-1])} and {parts[-1]}"
