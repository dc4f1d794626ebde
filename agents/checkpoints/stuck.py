"""What is the matter with a thread on which nobody is asked, and what would help: pure logic, plain sentences.

A run that stopped between two steps leaves the rows of one that goes on
elsewhere. So it is told `shown_from` a time on, when it has been quiet for
long; what raised is told at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from agents.checkpoints.heads import END, START, Next
from agents.checkpoints.questions import Question, Task, error_of, tasks_of
from agents.checkpoints.rows import NULL_TASK, RESUME, ThreadRows
from agents.domain import JSON, GraphFacts, PauseStatus, Repair, Situation

QUIET = timedelta(minutes=10)
_PASSING = ("Timeout", "Connection", "OSError", "Unavailable", "RateLimit", "RemoteProtocol", "sqlite3", "Busy")
_ALL = "*"


@dataclass(frozen=True, slots=True)
class Matter:
    """Why a thread waits without asking. quiet: tell only when nothing was written for QUIET."""

    status: PauseStatus
    situation: Situation | None
    note: str
    repairs: tuple[Repair, ...] = ()
    nodes: tuple[str, ...] = ()
    value: JSON = None
    error: str | None = None
    quiet: bool = False


def matter_of(rows: ThreadRows, facts: GraphFacts | None) -> Matter | None:
    """What is the matter with a thread that asks nothing; None when it has ended."""
    rows = _cleared(rows, facts)
    tasks = [task for task in tasks_of(rows.root) if task.first.task_id != NULL_TASK]
    failed = [task for task in tasks if task.failed]
    if rows.hidden:
        return _behind(rows)
    if failed:
        return _failed(rows, failed)
    if not tasks:
        stopped = _breakpoint(rows, facts)
        if stopped is not None:
            return stopped
        return _halted(rows) if rows.next.nodes else None
    if not rows.next.nodes and not rows.next.unclear:
        return None  # rows of an update_state that broke off: nothing comes next all the same
    if any(task.finished for task in tasks):
        return _abandoned(rows, tasks)
    return _halted(rows)


def of_question(question: Question, loose: bool) -> tuple[Situation | None, tuple[Repair, ...], str | None]:
    """What is the matter with a question: (situation, repairs, sentence); (None, (), None or a remark) when it can be answered."""
    state = question.state
    because = f": {state.error}" if state.error else ""
    step = _step(question.node)
    if question.unreadable:
        told = f"The question cannot be read, it is {question.unreadable}. Answer it where the agent runs."
        return Situation.UNREADABLE, (), told
    if state.answered and state.failed:
        told = f"It was answered, and then {step} failed{because}. The answer is saved, so it would fail with it again."
        return Situation.POISONED, _both(state.error), told
    if state.answered:
        told = "It was answered, but the run did not go on. Nothing has been written since."
        return Situation.ABANDONED, (Repair.CONTINUE,), told
    if state.interrupt_id is None:
        told = "An old version of LangGraph asked this without an id, so no answer from here would find it."
        return Situation.NO_ID, (Repair.ASK_AGAIN,), told
    if question.outdated:
        told = (
            "An old version of LangGraph asked this. It named its steps in another way, so today's would take the answer "
            "and ask once more."
        )
        return Situation.NO_ID, (Repair.ASK_AGAIN,), told
    if question.unreachable:
        told = (
            f"A subgraph of {step} that keeps nothing (checkpointer=False) asks this. It asks under another id each "
            "time, so no answer would find it."
        )
        return Situation.UNREACHABLE, (Repair.ASK_AGAIN,), told
    if loose:
        told = (
            "An answer was sent to this thread without naming a question. "
            "It is still there and would be taken for the next question."
        )
        return Situation.LEFT_BEHIND, (Repair.ASK_AGAIN,), told
    if question.beside:
        told = (
            f"{_steps((question.node,) if question.node else ())} was given several tool calls at once. If more than one of "
            "them asks, an answer goes to whichever asks first."
        )
        return Situation.TWO_TOOLS, (Repair.ASK_AGAIN,), told
    if state.failed:
        return None, (), f"The last try failed before it took the answer{because}. It can be answered again."
    return None, (), None


def loose_answer(rows: ThreadRows) -> bool:
    """Was a value sent without naming its question, so that it would go to whatever is asked next?"""
    return any(write.task_id == NULL_TASK and write.idx == RESUME for write in rows.root)


def _failed(rows: ThreadRows, failed: Sequence[Task]) -> Matter:
    error = error_of(*failed)
    nodes = _names(failed) or rows.next.nodes
    told = f"{_steps(nodes)} failed{f': {error}' if error else ''}. Nobody is asked, and nothing runs on by itself."
    repairs = (Repair.ASK_AGAIN,) if loose_answer(rows) else (Repair.RETRY,)
    return Matter(PauseStatus.STUCK, Situation.FAILED, told, repairs, nodes, error=error)


def _abandoned(rows: ThreadRows, tasks: Sequence[Task]) -> Matter:
    done = _names([task for task in tasks if task.finished])
    told = (
        f"{_steps(done)} did its work, but the run ended before that was closed as a step. "
        "What was done is kept and is not done again."
    )
    return _quiet(rows, Situation.ABANDONED, told)


def _halted(rows: ThreadRows) -> Matter:
    nodes = rows.next.nodes
    if nodes == (START,):
        told = "The run ended before its first step. Its input is kept."
    else:
        told = f"The run ended before {_steps(nodes, first=False)}, without a question and without an error."
    return _quiet(rows, Situation.HALTED, told)


def _cleared(rows: ThreadRows, facts: GraphFacts | None) -> ThreadRows:
    """In an old layout the next nodes are told by the graph's edges, where they leave no choice."""
    if facts is None or not rows.next.ends:
        return rows
    led = [facts.follows.get(node, (END,)) for node in rows.next.ends]
    nodes = tuple(sorted({each for targets in led if END not in targets for each in targets}))
    return replace(rows, next=replace(rows.next, nodes=nodes, steps=len(nodes), ran=rows.next.ends))


