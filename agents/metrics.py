"""Numbers for Prometheus. What the desk knows is read from its tables when it is asked for, so it is the same in every process.

Only requests are counted in the process itself, in one registry that is made once: another one would begin at nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import Column, Connection, Integer, cast, func, select

from agents import workers
from agents.audit import head
from agents.database import deadline, decision, effect, job, notification, reading
from agents.desk import Desk
from agents.domain import Kind
from agents.effects import EffectStatus
from agents.errors import SignoffError
from agents.reviews.listing import page_of, piles_of, total_of
from agents.reviews.piles import EVERYTHING, Pile

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry, Counter

MISSING = (
    "Metrics need the package prometheus-client. Install it with its extra, signoff-desk[metrics], or from requirements.lock, "
    "which has it."
)
BUCKETS = (0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 1800.0)
"""Seconds of work on a job."""
LOOKED_THROUGH = 50
"""Of the oldest in the list, so many are looked through for one that nobody has decided."""


class NoMetrics(SignoffError):
    """The package is not installed."""


def exposed(desk: Desk) -> tuple[bytes, str]:
    """Everything in Prometheus' text format, and its content type. Raises NoMetrics or Busy."""
    try:
        from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
    except ImportError:
        raise NoMetrics(MISSING) from None
    return generate_latest(_Both(desk)), CONTENT_TYPE_LATEST


def count_request(method: str, area: str, code: int) -> None:
    """One HTTP request was answered. Does nothing where the package is not installed."""
    found = _requests()
    if found is not None:
        found.labels(method, area, str(code)).inc()


@cache
def _registry() -> CollectorRegistry:
    from prometheus_client import CollectorRegistry, disable_created_metrics

    disable_created_metrics()  # type: ignore[no-untyped-call]  # a second number for each, which says when this process began to count
    return CollectorRegistry()


@cache
def _requests() -> Counter | None:
    try:
        from prometheus_client import Counter
    except ImportError:
        return None
    told = "HTTP requests that this process answered."
    return Counter("signoff_http_requests", told, ("method", "area", "code"), registry=_registry())


class _Both:
    """The registry of this process, and the desk as it stands now."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def collect(self) -> Iterator[Any]:
        _requests()
        yield from _registry().collect()
        yield from _waiting(self._desk)
        with reading(self._desk.engine) as connection:
            yield from _rows(connection)
            yield from _numbers(connection, self._desk)


def _waiting(desk: Desk) -> Iterator[Any]:
    piles = piles_of(desk)
    groups = total_of(pile.waiting() for pile in piles)
    kinds = {kind.value: 0 for kind in Kind}
    for (kind, _, _), number in groups.items():
        kinds[kind] = kinds.get(kind, 0) + number
    yield _gauge(
        "signoff_waiting", "What waits for a person, by kind.", ("kind",), [((each,), n) for each, n in kinds.items()]
    )
    yield _gauge("signoff_oldest_waiting_seconds", "Age of what has waited longest.", (), [((), _oldest(desk, piles))])


def _oldest(desk: Desk, piles: list[Pile]) -> float:
    for row in page_of(piles, EVERYTHING, oldest=True, first=0, most=LOOKED_THROUGH):
        if row.state == "waiting":
            return max(0.0, (desk.clock() - row.paused_at).total_seconds())
    return 0.0


def _rows(connection: Connection) -> Iterator[Any]:
    """What the tables count."""
    yield _gauge(
        "signoff_jobs", "Jobs by what they do and how they stand.", *_grouped(connection, job.c.kind, job.c.status)
    )
    yield _run_seconds(connection)
    named = _grouped(connection, decision.c.type, decision.c.status)
    yield _counter("signoff_decisions", "Decisions by type and by what became of them.", *named)
    yield _counter("signoff_deadline_actions", "What deadlines did.", ("action",), _deadline_actions(connection))
    named = _grouped(connection, notification.c.channel, notification.c.status)
    yield _gauge("signoff_notifications", "Messages by channel and by what became of them.", *named)


def _numbers(connection: Connection, desk: Desk) -> Iterator[Any]:
    doubted = select(func.count()).select_from(effect).where(effect.c.status == EffectStatus.IN_DOUBT.value)
    alive, doubts = len(workers.alive(connection, desk.clock())), connection.execute(doubted).scalar_one()
    yield _gauge("signoff_workers_alive", "Workers of any process that live.", (), [((), alive)])
    yield _gauge("signoff_effects_in_doubt", "Acts that may or may not have happened.", (), [((), doubts)])
    yield _counter("signoff_record_events", "Events on the record.", (), [((), head(connection).count)])


Samples = Iterable[tuple[tuple[str, ...], float]]


def _grouped(connection: Connection, *columns: Column[Any]) -> tuple[tuple[str, ...], Samples]:
    """(the columns' names, how many rows there are for each of their values)."""
    found = connection.execute(select(*columns, func.count()).group_by(*columns)).all()
    return tuple(each.name for each in columns), [(tuple(map(str, row[:-1])), row[-1]) for row in found]


def _deadline_actions(connection: Connection) -> Samples:
    """An escalation is a step that was done; what else a deadline did is its outcome."""
    query = select(deadline.c.outcome, func.count()).where(deadline.c.outcome.is_not(None))
    acted = connection.execute(query.group_by(deadline.c.outcome)).all()
    escalated = connection.execute(select(func.coalesce(func.sum(deadline.c.steps_done), 0))).scalar_one()
    return [*((((str(outcome),), number)) for outcome, number in acted), (("escalate",), escalated)]


def _run_seconds(connection: Connection) -> Any:
    from prometheus_client.core import HistogramMetricFamily

    found = HistogramMetricFamily("signoff_run_seconds", "Seconds at work on jobs that ended.", labels=("kind",))
    below = [func.sum(cast(job.c.seconds <= edge, Integer)) for edge in BUCKETS]
    ended = job.c.status.in_(("done", "failed"))
    query = select(job.c.kind, func.count(), func.sum(job.c.seconds), *below).where(ended).group_by(job.c.kind)
    for kind, number, seconds, *each in connection.execute(query):
        edges = [(str(edge), float(count)) for edge, count in zip(BUCKETS, each, strict=True)]
        found.add_metric((kind,), [*edges, ("+Inf", float(number))], seconds)
    return found


def _gauge(name: str, told: str, labels: tuple[str, ...], samples: Samples) -> Any:
    from prometheus_client.core import GaugeMetricFamily

    return _filled(GaugeMetricFamily(name, told, labels=labels), samples)


def _counter(name: str, told: str, labels: tuple[str, ...], samples: Samples) -> Any:
    from prometheus_client.core import CounterMetricFamily

    return _filled(CounterMetricFamily(name, told, labels=labels), samples)


def _filled(found: Any, samples: Samples) -> Any:
    for values, number in samples:
        found.add_metric(values, float(number))
    return found
