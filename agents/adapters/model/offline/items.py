"""One item of a batch: sorted by rules, or a small task done with its text."""

from __future__ import annotations

from agents.adapters.model.offline.errands import run_errand
from agents.adapters.model.offline.sorting import sorter
from agents.adapters.model.offline.words import word_set
from agents.adapters.model.schema import ItemAnswer, ItemRequest

_PRIORITY = word_set("priority urgency severity importance level")


def work_on(request: ItemRequest) -> ItemAnswer:
    """Raises ModelError for a prompt that no rule can follow."""
    output = run_errand(request) if request.task == "prompt" else _sort(request)
    return ItemAnswer(output={field: output.get(field, "") for field in request.fields})


def _sort(request: ItemRequest) -> dict[str, str]:
    """Of the fields with choices one is the priority, by its name, and each other one a category; the rest get the reason."""
    limited = [field for field in request.fields if request.choices.get(field)]
    priority = next((field for field in request.fields if field.casefold() in _PRIORITY), None)
    priorities = tuple(request.choices.get(priority, ())) if priority else ()
    output: dict[str, str] = {}
    notes: tuple[str, ...] = ()
    for field in [field for field in limited if field != priority] or [""]:
        result = sorter(tuple(request.choices.get(field, ())), priorities).sort(request)
        output[field] = result.category
        notes = notes or result.notes
        if priority:
            output.setdefault(priority, result.priority)
    free = [field for field in request.fields if field not in output]
    return output | dict.fromkeys(free[:1], " ".join(notes))
