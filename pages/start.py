"""Start a workflow: a form per graph, or its sample."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from agents import starts
from agents.adapters.model import make_writer
from agents.domain import JSON
from agents.errors import InvalidInput, SignoffError
from agents.people import Act
from agents.registry import GraphInfo
from pages.components.form import input_form
from pages.components.heading import banner, facts, heading
from pages.components.new_batch import new_batch
from pages.components.own_input import own_input
from pages.components.samples import start_sample
from pages.components.session import refused_because, the_desk, who
from pages.components.words import label, words_of

BATCH = "batch_sampling"
ON_FILES = ("plan_approval", "clarification")
WHERE = {**dict.fromkeys(ON_FILES, "Works on"), "email_approval": "Sends to", BATCH: "Results go to"}


def start_page() -> None:
    desk = the_desk()
    heading("Start", facts=["A workflow runs until it has something for you to decide"])
    refusal = refused_because(Act.START)
    if refusal:
        banner(f"You may look, not start workflows. {refusal}", "blue")
        return
    graphs = [graph for graph in desk.registry.graphs() if not graph.hidden]
    graph = _choose(graphs)
    if graph is None:
        banner("No graph is known here. Name yours in a langgraph.json and start Signoff beside it.", "orange")
        return
    if graph.error:
        banner(graph.error, "red")
        if st.button("Try loading it again", icon=":material/refresh:", key=f"load-{graph.graph_id}"):
            desk.registry.try_again(graph.graph_id)
            st.rerun()
        return
    refusal = refused_because(Act.START, graph_id=graph.graph_id)
    if refusal:
        banner(refusal, "blue")
        return
    with st.container(border=True, width=760, key="start-card"):
        if graph.built_in and graph.graph_id == BATCH:
            new_batch(graph, "new-batch")
        elif graph.built_in:
            _form(graph)
        else:
            _own(graph)
    if graph.built_in:
        facts(
            [
                (WHERE.get(graph.graph_id, ""), _where(graph)),
                ("Done by" if graph.graph_id == BATCH else "Written by", make_writer(desk.settings).label),
            ]
        )


def _where(graph: GraphInfo) -> str:
    settings = the_desk().settings
    if graph.graph_id in ON_FILES:
        return f"{settings.workspace_path}, and nothing outside it"
    if graph.graph_id == "email_approval":
        return "your mail server" if settings.smtp_url else f"a file in {settings.outbox_path}"
    if graph.graph_id == BATCH:
        return "Signoff's own database; you can download them as CSV or JSON"
    return ""


def _choose(graphs: Sequence[GraphInfo]) -> GraphInfo | None:
    by_id = {graph.graph_id: graph for graph in graphs}
    if not by_id:
        return None
    asked = st.query_params.get("graph")
    ids = list(by_id)
    start = asked if asked in by_id else ids[0]

    def words(graph_id: str) -> str:
        return label(by_id[graph_id].title)

    if len(ids) <= 4:
        chosen = st.segmented_control(
            "Workflow", ids, default=start, format_func=words, key=f"start-graph-{start}", required=True
        )
    else:
        chosen = st.selectbox(
            "Workflow", ids, index=ids.index(start), format_func=words, key=f"start-graph-{start}", width=420
        )
    return by_id.get(chosen or ids[0])


def _form(graph: GraphInfo) -> None:
    wrong = ""
    values: Mapping[str, JSON] = {}
    try:
        values = input_form(graph.input_schema, sample=graph.sample, key=f"input-{graph.graph_id}")
    except ValueError as error:
        wrong = str(error)
    with st.container(horizontal=True):
        started = st.button("Start", type="primary", icon=":material/play_arrow:", key=f"start-{graph.graph_id}")
        sampled = graph.sample is not None and st.button("Try it on sample data", key=f"try-{graph.graph_id}")
    if sampled:
        start_sample(graph.graph_id)
    if started and not wrong:
        _start(graph, dict(values))
    elif wrong and started:
        banner(wrong, "red")


def _own(graph: GraphInfo) -> None:
    given = own_input(graph, f"own-{graph.graph_id}")
    if not st.button("Start", type="primary", icon=":material/play_arrow:", key=f"start-{graph.graph_id}"):
        return
    if given.problem:
        banner(given.problem, "red")
        return
    _start(graph, given.value)


def _start(graph: GraphInfo, values: JSON) -> None:
    try:
        thread_id = starts.start(the_desk(), graph.graph_id, values, actor=who())
    except InvalidInput as error:
        for line in str(error).split("; "):
            banner(_in_words(line), "red")
        return
    except SignoffError as error:
        banner(str(error), "red")
        return
    st.switch_page("review.py", query_params={"thread": thread_id})


def _in_words(line: str) -> str:
    """ "recipient: field required" -> "Recipient: field required"."""
    name, colon, reason = line.partition(": ")
    return f"{words_of(name)}: {reason}" if colon and name.isidentifier() else line


start_page()
