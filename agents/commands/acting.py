"""`signoff start`, `decide`, `worker` and `restore`: they change something, once."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from agents import audit, choosing, decisions, identity, jobs, logs, payloads, repairs, starts
from agents.clock import to_text
from agents.commands.reading import as_json, headline, opened_desk
from agents.commands.text import printable
from agents.database import reading
from agents.decisions import Decision
from agents.desk import Desk
from agents.domain import JSON, UNSET, DecisionStatus, DecisionType, Pause, Repair, Said
from agents.errors import Busy, InvalidInput, NotPending, RunFailed
from agents.jobs import Job, JobStatus
from agents.reviews.listing import row_of
from agents.settings import secret_texts

ROWS_SAID = 10_000
ENDED = (JobStatus.DONE, JobStatus.FAILED, JobStatus.CANCELLED)


def start(args: argparse.Namespace) -> int:
    if not args.sample and args.input is None:
        raise InvalidInput("start: give --input JSON (or @FILE), or --sample.")
    given = None if args.sample else _json(args.input, "--input")
    with opened_desk() as desk:
        thread_id = starts.start(
            desk,
            args.graph,
            given,
            actor=identity.actor_of_command(desk, args.actor),
            thread_id=args.thread_id,
            sample=args.sample,
            progress=_rows_read if sys.stderr.isatty() else None,
            deadline=_deadline(args.deadline),
        )
        if not args.json:
            print(thread_id, flush=True)
        source_id = desk.sources[0].source_id
        job = None if args.no_wait else _run_thread(desk, thread_id, source_id)
        _print_state(desk, thread_id, source_id, job, as_object=args.json)
    return RunFailed.exit_code if job is not None and job.status is JobStatus.FAILED else 0


def _rows_read(count: int) -> None:
    if count % ROWS_SAID == 0:
        print(f"{count:,} rows read in", file=sys.stderr)


def decide(args: argparse.Namespace) -> int:
    if args.decision is None and args.value is None:
        raise InvalidInput("decide: give --decision, or --value with the exact resume value.")
    edited = _json(args.args, "--args") if args.args is not None else None
    if edited is not None and not isinstance(edited, dict):
        raise InvalidInput('--args: expected a JSON object such as {"subject": "..."}.')
    value = _json(args.value, "--value") if args.value is not None else UNSET
    with opened_desk() as desk:
        source_id = desk.source_of(args.thread, args.source)
        said = Said(_type(desk, args, source_id, value), args.message, edited, value)
        if not args.no_wait:
            choosing.prepare(desk, args.thread, source_id)
        made = decisions.decide(
            desk,
            args.thread,
            args.pause,
            said,
            actor=identity.actor_of_command(desk, args.actor),
            seen=args.seen,
            source_id=source_id,
            wait_for_undo=False,
            override=args.send_now,
        )
        print(f"Accepted: {made.type.value} by {made.actor}.", flush=True)
        if args.no_wait:
            return 0
        try:
            return _deliver(desk, made)
        except Busy as error:
            raise RunFailed(f"Accepted and saved, but the run could not be followed. {error}") from error


def retry(args: argparse.Namespace) -> int:
    with opened_desk() as desk:
        source_id = desk.source_of(args.thread, args.source)
        starts.retry(desk, args.thread, actor=identity.actor_of_command(desk, args.actor), source_id=source_id)
        job = None if args.no_wait else _run_thread(desk, args.thread, source_id)
        _print_state(desk, args.thread, source_id, job)
    return RunFailed.exit_code if job is not None and job.status is JobStatus.FAILED else 0


def repair(args: argparse.Namespace) -> int:
    with opened_desk() as desk:
        source_id = desk.source_of(args.thread, args.source)
        key = args.pause or repairs.only_one(desk, args.thread, source_id).pause_key
        told = {"actor": identity.actor_of_command(desk, args.actor), "reason": args.message, "source_id": source_id}
        repairs.repair(desk, args.thread, key, Repair(args.action), **told)
        job = None if args.no_wait else _run_thread(desk, args.thread, source_id)
        _print_state(desk, args.thread, source_id, job)
    return RunFailed.exit_code if job is not None and job.status is JobStatus.FAILED else 0


def worker(args: argparse.Namespace) -> int:
    from agents.runs import Worker

    if not 1 <= args.threads <= 64:
        raise InvalidInput("--threads: expected a number from 1 to 64.")
    heard: list[int] = []  # not an Event: a signal that arrives while this thread holds its lock would wait forever
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda signum, _: heard.append(signum))
    with opened_desk() as desk, logs.written(desk.settings.log, secret_texts(desk.settings)):
        crew = Worker(desk, threads=args.threads, clock=not args.drain)
        audit.log_head(desk.engine)
        crew.start()
        files = ", ".join(str(source.path) for source in desk.sources)
        print(f"Working on {files} with {args.threads} threads. Stop with Ctrl+C.", flush=True)
        while not heard and not (args.drain and _nothing_due(desk)):
            time.sleep(0.2)
        print("Stopping; running work is finished first.", flush=True)
        crew.stop()
        audit.log_head(desk.engine)
    return 0


def restore(args: argparse.Namespace) -> int:
    from agents.restoring import restore_files

    with opened_desk() as desk:
        report = restore_files(
            desk, args.thread, actor=identity.actor_of_command(desk, args.actor), source_id=args.source
        )
    print(report.text)
    for left in report.left:
        print(f"signoff: {printable(left.path)}: {printable(left.why)}", file=sys.stderr)
    return 0 if not report.left else 1


def _deliver(desk: Desk, made: Decision) -> int:
    from agents.runs import work_on  # LangGraph takes seconds to import; who comes second never needs it

    def settled() -> bool:
        now, job = _standing(desk, made)
        if job is not None and job.status is JobStatus.WAITING and job.note:
            return True
        return (now.status is not DecisionStatus.ACCEPTED and (job is None or job.status in ENDED)) or (
            job is not None and job.status is JobStatus.FAILED
        )

    work_on(desk, made.source_id, made.thread_id, until=settled)
    now, job = _standing(desk, made)
    if now.status is DecisionStatus.REFUSED:
        raise RunFailed(f"Not taken: {now.reason}. The question waits again.")
    if now.status is DecisionStatus.SUPERSEDED:
        raise NotPending(f"The decision was not sent: {now.reason}.")
    if job is not None and job.status is JobStatus.FAILED:
        raise RunFailed(f"The decision was accepted, but the run failed: {job.error}")
    if job is not None and job.status is JobStatus.WAITING:
        print(f"{(job.note or 'waits').capitalize()}.")
        return 0
    waiting = desk.pauses(made.thread_id, made.source_id)
    _raise_if_it_came_back(waiting)
    _print_state(desk, made.thread_id, made.source_id, job)
    return 0


def _raise_if_it_came_back(waiting: Sequence[Pause]) -> None:
    """A thread that asks about a doubt, or asks again because acting failed, did not do what was decided."""
    for pause in waiting:
        value = pause.value if isinstance(pause.value, dict) else {}
        if value.get("type") == "in_doubt":
            gist = printable(row_of(pause).gist)
            raise RunFailed(f"Accepted, but in doubt: {gist} Decide on {pause.pause_key}.")
        if isinstance(value.get("problem"), str):
            raise RunFailed(f"Accepted, but: {printable(value['problem'])} It waits again as {pause.pause_key}.")


def _standing(desk: Desk, made: Decision) -> tuple[Decision, Job | None]:
    with reading(desk.engine) as connection:
        now = decisions.get(connection, made.decision_id)
        # the order may have been taken over by a newer one of the same thread
        job = jobs.get(connection, now.job_id) if now is not None and now.job_id else None
    assert now is not None
    return now, job


def _run_thread(desk: Desk, thread_id: str, source_id: str) -> Job:
    from agents.runs import work_on

    def latest() -> Job:
        with reading(desk.engine) as connection:
            return jobs.of_thread(connection, source_id, thread_id)[-1]

    work_on(desk, source_id, thread_id, until=lambda: latest().status in ENDED)
    return latest()


def _print_state(desk: Desk, thread_id: str, source_id: str, job: Job | None, *, as_object: bool = False) -> None:
    rows = [row_of(pause) for pause in desk.pauses(thread_id, source_id)]
    outcome = None if rows else desk.outcome(thread_id, source_id)
    error = job.error if job is not None and job.status is JobStatus.FAILED else None
    if as_object:
        state = "awaiting_human" if rows else "failed" if error else "running" if job is None else "complete"
        found = {
            "source_id": source_id,
            "thread_id": thread_id,
            "status": state,
            "waiting": [as_json(row) for row in rows],
            "outcome": outcome,
        }
        print(json.dumps({**found, "error": error}, ensure_ascii=False, indent=2))
        return
    for row in rows:
        print(f"Waiting: {headline(row)} ({row.pause_key})")
    if isinstance(outcome, dict):
        print(printable(str(outcome.get("text", ""))))
    if error:
        print(f"signoff: {error}", file=sys.stderr)


def _type(desk: Desk, args: argparse.Namespace, source_id: str, value: JSON) -> DecisionType:
    if args.decision is not None:
        return DecisionType(args.decision)
    for pause in desk.pauses(args.thread, source_id):
        if args.pause in (pause.pause_key, pause.interrupt_id):
            return payloads.read(pause, value).type
    return DecisionType.RESPOND  # nothing waits under this name; deciding says why


def _deadline(text: str | None) -> JSON:
    """A length as it is, or the object that JSON says."""
    return _json(text, "--deadline") if text is not None and text.lstrip().startswith(("{", "@")) else text


def _json(text: str, option: str) -> JSON:
    try:
        if text.startswith("@"):
            text = Path(text[1:]).read_text(encoding="utf-8")
        return json.loads(text, parse_constant=_no_constant)
    except OSError as error:
        raise InvalidInput(f"{option}: cannot read {text[1:]}: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise InvalidInput(f"{option}: {text[1:]} is not UTF-8 text.") from None
    except ValueError as error:
        raise InvalidInput(f"{option}: not JSON ({error}). Text needs quotes: '\"like this\"'.") from None


def _no_constant(name: str) -> JSON:
    raise ValueError(f"{name} is not a JSON number")


def _nothing_due(desk: Desk) -> bool:
    now = to_text(desk.clock())
    with reading(desk.engine) as connection:
        live = jobs.open_jobs(connection)
    return all(job.status is JobStatus.WAITING and job.due_at > now for job in live)
