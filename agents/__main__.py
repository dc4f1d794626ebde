"""The `signoff` command, also `python -m agents`. Exit codes are those of agents.errors."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Callable, Sequence

from agents import __version__
from agents.domain import DecisionType, Kind, Repair, Role
from agents.errors import SignoffError


def build_parser() -> argparse.ArgumentParser:
    """The whole command line; docs/commands.md is tested against it."""
    parser = argparse.ArgumentParser(prog="signoff", description="The review desk for paused LangGraph threads.")
    parser.add_argument("--version", action="version", version=f"signoff {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _reading(commands)
    _acting(commands)
    _claiming(commands)
    _postponing(commands)
    _helping(commands)
    _running(commands)
    return parser


def _reading(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    listing = commands.add_parser("list", help="what waits for a person")
    listing.add_argument("--kind", action="append", choices=[kind.value for kind in Kind], help="only this kind")
    listing.add_argument("--graph", action="append", metavar="GRAPH", help="only threads of this graph")
    listing.add_argument("--source", metavar="SOURCE", help="only threads of this checkpointer file")
    listing.add_argument("--search", default="", metavar="WORDS", help="only what contains all these words")
    listing.add_argument("--json", action="store_true", help="an array of objects")
    show = commands.add_parser("show", help="one thread: what it asks, what was decided, what became of it")
    show.add_argument("thread", metavar="THREAD")
    show.add_argument("pause", nargs="?", metavar="INTERRUPT|PAUSE_KEY", help="only this question")
    show.add_argument("--source", metavar="SOURCE", help="the checkpointer file, where there are several")
    show.add_argument("--json", action="store_true", help="one object")
    results = commands.add_parser("results", help="what became of every item of a batch")
    results.add_argument("thread", metavar="THREAD")
    results.add_argument("--format", choices=["csv", "json"], default="csv", help="CSV or a JSON list of objects")
    results.add_argument("--output", metavar="FILE", help="a file instead of the screen")
    results.add_argument("--source", metavar="SOURCE", help="the checkpointer file, where there are several")
    export = commands.add_parser("export", help="the record of who did what, with its head")
    export.add_argument("--format", choices=["jsonl", "csv"], default="jsonl", help="JSON Lines or CSV")
    export.add_argument("--output", metavar="FILE", help="a file instead of the screen")
    export.add_argument("--actor", metavar="NAME", help="who exports it (default: the system user)")
    _record(commands)
    doctor = commands.add_parser("doctor", help="check the desk and say what to do")
    doctor.add_argument("--json", action="store_true", help="an array of checks")


def _record(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    record = commands.add_parser("audit", help="the record: check it, keep its head elsewhere, take words out of it")
    record.add_argument(
        "action",
        choices=["verify", "head", "redact", "export"],
        help="check that nothing was changed, write the head, remove fields of an event, or the same as `signoff export`",
    )
    record.add_argument("seq", metavar="SEQ", nargs="?", type=int, help="redact: the number of the event")
    record.add_argument("field", metavar="FIELD", nargs="*", help="redact: which of its fields are removed")
    record.add_argument("--head", metavar="FILE", help="verify: a head that was kept elsewhere; finds a cut tail, too")
    record.add_argument("--file", metavar="FILE", help="verify: an export as JSON Lines instead of the database")
    record.add_argument("--reason", metavar="TEXT", help="redact: why; it stays on record")
    record.add_argument("--format", choices=["jsonl", "csv"], default="jsonl", help="export: JSON Lines or CSV")
    record.add_argument("--output", metavar="FILE", help="head, export: a file instead of the screen")
    record.add_argument("--actor", metavar="NAME", help="who redacts or exports (default: the system user)")


def _acting(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    start = commands.add_parser("start", help="start a thread and run it until it asks or ends")
    start.add_argument("graph", metavar="GRAPH")
    start.add_argument("--input", metavar="JSON|@FILE", help="the graph's input")
    start.add_argument("--sample", action="store_true", help="prepare the graph's sample and start on it")
    start.add_argument("--thread-id", metavar="ID", help="an id of your own (default: a new one)")
    start.add_argument("--actor", metavar="NAME", help="who starts it (default: the system user)")
    start.add_argument("--deadline", metavar="LENGTH|JSON", help='when nobody decides: "4h", or {"steps": [...]}')
    start.add_argument("--no-wait", action="store_true", help="leave the run to a worker")
    start.add_argument("--json", action="store_true", help="one object")
    decide = commands.add_parser("decide", help="answer a question, once")
    decide.add_argument("thread", metavar="THREAD")
    decide.add_argument("pause", metavar="INTERRUPT|PAUSE_KEY")
    decide.add_argument("--decision", choices=[each.value for each in DecisionType], help="what is decided")
    decide.add_argument("--message", metavar="TEXT", help="the reason, the answer or the new instruction")
    decide.add_argument("--args", metavar="JSON|@FILE", help="the edited proposal, whole, for edit")
    decide.add_argument("--value", metavar="JSON|@FILE", help="the exact resume value instead; it is validated")
    decide.add_argument("--seen", metavar="HASH", help="refuse if the question is no longer the one with this hash")
    decide.add_argument("--actor", metavar="NAME", help="who decides (default: the system user)")
    decide.add_argument("--source", metavar="SOURCE", help="the checkpointer file, where there are several")
    decide.add_argument("--send-now", action="store_true", help="do not wait for the thread's other questions")
    decide.add_argument("--no-wait", action="store_true", help="leave the resume to a worker")


def _claiming(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    claim = commands.add_parser("claim", help="take a question on, so that nobody else decides it for a while")
    claim.add_argument("thread", metavar="THREAD")
    claim.add_argument("pause", metavar="INTERRUPT|PAUSE_KEY")
    claim.add_argument("--take-over", action="store_true", help="also from somebody else, on record")
    release = commands.add_parser("release", help="let go of a question that one has taken on")
    release.add_argument("thread", metavar="THREAD")
    release.add_argument("pause", metavar="INTERRUPT|PAUSE_KEY")
    assign = commands.add_parser("assign", help="say who should decide a question; it stops nobody else")
    assign.add_argument("thread", metavar="THREAD")
    assign.add_argument("pause", metavar="INTERRUPT|PAUSE_KEY")
    assign.add_argument("to", metavar="NAME|role:ROLE", nargs="?", help="a person, or a role such as role:lead")
    assign.add_argument("--nobody", action="store_true", help="nobody in particular any more")
    assign.add_argument("--message", metavar="TEXT", help="why, kept on record")
    withdraw = commands.add_parser("withdraw", help="take back what one has said where two must agree, before they do")
    withdraw.add_argument("thread", metavar="THREAD")
    withdraw.add_argument("pause", metavar="INTERRUPT|PAUSE_KEY")
    for each in (claim, release, assign, withdraw):
        each.add_argument("--actor", metavar="NAME", help="who does it (default: the system user)")
        each.add_argument("--source", metavar="SOURCE", help="the checkpointer file, where there are several")


def _postponing(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    deadline = commands.add_parser("deadline", help="what happens to a question by itself: show it, or move it")
    deadline.add_argument("thread", metavar="THREAD")
    deadline.add_argument("pause", metavar="INTERRUPT|PAUSE_KEY")
    how = deadline.add_mutually_exclusive_group()
    how.add_argument("--extend", metavar="LENGTH", help="so much later, such as 4h or 2d")
    how.add_argument("--pause", action="store_true", dest="pause_it", help="not for now")
    how.add_argument("--go-on", action="store_true", help="with the time that was left when it was paused")
    deadline.add_argument("--message", metavar="TEXT", help="why, kept on record; --extend and --pause need it")
    deadline.add_argument("--actor", metavar="NAME", help="who moves it (default: the system user)")
    deadline.add_argument("--source", metavar="SOURCE", help="the checkpointer file, where there are several")
    snooze = commands.add_parser("snooze", help="set a question aside: out of one's own inbox for a while")
    snooze.add_argument("thread", metavar="THREAD")
    snooze.add_argument("pause", metavar="INTERRUPT|PAUSE_KEY")
    until = snooze.add_mutually_exclusive_group(required=True)
    until.add_argument("--for", metavar="LENGTH", dest="span", help="for so long, such as 4h or 2d")
    until.add_argument("--wake", action="store_true", help="show it again")
    snooze.add_argument("--actor", metavar="NAME", help="whose inbox (default: the system user's)")
    snooze.add_argument("--source", metavar="SOURCE", help="the checkpointer file, where there are several")


def _helping(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    retry = commands.add_parser("retry", help="continue a thread whose last run failed")
    retry.add_argument("thread", metavar="THREAD")
    retry.add_argument("--actor", metavar="NAME", help="who asks for it (default: the system user)")
    retry.add_argument("--source", metavar="SOURCE", help="the checkpointer file, where there are several")
    retry.add_argument("--no-wait", action="store_true", help="leave the run to a worker")
    trust = commands.add_parser("trust", help="let the threads of a graph hold a type of its project")
    trust.add_argument("graph", metavar="GRAPH")
    trust.add_argument("types", metavar="MODULE.NAME", nargs="*", help="none: print what is trusted")
    trust.add_argument("--actor", metavar="NAME", help="who trusts it (default: the system user)")
    graph = commands.add_parser("graph", help="which graph a thread belongs to: show it, or choose one")
    graph.add_argument("thread", metavar="THREAD")
    graph.add_argument("graph", metavar="GRAPH", nargs="?", help="one of your langgraph.json")
    graph.add_argument("--all", action="store_true", help="for every thread of the file that names no graph")
    graph.add_argument("--anyway", action="store_true", help="although the thread has steps that the graph lacks")
    graph.add_argument("--source", metavar="SOURCE", help="the checkpointer file, where there are several")
    graph.add_argument("--actor", metavar="NAME", help="who chooses (default: the system user)")
    repair = commands.add_parser("repair", help="help a thread that takes no answer: what `show` offers for it")
    repair.add_argument("thread", metavar="THREAD")
    repair.add_argument("pause", metavar="PAUSE_KEY", nargs="?", help="which one, where there are several")
    repair.add_argument("--action", required=True, choices=[each.value for each in Repair], help="what is done")
    repair.add_argument("--message", metavar="TEXT", help="the reason, kept on record")
    repair.add_argument("--actor", metavar="NAME", help="who orders it (default: the system user)")
    repair.add_argument("--source", metavar="SOURCE", help="the checkpointer file, where there are several")
    repair.add_argument("--no-wait", action="store_true", help="leave the run to a worker")
    messages = commands.add_parser("notifications", help="messages that did not go through, and sending one again")
    messages.add_argument("--retry", metavar="ID", help="send this one again, although it may have arrived")
    messages.add_argument("--dismiss", metavar="ID", help="take this one off the list without sending it")
    messages.add_argument("--test", metavar="CHANNEL", help="send one message now, to try a channel")
    messages.add_argument("--actor", metavar="NAME", help="who orders it (default: the system user)")
    messages.add_argument("--json", action="store_true", help="an array of objects")


def _running(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    worker = commands.add_parser("worker", help="run due work until stopped")
    worker.add_argument(
        "--threads", type=int, default=4, metavar="N", help="threads that run side by side (default: 4)"
    )
    worker.add_argument("--drain", action="store_true", help="end once nothing is due any more")
    api = commands.add_parser("api", help="serve the HTTP API, with a worker inside unless SIGNOFF_WORKER=false")
    api.add_argument("--host", default="127.0.0.1", metavar="ADDRESS", help="where to listen (default: 127.0.0.1)")
    api.add_argument("--port", type=int, default=8510, metavar="N", help="the port (default: 8510)")
    restore = commands.add_parser("restore", help="put a plan's files back from the trash")
    restore.add_argument("thread", metavar="THREAD")
    restore.add_argument("--source", metavar="SOURCE", help="the checkpointer file, where there are several")
    restore.add_argument("--actor", metavar="NAME", help="who restores (default: the system user)")
    backup = commands.add_parser("backup", help="copy the checkpointer files and the database, while they are in use")
    backup.add_argument("folder", metavar="FOLDER", help="a new folder for the copies")
    _tokens(commands)
    demo = commands.add_parser("demo", help="fill an empty desk with threads of all kinds, to try everything on")
    demo.add_argument("--reset", action="store_true", help="take the demo away again; what you started yourself stays")


def _tokens(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    token = commands.add_parser("token", help="what programs, and people at a terminal, show instead of a sign-in")
    token.add_argument("action", choices=["create", "list", "revoke"], help="a new one, all of them, or end one")
    token.add_argument("name", metavar="NAME", nargs="?", help="whose it is; revoke also takes its id")
    scopes = ["read", "start", "decide", "admin"]
    token.add_argument("--scope", action="append", choices=scopes, help="what it is for; give it again for more")
    roles = [each.value for each in Role]
    token.add_argument("--role", choices=roles, help="what it may do (default: as the rules say, else reviewer)")
    token.add_argument("--expires", metavar="LENGTH", help="how long it holds, as in 30d (default: until revoked)")
    token.add_argument("--actor", metavar="NAME", help="who makes or revokes it (default: the system user)")
    token.add_argument("--json", action="store_true", help="list: an array of objects")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code. A known error is one sentence on stderr."""
    args = build_parser().parse_args(argv)
    try:
        run = _command(args.command)
        return run(args)
    except SignoffError as error:
        print(f"signoff: {error}", file=sys.stderr)
        return error.exit_code
    except BrokenPipeError:  # `signoff list | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 130


