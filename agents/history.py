"""What happened: decisions on record, and a thread's whole story in order."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, func, or_, select

from agents import audit, decisions, effects, jobs
from agents.checkpoints import ThreadState
from agents.database import decision as table
from agents.database import reading
from agents.deadlines import ACTOR
from agents.deadlines.words import length
from agents.decisions import Decision
from agents.desk import Desk
from agents.domain import JSON, DecisionStatus, DecisionType, Pause, PauseStatus
from agents.effects import Effect
from agents.errors import UnknownReview
from agents.jobs import Job, JobKind, JobStatus
from agents.repairs import may_be_running
from agents.starts import started
from agents.wording import WOULD, count, some, whom


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """decisions: newest first. total: all that match."""

    decisions: tuple[Decision, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a story. at: UTC text. what: a sentence. details: data behind it, for those who open it."""

    at: str
    who: str
    what: str
    details: Mapping[str, JSON]


@dataclass(frozen=True, slots=True)
class Story:
    """A thread from its start to now. outcome: the state's own, where the graph has ended with one."""

    source_id: str
    thread_id: str
    title: str
    graph_id: str | None
    started_by: str | None
    started_at: str | None
    input: JSON
    entries: tuple[Entry, ...]
    decisions: tuple[Decision, ...]
    effects: tuple[Effect, ...]
    jobs: tuple[Job, ...]
    progress: tuple[str, ...]
    waiting: tuple[tuple[str, str], ...]
    """(pause_key, title-like gist) of each question that the thread waits for now: none whose answer waits to be sent."""
    outcome: JSON

    @property
    def failed(self) -> Job | None:
        """The last run, if it failed and nothing followed."""
        last = next((job for job in reversed(self.jobs) if job.status is not JobStatus.CANCELLED), None)
        return last if last is not None and last.status is JobStatus.FAILED else None

    @property
    def working(self) -> bool:
        """Does a run go on, or begin by itself? Answers that wait for those of other questions begin none."""
        return any(
            job.status is JobStatus.RUNNING or (job.status is JobStatus.WAITING and not self._waits_for_others(job))
            for job in self.jobs
        )

    def _waits_for_others(self, job: Job) -> bool:
        return bool(self.waiting) and job.kind is JobKind.RESUME and not job.override


def decisions_page(desk: Desk, *, search: str = "", page: int = 1, per_page: int = 25) -> HistoryPage:
    """Decisions, newest first; search in title, person, reason, thread and kind."""
    where = _where(search)
    with reading(desk.engine) as connection:
        total = connection.execute(select(func.count()).select_from(table).where(*where)).scalar_one()
        query = (
            select(table)
            .where(*where)
            .order_by(table.c.decided_at.desc(), table.c.decision_id)
            .limit(per_page)
            .offset(max(0, page - 1) * per_page)
        )
        rows = tuple(decisions.from_row(row) for row in connection.execute(query).mappings())
    return HistoryPage(rows, int(total))


def story(desk: Desk, thread_id: str, source_id: str | None = None) -> Story:
    """Everything known of a thread. Raises UnknownReview when nothing is."""
    source_id = desk.source_of(thread_id, source_id)
    known = started(desk, source_id, thread_id) or {}
    with reading(desk.engine) as connection:
        events = audit.of_thread(connection, source_id, thread_id)
        made = tuple(decisions.of_thread(connection, source_id, thread_id))
        done = tuple(effects.of_thread(connection, source_id, thread_id))
        work = tuple(jobs.of_thread(connection, source_id, thread_id))
        lines = jobs.progress_of(connection, work[-1].job_id) if work else ()
    state = desk.state(thread_id, source_id)  # after the jobs: a finished run is not seen with the state from before it
    pauses = _waiting(desk, state.pauses if state else (), work)
    if not known and not events and state is None:
        raise UnknownReview(f"No thread {thread_id} is known here. It may belong to another checkpointer file.")
    title = known.get("title") or (made[-1].title if made else None) or (pauses[0].title if pauses else None)
    return Story(
        source_id=source_id,
        thread_id=thread_id,
        title=str(title or thread_id),
        graph_id=known.get("graph_id") or (pauses[0].graph_id if pauses else _named(state)),
        started_by=known.get("started_by"),
        started_at=known.get("started_at"),
        input=known.get("input"),
        entries=tuple(entry(event) for event in events if not _told_beside(event)),
        decisions=made,
        effects=done,
        jobs=work,
        progress=lines,
        waiting=tuple((pause.pause_key, pause.title or pause.thread_id) for pause in _open(pauses, made)),
        outcome=None if pauses else desk.outcome(thread_id, source_id),
    )


