"""The results of a batch as a file, made when it is asked for."""

from __future__ import annotations

from io import TextIOWrapper
from tempfile import TemporaryFile
from typing import Literal, TypeAlias

from agents.batches.head import head_of
from agents.batches.listing import lot_of_head
from agents.database import reading
from agents.desk import Desk
from agents.errors import UnknownReview
from agents.lots.export import write_csv, write_json

Format: TypeAlias = Literal["csv", "json"]
ENCODINGS: dict[Format, str] = {"csv": "utf-8-sig", "json": "utf-8"}
"""With its mark a spreadsheet takes a CSV for what it is."""


def results_file(desk: Desk, thread_id: str, source_id: str, form: Format) -> bytes:
    """All items as they stand now, in the format of `signoff results`. Raises UnknownReview before rows are read in."""
    head = head_of(desk, thread_id, source_id)
    # Through a file: 100,000 rows are 70 MB, which a buffer that grows would hold three times.
    with TemporaryFile() as file, reading(desk.engine) as connection:
        of = lot_of_head(connection, head, source_id, thread_id)
        if of is None:
            raise UnknownReview("The rows of this batch are not read in yet, so there is nothing to download.")
        text = TextIOWrapper(file, encoding=ENCODINGS[form], newline="")
        if form == "csv":
            write_csv(connection, of, head.spans, head.fields, text)
        else:
            write_json(connection, of, head.spans, text)
        text.flush()
        file.seek(0)
        return file.read()
