"""A task and the answers about it, as a sentence that the offline rules understand.

What decides which files would change, and was left open, is never guessed:
then the sentence only asks to look at the files.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from agents.adapters.model.offline.questions import LIMITING, Ask, asked, told_apart
from agents.adapters.model.offline.replies import (
    Done,
    Which,
    free_answers,
    is_open,
    read_kept,
    read_limits,
    read_what,
    read_where,
    read_which,
)
from agents.adapters.model.offline.unclear import (
    NOWHERE,
    Unclear,
    clauses_of,
    is_loose,
    planned,
    read_clause,
    without_vague,
)

Given = Mapping[Ask, str]
_LOOK_AT_ALL = "find all files"


def enrich(task: str, answers: Sequence[tuple[str, str | None]]) -> str:
    """The enriched task. Raises NotUnderstood for an answer that the rules cannot read."""
    clauses = clauses_of(task)
    about: dict[str, dict[Ask, str]] = {}
    whole: dict[str, str | None] = {}
    for question, answer in answers:
        clause, ask = told_apart(question, clauses)
        if clause is None:
            return _freely(clauses, answer)
        given = None if answer is None or is_open(answer) else " ".join(answer.split())
        if ask is None:
            whole[clause] = None if given and is_loose(given, NOWHERE) else given
        else:
            about.setdefault(clause, {}).update({ask: given} if given else {})
    return _together(clauses, about, whole) if answers else task


def _together(clauses: Sequence[str], about: Mapping[str, Given], whole: Mapping[str, str | None]) -> str:
    said: list[str] = []
    for clause in clauses:
        read = read_clause(clause)
        now = whole[clause] if clause in whole else _sentence(read, about[clause]) if clause in about else clause
        if now is None:  # nothing else may be done either: "find them, then delete them" would delete what was found
            return _look(read, about.get(clause, {}))
        said.append(now)
    return ". ".join(said)


def _freely(clauses: Sequence[str], answer: str | None) -> str:
    """One text that answers all questions: a whole task, or its pieces in any order."""
    if answer is None or is_open(answer):
        return _LOOK_AT_ALL
    if len(clauses) > 1 or (planned(answer) and not is_loose(answer, NOWHERE)):
        return answer
    clause = read_clause(clauses[0])
    given = free_answers(answer, asked(clause))
    return _sentence(clause, given) or _look(clause, given)


def _sentence(clause: Unclear, given: Given) -> str | None:
    """The clause with its answers; None while something is open that decides what would change."""
    asks = asked(clause)
    if Ask.TEXT in asks:
        return _written(given)
    which = read_which(given[Ask.WHICH]) if Ask.WHICH in given else None
    done = _done(clause, given, which)
    if done is None or (Ask.WHICH in asks and which is None) or (Ask.SPARE in asks and Ask.SPARE not in given):
        return None
    limited = done.limits or (which and which.limited) or any(ask in given for ask in LIMITING)
    if not limited and any(ask in asks for ask in LIMITING):
        return None
    words = _files(clause, given, which, done.limits)
    target = f" {'into' if done.op == 'archive' else 'to'} {_quoted(done.target)}" if done.target else ""
    return f"{done.op} {words}{target}"


def _done(clause: Unclear, given: Given, which: Which | None) -> Done | None:
    if clause.op is not None and clause.op != "move":
        return read_what(given[Ask.WHAT]) if Ask.WHAT in given else Done(clause.op, clause.target)
    if Ask.WHAT in given:
        return read_what(given[Ask.WHAT])
    if clause.op == "move":
        target = read_where(given[Ask.WHERE]) if Ask.WHERE in given else clause.target
        return Done("move", target) if target else None
    return Done(which.op) if which and which.op in {"delete", "archive", "find"} else None


def _files(clause: Unclear, given: Given, which: Which | None, more: str = "") -> str:
    """The words for the files: with where, how old and what not, from the task and from the answers."""
    limits = [clause.phrase.limits, *(read_limits(given[ask], ask) for ask in LIMITING if ask in given), more]
    words = which.words if which else clause.noun
    if which and (any(limits) or any(ask in given for ask in LIMITING)):
        words = without_vague(words)
    places = "" if which and which.placed else clause.phrase.places
    named = [read_kept(given.get(ask, "no")) for ask in (Ask.KEEP, Ask.SPARE)]
    kept = [clause.phrase.kept if clause.kept_is_clear else "", which.kept if which else "", *named]
    left = " and ".join(each for each in kept if each)
    parts = (words, clause.phrase.names, places, *limits, f"except {left}" if left else "")
    return " ".join(part for part in parts if part)


def _look(clause: Unclear, given: Given) -> str:
    """Only to look, at what is known to be meant."""
    which = read_which(given[Ask.WHICH]) if Ask.WHICH in given else None
    known = which is not None or clause.names_files
    looking = f"find {without_vague(_files(clause, given, which)) if known else 'all files'}"
    return looking if planned(looking) else _LOOK_AT_ALL


def _written(given: Given) -> str | None:
    if Ask.TEXT not in given:
        return None
    text = re.sub("[“”]", '"', given[Ask.TEXT])
    return f"write {_quoted(given[Ask.FILE])} saying “{text}”" if Ask.FILE in given else f"write a note saying “{text}”"


def _quoted(name: str) -> str:
    return f"“{name}”" if re.search(r"\s", name) and "“" not in name and not name.lower().startswith("the ") else name
