"""Any item of the chunk that a sample stands for: a reviewer may ask for more than the plan chose."""

from __future__ import annotations

from collections.abc import Sequence

from agents import lots
from agents.database import reading
from agents.desk import Desk
from agents.errors import InvalidInput
from agents.lots import Result
from agents.payloads.sample import Place, Sample


def item_of(desk: Desk, place: Place, item_no: int, columns: Sequence[str]) -> Sample:
    """One item as its review shows it, with its newest result up to the review's generation.

    columns: those of the samples, in their order; a row without them is shown whole.
    Raises InvalidInput for an item outside the chunk, and when the lot or the item is gone.
    """
    if not place.first <= item_no <= place.last:
        raise InvalidInput(f"Item {item_no} is not in this chunk. It holds items {place.first} to {place.last}.")
    with reading(desk.engine) as connection:
        known = lots.find(connection, place.lot_id)
        item = next(lots.items(connection, known, item_no, item_no), None)
        found = lots.results(connection, place.lot_id, item_no, item_no)
    if item is None:
        raise InvalidInput(f"Item {item_no} is not among the rows of this batch.")
    shown = [name for name in columns if name in item.data] or list(item.data)
    made = [result for result in found if result.generation <= place.generation]
    return Sample(
        item_no,
        tuple((name, item.data[name]) for name in shown),
        _output(made[-1]) if made else (),
        (made[-1].error or None) if made else "It has no result yet.",
        next((_output(result) for result in reversed(made[:-1]) if result.output is not None), None),
    )


def _output(result: Result) -> tuple[tuple[str, str], ...]:
    return tuple((result.output or {}).items())
