"""The inbox: what the checkpointer files show, joined with what was decided here."""

from __future__ import annotations

import hashlib
import threading
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from heapq import merge
from pathlib import Path

from sqlalchemy import select

from agents.checkpoints import Digest, Follower, Group, Listing, Place, Problem, Reader, Wanted
from agents.database import reading, thread
from agents.desk import Desk
from agents.domain import Pause, PauseStatus, Who
from agents.errors import SignoffError
from agents.jobs import Job, JobStatus
from agents.reviews.narrowed import narrowed
from agents.reviews.overlay import Overlay, deliveries, delivery_times, overlay
from agents.reviews.piles import ALL, EVERYTHING, Followed, Pile, Whole
from agents.reviews.rows import Row, looks_stuck, matches, row_of, wanted_by
from agents.reviews.urgent import ASIDE, most_urgent, without_aside

__all__ = ["Inbox", "Row", "RunLine", "all_rows", "everything", "inbox", "looks_stuck", "matches", "row_of"]

TRIES = 5
"""A page is asked for again when some of its rows turned out to be gone."""

_turn = threading.Lock()


@dataclass(frozen=True, slots=True)
class RunLine:
    """A thread that runs, or whose last run failed. note: why it waits, or the error."""

    source_id: str
    thread_id: str
    title: str
    graph_id: str | None
    status: JobStatus
    note: str | None


@dataclass(frozen=True, slots=True)
class Inbox:
    """A page of rows. total: rows that match the filters; waiting: all that wait for a person.

    kinds, graphs, statuses, sources: how many wait, before filtering. about: a large file is still being compared,
    so the numbers may change a little. notes: sentences about files that cannot be read, or not in full yet.
    aside: how many this person has set aside for now.
    """

    rows: tuple[Row, ...]
    total: int
    waiting: int
    kinds: Mapping[str, int]
    graphs: Mapping[str, int]
    statuses: Mapping[str, int]
    sources: Mapping[str, int]
    about: bool
    notes: tuple[str, ...]
    failed: tuple[RunLine, ...]
    running: tuple[RunLine, ...]
    aside: int = 0
    in_hands: int = 0


def inbox(
    desk: Desk,
    *,
    kinds: Collection[str] = (),
    graphs: Collection[str] = (),
    statuses: Collection[str] = (),
    sources: Collection[str] = (),
    search: str = "",
    order: str = "newest",
    page: int = 1,
    per_page: int = 25,
    hands: str = "",
    who: Who = "",
) -> Inbox:
    """What waits, filtered and sorted. order: "newest" or "oldest" first, or "urgent". page counts from 1.

    hands: "mine" for what `who` has taken on or was given, "free" for what nobody has taken on, "aside" for what they
    have set aside, which is not in any other list of theirs.
    """
    over = overlay(desk, str(who) or None)
    piles = piles_of(desk, over)
    shown = narrowed([pile for pile in piles if not sources or pile.source_id in sources], over.hands, hands, who)
    shown = without_aside(shown, over.aside, only=hands == ASIDE)
    wanted = wanted_by(kinds, graphs, search, statuses)
    rows = _ordered(shown, wanted, over, order, max(0, (page - 1) * per_page), per_page)
    waiting = {pile.source_id: pile.waiting() for pile in piles}
    groups = total_of(waiting.values())
    failed, running = _runs(desk, over)
    return Inbox(
        rows=tuple(rows),
        total=sum(pile.counts(wanted).total() for pile in shown),
        waiting=groups.total(),
        kinds=by_part(groups, 0),
        graphs=by_part(groups, 1),
        statuses=by_part(groups, 2),
        sources={source_id: found.total() for source_id, found in waiting.items() if found},
        about=any(pile.about for pile in piles),
        notes=notes_of(piles),
        failed=failed,
        running=running,
        aside=len(over.aside),
        in_hands=len(over.hands.claims.keys() | over.hands.assigned.keys()),
    )


