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
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from agents.checkpoints.decoding import Ask, Undecodable, asks, plain
from agents.checkpoints.rows import ERROR, INTERRUPT, NULL_TASK, PULL, RESUME, ThreadRows, Write

ONE_BY_ONE = "signoff_one_by_one"
"""In the metadata of a thread whose tools we have ask in turn."""
_ID = re.compile(r"[0-9a-f]{32}")
_CALLED = "~__pregel_push, "
"""How the path of a task of the functional API begins; that of the step which called it follows, and what that asks is asked no more when it is over."""
_MOST_ASKS = 20
"""Questions of one task, beyond its answers, whose ids are looked for: two tools of one call ask at once."""
_REPORT = re.compile(r"\d+ validation errors? for ")
_FOR_PROGRAMMERS = re.compile(r" \[type=.*$")
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
    """A question with its state; `unreadable` says why its payload could not be decoded.

    node: the node of the root that asks it, where the rows tell. unreachable: LangGraph gives it another id each
    time, so that no answer by id finds it. outdated: its file's layout is one of which today's LangGraph finds no task.
    beside: several tools were called at once, and the answer would go to whichever of them asks first.
    """

    ask: Ask
    state: QuestionState
    unreadable: str | None = None
    node: str | None = None
    unreachable: bool = False
    outdated: bool = False
    beside: bool = False


@dataclass(frozen=True, slots=True)
class Task:
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

    @property
    def node(self) -> str | None:
        """The node's name, where the path tells: not of a `Send`, and not in older files."""
        path = self.first.path
        return path.removeprefix(PULL).split(", ")[0] if path.startswith(PULL) else None

    @property
    def failed(self) -> bool:
        """It raised, and neither an error handler nor a question followed."""
        return self.rowid(ERROR) > self.rowid(INTERRUPT) and not self.finished


def questions(rows: ThreadRows) -> tuple[Question, ...]:
    """Every pending question of the head, in the order of its tasks; each interrupt id once."""
    root = tasks_of(rows.root)
    tasks = [*root, *tasks_of(rows.below)]
    over = [f"{_CALLED}{task.first.path}, " for task in root if task.finished and task.first.path]
    holders = _holders(tasks)
    found: dict[str, Question] = {}
    for task in root:
        row = task.row(INTERRUPT)
        if row is None or task.finished or row.task_id == NULL_TASK or task.first.path.startswith(tuple(over)):
            continue
        for number, question in enumerate(_questions(task, row, tasks, holders, rows)):
            found.setdefault(question.ask.id or f"{row.task_id} {number}", question)
    return tuple(found.values())


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


def _questions(
    task: Task, row: Write, tasks: list[Task], holders: Mapping[str, Sequence[Task]], rows: ThreadRows
) -> Iterable[Question]:
    try:
        found = asks(row.kind, row.value)
    except Undecodable as error:
        state = QuestionState(None, row.task_id, _answers(task), _answers(task), True, False, False)
        return [Question(Ask("", None), state, str(error), task.node)]
    return [_question(ask, task, _asker(task, holders.get(ask.id, ())), tasks, rows) for ask in found]


def _question(ask: Ask, task: Task, asker: Task, tasks: list[Task], rows: ThreadRows) -> Question:
    lost = _foreign(ask.id, asker, rows.next.nodes) and not _handles(asker, tasks)
    state = _state(ask, task, asker, rows)
    if lost and any(_is_below(each, task) for each in tasks):
        state, lost = replace(state, answered=True), False  # the subgraph went on, and its step has not heard of it yet
    beside = asker.first.task_id in rows.beside and not rows.head.metadata.get(ONE_BY_ONE)
    return Question(ask, state, node=task.node, unreachable=lost, outdated=rows.next.renamed, beside=beside)


def _asker(task: Task, holders: Sequence[Task]) -> Task:
    """The task that called interrupt(): the deepest one whose row holds the same id; the others hold copies."""
    return max([task, *(each for each in holders if each is not task)], key=_depth)


def _holders(tasks: Sequence[Task]) -> dict[str, list[Task]]:
    """The tasks whose row holds a question, by its id; each row is read once, as a step may ask a thousand at a time."""
    asking = [(task, row) for task in tasks if (row := task.row(INTERRUPT)) is not None]
    found: dict[str, list[Task]] = defaultdict(list)
    for task, row in asking if len(asking) > 1 else ():
        try:
            ids = {ask.id for ask in asks(row.kind, row.value)}
        except Undecodable:
            continue
        for each in filter(None, ids):
            found[each].append(task)
    return found


