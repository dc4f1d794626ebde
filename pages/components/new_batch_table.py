"""The rows of a new batch: a file that is uploaded or the sample tickets, looked through, with a way on where it will not do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, BinaryIO

import streamlit as st
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFile

from agents.adapters import tables
from agents.adapters.tables import BadColumns, BadTable, Limits, NoHeader, Table, Upload, WrongEncoding
from agents.adapters.tables.headers import check_names
from agents.wording import count, size
from pages.components.heading import banner, prose
from pages.components.new_batch_task import names_in
from pages.components.words import escaped

CELL_SHOWN = 90
MEGABYTES = Limits().bytes // 2**20
BIG = 2_000_000
"""A file of more bytes gets a bar while it is looked through."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How a file is to be read, as far as a person said so."""

    encoding: str | None = None
    header: bool | None = None


def uploaded_table(key: str) -> Upload | None:
    """Draw the upload and what was found in it; None while there is nothing to go on with."""
    file = st.file_uploader(
        f"A CSV file: a line of column names, then a row per item. Up to {MEGABYTES} MB and {Limits().rows:,} rows.",
        type=["csv", "tsv", "txt"],
        key=f"{key}-file",
    )
    if file is None:
        return None
    asked = f"{key}-reading-{file.file_id}"
    found = look_through(file, file.name, st.session_state.get(asked, Reading()), f"{key}-{file.file_id}")
    if isinstance(found, BadTable):
        _ways_on(found, file, file.name, asked)
        return None
    table = found if found.header else _named(found, f"{key}-names-{file.file_id}")
    show_table(table)
    return Upload(file, table) if table is not None else None


def forget(file: BinaryIO) -> None:
    """Give an upload's memory back: Streamlit keeps it for as long as the session may come back, which is hours."""
    context = get_script_run_ctx()
    if context is None or not isinstance(file, UploadedFile):
        return
    if isinstance(context.uploaded_file_mgr, MemoryUploadedFileManager):
        context.uploaded_file_mgr.remove_file(context.session_id, file.file_id)


def look_through(file: BinaryIO, name: str, how: Reading, key: str) -> Table | BadTable:
    """What is in a file, or what is wrong with it; kept for as long as the page asks for the same."""
    kept = f"{key}-found"
    before = st.session_state.get(kept)
    if before is None or before[0] != how:
        before = st.session_state[kept] = (how, _inspect(file, name, how))
    found: Table | BadTable = before[1]
    return found


def _inspect(file: BinaryIO, name: str, how: Reading) -> Table | BadTable:
    bytes_ = file.seek(0, 2)
    bar = st.progress(0.0, f"Reading {size(bytes_)}") if bytes_ > BIG else None

    def progress(done: int) -> None:
        if bar is not None:
            bar.progress(min(1.0, done / bytes_), f"Reading {size(bytes_)}")

    try:
        return tables.inspect(file, name=name, encoding=how.encoding, header=how.header, progress=progress)
    except BadTable as fault:
        fault.__traceback__ = None  # it would keep the frames, and with them the file, for as long as it is shown
        return fault
    finally:
        if bar is not None:
            bar.empty()


def _ways_on(fault: BadTable, file: BinaryIO, name: str, asked: str) -> None:
    """The sentence, and where there is one, the way to read the file all the same."""
    banner(str(fault), "orange", title="This file cannot be used as it is.")
    how: Reading = st.session_state.get(asked, Reading())
    chosen: Reading | None = None
    if isinstance(fault, WrongEncoding) and fault.detected:
        chosen = _offer_encoding(fault.detected, file, name, how, asked)
    elif isinstance(fault, NoHeader):
        preview(fault.columns, [fault.first])
        with st.container(horizontal=True):
            if st.button("All lines are rows: let me name the columns", key=f"rows-{asked}", type="primary"):
                chosen = replace(how, header=False)
            if st.button("The first line holds the names", key=f"names-{asked}"):
                chosen = replace(how, header=True)
    if chosen is not None:
        st.session_state[asked] = chosen
        st.rerun()


def _offer_encoding(detected: str, file: BinaryIO, name: str, how: Reading, asked: str) -> Reading | None:
    prose(f"Read as {tables.label(detected)}, it begins like this:", "so-muted")
    shown = Reading(detected, True if how.header is None else how.header)
    found = look_through(file, name, shown, f"{asked}-offered")
    if isinstance(found, Table):
        preview(found.columns, found.preview)
    short = tables.label(detected).split(" (")[0]
    wanted = st.button(f"Read it as {short}", key=f"encoding-{detected}-{asked}", type="primary")
    return replace(how, encoding=detected) if wanted else None


def _named(table: Table, key: str) -> Table | None:
    """The table with the names that a person gives its columns."""
    text = st.text_input("Names of the columns, separated by commas", value=", ".join(table.columns), key=key)
    names = names_in(text or "")
    if len(names) != len(table.columns):
        banner(
            f"The rows have {count(len(table.columns), 'cell')}, and these are {count(len(names), 'different name')}.",
            "orange",
        )
        return None
    try:
        check_names(names, "The names")
    except BadColumns as error:
        banner(str(error), "orange")
        return None
    return replace(table, columns=tuple(names))


def show_table(table: Table | None) -> None:
    """What was found: how many rows, and the first of them."""
    if table is None:
        return
    read = f", read as {tables.label(table.encoding)}" if table.encoding != "utf-8" else ""
    prose(f"{count(table.rows, 'row')}, {count(len(table.columns), 'column')}{read}. It begins like this:", "so-muted")
    preview(table.columns, table.preview)


def preview(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """The first rows as text; wide ones can be scrolled."""
    head = "".join(f"<th>{escaped(_cut(name))}</th>" for name in columns)
    body = "".join(f"<tr>{''.join(f'<td>{escaped(_cut(cell))}</td>' for cell in row)}</tr>" for row in rows)
    st.html(
        '<div class="so-preview" tabindex="0" role="region" aria-label="The first rows">'
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _cut(text: Any) -> str:
    flat = " ".join(str(text).split())
    return flat if len(flat) <= CELL_SHOWN else f"{flat[: CELL_SHOWN - 1]}…"