def _ordered(piles: Sequence[Pile], wanted: Wanted, over: Overlay, order: str, first: int, most: int) -> list[Row]:
    def page(some: Sequence[Pile], skipped: int, shown: int) -> list[Row]:
        return page_of(some, wanted, oldest=order == "oldest", first=skipped, most=shown)

    if order == "urgent":
        return most_urgent(piles, wanted, over.due, first=first, most=most, rest=page)
    return page(piles, first, most)


def piles_of(desk: Desk, over: Overlay | None = None, *, settled: bool = False) -> list[Pile]:
    """What waits in each file, with what was decided here. settled: complete, however long that takes."""
    over = over or overlay(desk)
    return [_pile(desk, reader, over, settled) for reader in desk.readers]


def page_of(piles: Sequence[Pile], wanted: Wanted, *, oldest: bool, first: int, most: int) -> list[Row]:
    """A stretch of the rows of all piles together, in order."""
    rows: list[Row] = []
    for _ in range(TRIES):
        places = _merged(piles, wanted, oldest, first, most)
        rows = _rows_at(piles, places)
        if len(rows) == len(places):
            break
    return rows


def all_rows(desk: Desk) -> tuple[list[Row], list[str]]:
    """Every pause of every file as a row, in no order, and the files' notes. A large file takes its time."""
    rows, notes, _ = everything(desk)
    return rows, notes


def everything(desk: Desk, wanted: Wanted = EVERYTHING) -> tuple[list[Row], list[str], bool]:
    """Every row that fits, newest first, the files' notes, and whether every file that is there could be read."""
    piles = piles_of(desk, settled=True)
    rows = _rows_at(piles, _merged(piles, wanted, False, 0, ALL))  # once: what goes meanwhile is left out
    readable = all(pile.problem in (None, Problem.MISSING, Problem.EMPTY) for pile in piles)
    return rows, list(notes_of(piles)), readable


def total_of(counted: Iterable[Counter[Group]]) -> Counter[Group]:
    return sum(counted, Counter[Group]())


def by_part(groups: Counter[Group], part: int) -> dict[str, int]:
    """How many of each kind (0), graph (1) or status (2)."""
    found: Counter[str] = Counter()
    for group, number in groups.items():
        found[group[part]] += number
    return dict(found)


def notes_of(piles: Sequence[Pile]) -> tuple[str, ...]:
    return tuple(pile.note for pile in piles if pile.note)


def _merged(piles: Sequence[Pile], wanted: Wanted, oldest: bool, first: int, most: int) -> list[tuple[Place, Pile]]:
    if len(piles) == 1:
        return [(place, piles[0]) for place in piles[0].places(wanted, oldest=oldest, first=first, most=most)]
    stretches = [
        [(place, pile) for place in pile.places(wanted, oldest=oldest, first=0, most=first + most)] for pile in piles
    ]
    return list(merge(*stretches, key=lambda each: each[0], reverse=not oldest))[first : first + most]


def _rows_at(piles: Sequence[Pile], places: Sequence[tuple[Place, Pile]]) -> list[Row]:
    keys: dict[str, list[tuple[str, str]]] = {pile.source_id: [] for pile in piles}
    for place, pile in places:
        keys[pile.source_id].append((place.thread_id, place.pause_key))
    found = {pile.source_id: pile.rows(keys[pile.source_id]) for pile in piles}
    rows = (found[pile.source_id].get((place.thread_id, place.pause_key)) for place, pile in places)
    return [row for row in rows if row is not None]


def _pile(desk: Desk, reader: Reader, over: Overlay, settled: bool) -> Pile:
    if is_followed(desk, reader):
        return Followed(follower_of(desk, reader), over, _held(desk, reader, over), settled=settled)
    listing, rows = _parsed(desk, reader)
    since = delivery_times(desk)
    now = (
        over.on(row, since.get(row.key[:2]))
        for row in rows
        if not looks_stuck(row.status, at_work=row.key[:2] in over.at_work)
    )
    return Whole(reader.source.source_id, now, listing.note, listing.problem)


def is_followed(desk: Desk, reader: Reader) -> bool:
    """Is the file so large that it is read by way of its index?"""
    return f"follower:{reader.source.source_id}" in desk.memo or reader.rows_from(desk.follow_from)


