"""Prompts that name columns."""

from __future__ import annotations

import pytest

from agents.adapters.tables import check_prompt, fill, missing_columns, named_columns
from agents.errors import InvalidInput


@pytest.mark.parametrize(
    ("prompt", "filled"),
    [
        ("Summarise {subject}.", "Summarise Broken door."),
        ("{subject}: {full  text}", "Broken door: It {subject} sticks"),
        ("{ subject }", "Broken door"),
        ("As JSON: {{{subject}}}", "As JSON: {Broken door}"),
        ("{{subject}}", "{subject}"),
        ("a { b } c {", None),
        ("no column, one brace {", "no column, one brace {"),
        ("{subject}{subject}", "Broken doorBroken door"),
        ("", ""),
    ],
)
def test_fill_replaces_columns_and_nothing_else(prompt: str, filled: str | None) -> None:
    data = {"subject": "Broken door", "full text": "It {subject} sticks"}
    if filled is None:
        with pytest.raises(InvalidInput, match=r"\{b\}"):
            fill(prompt, data)
    else:
        assert fill(prompt, data) == filled


def test_a_missing_column_is_named_with_what_there_is() -> None:
    assert named_columns("{a} {b} {a} {}") == ("a", "b", "")
    assert missing_columns("{a} {Body}", ["a", "body"]) == ("Body",)
    with pytest.raises(InvalidInput) as caught:
        check_prompt("{Body} of {a} for {name}", ["a", "body"])
    assert str(caught.value) == (
        "The prompt names columns that are not there: {Body} and {name}. Columns: {a}, {body}. "
        "Correct the name, or write {{ and }} where braces are meant."
    )


def test_an_empty_cell_is_filled_in_as_nothing() -> None:
    assert fill("<{a}>", {"a": ""}) == "<>"
