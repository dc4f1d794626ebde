"""Questions about a task that the rules do not understand, or that leaves open what it would change."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum

from agents.adapters.model.offline.places import World
from agents.adapters.model.offline.unclear import Unclear, clauses_of, read_clause, unclear_clauses
from agents.adapters.model.schema import Clarification, ClarifyRequest, Question

MOST = 3


class Ask(StrEnum):
    """What one clause of a task can leave open, in the words of its question."""

    WHICH = "Which files do you mean?"
    WHAT = "What should happen to them?"
    WHERE = "Where should they go?"
    AGE = "How old should they be?"
    LARGE = "How large should they be?"
    SMALL = "How small should they be?"
    LIMITS = "How old and how large should they be?"
    KEEP = "Should anything be left alone?"
    SPARE = "What exactly should be left alone?"
    TEXT = "What should it say?"
    FILE = "Which file should it go into?"


HINTS: Mapping[Ask, str] = {
    Ask.WHICH: "log files in logs/, or *.tmp, or all files",
    Ask.WHAT: "move to the trash, move to old/, archive into old.zip, or only list them",
    Ask.WHERE: "archive/2024",
    Ask.AGE: "older than 30 days, or any age",
    Ask.LARGE: "larger than 10 MB, or any size",
    Ask.SMALL: "smaller than 1 KB, or any size",
    Ask.LIMITS: "older than 30 days and larger than 10 MB",
    Ask.KEEP: "debug.log, or no",
    Ask.SPARE: "debug.log, or nothing",
    Ask.TEXT: "Call Bob on Monday",
    Ask.FILE: "notes/todo.txt",
}
"""Examples of an answer; each of them is understood."""

LIMITING = (Ask.AGE, Ask.LARGE, Ask.SMALL, Ask.LIMITS)
WHOLE_HINT = "delete log files older than 30 days"
_ABOUT = re.compile(r"About “(?P<clause>.*)”: (?P<question>.*)", re.DOTALL)
_WHOLE = re.compile(r"What exactly should “(?P<clause>.*)” do\?", re.DOTALL)
_SHOWN = 200
"""Characters of a clause that a question repeats."""


def clarify(request: ClarifyRequest) -> Clarification:
    """No question about a task that can be planned, or that the rules know to be beyond them; else two or three."""
    found = unclear_clauses(request.task, World.of(request.today, request.listing))
    if len(found) > 1:
        wholes = [f"What exactly should “{_short(each)}” do?" for each in found[:MOST]]
        return Clarification(questions=[Question(text=text, hint=WHOLE_HINT) for text in wholes])
    alone = len(clauses_of(request.task)) == 1
    asks = [(clause, ask) for clause in found for ask in asked(read_clause(clause))]
    return Clarification(
        questions=[Question(text=ask if alone else _about(clause, ask), hint=HINTS[ask]) for clause, ask in asks]
    )


def asked(clause: Unclear) -> list[Ask]:
    """What a clause leaves open: two or three things, the same whatever files there are."""
    if clause.op == "write":
        return [Ask.TEXT, Ask.FILE]
    sized = Ask.LARGE if clause.large else Ask.SMALL if clause.small else None
    open_age = clause.aged or ((clause.op is None or not clause.names_files) and not clause.phrase.limits)
    found = [
        Ask.WHICH if not clause.names_files else None,
        Ask.WHAT if clause.op is None else Ask.WHERE if clause.op == "move" and not clause.target else None,
        Ask.LIMITS if sized and clause.aged else sized or (Ask.AGE if open_age else None),
    ]
    known = [each for each in found if each is not None]
    if not clause.kept_is_clear:
        return [*(known[: MOST - 1] or [Ask.WHICH if clause.phrase.limits else Ask.AGE]), Ask.SPARE]
    if not known:
        return [Ask.WHICH, Ask.WHAT, Ask.AGE]
    return known if len(known) > 1 else [*known, Ask.KEEP]


def told_apart(question: str, clauses: Sequence[str]) -> tuple[str | None, Ask | None]:
    """(the clause that a question is about, what it asks); no `Ask`: what the clause is to do altogether.

    (None, None) for a question that was not put by these rules.
    """
    whole, about = _WHOLE.fullmatch(question), _ABOUT.fullmatch(question)
    named = whole or about
    clause = next((each for each in clauses if named and _short(each) == named["clause"]), None)
    if whole:
        return clause, None
    text = about["question"] if about else question
    ask = next((each for each in Ask if each.lower() == text.lower()), None)
    return (clause or clauses[0] if ask else None), ask


def _about(clause: str, ask: Ask) -> str:
    return f"About “{_short(clause)}”: {ask[:1].lower()}{ask[1:]}"


def _short(clause: str) -> str:
    return clause if len(clause) <= _SHOWN else f"{clause[: _SHOWN - 1]}…"
