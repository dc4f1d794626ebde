"""Starting a batch: its rows, what is done with each, how often a person looks, a try on the first row, what it costs."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import streamlit as st

from agents import starts
from agents.adapters import tables
from agents.adapters.model import make_writer
from agents.adapters.tables import BadTable, Upload
from agents.domain import JSON
from agents.errors import SignoffError
from agents.graphs.batch_trying import try_row
from agents.registry import GraphInfo
from pages.components.heading import banner, section
from pages.components.new_batch_table import Reading, forget, look_through, show_table, uploaded_table
from pages.components.new_batch_task import plan_fields, task_fields
from pages.components.sample_item import show_texts
from pages.components.session import the_desk, who

OWN, SAMPLE = "upload", "sample"
SOURCES = {OWN: "Upload a CSV", SAMPLE: "Use the sample tickets"}


def new_batch(graph: GraphInfo, key: str) -> None:
    """Draw the form; Start reads the rows in and goes to the batch's page."""
    with ExitStack() as open_files:
        source = st.segmented_control(
            "Rows", list(SOURCES), default=OWN, format_func=SOURCES.__getitem__, key=f"{key}-source", required=True
        )
        upload = _sample(graph, key, open_files) if source == SAMPLE else uploaded_table(key)
        if upload is None:
            return
        columns = upload.table.columns
        task = task_fields(columns, _categories(graph), key)
        plan = plan_fields(upload.table.rows, key)
        given = {**task.given, **plan.given}
        problems = [*task.problems, *plan.problems]
        with st.container(horizontal=True):
            start = st.button("Start the batch", type="primary", icon=":material/play_arrow:", key=f"{key}-start")
            tried = st.button("Try it on the first row", icon=":material/science:", key=f"{key}-try")
        if (start or tried) and problems:
            banner(problems[0], "red")
        elif tried:
            _try(graph, given, upload, key)
        _show_tried(given, upload, key)
        if start and not problems:
            _start(graph, given, upload)


def _categories(graph: GraphInfo) -> list[str]:
    """What the form begins with: the default of the graph's input."""
    field: Mapping[str, Any] = (graph.input_schema or {}).get("properties", {}).get("categories", {})
    return [str(each) for each in field.get("default") or ()]


def _sample(graph: GraphInfo, key: str, open_files: ExitStack) -> Upload | None:
    name = f"{key}-sample"
    if name not in st.session_state:
        st.session_state[name] = str(the_desk().registry.prepare_sample(graph.graph_id)["items"])
    path = Path(st.session_state[name])
    file = open_files.enter_context(path.open("rb"))
    found = look_through(file, path.name, Reading(), name)
    if isinstance(found, BadTable):
        banner(str(found), "red")
        return None
    show_table(found)
    return Upload(file, found)


def _try(graph: GraphInfo, given: Mapping[str, JSON], upload: Upload, key: str) -> None:
    desk = the_desk()
    row = dict(zip(upload.table.columns, next(tables.rows(upload.file, upload.table)), strict=True))
    said: tuple[str, Any]
    with st.spinner("Asking the model about the first row"):
        try:
            wanted = desk.registry.check_input(graph.graph_id, {**given, "items": [row]})
            said = ("", try_row(make_writer(desk.settings), wanted, row).output)
        except SignoffError as error:
            said = (str(error), {})
    st.session_state[f"{key}-tried"] = (_about(given, upload), row, *said)


def _show_tried(given: Mapping[str, JSON], upload: Upload, key: str) -> None:
    """The first row and what became of it, for as long as the form asks for the same."""
    about, row, problem, output = st.session_state.get(f"{key}-tried") or (None, {}, "", {})
    if about != _about(given, upload):
        return
    with st.container(border=True, key=f"{key}-tried-on"):
        left, right = st.columns(2, gap="medium")
        with left:
            section("First row")
            shown = given.get("columns") or list(row)
            show_texts(tuple((name, row[name]) for name in shown if name in row), f"{key}-row")
        with right:
            section("Output")
            if problem:
                banner(problem, "red")
            show_texts(tuple(output.items()), f"{key}-output")


def _about(given: Mapping[str, JSON], upload: Upload) -> tuple[str, Any]:
    task = {name: value for name, value in given.items() if name not in ("every", "samples")}
    return str(task), upload.table


def _start(graph: GraphInfo, given: Mapping[str, JSON], upload: Upload) -> None:
    total = upload.table.rows
    bar = st.progress(0.0, "Reading the rows in")

    def progress(done: int) -> None:
        bar.progress(min(1.0, done / total), f"Read in {done:,} of {total:,} rows")

    try:
        thread_id = starts.start(the_desk(), graph.graph_id, dict(given), actor=who(), upload=upload, progress=progress)
    except SignoffError as error:
        bar.empty()
        for line in str(error).split("; "):
            banner(line, "red")
        return
    forget(upload.file)
    st.switch_page("batches.py", query_params={"thread": thread_id})
