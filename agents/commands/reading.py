"""`signoff list` and `show`: they read, and never touch the checkpointer file."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime

from agents import choosing, effects, history
from agents.checkpoints import Listing, Problem, read_pauses, sources_for
from agents.clock import to_text, utc_now
from agents.commands.hands import council_json, council_on, hands_lines
from agents.commands.text import lines_of, printable, warnings_of
from agents.database import reading
from agents.decisions import Council
from agents.desk import Desk, open_desk
from agents.domain import JSON, DecisionType, Kind
from agents.errors import InvalidInput, SettingsError, SignoffError, SourceUnreadable
from agents.identity import actor_of_command
from agents.people import Act, permitted
from agents.reviews import Row, record_look
from agents.reviews.listing import everything
from agents.reviews.overlay import overlay
from agents.reviews.rows import matches, row_of
from agents.settings import Settings, load_settings


@contextmanager
def opened_desk() -> Iterator[Desk]:
    """The desk of the environment's settings, closed at the end."""
    desk = open_desk(load_settings())
    try:
        yield desk
    finally:
        desk.close()


def list_pauses(args: argparse.Namespace) -> int:
    settings = load_settings()
    known = [source.source_id for source in sources_for(settings.checkpoints_paths, settings.home)]
    if args.source is not None and args.source not in known:
        raise InvalidInput(f"No checkpointer file is called {args.source!r} here. Known: {', '.join(known)}.")
    if settings.with_accounts:
        with opened_desk() as desk:
            permitted(desk, actor_of_command(desk), Act.LOOK)
    rows, notes, readable = _waiting(settings)
    rows = [row for row in rows if args.source in (None, row.source_id)]
    rows = [row for row in rows if matches(row, args.kind or (), args.graph or (), args.search)]
    rows.sort(key=lambda row: (row.paused_at, row.thread_id, row.pause_key), reverse=True)
    for note in notes:
        print(f"signoff: {note}", file=sys.stderr)
    if args.json:
        print(json.dumps([as_json(row) for row in rows], ensure_ascii=False, indent=2))
    elif rows or readable:
        _print_table(rows, settings)
    return 0 if readable else SourceUnreadable.exit_code


def show(args: argparse.Namespace) -> int:
    with opened_desk() as desk:
        story = history.story(desk, args.thread, args.source)
        over = overlay(desk)
        rows = [over.hands.on(over.with_due(row_of(pause))) for pause in desk.pauses(args.thread, story.source_id)]
        unusable = choosing.problem(desk, args.thread, story.source_id) if rows else None
        with reading(desk.engine) as connection:
            known = effects.mail_addresses(connection)
            said = {row.pause_key: council_on(connection, desk, row) for row in rows}
        if args.pause:
            rows = [row for row in rows if args.pause in (row.pause_key, row.review.pause.interrupt_id)]
            if not rows:
                raise InvalidInput(
                    f"Thread {args.thread} does not wait for {args.pause}. Leave it out to see the thread."
                )
        if desk.settings.with_accounts or desk.settings.token is not None:
            who = actor_of_command(desk)
            permitted(desk, who, Act.LOOK)
            for row in rows:
                record_look(desk, row.review, who)
    if args.json:
        print(json.dumps(_story_json(story, rows, said), ensure_ascii=False, indent=2))
        return 0
    _print_story(story, unusable)
    for row in rows:
        _print_question(row, known)
        for line in hands_lines(row, said[row.pause_key]):
            print(f"  {line}")
    if not rows and isinstance(story.outcome, dict):
        print(printable(f"Outcome: {story.outcome.get('text', '')}"))
    return 0


def headline(row: Row) -> str:
    """What waits, in one line: a thread's title alone is often no more than the name of its graph."""
    return printable(f"{row.title}: {row.gist}" if row.gist not in ("", row.title) else row.title)


def as_json(row: Row) -> dict[str, JSON]:
    """A waiting row as `list --json` prints it."""
    pause = row.review.pause
    return {
        "source_id": row.source_id,
        "thread_id": row.thread_id,
        "interrupt_id": pause.interrupt_id,
        "pause_key": row.pause_key,
        "status": row.status.value,
        "graph_id": row.graph_id,
        "kind": row.kind.value,
        "title": row.title,
        "gist": row.gist,
        "paused_at": to_text(row.paused_at),
        "due_at": to_text(row.due_at) if row.due_at else None,
        "due": row.due_words or None,
        "claimed_by": row.claimed_by,
        "claimed_until": row.claimed_until,
        "assigned_to": row.assigned_to,
        "opinions": row.opinions,
        "allowed": [each.value for each in row.review.allowed],
        "reversible": row.review.reversible,
        "seen": pause.seen,
        "note": pause.note,
        "situation": pause.situation.value if pause.situation else None,
        "repairs": [each.value for each in pause.repairs],
        "nodes": list(pause.nodes),
        "value": pause.value,
    }


