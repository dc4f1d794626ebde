"""What is asked in a batch: of the model about one item, and of a person about a sample."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Engine

from agents import lots
from agents.adapters.model import ItemInstruction, ItemRequest, Writer
from agents.adapters.tables import fill
from agents.database import reading
from agents.domain import JSON
from agents.lots import FAILED, Item, Lot, Word, generation_at
from agents.payloads.sample import ACCEPTS, TYPE

FAILED_NAMED = 20
PRIORITIES = ("low", "normal", "high")


def options_of(wanted: Mapping[str, Any]) -> dict[str, JSON]:
    """What stays the same for the whole batch, from its checked input."""
    classify = wanted["task"] == "classify"
    return {
        "every": wanted["every"],
        "samples": wanted["samples"],
        "task": wanted["task"],
        "prompt": wanted["prompt"],
        "columns": wanted["columns"],
        "fields": ["category", "priority", "reason"] if classify else wanted["fields"],
        "choices": {"category": wanted["categories"], "priority": list(PRIORITIES)} if classify else {},
    }


def request_for(item: Item, generation: int, state: Mapping[str, Any]) -> ItemRequest:
    """What the model is asked about an item: every instruction up to the item's generation is in force."""
    options = state["options"]
    said = [each for each in state.get("instructions") or () if each["generation"] <= generation]
    return ItemRequest(
        data=chosen(item.data, options["columns"]),
        task=options["task"],
        prompt=fill(options["prompt"], item.data) if options["task"] == "prompt" else "",
        fields=options["fields"],
        choices=options["choices"],
        instructions=[
            ItemInstruction(text=each["text"], input=each.get("input"), output=each.get("output")) for each in said
        ],
    )


def chosen(data: Mapping[str, str], columns: Sequence[str]) -> dict[str, str]:
    """The columns that the model and the reviewer see; all of them where none is chosen."""
    return {name: data[name] for name in columns} if columns else dict(data)


def planned(first: int, last: int, samples: int) -> list[int]:
    """The items of a chunk that are shown: its last one, and the others evenly before it."""
    size = last - first + 1
    shown = min(samples, size)
    return [first - 1 + number * size // shown for number in range(1, shown + 1)]


def sample_payload(state: Mapping[str, Any], engine: Engine, writer: Writer) -> dict[str, JSON]:
    """The `quality_check` payload for the chunk behind the cursor; holds the lesson's keys too."""
    options, spans = state["options"], state["spans"]
    first, last = state["cursor"] + 1, state["done"]
    with reading(engine) as connection:
        lot = lots.find(connection, state["lot_id"])
        failed = lots.numbers(connection, lot.lot_id, spans, first, last, FAILED)
        said = lots.verdicts(connection, lot.lot_id, state["last_good"] + 1, state["cursor"])
        shown = planned(first, last, options["samples"])
        samples = [_sample(connection, lot, number, state) for number in shown]
    kept = len({each.item_no for each in said if each.word is Word.CORRECTED})
    return {
        "type": TYPE,
        "question": "Is this result good?",
        "options": ["continue", "correct", "describe a problem", "stop"],
        "sample_input": samples[-1]["input"],
        "sample_output": samples[-1]["output"],
        "accepts": ACCEPTS,
        **_place(state, lot),
        "samples": samples,
        "fields": options["fields"],
        "choices": options["choices"],
        "failed": len(failed),
        "failed_items": failed[:FAILED_NAMED],
        "costs": _costs(state, kept),
        "revision": state["revision"],
        "instruction": state["instructions"][-1]["text"] if state["revision"] > 1 else None,
        "model": {"label": writer.label, "offline": writer.offline},
        "problem": None,
    }


def _place(state: Mapping[str, Any], lot: Lot) -> dict[str, JSON]:
    every, size, last = state["options"]["every"], state["size"], state["done"]
    number, count = state["cursor"] // every + 1, -(-size // every)
    return {
        "message": f"Sample {number:,} of {count:,}: item {last:,} of {size:,}",
        "lot_id": lot.lot_id,
        "name": lot.name,
        "generation": generation_at(state["spans"], last),
        "item_no": last,
        "first": state["cursor"] + 1,
        "last": last,
        "size": size,
        "every": every,
        "sample_no": number,
        "sample_count": count,
    }


def _sample(connection: Connection, lot: Lot, number: int, state: Mapping[str, Any]) -> dict[str, JSON]:
    generation = generation_at(state["spans"], number)
    made = lots.results(connection, lot.lot_id, number, number)
    *earlier, now = [each for each in made if each.generation <= generation]
    before = next((each.output for each in reversed(earlier) if each.output is not None), None)
    item = next(lots.items(connection, lot, number, number))
    return {
        "item_no": number,
        "input": chosen(item.data, state["options"]["columns"]),
        "output": _plain(now.output),
        "error": now.error,
        "before": _plain(before),
    }


def _plain(output: Mapping[str, str] | None) -> dict[str, str] | None:
    return None if output is None else dict(output)


def _costs(state: Mapping[str, Any], kept: int) -> dict[str, JSON]:
    """One call per item; what has to be tried twice comes on top."""
    every, last, size = state["options"]["every"], state["done"], state["size"]
    following, again = min(every, size - last), last - state["last_good"] - kept
    return {
        "continue": {"items": following, "calls": following},
        "problem": {"items": again, "calls": again, "first": state["last_good"] + 1, "kept": kept},
        "rest": {"items": size - last, "reviews": -(-(size - last) // every)},
    }
