"""Tables as the input of a batch: read as a stream, never as one string or one DataFrame."""

from agents.adapters.tables.prompts import check_prompt, fill, missing_columns, named_columns

__all__ = ["check_prompt", "fill", "missing_columns", "named_columns"]
