"""Two must agree: what is said is written down first, and a second person who says exactly the same makes it a decision.

All of it happens in the transaction of the act, so that of several second opinions one decides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from agents import choosing, claims, payloads
from agents.audit import Question, append
from agents.claims import same_person
from agents.database import writing
from agents.decisions import opinions
from agents.decisions.opinions import Mode, Opinion, Status, answer_of, disagree
from agents.desk import Desk
from agents.domain import JSON, SYSTEM, DecisionType, Pause, Said, Who
from agents.errors import NotAllowed, NotPending, SecondNeeded
from agents.people import Act, permit
from agents.wording import count, some, would

BY_ITSELF = "Two people must agree on this, so nothing decides it by itself."
STOPS = (DecisionType.REJECT, DecisionType.IGNORE)
"""What a deadline may still do: nothing happens that two would have had to allow."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody says to one question, and the exact value that its graph would get."""

    pause: Pause
    said: Said
    value: JSON

    @property
    def about(self) -> Question:
        return Question(self.pause.source_id, self.pause.thread_id, self.pause.pause_key)

    def is_said_by(self, given: Opinion) -> bool:
        return given.answer == answer_of(self.said.type, self.said.args, self.value)


@dataclass(frozen=True, slots=True)
class Weighed:
    """agreed: whose opinion says the same, by pause key; empty where one person decides.

    needed: to be raised once it is saved, where no decision may be made yet.
    """

    agreed: Mapping[str, Opinion] = field(default_factory=dict)
    needed: SecondNeeded | None = None


def mode_of(desk: Desk, pause: Pause) -> Mode:
    """How many must agree. While nobody knows a thread's graph, the strictest rule of a graph that it may be counts."""
    rules = {graph_id: rule.four_eyes for graph_id, rule in desk.rules.graphs.items() if rule.four_eyes}
    if not rules:
        return Mode.ONE
    found = choosing.belongs(desk, pause.thread_id, pause.source_id)
    graphs = {graph_id for graph_id in (pause.graph_id, found[0] if found else None) if graph_id is not None}
    if not graphs or not graphs & set(desk.registry.ids()):
        graphs |= set(desk.registry.own_ids())
    strict = {rules[graph_id] for graph_id in graphs if graph_id in rules}
    if not strict:
        return Mode.ONE
    return Mode.BLIND if "blind" in strict else Mode.TWO


def weigh(connection: Connection, desk: Desk, answers: Sequence[Answer], who: Who, name: str) -> Weighed:
    """Does somebody else say exactly this to each of these questions of one thread? If not, write it down for each.

    Raises NotAllowed for what would decide by itself, and for who may not settle a disagreement.
    """
    mode = mode_of(desk, answers[0].pause)
    if mode is Mode.ONE:
        return Weighed()
    if name.startswith(SYSTEM):
        if all(each.said.type in STOPS for each in answers):
            return Weighed()
        raise NotAllowed(BY_ITSELF)
    now = desk.clock()
    found = [(each, _valid(connection, each, now)) for each in answers]
    for each, given in found:
        if mode is Mode.BLIND and disagree(given):
            _refuse_unless_may_settle(connection, desk, who, name, each, given)
    agreed = {each.pause.pause_key: _agreeing(each, given, name) for each, given in found}
    if all(agreed.values()):
        return Weighed({key: opinion for key, opinion in agreed.items() if opinion is not None})
    told = [_write(connection, mode, each, given, name, now) for each, given in found]
    words, opinion_id = told[0]
    return Weighed(needed=SecondNeeded(_sentence(words, len(answers)), opinion_id))


def join(
    connection: Connection, answer: Answer, agreed: Opinion, name: str, at: datetime, decision_id: str
) -> list[dict[str, JSON]]:
    """The second opinion, and the first with it, make this decision; what else was said no longer counts. For the record."""
    for each in _open_on(connection, answer):
        status = Status.JOINED if each.opinion_id == agreed.opinion_id else Status.REPLACED
        opinions.move(connection, each, status, decision_id=decision_id)
    mine = opinions.give(connection, answer.pause, answer.said, answer.value, name, at, joined_to=decision_id)
    return [agreed.as_fields(), mine.as_fields()]


def withdraw(
    desk: Desk, thread_id: str, pause_key: str, *, actor: Who, source_id: str | None = None
) -> tuple[Opinion, ...]:
    """Take back one's own opinion before anybody agreed, and what was given with it in one act.

    Raises NotPending when there is none, NotAllowed, or Busy.
    """
    source_id = desk.source_of(thread_id, source_id)
    pauses = desk.pauses(thread_id, source_id)
    keys = [each.pause_key for each in pauses if pause_key in (each.pause_key, each.interrupt_id)] or [pause_key]
    with writing(desk.engine) as connection:
        name = permit(connection, desk, actor, Act.DECIDE)
        given = opinions.open_on(connection, source_id, thread_id, keys[0])
        mine = next((each for each in given if same_person(each.actor, name)), None)
        if mine is None:
            raise NotPending("You have given no opinion on this that waits for a second person.")
        act = [
            each
            for pause in pauses
            for each in opinions.open_on(connection, source_id, thread_id, pause.pause_key)
            if (each.actor, each.given_at) == (mine.actor, mine.given_at)
        ] or [mine]
        for each in act:
            _refuse_if_settled(connection, desk, actor, each)
            opinions.move(connection, each, Status.WITHDRAWN)
            about, opinion_id = each.about, each.opinion_id
            append(connection, at=desk.clock(), actor=name, action="withdrew", about=about, opinion_id=opinion_id)
    return tuple(act)