def _depth(task: Task) -> tuple[int, int, bool, int]:
    """Where no path is kept, the one of two that has stored an answer is not the copy."""
    first = task.first
    spaces = first.namespace.count("|") + 1 if first.namespace else 0
    return (spaces, len(first.path), task.row(RESUME) is not None, task.rowid(INTERRUPT))


def _is_below(each: Task, task: Task) -> bool:
    """Does it belong to a subgraph of this task?"""
    inside, own = each.first.namespace, task.first
    if inside == own.namespace:
        return False
    return own.task_id in inside or (":" not in inside and inside == task.node)


def _state(ask: Ask, task: Task, asker: Task, rows: ThreadRows) -> QuestionState:
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
        error=error_of(asker, task) if failed else None,
    )


def _number(interrupt_id: str, asker: Task, stored: int) -> int | None:
    """Which question of its task this is, where the id tells (LangGraph 1.2.12 and newer, from the second on)."""
    own = _own_namespace(asker)
    if own is None or not stored:
        return None
    from xxhash import xxh3_128_hexdigest

    made = {xxh3_128_hexdigest(f"{own}|{number}".encode()): number for number in range(1, stored + 1)}
    return made.get(interrupt_id)


def _own_namespace(task: Task, node: str | None = None) -> str | None:
    node = node or task.node
    if node is None:
        return None
    own = f"{node}:{task.first.task_id}"
    return f"{task.first.namespace}|{own}" if task.first.namespace else own


def _foreign(interrupt_id: str, task: Task, nodes: Sequence[str]) -> bool:
    """Was it asked below this task where nothing is kept? Then the id is made of neither the task nor anything saved.

    nodes: those that come next; where no path names the task, it is one of them.
    """
    if not _ID.fullmatch(interrupt_id):
        return False
    named = [task.node] if task.node else [] if task.first.namespace else [*nodes]
    named = [node for node in named if not node.startswith("__")]
    return bool(named) and all(not _asked_by(task, node, interrupt_id) for node in named)


def _handles(task: Task, tasks: Sequence[Task]) -> bool:
    """May it be the error handler of another task? Its ids are made of that one's, too."""
    if task.first.path:
        return "node_error_handler" in task.first.path
    return any(each.row(ERROR) is not None for each in tasks if each is not task)


def _asked_by(task: Task, node: str, interrupt_id: str) -> bool:
    from xxhash import xxh3_128_hexdigest

    own = _own_namespace(task, node)
    made = (own, *(f"{own}|{number}" for number in range(1, _answers(task) + _MOST_ASKS)))
    return any(xxh3_128_hexdigest(each.encode()) == interrupt_id for each in made if each)


def _answers(task: Task) -> int:
    row = task.row(RESUME)
    if row is None:
        return 0
    try:
        stored = plain(row.kind, row.value)
    except Undecodable:
        return 1
    return len(stored) if isinstance(stored, list) else 1


def error_of(*tasks: Task) -> str | None:
    """What the first of these tasks that raised has raised."""
    row = next((found for task in tasks if (found := task.row(ERROR)) is not None), None)
    if row is None:
        return None
    try:
        return in_brief(str(plain(row.kind, row.value)))[:500]
    except Undecodable:
        return None


def in_brief(error: str) -> str:
    """pydantic's report as one line, without what it says to programmers; any other error as it is."""
    first, *rest = error.splitlines() or [""]
    if not _REPORT.match(first):
        return error
    told = [_FOR_PROGRAMMERS.sub("", line).strip() for line in rest if "For further information visit" not in line]
    if not told or len(told) % 2:
        return error
    return "; ".join(f"{place}: {what}" for place, what in zip(told[::2], told[1::2], strict=True))


def tasks_of(writes: Iterable[Write]) -> list[Task]:
    grouped: dict[tuple[str, str, str], list[Write]] = defaultdict(list)
    for write in writes:
        grouped[write.namespace, write.checkpoint_id, write.task_id].append(write)
    return sorted((Task(tuple(each)) for each in grouped.values()), key=lambda task: task.first.path)
