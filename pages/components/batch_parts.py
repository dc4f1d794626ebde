"""The sections of one batch below its bar: samples, items done again, failed items, instructions."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from agents import batches
from agents.batches import Batch, Head, Instruction, Rows, State
from agents.errors import SignoffError
from agents.people import Act
from agents.wording import count, some
from pages.components.batch_tables import failed_items, judged_items, pages, redone_items
from pages.components.heading import banner, facts, prose, section
from pages.components.session import allowed, the_desk, who

TABLES = ("samples", "redone", "failed")


def page_key(table: str, thread_id: str) -> str:
    """The widget that holds the number of a table's page."""
    return f"batch-{table}-{thread_id}"


def page_numbers(thread_id: str) -> dict[str, int]:
    return {table: int(st.session_state.get(page_key(table, thread_id)) or 1) for table in TABLES}


def samples(rows: Rows, thread_id: str) -> None:
    section(f"Samples that were judged ({rows.samples.total:,})")
    if not rows.samples.total:
        prose("None yet. Each shows here with its verdict and who gave it.", "so-muted")
        return
    judged_items(rows.samples.rows)
    pages(rows.samples.total, page_key("samples", thread_id))


def redone(rows: Rows, thread_id: str) -> None:
    if not rows.redone.total:
        return
    section(f"Done again after a problem was described ({rows.redone.total:,})")
    redone_items(rows.redone.rows)
    pages(rows.redone.total, page_key("redone", thread_id))


def failed(found: Batch, rows: Rows) -> None:
    """The failed items with their errors, and another try for those that no review shows."""
    said = st.session_state.get(f"retried-{found.thread_id}")
    if not rows.failed.total:
        return
    section(f"Failed items ({rows.failed.total:,})")
    again = allowed(Act.REPAIR) and rows.retryable and not found.live and found.state is not State.FAILED
    words = "Try the failed item again" if rows.retryable == 1 else f"Try the {rows.retryable:,} failed items again"
    if again and st.button(words, icon=":material/refresh:", key=f"retry-items-{found.thread_id}"):
        _retry(found)
    if said and found.live:
        banner(said, "blue")
    failed_items(rows.failed.rows)
    pages(rows.failed.total, page_key("failed", found.thread_id))


def _retry(found: Batch) -> None:
    try:
        ordered = batches.retry_failed(the_desk(), found.thread_id, actor=who(), source_id=found.source_id)
    except SignoffError as error:
        banner(str(error), "orange")
        return
    st.session_state[f"retried-{found.thread_id}"] = ordered.text
    st.rerun()


def asked(found: Batch) -> None:
    """What the model is to do with each item, and what reviewers added to it."""
    section("What the model is asked")
    facts(_task(found.head))
    if found.head.instructions:
        section("Instructions in force")
        facts([(_since(each), _words(each)) for each in found.head.instructions])


def _task(head: Head) -> list[tuple[str, str]]:
    options = head.options
    choices = options.get("choices") or {}
    listed = [str(each) for each in choices.get("category", ())] if isinstance(choices, Mapping) else []
    classify = options.get("task") == "classify"
    return [
        ("Task", "Sort each item into a category" if classify else str(options.get("prompt") or "")),
        ("Categories", some(listed, 30)),
        ("Sees", ", ".join(map(str, options.get("columns") or ())) or "all columns"),
        ("Fills in", ", ".join(head.fields)),
        ("Samples", _plan(head)),
    ]


def _plan(head: Head) -> str:
    return f"{count(head.samples, 'item')} of each {head.every:,}" if head.every else ""


def _since(instruction: Instruction) -> str:
    return f"Problem {instruction.generation}"


def _words(instruction: Instruction) -> str:
    if not instruction.output:
        return instruction.text
    given = ", ".join(f"{name}: {text}" for name, text in instruction.output.items())
    return f"{instruction.text}\nwith one corrected item as an example ({given})"