def _refuse_if_settled(connection: Connection, desk: Desk, who: Who, mine: Opinion) -> None:
    """Once two blind answers are shown and differ, neither of the two gets out of it by taking theirs back."""
    given = opinions.open_on(connection, mine.source_id, mine.thread_id, mine.pause_key)
    pause = next(
        (each for each in desk.pauses(mine.thread_id, mine.source_id) if each.pause_key == mine.pause_key), None
    )
    if pause is None or mode_of(desk, pause) is not Mode.BLIND:
        return
    if disagree([each for each in given if each.seen == pause.seen]):
        permit(connection, desk, who, Act.ADJUDICATE, graph_id=pause.graph_id, kind=payloads.parse(pause).kind)


def _open_on(connection: Connection, answer: Answer) -> list[Opinion]:
    pause = answer.pause
    return opinions.open_on(connection, pause.source_id, pause.thread_id, pause.pause_key)


def _valid(connection: Connection, answer: Answer, now: datetime) -> list[Opinion]:
    """The opinions on the question as it stands; those on an earlier text of it are put aside, on record."""
    given = _open_on(connection, answer)
    for each in given:
        if each.seen != answer.pause.seen:
            opinions.move(connection, each, Status.STALE)
            told = {"opinion_id": each.opinion_id, "of": each.actor}
            append(connection, at=now, actor="system:desk", action="opinion_stale", about=each.about, **told)
    return [each for each in given if each.seen == answer.pause.seen]


def _agreeing(answer: Answer, given: Sequence[Opinion], name: str) -> Opinion | None:
    """Somebody else's opinion that says the same. One person in two browsers is one person."""
    return next((each for each in given if not same_person(each.actor, name) and answer.is_said_by(each)), None)


def _refuse_unless_may_settle(
    connection: Connection, desk: Desk, who: Who, name: str, answer: Answer, given: Sequence[Opinion]
) -> None:
    """A lead settles a disagreement. Where all reject and only their reasons differ, each of them may take the other's."""
    types = {each.type for each in given} | {answer.said.type}
    one_of_them = any(same_person(each.actor, name) for each in given)
    if types == {DecisionType.REJECT} and one_of_them and _agreeing(answer, given, name):
        return
    kind = payloads.parse(answer.pause).kind
    permit(connection, desk, who, Act.ADJUDICATE, graph_id=answer.pause.graph_id, kind=kind)


def _write(
    connection: Connection, mode: Mode, answer: Answer, given: Sequence[Opinion], name: str, now: datetime
) -> tuple[str, str]:
    """Save the opinion, and what no longer counts because of it; a sentence about that, and the opinion's id."""
    mine = next((each for each in given if same_person(each.actor, name)), None)
    claims.let_go(connection, answer.about)  # somebody else is needed now
    if mine is not None and answer.is_said_by(mine):
        return "You have said so already. A second person must agree before anything is sent.", mine.opinion_id
    starts_over = mode is Mode.TWO or disagree(given)
    gone = [each for each in given if each is mine or (starts_over and not answer.is_said_by(each))]
    for each in gone:
        opinions.move(connection, each, Status.REPLACED)
    made = opinions.give(connection, answer.pause, answer.said, answer.value, name, now)
    others = [each.actor for each in gone if each is not mine]
    told: dict[str, JSON] = {"opinion_id": made.opinion_id, "seen": made.seen, "replaces": others or None}
    answered = {key: value for key, value in made.as_fields().items() if key not in ("actor", "given_at")}
    left = [each for each in given if each not in gone]
    if mode is Mode.TWO:
        patched = opinions.changed(payloads.parse(answer.pause), answer.said)
        append(connection, at=now, actor=name, action="opined", about=answer.about, **{**answered, **told, **patched})
        return _said_openly(answer, others), made.opinion_id
    append(connection, at=now, actor=name, action="opined", about=answer.about, blind=True, **told)
    if not left:
        return _said_blindly(others), made.opinion_id
    shown = [each.as_fields() for each in (*left, made)]
    append(connection, at=now, actor="system:desk", action="opinions_shown", about=answer.about, opinions=shown)
    names = some([each.actor for each in left])
    return f"Your answer and that of {names} differ, so all can see them now. A lead settles it.", made.opinion_id


def _said_openly(answer: Answer, others: Sequence[str]) -> str:
    what = would(payloads.parse(answer.pause).kind, answer.said.type)
    if others:
        return f"You would {what}. That is not what {some(others)} said, which no longer counts: a second person must agree with you."
    return f"You would {what}. A second person must agree before anything is sent."


def _said_blindly(others: Sequence[str]) -> str:
    if others:
        return f"It is another answer than those of {some(others)}, which no longer count. A second person is needed."
    return "Nobody sees it before a second person has answered, too."


def _sentence(words: str, answers: int) -> str:
    if answers == 1:
        return f"Recorded. {words}"
    return f"Recorded for {count(answers, 'question')}. A second person must agree with all of these answers before anything is sent."
