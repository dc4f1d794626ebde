"""One step of a plan: its sentence, its files with boxes, and its fields for those who want another step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import streamlit as st

from agents.domain import JSON
from agents.payloads.plan import PlanFile, PlanStep
from agents.payloads.plan_steps import FIELDS
from agents.wording import count, size
from pages.components.draft import first
from pages.components.files import FileLine, file_list
from pages.components.heading import bullets, prose
from pages.components.words import age

PER_PAGE = 300
LABELS = {
    "pattern": "Which files (pattern, ** for all folders)",
    "older_than_days": "Older than (days)",
    "newer_than_days": "Newer than (days)",
    "larger_than_bytes": "Larger than (bytes)",
    "smaller_than_bytes": "Smaller than (bytes)",
    "destination": "Where to",
    "path": "File to write",
    "content": "Text of the file",
}


@dataclass(frozen=True, slots=True)
class StepEdit:
    """A step as edited. step: for the `args` of an edit, None when it is left out. draft: what to keep of it."""

    number: int
    step: Mapping[str, JSON] | None
    changed: bool
    draft: Mapping[str, JSON]


def says_none(note: str) -> bool:
    """Is it the note of a step without files? The step's own sentence ends with that already."""
    return note.endswith("No file matches.")


def draw_step(step: PlanStep, kept: Mapping[str, JSON], key: str, now: datetime) -> StepEdit:
    """Draw the step; what a person made of it. kept: its draft as it was loaded."""
    prose(f"{step.number}. {step.sentence}", "so-strong")
    if step.why:
        prose(step.why, "so-muted")
    notes = [note for note in step.notes if not says_none(note)]
    if notes:
        bullets(notes, "so-warn")
    with st.container(horizontal=True, vertical_alignment="center"):
        wanted = st.checkbox("Do this step", value=first(f"do-{key}", not kept.get("left_out")), key=f"do-{key}")
        summary = st.container(width="content")
    excluded = _files(step, kept, key, now, editable=wanted)
    with summary:
        prose(_summary(step.files, excluded) if wanted else "Left out", "so-muted", width="content")
    with st.expander("Change this step", type="compact"):
        fields = _fields(step, kept, key)
    left_out = bool(step.files) and len(excluded) == len(step.files)
    before = {name: value for name, value in step.fields().items() if name not in ("exclude", "op", "why")}
    draft: dict[str, JSON] = {}
    if not wanted:
        draft["left_out"] = True
    if excluded:
        draft["excluded"] = sorted(excluded)
    if fields != before:
        draft["fields"] = fields
    exclude = sorted({*step.exclude, *excluded})
    edited = {"op": step.op, "why": step.why, **fields, "exclude": exclude}
    dropped = not wanted or (left_out and fields == before)
    return StepEdit(step.number, None if dropped else edited, bool(draft), draft)


def _files(step: PlanStep, kept: Mapping[str, JSON], key: str, now: datetime, *, editable: bool) -> frozenset[str]:
    """The files, a page at a time; the paths that are left out on all pages together."""
    files = step.files
    if not files:
        return frozenset()
    name = f"out-{key}"
    out = frozenset(st.session_state.setdefault(name, frozenset(str(each) for each in kept.get("excluded") or ())))
    shown, page = files, 1
    if len(files) > PER_PAGE:
        page = st.pagination(-(-len(files) // PER_PAGE), key=f"page-{key}")
        shown = files[(page - 1) * PER_PAGE : page * PER_PAGE]
    lines = [_line(file, now) for file in shown]
    unticked = file_list(lines, excluded=out, editable=editable, key=f"files-{page}-{key}")
    here = {file.path for file in shown}
    now_out = frozenset(path for path in out if path not in here) | unticked
    st.session_state[name] = now_out
    return now_out


def draw_files(step: PlanStep, key: str, now: datetime) -> None:
    """The step's files to read only, a page at a time."""
    shown = step.files
    if len(shown) > PER_PAGE:
        page = st.pagination(-(-len(shown) // PER_PAGE), key=f"page-{key}")
        shown = shown[(page - 1) * PER_PAGE : page * PER_PAGE]
    if shown:
        file_list([_line(file, now) for file in shown], excluded=(), editable=False, key=f"files-{key}")


def _summary(files: tuple[PlanFile, ...], out: frozenset[str]) -> str:
    if not files:
        return ""
    left = [file for file in files if file.path not in out]
    total = f"{count(len(left), 'file')}, {size(sum(file.size for file in left))}"
    return total if len(left) == len(files) else f"{total} of {count(len(files), 'file')}"


def _line(file: PlanFile, now: datetime) -> FileLine:
    changed = age(datetime.fromtimestamp(file.mtime_ns / 1e9, UTC), now) if file.mtime_ns is not None else "new"
    replaced = f" (replaces {size(file.replaces)})" if file.replaces is not None else ""
    return FileLine(file.path, f"{file.to or ''}{replaced}", size(file.size), changed)


def _fields(step: PlanStep, kept: Mapping[str, JSON], key: str) -> dict[str, JSON]:
    drafted = kept.get("fields")
    start = {**step.fields(), **(drafted if isinstance(drafted, dict) else {})}
    values: dict[str, JSON] = {}
    for name in FIELDS.get(step.op, ()):
        value = _field(name, start.get(name), f"{name}-{key}")
        if value is not None and value != "":
            values[name] = value
    return values


def _field(name: str, start: JSON, key: str) -> JSON:
    if name.endswith("days"):
        begin = first(key, None if start is None else float(start))
        return st.number_input(LABELS[name], value=begin, min_value=0.0, step=1.0, key=key, width=220)
    if name.endswith("bytes"):
        return st.number_input(LABELS[name], value=first(key, start), min_value=0, step=1, key=key, width=220)
    begin = first(key, str(start or ""))
    if name == "content":
        return st.text_area(LABELS[name], value=begin, key=key, height=160)
    return st.text_input(LABELS[name], value=begin, key=key)
