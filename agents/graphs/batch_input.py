"""What starts a batch: rows, or a CSV file, and what is to be done with them. The rows go to a lot before anything runs."""

from __future__ import annotations

import os
import stat
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator
from sqlalchemy import Engine

from agents import lots
from agents.adapters.tables import (
    NoHeader,
    Upload,
    WrongEncoding,
    check_prompt,
    given_rows,
    inspect,
    inspect_given,
    named_columns,
    rows,
)
from agents.clock import Clock
from agents.database import reading
from agents.domain import JSON
from agents.errors import InvalidInput, OutsideWorkspace
from agents.graphs.batch_tickets import DEFAULT_CATEGORIES
from agents.lots import Lot
from agents.wording import some

Say = Callable[[str], None]

EVERY_MAX = 10_000
SAMPLES_MAX = 10
NAME_MAX = 200
PROMPT_MAX = 20_000
TITLE_MAX = 80
LIST_MAX = 50
SAID_EVERY = 10_000


class BatchInput(BaseModel):
    """The input of `batch_sampling`. Either items or lot_id says which rows."""

    model_config = ConfigDict(extra="forbid")

    items: str | list[dict[str, Any]] | None = Field(
        None, title="Items", description="The path of a CSV file, or the rows as a list of objects."
    )
    lot_id: str | None = Field(
        None,
        title="Lot",
        description="Rows that were read in before, instead of items.",
        validate_default=True,
    )
    every: int = Field(
        10, title="A sample every", description=f"After how many items a person looks, 1 to {EVERY_MAX:,}."
    )
    samples: int = Field(
        1, title="Samples per review", description=f"How many of these items are shown, 1 to {SAMPLES_MAX}."
    )
    task: Literal["classify", "prompt"] = Field(
        "classify", title="Task", description="Put each item into a category, or do what a prompt says."
    )
    categories: list[str] = Field(
        default=DEFAULT_CATEGORIES, title="Categories", description="For classify: what an item can be."
    )
    prompt: str = Field(
        "",
        title="Prompt",
        description="For prompt: what to do with an item; {column} stands for its cell.",
        validate_default=True,
    )
    columns: list[str] = Field(
        default_factory=list, title="Columns", description="Those that the model sees; all, if none are named."
    )
    fields: list[str] = Field(
        default_factory=list,
        title="Fields",
        description="For prompt: the fields of an answer; one called answer, if none are named.",
        validate_default=True,
    )
    name: str | None = Field(
        None, title="Name", description="What the batch is called; the file's name, if it is not said."
    )
    encoding: str | None = Field(None, title="Encoding", description="Of a file that is not UTF-8, such as cp1252.")
    header: bool | None = Field(
        None,
        title="Header",
        description="Whether the file's first line holds the names of columns; judged, if it is not said.",
    )

    @field_validator("items", mode="before")
    @classmethod
    def _items(cls, value: JSON) -> JSON:
        if isinstance(value, str):
            return value.strip() or None
        if value is None or (isinstance(value, list) and all(isinstance(row, dict) for row in value)):
            return value
        raise ValueError('expected the path of a CSV file, or a list of objects such as {"subject": "..."}.')

    @field_validator("lot_id", "name", "encoding", mode="before")
    @classmethod
    def _none_if_blank(cls, value: JSON) -> JSON:
        return (value.strip() or None) if isinstance(value, str) else value

    @field_validator("lot_id")
    @classmethod
    def _one_of_both(cls, value: str | None, info: ValidationInfo) -> str | None:
        if "items" not in info.data:
            return value  # items has a sentence of its own
        items = info.data["items"]
        if value is None and items is None:
            raise ValueError("No rows. Give items: the path of a CSV file, or a list of objects.")
        if value is not None and items is not None:
            raise ValueError("Give items or lot_id, not both.")
        return value

    @field_validator("every", "samples")
    @classmethod
    def _within(cls, value: int, info: ValidationInfo) -> int:
        most = EVERY_MAX if info.field_name == "every" else SAMPLES_MAX
        if not 1 <= value <= most:
            raise ValueError(f"Expected a number from 1 to {most:,}.")
        if value > info.data.get("every", value):
            raise ValueError(f"{value} samples cannot come of {info.data['every']} items. Give at most that many.")
        return value

    @field_validator("categories", "columns", "fields", mode="before")
    @classmethod
    def _lines(cls, value: JSON) -> JSON:
        """A form sends one per line."""
        value = value.splitlines() if isinstance(value, str) else value
        if isinstance(value, list):
            value = [" ".join(each.split()) if isinstance(each, str) else each for each in value]
            return [each for each in value if each != ""]
        return value

    @field_validator("categories", "columns", "fields")
    @classmethod
    def _once(cls, value: list[str], info: ValidationInfo) -> list[str]:
        twice = [each for place, each in enumerate(value) if each in value[:place]]
        if twice:
            raise ValueError(f"“{twice[0]}” is named twice.")
        if info.field_name != "columns" and len(value) > LIST_MAX:
            raise ValueError(f"At most {LIST_MAX} are taken.")
        long = [each for each in value if len(each) > NAME_MAX]
        if long:
            raise ValueError(f"“{long[0][:40]}…” is longer than {NAME_MAX} characters.")
        return value

    @field_validator("categories")
    @classmethod
    def _a_choice(cls, value: list[str], info: ValidationInfo) -> list[str]:
        if info.data.get("task") == "classify" and len(value) < 2:
            raise ValueError("Name at least two, so that there is something to choose from.")
        return value

    @field_validator("prompt")
    @classmethod
    def _a_prompt(cls, value: str, info: ValidationInfo) -> str:
        if len(value) > PROMPT_MAX:
            raise ValueError(f"Longer than {PROMPT_MAX:,} characters. Shorten it.")
        if info.data.get("task") == "prompt" and not value.strip():
            raise ValueError("Say what to do with each item, such as: Summarise {body} in one line.")
        if info.data.get("task") == "classify" and value.strip():
            raise ValueError('Only the task "prompt" takes one. Set task to prompt, or leave it out.')
        return value

    @field_validator("fields")
    @classmethod
    def _field_names(cls, value: list[str], info: ValidationInfo) -> list[str]:
        if info.data.get("task") == "prompt":
            return value or ["answer"]
        if value:
            raise ValueError('Only the task "prompt" takes them: classify gives category, priority and reason.')
        return value


