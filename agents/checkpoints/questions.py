"""What a thread asks, from its rows: pure logic, no I/O.

LangGraph keeps an `__interrupt__` row (idx -3) after it was answered, so "a
row is there" is not yet "a person is asked". An answer is stored (idx -4) only
together with what the task did next: its output, its next question, or its
error. From these this module tells a live question from one whose answer is
stored already and would go to the wrong question if it were sent again.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from agents.checkpoints.decoding import Ask, Undecodable, asks, plain
from agents.checkpoints.rows import ERROR, INTERRUPT, NULL_TASK, RESUME, ThreadRows, Write
from agents.domain import Pause, PauseStatus, fingerprint

_PULL = "~__pregel_pull, "
_ID = re.compile(r"[0-9a-f]{32}")
_GREGORIAN = datetime(1582, 10, 15, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class QuestionState:
    """Where one question stands.

    interrupt_id: None where LangGraph would not take an answer by id.
    ask_no: answers that the asking task had stored when it asked this.
    answers_stored: answers that the asking task has stored now.
    pending: LangGraph still counts it as open (its task has not finished).
    answered: its answer is stored, so it must not be sent again; continue the run instead.
    failed: the asking task raised after it asked; error: what it raised.
    """

    interrupt_id: str | None
    task_id: str
    ask_no: int
    answers_stored: int
    pending: bool
    answered: bool
    failed: bool
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """A question with its state; `unreadable` says why its payload could not be decoded."""

    ask: Ask
    state: QuestionState
    unreadable: str | None = None


@dataclass(frozen=True, slots=True)
class _Task:
    """The rows of one task."""

    writes: tuple[Write, ...]

    @property
    def finished(self) -> bool:
        return any(write.idx >= 0 for write in self.writes)

    @property
    def first(self) -> Write:
        return self.writes[0]

    def row(self, idx: int) -> Write | None:
        return next((write for write in self.writes if write.idx == idx), None)

    def rowid(self, idx: int) -> int:
        found = self.row(idx)
        return found.rowid if found else -1


def questions(rows: ThreadRows) -> tuple[Question, ...]:
    """Every pending question of the head, in the order of its tasks; each interrupt id once."""
    root = _tasks(rows.root)
    tasks = [*root, *_tasks(rows.below)]
    found: dict[str, Question] = {}
    for task in root:
        row = task.row(INTERRUPT)
        if row is None or task.finished or row.task_id == NULL_TASK:
            continue
        for number, question in enumerate(_questions(task, row, tasks, rows)):
            found.setdefault(question.ask.id or f"{row.task_id} {number}", question)
    return tuple(found.values())


def pauses(source_id: str, rows: ThreadRows, otherwise: datetime, *, answered: bool = False) -> tuple[Pause, ...]:
    """The thread's pauses as the domain knows them.

    otherwise: the time to use when the checkpoint id tells none. answered: also
    those whose stored answer has not been worked off yet (as STUCK, with a note).
    """
    made: list[Pause] = []
    loose = _loose_answer(rows)
    for question in questions(rows):
        state = question.state
        if not state.answered or state.failed or answered:
            made.append(_pause(source_id, rows, question, otherwise, loose, {pause.pause_key for pause in made}))
    return tuple(made)


def time_of(checkpoint_id: str) -> datetime | None:
    """The moment inside a UUIDv6; None for other ids."""
    digits = checkpoint_id.replace("-", "")
    if not re.fullmatch(r"[0-9a-f]{12}6[0-9a-f]{19}", digits):
        return None
    ticks = int(digits[:12] + digits[13:16], 16)
    try:
        return _GREGORIAN + timedelta(microseconds=ticks // 10)
    except OverflowError:
        return None


def _questions(task: _Task, row: Write, tasks: list[_Task], rows: ThreadRows) -> Iterable[Question]:
    try:
        found = asks(row.kind, row.value)
    except Undecodable as error:
        state = QuestionState(None, row.task_id, _answers(task), _answers(task), True, False, False)
        return [Question(Ask("", None), state, str(error))]
    return [Question(ask, _state(ask, task, _asker(ask, task, tasks), rows)) for ask in found]


def _asker(ask: Ask, task: _Task, tasks: list[_Task]) -> _Task:
    """The task that called interrupt(): the deepest one whose row holds the same id; the others hold copies."""
    others = [each for each in tasks if each is not task and ask.id and _holds(each, ask.id)]
    return max([task, *others], key=_depth)


def _holds(task: _Task, interrupt_id: str) -> bool:
    row = task.row(INTERRUPT)
    if row is None or row.value is None or (row.kind == "msgpack" and interrupt_id.encode() not in row.value):
        return False
    try:
        return any(ask.id == interrupt_id for ask in asks(row.kind, row.value))
    except Undecodable:
        return False


def _depth(task: _Task) -> tuple[int, int, int]:
    first = task.first
    spaces = first.namespace.count("|") + 1 if first.namespace else 0
    return (spaces, len(first.path), task.rowid(INTERRUPT))


def _state(ask: Ask, task: _Task, asker: _Task, rows: ThreadRows) -> QuestionState:
    stored = _answers(asker)
    failed = task.rowid(ERROR) > task.rowid(INTERRUPT) or asker.rowid(ERROR) > asker.rowid(INTERRUPT)
    moved = rows.newest.get(asker.first.namespace, "") > asker.first.checkpoint_id
    after = stored and failed and asker.rowid(RESUME) > asker.rowid(INTERRUPT)
    number = _number(ask.id, asker, stored)
    answered = asker.finished or moved or bool(after and not (number and stored <= number))
    return QuestionState(
        interrupt_id=ask.id if _ID.fullmatch(ask.id) else None,
        task_id=asker.first.task_id,
        ask_no=stored - 1 if answered and stored else stored,
        answers_stored=stored,
        pending=True,
        answered=answered,
        failed=failed,
        error=_error(task, asker) if failed else None,
    )


def _number(interrupt_id: str, asker: _Task, stored: int) -> int | None:
    """Which question of its task this is, where the id tells (LangGraph 1.2.12 and newer, from the second on)."""
    path = asker.first.path
    if not path.startswith(_PULL) or not stored:
        return None
    from xxhash import xxh3_128_hexdigest

    own = f"{path.removeprefix(_PULL)}:{asker.first.task_id}"
    space = f"{asker.first.namespace}|{own}" if asker.first.namespace else own
    made = {xxh3_128_hexdigest(f"{space}|{number}".encode()): number for number in range(1, stored + 1)}
    return made.get(interrupt_id)


def _answers(task: _Task) -> int:
    row = task.row(RESUME)
    if row is None:
        return 0
    try:
        stored = plain(row.kind, row.value)
    except Undecodable:
        return 1
    return len(stored) if isinstance(stored, list) else 1


def _error(task: _Task, asker: _Task) -> str | None:
    row = asker.row(ERROR) or task.row(ERROR)
    if row is None:
        return None
    try:
        return str(plain(row.kind, row.value))[:500]
    except Undecodable:
        return None


def _tasks(writes: Iterable[Write]) -> list[_Task]:
    grouped: dict[tuple[str, str, str], list[Write]] = defaultdict(list)
    for write in writes:
        grouped[write.namespace, write.checkpoint_id, write.task_id].append(write)
    return sorted((_Task(tuple(each)) for each in grouped.values()), key=lambda task: task.first.path)


def _loose_answer(rows: ThreadRows) -> bool:
    """Was a value sent without naming its question, so that it would go to whatever is asked next?"""
    return any(write.task_id == NULL_TASK and write.idx == RESUME for write in rows.root)


def _pause(
    source_id: str, rows: ThreadRows, question: Question, otherwise: datetime, loose: bool, taken: set[str]
) -> Pause:
    state, ask = question.state, question.ask
    stuck = state.answered or question.unreadable is not None
    status = PauseStatus.STUCK if stuck else PauseStatus.QUESTION
    interrupt_id = None if stuck else state.interrupt_id
    key = f"{interrupt_id}.{state.ask_no}" if interrupt_id else f"{status.value}.{rows.head.checkpoint_id}"
    metadata = rows.head.metadata
    return Pause(
        source_id=source_id,
        thread_id=rows.thread_id,
        pause_key=_unused(key, taken),
        status=status,
        interrupt_id=interrupt_id,
        ask_no=state.ask_no,
        checkpoint_id=rows.head.checkpoint_id,
        task_id=state.task_id,
        value=ask.value,
        seen=fingerprint(ask.value),
        paused_at=time_of(rows.head.checkpoint_id) or otherwise,
        graph_id=_text(metadata.get("graph_id")),
        title=_text(metadata.get("title")),
        response_schema=ask.schema,
        note=_note(question, loose),
    )


def _note(question: Question, loose: bool) -> str | None:
    state = question.state
    because = f": {state.error}" if state.error else ""
    if question.unreadable:
        return f"The question cannot be read, it is {question.unreadable}. Answer it where the agent runs."
    if state.answered and state.failed:
        return f"It was answered, and then the run failed{because}. The answer is saved; sending another would not reach it."
    if state.answered:
        return "It was answered, but the run did not go on. Continue the run; do not answer again."
    if state.interrupt_id is None:
        return "An old version of LangGraph asked this without an id, so it can only be answered where the agent runs."
    if loose:
        return (
            "An answer was sent to this thread without naming a question. "
            "It is still there and would be taken for the next question."
        )
    if state.failed:
        return f"The last try failed before it took the answer{because}. It can be answered again."
    return None


def _unused(key: str, taken: set[str]) -> str:
    number, made = 1, key
    while made in taken:
        number += 1
        made = f"{key}.{number}"
    return made


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