def _quiet(rows: ThreadRows, situation: Situation, told: str) -> Matter:
    repairs = (Repair.ASK_AGAIN,) if loose_answer(rows) else (Repair.CONTINUE,)
    return Matter(PauseStatus.STUCK, situation, told, repairs, rows.next.nodes, quiet=True)


def _behind(rows: ThreadRows) -> Matter:
    told = (
        "A later step of this thread is hidden: the clock of the machine that wrote it was behind, and LangGraph takes "
        "the earlier step for the newest."
    )
    return Matter(PauseStatus.STUCK, Situation.CLOCK_SKEW, told, (Repair.CONTINUE,), rows.next.nodes)


def _breakpoint(rows: ThreadRows, facts: GraphFacts | None) -> Matter | None:
    """The static breakpoint at which a thread without any row of its own stands, if its graph has one there."""
    if facts is None or rows.next.nodes == (START,):
        return None
    if rows.head.metadata.get("source") != "loop":
        after: tuple[str, ...] = ()
    else:
        after = _at(facts.after, rows.next.ran) if rows.next.nodes else ()
    before = _at(facts.before, rows.next.nodes)
    if not before and not after:
        before, after = _below("", rows.spaces, facts, rows.next.nodes)
    if before:
        return Matter(PauseStatus.BREAKPOINT, None, "", (), rows.next.nodes, value={"before": list(before)})
    if after:
        return Matter(PauseStatus.BREAKPOINT, None, "", (), rows.next.nodes, value={"after": list(after)})
    return None


def _below(
    space: str, spaces: dict[str, Next], facts: GraphFacts, nodes: Iterable[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The breakpoints of the subgraphs that have begun since the head; () and () when none stands at one."""
    for node, known in sorted(facts.below.items()):
        for name, inside in sorted(spaces.items()):
            parent, _, last = name.rpartition("|")
            if node not in nodes or parent != space or last.partition(":")[0] != node or not inside.nodes:
                continue
            found = (_at(known.before, inside.nodes), _at(known.after, inside.ran))
            if not any(found):
                found = _below(name, spaces, known, inside.nodes)
            if any(found):
                return found
    return (), ()


def _at(breakpoints: frozenset[str], nodes: Sequence[str]) -> tuple[str, ...]:
    own = [node for node in nodes if not node.startswith("__")]
    return tuple(node for node in own if node in breakpoints or _ALL in breakpoints)


def _both(error: str | None) -> tuple[Repair, ...]:
    """A server that did not answer may answer now; a value that was refused is refused again."""
    passing = error is not None and any(word in error.split("(")[0] for word in _PASSING)
    return (Repair.RETRY, Repair.ASK_AGAIN) if passing else (Repair.ASK_AGAIN, Repair.RETRY)


def _names(tasks: Iterable[Task]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(task.node for task in tasks if task.node))


def _step(node: str | None) -> str:
    return f"the step “{node}”" if node else "the step"


def _steps(nodes: Sequence[str], *, first: bool = True) -> str:
    """ "The step “a”", "The steps “a” and “b”"; where no name is known "A step"."""
    named = [f"“{node}”" for node in nodes]
    if not named:
        return "A step" if first else "its next step"
    text = named[0] if len(named) == 1 else ", ".join(named[:-1]) + f" and {named[-1]}"
    return f"{'The' if first else 'the'} step{'s' if len(named) > 1 else ''} {text}"


def shown_from(matter: Matter, newest: datetime) -> datetime | None:
    """newest: when the thread was last written."""
    return newest + QUIET if matter.quiet else None
