"""Orders that name steps, operations or targets: "skip step 2", "archive them instead", "into old.zip"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from agents.adapters.model.offline.places import World
from agents.adapters.model.offline.plans import zip_name
from agents.adapters.model.offline.reader import MARK, Quotes
from agents.adapters.model.offline.words import ORDINALS, VERBS
from agents.adapters.model.schema import Operation, StepDraft
from agents.errors import ModelError

NUMBER_WORDS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_ORDINAL = "|".join((*ORDINALS, "last"))
_STEPS = (
    rf"(?:the\s+)?(?:(?P<ordinal>{_ORDINAL})(?:\s+step|\s+one)?|steps?\s+(?P<numbers>(?:\d+|{'|'.join(NUMBER_WORDS)})"
    rf"(?:\s*(?:,|and|&)\s*(?:step\s+)?(?:\d+|{'|'.join(NUMBER_WORDS)}))*)"
    r"|(?P<op>find|delete|deletion|move|write|archive|zip|list)(?:ing)?\s+steps?)"
)
_DROP = r"(?:skip|remove|drop|delete|leave out|omit|cancel|without|no|take out|ignore|(?:don['’]?t|do not) (?:do|run))"
_TO = rf"(?:\s+(?:in ?to|to|in|as)\s+(?:the\s+|a\s+)?(?:folder\s+|archive\s+|file\s+)?(?P<to>{MARK}|[\w.@+~/-]*[\w/])(?:\s+folder)?)?"
_THEM = r"(?:\s+(?:them|it|those|these|all of them|everything|the files|that))?"
_OTHER = rf"(?P<verb>{VERBS['archive']}|{VERBS['move']}|{VERBS['find']}|{VERBS['delete']})"
_NOT = r"(?:don['’]?t|do not|never)\s+(?P<not>delete|remove|move|archive|zip)(?:ing)?"
OP_CHANGES = (
    rf"{_NOT}{_THEM}[\s,;.]+(?:but\s+|just\s+|only\s+|rather\s+|instead\s+)*{_OTHER}{_THEM}{_TO}(?:\s+instead)?",
    rf"(?:use\s+)?{_OTHER}{_THEM}{_TO},?\s+(?:instead|rather)(?:\s+(?:of|than)\s+(?:deleting|removing|moving|archiving|delete|move|archive){_THEM})?",
    rf"instead of (?:deleting|removing|moving|archiving){_THEM}[\s,]+{_OTHER}{_THEM}{_TO}",
    rf"(?:only|just)\s+(?P<verb>{VERBS['find']}){_THEM}(?P<to>)",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Edit:
    """A plan while it is changed. notes: what was done, in sentences."""

    steps: tuple[StepDraft, ...]
    notes: tuple[str, ...] = ()

    def with_steps(self, steps: Sequence[StepDraft | None], note: str = "") -> Edit:
        kept = tuple(step for step in steps if step is not None)
        if not kept:
            raise ModelError("Nothing would be left of the plan. Reject it, or say what to do instead.")
        return Edit(kept, (*self.notes, note) if note else self.notes)


def by_step(edit: Edit, order: str, quotes: Quotes, world: World) -> Edit | None:
    """ "skip step 2", "only the first step", "without the archive step"."""
    drop = re.fullmatch(rf"{_DROP}\s+{_STEPS}", order, re.IGNORECASE)
    keep = re.fullmatch(
        rf"(?:(?:do|run|keep)\s+)?(?:only|just)\s+(?:do\s+|run\s+|keep\s+)?{_STEPS}", order, re.IGNORECASE
    )
    match = drop or keep
    never = re.fullmatch(rf"{_NOT}(?:\s+(?:anything|any files?|them|it|everything|at all))*", order, re.IGNORECASE)
    if never:
        stopped = {"delete": "delete", "remove": "delete", "move": "move"}.get(never["not"].lower(), "archive")
        return edit.with_steps([step for step in edit.steps if step.op != stopped])
    if match is None:
        return None
    named = _named_steps(edit.steps, match)
    kept = [step for at, step in enumerate(edit.steps) if (at in named) == (keep is not None)]
    return edit.with_steps(kept)


def _named_steps(steps: Sequence[StepDraft], match: re.Match[str]) -> set[int]:
    if match["op"]:
        op = {"deletion": "delete", "zip": "archive", "list": "find"}.get(match["op"].lower(), match["op"].lower())
        named = {at for at, step in enumerate(steps) if step.op == op}
        if not named:
            raise ModelError(f"The plan has no {op} step. It has {len(steps)}; name one by its number.")
        return named
    if match["ordinal"]:
        word = match["ordinal"].lower()
        wanted = [len(steps) if word == "last" else ORDINALS.index(word) + 1]
    else:
        words = re.findall(rf"\d+|{'|'.join(NUMBER_WORDS)}", match["numbers"].lower())
        wanted = [int(word) if word.isdigit() else NUMBER_WORDS.index(word) + 1 for word in words]
    missing = [number for number in wanted if not 1 <= number <= len(steps)]
    if missing:
        raise ModelError(f"There is no step {missing[0]}: the plan has {len(steps)}.")
    return {number - 1 for number in wanted}


def other_operation(edit: Edit, order: str, quotes: Quotes, world: World) -> Edit | None:
    """ "don't delete, archive them to old.zip"."""
    match = next(filter(None, (re.fullmatch(pattern, order, re.IGNORECASE) for pattern in OP_CHANGES)), None)
    if match is None:
        return None
    op = next(op for op, verbs in VERBS.items() if re.fullmatch(verbs, match["verb"], re.IGNORECASE))
    target = quotes.plain(match["to"]) if match["to"] else None
    changing = [step for step in edit.steps if step.op not in {"find", "write"}] or [
        step for step in edit.steps if step.pattern
    ]
    return edit.with_steps(
        [_as_operation(step, op, target, world) if step in changing else step for step in edit.steps]
    )


def _as_operation(step: StepDraft, op: Operation, target: str | None, world: World) -> StepDraft:
    place = step.destination if step.op == op else None
    if op == "move":
        place = target.rstrip("/") if target else place
        if not place:
            raise ModelError(
                "The instruction does not say where to move the files. Say for example “move them to old/ instead”."
            )
    elif op == "archive":
        place = place if place and not target else zip_name(target, about(step), world)
    return changed(step, op=op, destination=place)


def about(step: StepDraft) -> str:
    """A word for the files, for the name of an archive: "log" for `**/*.{log,txt}`."""
    word = next(
        (found.group() for part in reversed((step.pattern or "").split("/")) if (found := re.search(r"[\w-]+", part))),
        None,
    )
    return word or "files"


def other_text(edit: Edit, order: str, quotes: Quotes, world: World) -> Edit | None:
    """ "change the text to 'call Bob'"."""
    match = re.fullmatch(
        rf"(?:(?:change|set)\s+the\s+(?:text|contents?|note)\s+to|write|make it say)\s+(?P<x>{MARK})(?:\s+instead)?",
        order,
        re.I,
    )
    if match is None or not any(step.op == "write" for step in edit.steps):
        return None
    text = quotes.plain(match["x"])
    return edit.with_steps([changed(step, content=text) if step.op == "write" else step for step in edit.steps])


def destination(edit: Edit, order: str, quotes: Quotes, world: World) -> Edit | None:
    """ "into backup.zip instead", "put them in old/"."""
    match = re.fullmatch(
        r"(?:(?:put|move|pack|save|store)\s+(?:them|it|those|everything)\s+)?(?:(?:in ?to|to|in|use|destination:?|call it|name it|call the archive|"
        rf"name the archive|as)\s+)+(?:the\s+)?(?:folder\s+)?(?P<to>{MARK}|[\w.@+~/-]*[\w/])(?:\s+(?:instead|folder))*",
        order,
        re.IGNORECASE,
    )
    if match is None:
        return None
    target = quotes.plain(match["to"])
    op = "archive" if target.lower().endswith(".zip") or "archive" in order.lower() else "move"
    if not any(step.op == op for step in edit.steps):
        return None
    return edit.with_steps(
        [_as_operation(step, step.op, target, world) if step.op == op else step for step in edit.steps]
    )


def changed(step: StepDraft, **fields: object) -> StepDraft:
    """The step with other fields, validated again."""
    return StepDraft.model_validate({**step.model_dump(), **fields})
