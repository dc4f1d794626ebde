"""What a new batch is to do with each row: sort it into categories, or a prompt of one's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import streamlit as st

from agents.adapters.tables import missing_columns, named_columns
from agents.domain import JSON
from agents.wording import count, some
from pages.components.heading import banner, prose

CLASSIFY, PROMPT = "classify", "prompt"
TASKS = {CLASSIFY: "Sort into categories", PROMPT: "A prompt of your own"}
EXAMPLE = "For example: Summarise {%s} in one sentence."
OFFERED = 30


@dataclass(frozen=True, slots=True)
class Wanted:
    """The form as it stands. given: the fields of the graph's input that it fills. problems: why it cannot start."""

    given: Mapping[str, JSON]
    problems: tuple[str, ...] = field(default=())


def task_fields(columns: Sequence[str], categories: Sequence[str], key: str) -> Wanted:
    """Draw the task's fields for a table with these columns. categories: those to begin with."""
    task = st.segmented_control(
        "What to do with each row",
        list(TASKS),
        default=CLASSIFY,
        format_func=TASKS.__getitem__,
        key=f"{key}-task",
        required=True,
        persist_state="session",
    )
    return _prompt(columns, key) if task == PROMPT else _classify(columns, categories, key)


def plan_fields(size: int, key: str) -> Wanted:
    """How often a person looks, and what the batch costs."""
    with st.container(horizontal=True):
        every = st.number_input(
            "Items per review", 1, 10_000, value=20, key=f"{key}-every", persist_state="session", width=200
        )
        samples = st.number_input(
            "Samples per review", 1, 10, value=1, key=f"{key}-samples", persist_state="session", width=200
        )
    prose(cost_words(size, int(every), min(int(samples), int(every))), "so-strong")
    problems = (
        (f"{samples} samples cannot come of {count(int(every), 'item')}. Ask for fewer samples.",)
        if samples > every
        else ()
    )
    return Wanted({"every": int(every), "samples": int(samples)}, problems)


def cost_words(size: int, every: int, samples: int) -> str:
    """ "200 items: 200 model calls, and 10 reviews with 1 sample each." A redo comes on top."""
    reviews = -(-size // every)
    shown = f"{count(reviews, 'review')} with {count(samples, 'sample')}{' each' if reviews > 1 else ''}"
    return f"{count(size, 'item')}: {count(size, 'model call')}, and {shown}."


def _classify(columns: Sequence[str], categories: Sequence[str], key: str) -> Wanted:
    text = st.text_input(
        "Categories, separated by commas",
        value=", ".join(categories),
        key=f"{key}-categories",
        persist_state="session",
    )
    found = names_in(text or "")
    seen = _columns(columns, key)
    problem = "Name at least two categories." if len(found) < 2 else ""
    if problem:
        banner(problem, "orange")
    prose("Each row also gets a priority (low, normal, high) and a reason.", "so-muted")
    return Wanted({"task": CLASSIFY, "categories": found, "columns": seen}, (problem,) if problem else ())


def _prompt(columns: Sequence[str], key: str) -> Wanted:
    text = (
        st.text_area(
            "Your prompt",
            key=f"{key}-prompt",
            height=110,
            placeholder=EXAMPLE % (columns[-1] if columns else "column"),
            persist_state="session",
        )
        or ""
    )
    prose(f"Columns that it can name: {some([f'{{{name}}}' for name in columns], OFFERED)}", "so-muted")
    problem = prompt_problem(text, columns)
    if problem and text.strip():
        banner(problem, "orange")
    names = st.text_input(
        "Names of the answer's fields, separated by commas",
        value="answer",
        key=f"{key}-fields",
        persist_state="session",
    )
    fields = names_in(names or "") or ["answer"]
    used = [name for name in named_columns(text) if name in columns]
    given = {"task": PROMPT, "prompt": text, "fields": fields, "columns": used}
    return Wanted(given, (problem,) if problem else ())


def prompt_problem(text: str, columns: Sequence[str]) -> str:
    """Why a prompt will not do, "" when it will."""
    if not text.strip():
        return "Write the prompt: it is what the model gets for each row."
    missing = missing_columns(text, columns)
    if missing:
        names = " and ".join(f"{{{name}}}" for name in missing)
        verb = "no such column is" if len(missing) == 1 else "no such columns are"
        return f"The prompt names {names}, but {verb} in the file. It has {some(list(columns), OFFERED)}."
    if not named_columns(text):
        return "The prompt names no column, so it would be the same for every row. Put one in braces."
    return ""


def _columns(columns: Sequence[str], key: str) -> list[str]:
    """The chosen columns; an empty list stands for all of them."""
    if len(columns) < 2:
        return []
    chosen = st.multiselect(
        "Columns that the model sees",
        list(columns),
        default=[],
        placeholder="All of them",
        key=f"{key}-columns-{hash(tuple(columns))}",
    )
    return [name for name in columns if name in chosen]


def names_in(text: str) -> list[str]:
    """ "billing, technical,, billing" -> ["billing", "technical"]."""
    return list(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