def _held(desk: Desk, reader: Reader, over: Overlay) -> list[Row]:
    """The rows of the few threads that are held back because of their types; their index calls them questions."""
    source_id = reader.source.source_id
    threads = [thread_id for source, thread_id in over.held if source == source_id]
    rows: list[Row] = []
    for thread_id in threads:
        with suppress(SignoffError):  # the file's own note says that it cannot be read
            rows += map(row_of, desk.pauses(thread_id, source_id))
    return [over.on(row, None) for row in rows if over.is_held(row)]


def follower_of(desk: Desk, reader: Reader) -> Follower:
    """The file's follower, told of the answers that arrived since it was asked last."""
    source_id = reader.source.source_id
    name = f"follower:{source_id}"
    with _turn:
        if name not in desk.memo:
            stamp = f"{_code()} {desk.settings.database_path.resolve()}"
            desk.memo[name] = Follower(reader, desk.settings.home / "index", stamp, _digest)
        follower: Follower = desk.memo[name]
        desk.memo.pop(f"rows:{source_id}", None)
    before = follower.delivered_since()
    with reading(desk.engine) as connection:
        new, since = deliveries(connection, before, source_id)
    known: tuple[str, Mapping[tuple[str, str], str]] | None = desk.memo.get(f"{name}:told")
    if new and known != (before, new):
        follower.deliver({key[1]: at for key, at in new.items()}, since)
        desk.memo[f"{name}:told"] = (before, new)
    return follower


@cache
def _code() -> str:
    """Differs for other code, which may read a pause in another way."""
    found = hashlib.sha256()
    package = Path(__file__).parent.parent
    for folder in (package, package / "checkpoints", package / "payloads", package / "reviews"):
        for path in sorted(folder.glob("*.py")):
            found.update(path.read_bytes())
    return found.hexdigest()


def _digest(pause: Pause) -> Digest:
    row = row_of(pause)
    return Digest(row.kind.value, row.words, row)


def _parsed(desk: Desk, reader: Reader) -> tuple[Listing, Sequence[Row]]:
    """Rows are made once per listing, and kept for pauses that the next listing still has."""
    name = f"rows:{reader.source.source_id}"
    listing = reader.listing()
    cached: tuple[Listing, dict[int, Row], list[Row]] | None = desk.memo.get(name)
    if cached is not None and cached[0] is listing:
        return listing, cached[2]
    # ids are safe as keys: the cached listing keeps its pauses alive
    old = cached[1] if cached else {}
    rows = {id(pause): old.get(id(pause)) or row_of(pause) for pause in listing.pauses}
    ordered = list(rows.values())
    desk.memo[name] = (listing, rows, ordered)
    return listing, ordered


def _runs(desk: Desk, over: Overlay) -> tuple[tuple[RunLine, ...], tuple[RunLine, ...]]:
    failed, live, held = over.failed, over.live, over.held
    wanted = {each.thread_id for each in (*failed, *live)}
    with reading(desk.engine) as connection:
        query = select(thread.c.source_id, thread.c.thread_id, thread.c.title).where(thread.c.thread_id.in_(wanted))
        titles = {(row.source_id, row.thread_id): row.title for row in connection.execute(query)} if wanted else {}
    alone = [each for each in failed if not _is_stuck(desk, each, held.get((each.source_id, each.thread_id), ""))]
    return tuple(_line(each, titles) for each in alone), tuple(_line(each, titles) for each in live)


def _is_stuck(desk: Desk, failed: Job, held_at: str) -> bool:
    """Has the failed run left its thread among what waits, with what would help? Then it is told there."""
    try:
        pauses = desk.pauses(failed.thread_id, failed.source_id)
        return any(pause.status is PauseStatus.STUCK or pause.checkpoint_id == held_at for pause in pauses)
    except SignoffError:  # a file that cannot be read, or is no longer configured: the failure itself stays told
        return False


def _line(each: Job, titles: Mapping[tuple[str, str], str]) -> RunLine:
    title = titles.get((each.source_id, each.thread_id), each.thread_id)
    return RunLine(each.source_id, each.thread_id, title, each.graph_id, each.status, each.error or each.note)