def check_input(given: Mapping[str, Any]) -> BatchInput:
    """The input in a state or a dict; None stands for a field that is left out.

    Raises InvalidInput with the field at fault.
    """
    wanted = {name: given[name] for name in BatchInput.model_fields if given.get(name) is not None}
    try:
        return BatchInput.model_validate(wanted)
    except ValidationError as error:
        said = (f"{each['loc'][0]}: {str(each['msg']).removeprefix('Value error, ')}" for each in error.errors())
        raise InvalidInput("; ".join(said)) from None


def title_of(values: Mapping[str, JSON]) -> str:
    """A thread's title, from its input: what is done, and with what."""
    items = values.get("items")
    name = values.get("name") or (Path(items).name if isinstance(items, str) else "")
    if values.get("task") == "prompt":
        line = " ".join(str(values.get("prompt") or "").split())
        on = f" ({name})" if name else ""
        room = TITLE_MAX - len(on)
        return (line if len(line) <= room else line[: room - 1].rstrip() + "…") + on
    return f"Classify {name or 'a batch'}"


def take_in(
    engine: Engine,
    wanted: BatchInput,
    *,
    clock: Clock,
    upload: Upload | None = None,
    say: Say | None = None,
    progress: Callable[[int], None] | None = None,
    files: Path | None = None,
) -> Lot:
    """The lot to work on: the one that the input names, else a new one with the rows of its items.

    A path is relative to the working folder. upload: the rows come from there instead. say: told a line every
    10,000 rows; progress: told the rows so far. Nothing is kept of a lot that was not read in to the end.
    files: the only folder in which a path may lead, and then it is relative to that one.
    Raises InvalidInput with the field at fault.
    """
    if wanted.lot_id is not None and upload is None:
        with reading(engine) as connection:
            known = lots.find(connection, wanted.lot_id)
        _check_columns(wanted, known.columns)
        return known
    with _source(wanted, upload, files) as (name, columns, source):
        _check_columns(wanted, columns)
        return lots.load(engine, uuid.uuid4().hex, name, columns, source, clock=clock, progress=_told(say, progress))


