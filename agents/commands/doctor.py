"""`signoff doctor`: looks at everything that the desk needs and says what to do."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from agents import audit, decisions, effects, jobs, notifications, trust, workers
from agents.backups.gaps import gaps
from agents.checkpoints import Problem
from agents.clock import to_text
from agents.database import reading
from agents.desk import Desk, open_desk
from agents.errors import SettingsError, SignoffError
from agents.jobs import JobStatus
from agents.people import sanity
from agents.reviews.listing import piles_of
from agents.settings import Settings, load_settings
from agents.wording import count


@dataclass(frozen=True, slots=True)
class Check:
    """ok None: worth knowing, nothing wrong."""

    name: str
    ok: bool | None
    text: str


def doctor(args: argparse.Namespace) -> int:
    checks = list(examine(load_settings()))
    if args.json:
        print(json.dumps([asdict(check) for check in checks], ensure_ascii=False, indent=2))
    else:
        signs = {True: "ok  ", None: "note", False: "FAIL"}
        for check in checks:
            print(f"{signs[check.ok]}  {check.name}: {check.text}")
    return 1 if any(check.ok is False for check in checks) else 0


def examine(settings: Settings) -> Iterator[Check]:
    """Every check, in the order in which a newcomer would mend them."""
    yield _folder("home", settings.home, "SIGNOFF_HOME")
    yield _workspace(settings)
    yield _folder("outbox", settings.outbox_path, "SIGNOFF_OUTBOX")
    yield _mail(settings)
    yield _model(settings)
    yield _strict()
    try:
        desk = open_desk(settings)
    except SettingsError as error:
        yield Check("settings", False, str(error))
        return
    except SignoffError as error:
        yield Check("database", False, str(error))
        return
    try:
        for step in (_files, _people, _graphs, _types, _workers, _work, _doubts, _restored, _channels, _record):
            yield from step(desk)
    finally:
        desk.close()


def _people(desk: Desk) -> Iterator[Check]:
    for found in sanity.findings(desk):
        yield Check(found.name, found.ok, found.text)


def _types(desk: Desk) -> Iterator[Check]:
    with reading(desk.engine) as connection:
        found = trust.allowed(connection)
    for graph_id in dict.fromkeys(each.graph_id for each in found):
        mine = [each for each in found if each.graph_id == graph_id]
        names = ", ".join(f"{each.dotted} (by {each.allowed_by})" for each in mine)
        yield Check(
            "trusted types", None, f"threads of graph {graph_id} may hold {names}; their modules are imported then."
        )


def _folder(name: str, path: Path, variable: str) -> Check:
    probe = path
    while not probe.exists() and probe != probe.parent:
        probe = probe.parent
    if path.exists() and not path.is_dir():
        return Check(name, False, f"{path} is not a folder. Set {variable} to one.")
    if not os.access(probe, os.W_OK):
        return Check(name, False, f"{path} cannot be written. Change its permissions or set {variable}.")
    return Check(name, True, f"{path}{'' if path.exists() else ' (made when first needed)'}")


def _workspace(settings: Settings) -> Check:
    if settings.workspace is not None and not settings.workspace.exists():
        return Check(
            "workspace", False, f"{settings.workspace} does not exist. Make that folder, or set SIGNOFF_WORKSPACE."
        )
    return _folder("workspace", settings.workspace_path, "SIGNOFF_WORKSPACE")


def _mail(settings: Settings) -> Check:
    from agents.adapters.mail import make_mailer

    check = _try("mail", lambda: make_mailer(settings).describe())
    if check.ok and settings.smtp_url is None:
        return Check("mail", None, f"no SIGNOFF_SMTP_URL, so mails are written to {settings.outbox_path} and not sent.")
    return check


def _model(settings: Settings) -> Check:
    from agents.adapters.model import make_writer

    check = _try("model", lambda: make_writer(settings).label)
    if check.ok and make_writer(settings).offline:
        return Check("model", None, f"{check.text}. Set OPENAI_API_KEY or OPENAI_BASE_URL for a language model.")
    return check


def _strict() -> Check:
    from langgraph.checkpoint.serde import _msgpack

    if _msgpack.STRICT_MSGPACK_ENABLED:
        return Check("strict decoding", True, "checkpoints cannot run code when they are read.")
    return Check(
        "strict decoding",
        False,
        "langgraph was imported before agents. Import agents first, or set LANGGRAPH_STRICT_MSGPACK=true.",
    )


def _files(desk: Desk) -> Iterator[Check]:
    """What waits in each file. Of a large one that no desk has read yet, what a page would show at once."""
    several = len(desk.readers) > 1
    for reader, pile in zip(desk.readers, piles_of(desk), strict=True):
        name = f"checkpoints {reader.source.source_id}" if several else "checkpoints"
        bad = pile.problem not in (None, Problem.MISSING, Problem.EMPTY)
        number = f"{'about ' if pile.about else ''}{count(pile.counts().total(), 'pause')}"
        if pile.problem is not None:
            yield Check(name, False if bad else None, pile.note or "it cannot be read.")
        elif pile.note is not None:
            later = "it is large and was not read in full yet. A desk that is open goes on with it."
            yield Check(name, None, f"{number} so far in {reader.source.path}; {later}")
        else:
            yield Check(name, True, f"{number} in {reader.source.path}")


def _graphs(desk: Desk) -> Iterator[Check]:
    for graph in desk.registry.graphs():
        place = f"{graph.location}, in a process of its own" if graph.apart else graph.location
        yield Check(f"graph {graph.graph_id}", graph.error is None, graph.error or place)


def _work(desk: Desk) -> Iterator[Check]:
    with reading(desk.engine) as connection:
        live, failed = jobs.open_jobs(connection), jobs.failed_last(connection)
    now = to_text(desk.clock())
    late = [job for job in live if job.status is JobStatus.WAITING and job.due_at <= now]
    running = sum(job.status is JobStatus.RUNNING for job in live)
    if late:
        yield Check("work", None, f"{len(late)} jobs are due. Open the desk or run `signoff worker` to do them.")
    else:
        yield Check("work", True, f"nothing is overdue, {running} running.")
    for job in failed:
        where = f" --source {job.source_id}" if len(desk.readers) > 1 else ""
        yield Check(
            "failed run",
            None,
            f"thread {job.thread_id}: {job.error} Run `signoff retry {job.thread_id}{where}`, or use Try again in the desk.",
        )


def _workers(desk: Desk) -> Iterator[Check]:
    with reading(desk.engine) as connection:
        found = workers.alive(connection, desk.clock())
    if not found:
        yield Check("worker", None, "none is alive. Open the desk or run `signoff worker`, so that decisions go out.")
    for each in found:
        threads = count(each.threads, "thread")
        yield Check(
            "worker", True, f"process {each.pid} on {each.host} works with {threads} since {each.started_at[:19]}Z."
        )


def _restored(desk: Desk) -> Iterator[Check]:
    """What the database and the checkpointer files do not agree on; see docs/deploy.md."""
    for each in gaps(desk):
        yield Check("after a restore", None, each.text)


def _doubts(desk: Desk) -> Iterator[Check]:
    with reading(desk.engine) as connection:
        found = effects.in_doubt(connection)
    for each in found:
        yield Check(
            "in doubt",
            None,
            f"thread {each.thread_id}: {each.kind} {each.key} may or may not have happened. Decide in its review.",
        )


def _channels(desk: Desk) -> Iterator[Check]:
    """What the rules send by, and the messages that did not go through."""
    bad = dict(notifications.problems(desk))
    for name in dict.fromkeys(rule.channel for rule in desk.rules.notifications):
        yield Check(f"channel {name}", name not in bad, bad.get(name) or f"{notifications.kind_of(desk, name)}.")
    found = notifications.troubled(desk)
    if found:
        yield Check(
            "messages", None, f"{count(len(found), 'message')} did not go through. See `signoff notifications`."
        )


def _record(desk: Desk) -> Iterator[Check]:
    with reading(desk.engine) as connection:
        fault, head = audit.verify(connection), audit.head(connection)
        fault = fault or decisions.altered(connection)
    yield Check("record", fault is None, fault or f"{head.count} events, whole; head {head.hash[:16]}…")


def _try(name: str, read: Callable[[], str]) -> Check:
    try:
        return Check(name, True, read())
    except SignoffError as error:
        return Check(name, False, str(error))
