"""A task in plain English to a plan: each clause becomes one or more steps."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from agents.adapters.model.offline.clauses import EXAMPLES, Clause, split_clauses
from agents.adapters.model.offline.exceptions import EXCEPT, read_selections
from agents.adapters.model.offline.places import World
from agents.adapters.model.offline.reader import MARK, Quotes
from agents.adapters.model.offline.selection import Selection
from agents.adapters.model.schema import MAX_STEPS, Operation, PlanDraft, StepDraft
from agents.errors import ModelError

_TARGET = rf"(?P<to>{MARK}|[\w.@+~/-]*[\w@+~/])"
_FOLDER_TAIL = r"(?:\s+(?:folder|directory))?"
_INTO = re.compile(
    rf"^(?P<what>.*?)\s*\b(?P<how>in ?to|to|under|as|in)\s+(?:the\s+|a\s+|an\s+|my\s+|our\s+)?(?:new\s+)?"
    rf"(?:(?:zip\s+)?(?P<kind>folder|directory|archive|zip|file)\s+)?(?:named\s+|called\s+)?{_TARGET}{_FOLDER_TAIL}\s*$",
    re.IGNORECASE,
)
TO_TRASH = re.compile(r"\b(?:in ?to|to|in)\s+(?:the\s+)?(?:trash|bin|recycle bin|rubbish)(?: can)?\s*$", re.IGNORECASE)
_KEEP = re.compile(
    r"\s*,?\s*\b(?:but|and)\s+keep(?:ing)?\s+(?:only\s+)?(?:the\s+|those\s+|ones\s+|files\s+|anything\s+)*(?:from\s+|of\s+)?"
    r"(?=(?:the\s+)?(?:last|past)\s)",
    re.IGNORECASE,
)
_DOCUMENT = r"(?:(?:an?|the|new|empty|short|text|plain)\s+)*(?:(?:note|file|memo|document|text file|readme|list|text)(?![\w./@+-]))?"
_SAYS = r"(?:saying|that says|which says|that reads|reading|containing|that contains|with(?:\s+the)?\s+(?:text|contents?|words|line)s?|with|:|stating)"
_NO_NAME = (
    r"(?!(?:note|file|memo|document|readme|list|text|saying|says|stating|reading|reads|containing|contains|that|which|with)"
    r"(?![\w./@+-]))"
)
_WRITE_FORMS = (
    rf"^(?:\w+\s+){{0,4}}(?:note|file|memo|document)\s+(?:named|called|at)\s+{_TARGET}\s*,?\s*{_SAYS}\s*:?\s*(?P<text>.+)$",
    rf"^{_DOCUMENT}\s*(?:(?:named|called|at|in|to|into)\s+)?{_NO_NAME}{_TARGET}\s*,?\s*{_SAYS}\s*:?\s*(?P<text>.+)$",
    rf"^{_DOCUMENT}\s*{_SAYS}\s*:?\s*(?P<text>{MARK}|.+?)\s+(?:in ?to|to|in|as|at|named|called)\s+(?:the\s+|a\s+)?(?:new\s+)?(?:file\s+)?{_TARGET}$",
    rf"^(?P<text>{MARK})\s+(?:in ?to|to|in|as)\s+(?:the\s+|a\s+)?(?:new\s+)?(?:file\s+|note\s+)?(?:named\s+|called\s+)?{_TARGET}$",
    rf"^{_DOCUMENT}\s*{_SAYS}\s*:?\s*(?P<text>.+)$",
)


@dataclass(frozen=True, slots=True)
class Read:
    """Steps, the clauses they come from, and how unclear things were read."""

    steps: tuple[StepDraft, ...]
    said: tuple[str, ...]
    notes: tuple[str, ...]


def plan_task(task: str, world: World) -> PlanDraft:
    """A plan for the task. Raises ModelError that says what was not understood, with examples."""
    read = read_task(task, world)
    return as_plan(read.steps, f"Read as: {'; then '.join(_lower(each) for each in read.said)}.", read.notes)


def as_plan(steps: Sequence[StepDraft], summary: str, notes: Sequence[str]) -> PlanDraft:
    if len(steps) > MAX_STEPS:
        raise ModelError(f"This makes {len(steps)} steps, and a plan has at most {MAX_STEPS}. Split the task.")
    text = " ".join([summary, *dict.fromkeys(notes)])
    return PlanDraft(summary=text if len(text) < 2000 else f"{text[:1999]}…", steps=list(steps))


def _lower(said: str) -> str:
    return said[:1].lower() + said[1:] if said[1:2].islower() else said


def read_task(task: str, world: World, before: Selection | None = None) -> Read:
    """The steps of a task. before: what "them" stands for at its start."""
    quotes = Quotes()
    text = re.sub(r"(?m)^\s*(?:\d+[.)]|[-*•])\s+", "", quotes.protect(task.strip()))
    if not text:
        raise ModelError(f"The task is empty. {EXAMPLES}")
    steps: list[StepDraft] = []
    notes: list[str] = []
    clauses = split_clauses(_KEEP.sub(" except those from ", text), quotes)
    if not clauses:
        raise ModelError(f"“{quotes.shown(text)}” asks for nothing. {EXAMPLES}")
    for clause in clauses:
        if clause.op == "write":
            steps.append(_write(clause, quotes, world))
            continue
        made, selections = _steps(clause, quotes, world, before)
        steps += made
        notes += [note for selection in selections for note in selection.notes]
        # After two selections "them" would leave one of them out.
        before = selections[0] if len(selections) == 1 else None
    return Read(tuple(steps), tuple(clause.said for clause in clauses), tuple(notes))


def _steps(
    clause: Clause, quotes: Quotes, world: World, before: Selection | None
) -> tuple[list[StepDraft], list[Selection]]:
    op, rest, target = clause.op, clause.rest, None
    if op == "move" and TO_TRASH.search(rest):
        op, rest = "delete", TO_TRASH.sub("", rest)
    elif op in {"move", "archive"}:
        rest, target = take_target(op, rest, quotes)
    if op == "find" and re.fullmatch(r"(?:the\s+|my\s+)?files?", rest, re.IGNORECASE):
        rest = "all files"  # looking at everything harms nothing
    selections = read_selections(rest, quotes, world, before)
    why = f"The task says: “{clause.said}”."
    made = [step for each in selections for step in steps_for(op, each, _destination(op, target, each, world), why)]
    archives = [step.destination for step in made if step.op == "archive"]
    if len(set(archives)) != len(archives):
        raise ModelError(
            f"These files need {len(archives)} steps, and each would write {archives[0]}. Name an archive for each."
        )
    return made, selections


def steps_for(op: Operation, selection: Selection, destination: str | None, why: str) -> list[StepDraft]:
    """One step per pattern; what an earlier one took, a later one leaves alone."""
    shared = selection.conditions.as_fields()
    return [
        StepDraft(
            op=op,
            why=why[:1000],
            pattern=pattern,
            destination=destination,
            exclude=list(selection.exclude),
            **shared,
        )
        for pattern in _one_pattern(op, selection.patterns)
    ]


def _one_pattern(op: str, patterns: tuple[str, ...]) -> list[str]:
    """An archive is one file, so its patterns go into one step."""
    if op == "archive" and len(patterns) > 1:
        return ["{" + ",".join(patterns) + "}"] if not any("{" in each for each in patterns) else _unfold(patterns)
    return list(patterns)


def _unfold(patterns: tuple[str, ...]) -> list[str]:
    raise ModelError(
        f"These files need {len(patterns)} patterns, and one archive takes one. Archive them one kind at a time: {', '.join(patterns)}."
    )


def take_target(op: str, rest: str, quotes: Quotes) -> tuple[str, str | None]:
    """The words for the files, and where they go: "logs to x.zip except debug.log", "logs except debug.log to x.zip"."""
    kept = EXCEPT.search(rest)
    if kept:
        what, target = _take_target(op, rest[: kept.start()], quotes)
        if target:
            return what + rest[kept.start() :], target
    return _take_target(op, rest, quotes)


def _take_target(op: str, rest: str, quotes: Quotes) -> tuple[str, str | None]:
    match = _INTO.match(rest)
    if (
        match is None
        or (match["how"].lower() == "in" and op == "move")
        or (match["how"].lower() == "as" and op == "move")
    ):
        return rest, None
    target = quotes.plain(match["to"])
    if op == "archive" and match["how"].lower() == "in" and not target.lower().endswith(".zip"):
        return rest, None
    if op == "archive" and match["kind"] in {"folder", "directory"}:
        target = f"{target.rstrip('/')}/"
    return match["what"], target


def _destination(op: str, target: str | None, selection: Selection, world: World) -> str | None:
    if op == "move":
        if not target:
            raise ModelError("The task does not say where to move the files. Say for example “to archive/2024”.")
        return _inside(target)
    if op == "archive":
        return zip_name(target, selection.about, world)
    return None


def zip_name(target: str | None, about: str, world: World) -> str:
    """The .zip file: as named, inside a named folder, or after what it holds and the day."""
    usual = f"{about}-{world.today.isoformat()}.zip"
    if not target:
        return usual
    if target.endswith("/"):
        return f"{target}{usual}"
    last = target.rsplit("/", 1)[-1]
    if re.search(r"\.(tar|gz|tgz|bz2|xz|7z|rar)$", last, re.IGNORECASE):
        raise ModelError(f"The archive {target} cannot be made: archives are .zip files. Name one that ends in .zip.")
    return target if last.lower().endswith(".zip") else f"{target}.zip"


def _inside(target: str) -> str:
    return target.removeprefix("./").rstrip("/") or target


def _write(clause: Clause, quotes: Quotes, world: World) -> StepDraft:
    why = f"The task says: “{clause.said}”."[:1000]
    if re.match(r"(?:(?:an?|the|new|empty)\s+)*(?:sub)?(?:folder|directory)\b", clause.rest, re.I):
        raise ModelError("A folder is made when a file is moved or written into it; it needs no step of its own.")
    empty = re.match(
        rf"^(?:(?:an?|the|new)\s+)*empty\s+{_DOCUMENT}\s*(?:(?:named|called|at)\s+)?{_TARGET}$", clause.rest, re.I
    )
    if empty:
        return StepDraft(op="write", why=why, path=quotes.plain(empty["to"]), content="")
    for form in _WRITE_FORMS:
        match = re.match(form, clause.rest, re.IGNORECASE | re.DOTALL)
        if match:
            said = match.groupdict().get("to")
            path = quotes.plain(said) if said else _free_name(world)
            return StepDraft(op="write", why=why, path=path, content=quotes.plain(match["text"]))
    raise ModelError(
        f"“{clause.said}” does not say what to write where. Say for example “write notes/todo.txt saying 'call Bob'”."
    )


def _free_name(world: World) -> str:
    names = ["note.txt", *(f"note-{number}.txt" for number in range(2, 1000))]
    return next(name for name in names if name not in world.listing)