def _named(state: ThreadState | None) -> str | None:
    """The graph that a thread names itself; one that has ended and was started elsewhere has nothing else to tell it."""
    found = state.head.metadata.get("graph_id") if state else None
    return found if isinstance(found, str) and found else None


def _waiting(desk: Desk, pauses: Sequence[Pause], work: Sequence[Job]) -> tuple[Pause, ...]:
    """What waits for a person: not what a run leaves behind between two of its steps."""
    at_work = any(job.status in (JobStatus.WAITING, JobStatus.RUNNING) for job in work)
    return tuple(
        each
        for each in pauses
        if not (at_work and each.status is PauseStatus.STUCK) and not may_be_running(desk, each, work)
    )


def _open(pauses: Sequence[Pause], made: Sequence[Decision]) -> list[Pause]:
    given = {each.pause_key for each in made if each.status is DecisionStatus.ACCEPTED and each.sent_at is None}
    return [each for each in pauses if each.pause_key not in given]


def _told_beside(event: audit.Event) -> bool:
    """An escalation gives the question to somebody: two events, one line."""
    return event.action == "assigned" and event.actor == ACTOR


def entry(event: audit.Event) -> Entry:
    """An event of the record as a line of its thread's story."""
    hidden = ("actor", "action", "source_id", "thread_id", "pause_key")
    details = {name: value for name, value in event.fields.items() if name not in hidden and value is not None}
    return Entry(event.at, event.actor, _sentence(event), details)


def _sentence(event: audit.Event) -> str:
    fields = event.fields
    sentence = _SENTENCES.get(event.action)
    return sentence(fields) if sentence else event.action


_DECIDED = {
    "approve": "approved",
    "edit": "approved with changes",
    "reject": "rejected",
    "respond": "answered",
    "ignore": "closed the thread without an answer",
}


def _decided(fields: Mapping[str, JSON]) -> str:
    reason = f": “{fields['message']}”" if fields.get("message") else ""
    if str(fields.get("pause_key")).startswith("breakpoint.") and fields.get("type") == "approve":
        return f"let the run go on from its breakpoint{reason}"
    others = fields.get("together_with")
    together = f" together with {count(others, 'other')}" if others else ""
    first = next(iter(fields.get("with_opinions") or ()), None)
    agreed = f", as {first['actor']} said before" if first else ""
    return f"{_DECIDED.get(str(fields.get('type')), 'decided')}{together}{agreed}{reason}"


def _opined(fields: Mapping[str, JSON]) -> str:
    others = fields.get("replaces")
    over = f" What {some(others)} said no longer counts." if others else ""
    if fields.get("blind"):
        return f"gave an answer that nobody sees before a second person has answered, too.{over}"
    reason = f": “{fields['message']}”" if fields.get("message") else ""
    what = WOULD.get(DecisionType(str(fields.get("type"))), "decide this")
    return f"would {what}{reason}. A second person must agree.{over}"


def _shown(fields: Mapping[str, JSON]) -> str:
    given = [f"{each['actor']} would {WOULD[DecisionType(each['type'])]}" for each in fields.get("opinions") or ()]
    return f"showed what was answered blindly: {'; '.join(given)}. A lead settles it"


def _assigned(fields: Mapping[str, JSON]) -> str:
    to = fields.get("to")
    reason = f": “{fields['message']}”" if fields.get("message") else ""
    return f"gave this to {whom(str(to))}{reason}" if to else f"gave this to nobody in particular{reason}"


def _acted(fields: Mapping[str, JSON]) -> str:
    """An act outside the desk, as its journal tells it."""
    request = fields.get("request")
    told = request if isinstance(request, dict) else {}
    to = some([str(each) for each in told.get("recipients") or ()])
    what = f"sent the mail to {to}" if to else str(told.get("sentence") or "an act outside the desk").rstrip(".")
    return f"{_ACTED.get(str(fields.get('status')), 'did')}: {what}"


_ACTED = {"done": "did", "failed": "could not do", "in_doubt": "may or may not have done"}


_TOLD = {"unknown": "may or may not have told"}


def _finished(fields: Mapping[str, JSON]) -> str:
    outcome = fields.get("outcome")
    text = outcome.get("text") if isinstance(outcome, dict) else None
    return f"ran the graph to its end{': ' + str(text) if text else ''}"


def _not_sent(fields: Mapping[str, JSON]) -> str:
    return f"did not send the answer: {fields.get('reason', 'the thread was closed')}"