PLACES = {
    "api": ("serving", "api"),
    "assign": ("claiming", "assign"),
    "audit": ("auditing", "auditing"),
    "backup": ("backing_up", "backup"),
    "claim": ("claiming", "claim"),
    "deadline": ("postponing", "deadline"),
    "demo": ("demo", "demo"),
    "doctor": ("doctor", "doctor"),
    "export": ("auditing", "export"),
    "graph": ("belonging", "graph"),
    "list": ("reading", "list_pauses"),
    "notifications": ("notifying", "notifying"),
    "release": ("claiming", "release"),
    "results": ("results", "results"),
    "show": ("reading", "show"),
    "snooze": ("postponing", "snooze"),
    "token": ("tokens", "token"),
    "trust": ("trusting", "trusting"),
    "withdraw": ("claiming", "withdraw"),
}
"""The module of agents.commands and the function in it; of every other command: `acting`, under its own name."""


def _command(name: str) -> Callable[[argparse.Namespace], int]:
    # Each module when it is needed: reading must not wait for LangGraph to load.
    module, function = PLACES.get(name, ("acting", name))
    run: Callable[[argparse.Namespace], int] = getattr(importlib.import_module(f"agents.commands.{module}"), function)
    return run


if __name__ == "__main__":
    sys.exit(main())
