"""A reviewer's instruction about a plan: the same plan, changed as it says and nowhere else."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from agents.adapters.model.offline.conditions import Conditions, take_conditions
from agents.adapters.model.offline.exceptions import leave_out, read_selections
from agents.adapters.model.offline.names import escape
from agents.adapters.model.offline.narrower import narrowed, narrower_than
from agents.adapters.model.offline.operations import (
    OP_CHANGES,
    Edit,
    about,
    by_step,
    changed,
    destination,
    other_operation,
    other_text,
)
from agents.adapters.model.offline.places import World, take_folders
from agents.adapters.model.offline.plans import as_plan, read_task
from agents.adapters.model.offline.reader import Quotes, Reader
from agents.adapters.model.offline.selection import Selection
from agents.adapters.model.offline.words import ANY_VERB, NUMBER, UNIT, days
from agents.adapters.model.schema import PlanDraft, StepDraft
from agents.errors import ModelError

EXAMPLES = (
    "Say for example “only in app/”, “older than 60 days instead”, “keep debug.log”, “skip step 2”, "
    "“archive them into old.zip instead” or “also delete *.bak”."
)
_SPLIT = re.compile(
    rf"\s*[;\n]+\s*|(?<=[^\s.])\.\s+|\s*,?\s+(?:and|but)\s+(?:then\s+|please\s+)?(?=(?:also|only|keep|skip|leave|except|not|{ANY_VERB}|don['’]?t|do not)\s)"
    rf"|\s*,\s*(?:then\s+)?(?=(?:also|only|keep|skip|leave|except|but|not|{ANY_VERB}|don['’]?t|do not)\s)",
    re.IGNORECASE,
)
_FILES = (
    r"(?:\s+(?:do|take|use|delete|move|archive|find|look|search|include|touch|consider|those|the ones|files|them))*"
)
_NARROW = re.compile(
    rf"^(?:(?:but\s+)?(?:only|just){_FILES}|(?:limit|restrict|narrow)\s*(?:it|this|them|that|the plan|everything)?(?:\s+down)?\s+to"
    r"|keep\s+(?:only|(?:it|this)\s+to)|use\s+only|with\s+only|for)\b(?:\s+(?:those|the ones)\b)?",
    re.IGNORECASE,
)
_SET = re.compile(
    r"^(?:make\s+(?:it|that|this)|use|(?:change|set)\s+(?:it|that|this|the (?:age|limit|size|time)(?: limit)?)\s+to|with)\b",
    re.IGNORECASE,
)
_INSTEAD = re.compile(r"[\s,]+instead$", re.IGNORECASE)
_WIDER = re.compile(
    r"^(?:remove|drop|delete|lift|ignore|skip|clear|cancel|forget|no|without|take (?:out|off))\s+(?:the\s+|any\s+|all\s+)*"
    r"(?:(?:age|size|time|date|folder|name)s?\s*)?(?:limit|condition|restriction|filter|bound|exception|exclusion|exclude|age|size)s?\b",
    re.IGNORECASE,
)
_KEPT = re.compile(
    r"^(?:except(?:ing)?(?:\s+for)?|but not|not|excluding|exclude|keep|leave(?:\s+out)?|spare|preserve|ignore|without|apart from|other than|save|"
    r"(?:don['’]?t|do not|never)\s+(?:touch|delete|remove|move|archive|include))\s+(?P<x>.+?)"
    r"(?:\s+(?:alone|untouched|out|as (?:it is|they are)|where (?:it is|they are)|out of it|from the plan|from it))?$",
    re.IGNORECASE,
)
_ALSO = re.compile(
    r"^(?:also|additionally|in addition,?|and also|and|plus|as well as)\s+(?P<x>.+)$|^(?P<y>.+?)[\s,]+(?:too|as well)$",
    re.I,
)


def change_plan(previous: Sequence[StepDraft], instruction: str, world: World) -> PlanDraft:
    """The plan after the instruction. Raises ModelError for what is not understood, with examples."""
    quotes = Quotes()
    text = trim_order(quotes.protect(instruction.strip()))
    if not text:
        raise ModelError(f"The instruction is empty. {EXAMPLES}")
    again = re.match(
        r"(?:start over|new plan|forget (?:all )?(?:that|it|this)|scrap (?:that|it))\s*[:,.-]*\s*(?P<task>.+)",
        text,
        re.I,
    )
    if again:
        return as_plan(*_fresh(quotes, again["task"], world))
    edit = Edit(tuple(previous))
    for order in _orders(text):
        edit = _obey(edit, order, quotes, world)
    edit = replace(edit, steps=tuple(_with_reason(step, previous, instruction) for step in edit.steps))
    return as_plan(edit.steps, f"Changed as asked: “{instruction.strip()}”.", edit.notes)


def _with_reason(step: StepDraft, previous: Sequence[StepDraft], instruction: str) -> StepDraft:
    """A changed step says by which instruction."""
    if step in previous or not any(step.why == before.why for before in previous):
        return step
    reason = step.why.partition(" You said: ")[0]
    return changed(step, why=f"{reason} You said: “{' '.join(instruction.split())}”."[:1000])


def _fresh(quotes: Quotes, task: str, world: World) -> tuple[Sequence[StepDraft], str, Sequence[str]]:
    read = read_task(quotes.quoted(task), world)
    return read.steps, "A new plan.", read.notes


def _orders(text: str) -> list[str]:
    if any(re.fullmatch(pattern, text, re.IGNORECASE) for pattern in OP_CHANGES):
        return [text]
    return [piece for piece in (trim_order(each) for each in _SPLIT.split(text)) if piece]


def trim_order(text: str) -> str:
    """Without the words of politeness around it."""
    text = re.sub(r"^(?:please|then|but|can you|could you)[\s,]+", "", text.strip(" \t\n,:!?"), flags=re.IGNORECASE)
    return re.sub(r"[\s,]+(?:please|thanks|thank you)[.!]?$|(?<=[^\s.])\.$", "", text, flags=re.IGNORECASE).strip()


def _obey(edit: Edit, order: str, quotes: Quotes, world: World) -> Edit:
    if _WIDER.match(order):
        raise ModelError(
            f"“{quotes.shown(order)}” would take more files, and the offline rules only follow an instruction that says which. "
            "Change the step's fields in the review, or say the whole task again: “start over: delete log files in app/”."
        )
    rules: tuple[Callable[[Edit, str, Quotes, World], Edit | None], ...] = (
        by_step,
        destination,
        other_operation,
        other_text,
        _kept,
        _added,
        _restricted,
    )
    for rule in rules:
        changed = rule(edit, order, quotes, world)
        if changed is not None:
            return changed
    raise ModelError(f"The offline rules do not understand “{quotes.shown(order)}”. {EXAMPLES}")


def _kept(edit: Edit, order: str, quotes: Quotes, world: World) -> Edit | None:
    """ "except debug.log", "keep the last 7 days"."""
    match = _KEPT.match(order)
    if match is None or re.match(r"keep\s+(?:only|it\s+to|this\s+to)\b", order, re.I):
        return None
    what = re.sub(r"^(?:the\s+)?(?=(?:last|past)\s)", "from the ", match["x"], flags=re.IGNORECASE)
    what = re.sub(
        r"^(?:the\s+)?(?:files|ones|logs|those)\s+(?=(?:from|of)\s+(?:the\s+)?(?:last|past)\s)", "", what, flags=re.I
    )
    if re.fullmatch(r"(?:anything|everything|any(?: files?)?|them|it)", what.strip(), re.IGNORECASE):
        return None
    notes: list[str] = []
    steps: list[StepDraft] = []
    for step in edit.steps:
        if step.pattern is None or (step.op == "find" and any(each.op != "find" for each in edit.steps)):
            steps.append(step)
            continue
        left = leave_out(_selection(step), what, quotes, world)
        notes += left.notes
        after = changed(step, exclude=list(left.exclude), **left.conditions.as_fields())
        steps.append(narrower_than([step], after, world))
    if tuple(steps) == edit.steps:
        notes.append("The plan leaves them alone already.")
    return replace(edit.with_steps(steps), notes=(*edit.notes, *dict.fromkeys(notes)))


def _selection(step: StepDraft) -> Selection:
    conditions = Conditions(step.older_than_days, step.newer_than_days, step.larger_than_bytes, step.smaller_than_bytes)
    return Selection((step.pattern or "",), conditions, tuple(step.exclude), (), about(step))


def _added(edit: Edit, order: str, quotes: Quotes, world: World) -> Edit | None:
    """ "also delete *.bak"; or a whole new plan with "instead"."""
    also = _ALSO.match(order)
    text = (also["x"] or also["y"]) if also else order
    verb = (
        re.match(rf"(?:{ANY_VERB})\s+\S", text, re.IGNORECASE)
        if also or not (_NARROW.match(order) or _SET.match(order))
        else None
    )
    last = next((step for step in reversed(edit.steps) if step.pattern), None)
    if verb is None:
        if also is None or last is None:
            return None
        found = read_selections(re.sub(r"^(?:include|add|the)\s+", "", text, flags=re.I), quotes, world)
        extra = [
            changed(last, pattern=pattern, exclude=list(each.exclude), **each.conditions.as_fields())
            for each in found
            for pattern in each.patterns
        ]
        return edit.with_steps([*edit.steps, *extra])
    if not also and re.match(r"(?:remove|drop|discard)\b", verb.group(), re.IGNORECASE) and not _INSTEAD.search(text):
        what = quotes.shown(text.split(None, 1)[1])
        raise ModelError(
            f"“{quotes.shown(order)}” can mean two things. Say “keep {what}” to leave it out of the plan, or “also delete {what}”."
        )
    instead = _INSTEAD.search(text)
    task = quotes.quoted(text[: instead.start()] if instead else text)
    read = read_task(task, world, _selection(last) if last else None)
    if instead:
        return Edit(read.steps, (*edit.notes, *read.notes))
    same = {(step.op, step.pattern) for step in read.steps}
    kept = [step for step in edit.steps if also or (step.op, step.pattern) not in same]
    return Edit((*kept, *read.steps), (*edit.notes, *read.notes))


def _restricted(edit: Edit, order: str, quotes: Quotes, world: World) -> Edit | None:
    """ "only in app/", "only pdf files larger than 1 MB", "older than 60 days instead", "60 days"."""
    only, changing = _NARROW.match(order), _SET.match(order)
    start = only or changing
    text = order[start.end() :] if start else order
    text = re.sub(r"[\s,]+instead(?:\s+of\s+.+)?$", "", text, flags=re.IGNORECASE).strip()
    text = re.sub(
        rf"^(?:change\s+)?(?:from\s+)?{NUMBER}[\s-]*{UNIT}\s+to\s+(?={NUMBER})", "", text, flags=re.IGNORECASE
    )
    bare = re.fullmatch(rf"(?P<n>{NUMBER})[\s-]*(?P<unit>{UNIT})", text, re.IGNORECASE)
    if bare:
        age = days(bare["n"], bare["unit"])
        return _each(edit, lambda step: _aged(step, _age_like(step, age), stricter=bool(only)))
    reader = Reader(re.sub(r"^(?:when|if|where|that are|which are)\s+", "", text, flags=re.IGNORECASE))
    conditions = take_conditions(reader, world.today)
    folders, flat = take_folders(reader, quotes, world)
    rest = re.sub(
        r"\b(?:and|the|those|these|ones?|files?|them|all|please|look|delete)\b", "", reader.rest, flags=re.I
    ).strip(" ,")
    if not rest and not folders and not flat and conditions and conditions.year is None:
        return _each(edit, lambda step: _aged(step, conditions, stricter=bool(only)))
    if not start and (rest or not folders):
        return None
    if not text:
        return None
    return narrowed(edit, _chosen(text, rest, quotes, world), world)


def _chosen(text: str, rest: str, quotes: Quotes, world: World) -> list[Selection]:
    """The files that "only ..." leaves."""
    word = re.sub(r"\s+(?:folder|directory)$", "", re.sub(r"^(?:the\s+)", "", text, flags=re.I), flags=re.I)
    folder = world.folder(word) if re.fullmatch(r"[\w@+/-]+", word) else None
    if folder is None:
        return read_selections(text if rest else f"all files {text}", quotes, world)
    inside = Selection((f"{escape(folder)}/**/*",))
    named = re.search(r"\b(?:folder|directory)$|/", text, re.IGNORECASE)
    if named is None and any(
        "." in pattern for each in read_selections(text, quotes, world) for pattern in each.patterns
    ):
        raise ModelError(f"“{word}” is a folder and a kind of file. Say “only in {word}/” or “only {word} files”.")
    return [inside]


def _aged(step: StepDraft, conditions: Conditions, *, stricter: bool) -> StepDraft:
    """ "only those older than 10 days" never takes more than before; "10 days instead" may."""
    if stricter:
        conditions = _selection(step).conditions.both(conditions)
    after = changed(step, **conditions.as_fields())
    older, newer = after.older_than_days, after.newer_than_days
    if older is not None and newer is not None and older >= newer:
        raise ModelError(f"No file is both older than {older:g} and newer than {newer:g} days. Say which one holds.")
    return after


def _age_like(step: StepDraft, age: float) -> Conditions:
    """ "60 days" of a step that says "newer than" is that again; else it is "older than"."""
    newer = step.newer_than_days is not None and step.older_than_days is None
    return Conditions(newer_than_days=age) if newer else Conditions(older_than_days=age)


def _each(edit: Edit, change: Callable[[StepDraft], StepDraft]) -> Edit:
    """Every step that acts on files; where none acts, those that look for them."""
    acting = any(step.op not in {"find", "write"} for step in edit.steps)
    touched = {"delete", "move", "archive"} if acting else {"find"}
    return edit.with_steps([change(step) if step.op in touched else step for step in edit.steps])
