"""A reviewer's instruction about a plan: the same plan, changed as it says and nowhere else."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from agents.adapters.model.offline.conditions import Conditions, take_conditions
from agents.adapters.model.offline.narrowing import narrowed_to, within
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
from agents.adapters.model.offline.plans import as_plan, read_task
from agents.adapters.model.offline.reader import Quotes, Reader
from agents.adapters.model.offline.selection import Selection, World, leave_out, read_selection, take_folders
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
_ONLY = re.compile(
    r"^(?:(?:but\s+)?(?:only|just)(?:\s+(?:do|take|use|delete|move|archive|find|look|search|include|touch|consider|those|the ones|files|them))*"
    r"|(?:limit|restrict|narrow)\s*(?:it|this|them|that|the plan|everything)?(?:\s+down)?\s+to|make\s+(?:it|that|this)|use|"
    r"(?:change|set)\s+(?:it|that|this|the (?:age|limit|size|time)(?: limit)?)\s+to|with|for|keep\s+(?:it|this)\s+to)\b",
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
        steps.append(changed(step, exclude=list(left.exclude), **left.conditions.as_fields()))
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
    verb = re.match(rf"(?:{ANY_VERB})\s+\S", text, re.IGNORECASE) if also or not _ONLY.match(order) else None
    last = next((step for step in reversed(edit.steps) if step.pattern), None)
    if verb is None:
        if also is None or last is None:
            return None
        selection = read_selection(re.sub(r"^(?:include|add|the)\s+", "", text, flags=re.I), quotes, world)
        fields = selection.conditions.as_fields()
        extra = [changed(last, pattern=pattern, exclude=[], **fields) for pattern in selection.patterns]
        return edit.with_steps([*edit.steps, *extra])
    instead = re.search(r"[\s,]+instead$", text, re.IGNORECASE)
    task = quotes.quoted(text[: instead.start()] if instead else text)
    read = read_task(task, world, _selection(last) if last else None)
    if instead:
        return Edit(read.steps, (*edit.notes, *read.notes))
    same = {(step.op, step.pattern) for step in read.steps}
    kept = [step for step in edit.steps if also or (step.op, step.pattern) not in same]
    return Edit((*kept, *read.steps), (*edit.notes, *read.notes))


def _restricted(edit: Edit, order: str, quotes: Quotes, world: World) -> Edit | None:
    """ "only in app/", "only pdf files larger than 1 MB", "older than 60 days instead", "60 days"."""
    only = _ONLY.match(order)
    text = order[only.end() :] if only else order
    text = re.sub(r"[\s,]+instead(?:\s+of\s+.+)?$", "", text, flags=re.IGNORECASE).strip()
    text = re.sub(
        rf"^(?:change\s+)?(?:from\s+)?{NUMBER}[\s-]*{UNIT}\s+to\s+(?={NUMBER})", "", text, flags=re.IGNORECASE
    )
    bare = re.fullmatch(rf"(?P<n>{NUMBER})[\s-]*(?P<unit>{UNIT})", text, re.IGNORECASE)
    if bare:
        age = days(bare["n"], bare["unit"])
        return _each(edit, lambda step: changed(step, **{_age_field(step): age}))
    reader = Reader(re.sub(r"^(?:when|if|where|that are|which are)\s+", "", text, flags=re.IGNORECASE))
    conditions = take_conditions(reader, world.today)
    if conditions.year is not None:
        raise ModelError(f"Say “before {conditions.year}” or “since {conditions.year}”.")
    folders, _ = take_folders(reader, quotes, world)
    rest = re.sub(
        r"\b(?:and|the|those|these|ones?|files?|them|all|please|look|delete|folder|directory)\b",
        "",
        reader.rest,
        flags=re.I,
    ).strip(" ,")
    folder_only = re.fullmatch(r"[\w.@+/-]+", rest) if only else None
    if folder_only and world.folder(rest) and "." not in rest.split("/")[-1]:
        folders, rest = [*folders, world.folder(rest) or rest], ""
    if not (conditions or folders or (only and rest)):
        return None
    if rest and not only:
        return None
    patterns = read_selection(rest, quotes, world).patterns if rest else ()
    changed_steps = _each(edit, lambda step: changed(step, **conditions.as_fields()))
    return _narrow(changed_steps, folders, patterns)


def _narrow(edit: Edit, folders: list[str], patterns: tuple[str, ...]) -> Edit:
    steps: list[StepDraft] = []
    for step in edit.steps:
        if step.pattern is None:
            steps.append(step)
            continue
        found = [narrowed_to(step.pattern, pattern) for pattern in patterns] or [step.pattern]
        for pattern in dict.fromkeys(found):
            inner = [within(pattern, folder) for folder in folders] or [pattern]
            steps += [changed(step, pattern=each) for each in inner if each]
    return edit.with_steps(steps)


def _age_field(step: StepDraft) -> str:
    return "newer_than_days" if step.newer_than_days is not None and step.older_than_days is None else "older_than_days"


def _each(edit: Edit, change: Callable[[StepDraft], StepDraft]) -> Edit:
    """Every step that acts on files; where none acts, those that look for them."""
    acting = any(step.op not in {"find", "write"} for step in edit.steps)
    touched = {"delete", "move", "archive"} if acting else {"find"}
    return edit.with_steps([change(step) if step.op in touched else step for step in edit.steps])
