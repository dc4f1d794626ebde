"""The System page in words."""

from __future__ import annotations

from datetime import datetime

from agents.claims import Claim
from agents.clock import from_text
from agents.deadlines import Deadline
from agents.domain import OnDeadline
from agents.people.tokens import FROM_FILES, Token
from agents.system import Graph, Work
from agents.wording import count, whom
from pages.components.heading import prose
from pages.components.words import age, by_clock

HAPPENS = {"approve": "is approved", "reject": "is rejected", "respond": "is answered", "ignore": "is closed"}


def worker_sentence(work: Work, now: datetime) -> tuple[str, str]:
    """Whether anybody works, and a colour."""
    if work.workers:
        oldest = min(from_text(each.started_at) for each in work.workers)
        several = "" if len(work.workers) == 1 else f"{count(len(work.workers), 'worker')}, the first of them "
        started = f"started {age(oldest, now)}"
        return (f"Work is being done: {several}{started}." if several else f"A worker is alive, {started}."), "green"
    since = f" The last one was seen {age(from_text(work.last.beat_at), now)}." if work.last else ""
    what = "Restart the dashboard." if work.here else "Start one with: signoff worker."
    return f"Nothing works here now: answers are kept, but not sent.{since} {what}", "red"


def work_words(work: Work, now: datetime) -> list[tuple[str, str]]:
    late = f"{count(work.late, 'job')}, due since {age(work.late_since, now)}" if work.late_since else "None"
    return [
        ("Running", count(work.running, "job") if work.running else "None"),
        ("Waiting", count(work.waiting, "job") if work.waiting else "None"),
        ("Late", late.replace("since just now", "just now")),
        *(
            (f"Worker {number}", f"{each.host}, process {each.pid}, {count(each.threads, 'thread')}")
            for number, each in enumerate(work.workers, 1)
        ),
    ]


def graph_words(graph: Graph) -> tuple[str, str]:
    """A sentence, and a colour."""
    if graph.reason is None:
        return f"{graph.graph_id} is still being loaded.", "gray"
    return graph.reason, "orange"


def deadline_words(row: Deadline, now: datetime) -> tuple[str, str]:
    """When, and what happens to which question then."""
    step = row.step
    if step is None:
        happens = "nothing more"
    elif step.do is OnDeadline.ESCALATE:
        happens = f"goes to {whom(step.to or 'role:lead')}"
    elif step.do is OnDeadline.CANCEL:
        happens = "is cancelled"
    else:
        happens = HAPPENS.get(step.decision or "", "is decided")
    when = "Now" if row.due_at <= now else by_clock(row.due_at, now)
    return when, f"“{row.title}” {happens}, unless somebody decides"


def claim_words(held: Claim, title: str, now: datetime) -> tuple[str, str]:
    return held.holder, f"“{title}”, until {by_clock(from_text(held.until), now)}"


def token_words(token: Token, now: datetime) -> str:
    ends = f", valid until {by_clock(from_text(token.expires_at), now)}" if token.expires_at else ""
    return f"{token.name}: {', '.join(token.scopes)}; made {age(from_text(token.created_at), now)} by {_maker(token.created_by)}{ends}"


def _maker(name: str) -> str:
    return "whoever had the desk's files" if name == FROM_FILES else name


def more(number: int, noun: str) -> None:
    """How many are not listed."""
    if number > 0:
        prose(f"And {number:,} more {noun if number == 1 else f'{noun}s'}.", "so-muted")
