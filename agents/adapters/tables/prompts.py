"""A prompt that names columns: "Summarise {subject} in one line". "{{" and "}}" stand for the braces themselves."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from agents.errors import InvalidInput
from agents.wording import some

_PART = re.compile(r"\{\{|\}\}|\{([^{}]*)\}")
_BRACES = {"{{": "{", "}}": "}"}
COLUMNS_SHOWN = 20


def named_columns(prompt: str) -> tuple[str, ...]:
    """The columns that a prompt names, each once, in order; "" for an empty pair of braces."""
    found = (match[1] for match in _PART.finditer(prompt) if match[1] is not None)
    return tuple(dict.fromkeys(map(_name, found)))


def missing_columns(prompt: str, columns: Iterable[str]) -> tuple[str, ...]:
    """The columns that a prompt names and a table lacks, in order."""
    known = set(columns)
    return tuple(name for name in named_columns(prompt) if name not in known)


def check_prompt(prompt: str, columns: Iterable[str]) -> None:
    """Raises InvalidInput that names each column which is not there, and lists those that are."""
    columns = tuple(columns)
    missing = missing_columns(prompt, columns)
    if not missing:
        return
    named = " and ".join(f"{{{name}}}" for name in missing)
    noun = "a column that is" if len(missing) == 1 else "columns that are"
    there = some([f"{{{name}}}" for name in columns], COLUMNS_SHOWN)
    raise InvalidInput(
        f"The prompt names {noun} not there: {named}. "
        f"Columns: {there}. Correct the name, or write {{{{ and }}}} where braces are meant."
    )


def fill(prompt: str, data: Mapping[str, str]) -> str:
    """The prompt for one row; what a cell holds is never read as a placeholder again.

    Raises InvalidInput as `check_prompt` does.
    """
    check_prompt(prompt, data)
    return _PART.sub(lambda match: _BRACES.get(match[0]) or data[_name(match[1])], prompt)


def _name(text: str) -> str:
    """As columns are named: no space around, one space between words."""
    return " ".join(text.split())
