"""Lots: the rows of a batch, what the model made of each, and what a person said of the samples.

The graph's state holds a lot_id and a few numbers; everything that grows with
the batch is a row here, so that a run which is repeated asks the model only
for what is missing.
"""

from agents.lots.holding import Held, LotTaken, hold, take_over
from agents.lots.reading import (
    Counts,
    counts,
    find,
    items,
    numbers,
    of_thread,
    results,
    timed,
    verdicts,
)
from agents.lots.rows import DONE, FAILED, Item, Lot, Result, Span, Verdict, Word, generation_at
from agents.lots.storing import drop, load, record, say

__all__ = [
    "DONE",
    "FAILED",
    "Counts",
    "Held",
    "Item",
    "Lot",
    "LotTaken",
    "Result",
    "Span",
    "Verdict",
    "Word",
    "counts",
    "drop",
    "find",
    "generation_at",
    "hold",
    "items",
    "load",
    "numbers",
    "of_thread",
    "record",
    "results",
    "say",
    "take_over",
    "timed",
    "verdicts",
]