@contextmanager
def _source(
    wanted: BatchInput, upload: Upload | None, files: Path | None
) -> Iterator[tuple[str, Sequence[str], Iterator[Sequence[str]]]]:
    """(name, columns, rows) of what the input names."""
    if upload is not None:
        table = upload.table
        yield wanted.name or table.name, table.columns, rows(upload.file, table)
    elif isinstance(wanted.items, str):
        with _opened(wanted.items if files is None else _inside(wanted.items, files)) as file:
            name = Path(wanted.items).name
            with _said_of("items"):
                table = inspect(file, name=name, encoding=wanted.encoding, header=wanted.header)
            yield wanted.name or name, table.columns, rows(file, table)
    else:
        given = wanted.items or []
        found = inspect_given(given, name="items")
        yield wanted.name or f"{found.rows:,} rows", found.columns, given_rows(given)


@contextmanager
def _said_of(field: str) -> Iterator[None]:
    try:
        yield
    except InvalidInput as error:
        text = str(error) if str(error).startswith("encoding: ") else f"{field}: {error}"
        if isinstance(error, NoHeader):
            text += " The input's header says which: false or true."
        if isinstance(error, WrongEncoding) and error.detected:
            text += f' The input takes "encoding": "{error.detected}".'
        raise InvalidInput(text) from error


def _inside(path: str, files: Path) -> str:
    """Where it leads, links followed. What lies outside is refused before anything is known of it."""
    try:
        root = files.resolve()
        found = (root / path).resolve()
    except (OSError, ValueError, RuntimeError) as error:
        raise InvalidInput(f"items: cannot read {path}: {getattr(error, 'strerror', None) or error}.") from None
    if not found.is_relative_to(root):
        raise OutsideWorkspace(f"items: {path} is outside the workspace. Put the file there, or send the rows.")
    return str(found)


@contextmanager
def _opened(path: str) -> Iterator[BinaryIO]:
    """A regular file, opened without waiting: a pipe would block whoever starts the batch."""
    try:
        number = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        where = "" if os.path.isabs(path) else f" (looked for in {Path.cwd()})"
        raise InvalidInput(f"items: cannot read {path}{where}: {reason}.") from None
    if not stat.S_ISREG(os.fstat(number).st_mode):
        os.close(number)
        raise InvalidInput(f"items: {path} is not a file. Give the path of a CSV file.")
    with os.fdopen(number, "rb") as file:
        yield file


def _check_columns(wanted: BatchInput, columns: Sequence[str]) -> None:
    missing = [f"“{name}”" for name in wanted.columns if name not in columns]
    if missing:
        there = some([f"“{name}”" for name in columns], 20)
        raise InvalidInput(f"columns: {some(missing)} not there. Columns: {there}.")
    if wanted.task != "prompt":
        return
    with _said_of("prompt"):
        check_prompt(wanted.prompt, columns)
    if not named_columns(wanted.prompt):
        raise InvalidInput("prompt: it names no column, so every item would get the same answer. Name one: {column}.")


def _told(say: Say | None, progress: Callable[[int], None] | None) -> Callable[[int], None]:
    def tell(count: int) -> None:
        if progress is not None:
            progress(count)
        if say is not None and count % SAID_EVERY == 0:
            say(f"{count:,} rows read in")

    return tell
