"""Tables as the input of a batch: read as a stream, never as one string or one DataFrame.

A form does `table = inspect(file, name=...)`, shows `table.preview`, and hands `Upload(file, table)` to
`agents.starts.start`. A fault (BadTable and what stands below it in `faults`) is a sentence and carries what
can be offered: WrongEncoding.detected for `encoding=`, NoHeader.columns for `header=False`.
"""

from agents.adapters.tables.encodings import label
from agents.adapters.tables.faults import BadColumns, BadTable, NoHeader, RaggedRows, TooLarge, WrongEncoding
from agents.adapters.tables.given import given_rows, inspect_given
from agents.adapters.tables.headers import check_names
from agents.adapters.tables.inspecting import inspect, rows
from agents.adapters.tables.prompts import check_prompt, fill, missing_columns, named_columns
from agents.adapters.tables.table import Limits, Table, Upload

__all__ = [
    "BadColumns",
    "BadTable",
    "Limits",
    "NoHeader",
    "RaggedRows",
    "Table",
    "TooLarge",
    "Upload",
    "WrongEncoding",
    "check_names",
    "check_prompt",
    "fill",
    "given_rows",
    "inspect",
    "inspect_given",
    "label",
    "missing_columns",
    "named_columns",
    "rows",
]
