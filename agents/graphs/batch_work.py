"""Working through items: several at once, each result written as it comes, nothing asked twice.

The model is asked by threads; one thread, the caller's, writes what they
bring. What was asked and not yet written when the process ends is asked
again: never more than WINDOW items per thread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from typing import Any

from agents import lots
from agents.clock import Clock
from agents.database import reading
from agents.errors import ModelError
from agents.graphs.batch_asking import request_for
from agents.graphs.batch_crew import Crew, Order, Team
from agents.lots import FAILED, Held, Result, Word, generation_at
from agents.wording import count

__all__ = ["STOP_AFTER", "WINDOW", "Crew", "Tally", "retry_failed", "work_through"]

STOP_AFTER = 10
"""Failed items in a row, without one that succeeded, after which a batch stops."""

WINDOW = 2
"""Items per thread: one to work on, and one so that it need not wait while results are written."""

SAY_EVERY = timedelta(seconds=2)
_SLICE = 500


@dataclass
class Tally:
    """How far a piece of work is. done: items with a result, failed ones too. streak: failures since the last success.

    unwritten: failures that are written once an item succeeds, or the work ends. stopped: there were too many, the
    last of them with this sentence; only those for a reason of the item's own are written then, so that the next try
    gets past them. again: failed items are tried again, and such a failure says nothing of the model.
    """

    total: int
    again: bool = False
    done: int = 0
    failed: int = 0
    streak: int = 0
    stopped: str = ""
    unwritten: list[Result] = field(default_factory=list)

    def take(self, result: Result) -> list[Result]:
        """Count a result; returns what is to be written now."""
        failed = result.status == FAILED
        if self.stopped and failed:
            return [result] if result.own else []
        self.done += 1
        self.failed += failed
        if not (self.again and result.own):
            self.streak = self.streak + 1 if failed else 0
        self.unwritten.append(result)
        if self.streak >= STOP_AFTER:
            self.stopped = result.error or "no reason given"
            self.unwritten = [each for each in self.unwritten if each.own]
        elif failed:
            return []
        ready, self.unwritten = self.unwritten, []
        return ready


def work_through(crew: Crew, held: Held, state: Mapping[str, Any], last: int, say: Callable[[str], None]) -> Tally:
    """Work on items state["first"] to `last` as far as they have no result yet, and say how far it is.

    What a person corrected stays. Raises ModelError after STOP_AFTER failures in a row, which are not kept as
    results but for those of the item's own, and LotTaken when another run holds the lot by now.
    """
    first, spans = state["first"], state["spans"]
    corrected = _corrected(crew, held.lot_id, first, last)
    with reading(crew.engine) as connection:
        known = {*lots.numbers(connection, held.lot_id, spans, first, last), *corrected}
    missing = [number for number in range(first, last + 1) if number not in known]
    total = last - first + 1 - len(corrected)
    tally = Tally(total, done=total - len(missing), streak=state["failing"])
    again = ", again" if state["revision"] > 1 else ""
    _work(crew, held, state, missing, tally, _Sayer(say, crew.clock, f"Items {first:,} to {last:,}{again}"))
    return tally


def retry_failed(crew: Crew, state: Mapping[str, Any], *, waiting: bool, say: Callable[[str], None]) -> Tally:
    """Ask again for the failed items that the head's `state` names; only under the lease of its thread.

    waiting: a review waits, and its own items are left alone. What fails again stays as it was. Raises ModelError
    after STOP_AFTER failures in a row (what succeeded before is kept), LotTaken, and InvalidInput without the lot.
    """
    held, last = lots.take_over(crew.engine, state["lot_id"]), state["cursor"] if waiting else state["done"]
    corrected = _corrected(crew, held.lot_id, 1, last)
    with reading(crew.engine) as connection:
        failed = lots.numbers(connection, held.lot_id, state["spans"], 1, last, FAILED)
    missing = [number for number in failed if number not in corrected]
    tally = Tally(len(missing), again=True)
    _work(crew, held, state, missing, tally, _Sayer(say, crew.clock, "Failed items, again"))
    return tally


def _work(
    crew: Crew, held: Held, state: Mapping[str, Any], missing: Sequence[int], tally: Tally, sayer: _Sayer
) -> None:
    orders, window = _orders(crew, held.lot_id, state, missing), WINDOW * crew.concurrency

    def request(order: Order) -> Any:
        return request_for(*order, state)

    with Team(min(crew.concurrency, len(missing)), partial(crew.attempt, request=request)) as team:
        team.hand(islice(orders, window))
        while team.out:
            ready = [each for result in team.gather() for each in tally.take(result)]
            if ready:
                lots.record(crew.engine, held, ready, clock=crew.clock)
            sayer.say(tally)
            if tally.stopped:
                team.recall()
            else:
                team.hand(islice(orders, window - team.out))
    if tally.stopped:
        raise ModelError(_stopped(tally.stopped))
    if tally.unwritten:
        lots.record(crew.engine, held, tally.unwritten, clock=crew.clock)
    sayer.say(tally, last=True)


def _stopped(said: str) -> str:
    end = "" if said.endswith((".", "!", "?")) else "."
    return (
        f"{count(STOP_AFTER, 'item')} in a row failed, so the batch stopped for now. The last one: {said}{end} "
        "What is done is kept. Once the reason is gone, try again: only items without a result are asked for."
    )


def _orders(crew: Crew, lot_id: str, state: Mapping[str, Any], missing: Sequence[int]) -> Iterator[Order]:
    """The items with these numbers, read slice by slice, so that a long chunk is never in memory as a whole."""
    for start in range(0, len(missing), _SLICE):
        part = missing[start : start + _SLICE]
        wanted = set(part)
        with reading(crew.engine) as connection:
            rows = lots.items(connection, lots.find(connection, lot_id), part[0], part[-1])
            found = [item for item in rows if item.item_no in wanted]
        for item in found:
            yield item, generation_at(state["spans"], item.item_no)


def _corrected(crew: Crew, lot_id: str, first: int, last: int) -> set[int]:
    with reading(crew.engine) as connection:
        said = lots.verdicts(connection, lot_id, first, last)
    return {each.item_no for each in said if each.word is Word.CORRECTED}


class _Sayer:
    """Says how far the work is, at most once in SAY_EVERY, and at its end."""

    def __init__(self, say: Callable[[str], None], clock: Clock, what: str) -> None:
        self._say = say
        self._clock = clock
        self._what = what
        self._next: datetime = clock() + SAY_EVERY

    def say(self, tally: Tally, *, last: bool = False) -> None:
        if not last and self._clock() < self._next:
            return
        self._next = self._clock() + SAY_EVERY
        failed = f", {tally.failed:,} failed" if tally.failed else ""
        self._say(f"{self._what}: {tally.done - tally.failed:,} of {tally.total:,} done{failed}")