_REPAIRS = {
    "ask_again": "ordered that the question is asked again",
    "continue": "ordered that the run goes on",
    "retry": "ordered that the failed step is tried again",
}


def _repaired(fields: Mapping[str, JSON]) -> str:
    reason = f": “{fields['message']}”" if fields.get("message") else ""
    return f"{_REPAIRS.get(str(fields.get('repair')), 'ordered a repair')}{reason}"


def _graph_chosen(fields: Mapping[str, JSON]) -> str:
    others = ", like all threads of this file that name none" if fields.get("for_all") else ""
    return f"said that this thread belongs to graph {fields.get('graph_id', '')}{others}"


def _types(fields: Mapping[str, JSON]) -> str:
    return ", ".join(str(name) for name in fields.get("types") or [])


def _because(fields: Mapping[str, JSON]) -> str:
    return f": “{fields['reason']}”" if fields.get("reason") else ""


def _escalated(fields: Mapping[str, JSON]) -> str:
    return (
        f"escalated this to {whom(str(fields.get('to') or 'a lead'))}: {fields.get('reason', 'nobody decided in time')}"
    )


def _extended(fields: Mapping[str, JSON]) -> str:
    more = length(timedelta(seconds=float(fields.get("by_seconds") or 0)))
    return f"gave this {more} more{_because(fields)}"


_SENTENCES: Mapping[str, Callable[[Mapping[str, JSON]], str]] = {
    "started": lambda fields: f"started the graph {fields.get('graph_id', '')}",
    "looked": lambda _: "looked at the question",
    "notified": lambda fields: f"{_TOLD.get(str(fields.get('outcome')), 'told')} {whom(str(fields.get('to')))} of this",
    "notified_no_more": lambda fields: f"ordered that {whom(str(fields.get('to')))} is not told again",
    "notified_again": lambda fields: f"ordered that {whom(str(fields.get('to')))} is told again",
    "decided": _decided,
    "opined": _opined,
    "opinion_stale": lambda fields: f"put aside what {fields.get('of', 'somebody')} said: the question changed since",
    "opinions_shown": _shown,
    "withdrew": lambda _: "took their own answer back before anybody agreed",
    "claimed": lambda _: "took this on",
    "took_over": lambda fields: f"took this over from {fields.get('holder', 'somebody')}",
    "released": lambda _: "let go of this",
    "assigned": _assigned,
    "undone": lambda _: "took the decision back before it was sent",
    "overrode": lambda _: "sent the answer without waiting for the rest of the thread",
    "delivered": lambda _: "sent the answer to the graph",
    "acted": _acted,
    "exported": lambda fields: f"took away the {fields.get('what', 'data')}",
    "superseded": _not_sent,
    "refused": _not_sent,
    "asked": lambda _: "ran the graph until it asked",
    "finished": _finished,
    "stopped": lambda _: "ran the graph until it stopped before its next step",
    "failed": lambda fields: f"the run failed: {fields.get('error', '')}",
    "retried": lambda _: "asked to try the run again",
    "retried_items": lambda fields: f"asked to try {count(fields.get('items', 0), 'failed item')} again",
    "tried_items": lambda fields: str(fields.get("text", "tried the failed items again")),
    "repaired": _repaired,
    "left_alone": lambda fields: f"did nothing: {fields.get('reason', 'the thread moved on')}",
    "found_ahead": lambda _: "found that the thread had gone on without this desk",
    "closed": lambda _: "closed the thread without an answer",
    "types_refused": lambda fields: f"wrote nothing, because of types that nobody trusts yet: {_types(fields)}",
    "trusted": lambda fields: f"trusted {_types(fields)} for graph {fields.get('graph_id', '')}",
    "graph_chosen": _graph_chosen,
    "restored": lambda fields: str(fields.get("text", "restored files")),
    "escalated": _escalated,
    "extended": _extended,
    "deadline_paused": lambda fields: f"paused the deadline{_because(fields)}",
    "deadline_continued": lambda fields: f"let the deadline go on{_because(fields)}",
    "snoozed": lambda fields: f"set this aside until {str(fields.get('until'))[:16].replace('T', ' ')} UTC",
    "woken": lambda _: "took this up again",
}


def _where(search: str) -> list[ColumnElement[bool]]:
    columns = (table.c.title, table.c.actor, table.c.message, table.c.thread_id, table.c.kind, table.c.type)
    return [or_(*(column.icontains(word, autoescape=True) for column in columns)) for word in search.split()]
