"""The results of a batch to take away; the file is made when it is clicked."""

from __future__ import annotations

from functools import partial

import streamlit as st

from agents import batches
from agents.audit import Question
from agents.batches import Batch, Format
from agents.domain import Actor
from agents.exporting import record_export
from pages.components.session import the_desk, who

MIMES: dict[Format, str] = {"csv": "text/csv", "json": "application/json"}


def downloads(found: Batch) -> None:
    with st.popover("Download", icon=":material/download:", key="batch-downloads"):
        for form, mime in MIMES.items():
            st.download_button(
                f"All items as {form.upper()}",
                data=partial(_file, found, form, who()),
                file_name=f"{_name(found)}.{form}",
                mime=mime,
                on_click="ignore",
                key=f"download-{form}",
                width="stretch",
            )


def _file(found: Batch, form: Format, person: Actor) -> bytes:
    """Made when it is clicked, by a call that has no session of its own."""
    desk = the_desk()
    record_export(desk, "results", actor=person, about=Question(found.source_id, found.thread_id), format=form)
    return batches.results_file(desk, found.thread_id, found.source_id, form)


def _name(found: Batch) -> str:
    """ "tickets-results"; nothing that a file system or a header could stumble over."""
    plain = "".join(letter if letter.isalnum() and letter.isascii() else "-" for letter in _stem(found))
    return f"{plain.strip('-')[:60] or 'batch'}-results"


def _stem(found: Batch) -> str:
    name = found.rows.lot.name if found.rows is not None else found.title
    return name.rpartition(".")[0] or name
