"""One row, once, before a batch is started: what the model would make of it."""

from __future__ import annotations

from collections.abc import Mapping

from agents.adapters.model import ItemAnswer, Writer
from agents.domain import JSON
from agents.graphs.batch_asking import options_of, request_for
from agents.lots import Item


def try_row(writer: Writer, wanted: Mapping[str, JSON], row: Mapping[str, str]) -> ItemAnswer:
    """Ask the model about a row as the batch would. wanted: the checked input of `batch_sampling`.

    Raises ModelError, and InvalidInput for a prompt that names a column which the row lacks.
    """
    return writer.item(request_for(Item(1, row), 0, {"options": options_of(wanted)}))