def _waiting(settings: Settings) -> tuple[list[Row], list[str], bool]:
    """Rows, notes, and whether every file could be read (one that is not there yet counts as read)."""
    try:
        desk = open_desk(settings)
    except SettingsError:
        raise
    except SignoffError as error:
        # What waits can be read even where Signoff's own database cannot be opened.
        listings = [read_pauses(source) for source in sources_for(settings.checkpoints_paths, settings.home)]
        notes = [f"Decisions of this desk are not known: {error}", *(each.note for each in listings if each.note)]
        rows = [row_of(pause) for listing in listings for pause in listing.pauses]
        return rows, notes, all(map(_was_read, listings))
    try:
        rows, notes, readable = everything(desk)
        unknown = [graph_id for graph_id in desk.registry.own_ids() if desk.registry.facts(graph_id) is None]
    finally:
        desk.close()
    if unknown:
        notes.append(_not_loaded_yet(unknown))
    return [row for row in rows if row.state == "waiting"], notes, readable


def _not_loaded_yet(graph_ids: list[str]) -> str:
    """Listing loads no graph, and what stands at a breakpoint is told by its graph only."""
    names = ", ".join(map(printable, graph_ids))
    return (
        f"Not loaded here so far: {names}. Threads that stand at a breakpoint are listed only ten minutes late until then. "
        "`signoff doctor` loads them."
    )


def _was_read(listing: Listing) -> bool:
    return listing.problem in (None, Problem.MISSING, Problem.EMPTY)


def _print_table(rows: list[Row], settings: Settings) -> None:
    if not rows:
        print("Nothing waits for a person.")
        return
    now = utc_now()
    several = len(settings.checkpoints_paths) > 1
    for row in rows:
        print(f"{row.kind.value:<8} {_age(now, row.paused_at):>5}  {headline(row)}")
        print(
            f"{'':15} {printable(row.thread_id)}  {printable(row.pause_key)}{f'  in {row.source_id}' if several else ''}"
        )


def _print_story(story: history.Story, unusable: str | None) -> None:
    print(
        f"{printable(story.title)}\n  thread {printable(story.thread_id)}, graph {printable(story.graph_id or 'unknown')}, source {story.source_id}"
    )
    if unusable:
        print(f"  ! {printable(unusable)}")
    for entry in story.entries:
        print(f"  {entry.at[:19]}Z  {printable(entry.who)} {printable(entry.what)}")


def _print_question(row: Row, known_addresses: frozenset[str]) -> None:
    review = row.review
    told = dict.fromkeys((printable(row.title), printable(review.question), printable(review.gist)))
    print("\nWaiting: " + "\n  ".join(told))
    for warning in warnings_of(review, known_addresses):
        print(f"  ! {printable(warning)}")
    for line in lines_of(review):
        print(f"  | {line}")
    if review.pause.note and review.pause.note != review.question:
        print(f"  {printable(review.pause.note)}")
    if row.due_words:
        print(f"  {row.due_words}{f' (at {to_text(row.due_at)[:19]}Z)' if row.due_at else ''}")
    for repair in review.pause.repairs:
        print(f"  repair {printable(row.thread_id)} --action {repair.value}")
    print(f"  pause {printable(row.pause_key)}\n  seen  {review.pause.seen}")
    for each in review.allowed:
        print(f"  --decision {each.value:<8} {printable(review.labels.get(each, ''))}")
    if review.kind is Kind.GENERIC and DecisionType.RESPOND in review.allowed:
        print("  --value JSON        The exact answer, where it is no text: true, 12, an object")


def _story_json(story: history.Story, rows: list[Row], said: Mapping[str, Council]) -> dict[str, JSON]:
    return {
        "source_id": story.source_id,
        "thread_id": story.thread_id,
        "title": story.title,
        "graph_id": story.graph_id,
        "started_by": story.started_by,
        "started_at": story.started_at,
        "input": story.input,
        "waiting": [{**as_json(row), "four_eyes": council_json(said[row.pause_key])} for row in rows],
        "decisions": [
            {
                "pause_key": each.pause_key,
                "type": each.type.value,
                "status": each.status.value,
                "actor": each.actor,
                "message": each.message,
                "decided_at": each.decided_at,
                "resume_value": each.resume_value,
                "reason": each.reason,
            }
            for each in story.decisions
        ],
        "effects": [
            {"key": each.key, "kind": each.kind, "status": each.status.value, "result": each.result}
            for each in story.effects
        ],
        "outcome": story.outcome,
        "failed": story.failed.error if story.failed else None,
    }


def _age(now: datetime, then: datetime) -> str:
    seconds = max(0, int((now - then).total_seconds()))
    for size, unit in ((86400, "d"), (3600, "h"), (60, "m")):
        if seconds >= size:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"
